//! Promotions through the API, on a real database.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod displays;
mod ending;
mod history;
mod together;
mod unsound;
mod usage;

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use test_kit::{TestApp, world};
use uuid::Uuid;

async fn start() -> TestApp {
    TestApp::start(promotions::router()).await
}

fn twelve_get_one(code: &str) -> Value {
    json!({
        "code": code, "name": "Mua 12 tặng 1", "validFrom": "2026-08-01", "validTo": "2026-08-31", "priority": 5,
        "audience": {"channels": ["GT"]},
        "kind": {"type": "product", "products": [world::MILK], "basis": "pieces", "tiers": [
            {"atLeast": 12, "reward": {"type": "freeGoods", "quantity": 1, "unit": "retail", "perMultiple": true}}
        ]}
    })
}

/// Added and switched on.
async fn activated(t: &TestApp, body: Value) -> Value {
    let made = t.admin().post("/api/v1/promotions", body).await.expect(201);
    let activate = format!("/api/v1/promotions/{}/activate", made["id"].as_str().unwrap());
    t.admin().post(&activate, json!({})).await.expect(200)
}

async fn active(t: &TestApp, day: NaiveDate) -> Vec<String> {
    let mut tx = t.app.db.read(&t.context("nvbh01")).await.unwrap();
    promotions::store::active(&mut tx, day).await.unwrap().into_iter().map(|p| p.code).collect()
}

#[tokio::test]
async fn a_promotion_is_given_from_activation_to_pause_within_its_period() {
    let t = start().await;
    let made = t.admin().post("/api/v1/promotions", twelve_get_one("KM01")).await.expect(201);
    assert_eq!((&made["status"], &made["automatic"]), (&json!("draft"), &json!(true)));
    assert_eq!(made["kind"]["tiers"][0]["reward"]["type"], "freeGoods");
    let url = format!("/api/v1/promotions/{}", made["id"].as_str().unwrap());
    assert!(active(&t, world::today()).await.is_empty());
    t.rep1().get(&url).await.problem(404, "not_found");
    t.admin().post(&format!("{url}/pause"), json!({})).await.problem(409, "promotions.not_active");
    assert_eq!(t.admin().post(&format!("{url}/activate"), json!({})).await.expect(200)["status"], "active");
    assert_eq!(active(&t, world::today()).await, ["KM01"]);
    assert!(active(&t, world::today() + Days::new(30)).await.is_empty());
    assert_eq!(t.rep1().get(&url).await.expect(200)["audience"]["channels"], json!(["GT"]));
    assert_eq!(t.admin().post(&format!("{url}/pause"), json!({})).await.expect(200)["status"], "paused");
    assert!(active(&t, world::today()).await.is_empty());
}

#[tokio::test]
async fn the_list_is_searched_by_name_status_and_day_and_hides_drafts() {
    let t = start().await;
    t.admin().post("/api/v1/promotions", twelve_get_one("KM01")).await.expect(201);
    let second = t.admin().post("/api/v1/promotions", twelve_get_one("KM02")).await.expect(201);
    let activate = format!("/api/v1/promotions/{}/activate", second["id"].as_str().unwrap());
    t.admin().post(&activate, json!({})).await.expect(200);
    let count = async |who: &str, query: &str| {
        let page = t.actor(who).get(&format!("/api/v1/promotions?{query}")).await.expect(200);
        page["pagination"]["totalItems"].as_i64().unwrap()
    };
    assert_eq!(count("admin", "search=mua%2012%20tang").await, 2);
    assert_eq!(count("nvbh01", "search=mua%2012%20tang").await, 1);
    assert_eq!(count("admin", "status=draft").await, 1);
    assert_eq!(count("nvbh01", "status=draft").await, 0);
    assert_eq!(count("nvbh01", "activeOn=2026-08-31").await, 1);
    assert_eq!(count("nvbh01", "activeOn=2026-09-01").await, 0);
}

#[tokio::test]
async fn only_the_company_writes_promotions_and_only_over_the_present_version() {
    let t = start().await;
    t.npp01().post("/api/v1/promotions", twelve_get_one("KM01")).await.problem(403, "forbidden");
    let made = t.admin().post_once("/api/v1/promotions", "k", twelve_get_one("KM01")).await.expect(201);
    let again = t.admin().post_once("/api/v1/promotions", "k", twelve_get_one("KM01")).await.expect(201);
    assert_eq!(made, again);
    t.admin().post("/api/v1/promotions", twelve_get_one("KM01")).await.problem(409, "promotions.code_taken");
    let url = format!("/api/v1/promotions/{}", made["id"].as_str().unwrap());
    let mut changed = twelve_get_one("KM01");
    (changed["version"], changed["priority"]) = (json!(1), json!(9));
    assert_eq!(t.admin().put(&url, changed.clone()).await.expect(200)["priority"], 9);
    t.admin().put(&url, changed.clone()).await.problem(412, "stale_version");
    t.supervisor().put(&url, changed).await.problem(403, "forbidden");
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused() {
    let t = start().await;
    let post = async |change: &dyn Fn(&mut Value)| {
        let mut body = twelve_get_one("KM01");
        change(&mut body);
        t.admin().post("/api/v1/promotions", body).await
    };
    post(&|b| b["validTo"] = json!("2026-07-01")).await.problem(400, "validation");
    post(&|b| b["kind"]["tiers"] = json!([])).await.expect(400);
    post(&|b| b["kind"]["tiers"][0]["atLeast"] = json!(0)).await.expect(400);
    post(&|b| b["kind"]["products"] = json!([])).await.problem(422, "promotions.unsound");
    post(&|b| b["kind"]["tiers"][0]["reward"] = json!({"type": "percent", "percent": 0}))
        .await
        .problem(422, "promotions.unsound");
    post(&|b| b["kind"]["tiers"][0]["reward"] = json!({"type": "percent", "percent": 101})).await.expect(400);
    post(&|b| b["kind"]["products"] = json!([Uuid::from_u128(9)]))
        .await
        .problem(422, "promotions.unknown_product");
    post(&|b| b["kind"]["tiers"][0]["reward"]["productId"] = json!(Uuid::from_u128(9)))
        .await
        .problem(422, "promotions.unknown_product");
    let past = |b: &mut Value| {
        (b["validFrom"], b["validTo"]) = (json!("2026-07-01"), json!("2026-08-05"));
    };
    let made = post(&past).await.expect(201);
    let activate = format!("/api/v1/promotions/{}/activate", made["id"].as_str().unwrap());
    t.admin().post(&activate, json!({})).await.problem(422, "promotions.past");
}
