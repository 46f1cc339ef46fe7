use std::sync::Arc;

use db::Context;
use identity::service::{self, Editor};
use identity::{Passwords, Sessions, SigningKey};
use serde_json::{Value, json};
use test_kit::{Actor, TestApp, user_id};

/// The password of everybody in these tests.
pub const PASSWORD: &str = "Diligo@2026";
pub const SECRET: &[u8] = b"a signing key of thirty-two bytes";

/// The application with sessions of its own; `names` have accounts.
pub async fn start(names: &[&str]) -> TestApp {
    let t = TestApp::start_with(identity::router(), |db, clock| {
        Arc::new(Sessions::new(db.clone(), SigningKey::new(SECRET).unwrap(), clock.clone()))
    })
    .await;
    let hash = Passwords::default().hash(PASSWORD).await.unwrap();
    let editor = Editor::company(Context::system("test"));
    let mut tx = t.app.db.begin(&editor.context).await.unwrap();
    for name in names {
        // An hour ago, so that the history of passwords has an order.
        let at = t.app.now() - chrono::Duration::hours(1);
        service::reset_password(&mut tx, &editor, at, user_id(name), &hash).await.unwrap();
    }
    tx.commit().await.unwrap();
    // They have chosen it themselves.
    let mut owner = t.database.owner().await;
    sqlx::query("update credentials set must_change = false").execute(&mut owner).await.unwrap();
    t
}

/// Logs in; gives the whole answer.
pub async fn log_in(t: &TestApp, username: &str, device: Option<&str>) -> Value {
    let body = json!({"username": username, "password": PASSWORD, "deviceId": device});
    t.anonymous().post("/api/v1/auth/login", body).await.expect(200)
}

/// Somebody who has just logged in.
pub async fn logged_in<'a>(t: &'a TestApp, username: &str) -> Actor<'a> {
    let answer = log_in(t, username, None).await;
    t.actor(text(&answer, "accessToken"))
}

pub fn text<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer[field].as_str().unwrap_or_else(|| panic!("no {field} in {answer}"))
}

/// The audited actions on users, oldest first.
pub async fn audited(t: &TestApp) -> Vec<(String, String)> {
    let mut c = t.database.owner().await;
    sqlx::query_as(
        "select action, actor_name from audit_log where action <> 'users.reset_password' order by id",
    )
    .fetch_all(&mut c)
    .await
    .unwrap()
}
