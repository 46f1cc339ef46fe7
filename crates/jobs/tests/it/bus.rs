//! With a bus between: whatever happens to it and to the processes, nothing is lost and nothing doubled.

use std::sync::Arc;
use std::time::Duration;

use adapters::bus::{AmqpBus, Bus, BusSettings, Error, Message, Place};
use bus_kit::{Rabbit, ServiceBus};
use serde_json::{Value, json};
use test_kit::TestApp;
use uuid::Uuid;

use crate::support::{Notes, Process, assert_each_once_in_order, count, push, start, until, until_noted};

const CONSUMERS: [&str; 3] = ["orders", "notifications", "sync"];

fn client(connection: &str) -> Arc<dyn Bus> {
    Arc::new(AmqpBus::new(BusSettings::parse(connection).unwrap(), "test"))
}

/// How long an outage lasts; `DMS_BUS_OUTAGE_SECONDS` says otherwise.
fn outage() -> Duration {
    let seconds = std::env::var("DMS_BUS_OUTAGE_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

/// Events of eight things, `from` to `to`.
async fn push_some(t: &TestApp, from: i64, to: i64) {
    for n in from..to {
        push(t, n as u128 % 8, n, "").await;
    }
}

async fn assert_all_done(t: &TestApp, many: usize) {
    for consumer in CONSUMERS {
        assert_each_once_in_order(&until_noted(&t.database, consumer, many).await, many);
    }
    until("nothing is left", async || {
        count(&t.database, "select (select count(*) from outbox) + (select count(*) from deliveries)").await
            == 0
    })
    .await;
}

#[tokio::test]
async fn service_bus_loses_and_doubles_nothing_whatever_happens() {
    let t = start().await;
    let mut server = ServiceBus::start(&CONSUMERS, &[("events", &["archive"])]).await;
    let consumers = CONSUMERS.map(Notes::new);
    let bus = client(&server.connection_string());
    let process = Process::start(&t, &t.app.db, &consumers, Some(bus.clone()));
    let other = t.database.pools().await;
    let _second = Process::start(&t, &other, &consumers, Some(client(&server.connection_string())));

    // All is well.
    push_some(&t, 0, 100).await;
    until("something arrives", async || count(&t.database, "select count(*) from effects").await > 0).await;
    // The bus takes messages and dies before it says so: they are sent twice.
    server.lose_confirmations(3);
    push_some(&t, 100, 200).await;
    // It is away for a time, while people go on working.
    server.go_down().await;
    push_some(&t, 200, 250).await;
    tokio::time::sleep(outage()).await;
    server.go_up().await;
    push_some(&t, 250, 300).await;
    // It hangs for a time.
    server.hang();
    push_some(&t, 300, 350).await;
    tokio::time::sleep(outage()).await;
    server.go_on();
    // The process that is at it is killed; the other takes over.
    process.kill().await;
    push_some(&t, 350, 400).await;
    let _third = Process::start(&t, &t.app.db, &consumers, Some(bus));
    // Somebody puts something into the queue that is no event.
    server.put("orders", b"\xff garbage");

    assert_all_done(&t, 400).await;
    until("the garbage is a dead letter", async || {
        count(&t.database, "select count(*) from dead_letters").await == 1
    })
    .await;
    let letter = t.admin().get("/api/v1/admin/dead-letters?consumer=orders").await.expect(200);
    assert!(letter["data"][0]["error"].as_str().unwrap().starts_with("not an event"), "{:?}", letter);
    let replay = format!("/api/v1/admin/dead-letters/{}/replay", letter["data"][0]["id"].as_str().unwrap());
    t.admin().post(&replay, Value::Null).await.expect(422);
    until("the queues are empty", async || CONSUMERS.iter().all(|queue| server.waiting(queue) == 0)).await;
    assert!(server.waiting("events/subscriptions/archive") >= 400);
}

#[tokio::test]
async fn a_poison_message_goes_past_and_the_rest_follows() {
    let t = start().await;
    let server = ServiceBus::start(&CONSUMERS, &[("events", &[])]).await;
    let consumers = CONSUMERS.map(Notes::new);
    let _process = Process::start(&t, &t.app.db, &consumers, Some(client(&server.connection_string())));
    push_some(&t, 0, 20).await;
    push(&t, 99, 20, "never").await;
    push_some(&t, 21, 40).await;
    for consumer in CONSUMERS {
        assert_each_once_in_order(&until_noted(&t.database, consumer, 39).await, 39);
    }
    until("it is a dead letter of each", async || {
        count(&t.database, "select count(*) from dead_letters").await == 3
    })
    .await;
}

#[tokio::test]
async fn what_the_bus_gave_up_is_a_dead_letter_of_ours_that_can_be_replayed() {
    let t = start().await;
    let server = ServiceBus::start(&CONSUMERS, &[("events", &[])]).await;
    let bus = client(&server.connection_string());
    let event = |n: i64| {
        json!({
            "id": Uuid::from_u128(n as u128), "kind": "TestHappened", "aggregateId": Uuid::from_u128(7),
            "distributorId": null, "audience": ["user:x"], "payload": { "n": n }, "traceId": null,
            "createdAt": "2026-08-05T01:02:03Z",
        })
    };
    // Nobody answers for it, ten times.
    let message = Message {
        id: Uuid::from_u128(1),
        subject: "TestHappened".to_owned(),
        group: Uuid::from_u128(7),
        body: event(1).to_string().into(),
    };
    bus.send(Place::Queue("orders"), &[message]).await.unwrap();
    until("the bus gives it up", async || {
        let mut receiver = bus.receive("orders").await.unwrap();
        receiver.next(1, Duration::from_millis(200)).await.unwrap();
        receiver.close().await;
        server.waiting("orders/$deadletterqueue") == 1
    })
    .await;
    // Another was put down before the bus gave it up; a third is no event.
    sqlx::query("insert into inbox (consumer, event_id, at) values ('orders', $1, now())")
        .bind(Uuid::from_u128(2))
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    server.put("orders/$deadletterqueue", event(2).to_string().as_bytes());
    server.put("orders/$deadletterqueue", b"\xff garbage");

    let orders = [Notes::new("orders")];
    let _process = Process::start(&t, &t.app.db, &orders, Some(bus));
    until("they are dead letters", async || {
        count(&t.database, "select count(*) from dead_letters").await == 2
    })
    .await;
    let letters = t.admin().get("/api/v1/admin/dead-letters?consumer=orders").await.expect(200);
    assert_eq!(letters["pagination"]["totalItems"], 2, "{letters}");
    let letters = letters["data"].as_array().unwrap();
    let letter = letters.iter().find(|letter| letter["kind"] == "TestHappened").unwrap();
    assert_eq!((&letter["eventId"], &letter["payload"]["n"]), (&json!(Uuid::from_u128(1)), &json!(1)));
    assert!(letters.iter().all(|letter| letter["error"].as_str().unwrap().starts_with("the bus gave it up")));
    assert_eq!(count(&t.database, "select count(*) from effects").await, 0);
    let replay = format!("/api/v1/admin/dead-letters/{}/replay", letter["id"].as_str().unwrap());
    t.admin().post(&replay, Value::Null).await.expect(204);
    until_noted(&t.database, "orders", 1).await;
    // What comes the usual way goes on.
    push_some(&t, 10, 20).await;
    until_noted(&t.database, "orders", 11).await;
    assert_eq!(server.waiting("orders/$deadletterqueue"), 0);
}

#[tokio::test]
async fn rabbit_has_no_place_for_what_it_gave_up() {
    let rabbit = Rabbit::start(&CONSUMERS);
    let answer = client(&rabbit.connection_string()).receive("orders/$DeadLetterQueue").await;
    assert!(matches!(answer, Err(Error::NoSuchPlace(_))), "{:?}", answer.err());
}

#[tokio::test]
async fn rabbit_loses_and_doubles_nothing_though_it_is_killed_and_hangs() {
    let t = start().await;
    let mut rabbit = Rabbit::start(&CONSUMERS);
    let consumers = CONSUMERS.map(Notes::new);
    let bus = client(&rabbit.connection_string());
    let process = Process::start(&t, &t.app.db, &consumers, Some(bus.clone()));
    push_some(&t, 0, 100).await;
    until("something arrives", async || count(&t.database, "select count(*) from effects").await > 0).await;
    push_some(&t, 100, 200).await;
    rabbit.kill();
    push_some(&t, 200, 250).await;
    tokio::time::sleep(outage()).await;
    rabbit.go_up();
    push_some(&t, 250, 300).await;
    rabbit.hang();
    push_some(&t, 300, 350).await;
    tokio::time::sleep(outage()).await;
    rabbit.go_on();
    process.kill().await;
    push_some(&t, 350, 400).await;
    let _next = Process::start(&t, &t.app.db, &consumers, Some(bus));
    assert_all_done(&t, 400).await;
}
