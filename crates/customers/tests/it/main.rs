//! Customers through the API, on a real database.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod photos;

use axum::http::Method;
use chrono::Days;
use domain::{Coordinates, CustomerId};
use serde_json::{Value, json};
use test_kit::{TestApp, world};
use uuid::Uuid;

async fn start() -> TestApp {
    TestApp::start(customers::router()).await
}

fn path(id: impl std::fmt::Display) -> String {
    format!("/api/v1/customers/{id}")
}

fn codes(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|c| c["customerCode"].as_str().unwrap()).collect()
}

fn shop(name: &str) -> Value {
    json!({
        "name": name, "phone": "+84 912 345 678", "contactPerson": "Cô Lan", "customerGroup": "B", "customerType": "Tạp hóa",
        "channel": "GT", "latitude": 10.78, "longitude": 106.7, "address": "12 Lê Lợi", "creditLimit": 2000000
    })
}

#[tokio::test]
async fn everybody_sees_the_outlets_of_their_own_scope() {
    let t = start().await;
    let list = "/api/v1/customers?pageSize=100";
    assert_eq!(
        codes(&t.rep1().get(list).await.expect(200)),
        ["KH001", "KH002", "KH004"],
        "those on the rep's route"
    );
    assert!(codes(&t.rep2().get(list).await.expect(200)).is_empty(), "a rep without a route");
    assert_eq!(
        codes(&t.supervisor().get(list).await.expect(200)),
        ["KH001", "KH002", "KH004"],
        "those on the team's routes"
    );
    assert_eq!(codes(&t.npp01().get(list).await.expect(200)), ["KH001", "KH002", "KH003", "KH004"]);
    assert_eq!(t.admin().get(list).await.expect(200)["pagination"]["totalItems"], 5);
    // Whose they are, told and chosen.
    let of = format!("{list}&distributorId={}", world::NPP02);
    let second = t.admin().get(&of).await.expect(200);
    assert_eq!(second["pagination"]["totalItems"], 1);
    assert_eq!(
        (&second["data"][0]["distributorCode"], &second["data"][0]["distributorName"]),
        (&json!("NPP02"), &t.admin().get(&path(world::SHOP21.uuid())).await.expect(200)["distributorName"])
    );
    assert!(codes(&t.npp01().get(&of).await.expect(200)).is_empty());
    t.rep1().get(&path(world::SHOP1.uuid())).await.expect(200);
    for (actor, id) in [(t.rep2(), world::SHOP1), (t.npp02(), world::SHOP1), (t.rep1(), world::SHOP21)] {
        actor.get(&path(id.uuid())).await.expect(404);
    }
}

#[tokio::test]
async fn search_ignores_diacritics_and_filters_narrow() {
    let t = start().await;
    let npp = &t.npp01();
    let found =
        |query: &'static str| async move { npp.get(&format!("/api/v1/customers?{query}")).await.expect(200) };
    assert_eq!(codes(&found("search=dong%20tam").await), ["KH002"]);
    assert_eq!(codes(&found("search=TAP%20HOA%20c%C3%B4").await), ["KH001"]);
    assert_eq!(codes(&found("status=pending").await), ["KH003"]);
    assert_eq!(codes(&found("customerGroup=C").await), ["KH004"]);
    assert_eq!(codes(&found("customerType=Hi%E1%BB%87u%20thu%E1%BB%91c").await), ["KH004"]);
    let on_route =
        npp.get(&format!("/api/v1/customers?routeId={}&pageSize=2&page=2", world::ROUTE1)).await.expect(200);
    assert_eq!(codes(&on_route), ["KH004"]);
    assert_eq!(on_route["pagination"]["totalPages"], 2);
    npp.get("/api/v1/customers?pageSize=101").await.expect(400);
    npp.get("/api/v1/customers?status=sleeping").await.expect(400);
}

#[tokio::test]
async fn an_outlet_of_a_rep_is_pending_until_approved_and_gets_a_code() {
    let t = start().await;
    let made = t.rep2().post("/api/v1/customers", shop("Tạp hóa Cô Lan")).await.expect(201);
    assert_eq!(made["status"], "pending");
    assert_eq!(made["customerCode"], "KH000001");
    assert_eq!(made["phone"], "0912345678");
    assert_eq!(made["currentBalance"], 0);
    let id = made["id"].as_str().unwrap();
    t.rep2().get(&path(id)).await.expect(200);
    t.rep1().get(&path(id)).await.expect(404);
    t.rep2().post(&format!("{}/approve", path(id)), json!({})).await.expect(403);
    t.npp02().post(&format!("{}/approve", path(id)), json!({})).await.expect(404);
    let approved = t.supervisor().post(&format!("{}/approve", path(id)), json!({})).await.expect(200);
    assert_eq!(approved["status"], "active");
    let again = t.npp01().post(&format!("{}/approve", path(id)), json!({})).await.expect(409);
    assert_eq!(again["code"], "customers.not_pending");
    let admins = t.npp01().post("/api/v1/customers", shop("Tạp hóa Chú Bảy")).await.expect(201);
    assert_eq!((&admins["status"], &admins["customerCode"]), (&json!("active"), &json!("KH000002")));
}

