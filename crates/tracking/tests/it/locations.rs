//! Positions that arrive, and the path they make.

use platform::Mode;
use serde_json::{Value, json};
use test_kit::world::NPP01;
use test_kit::{TestApp, minutes};

use crate::support::{caller, count};

async fn app() -> TestApp {
    TestApp::start(tracking::router()).await
}

fn point(minute: i64, latitude: f64) -> Value {
    json!({
        "latitude": latitude, "longitude": 106.7, "accuracy": 6.5, "speed": 4.2, "bearing": 90, "battery": 81,
        "activity": "in_vehicle", "provider": "gps", "mock": false, "at": minutes(minute),
    })
}

#[tokio::test]
async fn a_batch_is_kept_once() {
    let t = app().await;
    let batch = json!({ "points": [point(-2, 10.1), point(0, 10.3), point(-1, 10.2), point(-1, 10.2)] });
    let kept = t.rep1().post("/api/v1/locations", batch.clone()).await.expect(200);
    assert_eq!(kept, json!({ "accepted": 3, "duplicates": 1, "refused": [], "refusedEvents": [] }));
    let again = t.rep1().post("/api/v1/locations", batch).await.expect(200);
    assert_eq!(again, json!({ "accepted": 0, "duplicates": 4, "refused": [], "refusedEvents": [] }));
    assert_eq!(count(&t, "select count(*) from gps_points").await, 3);
    assert_eq!(count(&t, "select count(*) from outbox").await, 1);
}

#[tokio::test]
async fn a_batch_that_arrives_twice_at_the_same_moment_is_kept_once() {
    let t = app().await;
    let caller = caller(&t, "nvbh01");
    let batch = json!({ "points": [point(-1, 10.1), point(0, 10.2)] });
    let first: tracking::Batch = serde_json::from_value(batch.clone()).unwrap();
    let mut tx = t.app.db.begin(caller.context()).await.unwrap();
    tracking::service::record_points(&mut tx, &t.app, &caller, &first, Mode::Live).await.unwrap();
    // The second can't see the first's points, and waits for what becomes of them.
    let commit = async {
        let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while count(&t, waiting).await == 0 {
            tokio::task::yield_now().await;
        }
        tx.commit().await.unwrap();
    };
    let rep = t.rep1();
    let (second, ()) = tokio::join!(rep.post("/api/v1/locations", batch), commit);
    let kept = second.expect(200);
    assert_eq!((&kept["accepted"], &kept["duplicates"]), (&json!(0), &json!(2)));
    assert_eq!(count(&t, "select count(*) from gps_points").await, 2);
}

