use chrono::NaiveDate;
use futures_util::future::join_all;
use serde_json::{Value, json};
use test_kit::{TestApp, minutes, world};

use crate::{app, assert_sound};

const VAN: &str = "00000000-0000-0000-0000-0000000050aa";

/// The first rep's van with 60 pieces of milk, 20 of which expire soon, and 24 of soap.
pub(crate) async fn loaded() -> TestApp {
    loaded_on(world::today()).await
}

/// The same, loaded on a day.
async fn loaded_on(day: NaiveDate) -> TestApp {
    let t = app().await;
    let mut owner = t.database.owner().await;
    sqlx::query(
        "insert into warehouses (distributor_id, id, code, name, kind, rep_id, created_at) values ($1, $2, 'XE01', 'Xe 01', 'van', $3, now())",
    )
    .bind(world::NPP01.uuid())
    .bind(VAN.parse::<uuid::Uuid>().unwrap())
    .bind(world::REP1.uuid())
    .execute(&mut owner)
    .await
    .unwrap();
    let lines = [
        (world::MILK, "S", Some("2026-08-20"), 20),
        (world::MILK, "L", Some("2027-08-20"), 40),
        (world::SOAP, "", None, 24),
    ];
    load(&t, day, &lines).await;
    t
}

/// Loads the van on a day with pieces of lots.
async fn load(t: &TestApp, day: NaiveDate, lots: &[(domain::ProductId, &str, Option<&str>, i64)]) {
    let line =
        |&(product_id, lot, expiry, pieces): &(_, &str, Option<&str>, i64)| inventory::stock::ReceiveLine {
            product_id,
            lot_number: lot.to_owned(),
            expiry: expiry.map(|e| e.parse().unwrap()),
            pieces: domain::Quantity::new(pieces),
            typed_quantity: pieces,
            unit: domain::Unit::Retail,
            selling_value: domain::Money::new(pieces * 1_000),
            cost_value: domain::Money::new(pieces * 900),
            sold_value: domain::Money::ZERO,
        };
    let posting = inventory::stock::Posting {
        distributor: world::NPP01,
        warehouse: domain::WarehouseId::new(VAN.parse().unwrap()),
        document_id: domain::DocumentId::new(uuid::Uuid::now_v7()),
        number: "X",
        business_date: day,
        at: world::now(),
        actor: world::NPP01_ADMIN,
    };
    let lines: Vec<_> = lots.iter().map(line).collect();
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    inventory::stock::receive(&mut tx, &posting, inventory::Reason::Transfer, &lines).await.unwrap();
    tx.commit().await.unwrap();
}

/// 24 pieces of milk with 2 gifts and a case of soap: 259,200 + 198,000 = 457,200.
pub(crate) fn sale(paid: i64) -> Value {
    json!({
        "orderType": "VanSales",
        "customerId": world::SHOP1,
        "amountPaid": paid,
        "items": [
            {"productId": world::MILK, "quantity": 24, "unit": "retail"},
            {"productId": world::SOAP, "quantity": 1, "unit": "whole"}
        ]
    })
}

async fn stock(t: &TestApp) -> Vec<i64> {
    sqlx::query_scalar("select on_hand from stock_items where warehouse_id = $1 order by product_id")
        .bind(VAN.parse::<uuid::Uuid>().unwrap())
        .fetch_all(&mut t.database.owner().await)
        .await
        .unwrap()
}

