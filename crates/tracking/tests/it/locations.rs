//! Positions that arrive, and the path they make.

use serde_json::{Value, json};
use test_kit::world::{NPP01, REP1, SHOP1};
use test_kit::{TestApp, minutes};

use crate::support::{count, sql};

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
    assert_eq!(kept, json!({ "accepted": 3, "duplicates": 1, "refused": [] }));
    let again = t.rep1().post("/api/v1/locations", batch).await.expect(200);
    assert_eq!(again, json!({ "accepted": 0, "duplicates": 4, "refused": [] }));
    assert_eq!(count(&t, "select count(*) from gps_points").await, 3);
    assert_eq!(count(&t, "select count(*) from outbox").await, 1);
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
    let batch = json!({ "points": [point(0, 91.0), point(-1, 10.2), point(60, 10.3)] });
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
    let many: Vec<Value> = (0..1001).map(|_| point(0, 10.0)).collect();
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
async fn a_thousand_points_fit_in_a_batch() {
    let t = app().await;
    let points: Vec<Value> = (0..1000).map(|minute| point(-minute, 10.0)).collect();
    let kept = t.rep1().post("/api/v1/locations", json!({ "points": points })).await.expect(200);
    assert_eq!(kept["accepted"], 1000);
}

#[tokio::test]
async fn the_path_of_a_day_has_its_points_and_visits() {
    let t = app().await;
    let batch = json!({ "points": [point(-1, 10.0), point(0, 10.001), point(-24 * 60, 10.9)] });
    t.rep1().post("/api/v1/locations", batch).await.expect(200);
    sql(
        &t,
        format!(
            "insert into visits (distributor_id, id, customer_id, user_id, visit_type, business_date, check_in_at,
                                 latitude, longitude, received_at)
             values ('{NPP01}', gen_random_uuid(), '{SHOP1}', '{REP1}', 'InRoute', '2026-08-06', '2026-08-06T01:00Z',
                     10, 106, now())"
        ),
    )
    .await;
    let path = format!("/api/v1/tracking/{REP1}/path");
    let today = t.supervisor().get(&format!("{path}?date=2026-08-06")).await.expect(200);
    let latitudes: Vec<_> =
        today["points"].as_array().unwrap().iter().map(|p| p["latitude"].clone()).collect();
    assert_eq!(latitudes, [json!(10.0), json!(10.001)]);
    assert_eq!(today["distanceMetres"], 111);
    assert_eq!(today["visits"].as_array().unwrap().len(), 1);
    assert_eq!(today["truncated"], false);
    let yesterday = t.supervisor().get(&format!("{path}?date=2026-08-05")).await.expect(200);
    assert_eq!((yesterday["points"].as_array().unwrap().len(), &yesterday["visits"]), (1, &json!([])));
    t.npp02().get(&path).await.problem(404, "not_found");
    t.rep1().get(&path).await.problem(403, "forbidden");
    t.supervisor().get(&format!("{path}?date=-4800-01-01")).await.problem(400, "validation");
}
