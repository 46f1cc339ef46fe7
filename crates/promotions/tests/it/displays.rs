//! Display rewards: settled month by month from the displays that passed.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};
use test_kit::{TestApp, world};

use super::{activated, start, twelve_get_one};

/// A display program and its records: KH001 passed two in July and one in June, KH002 one in July.
async fn shown(t: &TestApp) {
    let mut statements = "
        insert into display_programs (id, code, name, search_key, valid_from, valid_to, photos, created_at, updated_at)
        values ('00000000-0000-0000-0000-00000000d001', 'TB1', 'Trưng bày', '', '2026-01-01', '2026-12-31', 1, now(), now());"
        .to_owned();
    let rep = world::REP1;
    for (shop, day, status) in [
        (world::SHOP1, "2026-06-30", "passed"),
        (world::SHOP1, "2026-07-01", "passed"),
        (world::SHOP1, "2026-07-31", "passed"),
        (world::SHOP1, "2026-07-15", "failed"),
        (world::SHOP2, "2026-07-10", "passed"),
    ] {
        statements += &format!(
            "with v as (
               insert into visits (distributor_id, id, customer_id, user_id, visit_type, business_date, check_in_at, latitude,
                 longitude, check_out_at, result, received_at)
               values ('{0}', gen_random_uuid(), '{shop}', '{rep}', 'InRoute', '{day}', '{day}', 0, 0, '{day}', 'NoOrder', '{day}')
               returning distributor_id, id, customer_id, user_id
             )
             insert into display_records (distributor_id, id, program_id, visit_id, customer_id, user_id, business_date, photos,
               first_photo_at, last_photo_at, status)
             select distributor_id, gen_random_uuid(), '00000000-0000-0000-0000-00000000d001', id, customer_id, user_id, '{day}', 1,
               '{day}', '{day}', '{status}' from v;",
            world::NPP01
        );
    }
    t.database.owner().await.execute(AssertSqlSafe(statements)).await.unwrap();
}

fn rewards(tiers: Value) -> Value {
    let mut body = twelve_get_one("TTB01");
    (body["validFrom"], body["validTo"]) = (json!("2026-06-15"), json!("2026-12-31"));
    body["kind"] = json!({ "type": "display", "program": "TB1", "tiers": tiers });
    body
}

async fn settle_url(t: &TestApp, body: Value) -> String {
    let made = activated(t, body).await;
    format!("/api/v1/promotions/{}/settle", made["id"].as_str().unwrap())
}

async fn verified(t: &TestApp) {
    let mut tx = t.app.db.read(&t.context("admin")).await.unwrap();
    assert_eq!(promotions::verify(&mut tx).await.unwrap(), []);
    assert_eq!(receivables::verify(&mut tx).await.unwrap(), []);
}

#[tokio::test]
async fn passed_displays_of_a_month_are_rewarded_once() {
    let t = start().await;
    shown(&t).await;
    let tiers = json!([
        { "atLeast": 1, "reward": { "type": "amount", "amount": 20_000 } },
        { "atLeast": 2, "reward": { "type": "amount", "amount": 50_000 } },
    ]);
    let url = settle_url(&t, rewards(tiers)).await;
    t.npp01().post(&url, json!({})).await.problem(403, "forbidden");
    let july = t.admin().post(&url, json!({ "month": "2026-07" })).await.expect(200);
    let mut given: Vec<(Value, Value)> = july["credited"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["customerId"].clone(), one["amount"].clone()))
        .collect();
    given.sort_by_key(|(customer, _)| customer.to_string());
    assert_eq!(given, [(json!(world::SHOP1), json!(50_000)), (json!(world::SHOP2), json!(20_000))]);
    assert_eq!(
        (&july["total"], &july["waiting"], &july["credited"][0]["month"]),
        (&json!(70_000), &json!(0), &json!("2026-07-01"))
    );
    // June is still to be settled; July isn't again.
    let rest = t.admin().post(&url, json!({})).await.expect(200);
    assert_eq!((&rest["total"], &rest["credited"][0]["month"]), (&json!(20_000), &json!("2026-06-01")));
    assert_eq!(t.admin().post(&url, json!({})).await.expect(200)["credited"], json!([]));
    t.admin().post(&url, json!({ "month": "2026-08" })).await.problem(409, "promotions.not_over");
    verified(&t).await;
}

#[tokio::test]
async fn only_displays_on_the_promotions_weekdays_count() {
    let t = start().await;
    shown(&t).await;
    // The 10th and the 31st are Fridays.
    let mut body = rewards(json!([{ "atLeast": 1, "reward": { "type": "amount", "amount": 20_000 } },
        { "atLeast": 2, "reward": { "type": "amount", "amount": 50_000 } }]));
    body["weekdays"] = json!(["friday"]);
    let url = settle_url(&t, body).await;
    let july = t.admin().post(&url, json!({ "month": "2026-07" })).await.expect(200);
    assert_eq!(july["total"], 40_000, "one display of each customer");
    verified(&t).await;
}

