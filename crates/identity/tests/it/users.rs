use axum::http::Method;
use serde_json::{Value, json};
use test_kit::{user_id, world};
use uuid::Uuid;

use crate::support::{PASSWORD, log_in, logged_in, start, text};

const USERS: &str = "/api/v1/users";

fn new_rep() -> Value {
    json!({"username": "NVBH99", "fullName": "Trần Văn Đồng", "role": "sales_rep", "phone": "0901234567",
        "unitIds": [world::TEAM1], "password": "Diligo@2026"})
}

fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

#[tokio::test]
async fn a_distributor_s_admin_creates_a_rep_who_can_log_in() {
    let t = start(&["npp01"]).await;
    let npp01 = logged_in(&t, "npp01").await;
    let rep = npp01.post(USERS, new_rep()).await.expect(201);
    assert_eq!(rep["username"], "nvbh99");
    assert_eq!(rep["distributorId"], world::NPP01.to_string());
    assert_eq!(rep["distributorName"], "NPP Thành Công");
    assert_eq!(rep["status"], "active");
    assert_eq!(rep["version"], 1);
    assert_eq!(rep["units"][0]["unitId"], world::TEAM1.to_string());
    assert_eq!(rep["units"][0]["isPrimary"], true);
    let login = log_in(&t, "nvbh99", None).await;
    let me = t.actor(text(&login, "accessToken")).get("/api/v1/auth/me").await.expect(200);
    assert_eq!(me["mustChangePassword"], true);
    let read = npp01.get(&format!("{USERS}/{}", text(&rep, "userId"))).await.expect(200);
    assert_eq!(read, rep);
}

#[tokio::test]
async fn creating_twice_with_one_id_or_key_makes_one_user() {
    let t = start(&["npp01"]).await;
    let npp01 = logged_in(&t, "npp01").await;
    let body = with(new_rep(), "id", Uuid::from_u128(77).to_string());
    let first = npp01.post(USERS, body.clone()).await.expect(201);
    assert_eq!(npp01.post(USERS, body.clone()).await.expect(201), first);
    npp01.post(USERS, with(body, "fullName", "Người khác")).await.problem(422, "idempotency.key_reused");
    let other = with(new_rep(), "username", "nvbh98");
    let first = npp01.post_once(USERS, "key-1", other.clone()).await.expect(201);
    assert_eq!(npp01.post_once(USERS, "key-1", other).await.expect(201), first);
    npp01.post(USERS, new_rep()).await.problem(409, "users.username_taken");
}

