use futures_util::future::join_all;
use serde_json::{Value, json};
use test_kit::{TestApp, minutes, world};

use crate::{app, assert_sound, order, placed};

/// One gift per customer, and no more.
pub(crate) async fn limited() -> TestApp {
    let t = app().await;
    sqlx::query(r#"update promotions set definition = definition || '{"perCustomer": {"times": 1}}'"#)
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    t
}

pub(crate) fn gifts(o: &Value) -> usize {
    o["items"].as_array().unwrap().iter().filter(|i| i["isFree"] == true).count()
}

#[tokio::test]
async fn what_an_order_used_of_a_promotion_is_gone_until_it_is_rejected_withdrawn_or_edited_away() {
    let t = limited().await;
    let place = async || t.rep1().post("/api/v1/orders", order()).await.expect(201);
    let path = |o: &Value, step: &str| format!("/api/v1/orders/{}{step}", o["orderId"].as_str().unwrap());
    let first = place().await;
    assert_eq!(gifts(&first), 1);
    let second = place().await;
    assert_eq!(gifts(&second), 0);
    t.supervisor().post(&path(&first, "/reject"), json!({"reason": "x"})).await.expect(200);
    let third = place().await;
    assert_eq!(gifts(&third), 1);
    t.rep1().post(&path(&third, "/cancel"), json!({"reason": "x"})).await.expect(200);
    // An edit gives back what it had, so it can have it again; without milk somebody else can.
    let body = |version: i64, product| json!({"version": version, "items": [{"productId": product, "quantity": 12, "unit": "retail"}]});
    assert_eq!(gifts(&t.rep1().put(&path(&second, ""), body(1, world::MILK)).await.expect(200)), 1);
    assert_eq!(gifts(&t.rep1().put(&path(&second, ""), body(2, world::MILK)).await.expect(200)), 1);
    assert_eq!(gifts(&place().await), 0);
    assert_eq!(gifts(&t.rep1().put(&path(&second, ""), body(3, world::SOAP)).await.expect(200)), 0);
    assert_eq!(gifts(&place().await), 1);
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_draft_and_a_quote_use_nothing_up_and_the_next_customer_has_its_own_part() {
    let t = limited().await;
    t.rep1().post("/api/v1/pricing/quote", order()).await.expect(200);
    let mut body = order();
    body["draft"] = json!(true);
    let draft = t.rep1().post("/api/v1/orders", body).await.expect(201);
    assert_eq!(gifts(&draft), 1);
    assert_eq!(gifts(&t.rep1().post("/api/v1/orders", order()).await.expect(201)), 1);
    // By now the gift is gone: the draft says so when it is sent.
    let submit = format!("/api/v1/orders/{}/submit", draft["orderId"].as_str().unwrap());
    assert_eq!(gifts(&t.rep1().post(&submit, json!({})).await.expect(200)), 0);
    let mut other = order();
    other["customerId"] = json!(world::SHOP2);
    assert_eq!(gifts(&t.rep1().post("/api/v1/orders", other).await.expect(201)), 1);
    assert_sound(&t).await;
}

/// Of five orders at the same moment one gets the gift, every time.
async fn assert_one_of_many_gets_it(t: &TestApp) {
    let rep = t.rep1();
    for _ in 0..3 {
        let placed: Vec<Value> = join_all((0..5).map(|_| rep.post("/api/v1/orders", order())))
            .await
            .into_iter()
            .map(|answer| answer.expect(201))
            .collect();
        assert_eq!(placed.iter().map(gifts).sum::<usize>(), 1);
        for o in &placed {
            let cancel = format!("/api/v1/orders/{}/cancel", o["orderId"].as_str().unwrap());
            rep.post(&cancel, json!({"reason": "vòng sau"})).await.expect(200);
        }
    }
    assert_sound(t).await;
}

#[tokio::test]
async fn of_many_orders_at_the_same_moment_one_gets_the_last_gift() {
    let t = limited().await;
    assert_one_of_many_gets_it(&t).await;
}

/// The gift only with a customer's first order.
async fn for_the_first_order() -> TestApp {
    let t = app().await;
    sqlx::query(r#"update promotions set definition = definition || '{"firstOrderOnly": true}'"#)
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    t
}

#[tokio::test]
async fn an_edit_of_the_first_order_keeps_what_only_a_first_order_gets() {
    let t = for_the_first_order().await;
    let place = async |minute: i64, draft: bool| {
        let mut body = order();
        (body["at"], body["draft"]) = (json!(minutes(minute)), json!(draft));
        t.rep1().post("/api/v1/orders", body).await.expect(201)
    };
    let path = |o: &Value, step: &str| format!("/api/v1/orders/{}{step}", o["orderId"].as_str().unwrap());
    let draft = place(-30, true).await;
    let first = place(-20, false).await;
    let second = place(-10, false).await;
    assert_eq!((gifts(&first), gifts(&second)), (1, 0));
    let body = json!({"version": 1, "items": [{"productId": world::MILK, "quantity": 24, "unit": "retail"}]});
    assert_eq!(gifts(&t.rep1().put(&path(&first, ""), body.clone()).await.expect(200)), 1);
    assert_eq!(gifts(&t.rep1().put(&path(&second, ""), body).await.expect(200)), 0);
    // A draft becomes an order only when it is sent, whenever it was written.
    assert_eq!(gifts(&t.rep1().post(&path(&draft, "/submit"), json!({})).await.expect(200)), 0);
    assert_sound(&t).await;
}

#[tokio::test]
async fn of_many_first_orders_at_the_same_moment_one_is_the_first() {
    let t = for_the_first_order().await;
    assert_one_of_many_gets_it(&t).await;
}

#[tokio::test]
async fn a_quote_tells_what_is_missing_for_an_accumulation() {
    let t = app().await;
    let definition = json!({
        "automatic": true,
        "kind": {"type": "accumulation", "products": [world::MILK], "basis": "pieces", "tiers": [
            {"atLeast": 20, "reward": {"type": "amount", "amount": 50_000}}
        ]}
    });
    let add = "insert into promotions (id, code, name, search_key, valid_from, valid_to, status, definition, created_at, updated_at)
        values (gen_random_uuid(), $1, $1, '', $2::date, $3::date, 'active', $4, now(), now())";
    for (code, from, to) in [("TL01", "2026-08-01", "2026-08-31"), ("TL02", "2026-07-01", "2026-07-31")] {
        let mut owner = t.database.owner().await;
        let add = sqlx::query(add).bind(code).bind(from).bind(to).bind(&definition);
        add.execute(&mut owner).await.unwrap();
    }
    let missing = async || {
        let quote = t.rep1().post("/api/v1/pricing/quote", order()).await.expect(200);
        let misses = quote["nearMisses"].as_array().unwrap().iter();
        misses
            .map(|miss| (miss["promotionCode"].clone(), miss["missing"]["quantity"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(missing().await, [(json!("TL01"), json!(8))], "12 of 20 pieces, while it is on");
    let mut four = order();
    four["items"] = json!([{"productId": world::MILK, "quantity": 4, "unit": "retail"}]);
    let id = placed(&t, four).await;
    t.npp01().post(&format!("/api/v1/orders/{id}/fulfil"), json!({})).await.expect(200);
    assert_eq!(missing().await, [(json!("TL01"), json!(4))], "with what was bought before");
}

#[tokio::test]
async fn a_gift_that_is_not_sold_any_more_stops_no_order() {
    let t = app().await;
    let mut owner = t.database.owner().await;
    sqlx::query("update promotions set definition = jsonb_set(definition, '{kind,tiers,0,reward,productId}', to_jsonb($1::text))")
        .bind(world::SOAP.to_string())
        .execute(&mut owner)
        .await
        .unwrap();
    let mut body = order();
    body["items"].as_array_mut().unwrap().truncate(1);
    assert_eq!(gifts(&t.rep1().post("/api/v1/orders", body.clone()).await.expect(201)), 1);
    let end = "update products set status = 'inactive' where id = $1";
    sqlx::query(end).bind(world::SOAP.uuid()).execute(&mut owner).await.unwrap();
    let quote = t.rep1().post("/api/v1/pricing/quote", body.clone()).await.expect(200);
    assert_eq!(quote["notApplied"][0]["reason"], "giftNotSold", "{quote:#}");
    assert_eq!(gifts(&t.rep1().post("/api/v1/orders", body).await.expect(201)), 0);
    // What is bought must still be sold.
    t.rep1().post("/api/v1/orders", order()).await.problem(422, "orders.product_not_sold");
    assert_sound(&t).await;
}
