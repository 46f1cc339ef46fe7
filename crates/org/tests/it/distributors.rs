use serde_json::{Value, json};
use test_kit::{Actor, TestApp, world};
use uuid::Uuid;

const DISTRIBUTORS: &str = "/api/v1/distributors";

async fn start() -> TestApp {
    TestApp::start(org::router()).await
}

async fn codes(actor: &Actor<'_>, query: &str) -> Vec<String> {
    let list = actor.get(&format!("{DISTRIBUTORS}?{query}")).await.expect(200);
    let codes: Vec<String> =
        list["data"].as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap().to_owned()).collect();
    assert_eq!(list["pagination"]["totalItems"], codes.len());
    codes
}

fn path(id: &Value) -> String {
    format!("{DISTRIBUTORS}/{}", id.as_str().unwrap())
}

#[tokio::test]
async fn everybody_sees_the_distributors_they_work_for() {
    let t = start().await;
    assert_eq!(codes(&t.admin(), "").await, ["NPP01", "NPP02"]);
    assert_eq!(codes(&t.area_manager(), "").await, ["NPP01", "NPP02"]);
    for actor in [t.npp01(), t.supervisor(), t.rep1()] {
        assert_eq!(codes(&actor, "").await, ["NPP01"]);
        actor.get(&format!("{DISTRIBUTORS}/{}", world::NPP02)).await.problem(404, "not_found");
        assert_eq!(
            actor.get(&format!("{DISTRIBUTORS}/{}", world::NPP01)).await.expect(200)["name"],
            "NPP Thành Công"
        );
    }
    assert_eq!(codes(&t.admin(), "search=dai%20phat").await, ["NPP02"]);
    assert!(codes(&t.admin(), "status=pending").await.is_empty());
    t.anonymous().get(DISTRIBUTORS).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_supervisor_proposes_a_distributor_and_the_company_approves_it() {
    let t = start().await;
    let body = json!({"name": "NPP Mới", "taxCode": "0312345678", "type": "đại lý", "province": "Đồng Nai",
        "latitude": 10.95, "longitude": 106.82});
    let proposed = t.supervisor().post(DISTRIBUTORS, body).await.expect(201);
    assert_eq!(proposed["status"], "pending");
    assert_eq!(proposed["code"], "NPP00003");
    assert_eq!(proposed["type"], "đại lý");
    assert_eq!(proposed["channel"], "GT");
    assert_eq!(codes(&t.admin(), "status=pending").await, ["NPP00003"]);
    let decision = format!("{}/approve", path(&proposed["distributorId"]));
    for actor in [t.supervisor(), t.npp01(), t.area_manager()] {
        actor.post(&decision, json!({"approve": true})).await.problem(403, "forbidden");
    }
    let switched = json!({"name": "NPP Mới", "status": "active", "version": 1});
    t.admin().put(&path(&proposed["distributorId"]), switched).await.problem(409, "distributors.pending");
    let approved = t.admin().post(&decision, json!({"approve": true})).await.expect(200);
    assert_eq!((approved["status"].as_str(), approved["version"].as_i64()), (Some("active"), Some(2)));
    t.admin().post(&decision, json!({"approve": true})).await.problem(409, "distributors.not_pending");
    let mut c = t.database.owner().await;
    let audited: Vec<(String, String)> =
        sqlx::query_as("select action, actor_name from audit_log order by id")
            .fetch_all(&mut c)
            .await
            .unwrap();
    let audited: Vec<_> = audited.iter().map(|(action, name)| (action.as_str(), name.as_str())).collect();
    assert_eq!(audited, [("distributors.create", "gsbh01"), ("distributors.approve", "admin")]);
}

#[tokio::test]
async fn a_rejection_needs_a_reason() {
    let t = start().await;
    let proposed =
        t.area_manager().post(DISTRIBUTORS, json!({"name": "NPP Mới", "code": "X1"})).await.expect(201);
    let decision = format!("{}/approve", path(&proposed["distributorId"]));
    t.admin().post(&decision, json!({"approve": false})).await.problem(400, "validation");
    t.admin().post(&decision, json!({})).await.problem(400, "validation");
    let rejected =
        t.admin().post(&decision, json!({"approve": false, "reason": "Trùng vùng"})).await.expect(200);
    assert_eq!(rejected["status"], "inactive");
    let mut c = t.database.owner().await;
    let after: Value = sqlx::query_scalar("select after from audit_log where action = 'distributors.reject'")
        .fetch_one(&mut c)
        .await
        .unwrap();
    assert_eq!(after, json!({"status": "inactive", "reason": "Trùng vùng"}));
}

#[tokio::test]
async fn the_company_s_own_distributors_are_active_at_once_and_made_once() {
    let t = start().await;
    let body = json!({"id": Uuid::from_u128(77), "name": "NPP Ba", "code": "NPP03"});
    let first = t.admin().post(DISTRIBUTORS, body.clone()).await.expect(201);
    assert_eq!(first["status"], "active");
    assert_eq!(t.admin().post(DISTRIBUTORS, body).await.expect(201), first);
    assert_eq!(codes(&t.admin(), "").await, ["NPP01", "NPP02", "NPP03"]);
    t.admin()
        .post(DISTRIBUTORS, json!({"name": "X", "code": "NPP03"}))
        .await
        .problem(409, "distributors.code_taken");
    for actor in [t.npp01(), t.rep1()] {
        actor.post(DISTRIBUTORS, json!({"name": "X"})).await.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn a_distributor_is_changed_with_the_version_that_was_loaded() {
    let t = start().await;
    let path = format!("{DISTRIBUTORS}/{}", world::NPP01);
    let body = json!({"name": "NPP Thành Công Mới", "phone": "0281234567", "type": "NPP", "channel": "GT", "version": 1});
    let changed = t.admin().put(&path, body.clone()).await.expect(200);
    assert_eq!(changed["code"], "NPP01");
    assert_eq!((changed["phone"].as_str(), changed["version"].as_i64()), (Some("0281234567"), Some(2)));
    t.admin().put(&path, body).await.problem(412, "stale_version");
    assert_eq!(codes(&t.admin(), "search=cong%20moi").await, ["NPP01"]);
    let mut c = t.database.owner().await;
    let before: Value =
        sqlx::query_scalar("select before from audit_log where action = 'distributors.update'")
            .fetch_one(&mut c)
            .await
            .unwrap();
    assert_eq!(before, json!({"name": "NPP Thành Công", "phone": ""}));
    let closed = json!({"name": "NPP Thành Công Mới", "status": "inactive", "version": 2});
    assert_eq!(t.admin().put(&path, closed).await.expect(200)["status"], "inactive");
    let waiting = json!({"name": "NPP Thành Công Mới", "status": "pending", "version": 3});
    t.admin().put(&path, waiting).await.problem(400, "validation");
    t.npp01().put(&path, json!({"name": "X", "version": 3})).await.problem(403, "forbidden");
    let taken = json!({"name": "X", "code": "NPP02", "version": 3});
    t.admin().put(&path, taken).await.problem(409, "distributors.code_taken");
}

#[tokio::test]
async fn what_a_distributor_says_of_itself_is_checked() {
    let t = start().await;
    for body in [
        json!({}),
        json!({"name": " "}),
        json!({"name": "x".repeat(301)}),
        json!({"name": "X", "taxCode": "1".repeat(51)}),
        json!({"name": "X", "latitude": 10.0}),
        json!({"name": "X", "latitude": 91.0, "longitude": 0.0}),
        json!({"name": "X", "surprise": 1}),
    ] {
        t.admin().post(DISTRIBUTORS, body).await.problem(400, "validation");
    }
}
