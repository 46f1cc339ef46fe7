//! The linter at the door.

use serde_json::{Value, json};

use crate::{activated, start, twelve_get_one};
use test_kit::world;

fn percent(code: &str, tiers: &[(i64, i64)]) -> Value {
    let mut body = twelve_get_one(code);
    let tier = |(at, percent): &(i64, i64)| json!({"atLeast": at, "reward": {"type": "percent", "percent": percent}});
    body["kind"]["tiers"] = tiers.iter().map(tier).collect();
    body
}

#[tokio::test]
async fn an_unsound_promotion_is_refused_with_every_finding() {
    let t = start().await;
    let refused = t.admin().post("/api/v1/promotions", percent("KM01", &[(10, 8), (20, 5), (30, 100)])).await;
    let problem = refused.problem(422, "promotions.unsound");
    let findings = problem["findings"].as_array().unwrap();
    let told: Vec<_> =
        findings.iter().map(|f| (f["code"].as_str().unwrap(), f["path"].as_str().unwrap())).collect();
    assert_eq!(told, [("tierGivesLess", "kind.tiers[1]"), ("priceNotPositive", "kind.tiers[2].reward")]);
    assert!(findings.iter().all(|f| f["severity"] == "error" && !f["vi"].as_str().unwrap().is_empty()));
}

#[tokio::test]
async fn warnings_come_with_the_promotion_and_don_t_hinder() {
    let t = start().await;
    let made = t.admin().post("/api/v1/promotions", percent("KM01", &[(10, 5), (20, 5)])).await.expect(201);
    assert_eq!(made["warnings"][0]["code"], "tierGivesSame");
    let activate = format!("/api/v1/promotions/{}/activate", made["id"].as_str().unwrap());
    assert_eq!(t.admin().post(&activate, json!({})).await.expect(200)["warnings"][0]["severity"], "warning");
}

#[tokio::test]
async fn of_two_drafts_of_one_priority_for_the_same_goods_only_one_can_be_activated() {
    let t = start().await;
    let second = t.admin().post("/api/v1/promotions", percent("KM02", &[(1, 3)])).await.expect(201);
    activated(&t, percent("KM01", &[(1, 5)])).await;
    let url = format!("/api/v1/promotions/{}", second["id"].as_str().unwrap());
    let refused = t.admin().post(&format!("{url}/activate"), json!({})).await;
    let problem = refused.problem(422, "promotions.unsound");
    assert_eq!(problem["findings"][0]["code"], "ambiguousPriority");
    let mut other = percent("KM02", &[(1, 3)]);
    (other["version"], other["priority"]) = (json!(1), json!(6));
    t.admin().put(&url, other).await.expect(200);
    t.admin().post(&format!("{url}/activate"), json!({})).await.expect(200);
}

#[tokio::test]
async fn every_kind_of_promotion_is_kept_as_it_was_sent() {
    let t = start().await;
    let kinds = [
        json!({"type": "assortment", "products": [world::MILK, world::SOAP], "basis": "cases", "minDistinct": 2, "discounted": [world::WATER],
            "tiers": [{"atLeast": 2, "reward": {"type": "percent", "percent": 2.5}}]}),
        json!({"type": "order", "tiers": [{"atLeast": 500_000, "reward": {"type": "choice", "pick": 1, "perMultiple": false, "gifts": [
            {"productId": world::WATER, "quantity": 2, "unit": "retail"}, {"productId": world::SOAP, "quantity": 1, "unit": "retail"}]}}]}),
        json!({"type": "combo", "parts": [{"productId": world::MILK, "quantity": 1, "unit": "whole"}, {"productId": world::SOAP, "quantity": 2, "unit": "retail"}],
            "tiers": [{"atLeast": 1, "reward": {"type": "bundlePrice", "price": 250_000}}]}),
        json!({"type": "accumulation", "products": [], "basis": "value", "tiers": [{"atLeast": 1_000_000, "reward": {"type": "percent", "percent": 1}}]}),
        json!({"type": "display", "program": "TB01", "tiers": [{"atLeast": 1, "reward": {"type": "amount", "amount": 100_000}}]}),
    ];
    for (n, kind) in kinds.into_iter().enumerate() {
        let mut body = twelve_get_one(&format!("KM{n}"));
        (body["kind"], body["priority"]) = (kind.clone(), json!(n));
        body["weekdays"] = json!(["monday"]);
        body["budget"] = json!({"times": null, "amount": 5_000_000, "quantity": null});
        let made = t.admin().post("/api/v1/promotions", body.clone()).await.expect(201);
        assert_eq!(
            (&made["kind"], &made["weekdays"], &made["budget"]),
            (&kind, &body["weekdays"], &body["budget"])
        );
    }
}

#[tokio::test]
async fn a_gift_that_is_not_sold_any_more_keeps_a_promotion_from_being_activated() {
    let t = start().await;
    let mut body = twelve_get_one("KM01");
    body["kind"]["tiers"][0]["reward"]["productId"] = json!(world::SOAP);
    let made = t.admin().post("/api/v1/promotions", body).await.expect(201);
    sqlx::query("update products set status = 'inactive' where id = $1")
        .bind(world::SOAP.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let activate = format!("/api/v1/promotions/{}/activate", made["id"].as_str().unwrap());
    let refused = t.admin().post(&activate, json!({})).await;
    let problem = refused.problem(422, "promotions.unsound");
    assert_eq!(problem["findings"][0]["code"], "giftNotSold");
    let mut picked = twelve_get_one("TB01");
    picked["automatic"] = json!(false);
    picked["kind"] =
        json!({"type": "display", "tiers": [{"atLeast": 1, "reward": {"type": "amount", "amount": 1_000}}]});
    let refused = t.admin().post("/api/v1/promotions", picked).await;
    assert_eq!(refused.problem(422, "promotions.unsound")["findings"][0]["code"], "cannotApply");
}

#[tokio::test]
async fn a_gift_that_only_some_distributors_may_sell_is_warned_of() {
    let t = start().await;
    sqlx::query("update products set distributors = array[$2::uuid] where id = $1")
        .bind(world::SOAP.uuid())
        .bind(world::NPP02.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let mut body = twelve_get_one("KM01");
    body["kind"]["tiers"][0]["reward"]["productId"] = json!(world::SOAP);
    let made = t.admin().post("/api/v1/promotions", body.clone()).await.expect(201);
    let warned = |made: &serde_json::Value| {
        made["warnings"].as_array().unwrap().iter().any(|f| f["code"] == "giftNotEverywhere")
    };
    assert!(warned(&made), "{made}");
    body["code"] = json!("KM02");
    body["audience"] = json!({"distributors": [world::NPP02]});
    assert!(!warned(&t.admin().post("/api/v1/promotions", body).await.expect(201)));
}
