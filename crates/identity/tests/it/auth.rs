use chrono::Duration;
use domain::DistributorId;
use serde_json::{Value, json};
use test_kit::{TestApp, user_id, world};

use crate::support::{PASSWORD, audited, log_in, logged_in, start, text};

async fn try_password(t: &TestApp, username: &str, password: &str) -> test_kit::Answer {
    t.anonymous().post("/api/v1/auth/login", json!({"username": username, "password": password})).await
}

#[tokio::test]
async fn login_answers_with_tokens_and_whose_they_are() {
    let t = start(&["nvbh01"]).await;
    let answer = log_in(&t, " NVBH01 ", None).await;
    assert_eq!(answer["expiresIn"], 900);
    assert_eq!(answer["tokenType"], "Bearer");
    let user = &answer["user"];
    assert_eq!(user["userId"], user_id("nvbh01").to_string());
    assert_eq!(user["username"], "nvbh01");
    assert_eq!(user["fullName"], "Nhân viên 1");
    assert_eq!(user["role"], "sales_rep");
    assert_eq!(user["distributorId"], world::NPP01.to_string());
    assert_eq!(user["distributorName"], "NPP Thành Công");
    assert_eq!(
        user["permissions"],
        json!(["orders.create", "visits.create", "attendance.clock", "customers.create"])
    );
    let me = t.actor(text(&answer, "accessToken")).get("/api/v1/auth/me").await.expect(200);
    assert_eq!(me["userId"], user["userId"]);
    assert_eq!(me["primaryUnitId"], world::TEAM1.to_string());
    assert_eq!(me["unitIds"], json!([world::TEAM1]));
    assert_eq!((&me["mustChangePassword"], &user["mustChangePassword"]), (&json!(false), &json!(false)));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_answer_alike() {
    let t = start(&["nvbh01"]).await;
    let mut wrong = try_password(&t, "nvbh01", "Wrong@2026").await.problem(401, "auth.invalid_credentials");
    let mut unknown = try_password(&t, "nobody", "Wrong@2026").await.problem(401, "auth.invalid_credentials");
    wrong["traceId"] = Value::Null;
    unknown["traceId"] = Value::Null;
    assert_eq!(wrong, unknown);
}

#[tokio::test]
async fn a_name_is_locked_for_fifteen_minutes_after_five_failures_whether_it_exists_or_not() {
    let t = start(&["nvbh01"]).await;
    for name in ["nvbh01", "nobody"] {
        for _ in 0..4 {
            try_password(&t, name, "Wrong@2026").await.problem(401, "auth.invalid_credentials");
        }
        let fifth = try_password(&t, name, "Wrong@2026").await;
        let body = fifth.problem(401, "auth.locked");
        assert_eq!(body["lockedUntil"], "2026-08-06T02:15:00Z");
        assert!(body["detail"].as_str().unwrap().contains(" 15 "), "{body}");
        assert!(fifth.headers.contains_key("retry-after"));
        try_password(&t, name, PASSWORD).await.problem(401, "auth.locked");
    }
    t.clock.advance(Duration::minutes(15) - Duration::seconds(1));
    try_password(&t, "nvbh01", PASSWORD).await.problem(401, "auth.locked");
    t.clock.advance(Duration::seconds(1));
    try_password(&t, "nvbh01", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_right_password_and_time_forget_failures() {
    let t = start(&["nvbh01"]).await;
    for _ in 0..4 {
        try_password(&t, "nvbh01", "Wrong@2026").await.problem(401, "auth.invalid_credentials");
    }
    try_password(&t, "nvbh01", PASSWORD).await.expect(200);
    for _ in 0..4 {
        try_password(&t, "nvbh01", "Wrong@2026").await.problem(401, "auth.invalid_credentials");
    }
    t.clock.advance(Duration::minutes(16));
    try_password(&t, "nvbh01", "Wrong@2026").await.problem(401, "auth.invalid_credentials");
}

#[tokio::test]
async fn many_guesses_at_once_don_t_pass_the_lock() {
    let t = start(&["nvbh01"]).await;
    let guesses = (0..12).map(|_| try_password(&t, "nvbh01", "Wrong@2026"));
    let answers = futures_util::future::join_all(guesses).await;
    let tried = answers.iter().filter(|a| a.json()["code"] == "auth.invalid_credentials").count();
    assert_eq!(tried, 4);
    assert!(answers.iter().all(|a| a.status == 401));
}

#[tokio::test]
async fn many_right_log_ins_at_once_all_pass() {
    let t = start(&["nvbh01"]).await;
    let answers = futures_util::future::join_all((0..8).map(|_| try_password(&t, "nvbh01", PASSWORD))).await;
    assert!(answers.iter().all(|a| a.status == 200));
}

#[tokio::test]
async fn an_inactive_account_is_only_told_to_who_knows_its_password() {
    let t = start(&["nvbh01", "npp01"]).await;
    let npp01 = logged_in(&t, "npp01").await;
    npp01.post(&format!("/api/v1/users/{}/deactivate", user_id("nvbh01")), json!({})).await.expect(200);
    try_password(&t, "nvbh01", "Wrong@2026").await.problem(401, "auth.invalid_credentials");
    try_password(&t, "nvbh01", PASSWORD).await.problem(403, "auth.inactive");
}

#[tokio::test]
async fn a_malformed_log_in_is_refused_before_any_hashing() {
    let t = start(&[]).await;
    let login = |body: Value| async { t.anonymous().post("/api/v1/auth/login", body).await };
    login(json!({})).await.problem(400, "validation");
    login(json!({"username": "", "password": "x"})).await.problem(400, "validation");
    login(json!({"username": "a".repeat(201), "password": "x"})).await.problem(400, "validation");
    login(json!({"username": "a", "password": "x".repeat(201)})).await.problem(400, "validation");
    login(json!({"username": "a", "password": "x", "deviceId": "d".repeat(201)}))
        .await
        .problem(400, "validation");
    login(json!({"username": "a", "password": "x", "admin": true})).await.problem(400, "validation");
    login(json!({"username": "a\u{0}b", "password": "x"})).await.problem(400, "malformed_text");
}

#[tokio::test]
async fn log_ins_failures_and_new_devices_are_audited() {
    let t = start(&["nvbh01"]).await;
    try_password(&t, "nvbh01", "Wrong@2026").await.problem(401, "auth.invalid_credentials");
    log_in(&t, "nvbh01", Some("field-1")).await;
    log_in(&t, "nvbh01", Some("field-1")).await;
    try_password(&t, "nobody", "Wrong@2026").await.problem(401, "auth.invalid_credentials");
    let said: Vec<_> = audited(&t).await;
    let said: Vec<_> = said.iter().map(|(action, name)| (action.as_str(), name.as_str())).collect();
    assert_eq!(
        said,
        [
            ("auth.login_failed", "nvbh01"),
            ("auth.login", "nvbh01"),
            ("auth.new_device", "nvbh01"),
            ("auth.login", "nvbh01"),
            ("auth.login_failed", "nobody"),
        ]
    );
    let mut c = t.database.owner().await;
    let whose: Option<DistributorId> =
        sqlx::query_scalar("select distributor_id from audit_log where action = 'auth.new_device'")
            .fetch_one(&mut c)
            .await
            .unwrap();
    assert_eq!(whose, Some(world::NPP01));
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_only() {
    let t = start(&["nvbh01"]).await;
    let other = logged_in(&t, "nvbh01").await;
    let own = logged_in(&t, "nvbh01").await;
    other.get("/api/v1/auth/me").await.expect(200);
    let body = json!({"currentPassword": PASSWORD, "newPassword": "Diligo@2027"});
    own.put("/api/v1/auth/password", body).await.expect(204);
    other.get("/api/v1/auth/me").await.problem(401, "unauthorized");
    assert_eq!(own.get("/api/v1/auth/me").await.expect(200)["mustChangePassword"], false);
    try_password(&t, "nvbh01", PASSWORD).await.problem(401, "auth.invalid_credentials");
    try_password(&t, "nvbh01", "Diligo@2027").await.expect(200);
}

#[tokio::test]
async fn a_password_that_somebody_else_set_opens_nothing_but_its_change() {
    let t = start(&["npp01", "nvbh01"]).await;
    let office = logged_in(&t, "npp01").await;
    let user = format!("/api/v1/users/{}/reset-password", user_id("nvbh01"));
    office.post(&user, json!({"newPassword": "Chosen@2026"})).await.expect(204);
    let answer = try_password(&t, "nvbh01", "Chosen@2026").await.expect(200);
    assert_eq!(answer["user"]["mustChangePassword"], true);
    let rep = t.actor(text(&answer, "accessToken"));
    assert_eq!(rep.get("/api/v1/auth/me").await.expect(200)["mustChangePassword"], true);
    for path in ["/api/v1/roles", "/api/v1/users", "/api/v1/audit-log"] {
        rep.get(path).await.problem(403, "auth.password_change_required");
    }
    // Its session goes on, and may end.
    let refreshed = json!({"refreshToken": answer["refreshToken"]});
    let again = t.anonymous().post("/api/v1/auth/refresh", refreshed).await.expect(200);
    assert_eq!(again["user"]["mustChangePassword"], true);
    let other = try_password(&t, "nvbh01", "Chosen@2026").await.expect(200);
    t.actor(text(&other, "accessToken")).post("/api/v1/auth/logout", json!({})).await.expect(204);
    let body = |new: &str| json!({"currentPassword": "Chosen@2026", "newPassword": new});
    rep.put("/api/v1/auth/password", body("weak")).await.problem(422, "auth.password_weak");
    rep.put("/api/v1/auth/password", body("Chosen@2026")).await.problem(422, "auth.password_reused");
    rep.get("/api/v1/roles").await.problem(403, "auth.password_change_required");
    rep.put("/api/v1/auth/password", body("MyOwn@2026")).await.expect(204);
    rep.get("/api/v1/roles").await.expect(200);
    assert_eq!(rep.get("/api/v1/auth/me").await.expect(200)["mustChangePassword"], false);
}

#[tokio::test]
async fn the_last_five_passwords_are_not_taken_again() {
    let t = start(&["nvbh01"]).await;
    let own = logged_in(&t, "nvbh01").await;
    let mut current = PASSWORD.to_owned();
    for n in 1..=4 {
        let next = format!("Another@{n}");
        let body = json!({"currentPassword": current, "newPassword": next});
        own.put("/api/v1/auth/password", body).await.expect(204);
        current = next;
        t.clock.advance(Duration::seconds(1));
    }
    for reused in [PASSWORD, "Another@4"] {
        let body = json!({"currentPassword": current, "newPassword": reused});
        own.put("/api/v1/auth/password", body).await.problem(422, "auth.password_reused");
    }
    let body = json!({"currentPassword": current, "newPassword": "Another@5"});
    own.put("/api/v1/auth/password", body).await.expect(204);
    t.clock.advance(Duration::seconds(1));
    let body = json!({"currentPassword": "Another@5", "newPassword": PASSWORD});
    own.put("/api/v1/auth/password", body).await.expect(204);
}

#[tokio::test]
async fn a_weak_new_password_is_refused_with_what_it_lacks() {
    let t = start(&["nvbh01"]).await;
    let own = logged_in(&t, "nvbh01").await;
    let body = json!({"currentPassword": PASSWORD, "newPassword": "matkhau2026"});
    let problem = own.put("/api/v1/auth/password", body).await.problem(422, "auth.password_weak");
    assert_eq!(problem["errors"]["newPassword"], json!(["No upper-case letter", "No special character"]));
    let body = json!({"currentPassword": PASSWORD, "newPassword": format!("Aa1@{}", "x".repeat(200))});
    own.put("/api/v1/auth/password", body).await.problem(400, "validation");
}

#[tokio::test]
async fn guessing_the_present_password_locks_like_guessing_at_log_in() {
    let t = start(&["nvbh01"]).await;
    let own = logged_in(&t, "nvbh01").await;
    let guess = json!({"currentPassword": "Wrong@2026", "newPassword": "Diligo@2027"});
    for _ in 0..4 {
        own.put("/api/v1/auth/password", guess.clone()).await.problem(422, "auth.wrong_password");
    }
    own.put("/api/v1/auth/password", guess).await.problem(422, "auth.locked");
    let right = json!({"currentPassword": PASSWORD, "newPassword": "Diligo@2027"});
    own.put("/api/v1/auth/password", right).await.problem(422, "auth.locked");
    try_password(&t, "nvbh01", PASSWORD).await.problem(401, "auth.locked");
}

#[tokio::test]
async fn the_role_of_distributors_callers_can_t_read_secrets() {
    let t = start(&["nvbh01"]).await;
    for table in
        ["credentials", "login_failures", "password_history", "sessions", "refresh_tokens", "known_devices"]
    {
        let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
        let refused =
            sqlx::query(sqlx::AssertSqlSafe(format!("select * from {table}"))).execute(&mut *tx).await;
        let code = refused.unwrap_err().as_database_error().and_then(|e| e.code().map(|c| c.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{table}");
    }
}
