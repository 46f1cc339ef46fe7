//! What the company wants of a visit.

use chrono::Duration;
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{AREA, REGION, SHOP1, TEAM1, TEAM2, UNIT1};

use crate::support::{add_photo, app, check_in_at, check_out, count, sql, visit_shop1};

const PATH: &str = "/api/v1/visit-policies";
const TODAY: &str = "2026-08-06";
/// `Hiệu thuốc`, as an address spells it.
const PHARMACY: &str = "Hi%E1%BB%87u%20thu%E1%BB%91c";

async fn set(t: &TestApp, unit: Value, customer_type: Value, from: &str, policy: Value) -> Value {
    let body = json!({ "unitId": unit, "customerType": customer_type, "validFrom": from, "policy": policy });
    t.admin().put(PATH, body).await.expect(200)
}

async fn radius(t: &TestApp, query: &str) -> i64 {
    let found = t.rep1().get(&format!("{PATH}/effective?{query}")).await.expect(200);
    found["policy"]["radiusMetres"].as_i64().unwrap()
}

#[tokio::test]
async fn the_nearest_unit_decides_and_what_it_leaves_open_is_inherited() {
    let t = app().await;
    let plain = t.rep1().get(&format!("{PATH}/effective")).await.expect(200);
    assert_eq!((&plain["policy"]["radiusMetres"], &plain["policy"]["minMinutes"]), (&json!(100), &json!(3)));
    set(&t, Value::Null, Value::Null, TODAY, json!({ "radiusMetres": 200, "minMinutes": 5 })).await;
    set(&t, json!(AREA), Value::Null, TODAY, json!({ "radiusMetres": 150 })).await;
    set(&t, Value::Null, json!("Hiệu thuốc"), TODAY, json!({ "radiusMetres": 300 })).await;
    set(&t, json!(TEAM1), json!("Hiệu thuốc"), TODAY, json!({ "radiusMetres": 50 })).await;
    let found = t.rep1().get(&format!("{PATH}/effective")).await.expect(200);
    assert_eq!((&found["policy"]["radiusMetres"], &found["policy"]["minMinutes"]), (&json!(150), &json!(5)));
    assert_eq!(found["sources"].as_array().unwrap().len(), 2);
    assert_eq!(radius(&t, &format!("customerType={PHARMACY}")).await, 50);
    assert_eq!(radius(&t, &format!("unitId={REGION}&customerType={PHARMACY}")).await, 300);
    sql(&t, format!("update customers set customer_type = 'Hiệu thuốc' where id = '{SHOP1}'")).await;
    assert_eq!(radius(&t, &format!("customerId={SHOP1}")).await, 50);
    // And that is what a check-in measures by.
    let near = json!({ "customerId": SHOP1, "latitude": 10.7775, "longitude": 106.7009 });
    let visit = t.rep1().post("/api/v1/visits/check-in", near).await.expect(201);
    assert_eq!((&visit["checkInDistance"], &visit["outOfRange"]), (&json!(67), &json!(true)));
    assert_eq!(visit["radiusMetres"], 50);
}

#[tokio::test]
async fn a_policy_holds_from_its_day_and_the_past_stays_as_it_was() {
    let t = app().await;
    set(&t, Value::Null, Value::Null, "2026-08-10", json!({ "radiusMetres": 300 })).await;
    assert_eq!(radius(&t, "date=2026-08-09").await, 100);
    assert_eq!(radius(&t, "date=2026-08-10").await, 300);
    let past = json!({ "validFrom": "2026-08-05", "policy": {} });
    t.admin().put(PATH, past).await.problem(422, "visits.policy_past");
    t.clock.advance(Duration::days(10));
    // A visit of before arrives late: it is judged by what held then.
    let mut body = check_in_at(SHOP1);
    body["at"] = json!("2026-08-09T20:00:00Z");
    assert_eq!(t.rep1().post("/api/v1/visits/check-in", body).await.expect(201)["radiusMetres"], 300);
    let all = t.supervisor().get(PATH).await.expect(200);
    assert_eq!(all["data"].as_array().unwrap().len(), 1);
    let now = t.supervisor().get(&format!("{PATH}?on=2026-08-09")).await.expect(200);
    assert_eq!(now["data"], json!([]));
}

#[tokio::test]
async fn a_change_names_the_version_it_changes_and_is_audited() {
    let t = app().await;
    let first = set(&t, Value::Null, Value::Null, TODAY, json!({ "minMinutes": 1 })).await;
    assert_eq!(first["version"], 1);
    let body = json!({ "validFrom": TODAY, "policy": { "minMinutes": 2 } });
    t.admin().put(PATH, body.clone()).await.problem(412, "stale_version");
    let headers = [("if-match", "\"1\"")];
    let second = t.admin().request(axum::http::Method::PUT, PATH, Some(body), &headers).await.expect(200);
    assert_eq!((&second["version"], &second["policy"]), (&json!(2), &json!({ "minMinutes": 2 })));
    assert_eq!(count(&t, "select count(*) from audit_log where action = 'visits.policy'").await, 2);
    let wrong = json!({ "validFrom": TODAY, "policy": { "radiusMetres": 1 } });
    t.admin().put(PATH, wrong).await.problem(422, "visits.policy");
}

