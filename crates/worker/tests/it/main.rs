//! Jobs over the made-up company.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

use std::collections::BTreeMap;

use chrono::TimeDelta;
use jobs::runner;
use serde_json::Value;
use test_kit::{TestApp, world};
use utoipa_axum::router::OpenApiRouter;

async fn start() -> TestApp {
    TestApp::start(OpenApiRouter::new()).await
}

async fn run(t: &TestApp, sql: &'static str) {
    sqlx::query(sql).execute(&mut t.database.owner().await).await.unwrap();
}

/// The events in the outbox since the last look, by kind and audience.
async fn told(t: &TestApp) -> Vec<(String, Vec<String>, Value)> {
    sqlx::query_as(
        "with gone as (delete from outbox returning *) select kind, audience, payload from gone order by seq",
    )
    .fetch_all(&mut t.database.owner().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn goods_that_become_low_or_old_are_told_once_until_it_is_over() {
    let t = start().await;
    worker::stock_alerts(&t.app).await.unwrap();
    told(&t).await;
    run(&t, "update products set low_stock_threshold = 240 where code = 'SP002'").await;
    run(&t, "update lots set expiry = '2026-09-30' where id = (select lot_id from stock_lots where on_hand > 0 limit 1)").await;
    let raised = worker::stock_alerts(&t.app).await.unwrap();
    assert_eq!((raised.low, raised.near_expiry), (1, 1));
    let events: BTreeMap<String, (Vec<String>, Value)> =
        told(&t).await.into_iter().map(|(kind, audience, payload)| (kind, (audience, payload))).collect();
    let (audience, low) = &events["LowStock"];
    assert_eq!(audience, &[format!("distributor:{}", world::NPP01)]);
    assert_eq!(low["count"], 1);
    assert_eq!((&low["items"][0]["productCode"], &low["items"][0]["onHand"]), (&"SP002".into(), &240.into()));
    assert_eq!(low["items"][0]["threshold"], 240);
    let (_, near) = &events["NearExpiry"];
    assert_eq!((&near["days"], &near["items"][0]["expiry"]), (&60.into(), &"2026-09-30".into()));

    // Once.
    assert_eq!(worker::stock_alerts(&t.app).await.unwrap(), worker::Raised::default());
    assert!(told(&t).await.is_empty());
    // It was over for a while, and comes back.
    run(&t, "update products set low_stock_threshold = 10 where code = 'SP002'").await;
    assert_eq!(worker::stock_alerts(&t.app).await.unwrap(), worker::Raised::default());
    run(&t, "update products set low_stock_threshold = 300 where code = 'SP002'").await;
    assert_eq!(worker::stock_alerts(&t.app).await.unwrap().low, 1);
}

#[tokio::test]
async fn the_rep_of_a_customer_is_told_that_it_owes_too_long_once_for_each_debt() {
    let t = start().await;
    let owe = |day: &str, amount: i64| {
        let sql = format!(
            "with e as (
               insert into receivable_entries (distributor_id, id, customer_id, kind, amount, document_id, document_number,
                 business_date, due_date, posted_at, actor_id)
               select distributor_id, gen_random_uuid(), id, 'invoice', {amount}, gen_random_uuid(), 'HD', '2026-07-01', '{day}', '{}',
                 '{}'
               from customers where id = '{}' returning *)
             insert into receivable_open_items (distributor_id, entry_id, customer_id, due_date, open_amount)
             select distributor_id, id, customer_id, due_date, amount from e",
            t.app.now(),
            world::ADMIN,
            world::SHOP1
        );
        let t = &t;
        async move {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut t.database.owner().await).await.unwrap();
        }
    };
    worker::overdue_debts(&t.app).await.unwrap();
    told(&t).await;
    owe("2026-08-04", 300_000).await;
    owe("2026-08-06", 500_000).await;
    assert_eq!(worker::overdue_debts(&t.app).await.unwrap(), 1);
    let events = told(&t).await;
    let (kind, audience, payload) = &events[0];
    assert_eq!((kind.as_str(), events.len()), ("DebtOverdue", 1));
    let expected = [format!("distributor:{}", world::NPP01), format!("user:{}", world::REP1)];
    assert_eq!(audience, &expected);
    // What is due today isn't overdue.
    assert_eq!((&payload["amount"], &payload["items"][0]["daysOverdue"]), (&300_000.into(), &2.into()));
    assert_eq!(payload["items"][0]["dueDate"], "2026-08-04");

    assert_eq!(worker::overdue_debts(&t.app).await.unwrap(), 0);
    t.clock.advance(TimeDelta::days(1));
    assert_eq!(worker::overdue_debts(&t.app).await.unwrap(), 1);
    assert_eq!(told(&t).await[0].2["amount"], 800_000);
    // A sale of the days before that comes only now was due before the others.
    t.clock.advance(TimeDelta::hours(1));
    owe("2026-08-03", 100_000).await;
    t.clock.advance(TimeDelta::hours(1));
    assert_eq!(worker::overdue_debts(&t.app).await.unwrap(), 1);
    assert_eq!(told(&t).await[0].2["amount"], 900_000);
    assert_eq!(worker::overdue_debts(&t.app).await.unwrap(), 0);
}

