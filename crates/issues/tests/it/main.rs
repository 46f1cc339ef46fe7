//! Issues through their endpoints, on a real database.
#![expect(clippy::unwrap_used, reason = "helpers of tests stop the test")]

use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{NPP01_ADMIN, REP2, REP11, SHOP1, SHOP21, SUPERVISOR, TEAM1, UNIT1};
use uuid::Uuid;

const PATH: &str = "/api/v1/issues";

async fn app() -> TestApp {
    TestApp::start(issues::router()).await
}

async fn opened(t: &TestApp) -> String {
    let body = json!({ "customerId": SHOP1, "body": "Kệ hỏng\nCần thay gấp", "users": [REP2, REP2], "units": [TEAM1] });
    let thread = t.rep1().post(PATH, body).await.expect(201);
    assert_eq!((&thread["state"], &thread["subject"]), (&json!("open"), &json!("Kệ hỏng")));
    assert_eq!(thread["recipients"].as_array().unwrap().len(), 2);
    thread["issueId"].as_str().unwrap().to_owned()
}

async fn audience(t: &TestApp) -> Vec<String> {
    let mut told: Vec<String> =
        sqlx::query_scalar("select unnest(audience) from outbox where seq = (select max(seq) from outbox)")
            .fetch_all(&mut t.database.owner().await)
            .await
            .unwrap();
    told.sort();
    told
}

#[tokio::test]
async fn a_thread_is_asked_answered_resolved_and_reopened() {
    let t = app().await;
    let id = opened(&t).await;
    let (posts, resolve, reopen) =
        (format!("{PATH}/{id}/posts"), format!("{PATH}/{id}/resolve"), format!("{PATH}/{id}/reopen"));
    let answered = t.supervisor().post(&posts, json!({ "body": "Mai thay" })).await.expect(201);
    assert_eq!((&answered["state"], &answered["posts"][1]["kind"]), (&json!("answered"), &json!("answer")));
    assert!(answered["answeredAt"].is_string());
    let rep1 = test_kit::user_id("nvbh01");
    let mut expected = vec![format!("team:{TEAM1}"), format!("user:{rep1}"), format!("user:{REP2}")];
    expected.sort();
    assert_eq!(audience(&t).await, expected);
    assert_eq!(t.rep1().post(&posts, json!({ "body": "Chưa thấy ai" })).await.expect(201)["state"], "open");
    // Asked by name, though without the right to answer issues.
    assert_eq!(
        t.rep2().post(&posts, json!({ "body": "Tôi qua xem" })).await.expect(201)["state"],
        "answered"
    );
    t.rep2().post(&resolve, json!({})).await.problem(403, "forbidden");
    t.rep1().post(&reopen, json!({})).await.problem(409, "issues.not_resolved");
    let done = t.supervisor().post(&resolve, json!({ "note": "Đã thay" })).await.expect(200);
    assert_eq!((&done["state"], &done["posts"][4]["body"]), (&json!("resolved"), &json!("Đã thay")));
    t.rep1().post(&posts, json!({ "body": "x" })).await.problem(409, "issues.resolved");
    let again = t.rep1().post(&reopen, json!({})).await.expect(200);
    assert_eq!((&again["state"], &again["resolvedAt"]), (&json!("open"), &Value::Null));
    assert_eq!(again["postCount"], 6);
}

#[tokio::test]
async fn a_thread_is_seen_by_those_whose_matter_it_is() {
    let t = app().await;
    let id = opened(&t).await;
    for (actor, seen) in [
        (t.rep1(), true),
        (t.rep2(), true),
        (t.supervisor(), true),
        (t.area_manager(), true),
        (t.npp01(), true),
        (t.admin(), true),
        (t.rep11(), false),
        (t.npp02(), false),
    ] {
        let one = actor.get(&format!("{PATH}/{id}")).await;
        assert_eq!(one.status, if seen { 200 } else { 404 });
        let list = actor.get(PATH).await.expect(200);
        assert_eq!(list["pagination"]["totalItems"], i64::from(seen));
    }
    t.rep11().post(&format!("{PATH}/{id}/posts"), json!({ "body": "x" })).await.problem(404, "not_found");
    // Sees it, but neither asked nor answering.
    t.npp01().post(&format!("{PATH}/{id}/posts"), json!({ "body": "x" })).await.problem(403, "forbidden");
    t.anonymous().get(PATH).await.problem(401, "unauthorized");
    for (query, found) in [
        ("state=open", 1),
        ("state=resolved", 0),
        ("search=ke%20hong", 1),
        ("search=kh001", 1),
        ("search=zzz", 0),
        (&*format!("customerId={SHOP1}"), 1),
        ("toMe=true", 1),
    ] {
        let list = t.rep2().get(&format!("{PATH}?{query}")).await.expect(200);
        assert_eq!(list["data"].as_array().unwrap().len(), found, "{query}");
    }
    assert_eq!(
        t.rep1().get(&format!("{PATH}?toMe=true")).await.expect(200)["data"].as_array().unwrap().len(),
        1,
        "of the team"
    );
    t.rep1().get(&format!("{PATH}?state=lost")).await.problem(400, "validation");
}

#[tokio::test]
async fn somebody_asked_by_name_sees_what_is_not_of_their_unit() {
    let t = app().await;
    let body = json!({ "body": "Xin chi viện", "users": [NPP01_ADMIN] });
    let id = t.rep1().post(PATH, body).await.expect(201)["issueId"].as_str().unwrap().to_owned();
    t.rep2().get(&format!("{PATH}/{id}")).await.problem(404, "not_found");
    let answered = t.npp01().post(&format!("{PATH}/{id}/posts"), json!({ "body": "Được" })).await.expect(201);
    assert_eq!(answered["state"], "answered");
    assert_eq!(audience(&t).await, [format!("user:{}", test_kit::user_id("nvbh01"))]);
}

#[tokio::test]
async fn the_same_again_is_one_and_foreign_ids_are_refused() {
    let t = app().await;
    let mut body = json!({ "id": Uuid::now_v7(), "body": "Hỏi", "users": [SUPERVISOR] });
    let first = t.rep1().post(PATH, body.clone()).await.expect(201);
    assert_eq!(t.rep1().post(PATH, body.clone()).await.expect(201), first);
    assert_eq!(t.rep1().post_once(PATH, "lost-key", body.clone()).await.expect(201), first);
    t.rep2().post(PATH, body.clone()).await.problem(409, "issues.id_taken");
    t.supervisor().post(PATH, body.clone()).await.problem(409, "issues.id_taken");
    let posts = format!("{PATH}/{}/posts", first["issueId"].as_str().unwrap());
    let post = json!({ "id": Uuid::now_v7(), "body": "Đáp" });
    let answers = futures_util::future::join_all((0..6).map(|_| {
        let (actor, posts, post) = (t.supervisor(), posts.clone(), post.clone());
        async move { actor.post(&posts, post).await.expect(201) }
    }))
    .await;
    assert!(answers.iter().all(|thread| thread["postCount"] == 2));

    body["id"] = json!(Uuid::now_v7());
    for (field, value) in
        [("users", json!([REP11])), ("units", json!([Uuid::nil()])), ("customerId", json!(SHOP21))]
    {
        let mut wrong = body.clone();
        wrong[field] = value;
        t.rep1().post(PATH, wrong).await.problem(404, "not_found");
    }
    for wrong in [json!({ "body": "x" }), json!({ "body": " ", "units": [UNIT1] })] {
        t.rep1().post(PATH, wrong).await.problem(400, "validation");
    }
    t.npp01().post(PATH, body).await.problem(403, "forbidden");
}