#[tokio::test]
async fn who_stands_above_a_unit_decides_for_it() {
    let t = app().await;
    let body = |unit: Value| json!({ "unitId": unit, "validFrom": TODAY, "policy": { "radiusMetres": 50 } });
    t.supervisor().put(PATH, body(json!(TEAM1))).await.expect(200);
    t.supervisor().put(PATH, body(json!(UNIT1))).await.problem(404, "not_found");
    t.supervisor().put(PATH, body(json!(TEAM2))).await.problem(404, "not_found");
    t.supervisor().put(PATH, body(Value::Null)).await.problem(403, "forbidden");
    t.area_manager().put(PATH, body(json!(AREA))).await.expect(200);
    t.area_manager().put(PATH, body(json!(TEAM2))).await.expect(200);
    for other in [t.rep1(), t.npp01()] {
        other.put(PATH, body(json!(TEAM1))).await.problem(403, "forbidden");
    }
    // One distributor doesn't see what another's units decide.
    let seen = t.rep1().get(PATH).await.expect(200);
    assert!(!seen["data"].as_array().unwrap().iter().any(|row| row["unitId"] == json!(TEAM2)));
}

#[tokio::test]
async fn a_check_in_can_be_blocked_by_distance_accuracy_and_plan() {
    let t = app().await;
    let rules = json!({ "outOfRange": "block", "poorAccuracy": "block", "accuracyLimitMetres": 50, "offRoute": "block" });
    set(&t, Value::Null, Value::Null, TODAY, rules).await;
    sql(
        &t,
        format!(
            "delete from route_customers where customer_id = '{SHOP1}';
                     update customers set created_by = '{}' where id = '{SHOP1}'",
            test_kit::world::REP1
        ),
    )
    .await;
    let far = json!({ "customerId": SHOP1, "latitude": 10.7789, "longitude": 106.7009, "accuracy": 51 });
    let refused = t.rep1().post("/api/v1/visits/check-in", far).await.problem(422, "visits.check_in_refused");
    let kinds: Vec<&str> =
        refused["problems"].as_array().unwrap().iter().map(|p| p["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["outOfRange", "poorAccuracy", "offRoute"]);
    assert!(refused["detail"].as_str().unwrap().contains("222 m"));
    assert_eq!(count(&t, "select count(*) from visits").await, 0);
}

#[tokio::test]
async fn steps_block_warn_or_only_count() {
    let t = app().await;
    let step = |step: Value, severity: &str, results: Value| json!({ "step": step, "severity": severity, "results": results });
    let steps = json!([
        step(json!({ "kind": "outletState" }), "block", json!([])),
        step(json!({ "kind": "photos", "album": "posm", "min": 2 }), "warn", json!([])),
        step(json!({ "kind": "shelfStock" }), "allow", json!(["NoOrder"])),
    ]);
    set(&t, Value::Null, Value::Null, TODAY, json!({ "steps": steps })).await;
    let visit = visit_shop1(&t).await;
    let path = format!("/api/v1/visits/{visit}/check-out");
    // What is decided later doesn't change a visit that goes on.
    set(&t, json!(TEAM1), Value::Null, TODAY, json!({ "steps": [] })).await;
    let refused = t.rep1().post(&path, check_out("NoOrder")).await.problem(422, "visits.step_required");
    assert_eq!(refused["problems"], json!([{ "kind": "outletState" }]));
    let state = format!("/api/v1/visits/{visit}/outlet-state");
    let found = t.rep1().post(&state, json!({ "state": "Open" })).await.expect(200);
    assert_eq!(found["outletState"], "Open");
    add_photo(&t, &visit, "POSM", 1).await;
    t.clock.advance(Duration::minutes(3));
    let ended = t.rep1().post(&path, check_out("NoOrder")).await.expect(200);
    let posm = json!({ "kind": "photos", "album": "posm", "missing": 1 });
    assert_eq!(ended["verdict"]["warnings"], json!([posm]));
    assert_eq!(ended["verdict"]["reasons"], json!([posm, { "kind": "shelfStock" }]));
    assert_eq!(ended["compliant"], false);
    let shown = t.supervisor().get(&format!("/api/v1/visits/{visit}")).await.expect(200);
    assert_eq!(shown["verdict"], ended["verdict"]);
    assert_eq!(shown["policy"]["steps"].as_array().unwrap().len(), 3);
    for (query, found) in
        [("compliant=true", 0), ("compliant=false&visitResult=NoOrder&open=false", 1), ("open=true", 0)]
    {
        let list = t.supervisor().get(&format!("/api/v1/visits?{query}")).await.expect(200);
        assert_eq!(list["pagination"]["totalItems"], found, "{query}");
    }
}
