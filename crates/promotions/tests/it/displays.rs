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
