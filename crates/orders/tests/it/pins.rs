use serde_json::json;
use test_kit::{TestApp, minutes, world};

use crate::{PROMOTION, app, order};

/// A price list that holds for everyone from a day on.
async fn price_list(t: &TestApp, code: &str, from: &str, milk: i64) {
    let mut owner = t.database.owner().await;
    sqlx::query(
        "with l as (insert into price_lists (id, code, name, scope, valid_from, version, created_at, updated_at)
           values (gen_random_uuid(), $1, $1, 'company', $2::date, 7, now(), now()) returning id)
         insert into price_list_items select id, $3, $4 * 24, $4 from l",
    )
    .bind(code)
    .bind(from.parse::<chrono::NaiveDate>().unwrap())
    .bind(world::MILK.uuid())
    .bind(milk)
    .execute(&mut owner)
    .await
    .unwrap();
}

#[tokio::test]
async fn an_order_keeps_the_versions_it_was_priced_with_and_its_answer_is_what_one_reads_later() {
    let t = app().await;
    price_list(&t, "BG08", "2026-08-01", 9_000).await;
    let placed = t.rep1().post("/api/v1/orders", order()).await.expect(201);
    let milk = &placed["items"][0];
    assert_eq!(
        (&milk["unitPrice"], &milk["priceListCode"], &milk["priceVersion"]),
        (&json!(9_000), &json!("BG08"), &json!(7))
    );
    let soap = &placed["items"][1];
    assert_eq!(
        (&soap["unitPrice"], &soap["priceListCode"], &soap["priceVersion"]),
        (&json!(180_000), &json!(null), &json!(1))
    );
    assert_eq!(placed["promotions"], json!([{"promotionId": PROMOTION, "code": "KM01", "version": 1}]));
    let path = format!("/api/v1/orders/{}", placed["orderId"].as_str().unwrap());
    assert_eq!(t.rep1().get(&path).await.expect(200), placed);
    // Later changes change nothing of it.
    let mut owner = t.database.owner().await;
    for change in [
        "update products set selling_price = 1, selling_price_sub = 1, version = version + 1",
        "update price_list_items set price = 1, price_sub = 1",
        "update price_lists set version = version + 1",
        "update promotions set version = version + 1, status = 'ended'",
    ] {
        sqlx::query(change).execute(&mut owner).await.unwrap();
    }
    assert_eq!(t.rep1().get(&path).await.expect(200), placed);
}

#[tokio::test]
async fn a_future_price_list_takes_effect_by_itself_and_an_offline_order_has_the_prices_of_its_day() {
    let t = app().await;
    price_list(&t, "BG0807", "2026-08-07", 12_000).await;
    let price = |o: &serde_json::Value| o["items"][0]["unitPrice"].as_i64().unwrap();
    assert_eq!(price(&t.rep1().post("/api/v1/orders", order()).await.expect(201)), 10_000);
    t.clock.set(minutes(24 * 60));
    assert_eq!(price(&t.rep1().post("/api/v1/orders", order()).await.expect(201)), 12_000);
    let mut yesterday = order();
    yesterday["at"] = json!(minutes(0));
    assert_eq!(price(&t.rep1().post("/api/v1/orders", yesterday).await.expect(201)), 10_000);
}