#[tokio::test]
async fn a_customer_waits_until_all_its_displays_are_scored() {
    let t = start().await;
    shown(&t).await;
    let mut owner = t.database.owner().await;
    sqlx::query("update display_records set status = 'waiting' where business_date = '2026-07-31'")
        .execute(&mut owner)
        .await
        .unwrap();
    let url =
        settle_url(&t, rewards(json!([{ "atLeast": 1, "reward": { "type": "amount", "amount": 20_000 } }])))
            .await;
    let first = t.admin().post(&url, json!({ "month": "2026-07" })).await.expect(200);
    assert_eq!((&first["total"], &first["waiting"]), (&json!(20_000), &json!(1)));
    sqlx::query("update display_records set status = 'failed' where business_date = '2026-07-31'")
        .execute(&mut owner)
        .await
        .unwrap();
    let second = t.admin().post(&url, json!({ "month": "2026-07" })).await.expect(200);
    assert_eq!((&second["total"], &second["waiting"]), (&json!(20_000), &json!(0)));
    verified(&t).await;
}

#[tokio::test]
async fn goods_are_owed_and_stay_within_the_budget() {
    let t = start().await;
    shown(&t).await;
    let reward = json!({ "type": "freeGoods", "productId": world::MILK, "quantity": 1, "unit": "whole" });
    let mut body = rewards(json!([{ "atLeast": 1, "reward": reward }]));
    body["budget"] = json!({ "quantity": 30 });
    let url = settle_url(&t, body).await;
    let july = t.admin().post(&url, json!({ "month": "2026-07" })).await.expect(200);
    let given = july["credited"].as_array().unwrap();
    assert_eq!(given.len(), 1, "two cases of 24 are more than 30 pieces");
    assert_eq!(
        (&given[0]["productId"], &given[0]["quantity"], &given[0]["unit"]),
        (&json!(world::MILK), &json!(1), &json!("whole"))
    );
    assert_eq!((&given[0]["amount"], &july["total"]), (&json!(0), &json!(0)));
    verified(&t).await;
}

#[tokio::test]
async fn two_settlements_of_a_month_at_once_give_once() {
    let t = start().await;
    shown(&t).await;
    let url =
        settle_url(&t, rewards(json!([{ "atLeast": 1, "reward": { "type": "amount", "amount": 20_000 } }])))
            .await;
    let (one, other) = (t.admin(), t.admin());
    let (a, b) = tokio::join!(one.post(&url, json!({})), other.post(&url, json!({})));
    let total = a.expect(200)["total"].as_i64().unwrap() + b.expect(200)["total"].as_i64().unwrap();
    assert_eq!(total, 60_000);
    verified(&t).await;
}

const OWED: &str = "/api/v1/promotions/settlements";

/// KH001 and KH002 are owed 3 cases of milk each for July; gives the settlement of KH001.
async fn owed(t: &TestApp) -> Value {
    shown(t).await;
    let reward = json!({ "type": "freeGoods", "productId": world::MILK, "quantity": 3, "unit": "whole" });
    let url = settle_url(t, rewards(json!([{ "atLeast": 1, "reward": reward }]))).await;
    t.admin().post(&url, json!({ "month": "2026-07" })).await.expect(200);
    let list = t.npp01().get(&format!("{OWED}?customerId={}", world::SHOP1)).await.expect(200);
    assert_eq!(list["pagination"]["totalItems"], 1);
    list["data"][0].clone()
}

async fn milk(t: &TestApp) -> i64 {
    sqlx::query_scalar("select on_hand from stock_items where warehouse_id = $1 and product_id = $2")
        .bind(world::MAIN1.uuid())
        .bind(world::MILK.uuid())
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap()
}

fn figures(owed: &Value) -> [i64; 3] {
    ["quantity", "handedOut", "left"].map(|f| owed[f].as_i64().unwrap())
}

