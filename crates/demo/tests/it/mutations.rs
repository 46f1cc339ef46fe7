//! Whatever figure of the books is changed behind the system's back, the proof names it.

use sqlx::{Connection as _, PgConnection};
use test_kit::TestDatabase;

use crate::support::{app, books, sunday};

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
    &["version", "line_no", "order_line_no", "invoice_line_no", "promotion_tier", "price_version"];

/// Figures that stand nowhere else, so that nothing can contradict them.
const ALONE: &[&str] = &[];

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

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_that_was_changed_behind_the_systems_back_is_found() {
    let database = TestDatabase::empty().await;
    let app = app(&database, sunday()).await;
    demo::small::fill_if_empty(&app).await.unwrap();
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
    println!("{noticed} kinds of change noticed; no row to change: {untried:?}");
    assert_eq!(unnoticed, ALONE);
    assert_eq!(untried, Vec::<String>::new(), "the demo has no row of these");
}
