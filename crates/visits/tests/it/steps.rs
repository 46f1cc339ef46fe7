//! What is done in a visit: shelf counts, surveys, notes with recipients.

use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{MILK, NPP01, SOAP, SUPERVISOR, TEAM1};
use uuid::Uuid;

use crate::support::{add_photo, app, check_out, count, visit_shop1};

#[tokio::test]
async fn the_shelf_is_counted_in_cases_and_pieces_and_the_latest_count_holds() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let path = format!("/api/v1/visits/{visit}/stock-check");
    let line = |product: domain::ProductId, quantity: i64, unit: &str, expiry: Value| json!({ "productId": product, "quantity": quantity, "unit": unit, "expiry": expiry });
    let body = json!({ "id": Uuid::now_v7(), "lines": [
        line(MILK, 2, "whole", json!("2026-10-31")), line(MILK, 5, "retail", Value::Null), line(SOAP, 0, "retail", Value::Null),
    ]});
    let first = t.rep1().post(&path, body.clone()).await.expect(201);
    assert_eq!(first["lines"][0]["pieces"], 48);
    assert_eq!(first["lines"][0]["expiry"], "2026-10-31");
    assert_eq!(t.rep1().post(&path, body.clone()).await.expect(201), first);
    assert_eq!(t.rep1().post_once(&path, "lost-key", body).await.expect(201), first);
    assert_eq!(count(&t, "select count(*) from visit_stock_lines").await, 3);
    t.clock.advance(chrono::Duration::minutes(1));
    t.rep1().post(&path, json!({ "lines": [line(MILK, 1, "whole", Value::Null)] })).await.expect(201);
    let shown = t.supervisor().get(&format!("/api/v1/visits/{visit}")).await.expect(200);
    assert_eq!(shown["shelf"]["lines"].as_array().unwrap().len(), 1);

    let unknown = json!({ "lines": [{ "productId": Uuid::nil(), "quantity": 1, "unit": "whole" }] });
    t.rep1().post(&path, unknown).await.problem(422, "visits.unknown_product");
    for wrong in [json!({ "lines": [] }), json!({ "lines": [line(MILK, -1, "whole", Value::Null)] })] {
        t.rep1().post(&path, wrong).await.problem(400, "validation");
    }
    for other in [t.rep2(), t.rep11(), t.supervisor()] {
        other
            .post(&path, json!({ "lines": [line(MILK, 1, "whole", Value::Null)] }))
            .await
            .problem(404, "not_found");
    }
    t.npp01()
        .post(&path, json!({ "lines": [line(MILK, 1, "whole", Value::Null)] }))
        .await
        .problem(403, "forbidden");
    add_photo(&t, &visit, "Mặt tiền", 1).await;
    t.rep1().post(&format!("/api/v1/visits/{visit}/check-out"), check_out("NoOrder")).await.expect(200);
    let late = json!({ "lines": [line(MILK, 1, "whole", Value::Null)] });
    t.rep1().post(&path, late).await.problem(409, "visits.ended");
}

fn form(question: &str) -> Value {
    json!({ "questions": [
        { "id": "sells", "text": question, "type": "yesNo", "required": true },
        { "id": "price", "text": "Giá?", "type": "number", "min": 1, "whole": true, "required": true,
          "showIf": { "op": "is", "question": "sells", "value": true } },
    ]})
}

async fn published(t: &TestApp) -> Value {
    let made = t
        .supervisor()
        .post(
            "/api/v1/surveys",
            json!({ "code": "KS1", "name": "Đối thủ", "form": form("Có bán hàng đối thủ?") }),
        )
        .await
        .expect(201);
    assert_eq!((&made["status"], &made["flaws"]), (&json!("draft"), &json!([])));
    let publish = format!("/api/v1/surveys/{}/publish", made["surveyId"].as_str().unwrap());
    t.supervisor().post(&publish, json!({ "version": 1 })).await.expect(200)
}

#[tokio::test]
async fn a_published_version_never_changes_and_answers_to_older_ones_are_taken() {
    let t = app().await;
    let survey = published(&t).await;
    let id = survey["surveyId"].as_str().unwrap();
    let asked = t.rep1().get("/api/v1/surveys/asked").await.expect(200);
    assert_eq!((&asked["data"][0]["number"], &asked["data"][0]["code"]), (&json!(1), &json!("KS1")));
    let edit = json!({ "name": "Đối thủ", "form": { "questions": [{ "id": "x", "text": "X?", "type": "text", "required": true }] }, "version": 2 });
    t.supervisor().put(&format!("/api/v1/surveys/{id}"), edit.clone()).await.expect(200);
    t.supervisor().put(&format!("/api/v1/surveys/{id}"), edit).await.problem(412, "stale_version");
    t.supervisor().post(&format!("/api/v1/surveys/{id}/publish"), json!({ "version": 3 })).await.expect(200);
    let first = t.rep1().get(&format!("/api/v1/surveys/{id}/versions/1")).await.expect(200);
    assert_eq!(first["form"]["questions"][0]["id"], "sells");
    assert_eq!(t.rep1().get("/api/v1/surveys/asked").await.expect(200)["data"][0]["number"], 2);

    let visit = visit_shop1(&t).await;
    let path = format!("/api/v1/visits/{visit}/survey");
    let answer =
        |version: i64, answers: Value| json!({ "surveyId": id, "version": version, "answers": answers });
    let mut old = answer(1, json!({ "sells": false, "price": 5 }));
    old["id"] = json!(Uuid::now_v7());
    let kept = t.rep1().post(&path, old.clone()).await.expect(201);
    assert_eq!(kept["answers"], json!({ "sells": false }), "what was not asked is left out");
    assert_eq!(t.rep1().post_once(&path, "another", old).await.expect(201), kept);
    let bad = t.rep1().post(&path, answer(1, json!({ "sells": true }))).await.problem(422, "surveys.answers");
    assert_eq!(bad["problems"], json!([{ "question": "price", "wrong": "missing" }]));
    t.rep1().post(&path, answer(3, json!({}))).await.problem(404, "not_found");
    t.rep1().post(&path, answer(2, json!({ "x": "ok" }))).await.expect(201);
    let seen = t.supervisor().get(&format!("/api/v1/surveys/{id}/answers?from=2026-08-06")).await.expect(200);
    assert_eq!(seen["pagination"]["totalItems"], 2);
    t.npp02().get(&format!("/api/v1/surveys/{id}/answers")).await.problem(404, "not_found");
    t.supervisor().post(&format!("/api/v1/surveys/{id}/close"), json!({ "version": 4 })).await.expect(200);
    t.rep1().post(&path, answer(2, json!({ "x": "ok" }))).await.problem(422, "surveys.closed");
    let shown = t.supervisor().get(&format!("/api/v1/visits/{visit}")).await.expect(200);
    assert_eq!(shown["surveys"].as_array().unwrap().len(), 2);
    let mut owner = t.database.owner().await;
    let change = sqlx::query("update survey_versions set name = 'x'").execute(&mut owner).await.unwrap_err();
    assert!(change.to_string().contains("append-only"));
}

