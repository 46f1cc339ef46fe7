//! Signs that something isn't true, each once, with evidence.

use serde_json::{Value, json};
use test_kit::world::{NPP01, REP1, REP2, SHOP1, SHOP2};
use test_kit::{TestApp, minutes};

use crate::support::{count, sql};

const LIST: &str = "/api/v1/tracking/suspicions?date=2026-08-06";

async fn app() -> TestApp {
    TestApp::start(tracking::router()).await
}

fn point(minute: i64, latitude: f64) -> Value {
    json!({ "latitude": latitude, "longitude": 106.7, "accuracy": 10, "provider": "gps", "at": minutes(minute) })
}

async fn send(t: &TestApp, batch: Value) {
    t.rep1().post("/api/v1/locations", batch).await.expect(200);
}

async fn list(t: &TestApp) -> Vec<Value> {
    t.supervisor().get(LIST).await.expect(200)["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_made_up_position_is_told_once_a_day() {
    let t = app().await;
    let mocked = |minute| {
        let mut point = point(minute, 10.0);
        point["mock"] = json!(true);
        point
    };
    let batch = json!({ "points": [mocked(-3), mocked(-2), point(-1, 10.0)] });
    send(&t, batch.clone()).await;
    send(&t, batch).await;
    send(&t, json!({ "points": [mocked(0)] })).await;
    let found = list(&t).await;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["kind"], &found[0]["userId"]), (&json!("mock_provider"), &json!(REP1)));
    assert_eq!(found[0]["evidence"], json!({ "provider": "gps", "accuracy": 10.0, "points": 2 }));
    assert_eq!(found[0]["fullName"], "Nhân viên 1");
    let board = t.supervisor().get("/api/v1/tracking/live").await.expect(200);
    let people = board["data"].as_array().unwrap();
    assert_eq!(people.iter().find(|p| p["userId"] == json!(REP1)).unwrap()["suspicionsToday"], 1);
}

#[tokio::test]
async fn a_leap_is_seen_within_a_batch_and_between_two() {
    let t = app().await;
    // 55 km in a minute.
    let batch = json!({ "points": [point(-9, 10.5), point(-10, 10.0)] });
    send(&t, batch.clone()).await;
    send(&t, json!({ "points": [point(-8, 11.0)] })).await;
    send(&t, batch).await;
    // A leap that a car makes in the time isn't one.
    send(&t, json!({ "points": [point(0, 11.05)] })).await;
    let found = list(&t).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|s| s["kind"] == "impossible_speed"));
    let evidence = &found[1]["evidence"];
    assert_eq!((&evidence["seconds"], &evidence["from"]["latitude"]), (&json!(60.0), &json!(10.0)));
    assert_eq!(evidence["to"]["latitude"], 10.5);
    assert!(evidence["kilometresPerHour"].as_f64().unwrap() > 3_000.0);
}

#[tokio::test]
async fn a_wrong_clock_is_told_by_sending_or_by_positions_of_the_future() {
    let t = app().await;
    send(&t, json!({ "points": [point(0, 10.0)], "sentAt": minutes(4) })).await;
    assert!(list(&t).await.is_empty());
    send(&t, json!({ "points": [point(-1, 10.0)], "sentAt": minutes(-30) })).await;
    send(&t, json!({ "points": [point(20, 10.0)] })).await;
    let found = list(&t).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["kind"], "clock_off");
    assert_eq!(found[0]["evidence"]["offSeconds"], -1800);
    t.rep2().post("/api/v1/locations", json!({ "points": [point(20, 10.0)] })).await.expect(200);
    let second = t.supervisor().get(&format!("{LIST}&userId={REP2}")).await.expect(200);
    assert_eq!(second["data"][0]["evidence"]["offSeconds"], 1200);
    assert_eq!(second["data"][0]["evidence"]["seenBy"], "position");
}

fn visit(n: u32, shop: domain::CustomerId, latitude: f64, far: bool) -> String {
    format!(
        "insert into visits (distributor_id, id, customer_id, user_id, unit_id, visit_type, business_date, check_in_at,
                             check_out_at, result, latitude, longitude, distance_m, out_of_range, received_at)
         select '{NPP01}', '00000000-0000-7000-8000-0000000000{n:02}', '{shop}', '{REP1}', uu.unit_id, 'InRoute',
                '2026-08-06', '{}', '{}', 'NoOrder', {latitude}, 106.7, {}, {far}, '{}'
         from user_units uu where uu.user_id = '{REP1}' and uu.is_primary;",
        minutes(-60 + i64::from(n)),
        minutes(-59 + i64::from(n)),
        if far { 740 } else { 12 },
        minutes(-1),
    )
}

#[tokio::test]
async fn odd_check_ins_are_found_by_the_worker() {
    let t = app().await;
    let both = visit(1, SHOP1, 10.123_456_7, false) + &visit(2, SHOP2, 10.123_456_7, false);
    let others = visit(3, SHOP1, 10.123_456_7, true) + &visit(4, SHOP2, 10.123_456_8, false);
    sql(&t, both + &others).await;
    let found = tracking::worker::look_at_check_ins(&t.app).await.unwrap();
    assert_eq!(found, 3);
    let kinds: Vec<_> = list(&t).await.iter().map(|s| s["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds.iter().filter(|k| *k == "same_fix_elsewhere").count(), 2);
    let far = t.supervisor().get(&format!("{LIST}&kind=far_check_in")).await.expect(200);
    assert_eq!(far["data"][0]["evidence"]["distanceMetres"], 740);
    assert_eq!(far["pagination"]["totalItems"], 1);
    // What was found is not found again, neither by the next pass nor by one that begins anew.
    assert_eq!(tracking::worker::look_at_check_ins(&t.app).await.unwrap(), 0);
    sql(&t, "delete from watermarks").await;
    assert_eq!(tracking::worker::look_at_check_ins(&t.app).await.unwrap(), 0);
    let passes =
        futures_util::future::join_all((0..4).map(|_| tracking::worker::look_at_check_ins(&t.app))).await;
    assert!(passes.into_iter().all(|pass| pass.unwrap() == 0));
}

#[tokio::test]
async fn suspicions_are_for_those_who_follow_the_field() {
    let t = app().await;
    send(&t, json!({ "points": [point(0, 10.0)], "sentAt": minutes(-30) })).await;
    for (actor, seen) in
        [(t.supervisor(), 1), (t.npp01(), 1), (t.npp02(), 0), (t.area_manager(), 1), (t.admin(), 1)]
    {
        assert_eq!(actor.get(LIST).await.expect(200)["data"].as_array().unwrap().len(), seen);
    }
    t.rep1().get(LIST).await.problem(403, "forbidden");
    t.anonymous().get(LIST).await.problem(401, "unauthorized");
    t.supervisor()
        .get("/api/v1/tracking/suspicions?from=2026-01-01&to=2026-08-06")
        .await
        .problem(400, "validation");
    // They stay as they were found.
    let owner = &mut t.database.owner().await;
    assert!(sqlx::query("update suspicions set kind = 'clock_off'").execute(owner).await.is_err());
    assert_eq!(count(&t, "select count(*) from suspicions").await, 1);
}