#[tokio::test]
async fn a_refused_outlet_keeps_the_reason_in_its_history() {
    let t = start().await;
    let reject = format!("{}/reject", path(world::SHOP_PENDING.uuid()));
    t.npp01().post(&reject, json!({"reason": " "})).await.expect(400);
    let refused = t.npp01().post(&reject, json!({"reason": "Trùng với KH002"})).await.expect(200);
    assert_eq!(refused["status"], "inactive");
    let history = t.npp01().get(&format!("{}/history", path(world::SHOP_PENDING.uuid()))).await.expect(200);
    assert_eq!(history["data"][0]["action"], "customers.reject");
    assert_eq!(history["data"][0]["before"], json!({"status": "pending"}));
    assert_eq!(history["data"][0]["after"], json!({"status": "inactive", "reason": "Trùng với KH002"}));
}

#[tokio::test]
async fn a_repeated_creation_has_one_effect_and_one_answer() {
    let t = start().await;
    let first = t.npp01().post_once("/api/v1/customers", "k1", shop("Cô Lan")).await.expect(201);
    let second = t.npp01().post_once("/api/v1/customers", "k1", shop("Cô Lan")).await.expect(201);
    assert_eq!(first, second);
    t.npp01().post_once("/api/v1/customers", "k1", shop("Chú Bảy")).await.expect(422);
    let mut own = shop("Dì Tư");
    own["id"] = json!(Uuid::from_u128(0xABCD));
    own["customerCode"] = json!("KH001");
    let taken = t.npp01().post("/api/v1/customers", own.clone()).await.expect(409);
    assert_eq!(taken["code"], "customers.code_taken");
    own["customerCode"] = json!("DT-01");
    let made = t.npp01().post("/api/v1/customers", own.clone()).await.expect(201);
    assert_eq!(t.npp01().post("/api/v1/customers", own).await.expect(201), made);
    assert_eq!(t.npp01().get("/api/v1/customers").await.expect(200)["pagination"]["totalItems"], 6);
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let t = start().await;
    let body = json!({"name": " ", "phone": "abc", "latitude": 100, "longitude": 106, "creditLimit": -1, "email": "x"});
    let problem = t.npp01().post("/api/v1/customers", body).await.expect(400);
    let mut fields: Vec<&String> = problem["errors"].as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["creditLimit", "email", "latitude", "name", "phone"]);
    t.npp01().post("/api/v1/customers", json!({"name": "A", "shoeSize": 42})).await.expect(400);
    t.admin().post("/api/v1/customers", shop("Ai?")).await.expect(400);
    let mut foreign = shop("Nhầm");
    foreign["distributorId"] = json!(world::NPP02);
    t.npp01().post("/api/v1/customers", foreign).await.expect(404);
}

#[tokio::test]
async fn an_update_needs_the_present_version_and_leaves_the_rest_as_it_is() {
    let t = start().await;
    let one = path(world::SHOP1.uuid());
    let before = t.npp01().get(&one).await.expect(200);
    t.rep1().put(&one, json!({"version": 1, "name": "Của tôi"})).await.expect(403);
    t.npp02().put(&one, json!({"version": 1, "name": "Của tôi"})).await.expect(404);
    t.npp01().put(&one, json!({"name": "Không có phiên bản"})).await.expect(400);
    let after = t
        .npp01()
        .put(&one, json!({"version": 1, "contactPerson": "Chị Ba", "creditLimit": null}))
        .await
        .expect(200);
    assert_eq!((&after["contactPerson"], &after["creditLimit"]), (&json!("Chị Ba"), &Value::Null));
    assert_eq!((&after["version"], &after["name"]), (&json!(2), &before["name"]));
    t.npp01().put(&one, json!({"version": 1, "name": "Cũ"})).await.expect(412);
    let body = Some(json!({"name": "Cũ"}));
    t.npp01().request(Method::PUT, &one, body.clone(), &[("if-match", "\"1\"")]).await.expect(412);
    t.npp01().request(Method::PUT, &one, body, &[("if-match", "\"2\"")]).await.expect(200);
    let history = t.npp01().get(&format!("{one}/history")).await.expect(200);
    assert_eq!(history["data"][1]["before"], json!({"contactPerson": "", "creditLimit": 5000000}));
    assert_eq!(history["data"][1]["after"], json!({"contactPerson": "Chị Ba", "creditLimit": null}));
}

