//! Making and changing routes.

use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{
    NPP01, NPP02, REP1, REP2, REP11, ROUTE1, ROUTE2, SHOP1, SHOP21, SUPERVISOR, TEAM1, TEAM2,
};
use uuid::Uuid;

use crate::support::count;

async fn app() -> TestApp {
    TestApp::start(routes::router()).await
}

fn new_route() -> Value {
    json!({ "routeCode": " T09 ", "name": "Tuyến chợ Đồng", "weekdays": [5, 1], "startDate": "2026-08-03", "repId": REP2 })
}

#[tokio::test]
async fn a_supervisor_makes_a_route_for_a_rep_of_the_team() {
    let t = app().await;
    let made = t.supervisor().post("/api/v1/routes", new_route()).await.expect(201);
    assert_eq!(made["routeCode"], "T09");
    assert_eq!(made["weekdays"], json!([1, 5]));
    assert_eq!(made["unitId"], json!(TEAM1));
    assert_eq!(made["repId"], json!(REP2));
    assert_eq!(made["distributorId"], json!(NPP01));
    let path = format!("/api/v1/routes/{}", made["routeId"].as_str().unwrap());
    assert_eq!(t.rep2().get(&path).await.expect(200), made);
    t.rep1().get(&path).await.problem(404, "not_found");
    let found = t.supervisor().get("/api/v1/routes?search=cho%20dong").await.expect(200);
    assert_eq!(found["data"], json!([made]));
    assert_eq!(found["pagination"]["totalItems"], 1);
}

#[tokio::test]
async fn the_same_request_again_makes_no_second_route() {
    let t = app().await;
    let first = t.supervisor().post_once("/api/v1/routes", "k1", new_route()).await.expect(201);
    let again = t.supervisor().post_once("/api/v1/routes", "k1", new_route()).await.expect(201);
    assert_eq!(first, again);
    t.supervisor().post("/api/v1/routes", new_route()).await.problem(409, "routes.code_taken");
}

#[tokio::test]
async fn everybody_sees_the_routes_of_their_scope() {
    let t = app().await;
    for (actor, routes) in [
        (t.rep1(), 1),
        (t.rep2(), 0),
        (t.supervisor(), 1),
        (t.npp02(), 1),
        (t.area_manager(), 2),
        (t.admin(), 2),
    ] {
        let list = actor.get("/api/v1/routes").await.expect(200);
        assert_eq!(list["pagination"]["totalItems"], routes);
    }
    t.supervisor().get(&format!("/api/v1/routes/{ROUTE2}")).await.problem(404, "not_found");
    t.supervisor().get("/api/v1/routes/no-uuid").await.problem(404, "not_found");
}

