//! Clocking in and out, and what a month comes to.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::minutes;
use test_kit::world::{REP1, REP2};
use uuid::Uuid;

use crate::support::{app, count};

fn here() -> Value {
    json!({ "latitude": 10.7769, "longitude": 106.7009, "accuracy": 12, "note": "Kho" })
}

async fn clock(t: &TestApp, which: &str, at: DateTime<Utc>) {
    let mut body = here();
    body["at"] = json!(at);
    t.rep1().post(&format!("/api/v1/attendance/clock-{which}"), body).await.expect(201);
}

#[tokio::test]
async fn the_first_in_and_the_last_out_count() {
    let t = app().await;
    // 09:51 to 22:52 on the 5th, with a break in between that doesn't matter.
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    clock(&t, "in", at("2026-08-05T02:51:00Z")).await;
    clock(&t, "out", at("2026-08-05T05:00:00Z")).await;
    clock(&t, "in", at("2026-08-05T06:00:00Z")).await;
    clock(&t, "out", at("2026-08-05T15:52:00Z")).await;
    // Today only in: late is shown, nothing is worked.
    clock(&t, "in", minutes(0)).await;
    let month = t.rep1().get("/api/v1/attendance?month=2026-08").await.expect(200);
    let days = month["data"].as_array().unwrap();
    assert_eq!(days.len(), 2);
    assert_eq!(days[0]["date"], "2026-08-05");
    assert_eq!(days[0]["lateMinutes"], 111);
    assert_eq!(days[0]["earlyMinutes"], 0);
    assert_eq!(days[0]["workedMinutes"], 369);
    assert_eq!(days[0]["credit"], 0.77);
    assert_eq!(
        (&days[1]["lateMinutes"], &days[1]["credit"], &days[1]["lastOut"]),
        (&json!(60), &json!(0.0), &Value::Null)
    );
}

#[tokio::test]
async fn today_shows_whether_one_is_at_work() {
    let t = app().await;
    assert_eq!(t.rep1().get("/api/v1/attendance/today").await.expect(200)["clockedIn"], false);
    let event = t.rep1().post("/api/v1/attendance/clock-in", here()).await.expect(201);
    assert_eq!(
        (&event["kind"], &event["businessDate"], &event["note"]),
        (&json!("in"), &json!("2026-08-06"), &json!("Kho"))
    );
    let today = t.rep1().get("/api/v1/attendance/today").await.expect(200);
    assert_eq!((&today["clockedIn"], &today["events"]), (&json!(true), &json!([event])));
    t.clock.advance(chrono::Duration::hours(3));
    t.rep1().post("/api/v1/attendance/clock-out", here()).await.expect(201);
    let today = t.rep1().get("/api/v1/attendance/today").await.expect(200);
    assert_eq!(today["clockedIn"], false);
    assert_eq!(today["day"]["workedMinutes"], 180);
}

#[tokio::test]
async fn the_same_event_again_is_one_event() {
    let t = app().await;
    let mut body = here();
    body["id"] = json!(Uuid::now_v7());
    let first = t.rep1().post("/api/v1/attendance/clock-in", body.clone()).await.expect(201);
    t.clock.advance(chrono::Duration::minutes(1));
    assert_eq!(t.rep1().post("/api/v1/attendance/clock-in", body.clone()).await.expect(201), first);
    assert_eq!(t.rep1().post_once("/api/v1/attendance/clock-in", "k", body.clone()).await.expect(201), first);
    assert_eq!(count(&t, "select count(*) from clock_events").await, 1);
    t.rep1().post_once("/api/v1/attendance/clock-out", "k2", body).await.problem(409, "duplicate");
}

#[tokio::test]
async fn attendance_is_seen_by_oneself_and_those_above() {
    let t = app().await;
    clock(&t, "in", minutes(0)).await;
    for (actor, seen) in [(t.rep1(), 1), (t.supervisor(), 1), (t.npp01(), 1), (t.rep2(), 0), (t.npp02(), 0)] {
        assert_eq!(actor.get("/api/v1/attendance").await.expect(200)["pagination"]["totalItems"], seen);
        let named = actor.get(&format!("/api/v1/attendance?userId={REP1}")).await.expect(200);
        assert_eq!(named["data"].as_array().unwrap().len(), seen);
    }
    let other = t.supervisor().get(&format!("/api/v1/attendance?userId={REP2}")).await.expect(200);
    assert_eq!(other["data"], json!([]));
}

#[tokio::test]
async fn a_wrong_request_is_refused() {
    let t = app().await;
    t.npp01().post("/api/v1/attendance/clock-in", here()).await.problem(403, "forbidden");
    t.anonymous().post("/api/v1/attendance/clock-in", here()).await.problem(401, "unauthorized");
    let mut early = here();
    early["at"] = json!(minutes(6));
    t.rep1().post("/api/v1/attendance/clock-in", early).await.problem(422, "visits.time_refused");
    let nowhere = json!({ "latitude": 91, "longitude": 0 });
    t.rep1().post("/api/v1/attendance/clock-in", nowhere).await.problem(400, "validation");
    for month in ["2026-13", "08-2026", "x"] {
        t.rep1().get(&format!("/api/v1/attendance?month={month}")).await.problem(400, "validation");
    }
}
