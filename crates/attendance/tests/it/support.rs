//! Looking into and preparing the database as its owner.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};
use test_kit::TestApp;

/// The application with the endpoints of attendance.
pub async fn app() -> TestApp {
    TestApp::start(attendance::router()).await
}

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

/// What `verify` finds.
pub async fn findings(t: &TestApp) -> Vec<String> {
    let mut tx = t.app.db.snapshot(&db::Context::system("verify")).await.expect("a snapshot");
    let found = attendance::verify(&mut tx).await.expect("verify runs");
    found.iter().map(ToString::to_string).collect()
}

/// A clock-in or clock-out without a time.
pub fn here() -> Value {
    json!({ "latitude": 10.7769, "longitude": 106.7009, "accuracy": 12, "note": "Kho" })
}

/// The first rep clocks at an instant; gives the event's id.
pub async fn clock(t: &TestApp, which: &str, at: DateTime<Utc>) -> String {
    let mut body = here();
    body["at"] = json!(at);
    let event = t.rep1().post(&format!("/api/v1/attendance/clock-{which}"), body).await.expect(201);
    event["clockEventId"].as_str().expect("an id").to_owned()
}

/// An instant of August 2026 by the clock on the wall in Việt Nam: `5 09:51`.
pub fn august(text: &str) -> DateTime<Utc> {
    let (day, time) = text.split_once(' ').expect("a day and a time");
    format!("2026-08-{day:0>2}T{time}:00+07:00").parse().expect("an instant")
}
