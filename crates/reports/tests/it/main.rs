//! Reports against a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod dashboard;
mod erp;
mod references;
mod sales_by_rep;
mod stock_expiry;
mod stock_xnt;

use test_kit::TestApp;

async fn start() -> TestApp {
    TestApp::start(reports::router()).await
}

/// Runs prepared statements as the owner.
async fn prepare(t: &TestApp, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&mut t.database.owner().await).await.unwrap();
}