#[tokio::test]
async fn a_survey_is_its_makers_and_flaws_keep_it_a_draft() {
    let t = app().await;
    let body = json!({ "code": "KS2", "name": "Công ty", "form": { "questions": [
        { "id": "a", "text": "A?", "type": "number", "min": 2, "max": 1 } ] } });
    let made = t.admin().post("/api/v1/surveys", body.clone()).await.expect(201);
    assert_eq!(made["distributorId"], Value::Null);
    assert_eq!(made["flaws"], json!([{ "question": "a", "flaw": "range" }]));
    t.admin().post("/api/v1/surveys", body.clone()).await.problem(409, "surveys.code_taken");
    let path = format!("/api/v1/surveys/{}", made["surveyId"].as_str().unwrap());
    let flawed = t
        .admin()
        .post(&format!("{path}/publish"), json!({ "version": 1 }))
        .await
        .problem(422, "surveys.form");
    assert_eq!(flawed["problems"], made["flaws"]);
    t.supervisor().post(&format!("{path}/publish"), json!({ "version": 1 })).await.problem(403, "forbidden");
    for other in [t.rep1(), t.npp01()] {
        other.post("/api/v1/surveys", body.clone()).await.problem(403, "forbidden");
    }
    let own = t.supervisor().post("/api/v1/surveys", body).await.expect(201);
    assert_eq!(own["distributorId"], json!(NPP01));
    assert_eq!(count(&t, "select count(*) from audit_log where action = 'surveys.create'").await, 2);
}

#[tokio::test]
async fn a_policy_can_want_a_survey() {
    let t = app().await;
    let survey = published(&t).await;
    let steps = json!([{ "step": { "kind": "survey", "code": "KS1" }, "severity": "block" }]);
    let policy = json!({ "unitId": TEAM1, "validFrom": "2026-08-06", "policy": { "steps": steps } });
    t.supervisor().put("/api/v1/visit-policies", policy).await.expect(200);
    let visit = visit_shop1(&t).await;
    let path = format!("/api/v1/visits/{visit}/check-out");
    let refused = t.rep1().post(&path, check_out("NoOrder")).await.problem(422, "visits.step_required");
    assert_eq!(refused["problems"], json!([{ "kind": "survey", "code": "KS1" }]));
    let answer =
        json!({ "surveyId": survey["surveyId"], "version": 1, "answers": { "sells": true, "price": 12000 } });
    t.rep1().post(&format!("/api/v1/visits/{visit}/survey"), answer).await.expect(201);
    t.rep1().post(&path, check_out("NoOrder")).await.expect(200);
}

#[tokio::test]
async fn a_note_with_recipients_opens_an_issue_and_tells_them() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let path = format!("/api/v1/visits/{visit}/notes");
    let id = Uuid::now_v7();
    let body = json!({ "id": id, "notes": "Kệ hỏng, cần thay", "users": [SUPERVISOR], "units": [TEAM1] });
    let noted = t.rep1().post(&path, body.clone()).await.expect(200);
    assert_eq!((&noted["issueId"], &noted["notes"]), (&json!(id), &json!("")));
    assert_eq!(t.rep1().post(&path, body.clone()).await.expect(200), noted);
    assert_eq!(t.rep1().post_once(&path, "other-key", body).await.expect(200)["issueId"], json!(id));
    assert_eq!(count(&t, "select count(*) from issues").await, 1);
    let (payload, audience): (Value, Vec<String>) =
        sqlx::query_as("select payload, audience from outbox where kind = 'Notice'")
            .fetch_one(&mut t.database.owner().await)
            .await
            .unwrap();
    assert_eq!((&payload["kind"], &payload["body"]), (&json!("issue"), &json!("Kệ hỏng, cần thay")));
    let mut expected = vec![format!("team:{TEAM1}"), format!("user:{SUPERVISOR}")];
    expected.sort();
    let mut audience = audience;
    audience.sort();
    assert_eq!(audience, expected);
    let shown = t.supervisor().get(&format!("/api/v1/visits/{visit}")).await.expect(200);
    assert_eq!(shown["issues"][0]["state"], "open");
    let nobody = json!({ "notes": "x", "users": [Uuid::nil()] });
    t.rep1().post(&path, nobody).await.problem(404, "not_found");
}