#[tokio::test]
async fn only_a_newer_position_is_the_last_one() {
    let t = app().await;
    let send = async |minute, latitude| {
        t.rep1().post("/api/v1/locations", json!({ "points": [point(minute, latitude)] })).await.expect(200);
    };
    send(0, 10.3).await;
    send(-10, 10.1).await;
    assert_eq!(count(&t, "select count(*) from last_positions where latitude = 10.3").await, 1);
    assert_eq!(count(&t, "select count(*) from outbox").await, 1);
    send(1, 10.4).await;
    let payloads: Vec<Value> = sqlx::query_scalar("select payload from outbox order by seq")
        .fetch_all(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(payloads.len(), 2);
    assert_eq!(payloads[1]["latitude"], 10.4);
    assert_eq!(payloads[1]["fullName"], "Nhân viên 1");
    assert_eq!(payloads[1]["battery"], 81);
}

#[tokio::test]
async fn a_broken_point_does_not_stop_the_others() {
    let t = app().await;
    let batch = json!({ "points": [point(0, 91.0), point(-1, 10.2), point(25 * 60, 10.3)] });
    let kept = t.rep1().post("/api/v1/locations", batch).await.expect(200);
    assert_eq!(kept["accepted"], 1);
    let refused: Vec<_> = kept["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["index"].clone(), r["field"].clone()))
        .collect();
    assert_eq!(refused, [(json!(0), json!("latitude")), (json!(2), json!("at"))]);
}

#[tokio::test]
async fn a_batch_without_a_good_point_is_refused() {
    let t = app().await;
    let broken = json!({ "points": [point(0, 91.0)] });
    let problem = t.rep1().post("/api/v1/locations", broken).await.problem(400, "validation");
    assert!(problem["errors"].get("points[0].latitude").is_some());
    let many: Vec<Value> = (0..501).map(|_| point(0, 10.0)).collect();
    for points in [json!([]), json!(many)] {
        t.rep1().post("/api/v1/locations", json!({ "points": points })).await.problem(400, "validation");
    }
    t.npp01()
        .post("/api/v1/locations", json!({ "points": [point(0, 10.0)] }))
        .await
        .problem(403, "forbidden");
    t.anonymous().post("/api/v1/locations", json!({ "points": [] })).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn five_hundred_points_fit_in_a_batch() {
    let t = app().await;
    let points: Vec<Value> = (0..500).map(|minute| point(-minute, 10.0)).collect();
    let kept = t.rep1().post("/api/v1/locations", json!({ "points": points })).await.expect(200);
    assert_eq!(kept["accepted"], 500);
}

#[tokio::test]
async fn the_board_hears_of_a_phone_that_sends_every_second_every_few() {
    let t = app().await;
    for second in 0..12 {
        let at = (test_kit::world::now() + chrono::TimeDelta::seconds(second)).to_rfc3339();
        let point = json!({ "latitude": 10.0, "longitude": 106.7, "at": at });
        t.rep1().post("/api/v1/locations", json!({ "points": [point] })).await.expect(200);
    }
    assert_eq!(count(&t, "select count(*) from gps_points").await, 12);
    assert_eq!(count(&t, "select extract(second from at)::bigint from last_positions").await, 11);
    let heard = count(&t, "select count(*) from outbox").await;
    assert!(heard < 12, "{heard}");
}

#[tokio::test]
async fn a_clock_that_is_ahead_does_not_leave_the_board_in_the_future() {
    let t = app().await;
    let batch = json!({ "points": [point(120, 10.3), point(0, 10.1)] });
    let kept = t.rep1().post("/api/v1/locations", batch).await.expect(200);
    assert_eq!(kept["accepted"], 2);
    assert_eq!(count(&t, "select count(*) from last_positions where latitude = 10.1").await, 1);
    t.rep2().post("/api/v1/locations", json!({ "points": [point(120, 10.3)] })).await.expect(200);
    assert_eq!(count(&t, "select count(*) from last_positions").await, 1);
}

#[tokio::test]
async fn batches_that_race_are_kept_once() {
    let t = app().await;
    let points: Vec<Value> = (0..50).map(|minute| point(-minute, 10.0)).collect();
    let batch = json!({ "points": points });
    let sent = (0..8).map(|_| async {
        t.rep1().post("/api/v1/locations", batch.clone()).await.expect(200)["accepted"].as_i64().unwrap()
    });
    let accepted: i64 = futures_util::future::join_all(sent).await.into_iter().sum();
    assert_eq!(accepted, 50);
    assert_eq!(count(&t, "select count(*) from gps_points").await, 50);
    assert_eq!(count(&t, "select count(*) from last_positions").await, 1);
}

#[tokio::test]
async fn what_the_phone_tells_beside_is_kept_once() {
    let t = app().await;
    let batch = json!({
        "events": [
            { "kind": "gps_off", "at": minutes(-5), "battery": 12 },
            { "kind": "teleported", "at": minutes(-4) },
        ],
        "sentAt": minutes(0),
    });
    for _ in 0..2 {
        let kept = t.rep1().post("/api/v1/locations", batch.clone()).await.expect(200);
        assert_eq!((&kept["accepted"], &kept["refusedEvents"][0]["index"]), (&json!(0), &json!(1)));
    }
    assert_eq!(
        count(&t, "select count(*) from phone_events where kind = 'gps_off' and battery = 12").await,
        1
    );
    let broken = json!({ "events": [{ "kind": "teleported", "at": minutes(-4) }] });
    let problem = t.rep1().post("/api/v1/locations", broken).await.problem(400, "validation");
    assert!(problem["errors"].get("events[0].kind").is_some());
}

#[tokio::test]
async fn what_waited_in_a_phones_queue_may_be_older() {
    let t = app().await;
    let caller = caller(&t, "nvbh01");
    let batch: tracking::Batch =
        serde_json::from_value(json!({ "points": [point(-20 * 24 * 60, 10.0), point(0, 95.0)] })).unwrap();
    let mut tx = t.app.db.begin(caller.context()).await.unwrap();
    let late = tracking::service::record_points(&mut tx, &t.app, &caller, &batch, Mode::Late).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((late.accepted, late.refused.len(), late.flags.len()), (1, 1, 1));
    assert_eq!(late.flags[0].code, "tracking.points_refused");
    let mut tx = t.app.db.begin(caller.context()).await.unwrap();
    let live = tracking::service::record_points(&mut tx, &t.app, &caller, &batch, Mode::Live).await;
    assert_eq!(live.unwrap_err().status(), 400);
}

#[tokio::test]
async fn a_distributor_sees_none_of_anothers_points() {
    let t = app().await;
    t.rep1().post("/api/v1/locations", json!({ "points": [point(0, 10.0)] })).await.expect(200);
    let mut tx = t.app.db.read(&t.context("npp02")).await.unwrap();
    let seen: i64 = sqlx::query_scalar("select count(*) from gps_points where distributor_id = $1")
        .bind(NPP01.uuid())
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert_eq!(seen, 0);
}
