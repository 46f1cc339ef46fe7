//! KPIs through the API, on a real PostgreSQL: what other capabilities write, and what becomes of it.

#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod late;
mod performance;
mod rights;
mod targets;

use chrono::{DateTime, Utc};
use kpi::Refreshed;
use serde_json::{Value, json};
use test_kit::{TestApp, world};

const TARGETS: &str = "/api/v1/kpi/targets";
const PERFORMANCE: &str = "/api/v1/kpi/performance";

async fn app() -> TestApp {
    let capabilities = kpi::router()
        .merge(attendance::router())
        .merge(customers::router())
        .merge(orders::router())
        .merge(reports::router())
        .merge(visits::router());
    let t = TestApp::start(capabilities).await;
    refresh(&t).await;
    t
}

async fn refresh(t: &TestApp) -> Refreshed {
    kpi::refresh(&t.app).await.unwrap()
}

/// An instant of August 2026 by the clock on the wall in Việt Nam: `6 17:30`.
fn august(text: &str) -> DateTime<Utc> {
    let (day, time) = text.split_once(' ').unwrap();
    format!("2026-08-{day:0>2}T{time}:00+07:00").parse().unwrap()
}

/// 12 boxes of milk (129,600 with VAT) and a case of soap (198,000): 24 pieces of two products.
fn order() -> Value {
    json!({
        "orderType": "PreSales",
        "customerId": world::SHOP1,
        "items": [
            {"productId": world::MILK, "quantity": 12, "unit": "retail"},
            {"productId": world::SOAP, "quantity": 1, "unit": "whole"}
        ]
    })
}

/// The first rep takes the order; gives its id.
async fn placed(t: &TestApp) -> String {
    t.rep1().post("/api/v1/orders", order()).await.expect(201)["orderId"].as_str().unwrap().to_owned()
}

/// The office ships it; gives the invoice.
async fn shipped(t: &TestApp, order: &str) -> String {
    let done = t.npp01().post(&format!("/api/v1/orders/{order}/fulfil"), json!({})).await.expect(200);
    done["invoiceId"].as_str().unwrap().to_owned()
}

/// The first rep visits KH001.
async fn visited(t: &TestApp, at: DateTime<Utc>) {
    let body = json!({ "customerId": world::SHOP1, "latitude": 10.7769, "longitude": 106.7009, "at": at });
    t.rep1().post("/api/v1/visits/check-in", body).await.expect(201);
}

async fn clocked(t: &TestApp, which: &str, at: DateTime<Utc>) {
    let body = json!({ "latitude": 10.7769, "longitude": 106.7009, "at": at });
    t.rep1().post(&format!("/api/v1/attendance/clock-{which}"), body).await.expect(201);
}

/// The first rep's month.
async fn mine(t: &TestApp) -> Value {
    t.rep1().get(&format!("{PERFORMANCE}?month=2026-08")).await.expect(200)
}

/// What was reached: visits, new customers, orders, sales, revenue, volume, SKUs per order, minutes.
fn actuals(of: &Value) -> Value {
    let m = &of["metrics"];
    json!([
        m["visits"]["actual"],
        m["newCustomers"]["actual"],
        m["orders"]["actual"],
        m["sales"]["actual"],
        m["revenue"]["actual"],
        m["volume"]["actual"],
        m["skusPerOrder"]["actual"],
        m["workMinutes"]["actual"]
    ])
}

/// Nothing differs from the documents.
async fn assert_sound(t: &TestApp) {
    assert_eq!(kpi::verify(&mut t.database.owner().await).await.unwrap(), []);
}

/// All rows of what was reached, as text, with where each is kept: a row that was written again is elsewhere.
async fn rows(t: &TestApp) -> Vec<String> {
    sqlx::query_scalar(
        "select ctid::text || k::text from kpi_days k union all select ctid::text || p::text from kpi_product_days p order by 1",
    )
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap()
}