#[tokio::test]
async fn goods_that_are_owed_are_listed_until_they_are_handed_out() {
    let t = start().await;
    let first = owed(&t).await;
    assert_eq!(
        (&first["promotionCode"], &first["customerCode"], &first["productCode"], &first["month"]),
        (&json!("TTB01"), &json!("KH001"), &json!("SP001"), &json!("2026-07-01"))
    );
    assert_eq!((figures(&first), &first["unit"]), ([3, 0, 3], &json!("whole")));
    let url = format!("{OWED}/{}/hand-out", first["settlementId"].as_str().unwrap());
    let one = json!({ "id": uuid::Uuid::from_u128(77), "quantity": 1 });
    let given = t.npp01().post_once(&url, "1", one.clone()).await.expect(201);
    assert_eq!(t.npp01().post_once(&url, "1", one.clone()).await.expect(201), given);
    assert_eq!(t.npp01().post_once(&url, "2", one).await.expect(201), given);
    assert_eq!((figures(&given), milk(&t).await), ([3, 1, 2], 600 - 24));
    assert_eq!(
        (&given["handOuts"][0]["number"], &given["handOuts"][0]["adjustmentId"]),
        (&json!("DC-20260806-0001"), &json!(uuid::Uuid::from_u128(77)))
    );
    let problem =
        t.npp01().post(&url, json!({ "quantity": 3 })).await.problem(422, "promotions.more_than_owed");
    assert_eq!(problem["left"], 2);
    t.npp01().post(&url, json!({ "quantity": 0 })).await.problem(400, "validation");
    // All that is left.
    let given = t.npp01().post(&url, json!({})).await.expect(201);
    assert_eq!((figures(&given), milk(&t).await), ([3, 3, 0], 600 - 72));
    t.npp01().post(&url, json!({})).await.problem(409, "promotions.handed_out");
    let count = async |who: &str, query: &str| {
        let list = t.actor(who).get(&format!("{OWED}?{query}")).await.expect(200);
        list["pagination"]["totalItems"].as_i64().unwrap()
    };
    assert_eq!(count("npp01", "").await, 2);
    assert_eq!(count("npp01", "open=true").await, 1);
    assert_eq!(count("npp01", "open=false&search=kh001").await, 1);
    assert_eq!(count("npp01", &format!("promotionId={}", uuid::Uuid::nil())).await, 0);
    assert_eq!(count("admin", &format!("distributorId={}", world::NPP01)).await, 2);
    assert_eq!(count("npp02", "").await, 0);
    verified(&t).await;
    let mut owner = t.database.owner().await;
    assert_eq!(inventory::verify(&mut owner).await.unwrap(), []);
    assert_eq!(t.npp01().get(&format!("{OWED}?format=xlsx")).await.status, 200);
}

#[tokio::test]
async fn only_the_distributors_office_hands_out_and_only_what_its_stock_has() {
    let t = start().await;
    let first = owed(&t).await;
    let url = format!("{OWED}/{}/hand-out", first["settlementId"].as_str().unwrap());
    t.rep1().post(&url, json!({})).await.problem(403, "forbidden");
    t.npp02().post(&url, json!({})).await.problem(404, "not_found");
    t.npp01().post(&url, json!({ "warehouseId": uuid::Uuid::nil() })).await.problem(404, "not_found");
    // Another distributor's warehouse isn't where they come from, not even for who sees both.
    let foreign: uuid::Uuid =
        sqlx::query_scalar("select id from warehouses where distributor_id <> $1 limit 1")
            .bind(world::NPP01.uuid())
            .fetch_one(&mut t.database.owner().await)
            .await
            .unwrap();
    t.admin().post(&url, json!({ "warehouseId": foreign })).await.problem(404, "not_found");
    // The customer gets nothing that expires too soon for it.
    sqlx::query("update customers set min_life_days = 365 where id = $1")
        .bind(world::SHOP1.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    t.npp01().post(&url, json!({})).await.problem(422, "inventory.short");
    assert_eq!(milk(&t).await, 600);
    verified(&t).await;
}

#[tokio::test]
async fn what_two_hand_out_at_once_is_not_more_than_is_owed() {
    let t = start().await;
    let first = owed(&t).await;
    let url = format!("{OWED}/{}/hand-out", first["settlementId"].as_str().unwrap());
    let (one, other) = (t.npp01(), t.npp01());
    let two = || json!({ "quantity": 2 });
    let (a, b) = tokio::join!(one.post(&url, two()), other.post(&url, two()));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!((statuses, milk(&t).await), ([201, 422], 600 - 48));
    verified(&t).await;
}

#[tokio::test]
async fn a_hand_out_that_stock_knows_nothing_of_is_found() {
    let t = start().await;
    let first = owed(&t).await;
    let url = format!("{OWED}/{}/hand-out", first["settlementId"].as_str().unwrap());
    t.npp01().post(&url, json!({})).await.expect(201);
    let mut owner = t.database.owner().await;
    sqlx::raw_sql(
        "alter table promotion_hand_outs disable trigger append_only;
         update promotion_hand_outs set quantity = quantity + 1, pieces = pieces + 24",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let found: Vec<String> =
        promotions::verify(&mut owner).await.unwrap().into_iter().map(|finding| finding.rule).collect();
    assert_eq!(found, ["promotions.hand_out", "promotions.owed"]);
}
