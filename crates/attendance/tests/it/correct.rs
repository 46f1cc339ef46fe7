//! Corrections: they keep the original, who and why.

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{REP1, REP11, SUPERVISOR, TEAM1};
use uuid::Uuid;

use crate::support::{app, august, clock, count, findings, here};

async fn day(t: &TestApp, date: &str) -> Value {
    let month = t.supervisor().get(&format!("/api/v1/attendance?userId={REP1}")).await.expect(200);
    let days = month["data"].as_array().unwrap();
    days.iter().find(|day| day["date"] == date).cloned().unwrap_or(Value::Null)
}

async fn events(t: &TestApp, date: &str) -> Vec<Value> {
    let path = format!("/api/v1/attendance/events?userId={REP1}&date={date}");
    t.supervisor().get(&path).await.expect(200)["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_correction_counts_and_keeps_what_was_clocked() {
    let t = app().await;
    let event = clock(&t, "in", august("5 09:51")).await;
    clock(&t, "out", august("5 22:52")).await;
    let path = format!("/api/v1/attendance/{event}/correct");
    let body = json!({ "at": august("5 08:00"), "reason": "Máy hết pin" });
    let made = t.supervisor().post(&path, body.clone()).await.expect(201);
    assert_eq!((&made["revision"], &made["correctedBy"]), (&json!(1), &json!(SUPERVISOR)));
    let corrected = day(&t, "2026-08-05").await;
    assert_eq!((&corrected["lateMinutes"], &corrected["workedMinutes"]), (&json!(0), &json!(480)));
    assert_eq!((&corrected["credit"], &corrected["corrected"]), (&json!(1.0), &json!(true)));
    let shown = events(&t, "2026-08-05").await;
    assert_eq!(shown.len(), 2);
    assert_eq!(shown[0]["at"], json!(august("5 08:00")));
    assert_eq!(shown[0]["original"]["at"], json!(august("5 09:51")));
    assert_eq!(shown[0]["corrections"], json!([made]));
    assert_eq!(shown[0]["corrections"][0]["reason"], "Máy hết pin");

    // Again, on top of the first; then out of the day, and back.
    t.supervisor().post(&path, body).await.problem(422, "attendance.no_change");
    let again = json!({ "at": august("5 08:30"), "reason": "Xem lại camera" });
    assert_eq!(t.supervisor().post(&path, again).await.expect(201)["revision"], 2);
    assert_eq!(day(&t, "2026-08-05").await["lateMinutes"], 30);
    t.supervisor().post(&path, json!({ "removed": true, "reason": "Chấm nhầm" })).await.expect(201);
    assert_eq!(day(&t, "2026-08-05").await["firstIn"], Value::Null);
    t.supervisor().post(&path, json!({ "reason": "Không nhầm" })).await.expect(201);
    assert_eq!(day(&t, "2026-08-05").await["lateMinutes"], 111);
    assert_eq!(count(&t, "select count(*) from clock_corrections").await, 4);
    assert_eq!(count(&t, "select count(*) from audit_log where action = 'attendance.correct'").await, 4);
    assert_eq!(count(&t, "select count(*) from clock_events where at = '2026-08-05T02:51Z'").await, 1);
    assert_eq!(findings(&t).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_correction_may_move_an_event_to_another_day_or_kind() {
    let t = app().await;
    let event = clock(&t, "in", august("5 07:55")).await;
    let path = format!("/api/v1/attendance/{event}/correct");
    t.supervisor()
        .post(&path, json!({ "at": august("4 17:00"), "kind": "out", "reason": "Nhầm ngày" }))
        .await
        .expect(201);
    assert_eq!(day(&t, "2026-08-05").await, Value::Null);
    assert_eq!(events(&t, "2026-08-05").await, Vec::<Value>::new());
    let moved = events(&t, "2026-08-04").await;
    assert_eq!((&moved[0]["kind"], &moved[0]["original"]["kind"]), (&json!("out"), &json!("in")));
    assert_eq!(day(&t, "2026-08-04").await["lastOut"], json!(august("4 17:00")));
}

#[tokio::test]
async fn a_forgotten_event_is_added_and_can_be_corrected_too() {
    let t = app().await;
    clock(&t, "in", august("5 08:00")).await;
    let missing = json!({
        "id": Uuid::now_v7(), "userId": REP1, "kind": "out", "at": august("5 17:00"), "reason": "Quên chấm ra",
    });
    let path = "/api/v1/attendance/corrections";
    let made = t.supervisor().post(path, missing.clone()).await.expect(201);
    assert_eq!(t.supervisor().post(path, missing).await.expect(201), made);
    assert_eq!(made["clockEventId"], made["correctionId"]);
    assert_eq!(day(&t, "2026-08-05").await["credit"], 1.0);
    assert_eq!(day(&t, "2026-08-05").await["unitId"], json!(TEAM1));
    let path = format!("/api/v1/attendance/{}/correct", made["clockEventId"].as_str().unwrap());
    t.supervisor().post(&path, json!({ "at": august("5 16:00"), "reason": "Về sớm" })).await.expect(201);
    assert_eq!(day(&t, "2026-08-05").await["earlyMinutes"], 60);
    let shown = events(&t, "2026-08-05").await;
    assert_eq!((&shown[1]["original"], shown[1]["corrections"].as_array().unwrap().len()), (&Value::Null, 2));
    assert_eq!(findings(&t).await, Vec::<String>::new());
}

#[tokio::test]
async fn nobody_corrects_their_own_attendance_or_that_of_strangers() {
    let t = app().await;
    let event = clock(&t, "in", august("5 09:00")).await;
    let path = format!("/api/v1/attendance/{event}/correct");
    let body = json!({ "at": august("5 08:00"), "reason": "x" });
    t.rep1().post(&path, body.clone()).await.problem(403, "forbidden");
    t.npp01().post(&path, body.clone()).await.problem(403, "forbidden");
    t.rep11().post(&path, body.clone()).await.problem(403, "forbidden");
    t.anonymous().post(&path, body.clone()).await.problem(401, "unauthorized");
    t.supervisor()
        .post(&format!("/api/v1/attendance/{}/correct", Uuid::nil()), body.clone())
        .await
        .problem(404, "not_found");
    let own = t.supervisor().post("/api/v1/attendance/clock-in", here()).await.expect(201);
    let own = format!("/api/v1/attendance/{}/correct", own["clockEventId"].as_str().unwrap());
    t.supervisor().post(&own, body.clone()).await.problem(403, "attendance.own");
    // Their own supervisor's manager may.
    t.area_manager().post(&own, body).await.expect(201);
    let add = |user: domain::UserId| json!({ "userId": user, "kind": "in", "at": august("5 08:00"), "reason": "x" });
    let path = "/api/v1/attendance/corrections";
    t.supervisor().post(path, add(SUPERVISOR)).await.problem(403, "attendance.own");
    t.supervisor().post(path, add(REP11)).await.problem(404, "not_found");
    let events = format!("/api/v1/attendance/events?userId={REP1}");
    t.rep2().get(&events).await.problem(404, "not_found");
    t.npp02().get(&events).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_correction_says_why_and_stays_in_the_past() {
    let t = app().await;
    let event = clock(&t, "in", august("5 09:00")).await;
    let path = format!("/api/v1/attendance/{event}/correct");
    for wrong in [
        json!({ "at": august("5 08:00") }),
        json!({ "at": august("5 08:00"), "reason": "  " }),
        json!({ "at": "1900-01-01T00:00:00Z", "reason": "x" }),
        json!({ "at": august("5 08:00"), "removed": true, "reason": "x" }),
    ] {
        t.supervisor().post(&path, wrong).await.problem(400, "validation");
    }
    let future = json!({ "at": august("6 09:30"), "reason": "x" });
    t.supervisor().post(&path, future).await.problem(422, "attendance.future");
    assert_eq!(count(&t, "select count(*) from clock_corrections").await, 0);
}

#[tokio::test]
async fn of_two_corrections_at_once_one_has_seen_the_other() {
    let t = app().await;
    let event = clock(&t, "in", august("5 09:00")).await;
    let path = format!("/api/v1/attendance/{event}/correct");
    let sent = (0..6).map(|n| {
        let body = json!({ "at": august(&format!("5 08:0{n}")), "reason": "x" });
        let (t, path) = (&t, &path);
        async move { t.supervisor().post(path, body).await.status }
    });
    let answers = join_all(sent).await;
    let made = answers.iter().filter(|status| **status == 201).count();
    assert!(made >= 1 && answers.iter().all(|status| *status == 201 || *status == 412), "{answers:?}");
    assert_eq!(count(&t, "select count(*) from clock_corrections").await, made as i64);
    assert_eq!(findings(&t).await, Vec::<String>::new());
}