#[tokio::test]
async fn a_distributor_s_admin_stays_within_the_distributor_and_its_roles() {
    let t = start(&["npp01"]).await;
    let npp01 = logged_in(&t, "npp01").await;
    for role in ["company_admin", "area_manager", "regional_manager"] {
        npp01.post(USERS, with(new_rep(), "role", role)).await.problem(403, "users.role_not_allowed");
    }
    let foreign = with(new_rep(), "distributorId", world::NPP02.to_string());
    npp01.post(USERS, foreign).await.problem(404, "not_found");
    for unit in [world::TEAM2, world::AREA] {
        npp01.post(USERS, with(new_rep(), "unitIds", json!([unit]))).await.problem(422, "users.unknown_unit");
    }
    for other in ["nvbh11", "admin", "asm01"] {
        let path = format!("{USERS}/{}", user_id(other));
        npp01.get(&path).await.problem(404, "not_found");
        npp01
            .put(&path, json!({"fullName": "X", "role": "sales_rep", "version": 1}))
            .await
            .problem(404, "not_found");
        npp01.post(&format!("{path}/deactivate"), json!({})).await.problem(404, "not_found");
        let reset = json!({"newPassword": "Stolen@2026"});
        npp01.post(&format!("{path}/reset-password"), reset).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn reps_and_supervisors_manage_no_users_but_see_their_own_people() {
    let t = start(&["nvbh01", "gsbh01", "asm01", "npp01", "admin"]).await;
    let seen = async |name: &str| -> Vec<String> {
        let list = logged_in(&t, name).await.get(USERS).await.expect(200);
        let mut names: Vec<String> =
            list["data"].as_array().unwrap().iter().map(|u| text(u, "username").to_owned()).collect();
        assert_eq!(list["pagination"]["totalItems"], names.len());
        names.sort();
        names
    };
    assert_eq!(seen("nvbh01").await, ["nvbh01"]);
    assert_eq!(seen("gsbh01").await, ["gsbh01", "nvbh01", "nvbh02"]);
    assert_eq!(seen("npp01").await, ["gsbh01", "npp01", "nvbh01", "nvbh02"]);
    assert_eq!(seen("asm01").await, ["asm01", "gsbh01", "npp01", "npp02", "nvbh01", "nvbh02", "nvbh11"]);
    assert_eq!(seen("admin").await.len(), 8);
    for name in ["nvbh01", "gsbh01"] {
        let actor = logged_in(&t, name).await;
        actor.post(USERS, new_rep()).await.problem(403, "forbidden");
        let own = format!("{USERS}/{}", user_id(name));
        actor.get(&own).await.expect(200);
        actor
            .put(&own, json!({"fullName": "X", "role": "company_admin", "version": 1}))
            .await
            .problem(403, "forbidden");
        actor.get(&format!("{USERS}/{}", user_id("nvbh11"))).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn the_list_searches_filters_and_pages() {
    let t = start(&["admin"]).await;
    let admin = logged_in(&t, "admin").await;
    let names = async |query: &str| -> Vec<String> {
        let list = admin.get(&format!("{USERS}?{query}")).await.expect(200);
        list["data"].as_array().unwrap().iter().map(|u| text(u, "username").to_owned()).collect()
    };
    assert_eq!(names("search=nhan%20vien%2011").await, ["nvbh11"]);
    assert_eq!(names("role=sales_rep").await, ["nvbh01", "nvbh11", "nvbh02"]);
    assert_eq!(names(&format!("distributorId={}&role=sales_rep", world::NPP02)).await, ["nvbh11"]);
    assert_eq!(names(&format!("unitId={}&role=sales_rep", world::UNIT1)).await, ["nvbh01", "nvbh02"]);
    assert!(names("status=inactive").await.is_empty());
    let page = admin.get(&format!("{USERS}?pageSize=3&page=3")).await.expect(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    assert_eq!(
        page["pagination"],
        json!({"currentPage": 3, "pageSize": 3, "totalItems": 8, "totalPages": 3})
    );
    let beyond = admin.get(&format!("{USERS}?page=9")).await.expect(200);
    assert_eq!(beyond["pagination"]["totalItems"], 8);
    admin.get(&format!("{USERS}?role=king")).await.problem(400, "validation");
    admin.get(&format!("{USERS}?pageSize=101")).await.problem(400, "validation");
}

#[tokio::test]
async fn a_user_is_changed_with_the_version_that_was_loaded() {
    let t = start(&["npp01"]).await;
    let npp01 = logged_in(&t, "npp01").await;
    let path = format!("{USERS}/{}", user_id("nvbh02"));
    let body = json!({"fullName": "Nhân viên Hai", "role": "supervisor",
        "unitIds": [world::UNIT1, world::TEAM1], "primaryUnitId": world::TEAM1});
    npp01.put(&path, body.clone()).await.problem(400, "validation");
    npp01.put(&path, with(body.clone(), "version", 7)).await.problem(412, "stale_version");
    let answer =
        npp01.request(Method::PUT, &path, Some(body.clone()), &[("if-match", "\"1\"")]).await.expect(200);
    assert_eq!(answer["version"], 2);
    assert_eq!(answer["role"], "supervisor");
    assert_eq!(answer["units"][0]["unitId"], world::TEAM1.to_string());
    npp01.put(&path, with(body.clone(), "version", 1)).await.problem(412, "stale_version");
    let same = npp01.put(&path, with(body, "version", 2)).await.expect(200);
    assert_eq!(same["version"], 2);
    let mut c = t.database.owner().await;
    let (before, after): (Value, Value) =
        sqlx::query_as("select before, after from audit_log where action = 'users.update'")
            .fetch_one(&mut c)
            .await
            .unwrap();
    assert_eq!(before, json!({"fullName": "Nhân viên 2", "role": "sales_rep", "unitIds": [world::TEAM1]}));
    assert_eq!(after["role"], "supervisor");
}

#[tokio::test]
async fn changed_rights_show_in_running_sessions_at_once() {
    let t = start(&["npp01", "nvbh01"]).await;
    let rep = logged_in(&t, "nvbh01").await;
    assert_eq!(rep.get("/api/v1/auth/me").await.expect(200)["role"], "sales_rep");
    let npp01 = logged_in(&t, "npp01").await;
    let path = format!("{USERS}/{}", user_id("nvbh01"));
    let body = json!({"fullName": "Nhân viên 1", "role": "supervisor", "distributorId": world::NPP01,
        "unitIds": [world::TEAM1], "version": 1});
    npp01.put(&path, body).await.expect(200);
    assert_eq!(rep.get("/api/v1/auth/me").await.expect(200)["role"], "supervisor");
    assert_eq!(npp01.post(&format!("{path}/deactivate"), json!({})).await.expect(200)["status"], "inactive");
    rep.get("/api/v1/auth/me").await.problem(401, "unauthorized");
    assert_eq!(npp01.post(&format!("{path}/activate"), json!({})).await.expect(200)["status"], "active");
    rep.get("/api/v1/auth/me").await.problem(401, "unauthorized");
    logged_in(&t, "nvbh01").await.get("/api/v1/auth/me").await.expect(200);
}

#[tokio::test]
async fn nobody_takes_away_their_own_rights() {
    let t = start(&["admin"]).await;
    let admin = logged_in(&t, "admin").await;
    let path = format!("{USERS}/{}", user_id("admin"));
    let demoted = json!({"fullName": "A", "role": "area_manager", "unitIds": [world::COMPANY], "version": 1});
    admin.put(&path, demoted).await.problem(422, "users.own_account");
    admin.post(&format!("{path}/deactivate"), json!({})).await.problem(422, "users.own_account");
    let reset = json!({"newPassword": "Another@2026"});
    admin.post(&format!("{path}/reset-password"), reset).await.problem(422, "users.own_account");
}

#[tokio::test]
async fn a_reset_password_opens_a_locked_account_and_ends_its_sessions() {
    let t = start(&["npp01", "nvbh01"]).await;
    let rep = logged_in(&t, "nvbh01").await;
    rep.get("/api/v1/auth/me").await.expect(200);
    for _ in 0..5 {
        let body = json!({"username": "nvbh01", "password": "Wrong@2026"});
        t.anonymous().post("/api/v1/auth/login", body).await.expect(401);
    }
    let npp01 = logged_in(&t, "npp01").await;
    let path = format!("{USERS}/{}/reset-password", user_id("nvbh01"));
    npp01.post(&path, json!({"newPassword": "weak"})).await.problem(422, "auth.password_weak");
    npp01.post(&path, json!({"newPassword": PASSWORD})).await.problem(422, "auth.password_reused");
    npp01.post(&path, json!({"newPassword": "Given@2026"})).await.expect(204);
    rep.get("/api/v1/auth/me").await.problem(401, "unauthorized");
    let body = json!({"username": "nvbh01", "password": "Given@2026"});
    t.anonymous().post("/api/v1/auth/login", body).await.expect(200);
}

#[tokio::test]
async fn what_a_user_needs_is_checked() {
    let t = start(&["admin"]).await;
    let admin = logged_in(&t, "admin").await;
    let unknown = Uuid::from_u128(999).to_string();
    for (field, value, status, code) in [
        ("username", json!("cô lan"), 400, "validation"),
        ("fullName", json!("  "), 400, "validation"),
        ("fullName", json!("x".repeat(201)), 400, "validation"),
        ("role", json!("king"), 400, "validation"),
        ("role", json!("distributor_admin"), 422, "users.distributor_required"),
        ("distributorId", json!(unknown), 422, "users.unknown_distributor"),
        ("unitIds", json!([unknown]), 422, "users.unknown_unit"),
        ("unitIds", json!([world::TEAM1, world::TEAM1]), 422, "users.unknown_unit"),
        ("primaryUnitId", json!(world::TEAM2), 400, "validation"),
        ("password", json!("weak"), 422, "auth.password_weak"),
        ("surprise", json!(1), 400, "validation"),
    ] {
        admin.post(USERS, with(new_rep(), field, value)).await.problem(status, code);
    }
    let manager = json!({"username": "rsm", "fullName": "R", "role": "regional_manager", "password": PASSWORD,
        "distributorId": world::NPP01});
    admin.post(USERS, manager).await.problem(422, "users.distributor_not_allowed");
    let crossed =
        with(with(new_rep(), "distributorId", world::NPP02.to_string()), "unitIds", json!([world::TEAM1]));
    admin.post(USERS, crossed).await.problem(422, "users.unknown_unit");
}

#[tokio::test]
async fn roles_are_listed_with_their_permissions() {
    let t = start(&["nvbh01"]).await;
    let roles = logged_in(&t, "nvbh01").await.get("/api/v1/roles").await.expect(200);
    assert_eq!(roles["data"].as_array().unwrap().len(), 6);
    let regional =
        roles["data"].as_array().unwrap().iter().find(|r| r["role"] == "regional_manager").unwrap();
    assert_eq!(regional["permissions"], json!(["tracking.view", "reports.view"]));
    t.anonymous().get("/api/v1/roles").await.problem(401, "unauthorized");
}
