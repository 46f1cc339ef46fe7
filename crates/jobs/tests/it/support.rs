use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use adapters::bus::Bus;
use db::{Context, Db, PgConnection, outbox};
use domain::EventId;
use jobs::{Consumer, Event, Events, Failure, Listener};
use parking_lot::Mutex;
use platform::{BoxFuture, Wake};
use serde_json::json;
use test_kit::{TestApp, TestDatabase};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Takes note of each event it handles, by a row for each time: without anything that would hide a second time.
pub struct Notes {
    name: &'static str,
    /// While true, whatever is meant to fail fails.
    pub sick: AtomicBool,
    /// Rung when a deadly event is in hand.
    pub dying: Notify,
    tries: Mutex<HashMap<Uuid, u32>>,
    /// How many came at once, each time.
    pub batches: Mutex<Vec<usize>>,
}

impl Notes {
    pub fn new(name: &'static str) -> Arc<Notes> {
        Arc::new(Notes {
            name,
            sick: AtomicBool::new(true),
            dying: Notify::new(),
            tries: Mutex::default(),
            batches: Mutex::default(),
        })
    }

    pub fn tries(&self, event: Uuid) -> u32 {
        self.tries.lock().get(&event).copied().unwrap_or(0)
    }
}

impl Consumer for Notes {
    fn name(&self) -> &'static str {
        self.name
    }

    fn wants(&self, kind: &str) -> bool {
        kind.starts_with("Test")
    }

    fn handle<'a>(&'a self, c: &'a mut PgConnection, event: &'a Event) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            *self.tries.lock().entry(event.id).or_default() += 1;
            let n = event.payload["n"].as_i64().unwrap_or(-1);
            sqlx::query("insert into effects (consumer, event_id, aggregate_id, n) values ($1, $2, $3, $4)")
                .bind(self.name)
                .bind(event.id)
                .bind(event.aggregate_id)
                .bind(n)
                .execute(&mut *c)
                .await?;
            if !self.sick.load(Ordering::SeqCst) {
                return Ok(());
            }
            match event.payload["mood"].as_str() {
                Some("fails") => Err(Failure::Retry("not today".to_owned())),
                Some("never") => Err(Failure::Never("it makes no sense".to_owned())),
                Some("panics") => panic!("out of my mind"),
                Some("breaks") => {
                    sqlx::query("select 1 / 0").execute(c).await?;
                    Ok(())
                }
                Some("kills") => {
                    self.dying.notify_one();
                    std::future::pending().await
                }
                _ => Ok(()),
            }
        })
    }

    fn handle_all<'a>(
        &'a self,
        c: &'a mut PgConnection,
        events: &'a [Event],
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            self.batches.lock().push(events.len());
            for event in events {
                self.handle(c, event).await?;
            }
            Ok(())
        })
    }
}

/// Hears everything.
#[derive(Default)]
pub struct Ears(pub Mutex<Vec<i64>>);

impl Listener for Ears {
    fn handle<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, ()> {
        self.0.lock().push(event.payload["n"].as_i64().unwrap_or(-1));
        Box::pin(async {})
    }
}

/// The application with a table for the notes.
pub async fn start() -> TestApp {
    let t = TestApp::start(jobs::router()).await;
    let mut owner = t.database.owner().await;
    for sql in [
        "create table effects (at bigint generated always as identity primary key, consumer text, event_id uuid, aggregate_id uuid, n bigint)",
        "grant all on effects to dms_system",
    ] {
        sqlx::query(sql).execute(&mut owner).await.unwrap();
    }
    t
}

/// A process that passes events on; it dies with this value, in the middle of whatever it does.
pub struct Process {
    work: JoinHandle<()>,
    stop: CancellationToken,
}

impl Process {
    pub fn start(t: &TestApp, db: &Db, consumers: &[Arc<Notes>], bus: Option<Arc<dyn Bus>>) -> Process {
        Self::with_ears(t, db, consumers, bus, Vec::new())
    }

