use std::collections::VecDeque;
use std::sync::Arc;

use adapters::push::{Push, PushMessage};
use adapters::sms::{Sms, SmsMessage};
use adapters::{Attempt, SendError};
use db::Context;
use jobs::{Consumer as _, Event};
use notifications::Teller;
use notifications::sender::{Bell, Providers, Sender};
use parking_lot::Mutex;
use platform::config::{Fcm, Sms as SmsConfig, SmsProvider};
use platform::{App, AppParts, Config};
use serde_json::{Value, json};
use test_kit::world::{AREA, COMPANY, NPP01, REGION, REP1, TEAM1, UNIT1};
use test_kit::{Actor, TestApp};
use uuid::Uuid;

pub const PATH: &str = "/api/v1/notifications";

pub async fn app() -> TestApp {
    TestApp::start(notifications::router()).await
}

/// The same application where push messages and SMS are set up.
pub fn with_ways(t: &TestApp) -> App {
    let fcm = Fcm { credentials: Some("{}".to_owned()), ..Fcm::default() };
    let sms = SmsConfig { provider: Some(SmsProvider::Esms), ..SmsConfig::default() };
    App::new(AppParts {
        db: t.app.db.clone(),
        clock: t.clock.clone(),
        config: Config { fcm, sms, ..Config::default() },
        auth: t.app.auth.clone(),
        blobs: t.app.blobs.clone(),
        shared: t.app.shared.clone(),
        wake: t.app.wake.clone(),
    })
}

/// An event of the first distributor.
pub fn event(kind: &str, audience: &[String], payload: Value) -> Event {
    Event {
        seq: 1,
        id: Uuid::now_v7(),
        kind: kind.to_owned(),
        aggregate_id: Uuid::now_v7(),
        distributor_id: Some(NPP01.uuid()),
        audience: audience.to_vec(),
        payload,
        trace_id: Some("t1".to_owned()),
        created_at: test_kit::world::now(),
    }
}

/// The hub groups of those above the first team, as the outbox names them.
pub fn above_team1() -> Vec<String> {
    let units = [COMPANY, REGION, AREA, UNIT1, TEAM1].map(|unit| format!("team:{unit}"));
    [format!("distributor:{NPP01}")].into_iter().chain(units).collect()
}

/// The hub groups of the first rep's work.
fn around_rep1() -> Vec<String> {
    let mut groups = above_team1();
    groups.push(format!("user:{REP1}"));
    groups
}

pub fn waiting_order() -> Event {
    let payload = json!({
        "orderId": Uuid::now_v7(), "orderNumber": "DH-20260806-0001", "customerId": Uuid::now_v7(),
        "customerName": "Tạp hóa Lan", "repId": REP1, "repName": "Minh", "totalAmount": 1_250_000,
        "status": "Pending", "orderedAt": "2026-08-06T02:00:00Z",
    });
    event("OrderCreated", &around_rep1(), payload)
}

pub fn decided_order(order: Uuid, status: &str) -> Event {
    let payload = json!({
        "orderId": order, "orderNumber": "DH-20260806-0001", "customerName": "Tạp hóa Lan", "repId": REP1,
        "status": status, "reason": "Vượt hạn mức",
    });
    event("OrderStatusChanged", &around_rep1(), payload)
}

/// Handles the event as the worker does.
pub async fn tell(app: &App, event: &Event) {
    let mut tx = app.db.begin(&Context::system("test")).await.unwrap();
    Teller::new(app.clone(), Bell::default()).handle(&mut tx, event).await.unwrap();
    tx.commit().await.unwrap();
}

/// Handles the events at once, as the worker does when there are many.
pub async fn tell_all(app: &App, events: &[Event]) {
    let mut tx = app.db.begin(&Context::system("test")).await.unwrap();
    Teller::new(app.clone(), Bell::default()).handle_all(&mut tx, events).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn inbox(actor: &Actor<'_>) -> Vec<Value> {
    actor.get(PATH).await.expect(200)["data"].as_array().unwrap().clone()
}

pub async fn titles(actor: &Actor<'_>) -> Vec<String> {
    inbox(actor).await.iter().map(|n| n["title"].as_str().unwrap().to_owned()).collect()
}

pub async fn register(actor: &Actor<'_>, token: &str) -> Value {
    let body = json!({ "token": token, "platform": "android", "deviceId": format!("phone of {token}") });
    actor.post(&format!("{PATH}/devices"), body).await.expect(200)
}

pub async fn sql(t: &TestApp, text: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned())).execute(&mut t.database.owner().await).await.unwrap();
}

pub async fn texts(t: &TestApp, query: &str) -> Vec<String> {
    sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned()))
        .fetch_all(&mut t.database.owner().await)
        .await
        .unwrap()
}

/// States and reasons of the messages, in the order of their writing.
pub async fn deliveries(t: &TestApp) -> Vec<String> {
    texts(
        t,
        "select trim(state || ' ' || reason) from notification_deliveries order by channel, created_at, id",
    )
    .await
}

/// A provider that answers as it is told, and takes everything when it isn't told.
#[derive(Default, Clone)]
pub struct Told {
    answers: Arc<Mutex<VecDeque<SendError>>>,
    pub pushed: Arc<Mutex<Vec<PushMessage>>>,
    pub texted: Arc<Mutex<Vec<SmsMessage>>>,
}

impl Told {
    pub fn answer(&self, error: SendError) {
        self.answers.lock().push_back(error);
    }

    fn next(&self) -> Attempt<'_> {
        let answer = match self.answers.lock().pop_front() {
            Some(error) => Err(error),
            None => Ok("m1".to_owned()),
        };
        Box::pin(async { answer })
    }

    /// Who sends by it.
    pub fn sender(&self, t: &TestApp) -> Sender {
        let this = Arc::new(self.clone());
        Sender::new(with_ways(t), Providers { push: Some(this.clone()), sms: Some(this) })
    }
}

impl Push for Told {
    fn send<'a>(&'a self, message: &'a PushMessage) -> Attempt<'a> {
        self.pushed.lock().push(message.clone());
        self.next()
    }
}

impl Sms for Told {
    fn send<'a>(&'a self, message: &'a SmsMessage) -> Attempt<'a> {
        self.texted.lock().push(message.clone());
        self.next()
    }
}
