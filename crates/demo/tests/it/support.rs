use std::sync::Arc;

use adapters::blob::FolderStore;
use adapters::redis::Shared;
use axum::body::Body;
use axum::http::{Method, Request};
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
        shared: Shared::in_process(),
        wake: Wake::default(),
    })
}

/// Logs in; gives what the API answers.
pub async fn log_in(app: &App, username: &str) -> Value {
    let body = json!({ "username": username, "password": demo::PASSWORD });
    call(app, "", Method::POST, "/auth/login", &body).await
}

/// Someone who is logged in.
pub struct Person<'a> {
    app: &'a App,
    token: String,
}

impl<'a> Person<'a> {
    pub async fn new(app: &'a App, username: &str) -> Person<'a> {
        let session = log_in(app, username).await;
        Person { app, token: session["accessToken"].as_str().unwrap().to_owned() }
    }

    pub async fn get(&self, path: &str) -> Value {
        call(self.app, &self.token, Method::GET, path, &Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        call(self.app, &self.token, Method::POST, path, &body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Value {
        call(self.app, &self.token, Method::PUT, path, &body).await
    }
}

/// Calls the API and gives its answer, which must be a good one.
async fn call(app: &App, token: &str, method: Method, path: &str, body: &Value) -> Value {
    let (router, _) = identity::router()
        .merge(customers::router())
        .merge(inventory::router())
        .merge(orders::router())
        .merge(promotions::router())
        .merge(receivables::router())
        .split_for_parts();
    let router = router.layer(axum::middleware::from_fn(platform::observe::observe)).with_state(app.clone());
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let response = router.oneshot(request.body(body).unwrap()).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap()
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
    wrong.extend(reports::verify(c).await.unwrap().iter().map(ToString::to_string));
    wrong.extend(reports::verify_references(c).await.unwrap().iter().map(ToString::to_string));
    wrong.extend(promotions::verify(c).await.unwrap().iter().map(ToString::to_string));
    wrong
}

/// Nothing is wrong in any ledger.
pub async fn assert_books_add_up(app: &App) {
    let mut tx = app.db.read(&Context::system("test")).await.unwrap();
    assert_eq!(books(&mut tx).await, Vec::<String>::new());
}
