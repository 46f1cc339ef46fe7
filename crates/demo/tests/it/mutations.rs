//! Whatever figure of the books is changed behind the system's back, the proof names it.

use platform::App;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use test_kit::TestDatabase;

use crate::support::{Person, app, books, sunday};

/// Documents, ledgers and the balances kept of them.
const TABLES: &[&str] = &[
    "cash_hand_overs",
    "customer_balances",
    "document_counters",
    "goods_issue_lines",
    "invoice_lines",
    "invoices",
    "order_lines",
    "orders",
    "promotion_usage",
    "receipts",
    "receivable_adjustments",
    "receivable_allocations",
    "receivable_entries",
    "receivable_open_items",
    "receivable_refunds",
    "rep_cash_days",
    "rep_cash_entries",
    "sales_return_lines",
    "sales_returns",
    "stock_count_lines",
    "stock_items",
    "stock_lots",
    "stock_movements",
    "stock_transfer_lots",
];

/// Columns that are no figures.
const NO_FIGURES: &[&str] =
    &["version", "line_no", "order_line_no", "invoice_line_no", "promotion_tier", "price_version", "xid"];

/// Figures that stand nowhere else, so that nothing can contradict them.
const ALONE: &[&str] = &[
    // The price that was agreed for the unit; the line's sums are shares of the invoice's.
    "sales_return_lines.unit_price",
];

/// Every figure: the columns of whole numbers.
async fn figures(c: &mut PgConnection) -> Vec<(String, String)> {
    sqlx::query_as(
        "select table_name::text, column_name::text from information_schema.columns
         where table_schema = 'public' and table_name = any ($1) and data_type in ('bigint', 'integer')
           and column_name <> all ($2) order by 1, 2",
    )
    .bind(TABLES)
    .bind(NO_FIGURES)
    .fetch_all(c)
    .await
    .unwrap()
}

/// A day on which everything happens that the demo's history doesn't have.
async fn eventful_day(app: &App) {
    let (company, office) = (Person::new(app, "admin").await, Person::new(app, "npp01").await);
    let warehouses = office.get("/warehouses").await;
    let of_kind = |kind: &str| {
        let mut rows = warehouses["data"].as_array().unwrap().iter();
        rows.find(|w| w["kind"] == kind).unwrap().clone()
    };
    let (main, van) = (of_kind("main"), of_kind("van"));
    let stock =
        office.get(&format!("/warehouses/{}/stock?pageSize=3", main["warehouseId"].as_str().unwrap())).await;
    let product = |n: usize| stock["data"][n]["productId"].clone();

    // A promotion with a budget, used by an order.
    let promotion = company
        .post(
            "/promotions",
            json!({
                "code": "NS", "name": "Có ngân sách", "validFrom": "2026-11-01", "validTo": "2026-12-31", "priority": 77,
                "budget": {"amount": 5_000_000}, "perCustomer": {"amount": 100_000},
                "kind": {"type": "product", "products": [product(0)], "basis": "pieces",
                         "tiers": [{"atLeast": 2, "reward": {"type": "percent", "percent": 3}}]},
            }),
        )
        .await;
    company.post(&format!("/promotions/{}/activate", promotion["id"].as_str().unwrap()), json!({})).await;
    let customer =
        office.post("/customers", json!({"name": "Tạp hóa Thử", "creditLimit": null})).await["id"].clone();
    let line =
        |n: usize, quantity: i64| json!({"productId": product(n), "quantity": quantity, "unit": "retail"});
    let order = |lines: Vec<Value>| json!({"orderType": "PreSales", "customerId": customer, "items": lines});
    let approved = office.post("/orders", order(vec![line(0, 3), line(1, 2)])).await["orderId"].clone();
    office.post(&format!("/orders/{}/approve", approved.as_str().unwrap()), json!({})).await;
    let sold = office.post("/orders", order(vec![line(1, 4)])).await["orderId"].clone();
    office.post(&format!("/orders/{}/approve", sold.as_str().unwrap()), json!({})).await;
    let invoice = office.post("/invoices", json!({"orderIds": [sold]})).await;
    let invoice =
        office.post(&format!("/invoices/{}/issue", invoice["invoiceId"].as_str().unwrap()), json!({})).await;
    let back = office
        .post(
            "/returns",
            json!({
                "invoiceId": invoice["invoiceId"], "customerId": customer, "reason": "móp",
                "lines": [{"invoiceLineNo": 1, "quantity": 1, "unit": "retail", "condition": "saleable"}],
            }),
        )
        .await;
    for step in ["approve", "receive"] {
        office.post(&format!("/returns/{}/{step}", back["returnId"].as_str().unwrap()), json!({})).await;
    }

    // Goods on the way, goods in the van and sold from it, goods counted.
    let transfer = |two_step: bool| json!({"fromWarehouseId": main["warehouseId"], "toWarehouseId": van["warehouseId"], "twoStep": two_step, "lines": [line(2, 10)]});
    office.post("/inventory/transfers", transfer(false)).await;
    office.post("/inventory/transfers", transfer(true)).await;
    let users = office.get("/users?pageSize=100").await;
    let driver =
        users["data"].as_array().unwrap().iter().find(|u| u["userId"] == van["repId"]).unwrap().clone();
    let rep = Person::new(app, driver["username"].as_str().unwrap()).await;
    let shop = rep.post("/customers", json!({"name": "Tạp hóa Trên đường", "creditLimit": null})).await["id"]
        .clone();
    office.post(&format!("/customers/{}/approve", shop.as_str().unwrap()), json!({})).await;
    let mut sale = order(vec![line(2, 2)]);
    sale["customerId"] = shop;
    sale["orderType"] = json!("VanSales");
    sale["amountPaid"] = json!(5_000);
    rep.post("/orders", sale).await;
    office
        .post(
            "/receivables/hand-overs",
            json!({"repId": van["repId"], "date": "2026-11-22", "amount": 4_000, "partial": true}),
        )
        .await;
    let count = office
        .post("/inventory/counts", json!({"warehouseId": van["warehouseId"], "products": [product(2)]}))
        .await;
    let path = format!("/inventory/counts/{}", count["countId"].as_str().unwrap());
    let counted = &office.get(&path).await["lines"][0];
    let seen = json!({"lines": [{"productId": product(2), "lotId": counted["lotId"], "quantity": 7, "unit": "retail"}]});
    office.put(&format!("{path}/lines"), seen).await;
    office.post(&format!("{path}/close"), json!({})).await;

    // Money that was too much and goes back, and a debt that is let off.
    office
        .post(
            "/receivables/receipts",
            json!({"customerId": customer, "amount": 900_000, "method": "transfer"}),
        )
        .await;
    office
        .post("/receivables/refunds", json!({"customerId": customer, "amount": 50_000, "method": "cash"}))
        .await;
    let adjustment =
        json!({"customerId": customer, "amount": 10_000, "kind": "correction", "reason": "nhầm"});
    office.post("/receivables/adjustments", adjustment).await;
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// A check of the database doesn't let it be.
    Refused,
    /// The table is empty.
    Nothing,
    /// It was changed, and so many findings name it.
    Found(usize),
}

