use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use serde_json::Value;
use uuid::Uuid;

use crate::support::{Notes, Process, count, push, start, until, until_noted};

#[tokio::test]
async fn what_fails_for_hours_is_a_dead_letter_that_can_be_read_and_replayed() {
    let t = start().await;
    let consumer = Notes::new("orders");
    let id = push(&t, 1, 7, "fails").await;
    let _process = Process::start(&t, &t.app.db, std::slice::from_ref(&consumer), None);
    for tries in 1..8 {
        until("it has failed again", async || {
            let failed: Option<bool> =
                sqlx::query_scalar("select due_at > $1 and attempts = $2 from deliveries")
                    .bind(t.app.now())
                    .bind(tries)
                    .fetch_optional(&mut t.database.owner().await)
                    .await
                    .unwrap();
            failed == Some(true)
        })
        .await;
        t.clock.advance(TimeDelta::hours(1));
    }
    until("it is given up", async || count(&t.database, "select count(*) from dead_letters").await == 1)
        .await;

    let list = t.admin().get("/api/v1/admin/dead-letters").await.expect(200);
    let letter = &list["data"][0];
    assert_eq!(list["pagination"]["totalItems"], 1);
    assert_eq!(letter["consumer"], "orders");
    assert_eq!(letter["eventId"], id.to_string());
    assert_eq!(letter["kind"], "TestHappened");
    assert_eq!(letter["attempts"], 8);
    assert_eq!(letter["error"], "not today");
    assert_eq!(letter["payload"]["n"], 7);
    assert_eq!(
        t.admin().get("/api/v1/admin/dead-letters?consumer=bus").await.json()["data"],
        Value::Array(vec![])
    );

    consumer.sick.store(false, Ordering::SeqCst);
    let path = format!("/api/v1/admin/dead-letters/{}/replay", letter["id"].as_str().unwrap());
    t.npp01().post(&path, Value::Null).await.expect(403);
    t.admin().post(&path, Value::Null).await.expect(204);
    assert_eq!(until_noted(&t.database, "orders", 1).await, [(1, 7)]);
    t.admin().post(&path, Value::Null).await.expect(404);
}

#[tokio::test]
async fn what_makes_no_sense_is_dead_at_once_and_can_be_dropped() {
    let t = start().await;
    let consumer = Notes::new("orders");
    push(&t, 1, 1, "never").await;
    push(&t, 1, 2, "").await;
    let _process = Process::start(&t, &t.app.db, std::slice::from_ref(&consumer), None);
    assert_eq!(until_noted(&t.database, "orders", 1).await, [(1, 2)]);
    let list = t.admin().get("/api/v1/admin/dead-letters").await.expect(200);
    let letter = &list["data"][0];
    assert_eq!((letter["error"].as_str(), letter["attempts"].as_i64()), (Some("it makes no sense"), Some(1)));
    let path = format!("/api/v1/admin/dead-letters/{}", letter["id"].as_str().unwrap());
    t.npp01().delete(&path).await.expect(403);
    t.admin().delete(&path).await.expect(204);
    t.admin().delete(&path).await.expect(404);
    // What was given up stays readable.
    let kept: Value = sqlx::query_scalar("select before from audit_log where action = 'dead_letters.drop'")
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(kept["payload"]["n"], 1);
}

#[tokio::test]
async fn only_those_who_look_after_the_system_see_dead_letters() {
    let t = start().await;
    for actor in [t.npp01(), t.supervisor(), t.rep1()] {
        actor.get("/api/v1/admin/dead-letters").await.expect(403);
    }
    t.anonymous().get("/api/v1/admin/dead-letters").await.expect(401);
    let nobody = format!("/api/v1/admin/dead-letters/{}/replay", Uuid::now_v7());
    t.admin().post(&nobody, Value::Null).await.expect(404);
    t.admin().get("/api/v1/admin/dead-letters?pageSize=101").await.expect(400);
}
