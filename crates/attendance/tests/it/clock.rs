//! Clocking in and out, and what a month comes to.

use attendance::ClockEvent;
use attendance::service::Clock;
use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use platform::{ApiError, Caller, Flag, Mode};
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::minutes;
use test_kit::world::{REP1, REP2, TEAM1, TEAM2, UNIT1};
use uuid::Uuid;

use crate::support::{app, clock, count, findings, here};

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
    t.rep1().post("/api/v1/attendance/clock-in", early).await.problem(422, "attendance.time_refused");
    let nowhere = json!({ "latitude": 91, "longitude": 0 });
    t.rep1().post("/api/v1/attendance/clock-in", nowhere).await.problem(400, "validation");
    for month in ["2026-13", "08-2026", "x"] {
        t.rep1().get(&format!("/api/v1/attendance?month={month}")).await.problem(400, "validation");
    }
}

async fn late(t: &TestApp, username: &str, clock: &Clock) -> Result<(ClockEvent, Vec<Flag>), ApiError> {
    let caller = Caller::new(t.app.auth.authenticate(username).await.unwrap(), None, None);
    let mut tx = t.app.db.begin(caller.context()).await.unwrap();
    let done = attendance::service::clock(&mut tx, &t.app, &caller, clock, Mode::Late).await;
    tx.commit().await.unwrap();
    done
}

fn arriving(at: DateTime<Utc>) -> Clock {
    Clock {
        id: domain::ClockEventId::new(Uuid::now_v7()),
        kind: domain::attendance::ClockKind::In,
        at: Some(at),
        place: domain::Coordinates::new(10.5, 106.5).ok(),
        accuracy: None,
        note: String::new(),
        photo_sha256: None,
    }
}

#[tokio::test]
async fn what_arrives_late_is_kept_as_the_device_said_it_and_flagged() {
    let t = app().await;
    for (at, flags) in [
        (minutes(-60 * 24 * 2), vec![]),
        (minutes(-60 * 24 * 9), vec!["attendance.time_old"]),
        (minutes(60 * 24 * 30), vec!["attendance.clock_ahead"]),
    ] {
        let event = arriving(at);
        let (kept, told) = late(&t, "nvbh01", &event).await.unwrap();
        assert_eq!((kept.at, kept.received_at), (at, minutes(0)));
        assert_eq!(told.iter().map(|flag| flag.code.as_ref()).collect::<Vec<_>>(), flags);
        assert_eq!(kept.flags, flags);
        // The same again: the same answer, one event.
        assert_eq!(late(&t, "nvbh01", &event).await.unwrap(), (kept, told));
    }
    assert_eq!(count(&t, "select count(*) from clock_events").await, 3);
    // A clock that is ahead doesn't put the position into the future.
    assert_eq!(count(&t, "select count(*) from last_positions where at <= '2026-08-06T02:00Z'").await, 1);
    // Rights hold, and so do the limits of a calendar.
    assert_eq!(late(&t, "npp01", &arriving(minutes(0))).await.unwrap_err().code(), "forbidden");
    let ancient = "1970-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(late(&t, "nvbh01", &arriving(ancient)).await.unwrap_err().code(), "validation");
    assert_eq!(findings(&t).await, Vec::<String>::new());
}

#[tokio::test]
async fn one_event_sent_many_times_at_once_is_one_event() {
    let t = app().await;
    let mut body = here();
    body["id"] = json!(Uuid::now_v7());
    body["photoSha256"] = json!("ab".repeat(32));
    let sent = (0..8).map(|_| {
        let body = body.clone();
        let t = &t;
        async move { t.rep1().post("/api/v1/attendance/clock-in", body).await.expect(201) }
    });
    let answers = join_all(sent).await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(answers[0]["photoSha256"], json!("ab".repeat(32)));
    assert_eq!(count(&t, "select count(*) from clock_events").await, 1);
    assert_eq!(count(&t, "select count(*) from audit_log where action = 'attendance.clock_in'").await, 1);
}

#[tokio::test]
async fn a_photo_is_named_by_its_digest() {
    let t = app().await;
    for wrong in ["", "xyz", &"AB".repeat(32), &"ab".repeat(31)] {
        let mut body = here();
        body["photoSha256"] = json!(wrong);
        let problem = t.rep1().post("/api/v1/attendance/clock-in", body).await.problem(400, "validation");
        assert!(problem["errors"].get("photoSha256").is_some());
    }
}

#[tokio::test]
async fn days_are_listed_for_a_unit_and_those_below_it() {
    let t = app().await;
    clock(&t, "in", minutes(0)).await;
    for (unit, seen) in [(TEAM1, 1), (UNIT1, 1), (TEAM2, 0)] {
        let path = format!("/api/v1/attendance?unitId={unit}");
        assert_eq!(t.area_manager().get(&path).await.expect(200)["pagination"]["totalItems"], seen);
    }
    assert_eq!(t.rep1().get("/api/v1/attendance").await.expect(200)["data"][0]["unitId"], json!(TEAM1));
}
