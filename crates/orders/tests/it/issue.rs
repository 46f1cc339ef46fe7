use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::{app, assert_sound, order, placed};

async fn approved(t: &TestApp, body: Value) -> String {
    let id = placed(t, body).await;
    t.supervisor().post(&format!("/api/v1/orders/{id}/approve"), json!({})).await.expect(200);
    id
}

async fn invoiced(t: &TestApp, ids: &[String]) -> String {
    let invoice = t.npp01().post("/api/v1/invoices", json!({"orderIds": ids})).await.expect(201);
    invoice["invoiceId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn issuing_takes_the_first_expiry_first_and_makes_the_debt() {
    let t = app().await;
    let mut body = order();
    // 10 cases are 240 boxes and 20 free ones: more than the 100 of the lot that expires first.
    body["items"] = json!([{"productId": world::MILK, "quantity": 10, "unit": "whole"}]);
    let order = approved(&t, body).await;
    let id = invoiced(&t, std::slice::from_ref(&order)).await;
    let issued = t.npp01().post(&format!("/api/v1/invoices/{id}/issue"), json!({})).await.expect(200);
    assert_eq!(issued["status"], "Issued");
    assert_eq!(issued["invoiceNumber"], "PB-20260806-0001");
    assert_eq!(issued["issue"]["issueNumber"], "PX-20260806-0001");
    assert_eq!(issued["totalInWords"], "Hai triệu năm trăm chín mươi hai nghìn đồng");
    let picks: Vec<_> = issued["issue"]["picks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| {
            (
                p["lineNo"].as_i64().unwrap(),
                p["lotNumber"].as_str().unwrap().to_owned(),
                p["pieces"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(picks, [(1, "A".to_owned(), 100), (1, "B".to_owned(), 140), (2, "B".to_owned(), 20)]);
    let mut owner = t.database.owner().await;
    let stock: (i64, i64) = sqlx::query_as(
        "select on_hand, reserved from stock_items where warehouse_id = $1 and product_id = $2",
    )
    .bind(world::MAIN1.uuid())
    .bind(world::MILK.uuid())
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(stock, (340, 0));
    let debt: (i64, chrono::NaiveDate) =
        sqlx::query_as("select amount, due_date from receivable_entries where customer_id = $1")
            .bind(world::SHOP1.uuid())
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert_eq!(debt, (2_592_000, chrono::NaiveDate::from_ymd_opt(2026, 9, 5).unwrap()));
    let seen = t.rep1().get(&format!("/api/v1/orders/{order}")).await.expect(200);
    assert_eq!(seen["status"], "Issued");
    assert_sound(&t).await;
}

#[tokio::test]
async fn goods_leave_once_however_often_one_asks() {
    let t = app().await;
    let id = invoiced(&t, &[approved(&t, order()).await]).await;
    let path = format!("/api/v1/invoices/{id}/issue");
    let first = t.npp01().post_once(&path, "issue-1", json!({})).await.expect(200);
    assert_eq!(t.npp01().post_once(&path, "issue-1", json!({})).await.expect(200), first);
    t.npp01().post(&path, json!({})).await.problem(409, "invoices.not_open");
    assert_sound(&t).await;
}

#[tokio::test]
async fn several_orders_of_one_customer_go_on_one_invoice() {
    let t = app().await;
    let a = approved(&t, order()).await;
    let b = approved(&t, order()).await;
    let id = invoiced(&t, &[a, b]).await;
    let invoice = t.npp01().get(&format!("/api/v1/invoices/{id}")).await.expect(200);
    assert_eq!(invoice["totalAmount"], 655_200);
    assert_eq!(invoice["items"].as_array().unwrap().len(), 6);
    assert_eq!(invoice["orderNumbers"], json!(["DH-20260806-0001", "DH-20260806-0002"]));
    t.npp01().post(&format!("/api/v1/invoices/{id}/issue"), json!({})).await.expect(200);
    assert_sound(&t).await;
}

#[tokio::test]
async fn orders_of_different_customers_do_not_go_on_one_invoice() {
    let t = app().await;
    let a = approved(&t, order()).await;
    let mut other = order();
    other["customerId"] = json!(world::SHOP2);
    let b = approved(&t, other).await;
    t.npp01().post("/api/v1/invoices", json!({"orderIds": [a, b]})).await.problem(422, "orders.mixed_orders");
    t.npp01().post("/api/v1/invoices", json!({"orderIds": []})).await.problem(400, "validation");
}

#[tokio::test]
async fn orders_of_different_reps_do_not_go_on_one_invoice() {
    let t = app().await;
    let a = approved(&t, order()).await;
    let b = t.npp01().post("/api/v1/orders", order()).await.expect(201)["orderId"].clone();
    t.npp01().post(&format!("/api/v1/orders/{}/approve", b.as_str().unwrap()), json!({})).await.expect(200);
    t.npp01().post("/api/v1/invoices", json!({"orderIds": [a, b]})).await.problem(422, "orders.mixed_orders");
    t.npp01().post("/api/v1/invoices", json!({"orderIds": [b]})).await.expect(201);
}

#[tokio::test]
async fn invoices_are_the_distributors_own_business() {
    let t = app().await;
    let order = approved(&t, order()).await;
    t.supervisor().post("/api/v1/invoices", json!({"orderIds": [order]})).await.problem(403, "forbidden");
    t.npp02().post("/api/v1/invoices", json!({"orderIds": [order]})).await.problem(404, "not_found");
    let id = invoiced(&t, &[order]).await;
    t.npp02().get(&format!("/api/v1/invoices/{id}")).await.problem(404, "not_found");
    t.npp02().post(&format!("/api/v1/invoices/{id}/issue"), json!({})).await.problem(404, "not_found");
    assert_eq!(t.npp02().get("/api/v1/invoices").await.expect(200)["pagination"]["totalItems"], 0);
    assert_eq!(
        t.npp01().get("/api/v1/invoices?status=Open").await.expect(200)["pagination"]["totalItems"],
        1
    );
}

#[tokio::test]
async fn a_flipped_figure_is_found_by_name() {
    let t = app().await;
    let id = invoiced(&t, &[approved(&t, order()).await]).await;
    t.npp01().post(&format!("/api/v1/invoices/{id}/issue"), json!({})).await.expect(200);
    for (flip, rule) in [
        ("update order_lines set gross = gross + 10, total = total + 10 where line_no = 1", "orders.total"),
        ("update order_lines set vat = vat + 1, total = total + 1 where line_no = 1", "orders.vat"),
        ("update invoice_lines set total = total + 1 where line_no = 1", "invoices.total"),
        ("update goods_issue_lines set pieces = pieces + 1 where line_no = 1", "invoices.issued"),
        ("update document_counters set last_number = last_number + 1 where kind = 'PB'", "numbers.gap"),
    ] {
        let mut owner = t.database.owner().await;
        sqlx::query("begin").execute(&mut owner).await.unwrap();
        sqlx::query(flip).execute(&mut owner).await.unwrap();
        let found = orders::verify(&mut owner).await.unwrap();
        assert!(found.iter().any(|f| f.rule == rule), "{rule} not found: {found:?}");
        sqlx::query("rollback").execute(&mut owner).await.unwrap();
    }
}
