//! A day's path, with stops and gaps.

use serde_json::{Value, json};
use test_kit::world::{NPP01, REP1, SHOP1};
use test_kit::{TestApp, minutes};

use crate::support::sql;

fn point(minute: i64, latitude: f64) -> Value {
    json!({ "latitude": latitude, "longitude": 106.7, "accuracy": 6.5, "battery": 81, "at": minutes(minute) })
}

async fn send(t: &TestApp, points: Vec<Value>) {
    t.rep1().post("/api/v1/locations", json!({ "points": points })).await.expect(200);
}

async fn path(t: &TestApp, query: &str) -> Value {
    t.supervisor().get(&format!("/api/v1/tracking/{REP1}/path?date=2026-08-06{query}")).await.expect(200)
}

fn clock(kind: &str, minute: i64) -> String {
    format!(
        "insert into clock_events (distributor_id, id, user_id, kind, at, business_date, received_at)
         values ('{NPP01}', gen_random_uuid(), '{REP1}', '{kind}', '{}', '2026-08-06', now());",
        minutes(minute)
    )
}

#[tokio::test]
async fn the_path_of_a_day_has_its_points_and_visits() {
    let t = TestApp::start(tracking::router()).await;
    send(&t, vec![point(-1, 10.0), point(0, 10.001), point(-24 * 60, 10.9)]).await;
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
    let today = path(&t, "").await;
    let latitudes: Vec<_> =
        today["points"].as_array().unwrap().iter().map(|p| p["latitude"].clone()).collect();
    assert_eq!(latitudes, [json!(10.0), json!(10.001)]);
    assert_eq!(today["distanceMetres"], 111);
    assert_eq!(today["visits"].as_array().unwrap().len(), 1);
    assert_eq!((&today["truncated"], &today["pointCount"]), (&json!(false), &json!(2)));
    let path = format!("/api/v1/tracking/{REP1}/path");
    let yesterday = t.supervisor().get(&format!("{path}?date=2026-08-05")).await.expect(200);
    assert_eq!((yesterday["points"].as_array().unwrap().len(), &yesterday["visits"]), (1, &json!([])));
    t.npp02().get(&path).await.problem(404, "not_found");
    t.rep1().get(&path).await.problem(403, "forbidden");
    for wrong in ["date=-4800-01-01", "maxPoints=1", "maxPoints=6001"] {
        t.supervisor().get(&format!("{path}?{wrong}")).await.problem(400, "validation");
    }
}

#[tokio::test]
async fn a_stop_at_an_outlet_is_its_visits() {
    let t = TestApp::start(tracking::router()).await;
    // Half an hour on the way, ten minutes there.
    let way = (0..=20).map(|n| point(-60 + n, 10.0 + n as f64 * 0.002));
    let there = (21..=30).map(|n| point(-60 + n, 10.04));
    send(&t, way.chain(there).collect()).await;
    let visit = "00000000-0000-7000-8000-000000000077";
    sql(
        &t,
        format!(
            "insert into visits (distributor_id, id, customer_id, user_id, visit_type, business_date, check_in_at,
                                 check_out_at, result, latitude, longitude, received_at)
             values ('{NPP01}', '{visit}', '{SHOP1}', '{REP1}', 'InRoute', '2026-08-06', '{}', '{}', 'NoOrder', 10.04, 106.7,
                     now())",
            minutes(-39),
            minutes(-31)
        ),
    )
    .await;
    let day = path(&t, "").await;
    assert_eq!(day["stops"].as_array().unwrap().len(), 1);
    let stop = &day["stops"][0];
    assert_eq!((&stop["visitId"], &stop["seconds"]), (&json!(visit), &json!(600)));
    let metres = day["distanceMetres"].as_i64().unwrap();
    assert!((4_400..4_500).contains(&metres), "{metres}");
}

#[tokio::test]
async fn a_long_path_is_shown_by_its_shape() {
    let t = TestApp::start(tracking::router()).await;
    send(&t, (0..400).map(|n| point(n - 400, 10.0 + n as f64 * 0.0005)).collect()).await;
    let day = path(&t, "&maxPoints=50").await;
    let shown = day["points"].as_array().unwrap();
    assert!(shown.len() <= 50);
    assert_eq!(day["pointCount"], 400);
    let metres = day["distanceMetres"].as_i64().unwrap();
    assert!((metres - 22_180).abs() < 100, "{metres}");
}

