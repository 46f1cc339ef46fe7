use std::sync::Arc;

use adapters::blob::FolderStore;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use chrono::{DateTime, Utc};
use db::Context;
use http_body_util::BodyExt as _;
use identity::{Sessions, SigningKey};
use platform::{App, AppParts, Config, TestClock, Wake};
use serde_json::{Value, json};
use sqlx::PgConnection;
use test_kit::TestDatabase;
use tower::ServiceExt as _;

/// 16:30 on a Sunday, in Việt Nam.
pub fn sunday() -> DateTime<Utc> {
    "2026-11-22T09:30:00Z".parse().unwrap()
}

/// The application on the database, at an instant.
pub async fn app(database: &TestDatabase, now: DateTime<Utc>) -> App {
    let db = database.pools().await;
    let clock = Arc::new(TestClock::at(now));
    App::new(AppParts {
        auth: Arc::new(Sessions::new(db.clone(), SigningKey::new(vec![7; 32]).unwrap(), clock.clone())),
        db,
        clock,
        config: Config::default(),
        blobs: Arc::new(FolderStore::new(database.folder().join("files"))),
        wake: Wake::default(),
    })
}

/// Logs in; gives what the API answers.
pub async fn log_in(app: &App, username: &str) -> Value {
    let (router, _) = identity::router().split_for_parts();
    let router = router.layer(axum::middleware::from_fn(platform::observe::observe)).with_state(app.clone());
    let body = json!({ "username": username, "password": demo::PASSWORD });
    let request = Request::post("/auth/login")
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()));
    let response = router.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{username}");
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

/// How many rows a query counts.
pub async fn count(c: &mut PgConnection, from: &'static str) -> i64 {
    let sql = format!("select count(*) from {from}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(c).await.unwrap()
}

/// Everything that is wrong in the books, in words.
pub async fn books(c: &mut PgConnection) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong.extend(inventory::verify(c).await.unwrap().iter().map(ToString::to_string));
    wrong.extend(receivables::verify(c).await.unwrap().iter().map(ToString::to_string));
    wrong.extend(orders::verify(c).await.unwrap().iter().map(ToString::to_string));
    wrong
}

/// Nothing is wrong in any ledger.
pub async fn assert_books_add_up(app: &App) {
    let mut tx = app.db.read(&Context::system("test")).await.unwrap();
    assert_eq!(books(&mut tx).await, Vec::<String>::new());
}