/// Changes one figure of one row, looks what the proof says, and takes the change back.
async fn change(c: &mut PgConnection, table: &str, column: &str) -> Outcome {
    let mut tx = c.begin().await.unwrap();
    // As someone would who has the rights of the machine: triggers and references are off.
    sqlx::query("set local session_replication_role = replica").execute(&mut *tx).await.unwrap();
    let sql = format!(
        "update {table} set {column} = {column} + 1 where (tableoid, ctid) in
           (select tableoid, ctid from {table} where {column} is not null limit 1)"
    );
    match sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await {
        Err(_) => Outcome::Refused,
        Ok(done) if done.rows_affected() == 0 => Outcome::Nothing,
        Ok(_) => Outcome::Found(books(&mut tx).await.len()),
    }
}

/// Documents that stand elsewhere than their goods and money do, or are gone.
const STATES: &[&str] = &[
    "update orders set status = 'Cancelled' where status = 'Approved'",
    "update orders set status = 'Invoiced' where status = 'Approved'",
    "update orders set status = 'Pending' where status = 'Issued'",
    "update orders set status = 'Approved' where status = 'Issued'",
    "update invoices set status = 'Cancelled' where status = 'Issued'",
    "update invoices set status = 'Open' where status = 'Issued'",
    "update invoice_lines set void = true",
    "update sales_returns set status = 'Approved' where status = 'Received'",
    "delete from invoices",
    "delete from goods_issues",
    "delete from sales_returns",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_that_was_changed_behind_the_systems_back_is_found() {
    let database = TestDatabase::empty().await;
    let app = app(&database, sunday()).await;
    demo::small::fill_if_empty(&app).await.unwrap();
    eventful_day(&app).await;
    reports::build_missing_snapshots(&app.db, app.now()).await.unwrap();
    let mut c = database.owner().await;
    assert_eq!(books(&mut c).await, Vec::<String>::new());

    let (mut unnoticed, mut untried, mut noticed) = (Vec::new(), Vec::new(), 0);
    for (table, column) in figures(&mut c).await {
        let name = format!("{table}.{column}");
        match change(&mut c, &table, &column).await {
            Outcome::Found(0) => unnoticed.push(name),
            Outcome::Nothing => untried.push(name),
            Outcome::Found(_) | Outcome::Refused => noticed += 1,
        }
    }
    for sql in STATES {
        let mut tx = c.begin().await.unwrap();
        sqlx::query("set local session_replication_role = replica").execute(&mut *tx).await.unwrap();
        let done = match sqlx::query(*sql).execute(&mut *tx).await {
            Err(error) => {
                let check = error.as_database_error().is_some_and(|e| e.is_check_violation());
                assert!(check, "{sql}: {error}");
                continue;
            }
            Ok(done) => done,
        };
        assert_ne!(done.rows_affected(), 0, "{sql}");
        assert_ne!(books(&mut tx).await, Vec::<String>::new(), "{sql}");
    }
    println!("{noticed} kinds of change noticed; no row to change: {untried:?}");
    assert_eq!(unnoticed, ALONE);
    assert_eq!(untried, Vec::<String>::new(), "the demo has no row of these");
}