#[tokio::test]
async fn each_distributor_gets_the_figures_of_yesterday_once() {
    let t = start().await;
    assert_eq!(worker::daily_reports(&t.app).await.unwrap(), 2);
    assert_eq!(worker::daily_reports(&t.app).await.unwrap(), 0);
    let events = told(&t).await;
    assert_eq!(events.len(), 2);
    let (kind, audience, payload) = &events[0];
    assert_eq!((kind.as_str(), audience), ("DailyReport", &vec![format!("distributor:{}", world::NPP01)]));
    assert_eq!(payload["businessDate"], "2026-08-05");
    for figure in [
        "orders",
        "orderAmount",
        "invoices",
        "invoiceAmount",
        "visits",
        "visitsWithOrder",
        "collected",
        "newCustomers",
    ] {
        assert!(payload[figure].is_i64(), "{figure} of {payload}");
    }
    t.clock.advance(TimeDelta::days(1));
    assert_eq!(worker::daily_reports(&t.app).await.unwrap(), 2);
}

#[tokio::test]
async fn what_is_old_is_swept_away_and_nothing_else() {
    let t = start().await;
    run(&t, "insert into idempotency_keys (user_id, key, operation, fingerprint, created_at) select id, k, 'x', '', d
             from users, (values ('old', timestamptz '2026-06-01'), ('new', '2026-08-01')) v (k, d) where username = 'admin'").await;
    run(&t, "insert into job_runs (id, name, cause, scheduled_for, runner, started_at, ended_at, outcome)
             select gen_random_uuid(), 'x', 'schedule', d, '', d, d, 'done' from (values (timestamptz '2026-06-01'), ('2026-08-05')) v (d)").await;
    run(&t, "insert into inbox select 'orders', gen_random_uuid(), d from (values (timestamptz '2026-06-01'), ('2026-08-05')) v (d)").await;
    worker::clean_up(&t.app).await.unwrap();
    let left: (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from idempotency_keys), (select count(*) from job_runs), (select count(*) from inbox)",
    )
    .fetch_one(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(left, (1, 1, 1));
}

/// Each job of the list does something on a filled database, and says what.
#[tokio::test]
async fn every_job_runs() {
    let t = start().await;
    let jobs = worker::jobs();
    runner::register(&t.app, &jobs).await.unwrap();
    t.clock.advance(TimeDelta::days(1));
    assert_eq!(runner::run_due(&t.app, &jobs).await.unwrap(), jobs.len());
    let failed: Vec<(String, String)> =
        sqlx::query_as("select name, detail from job_runs where outcome <> 'done' or detail = ''")
            .fetch_all(&mut t.database.owner().await)
            .await
            .unwrap();
    assert!(failed.is_empty(), "{failed:?}");
}
