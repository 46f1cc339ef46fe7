//! Looking into and preparing the database as its owner.

use sqlx::{AssertSqlSafe, Executor as _};
use test_kit::TestApp;

/// Runs statements.
pub async fn sql(t: &TestApp, statements: impl Into<String>) {
    t.database.owner().await.execute(AssertSqlSafe(statements.into())).await.expect("the statements run");
}

/// The number that a query gives.
pub async fn count(t: &TestApp, query: &'static str) -> i64 {
    sqlx::query_scalar(query)
        .fetch_one(&mut t.database.owner().await)
        .await
        .expect("the query gives a number")
}
