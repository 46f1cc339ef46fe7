use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::Duration;
use demo::company_scale::{Progress, Size, fill_if_empty};
use platform::App;
use test_kit::TestDatabase;

use crate::support::{app, books, count, log_in, sunday};

/// A company that is made in a moment.
const TINY: Size = Size {
    distributors: 3,
    second_warehouses: 1,
    users: 20,
    outlets: 90,
    products: 24,
    orders: 1_200,
    days: 365,
};

async fn fill(app: &App) -> bool {
    fill_if_empty(app, TINY, |_| {}).await.unwrap()
}

/// All that was made, in one figure.
async fn digest(database: &TestDatabase) -> Vec<(String, String)> {
    let mut digests = Vec::new();
    for table in [
        "customers",
        "orders",
        "order_lines",
        "invoices",
        "invoice_lines",
        "goods_issue_lines",
        "stock_movements",
        "stock_lots",
        "receivable_entries",
        "receivable_allocations",
        "receipts",
        "rep_cash_days",
        "document_counters",
    ] {
        // The number of the transaction that wrote a row is no part of it.
        let row = "(to_jsonb(t) - 'xid')::text";
        let sql = format!("select md5(string_agg(md5({row}), '' order by md5({row}))) from {table} t");
        let digest: Option<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut database.owner().await)
            .await
            .unwrap();
        digests.push((table.to_owned(), digest.unwrap_or_default()));
    }
    digests
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundredth_of_the_company_has_books_that_add_up() {
    let database = TestDatabase::empty().await;
    let now = sunday();
    let demo = app(&database, now).await;
    let steps = Arc::new(AtomicU32::new(0));
    let seen = steps.clone();
    let shown = move |p: Progress| {
        assert!(p.done <= p.of);
        seen.fetch_max(p.done, Ordering::Relaxed);
    };
    let size = Size::percent(1);
    assert!(fill_if_empty(&demo, size, shown).await.unwrap());
    assert_eq!(steps.load(Ordering::Relaxed), size.distributors + 3);

    let mut c = database.owner().await;
    assert_eq!(books(&mut c).await, Vec::<String>::new());
    assert_eq!(reports::verify(&mut c).await.unwrap(), []);
    assert_eq!(count(&mut c, "customers").await, i64::from(size.outlets));
    assert_eq!(count(&mut c, "users").await, i64::from(size.users));
    assert_eq!(count(&mut c, "products").await, i64::from(size.products));
    let warehouses = i64::from(size.distributors + size.second_warehouses);
    assert_eq!(count(&mut c, "warehouses where kind = 'main'").await, warehouses);
    assert_eq!(count(&mut c, "warehouses where kind = 'van'").await, i64::from(size.distributors));
    assert_eq!(count(&mut c, "orders").await, i64::from(size.orders));
    assert_eq!(count(&mut c, "stock_snapshot_months").await, 12);
    for what in [
        "orders where status = 'Pending'",
        "orders where status = 'Rejected'",
        "orders where status = 'Cancelled'",
        "receivable_open_items where open_amount > 0",
        "receipts where method = 'cash'",
        "cash_hand_overs",
    ] {
        assert!(count(&mut c, what).await > 0, "{what}");
    }
    // Not even for a moment was there less of a lot than was taken from it.
    let short = "(select sum(quantity) over (partition by warehouse_id, product_id, lot_id order by posted_at, id) as left
                  from stock_movements) s where s.left < 0";
    assert_eq!(count(&mut c, short).await, 0);
    for who in ["admin", "rsm01", "asm01", "npp01", "gsbh02", "nvbh001"] {
        log_in(&demo, who).await;
    }
    assert!(!fill(&demo).await, "a second time there is nothing to do");
    assert!(!demo::small::fill_if_empty(&demo).await.unwrap(), "nor is there room for another company");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_company_is_finished_as_if_nothing_had_happened() {
    let now = sunday();
    let whole = TestDatabase::empty().await;
    assert!(fill(&app(&whole, now).await).await);

    let broken = TestDatabase::empty().await;
    let demo = app(&broken, now).await;
    let stopped = fill_if_empty(&demo, TINY, |p| assert!(p.done < 2, "stopped")).await;
    assert!(stopped.is_err());
    // Two days later.
    let later = app(&broken, now + Duration::days(2)).await;
    assert!(fill(&later).await);
    assert_eq!(digest(&broken).await, digest(&whole).await);
    assert_eq!(books(&mut broken.owner().await).await, Vec::<String>::new());
}