    pub fn with_ears(
        t: &TestApp,
        db: &Db,
        consumers: &[Arc<Notes>],
        bus: Option<Arc<dyn Bus>>,
        listeners: Vec<Arc<dyn Listener>>,
    ) -> Process {
        let stop = CancellationToken::new();
        let consumers = consumers.iter().map(|notes| notes.clone() as Arc<dyn Consumer>).collect();
        let (db, clock, wake) = (db.clone(), t.app.clock.clone(), Wake::default());
        let events = Events { db, clock, wake, listeners, consumers, bus };
        let work = tokio::spawn(events.run(stop.clone()));
        Process { work, stop }
    }

    /// As a power cut would.
    pub async fn kill(mut self) {
        self.work.abort();
        assert!((&mut self.work).await.is_err(), "it was killed");
    }

    /// Orderly.
    pub async fn stop(mut self) {
        self.stop.cancel();
        (&mut self.work).await.unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// Writes an event in a transaction of its own.
pub async fn push(t: &TestApp, aggregate: u128, n: i64, mood: &str) -> Uuid {
    push_kind(t, "TestHappened", aggregate, n, mood).await
}

pub async fn push_kind(t: &TestApp, kind: &'static str, aggregate: u128, n: i64, mood: &str) -> Uuid {
    push_together(t, kind, &[(aggregate, n, mood)]).await[0]
}

/// Writes events, each an aggregate, a number and a mood, in one transaction.
pub async fn push_together(t: &TestApp, kind: &'static str, events: &[(u128, i64, &str)]) -> Vec<Uuid> {
    let cx = Context::system("test");
    let mut ids = Vec::new();
    let mut tx = t.app.db.begin(&cx).await.unwrap();
    for (aggregate, n, mood) in events {
        let id = Uuid::now_v7();
        let payload = json!({ "n": n, "mood": mood });
        let event = outbox::Event {
            id: EventId::new(id),
            kind,
            aggregate: Uuid::from_u128(*aggregate),
            distributor: None,
            unit: None,
            user: None,
            payload: &payload,
        };
        outbox::push(&mut tx, &cx, t.app.now(), event).await.unwrap();
        ids.push(id);
    }
    tx.commit().await.unwrap();
    ids
}

/// Starts a process and waits until the care after a start is over, and events come many at once; gives how many were noted.
pub async fn start_and_warm_up(t: &TestApp, consumer: &Arc<Notes>) -> (Process, usize) {
    let process = Process::start(t, &t.app.db, std::slice::from_ref(consumer), None);
    let mut noted = 0;
    while consumer.batches.lock().is_empty() {
        push(t, WARM_UP, noted as i64, "").await;
        noted += 1;
        until_noted(&t.database, consumer.name, noted).await;
    }
    (process, noted)
}

/// The aggregate of what is pushed to warm up.
pub const WARM_UP: u128 = 1_000_000;

/// What was noted, in order: (aggregate, n).
pub async fn noted(database: &TestDatabase, consumer: &str) -> Vec<(u128, i64)> {
    let rows: Vec<(Uuid, i64)> =
        sqlx::query_as("select aggregate_id, n from effects where consumer = $1 order by at")
            .bind(consumer)
            .fetch_all(&mut database.owner().await)
            .await
            .unwrap();
    rows.into_iter().map(|(aggregate, n)| (aggregate.as_u128(), n)).collect()
}

pub async fn count(database: &TestDatabase, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&mut database.owner().await).await.unwrap()
}

/// Waits until so much was noted; more is an error, at once or a little later.
pub async fn until_noted(database: &TestDatabase, consumer: &'static str, many: usize) -> Vec<(u128, i64)> {
    until("the events are noted", async || {
        let noted = noted(database, consumer).await;
        assert!(noted.len() <= many, "{} instead of {many}", noted.len());
        noted.len() == many
    })
    .await;
    noted(database, consumer).await
}

/// Each number once for its aggregate, rising.
pub fn assert_each_once_in_order(noted: &[(u128, i64)], all: usize) {
    let mut last: HashMap<u128, i64> = HashMap::new();
    for (aggregate, n) in noted {
        let before = last.insert(*aggregate, *n);
        assert!(before.is_none_or(|before| before < *n), "{n} after {before:?}");
    }
    let mut numbers: Vec<i64> = noted.iter().map(|(_, n)| *n).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!((numbers.len(), noted.len()), (all, all), "each once");
}

pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let limit = tokio::time::Instant::now() + Duration::from_secs(90);
    while !is_so().await {
        assert!(tokio::time::Instant::now() < limit, "it takes too long until {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