#[tokio::test]
async fn a_locked_location_and_a_locked_record_stay() {
    let t = start().await;
    let one = path(world::SHOP1.uuid());
    let moved = t
        .npp01()
        .put(&format!("{one}/location"), json!({"latitude": 10.8, "longitude": 106.6}))
        .await
        .expect(200);
    assert_eq!(moved["latitude"], 10.8);
    t.npp01().put(&one, json!({"version": 2, "locationLocked": true})).await.expect(200);
    let locked =
        t.npp01().put(&format!("{one}/location"), json!({"latitude": 10.9, "longitude": 106.6})).await;
    assert_eq!(locked.expect(422)["code"], "customers.location_locked");
    t.npp01().put(&one, json!({"version": 3, "latitude": 10.9})).await.expect(422);
    t.npp01().put(&format!("{one}/location"), json!({"latitude": 91, "longitude": 0})).await.expect(400);
    t.npp01().put(&one, json!({"version": 3, "recordLocked": true})).await.expect(200);
    let locked = t.npp01().put(&one, json!({"version": 4, "name": "Khác"})).await.expect(422);
    assert_eq!(locked["code"], "customers.record_locked");
    let unlocked = json!({"version": 4, "recordLocked": false, "name": "Khác"});
    assert_eq!(t.npp01().put(&one, unlocked).await.expect(200)["name"], "Khác");
}

#[tokio::test]
async fn a_pending_outlet_becomes_active_by_approval_only() {
    let t = start().await;
    let pending = path(world::SHOP_PENDING.uuid());
    let refused = t.npp01().put(&pending, json!({"version": 1, "status": "active"})).await.expect(422);
    assert_eq!(refused["code"], "customers.status_change");
    let closed = t
        .npp01()
        .put(&path(world::SHOP1.uuid()), json!({"version": 1, "status": "inactive"}))
        .await
        .expect(200);
    assert_eq!(closed["status"], "inactive");
}

#[tokio::test]
async fn orders_and_visits_are_asked_for_only_of_outlets_one_sees() {
    let t = start().await;
    for what in ["orders", "visits", "history"] {
        let url = format!("{}/{what}", path(world::SHOP1.uuid()));
        assert_eq!(t.rep1().get(&url).await.expect(200)["pagination"]["totalItems"], 0);
        t.npp02().get(&url).await.expect(404);
        t.anonymous().get(&url).await.expect(401);
    }
}

#[tokio::test]
async fn a_sale_finds_the_customer_of_its_own_tenant_only() {
    let t = start().await;
    let mut own = t.app.db.read(&t.context("npp01")).await.unwrap();
    let customer = customers::store::find_for_sale(&mut own, world::SHOP1).await.unwrap().unwrap();
    assert_eq!(customer.buyer().customer_group.as_deref(), Some("A"));
    assert_eq!(customer.buyer().area, None);
    assert_eq!(customer.payment_term_days, 30);
    let mut foreign = t.app.db.read(&t.context("npp02")).await.unwrap();
    assert!(customers::store::find_for_sale(&mut foreign, world::SHOP1).await.unwrap().is_none());
}

#[tokio::test]
async fn the_first_visit_places_an_outlet_without_location_once() {
    let t = start().await;
    let cx = t.context("nvbh01");
    let place = |n: f64| Coordinates::new(n, 106.7).unwrap();
    let mut tx = t.app.db.begin(&cx).await.unwrap();
    for (id, north, placed) in
        [(world::SHOP_NO_GPS, 10.7, true), (world::SHOP_NO_GPS, 10.8, false), (world::SHOP1, 10.8, false)]
    {
        let id: CustomerId = id;
        let at = t.app.now();
        let done =
            customers::service::place_on_first_visit(&mut tx, &cx, at, world::NPP01, id, place(north)).await;
        assert_eq!(done.unwrap(), placed);
    }
    tx.commit().await.unwrap();
    assert_eq!(t.npp01().get(&path(world::SHOP_NO_GPS.uuid())).await.expect(200)["latitude"], 10.7);
}

#[tokio::test]
async fn an_outlet_is_out_of_a_rep_s_sight_when_the_route_is_somebody_else_s() {
    let t = start().await;
    let yesterday = world::today() - Days::new(1);
    sqlx::query("update route_assignments set valid_to = $1 where route_id = $2")
        .bind(yesterday)
        .bind(world::ROUTE1.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    t.rep1().get(&path(world::SHOP1.uuid())).await.expect(404);
    t.supervisor().get(&path(world::SHOP1.uuid())).await.expect(200);
}

#[tokio::test]
async fn the_days_that_goods_must_be_good_for_are_kept_and_told_to_the_sale() {
    let t = start().await;
    let mut body = shop("Siêu thị mini Lan");
    body["minRemainingLifeDays"] = json!(90);
    let made = t.npp01().post("/api/v1/customers", body).await.expect(201);
    assert_eq!(made["minRemainingLifeDays"], 90);
    let id = made["id"].as_str().unwrap();
    let change = |days: i64| json!({ "version": 1, "minRemainingLifeDays": days });
    t.npp01().put(&path(id), change(-1)).await.expect(400);
    t.npp01().put(&path(id), change(4000)).await.expect(400);
    let changed = t.npp01().put(&path(id), change(120)).await.expect(200);
    assert_eq!(changed["minRemainingLifeDays"], 120);
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let for_sale = customers::store::find_for_sale(&mut tx, id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(for_sale.min_life_days, 120);
}
