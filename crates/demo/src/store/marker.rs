use chrono::{DateTime, Utc};
use db::{Context, audit};
use sqlx::PgConnection;

/// The audit log's entry for the beginning of the filling.
pub const BEGUN: &str = "demo.begin";
/// The same for the large company.
pub const COMPANY_BEGUN: &str = "demo.company_begin";
/// And for the end of either.
pub const DONE: &str = "demo.done";
const ENTITY: &str = "demo";

/// What the database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Empty,
    /// A demo that was begun at this instant and not finished.
    Begun(DateTime<Utc>),
    /// A finished demo.
    Done,
    /// Somebody's company.
    Taken,
}

/// See [`State`].
pub async fn find_state(c: &mut PgConnection) -> Result<State, sqlx::Error> {
    let found = sqlx::query!(
        r#"select exists (select from audit_log where entity = $1 and action = $2) as "done!",
             (select (after ->> 'at')::timestamptz from audit_log where entity = $1 and action = $3 limit 1) as begun,
             exists (select from distributors) or exists (select from org_units) or exists (select from users)
               or exists (select from products) as "taken!""#,
        ENTITY,
        DONE,
        BEGUN,
    )
    .fetch_one(c)
    .await?;
    Ok(match found.begun {
        _ if found.done => State::Done,
        Some(at) => State::Begun(at),
        None if found.taken => State::Taken,
        None => State::Empty,
    })
}

/// When the filling with the large company began.
pub async fn find_company_begun(c: &mut PgConnection) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let begun = sqlx::query_scalar!(
        "select (after ->> 'at')::timestamptz from audit_log where entity = $1 and action = $2 limit 1",
        ENTITY,
        COMPANY_BEGUN,
    )
    .fetch_optional(c)
    .await?;
    Ok(begun.flatten())
}

/// Keeps others from filling the database until the transaction ends; `false` when another does so already.
pub async fn lock_filling(c: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(hashtextextended('demo', 0)) as "locked!""#)
        .fetch_one(c)
        .await
}

/// Notes that the filling, begun at `at`, came so far.
pub async fn insert_marker(
    c: &mut PgConnection,
    cx: &Context,
    action: &'static str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let entry = audit::Entry {
        action,
        entity: ENTITY,
        entity_id: None,
        distributor: None,
        before: None::<&()>,
        after: Some(&serde_json::json!({ "at": at })),
    };
    audit::record(c, cx, at, entry).await
}

/// Drops the events that wait to be heard.
pub async fn delete_events(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from outbox").execute(c).await?;
    Ok(())
}

/// Tells the planner what the tables hold by now: until it knows, it plans as for empty ones, and keeps those plans.
/// Only the owner may, so the transaction should do nothing else.
pub async fn analyze(c: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("set local role dms_owner").execute(&mut *c).await?;
    sqlx::query(
        "analyze distributors, org_units, users, user_units, products, price_lists, price_list_items, promotions, customers,
           routes, route_assignments, route_customers, clock_events, visits, visit_photos, warehouses, lots, stock_items,
           stock_lots, orders, order_lines, order_history, invoices, invoice_lines, goods_issues, goods_issue_lines,
           goods_receipts, receipts, customer_balances, receivable_entries, receivable_open_items, receivable_allocations,
           stock_movements, stock_snapshots, rep_cash_entries, rep_cash_days, cash_hand_overs, document_counters",
    )
    .execute(c)
    .await?;
    Ok(())
}
