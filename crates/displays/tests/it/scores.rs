use serde_json::{Value, json};
use test_kit::world::{REP1, SUPERVISOR};
use uuid::Uuid;

use crate::{SCORES, app, record, running};

fn pass() -> Value {
    json!({ "passed": true, "note": "Đẹp" })
}

#[tokio::test]
async fn a_supervisor_passes_a_display_and_who_took_it_is_told() {
    let t = app().await;
    let program = running(&t, 1).await;
    let id = record(&t, &program).await;
    let path = format!("{SCORES}/{id}");
    let before = t.rep1().get(&path).await.expect(200);
    assert_eq!(
        (&before["status"], &before["photos"], &before["requiredPhotos"]),
        (&json!("waiting"), &json!(1), &json!(2))
    );
    assert_eq!((&before["userId"], before["photoList"].as_array().unwrap().len()), (&json!(REP1), 1));
    let passed = t.supervisor().post(&format!("{path}/score"), pass()).await.expect(200);
    assert_eq!(
        (&passed["status"], &passed["firstBy"], &passed["note"]),
        (&json!("passed"), &json!(SUPERVISOR), &json!("Đẹp"))
    );
    assert_eq!(passed["firstAt"], "2026-08-06T02:00:00Z");
    assert_eq!(
        t.supervisor().post(&format!("{path}/score"), pass()).await.expect(200)["version"],
        passed["version"]
    );
    let told: (Value, Vec<String>) =
        sqlx::query_as("select payload, audience from outbox where payload ->> 'kind' = 'display'")
            .fetch_one(&mut t.database.owner().await)
            .await
            .unwrap();
    assert_eq!((&told.0["status"], told.1), (&json!("passed"), vec![format!("user:{REP1}")]));

    let failed = json!({ "passed": false, "note": "Nhìn lại: thiếu hàng" });
    let changed = t.supervisor().post(&format!("{path}/score"), failed).await.expect(200);
    assert_eq!(changed["status"], "failed");
    let history: Vec<bool> =
        changed["scores"].as_array().unwrap().iter().map(|s| s["passed"].as_bool().unwrap()).collect();
    assert_eq!(history, [true, false]);
    let mut owner = t.database.owner().await;
    let error = sqlx::query("update display_scores set passed = true").execute(&mut owner).await.unwrap_err();
    assert!(error.to_string().contains("append-only"));
    for other in [t.rep1(), t.npp01()] {
        other.post(&format!("{path}/score"), pass()).await.problem(403, "forbidden");
    }
    t.rep2().get(&path).await.problem(404, "not_found");
    t.rep11().get(&path).await.problem(404, "not_found");
    for (query, found) in
        [("status=failed", 1), ("status=passed", 0), ("from=2026-08-07", 0), ("search=kh001", 1)]
    {
        let list = t.supervisor().get(&format!("{SCORES}?{query}")).await.expect(200);
        assert_eq!(list["pagination"]["totalItems"], found, "{query}");
    }
}

#[tokio::test]
async fn two_levels_pass_one_after_the_other() {
    let t = app().await;
    let program = running(&t, 2).await;
    let path = format!("{SCORES}/{}/score", record(&t, &program).await);
    t.area_manager().post(&path, pass()).await.problem(409, "displays.first_missing");
    assert_eq!(t.supervisor().post(&path, pass()).await.expect(200)["status"], "confirming");
    let confirmed = t.area_manager().post(&path, json!({ "passed": true })).await.expect(200);
    assert_eq!((&confirmed["status"], &confirmed["secondPassed"]), (&json!("passed"), &json!(true)));
    assert_eq!(confirmed["scores"][1]["level"], 2);
    t.supervisor().post(&path, json!({ "passed": false })).await.problem(409, "displays.decided_above");
}

#[tokio::test]
async fn many_are_scored_at_once_each_for_itself() {
    let t = app().await;
    let (one, two) = (running(&t, 1).await, running(&t, 2).await);
    let first = record(&t, &one).await;
    let visits = t.rep1().get("/api/v1/visits").await.expect(200);
    let visit = visits["data"][0]["visitId"].as_str().unwrap();
    crate::photograph(&t, visit, &two, 1).await.expect(201);
    let list = t.supervisor().get(&format!("{SCORES}?programId={two}")).await.expect(200);
    let second = list["data"][0]["displayScoreId"].as_str().unwrap().to_owned();
    let body = json!({ "ids": [first, second, first, Uuid::nil()], "passed": true });
    let path = format!("{SCORES}/bulk-score");
    let told = t.supervisor().post_once(&path, "bulk", body.clone()).await.expect(200);
    assert_eq!((&told["scored"], told["data"].as_array().unwrap().len()), (&json!(2), 3));
    assert_eq!(
        (&told["data"][0]["status"], &told["data"][1]["status"]),
        (&json!("passed"), &json!("confirming"))
    );
    assert_eq!(told["data"][2]["code"], "not_found");
    assert_eq!(t.supervisor().post_once(&path, "bulk", body.clone()).await.expect(200), told);
    t.area_manager().post(&path, body.clone()).await.expect(200);
    let refused = t.supervisor().post(&path, body).await.expect(200);
    assert_eq!(refused["data"][1]["code"], "displays.decided_above");
    let scores: i64 = sqlx::query_scalar("select count(*) from display_scores")
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(scores, 5, "each time somebody else passes the display of one level is a score too");
    t.npp01().post(&path, json!({ "ids": [Uuid::nil()], "passed": true })).await.problem(403, "forbidden");
    t.supervisor().post(&path, json!({ "ids": [], "passed": true })).await.problem(400, "validation");
}

#[tokio::test]
async fn two_scores_at_once_are_both_kept_and_one_holds() {
    let t = app().await;
    let program = running(&t, 1).await;
    let path = format!("{SCORES}/{}/score", record(&t, &program).await);
    let (one, other) = (t.supervisor(), t.area_manager());
    let (a, b) = tokio::join!(one.post(&path, pass()), other.post(&path, json!({ "passed": false })));
    a.expect(200);
    b.expect(200);
    let (record, last): (bool, bool) = sqlx::query_as(
        "select r.first_passed, (select s.passed from display_scores s where s.scorer_id = r.first_by order by s.at desc limit 1)
         from display_records r",
    )
    .fetch_one(&mut t.database.owner().await)
    .await
    .unwrap();
    assert_eq!(record, last);
}