#[tokio::test]
async fn only_those_who_manage_routes_make_them() {
    let t = app().await;
    for actor in [t.rep1(), t.npp01()] {
        actor.post("/api/v1/routes", new_route()).await.problem(403, "forbidden");
    }
    t.anonymous().post("/api/v1/routes", new_route()).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn what_is_not_ones_own_cannot_be_named() {
    let t = app().await;
    for (field, value) in [
        ("repId", json!(REP11)),
        ("unitId", json!(TEAM2)),
        ("distributorId", json!(NPP02)),
        ("repId", json!(Uuid::nil())),
    ] {
        let mut route = new_route();
        route[field] = value;
        t.supervisor().post("/api/v1/routes", route).await.problem(404, "not_found");
    }
    // The company's admin sees both distributors, but a rep walks for one.
    let mut route = new_route();
    route["distributorId"] = json!(NPP02);
    route["unitId"] = json!(TEAM2);
    t.admin().post("/api/v1/routes", route).await.problem(422, "routes.not_a_rep");
}

#[tokio::test]
async fn values_that_cannot_be_are_named() {
    let t = app().await;
    for (field, value) in [
        ("routeCode", json!("")),
        ("name", json!("x".repeat(301))),
        ("weekdays", json!([])),
        ("weekdays", json!([8])),
        ("startDate", json!("0001-01-01")),
        ("colour", json!("red")),
    ] {
        let mut route = new_route();
        route[field] = value;
        let problem = t.supervisor().post("/api/v1/routes", route).await.problem(400, "validation");
        assert!(problem["errors"].get(field).is_some(), "{problem}");
    }
}

fn changed(version: i64) -> Value {
    json!({
        "version": version, "routeCode": "T01", "name": "Tuyến đổi tên", "weekdays": [2], "startDate": "2026-01-05",
        "status": "inactive",
    })
}

#[tokio::test]
async fn a_change_needs_the_present_version() {
    let t = app().await;
    let path = format!("/api/v1/routes/{ROUTE1}");
    let after = t.supervisor().put(&path, changed(1)).await.expect(200);
    assert_eq!(
        (&after["name"], &after["status"], &after["version"]),
        (&json!("Tuyến đổi tên"), &json!("inactive"), &json!(2))
    );
    t.supervisor().put(&path, changed(1)).await.problem(412, "stale_version");
    t.rep1().put(&path, changed(2)).await.problem(403, "forbidden");
    t.supervisor().put(&format!("/api/v1/routes/{ROUTE2}"), changed(1)).await.problem(404, "not_found");
    let audited = count(&t, "select count(*) from audit_log where action = 'routes.update'").await;
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn the_outlets_of_a_route_are_replaced_as_a_whole() {
    let t = app().await;
    let path = format!("/api/v1/routes/{ROUTE1}/customers");
    let body = json!({ "version": 1, "customers": [{ "customerId": SHOP1, "frequency": [3, 1] }] });
    let after = t.supervisor().put(&path, body.clone()).await.expect(200);
    assert_eq!(after["data"].as_array().unwrap().len(), 1);
    assert_eq!(after["data"][0]["frequency"], json!([1, 3]));
    assert_eq!(t.rep1().get(&path).await.expect(200), after);
    t.supervisor().put(&path, body).await.problem(412, "stale_version");
    t.rep1().put(&path, json!({ "customers": [] })).await.problem(403, "forbidden");
}

#[tokio::test]
async fn an_outlet_of_another_distributor_never_gets_on_a_route() {
    let t = app().await;
    let path = format!("/api/v1/routes/{ROUTE1}/customers");
    let body = json!({ "customers": [{ "customerId": SHOP1 }, { "customerId": SHOP21 }] });
    for actor in [t.supervisor(), t.area_manager(), t.admin()] {
        let problem = actor.put(&path, body.clone()).await.problem(404, "not_found");
        assert!(problem["errors"].get("customers[1].customerId").is_some());
    }
    let twice = json!({ "customers": [{ "customerId": SHOP1 }, { "customerId": SHOP1 }] });
    t.supervisor().put(&path, twice).await.problem(400, "validation");
    let wrong = json!({ "customers": [{ "customerId": SHOP1, "frequency": "F3" }] });
    t.supervisor().put(&path, wrong).await.problem(400, "validation");
    // Nothing of the refused lists stayed.
    assert_eq!(t.rep1().get(&path).await.expect(200)["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_route_that_changes_hands_keeps_its_history() {
    let t = app().await;
    let path = format!("/api/v1/routes/{ROUTE1}/assignment");
    let to_second = json!({ "repId": REP2, "validFrom": "2026-08-10" });
    let after = t.supervisor().put(&path, to_second.clone()).await.expect(200);
    let spans: Vec<_> = after["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["repId"].clone(), a["validTo"].clone()))
        .collect();
    assert_eq!(spans, [(json!(REP2), Value::Null), (json!(REP1), json!("2026-08-09"))]);
    // The plans before stay the first rep's, those after are the second's.
    let plan = async |actor: test_kit::Actor<'_>, date: &str| {
        let today = actor.get(&format!("/api/v1/routes/today?date={date}")).await.expect(200);
        today["routes"].as_array().unwrap().len()
    };
    assert_eq!((plan(t.rep1(), "2026-08-09").await, plan(t.rep2(), "2026-08-09").await), (1, 0));
    assert_eq!((plan(t.rep1(), "2026-08-10").await, plan(t.rep2(), "2026-08-10").await), (0, 1));
    // Saying it again changes nothing; going behind the present start is refused.
    assert_eq!(t.supervisor().put(&path, to_second).await.expect(200), after);
    let back = json!({ "repId": REP1, "validFrom": "2026-08-07" });
    t.supervisor().put(&path, back).await.problem(422, "routes.assigned_later");
    // A mistake is mended on its own day.
    let same_day = json!({ "repId": SUPERVISOR, "validFrom": "2026-08-10" });
    let mended = t.supervisor().put(&path, same_day).await.expect(200);
    assert_eq!(mended["data"].as_array().unwrap().len(), 2);
    assert_eq!(mended["data"][0]["repId"], json!(SUPERVISOR));
    t.supervisor().put(&path, json!({ "repId": REP11 })).await.problem(404, "not_found");
    // Taken from everybody.
    let nobody = t.supervisor().put(&path, json!({ "validFrom": "2026-08-12" })).await.expect(200);
    assert_eq!(nobody["data"][0]["validTo"], "2026-08-11");
}
