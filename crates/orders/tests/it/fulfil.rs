use futures_util::future::join_all;
use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::{app, assert_sound, order, placed};

async fn fulfil(t: &TestApp, id: &str) -> Value {
    t.npp01().post(&format!("/api/v1/orders/{id}/fulfil"), json!({})).await.expect(200)
}

async fn stock(t: &TestApp) -> (i64, i64) {
    sqlx::query_as("select on_hand, reserved from stock_items where warehouse_id = $1 and product_id = $2")
        .bind(world::MAIN1.uuid())
        .bind(world::MILK.uuid())
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap()
}

async fn count(t: &TestApp, table: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_pending_order_is_approved_invoiced_and_issued_at_once() {
    let t = app().await;
    let before = stock(&t).await;
    let id = placed(&t, order()).await;
    let done = fulfil(&t, &id).await;
    assert_eq!(done["status"], "Issued");
    assert_eq!(done["invoiceNumber"], "PB-20260806-0001");
    assert_eq!(done["issueNumber"], "PX-20260806-0001");
    assert_eq!(stock(&t).await, (before.0 - 13, before.1));
    let seen = t.rep1().get(&format!("/api/v1/orders/{id}")).await.expect(200);
    assert_eq!(seen["status"], "Issued");
    assert_eq!(seen["totalAmount"], done["totalAmount"]);
    let invoice = done["invoiceId"].as_str().unwrap();
    let invoice = t.npp01().get(&format!("/api/v1/invoices/{invoice}")).await.expect(200);
    assert_eq!(invoice["status"], "Issued");
    assert_eq!(invoice["chargedAmount"], done["totalAmount"]);
    assert_sound(&t).await;
}

#[tokio::test]
async fn what_was_reserved_at_approval_leaves_with_the_order() {
    let t = app().await;
    let before = stock(&t).await;
    let id = placed(&t, order()).await;
    t.supervisor().post(&format!("/api/v1/orders/{id}/approve"), json!({})).await.expect(200);
    assert_eq!(stock(&t).await, (before.0, before.1 + 13));
    fulfil(&t, &id).await;
    assert_eq!(stock(&t).await, (before.0 - 13, before.1));
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_many_at_once_ship_once() {
    let t = app().await;
    let id = placed(&t, order()).await;
    let path = format!("/api/v1/orders/{id}/fulfil");
    let office = t.npp01();
    let answers = join_all((0..3).map(|_| office.post_once(&path, "ship-1", json!({})))).await;
    let first = answers[0].expect(200);
    for answer in &answers {
        assert_eq!(answer.expect(200), first);
    }
    t.npp01().post(&path, json!({})).await.problem(409, "orders.wrong_state");
    assert_eq!((count(&t, "invoices").await, count(&t, "goods_issues").await), (1, 1));
    assert_sound(&t).await;
}

#[tokio::test]
async fn credit_or_stock_that_does_not_carry_it_is_told_and_nothing_happens() {
    let t = app().await;
    for (shop, code) in [(world::SHOP1, "orders.credit_exceeded"), (world::SHOP2, "orders.stock_short")] {
        let mut body = order();
        body["customerId"] = json!(shop);
        body["items"] = json!([{"productId": world::MILK, "quantity": 9_000, "unit": "retail"}]);
        let id = placed(&t, body).await;
        let path = format!("/api/v1/orders/{id}/fulfil");
        t.npp01().post(&path, json!({})).await.problem(422, code);
        let seen = t.rep1().get(&format!("/api/v1/orders/{id}")).await.expect(200);
        assert_eq!(seen["status"], "Pending");
    }
    assert_eq!((count(&t, "invoices").await, count(&t, "receivable_entries").await), (0, 0));
    assert_sound(&t).await;
}

#[tokio::test]
async fn only_who_approves_and_invoices_may_and_only_their_own() {
    let t = app().await;
    let id = placed(&t, order()).await;
    let path = format!("/api/v1/orders/{id}/fulfil");
    t.rep1().post(&path, json!({})).await.problem(403, "forbidden");
    t.supervisor().post(&path, json!({})).await.problem(403, "forbidden");
    t.npp02().post(&path, json!({})).await.problem(404, "not_found");
}