async fn balance(t: &TestApp) -> i64 {
    sqlx::query_scalar(
        "select coalesce(sum(balance), 0)::bigint from customer_balances where customer_id = $1",
    )
    .bind(world::SHOP1.uuid())
    .fetch_one(&mut t.database.owner().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_van_sale_is_ordered_invoiced_delivered_and_paid_at_once() {
    let t = loaded().await;
    let sold = t.rep1().post("/api/v1/orders", sale(400_000)).await.expect(201);
    assert_eq!(
        (&sold["status"], &sold["warehouseId"], &sold["totalAmount"]),
        (&json!("Issued"), &json!(VAN), &json!(457_200))
    );
    assert_eq!(sold["invoices"][0]["invoiceNumber"], "PB-20260806-0001");
    assert_eq!(
        (&sold["receipt"]["receiptNumber"], &sold["receipt"]["amount"]),
        (&json!("TN-20260806-0001"), &json!(400_000))
    );
    assert_eq!(stock(&t).await, [34, 12]);
    assert_eq!(balance(&t).await, 57_200);
    let invoice = format!("/api/v1/invoices/{}", sold["invoices"][0]["invoiceId"].as_str().unwrap());
    let invoice = t.rep1().get(&invoice).await.expect(200);
    assert_eq!(
        (&invoice["status"], &invoice["issue"]["issueNumber"]),
        (&json!("Issued"), &json!("PX-20260806-0001"))
    );
    // First expiry first.
    assert_eq!(
        (&invoice["issue"]["picks"][0]["lotNumber"], &invoice["issue"]["picks"][0]["pieces"]),
        (&json!("S"), &json!(20))
    );
    // Cash that the rep carries now.
    let cash: i64 =
        sqlx::query_scalar("select coalesce(sum(amount), 0)::bigint from rep_cash_entries where rep_id = $1")
            .bind(world::REP1.uuid())
            .fetch_one(&mut t.database.owner().await)
            .await
            .unwrap();
    assert_eq!(cash, 400_000);
    let path = format!("/api/v1/orders/{}", sold["orderId"].as_str().unwrap());
    assert_eq!(t.rep1().get(&path).await.expect(200), sold);
    t.npp01()
        .post(&format!("{path}/cancel"), json!({"reason": "x"}))
        .await
        .problem(409, "orders.wrong_state");
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_van_sale_that_comes_twice_or_at_the_same_moment_has_one_effect() {
    let t = loaded().await;
    let mut body = sale(457_200);
    body["id"] = json!("01900000-0000-7000-8000-0000000000aa");
    let rep = t.rep1();
    let answers = join_all((0..3).map(|_| rep.post("/api/v1/orders", body.clone()))).await;
    let answers: Vec<Value> = answers.into_iter().map(|a| a.expect(201)).collect();
    assert!(answers.iter().all(|a| *a == answers[0]));
    assert_eq!((stock(&t).await, balance(&t).await), (vec![34, 12], 0));
    // Under another key it is known by its id, though the van couldn't sell it again; others' ids are taken.
    body["items"] = json!([{"productId": world::SOAP, "quantity": 1, "unit": "whole"}]);
    body["amountPaid"] = json!(0);
    body["id"] = json!("01900000-0000-7000-8000-0000000000ab");
    let sold = rep.post_once("/api/v1/orders", "key-1", body.clone()).await.expect(201);
    assert_eq!(stock(&t).await, [34, 0]);
    assert_eq!(rep.post_once("/api/v1/orders", "key-2", body).await.expect(201), sold);
    assert_eq!((stock(&t).await, balance(&t).await), (vec![34, 0], 198_000));
    assert_sound(&t).await;
}

#[tokio::test]
async fn too_little_in_the_van_is_told_line_by_line_and_nothing_is_kept() {
    let t = loaded().await;
    let mut body = sale(0);
    body["items"] = json!([
        {"productId": world::MILK, "quantity": 60, "unit": "retail"},
        {"productId": world::SOAP, "quantity": 25, "unit": "retail"}
    ]);
    let problem = t.rep1().post("/api/v1/orders", body).await.problem(422, "orders.stock_short");
    assert_eq!(problem["shortages"].as_array().unwrap().len(), 2);
    assert_eq!(t.rep1().get("/api/v1/orders").await.expect(200)["pagination"]["totalItems"], 0);
    assert_eq!(t.rep1().post("/api/v1/orders", sale(0)).await.expect(201)["orderNumber"], "DH-20260806-0001");
    assert_sound(&t).await;
}

#[tokio::test]
async fn goods_that_expire_too_soon_for_the_customer_stay_in_the_van() {
    let t = loaded().await;
    sqlx::query("update customers set min_life_days = 30 where id = $1")
        .bind(world::SHOP1.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let sold = t.rep1().post("/api/v1/orders", sale(0)).await.expect(201);
    let invoice = format!("/api/v1/invoices/{}", sold["invoices"][0]["invoiceId"].as_str().unwrap());
    let picks = t.rep1().get(&invoice).await.expect(200)["issue"]["picks"].clone();
    assert!(picks.as_array().unwrap().iter().all(|p| p["lotNumber"] != "S"), "{picks}");
}

#[tokio::test]
async fn what_is_not_paid_must_be_carried_by_the_credit() {
    let t = loaded().await;
    sqlx::query("update customers set credit_limit = 57200 where id = $1")
        .bind(world::SHOP1.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    t.rep1().post("/api/v1/orders", sale(399_999)).await.problem(422, "orders.credit_exceeded");
    t.rep1().post("/api/v1/orders", sale(400_000)).await.expect(201);
    // The limit is reached: only against cash.
    t.rep1().post("/api/v1/orders", sale(0)).await.problem(422, "orders.credit_exceeded");
    t.clock.set(minutes(60));
    t.rep1().post("/api/v1/orders", sale(457_200)).await.expect(201);
    assert_eq!(balance(&t).await, 57_200);
    assert_sound(&t).await;
}

#[tokio::test]
async fn one_sells_from_ones_own_van_and_takes_no_more_than_it_costs() {
    let t = loaded().await;
    t.rep2().post("/api/v1/orders", sale(0)).await.problem(422, "orders.no_van");
    let mut main = sale(0);
    main["warehouseId"] = json!(world::MAIN1);
    t.rep1().post("/api/v1/orders", main).await.problem(422, "orders.no_van");
    t.rep1().post("/api/v1/orders", sale(457_201)).await.problem(422, "orders.overpaid");
    t.rep1().post("/api/v1/orders", sale(-1)).await.problem(400, "validation");
    let mut foreign = sale(0);
    foreign["customerId"] = json!(world::SHOP21);
    t.rep1().post("/api/v1/orders", foreign).await.problem(404, "not_found");
    let mut presale = sale(1);
    presale["orderType"] = json!("PreSales");
    t.rep1().post("/api/v1/orders", presale).await.problem(400, "validation");
    // The phone had asked for more, and was paid: the rest stays as the customer's credit.
    let mut asked = sale(460_000);
    asked["clientTotals"] =
        json!({"subTotal": 420_000, "discountAmount": 0, "taxAmount": 40_000, "totalAmount": 460_000});
    let sold = t.rep1().post("/api/v1/orders", asked).await.expect(201);
    assert_eq!((&sold["needsReview"], balance(&t).await), (&json!(true), -2_800));
    assert_sound(&t).await;
}

fn yesterday() -> NaiveDate {
    world::today().pred_opt().unwrap()
}

/// A sale of yesterday that the phone tells of today.
fn late(paid: i64) -> Value {
    let mut body = sale(paid);
    body["at"] = json!("2026-08-05T10:00:00Z");
    body
}

/// On which days the order, its papers, postings and cash are.
async fn days(t: &TestApp, order: &Value) -> Vec<String> {
    sqlx::query_scalar(
        "select what || ' ' || string_agg(distinct day::text, ', ') from (
           select 1, 'order', business_date from orders where id = $1
           union all select 2, 'papers', to_date(substr(number, 4, 8), 'YYYYMMDD') from invoices
           union all select 2, 'papers', to_date(substr(number, 4, 8), 'YYYYMMDD') from goods_issues
           union all select 2, 'papers', to_date(substr(number, 4, 8), 'YYYYMMDD') from receipts
           union all select 2, 'papers', business_date from invoices
           union all select 2, 'papers', business_date from goods_issues
           union all select 2, 'papers', business_date from receipts
           union all select 3, 'postings', business_date from stock_movements where reason = 'issue'
           union all select 3, 'postings', business_date from receivable_entries
           union all select 4, 'due', due_date - c.payment_term_days from receivable_entries e
             join customers c on c.id = e.customer_id where due_date is not null
           union all select 5, 'cash', business_date from rep_cash_entries
         ) d (place, what, day) group by place, what order by place",
    )
    .bind(order["orderId"].as_str().unwrap().parse::<uuid::Uuid>().unwrap())
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_van_sale_that_comes_later_counts_on_the_day_it_was_made() {
    let t = loaded_on(yesterday()).await;
    let sold = t.rep1().post("/api/v1/orders", late(400_000)).await.expect(201);
    assert_eq!(sold["invoices"][0]["invoiceNumber"], "PB-20260805-0001");
    let day = "2026-08-05";
    let all = ["order", "papers", "postings", "due", "cash"].map(|what| format!("{what} {day}"));
    assert_eq!(days(&t, &sold).await, all);
    assert_eq!((stock(&t).await, balance(&t).await), (vec![34, 12], 57_200));
    // What is sold today counts today.
    let mut today = sale(0);
    today["items"] = json!([{"productId": world::SOAP, "quantity": 1, "unit": "retail"}]);
    let sold = t.rep1().post("/api/v1/orders", today).await.expect(201);
    assert_eq!(sold["invoices"][0]["invoiceNumber"], "PB-20260806-0001");
    assert_sound(&t).await;
}

/// The order and the cash are of yesterday, the rest of today.
async fn counts_today(t: &TestApp) {
    let sold = t.rep1().post("/api/v1/orders", late(400_000)).await.expect(201);
    let expected =
        ["order 2026-08-05", "papers 2026-08-06", "postings 2026-08-06", "due 2026-08-06", "cash 2026-08-05"];
    assert_eq!(days(t, &sold).await, expected);
    assert_eq!((stock(t).await, balance(t).await), (vec![34, 12], 57_200));
    assert_sound(t).await;
}

#[tokio::test]
async fn a_van_sale_that_comes_later_takes_lots_of_its_day() {
    let t = loaded_on(yesterday()).await;
    // It expires before the other that lasts long enough.
    load(&t, world::today(), &[(world::MILK, "N", Some("2027-08-19"), 50)]).await;
    t.rep1().post("/api/v1/orders", late(400_000)).await.expect(201);
    let lots = "select distinct l.lot_number from stock_movements m join lots l on l.id = m.lot_id
                where m.reason = 'issue' and m.product_id = $1 and m.business_date = $2 order by 1";
    let lots: Vec<String> = sqlx::query_scalar(lots)
        .bind(world::MILK.uuid())
        .bind(yesterday())
        .fetch_all(&mut t.database.owner().await)
        .await
        .unwrap();
    assert!(!lots.is_empty() && !lots.contains(&"N".to_owned()), "{lots:?}");
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_van_sale_of_goods_whose_lots_came_later_counts_today() {
    let t = loaded_on(yesterday()).await;
    // All the milk came this morning.
    let mut owner = t.database.owner().await;
    sqlx::raw_sql("alter table stock_movements disable trigger user").execute(&mut owner).await.unwrap();
    sqlx::query("update stock_movements set business_date = $1 where warehouse_id = $2 and product_id = $3")
        .bind(world::today())
        .bind(VAN.parse::<uuid::Uuid>().unwrap())
        .bind(world::MILK.uuid())
        .execute(&mut owner)
        .await
        .unwrap();
    counts_today(&t).await;
}

#[tokio::test]
async fn a_van_sale_from_before_a_count_counts_today() {
    let t = loaded_on(yesterday()).await;
    sqlx::query(
        "insert into stock_counts (distributor_id, id, number, warehouse_id, status, business_date, frozen, partial,
           created_by, created_at, closed_by, closed_at)
         values ($1, gen_random_uuid(), 'KK', $2, 'Open', '2026-08-05', true, false, $3, $4, null, null)",
    )
    .bind(world::NPP01.uuid())
    .bind(VAN.parse::<uuid::Uuid>().unwrap())
    .bind(world::NPP01_ADMIN.uuid())
    .bind(world::now())
    .execute(&mut t.database.owner().await)
    .await
    .unwrap();
    t.rep1().post("/api/v1/orders", late(400_000)).await.problem(422, "inventory.counting");
    sqlx::query("update stock_counts set status = 'Closed', closed_by = created_by, closed_at = created_at")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    counts_today(&t).await;
}

#[tokio::test]
async fn a_van_sale_of_goods_that_the_van_did_not_have_by_the_books_counts_today() {
    counts_today(&loaded().await).await;
}
