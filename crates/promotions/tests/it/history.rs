//! Simulations over past orders, and settlements after a period.

use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::{activated, start, twelve_get_one};

/// What the first outlets bought in July, straight into the books: KH001 12 and KH002 8 pieces of milk at 9,000, ordered,
/// invoiced and issued on the 20th.
pub async fn july(t: &TestApp) {
    let mut tx = t.app.db.begin(&t.context("admin")).await.unwrap();
    for (n, customer, pieces) in [(1, world::SHOP1, 12_i64), (2, world::SHOP2, 8)] {
        let statements = [
            "insert into orders (distributor_id, id, number, order_type, status, customer_id, rep_id, warehouse_id, ordered_at,
               business_date, gross, product_discount, order_discount, vat, total, created_by, created_at, updated_at)
             values ($1, md5('o' || $2)::uuid, 'DH-' || $2, 'PreSales', 'Issued', $3, $4, $5, ('2026-07-20T02:0' || $2 || ':00Z')::timestamptz,
               '2026-07-20', $6 * 9000, 0, 0, $6 * 720, $6 * 9720, $4, now(), now())",
            "insert into order_lines (distributor_id, order_id, line_no, product_id, unit, quantity, pieces, unit_price, gross,
               product_discount, order_discount, vat_percent, vat, total)
             select $1, md5('o' || $2)::uuid, 1, $7, 'retail', $6, $6, 9000, $6 * 9000, 0, 0, 8, $6 * 720, $6 * 9720
             where $3::uuid is not null and $4::uuid is not null and $5::uuid is not null",
            "insert into invoices (distributor_id, id, number, customer_id, rep_id, warehouse_id, status, business_date, gross,
               product_discount, order_discount, vat, total, created_by, created_at)
             values ($1, md5('i' || $2)::uuid, 'PB-' || $2, $3, $4, $5, 'Issued', '2026-07-20', $6 * 9000, 0, 0, $6 * 720,
               $6 * 9720, $4, now())",
            "insert into invoice_lines (distributor_id, invoice_id, line_no, order_id, order_line_no, product_id, unit, quantity,
               pieces, unit_price, gross, product_discount, order_discount, vat_percent, vat, total, is_free)
             select $1, md5('i' || $2)::uuid, 1, md5('o' || $2)::uuid, 1, $7, 'retail', $6, $6, 9000, $6 * 9000, 0, 0, 8,
               $6 * 720, $6 * 9720, false where $3::uuid is not null and $4::uuid is not null and $5::uuid is not null",
            "insert into goods_issues (distributor_id, id, number, invoice_id, warehouse_id, business_date, created_by, created_at)
             values ($1, md5('x' || $2)::uuid, 'PX-' || $2, md5('i' || $2)::uuid, $5, '2026-07-20', $4, now())",
            "insert into goods_issue_lines (distributor_id, issue_id, line_no, invoice_id, invoice_line_no, product_id, lot_id, pieces)
             select $1, md5('x' || $2)::uuid, 1, md5('i' || $2)::uuid, 1, $7, $8, $6
             where $3::uuid is not null and $4::uuid is not null and $5::uuid is not null",
        ];
        for statement in statements {
            let mut query = sqlx::query(statement)
                .bind(world::NPP01.uuid())
                .bind(n.to_string())
                .bind(customer.uuid())
                .bind(world::REP1.uuid())
                .bind(world::MAIN1.uuid())
                .bind(pieces);
            if statement.contains("$7") {
                query = query.bind(world::MILK.uuid());
            }
            if statement.contains("$8") {
                query = query.bind(world::MILK_LOT_A.uuid());
            }
            query.execute(&mut *tx).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_draft_is_replayed_over_past_orders_with_their_prices() {
    let t = start().await;
    july(&t).await;
    let made = t.admin().post("/api/v1/promotions", twelve_get_one("KM01")).await.expect(201);
    let url = format!("/api/v1/promotions/{}/simulate", made["id"].as_str().unwrap());
    let july = json!({"from": "2026-07-01", "to": "2026-07-31"});
    let told = t.admin().post(&url, july.clone()).await.expect(200);
    assert_eq!((&told["orders"], &told["reached"], &told["nearMisses"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(
        (&told["given"], &told["cost"]),
        (&json!(9_000), &json!(9_000)),
        "a piece at the price of then"
    );
    assert_eq!((&told["sales"], &told["uplift"]), (&json!(108_000), &json!(36_000)));
    assert_eq!(told["differences"][0]["orderNumber"], "DH-1");
    assert_eq!(told["differences"][1]["nearMiss"], true);
    let elsewhere = json!({"from": "2026-07-01", "to": "2026-07-31", "distributorId": world::NPP02});
    assert_eq!(t.admin().post(&url, elsewhere).await.expect(200)["orders"], 0);
    let backwards = json!({"from": "2026-07-31", "to": "2026-07-01"});
    t.admin().post(&url, backwards).await.problem(400, "validation");
    t.npp01().post(&url, july).await.problem(403, "forbidden");
}

pub fn accumulation(code: &str, valid_to: &str) -> Value {
    let mut body = twelve_get_one(code);
    (body["validFrom"], body["validTo"]) = (json!("2026-07-01"), json!(valid_to));
    body["kind"] = json!({"type": "accumulation", "products": [world::MILK], "basis": "pieces", "tiers": [
        {"atLeast": 8, "reward": {"type": "amount", "amount": 5_000}},
        {"atLeast": 12, "reward": {"type": "percent", "percent": 10}},
    ]});
    body
}

/// Activated while it was still going on.
async fn ended(t: &TestApp, mut body: Value) -> String {
    body["validTo"] = json!("2026-08-31");
    let made = activated(t, body).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let mut tx = t.app.db.begin(&t.context("admin")).await.unwrap();
    sqlx::query("update promotions set valid_to = '2026-07-31'").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    format!("/api/v1/promotions/{id}/settle")
}

pub async fn balance(t: &TestApp, customer: domain::CustomerId) -> i64 {
    let mut tx = t.app.db.read(&t.context("admin")).await.unwrap();
    sqlx::query_scalar("select coalesce((select balance from customer_balances where customer_id = $1), 0)")
        .bind(customer.uuid())
        .fetch_one(&mut *tx)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_accumulation_credits_each_customer_once_by_the_goods_it_kept() {
    let t = start().await;
    july(&t).await;
    let url = ended(&t, accumulation("TL01", "2026-07-31")).await;
    t.npp01().post(&url, json!({})).await.problem(403, "forbidden");
    let told = t.admin().post(&url, json!({})).await.expect(200);
    assert_eq!(told["total"], 15_800, "10 % of 108,000, and 5,000");
    assert_eq!(told["credited"].as_array().unwrap().len(), 2);
    assert_eq!((balance(&t, world::SHOP1).await, balance(&t, world::SHOP2).await), (-10_800, -5_000));
    let again = t.admin().post(&url, json!({})).await.expect(200);
    assert_eq!((&again["total"], &again["credited"]), (&json!(0), &json!([])));
    assert_eq!(balance(&t, world::SHOP1).await, -10_800);
    let mut tx = t.app.db.read(&t.context("admin")).await.unwrap();
    assert_eq!(promotions::verify(&mut tx).await.unwrap(), []);
    assert_eq!(receivables::verify(&mut tx).await.unwrap(), []);
}

#[tokio::test]
async fn two_settlements_at_once_credit_no_customer_twice() {
    let t = start().await;
    july(&t).await;
    let url = ended(&t, accumulation("TL01", "2026-07-31")).await;
    let (admin, body) = (t.admin(), json!({}));
    let (one, other) = tokio::join!(admin.post(&url, body.clone()), admin.post(&url, body.clone()));
    let total = |told: Value| told["total"].as_i64().unwrap();
    assert_eq!(total(one.expect(200)) + total(other.expect(200)), 15_800);
    assert_eq!(balance(&t, world::SHOP2).await, -5_000);
}

#[tokio::test]
async fn a_settlement_stays_within_the_budget() {
    let t = start().await;
    july(&t).await;
    let mut body = accumulation("TL01", "2026-07-31");
    body["budget"] = json!({"amount": 12_000});
    let url = ended(&t, body).await;
    let told = t.admin().post(&url, json!({})).await.expect(200);
    assert_eq!(told["total"], 12_000);
    assert_eq!(told["credited"][1]["limited"], true);
}

#[tokio::test]
async fn only_an_accumulation_that_is_over_can_be_settled() {
    let t = start().await;
    let gifts = activated(&t, twelve_get_one("KM01")).await;
    let settle = |made: &Value| format!("/api/v1/promotions/{}/settle", made["id"].as_str().unwrap());
    t.admin().post(&settle(&gifts), json!({})).await.problem(409, "promotions.nothing_to_settle");
    let running = activated(&t, accumulation("TL01", "2026-08-06")).await;
    t.admin().post(&settle(&running), json!({})).await.problem(409, "promotions.not_over");
    let draft = t.admin().post("/api/v1/promotions", accumulation("TL02", "2026-07-31")).await.expect(201);
    t.admin().post(&settle(&draft), json!({})).await.problem(409, "promotions.draft");
}

#[tokio::test]
async fn an_accumulation_counts_what_was_bought_on_its_weekdays_by_its_types_of_order() {
    let t = start().await;
    july(&t).await;
    // Two pieces of the first invoice come back on the next day, a Tuesday.
    let mut tx = t.app.db.begin(&t.context("admin")).await.unwrap();
    for statement in [
        "insert into sales_returns (distributor_id, id, number, status, customer_id, invoice_id, rep_id, business_date, reason, gross,
           product_discount, order_discount, vat, total, received_on, received_by, received_at, created_by, created_at)
         select distributor_id, md5('r')::uuid, 'PT-1', 'Received', customer_id, id, rep_id, '2026-07-21', 'x', 18000, 0, 0, 1440,
           19440, '2026-07-21', rep_id, now(), rep_id, now() from invoices where number = 'PB-1'",
        "insert into sales_return_lines (distributor_id, return_id, line_no, invoice_id, invoice_line_no, product_id, unit, quantity,
           pieces, unit_price, gross, product_discount, order_discount, vat_percent, vat, total, is_free, condition)
         select distributor_id, md5('r')::uuid, 1, invoice_id, 1, product_id, 'retail', 2, 2, 9000, 18000, 0, 0, 8, 1440, 19440, false,
           'saleable' from invoice_lines where invoice_id = md5('i1')::uuid",
    ] {
        sqlx::query(statement).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    let total = async |code: &str, field: &str, only: Value| {
        let mut body = accumulation(code, "2026-07-31");
        body[field] = only;
        let url = ended(&t, body).await;
        t.admin().post(&url, json!({})).await.expect(200)["total"].clone()
    };
    assert_eq!(total("TL01", "weekdays", json!(["monday"])).await, 10_000, "5,000 for 10 pieces and for 8");
    assert_eq!(total("TL02", "weekdays", json!(["tuesday", "sunday"])).await, 0);
    assert_eq!(total("TL03", "orderTypes", json!(["PreSales"])).await, 10_000);
    assert_eq!(total("TL04", "orderTypes", json!(["VanSales"])).await, 0);
}

#[tokio::test]
async fn only_what_orders_earn_can_be_simulated() {
    let t = start().await;
    let made = t.admin().post("/api/v1/promotions", accumulation("TL01", "2026-07-31")).await.expect(201);
    let url = format!("/api/v1/promotions/{}/simulate", made["id"].as_str().unwrap());
    let july = json!({"from": "2026-07-01", "to": "2026-07-31"});
    t.admin().post(&url, july).await.problem(409, "promotions.nothing_to_simulate");
}