#[tokio::test]
async fn each_gap_has_a_cause() {
    let t = TestApp::start(tracking::router()).await;
    t.clock.set(test_kit::world::now() + chrono::TimeDelta::hours(8));
    sql(&t, clock("in", -60) + &clock("out", 300)).await;
    // Nothing from 09:30 to 10:30, and from 12:00 to 13:00.
    let walked = |range: std::ops::Range<i64>| range.step_by(5).map(|n| point(n, 10.0 + n as f64 * 0.001));
    send(&t, walked(-60..31).chain(walked(90..181)).chain(walked(240..301)).collect()).await;
    let event = json!({ "kind": "permission_revoked", "at": minutes(32) });
    t.rep1().post("/api/v1/locations", json!({ "events": [event] })).await.expect(200);
    let gaps = path(&t, "").await["gaps"].as_array().unwrap().clone();
    let at = |gap: &Value, end: &str| gap[end].as_str().unwrap()[11..16].to_owned();
    let found: Vec<_> =
        gaps.iter().map(|g| (at(g, "from"), at(g, "to"), g["cause"].as_str().unwrap())).collect();
    let gap = |from: &str, to: &str, cause| (from.to_owned(), to.to_owned(), cause);
    // The morning came hours late: it is whole, but wasn't live.
    assert!(found.contains(&gap("02:30", "03:30", "notAllowed")), "{found:?}");
    // At noon they eat.
    assert!(!found.iter().any(|g| g.0 == "05:00"), "{found:?}");
    assert!(found.contains(&gap("07:00", "10:00", "clockedOut")), "{found:?}");
    assert!(found.iter().any(|g| g.2 == "sentLater"), "{found:?}");
    let known = gaps.iter().find(|g| g["cause"] == "notAllowed").unwrap();
    assert_eq!(known["knownAt"], json!("2026-08-06T02:32:00Z"));
}

#[tokio::test]
async fn who_never_clocked_in_has_one_gap() {
    let t = TestApp::start(tracking::router()).await;
    t.clock.set(test_kit::world::now() + chrono::TimeDelta::hours(10));
    let gaps = path(&t, "").await["gaps"].clone();
    assert_eq!(
        gaps,
        json!([{ "from": "2026-08-06T01:00:00Z", "to": "2026-08-06T10:00:00Z", "cause": "notClockedIn", "knownAt": null }])
    );
}

#[tokio::test]
async fn something_should_be_heard_in_the_working_times_of_the_unit() {
    let t = TestApp::start(tracking::router()).await;
    t.clock.set(test_kit::world::now() + chrono::TimeDelta::hours(14));
    let times = |from: &str, starts: &str, ends: &str| {
        format!(
            "insert into work_calendars (id, distributor_id, unit_id, valid_from, starts, ends, updated_at)
             select gen_random_uuid(), o.distributor_id, o.id, '{from}', {starts}, {ends}, now()
             from user_units x join org_units o on o.id = x.unit_id where x.user_id = '{REP1}' and x.is_primary;"
        )
    };
    let gap = async |t: &TestApp| {
        let gaps = path(t, "").await["gaps"].clone();
        (gaps.as_array().unwrap().len(), gaps[0]["from"].clone(), gaps[0]["to"].clone())
    };
    sql(&t, times("2026-08-01", "'{06:00,15:00}'", "'{10:30,20:15}'")).await;
    assert_eq!(gap(&t).await, (1, json!("2026-08-05T23:00:00Z"), json!("2026-08-06T13:15:00Z")));
    // From a day on as the unit above says; here nothing, so the default.
    sql(&t, times("2026-08-05", "null", "null")).await;
    assert_eq!(gap(&t).await, (1, json!("2026-08-06T01:00:00Z"), json!("2026-08-06T10:00:00Z")));
    // What begins later doesn't count yet.
    sql(&t, times("2026-08-07", "'{03:00}'", "'{04:00}'")).await;
    assert_eq!(gap(&t).await.1, json!("2026-08-06T01:00:00Z"));
}

#[tokio::test]
async fn what_was_corrected_counts_as_corrected() {
    let t = TestApp::start(tracking::router()).await;
    t.clock.set(test_kit::world::now() + chrono::TimeDelta::hours(8));
    let event = "00000000-0000-7000-8000-0000000000c1";
    sql(&t, clock("in", 60).replace("gen_random_uuid()", &format!("'{event}'"))).await;
    let first = async |t: &TestApp| path(t, "").await["gaps"][0]["to"].clone();
    assert_eq!(first(&t).await, json!("2026-08-06T03:00:00Z"));
    sql(
        &t,
        format!(
            "insert into clock_corrections (distributor_id, id, event_id, revision, user_id, kind, at, business_date, reason,
                                            corrected_by, corrected_at)
             select '{NPP01}', gen_random_uuid(), '{event}', 1, '{REP1}', 'in', '2026-08-06T02:00Z', '2026-08-06', 'Quên',
                    u.id, now() from users u where u.role = 'supervisor' limit 1"
        ),
    )
    .await;
    assert_eq!(first(&t).await, json!("2026-08-06T02:00:00Z"));
    let board = t.supervisor().get("/api/v1/tracking/live").await.expect(200);
    let rep = board["data"].as_array().unwrap().iter().find(|p| p["userId"] == json!(REP1)).unwrap().clone();
    assert_eq!(rep["activity"], "working");
}

#[tokio::test]
async fn made_up_positions_make_no_way() {
    let t = TestApp::start(tracking::router()).await;
    let mut mocked = point(-5, 10.5);
    mocked["mock"] = json!(true);
    send(&t, vec![point(-10, 10.0), mocked, point(0, 10.0)]).await;
    let day = path(&t, "").await;
    assert_eq!((&day["distanceMetres"], &day["pointCount"]), (&json!(0), &json!(3)));
}
