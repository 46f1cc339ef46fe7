use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::{PERFORMANCE, TARGETS, app};

async fn set(t: &TestApp, body: Value) -> Value {
    t.supervisor().post(TARGETS, body).await.expect(201)
}

/// The first rep's targets of August: first and last day, visits.
async fn spans(t: &TestApp) -> Vec<Value> {
    let list =
        t.supervisor().get(&format!("{TARGETS}?month=2026-08&userId={}", world::REP1)).await.expect(200);
    list["data"].as_array().unwrap().iter().map(|x| json!([x["from"], x["to"], x["visits"]])).collect()
}

async fn target_of(t: &TestApp, metric: &str) -> Value {
    let month = t.rep1().get(&format!("{PERFORMANCE}?month=2026-08")).await.expect(200);
    month["metrics"][metric]["target"].clone()
}

#[tokio::test]
async fn a_change_in_the_middle_of_the_month_counts_by_days() {
    let t = app().await;
    set(&t, json!({ "userId": world::REP1, "month": "2026-08", "visits": 310, "revenue": 100 })).await;
    assert_eq!(target_of(&t, "visits").await, 310);
    set(&t, json!({ "userId": world::REP1, "from": "2026-08-16", "visits": 620 })).await;
    assert_eq!(
        spans(&t).await,
        [json!(["2026-08-01", "2026-08-15", 310]), json!(["2026-08-16", "2026-08-31", 620])]
    );
    // 15 days at 310, 16 at 620; the revenue is no longer asked for: 100 × 15/31.
    assert_eq!(target_of(&t, "visits").await, 470);
    assert_eq!(target_of(&t, "revenue").await, 48);
}

