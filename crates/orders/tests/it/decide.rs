use axum::http::Method;
use serde_json::json;
use test_kit::{TestApp, world};

use crate::{app, assert_sound, order, placed};

async fn reserved(t: &TestApp) -> Vec<(i64, i64)> {
    sqlx::query_as("select on_hand, reserved from stock_items where distributor_id = $1 order by product_id")
        .bind(world::NPP01.uuid())
        .fetch_all(&mut t.database.owner().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn approval_reserves_the_stock_with_its_free_goods_and_cancelling_gives_it_back() {
    let t = app().await;
    let id = placed(&t, order()).await;
    let approved = t.supervisor().post(&format!("/api/v1/orders/{id}/approve"), json!({})).await.expect(200);
    assert_eq!(approved["status"], "Approved");
    assert_eq!(reserved(&t).await, [(600, 13), (240, 12)]);
    assert_sound(&t).await;
    let body = json!({"reason": "khách đổi ý"});
    let cancelled = t.npp01().post(&format!("/api/v1/orders/{id}/cancel"), body).await.expect(200);
    assert_eq!((&cancelled["status"], &cancelled["reason"]), (&json!("Cancelled"), &json!("khách đổi ý")));
    assert_eq!(reserved(&t).await, [(600, 0), (240, 0)]);
    assert_sound(&t).await;
}

#[tokio::test]
async fn an_order_is_decided_once() {
    let t = app().await;
    let id = placed(&t, order()).await;
    let path = format!("/api/v1/orders/{id}");
    t.supervisor().post(&format!("{path}/reject"), json!({"reason": " "})).await.problem(400, "validation");
    let rejected =
        t.supervisor().post(&format!("{path}/reject"), json!({"reason": "sai giá"})).await.expect(200);
    assert_eq!(rejected["history"].as_array().unwrap().len(), 2);
    t.supervisor().post(&format!("{path}/approve"), json!({})).await.problem(409, "orders.wrong_state");
    t.npp01().post("/api/v1/invoices", json!({"orderIds": [id]})).await.problem(409, "orders.wrong_state");
}

#[tokio::test]
async fn who_may_not_approve_or_may_not_see_cannot_approve() {
    let t = app().await;
    let path = format!("/api/v1/orders/{}/approve", placed(&t, order()).await);
    t.rep1().post(&path, json!({})).await.problem(403, "forbidden");
    t.npp02().post(&path, json!({})).await.problem(404, "not_found");
    t.supervisor().post("/api/v1/orders/not-an-id/approve", json!({})).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    let t = app().await;
    let path = format!("/api/v1/orders/{}/approve", placed(&t, order()).await);
    let stale = t.supervisor().request(Method::POST, &path, Some(json!({})), &[("if-match", "7")]).await;
    stale.problem(412, "stale_version");
    t.supervisor().request(Method::POST, &path, Some(json!({})), &[("if-match", "\"1\"")]).await.expect(200);
}

#[tokio::test]
async fn short_stock_is_told_line_by_line_and_reserves_nothing() {
    let t = app().await;
    let mut body = order();
    body["items"] = json!([
        {"productId": world::MILK, "quantity": 24, "unit": "whole"},
        {"productId": world::SOAP, "quantity": 21, "unit": "whole"},
        {"productId": world::WATER, "quantity": 1, "unit": "retail"}
    ]);
    body["customerId"] = json!(world::SHOP2);
    let id = placed(&t, body).await;
    let problem = t
        .supervisor()
        .post(&format!("/api/v1/orders/{id}/approve"), json!({}))
        .await
        .problem(422, "orders.stock_short");
    // 576 boxes and 48 free ones of 600; 252 bars of 240; water was never there.
    let short = problem["shortages"].as_array().unwrap();
    let told: Vec<_> = short
        .iter()
        .map(|s| (s["productCode"].as_str().unwrap(), s["wanted"].as_i64(), s["available"].as_i64()))
        .collect();
    assert_eq!(
        told,
        [("SP001", Some(624), Some(600)), ("SP002", Some(252), Some(240)), ("SP003", Some(1), Some(0))]
    );
    assert_eq!(reserved(&t).await, [(600, 0), (240, 0)]);
}

#[tokio::test]
async fn credit_counts_what_is_approved_and_only_the_office_may_override_it() {
    let t = app().await;
    // 16 cases of milk are 4,147,200 with VAT; the limit is 5,000,000.
    let mut body = order();
    body["items"] = json!([{"productId": world::MILK, "quantity": 16, "unit": "whole"}]);
    let first = placed(&t, body.clone()).await;
    body["items"][0]["quantity"] = json!(4);
    let second = placed(&t, body).await;
    t.supervisor().post(&format!("/api/v1/orders/{first}/approve"), json!({})).await.expect(200);
    let path = format!("/api/v1/orders/{second}/approve");
    let problem = t.supervisor().post(&path, json!({})).await.problem(422, "orders.credit_exceeded");
    assert_eq!(
        problem["problems"][0],
        json!({"kind": "limitExceeded", "limit": 5_000_000, "exposure": 5_184_000})
    );
    t.supervisor().post(&path, json!({"overrideCredit": true})).await.problem(422, "orders.credit_exceeded");
    t.npp01().post(&path, json!({"overrideCredit": true})).await.expect(200);
}

#[tokio::test]
async fn of_two_orders_that_fit_only_one_at_a_time_exactly_one_is_approved() {
    let t = app().await;
    let mut body = order();
    body["items"] = json!([{"productId": world::MILK, "quantity": 12, "unit": "whole"}]);
    let first = format!("/api/v1/orders/{}/approve", placed(&t, body.clone()).await);
    let second = format!("/api/v1/orders/{}/approve", placed(&t, body).await);
    let (supervisor, office) = (t.supervisor(), t.npp01());
    let (a, b) = tokio::join!(supervisor.post(&first, json!({})), office.post(&second, json!({})));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    assert_sound(&t).await;
}

#[tokio::test]
async fn bulk_approval_tells_what_became_of_each() {
    let t = app().await;
    let good = placed(&t, order()).await;
    let rejected = placed(&t, order()).await;
    t.supervisor()
        .post(&format!("/api/v1/orders/{rejected}/reject"), json!({"reason": "x"}))
        .await
        .expect(200);
    let unknown = "00000000-0000-0000-0000-00000000dead";
    let body = json!({"orderIds": [good, rejected, unknown]});
    let answer = t.supervisor().post("/api/v1/orders/bulk-approve", body).await.expect(200);
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results[0]["status"], "Approved");
    assert_eq!(results[1]["code"], "orders.wrong_state");
    assert_eq!(results[2]["code"], "not_found");
}

#[tokio::test]
async fn the_longest_key_is_good_for_many_orders() {
    let t = app().await;
    let (path, key) = ("/api/v1/orders/bulk-approve", "k".repeat(200));
    let body = json!({"orderIds": [placed(&t, order()).await]});
    for _ in 0..2 {
        let answer = t.supervisor().post_once(path, &key, body.clone()).await.expect(200);
        assert_eq!(answer["results"][0]["status"], "Approved");
    }
}
