use std::sync::{Arc, Mutex};

use serde_json::json;
use test_kit::{TestApp, world};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::{app, order, visit};

/// Counts the statements that go to the server: each is a round trip.
#[derive(Clone, Default)]
struct Statements {
    seen: Arc<Mutex<Vec<String>>>,
}

struct Summary(String);

impl Visit for Summary {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "summary" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut summary = Summary(String::new());
            event.record(&mut summary);
            self.seen.lock().unwrap().push(summary.0);
        }
    }
}

impl Statements {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

/// Waits until the process has read the master data as they are now.
async fn warm(t: &TestApp) {
    for tries in 0.. {
        assert!(tries < 200, "the master data were never kept");
        t.rep1().post("/api/v1/pricing/quote", order()).await.expect(200);
        let mut owner = t.database.owner().await;
        let version = async |name: &str, owner: &mut sqlx::PgConnection| {
            sqlx::query_scalar::<_, uuid::Uuid>("select version from master_versions where name = $1")
                .bind(name)
                .fetch_one(owner)
                .await
                .unwrap()
        };
        let (rules, catalogue) =
            (version("promotions", &mut owner).await, version("catalogue", &mut owner).await);
        if promotions::rules::kept(rules).is_some() && catalog::store::kept_catalogue(catalogue).is_some() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn placing_an_order_is_one_read_and_one_write() {
    let t = app().await;
    warm(&t).await;
    let visit = visit(&t, world::REP1).await;
    let statements = Statements::default();
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(statements.clone()));
    let mut of_visit = order();
    of_visit["visitId"] = json!(visit);
    let mut plain = of_visit.clone();
    plain["items"] = json!([{"productId": world::SOAP, "quantity": 1, "unit": "whole"}]);
    t.rep1().post_once("/api/v1/orders", "a", plain).await.expect(201);
    // The BEGIN before them is not logged.
    let seen = statements.take();
    assert_eq!(seen.len(), 3, "read, write, commit: {seen:#?}");
    let placed = t.rep1().post_once("/api/v1/orders", "b", of_visit).await.expect(201);
    let seen = statements.take();
    assert_eq!(seen.len(), 4, "what the promotion gave is booked too: {seen:#?}");
    assert_eq!(placed["items"][2]["promotionName"], "Mua 12 tặng 1");
    let path = format!("/api/v1/orders/{}/approve", placed["orderId"].as_str().unwrap());
    t.supervisor().post(&path, json!({})).await.expect(200);
    let seen = statements.take();
    assert!(seen.len() <= 15, "approving: {seen:#?}");
    drop(guard);
}

#[tokio::test]
async fn what_is_kept_in_memory_is_never_older_than_the_database() {
    let t = app().await;
    warm(&t).await;
    let price = async || {
        let quote = t.rep1().post("/api/v1/pricing/quote", order()).await.expect(200);
        (quote["items"][0]["unitPrice"].as_i64().unwrap(), quote["items"].as_array().unwrap().len())
    };
    assert_eq!(price().await, (10_000, 3));
    let mut owner = t.database.owner().await;
    sqlx::query("update products set selling_price_sub = 11000 where id = $1")
        .bind(world::MILK.uuid())
        .execute(&mut owner)
        .await
        .unwrap();
    assert_eq!(price().await, (11_000, 3));
    sqlx::query("update promotions set status = 'paused'").execute(&mut owner).await.unwrap();
    assert_eq!(price().await, (11_000, 2));
    warm(&t).await;
    assert_eq!(price().await, (11_000, 2));
}