#[tokio::test]
async fn what_was_asked_before_gives_way_on_the_days_that_are_set_anew() {
    let t = app().await;
    let focus = json!([{ "kind": "product", "id": world::MILK, "quantity": 10 }]);
    set(&t, json!({ "userId": world::REP1, "month": "2026-08", "visits": 1, "focus": focus })).await;
    // In the middle: it is split, and both parts keep what they ask for.
    set(&t, json!({ "userId": world::REP1, "from": "2026-08-10", "to": "2026-08-19", "visits": 2 })).await;
    assert_eq!(
        spans(&t).await,
        [
            json!(["2026-08-01", "2026-08-09", 1]),
            json!(["2026-08-10", "2026-08-19", 2]),
            json!(["2026-08-20", "2026-08-31", 1])
        ]
    );
    let list = t.rep1().get(&format!("{TARGETS}?month=2026-08")).await.expect(200);
    let focus: Vec<Value> =
        list["data"].as_array().unwrap().iter().map(|x| x["focus"][0]["quantity"].clone()).collect();
    assert_eq!(focus, [json!(10), json!(null), json!(10)]);
    // Over the end of one, the whole of another, the beginning of a third.
    set(&t, json!({ "userId": world::REP1, "from": "2026-08-05", "to": "2026-08-25", "visits": 3 })).await;
    assert_eq!(
        spans(&t).await,
        [
            json!(["2026-08-01", "2026-08-04", 1]),
            json!(["2026-08-05", "2026-08-25", 3]),
            json!(["2026-08-26", "2026-08-31", 1])
        ]
    );
    // The whole month; other months and other people are left alone.
    set(&t, json!({ "userId": world::REP1, "month": "2026-09", "visits": 9 })).await;
    set(&t, json!({ "userId": world::REP2, "month": "2026-08", "visits": 7 })).await;
    set(&t, json!({ "userId": world::REP1, "month": "2026-08", "visits": 4 })).await;
    assert_eq!(spans(&t).await, [json!(["2026-08-01", "2026-08-31", 4])]);
    let all =
        t.supervisor().get(&format!("{TARGETS}?month=2026-08&unitId={}", world::TEAM1)).await.expect(200);
    assert_eq!(all["pagination"]["totalItems"], 2);
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_every_change_is_on_record() {
    let t = app().await;
    let id = uuid::Uuid::now_v7();
    let body = json!({ "id": id, "userId": world::REP1, "month": "2026-08", "visits": 5 });
    let first = set(&t, body.clone()).await;
    assert_eq!(first["targetId"], json!(id));
    assert_eq!(set(&t, body).await, first);
    let other = json!({ "id": id, "userId": world::REP2, "month": "2026-08", "visits": 5 });
    t.supervisor().post(TARGETS, other.clone()).await.problem(422, "idempotency.key_reused");
    t.area_manager().post(TARGETS, other).await.problem(409, "kpi.id_taken");
    t.supervisor().delete(&format!("{TARGETS}/{id}")).await.expect(204);
    t.supervisor().delete(&format!("{TARGETS}/{id}")).await.problem(404, "not_found");
    assert_eq!(spans(&t).await, Vec::<Value>::new());
    let actions: Vec<String> =
        sqlx::query_scalar("select action from audit_log where entity = 'kpi_target' order by id")
            .fetch_all(&mut t.database.owner().await)
            .await
            .unwrap();
    assert_eq!(actions, ["kpi.targets.set", "kpi.targets.delete"]);
}

#[tokio::test]
async fn months_are_copied_for_those_of_whom_nothing_is_asked_yet() {
    let t = app().await;
    let focus = json!([{ "kind": "product", "id": world::MILK, "quantity": 10 }]);
    set(&t, json!({ "userId": world::REP1, "month": "2026-08", "visits": 1 })).await;
    set(&t, json!({ "userId": world::REP1, "from": "2026-08-16", "visits": 2, "focus": focus })).await;
    set(&t, json!({ "userId": world::REP2, "month": "2026-08", "visits": 3 })).await;
    set(&t, json!({ "userId": world::REP2, "from": "2026-09-20", "visits": 9 })).await;
    t.area_manager()
        .post(TARGETS, json!({ "userId": world::REP11, "month": "2026-08", "visits": 4 }))
        .await
        .expect(201);
    let copy = json!({ "fromMonth": "2026-08", "toMonth": "2026-09" });
    let done = t.supervisor().post_once(&format!("{TARGETS}/copy"), "k1", copy.clone()).await.expect(200);
    assert_eq!(done, json!({ "copied": 1, "skipped": 1 }));
    assert_eq!(
        t.supervisor().post_once(&format!("{TARGETS}/copy"), "k1", copy.clone()).await.expect(200),
        done
    );
    let list = t.area_manager().get(&format!("{TARGETS}?month=2026-09")).await.expect(200);
    let all: Vec<Value> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|x| json!([x["username"], x["from"], x["visits"], x["focus"][0]["quantity"]]))
        .collect();
    // What was asked last in August; only of the supervisor's people.
    assert_eq!(all, [json!(["nvbh01", "2026-09-01", 2, 10]), json!(["nvbh02", "2026-09-20", 9, null])]);
    let unit = json!({ "fromMonth": "2026-08", "toMonth": "2026-09", "unitId": world::UNIT2 });
    let done = t.area_manager().post(&format!("{TARGETS}/copy"), unit).await.expect(200);
    assert_eq!(done, json!({ "copied": 1, "skipped": 0 }));
    let same = json!({ "fromMonth": "2026-08", "toMonth": "2026-08" });
    t.supervisor().post(&format!("{TARGETS}/copy"), same).await.problem(400, "validation");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_fields_that_are_wrong() {
    let t = app().await;
    let refused = async |body: Value, field: &str| {
        let problem = t.supervisor().post(TARGETS, body).await.problem(400, "validation");
        assert!(problem["errors"].get(field).is_some(), "{field}: {problem}");
    };
    let rep = world::REP1;
    refused(json!({ "userId": rep, "visits": 1 }), "month").await;
    refused(json!({ "userId": rep, "month": "2026-08", "from": "2026-08-01", "visits": 1 }), "month").await;
    refused(json!({ "userId": rep, "month": "2026-13", "visits": 1 }), "month").await;
    refused(json!({ "userId": rep, "month": "1999-12", "visits": 1 }), "month.year").await;
    refused(json!({ "userId": rep, "from": "-262143-06-01", "visits": 1 }), "from.year").await;
    refused(json!({ "userId": rep, "from": "2026-08-10", "to": "2026-08-09", "visits": 1 }), "to").await;
    refused(json!({ "userId": rep, "from": "2026-08-10", "to": "2026-09-09", "visits": 1 }), "to").await;
    refused(json!({ "userId": rep, "month": "2026-08" }), "visits").await;
    refused(json!({ "userId": rep, "month": "2026-08", "visits": -1 }), "visits").await;
    refused(json!({ "userId": rep, "month": "2026-08", "sales": i64::MAX }), "sales").await;
    refused(json!({ "userId": rep, "month": "2026-08", "volume": 1e30 }), "volume").await;
    refused(json!({ "userId": rep, "month": "2026-08", "skusPerOrder": 2.555 }), "skusPerOrder").await;
    refused(json!({ "userId": rep, "month": "2026-08", "skusPerOrder": -1 }), "skusPerOrder").await;
    refused(json!({ "userId": rep, "month": "2026-08", "workMinutes": 50_000 }), "workMinutes").await;
    refused(json!({ "userId": rep, "month": "2026-08", "turnover": 1 }), "turnover").await;
    let focus = |items: Value| json!({ "userId": rep, "month": "2026-08", "focus": items });
    refused(focus(json!([{ "kind": "product", "id": world::MILK }])), "focus[0].quantity").await;
    let milk = json!({ "kind": "product", "id": world::MILK, "quantity": 1 });
    refused(focus(json!([milk, milk])), "focus[1].id").await;
    refused(focus(json!(vec![milk.clone(); 51])), "focus").await;
    let unknown = focus(json!([milk, { "kind": "brand", "id": world::MILK, "quantity": 1 }]));
    let problem = t.supervisor().post(TARGETS, unknown).await.problem(404, "not_found");
    assert!(problem["errors"].get("focus[1].id").is_some());
    for path in [TARGETS, PERFORMANCE] {
        for month in ["2026-13", "2026", "0000-01", "9999-12"] {
            t.supervisor().get(&format!("{path}?month={month}")).await.problem(400, "validation");
        }
    }
    let both = format!("{PERFORMANCE}?userId={rep}&unitId={}", world::TEAM1);
    t.supervisor().get(&both).await.problem(400, "validation");
    // The largest of all are no trouble.
    let most = json!({ "userId": rep, "month": "2026-08", "sales": 10_000_000_000_000_i64, "volume": 1_000_000_000 });
    set(&t, most).await;
    assert_eq!(target_of(&t, "sales").await, 10_000_000_000_000_i64);
}

#[tokio::test]
async fn two_who_set_the_same_days_at_once_leave_no_overlap() {
    let t = app().await;
    let (supervisor, manager) = (t.supervisor(), t.area_manager());
    let body = |visits: i64, from: &str, to: &str| json!({ "userId": world::REP1, "from": from, "to": to, "visits": visits });
    let (a, b) = tokio::join!(
        supervisor.post(TARGETS, body(1, "2026-08-01", "2026-08-20")),
        manager.post(TARGETS, body(2, "2026-08-10", "2026-08-31")),
    );
    a.expect(201);
    b.expect(201);
    let spans = spans(&t).await;
    let one = [json!(["2026-08-01", "2026-08-20", 1]), json!(["2026-08-21", "2026-08-31", 2])];
    let other = [json!(["2026-08-01", "2026-08-09", 1]), json!(["2026-08-10", "2026-08-31", 2])];
    assert!(spans == one || spans == other, "{spans:?}");
    crate::assert_sound(&t).await;
}

#[tokio::test]
async fn the_same_id_under_another_key_is_the_same_target_if_nothing_else_was_said() {
    let t = app().await;
    let body =
        json!({ "id": uuid::Uuid::from_u128(5), "userId": world::REP1, "month": "2026-08", "visits": 1 });
    let made = t.supervisor().post_once(TARGETS, "1", body.clone()).await.expect(201);
    assert_eq!(t.supervisor().post_once(TARGETS, "2", body.clone()).await.expect(201), made);
    // Also when something else is asked of these days by now; then nothing changes.
    set(&t, json!({ "userId": world::REP1, "from": "2026-08-10", "visits": 2 })).await;
    assert_eq!(t.supervisor().post_once(TARGETS, "3", body).await.expect(201), made);
    assert_eq!(
        spans(&t).await,
        [json!(["2026-08-01", "2026-08-09", 1]), json!(["2026-08-10", "2026-08-31", 2])]
    );
}
