//! Imports of files as the company has them, on a real database.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod counts;
mod customers;
mod files;
mod master;
mod money;
mod others;
mod volume;

use serde_json::Value;
use test_kit::{Actor, TestApp};

async fn start() -> TestApp {
    TestApp::start(integrations::router()).await
}

/// Sends a file as a form.
async fn send(actor: &Actor<'_>, path: &str, content: impl AsRef<[u8]>) -> Value {
    actor
        .upload(&format!("/api/v1/imports/{path}"), "file", "file.csv", content.as_ref(), &[])
        .await
        .expect(200)
}

/// Created, updated, unchanged.
fn counts(report: &Value) -> (i64, i64, i64) {
    let count = |name: &str| report[name].as_i64().unwrap();
    (count("created"), count("updated"), count("unchanged"))
}

/// Row, column and value of each error.
fn errors(report: &Value) -> Vec<(i64, &str, &str)> {
    let text =
        |error: &'_ Value, name: &str| -> &'static str { error[name].as_str().unwrap().to_owned().leak() };
    let all = report["errors"].as_array().unwrap();
    all.iter().map(|e| (e["row"].as_i64().unwrap(), text(e, "column"), text(e, "value"))).collect()
}

async fn number(t: &TestApp, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&mut t.database.owner().await).await.unwrap()
}
