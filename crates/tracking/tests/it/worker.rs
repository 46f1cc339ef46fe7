//! Partitions made ahead.

use chrono::TimeDelta;
use serde_json::json;
use test_kit::TestApp;
use test_kit::world::{NPP01, REP1};

use crate::support::{count, sql};

#[tokio::test]
async fn positions_find_a_partition_when_the_server_runs_for_months() {
    let t = TestApp::start(tracking::router()).await;
    // A month that nobody made a partition for: its first rows lie in the default one.
    t.clock.set("2031-03-15T02:00:00Z".parse().unwrap());
    let point = |minute: i64| json!({ "latitude": 10.0, "longitude": 106.0, "at": t.app.now() + TimeDelta::minutes(minute) });
    t.rep1().post("/api/v1/locations", json!({ "points": [point(0), point(-1)] })).await.expect(200);
    assert_eq!(count(&t, "select count(*) from gps_points_default").await, 2);
    let made =
        futures_util::future::join_all((0..3).map(|_| tracking::worker::make_partitions(&t.app))).await;
    assert!(made.into_iter().all(|m| m.is_ok()));
    assert_eq!(count(&t, "select count(*) from gps_points_default").await, 0);
    assert_eq!(count(&t, "select count(*) from gps_points_y2031m03").await, 2);
    // A repeat is still known.
    let again =
        t.rep1().post("/api/v1/locations", json!({ "points": [point(0), point(1)] })).await.expect(200);
    assert_eq!((&again["accepted"], &again["duplicates"]), (&json!(1), &json!(1)));
    assert_eq!(count(&t, "select count(*) from gps_points_y2031m03").await, 3);
    // Callers come to it through the table only.
    let mut tx = t.app.db.read(&t.context("nvbh01")).await.unwrap();
    assert!(sqlx::query("select from gps_points_y2031m04").execute(&mut *tx).await.is_err());
}

#[tokio::test]
async fn a_callers_role_makes_no_partitions() {
    let t = TestApp::start(tracking::router()).await;
    let mut tx = t.app.db.begin(&t.context("nvbh01")).await.unwrap();
    assert!(sqlx::query("select prepare_gps_partitions('2031-03-15')").execute(&mut *tx).await.is_err());
    sql(&t, format!("insert into gps_points (distributor_id, user_id, at, latitude, longitude, received_at) values ('{NPP01}', '{REP1}', '2031-03-15', 1, 1, now())")).await;
    assert_eq!(count(&t, "select count(*) from gps_points_default").await, 1);
}
