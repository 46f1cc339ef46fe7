//! Ending a visit.

use chrono::Duration;
use serde_json::{Value, json};
use test_kit::world::{REP1, SHOP2};
use test_kit::{TestApp, minutes};

use crate::support::{AT_SHOP1, add_photo, app, check_in_at, check_out, count, visit_shop1};

fn path(visit: &str) -> String {
    format!("/api/v1/visits/{visit}/check-out")
}

#[tokio::test]
async fn a_visit_with_a_photo_ends_and_is_compliant() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    add_photo(&t, &visit, "Mặt tiền", 1).await;
    t.clock.advance(Duration::minutes(3));
    let ended = t.rep1().post(&path(&visit), check_out("NoOrder")).await.expect(200);
    assert_eq!(ended["visitResult"], "NoOrder");
    assert_eq!(ended["compliant"], true);
    assert_eq!(ended["durationSeconds"], 180);
    assert_eq!(ended["checkOutTime"], "2026-08-06T02:03:00Z");
    assert_eq!(ended["notes"], "Hết hàng");
    let payload: Value = sqlx::query_scalar("select payload from outbox where kind = 'VisitCompleted'")
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(payload["visitResult"], "NoOrder");
    // Now the rep may go on.
    t.rep1().post("/api/v1/visits/check-in", check_in_at(SHOP2)).await.expect(201);
}

#[tokio::test]
async fn nobody_leaves_without_a_photo() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let problem =
        t.rep1().post(&path(&visit), check_out("NoOrder")).await.problem(422, "visits.photo_required");
    assert_eq!(problem["problems"], json!([{ "kind": "photos", "missing": 1 }]));
    assert_eq!(count(&t, "select count(*) from visits where check_out_at is null").await, 1);
}

#[tokio::test]
async fn a_closed_outlet_needs_a_photo_of_its_door() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    add_photo(&t, &visit, "Mặt tiền", 1).await;
    let problem =
        t.rep1().post(&path(&visit), check_out("Closed")).await.problem(422, "visits.photo_required");
    assert_eq!(problem["problems"], json!([{ "kind": "photos", "album": "Đóng cửa", "missing": 1 }]));
    add_photo(&t, &visit, "Đóng cửa", 2).await;
    t.rep1().post(&path(&visit), check_out("Closed")).await.expect(200);
}

#[tokio::test]
async fn a_hasty_or_distant_visit_is_not_compliant() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    add_photo(&t, &visit, "Mặt tiền", 1).await;
    t.clock.advance(Duration::seconds(179));
    let hasty = t.rep1().post(&path(&visit), check_out("OwnerAway")).await.expect(200);
    assert_eq!(hasty["compliant"], false);
    let short = json!([{ "kind": "tooShort", "seconds": 179, "minimumSeconds": 180 }]);
    assert_eq!((&hasty["verdict"]["warnings"], &hasty["verdict"]["reasons"]), (&short, &short));

    let distant = json!({ "customerId": SHOP2, "latitude": 10.9, "longitude": 106.7 });
    let visit = t.rep1().post("/api/v1/visits/check-in", distant).await.expect(201);
    let visit = visit["visitId"].as_str().unwrap();
    add_photo(&t, visit, "Mặt tiền", 1).await;
    t.clock.advance(Duration::minutes(10));
    let distant = t.rep1().post(&path(visit), check_out("NoOrder")).await.expect(200);
    assert_eq!((&distant["compliant"], &distant["outOfRange"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn the_same_check_out_again_answers_the_same() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    add_photo(&t, &visit, "Mặt tiền", 1).await;
    let first = t.rep1().post(&path(&visit), check_out("NoOrder")).await.expect(200);
    t.clock.advance(Duration::minutes(9));
    assert_eq!(t.rep1().post(&path(&visit), check_out("NoOrder")).await.expect(200), first);
    t.rep1().post(&path(&visit), check_out("OwnerAway")).await.problem(409, "visits.ended");
    assert_eq!(count(&t, "select count(*) from outbox where kind = 'VisitCompleted'").await, 1);
}

#[tokio::test]
async fn a_visit_does_not_end_before_it_starts() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    add_photo(&t, &visit, "Mặt tiền", 1).await;
    let mut body = check_out("NoOrder");
    for (at, code) in [(minutes(-1), "visits.time_order"), (minutes(10), "visits.time_refused")] {
        body["at"] = json!(at);
        t.rep1().post(&path(&visit), body.clone()).await.problem(422, code);
    }
}

#[tokio::test]
async fn only_the_visitor_ends_a_visit() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    for other in [t.rep2(), t.rep11(), t.supervisor()] {
        other.post(&path(&visit), check_out("NoOrder")).await.problem(404, "not_found");
    }
    t.npp01().post(&path(&visit), check_out("NoOrder")).await.problem(403, "forbidden");
    t.rep1().post(&path(&visit), check_out("Whatever")).await.problem(400, "validation");
}

#[tokio::test]
async fn notes_are_written_over() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let path = format!("/api/v1/visits/{visit}/notes");
    t.rep1().post(&path, json!({ "notes": "Chủ hẹn thứ hai" })).await.expect(200);
    let noted = t.rep1().post(&path, json!({ "notes": " Chủ hẹn thứ ba " })).await.expect(200);
    assert_eq!(noted["notes"], "Chủ hẹn thứ ba");
    t.rep1().post(&path, json!({ "notes": "x".repeat(2001) })).await.problem(400, "validation");
    t.rep2().post(&path, json!({ "notes": "x" })).await.problem(404, "not_found");
}

#[tokio::test]
async fn the_live_board_follows_the_clock_and_the_visits_but_never_back_in_time() {
    let t = TestApp::start(visits::router().merge(attendance::router()).merge(tracking::router())).await;
    let position = async || {
        let board = t.supervisor().get("/api/v1/tracking/live").await.expect(200);
        let people = board["data"].as_array().unwrap();
        people.iter().find(|p| p["userId"] == json!(REP1)).unwrap()["position"].clone()
    };
    let phone = json!({ "latitude": 10.5, "longitude": 106.5, "speed": 8, "battery": 64, "at": minutes(-9) });
    t.rep1().post("/api/v1/locations", json!({ "points": [phone] })).await.expect(200);

    let clock = json!({ "latitude": 10.6, "longitude": 106.6, "accuracy": 12, "at": minutes(-5) });
    t.rep1().post("/api/v1/attendance/clock-in", clock).await.expect(201);
    let seen = position().await;
    assert_eq!((&seen["latitude"], &seen["accuracy"]), (&json!(10.6), &json!(12.0)));
    assert_eq!((&seen["speed"], &seen["battery"]), (&Value::Null, &json!(64)));

    let visit = visit_shop1(&t).await;
    assert_eq!(position().await["latitude"], AT_SHOP1.0);

    add_photo(&t, &visit, "Mặt tiền", 1).await;
    t.clock.advance(Duration::minutes(3));
    let mut end = check_out("NoOrder");
    end["latitude"] = json!(10.777);
    t.rep1().post(&path(&visit), end).await.expect(200);
    assert_eq!(position().await["latitude"], 10.777);

    // Kept on the phone while it had no network.
    let late = json!({ "latitude": 10.1, "longitude": 106.1, "at": minutes(-8) });
    t.rep1().post("/api/v1/attendance/clock-in", late).await.expect(201);
    assert_eq!(position().await["latitude"], 10.777);
}
