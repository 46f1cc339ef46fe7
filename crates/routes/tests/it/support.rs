//! Looking into and preparing the database as its owner.

use domain::UserId;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};
use test_kit::TestApp;
use test_kit::world::ROUTE1;

/// The application with the endpoints of routes.
pub async fn app() -> TestApp {
    TestApp::start(routes::router()).await
}

/// Runs statements.
pub async fn sql(t: &TestApp, statements: impl Into<String>) {
    t.database.owner().await.execute(AssertSqlSafe(statements.into())).await.expect("the statements run");
}

/// The number that a query gives.
pub async fn count(t: &TestApp, query: impl Into<String>) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(query.into()))
        .fetch_one(&mut t.database.owner().await)
        .await
        .expect("the query gives a number")
}

/// What `verify` finds.
pub async fn findings(t: &TestApp) -> Vec<String> {
    let mut tx = t.app.db.snapshot(&db::Context::system("verify")).await.expect("a snapshot");
    let found = routes::verify(&mut tx).await.expect("verify runs");
    found.iter().map(ToString::to_string).collect()
}

/// Puts these outlets on the first route.
pub async fn put_customers(t: &TestApp, customers: Value) {
    let path = format!("/api/v1/routes/{ROUTE1}/customers");
    t.supervisor().put(&path, json!({ "customers": customers })).await.expect(200);
}

/// Somebody's plan for a day.
pub async fn plan(t: &TestApp, user: UserId, date: &str) -> Value {
    t.admin().get(&format!("/api/v1/routes/plan?userId={user}&date={date}")).await.expect(200)
}

/// The codes of the outlets of a plan, in order.
pub fn codes(plan: &Value) -> Vec<&str> {
    plan["customers"].as_array().unwrap().iter().map(|c| c["customerCode"].as_str().unwrap()).collect()
}
