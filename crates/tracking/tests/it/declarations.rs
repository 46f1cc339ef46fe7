//! Where somebody says to be.

use platform::Mode;
use serde_json::{Value, json};
use test_kit::world::{NPP02, REP1};
use test_kit::{TestApp, minutes};

use crate::support::{caller, count};

const PATH: &str = "/api/v1/tracking/declarations";
const ID: &str = "00000000-0000-7000-8000-0000000000aa";

async fn app() -> TestApp {
    TestApp::start(tracking::router()).await
}

fn declaration() -> Value {
    json!({
        "id": ID, "reason": "Họp tại NPP", "note": "Đến 10 giờ", "latitude": 10.5, "longitude": 106.5, "accuracy": 8.0,
        "photoSha256": "ab".repeat(32), "at": minutes(-3),
    })
}

#[tokio::test]
async fn a_declaration_is_written_down_once() {
    let t = app().await;
    let first = t.rep1().post(PATH, declaration()).await.expect(201);
    assert_eq!((&first["userId"], &first["fullName"]), (&json!(REP1), &json!("Nhân viên 1")));
    assert_eq!(t.rep1().post(PATH, declaration()).await.expect(201), first);
    // Also with another key.
    assert_eq!(t.rep1().post_once(PATH, "another", declaration()).await.expect(201), first);
    assert_eq!(count(&t, "select count(*) from location_declarations").await, 1);
    assert_eq!(count(&t, "select count(*) from audit_log where action = 'tracking.declare'").await, 1);
    // Its photo may come later; it is expected.
    assert_eq!(count(&t, "select count(*) from files where state = 'waiting' and referred").await, 1);
    assert_eq!(count(&t, "select count(*) from last_positions where latitude = 10.5").await, 1);
    let other = t.rep2().post(PATH, declaration()).await;
    other.problem(409, "tracking.declaration_id_taken");
    t.rep11().post(PATH, declaration()).await.problem(409, "tracking.declaration_id_taken");
}

#[tokio::test]
async fn declarations_that_race_are_one() {
    let t = app().await;
    let sent = (0..6).map(|n| {
        let t = &t;
        async move { t.rep1().post_once(PATH, &format!("key{n}"), declaration()).await.expect(201) }
    });
    let answers = futures_util::future::join_all(sent).await;
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(count(&t, "select count(*) from location_declarations").await, 1);
}

#[tokio::test]
async fn everybody_sees_their_own_peoples() {
    let t = app().await;
    t.rep1().post(PATH, declaration()).await.expect(201);
    let list = format!("{PATH}?from=2026-08-06");
    for (actor, seen) in [
        (t.supervisor(), 1),
        (t.rep1(), 1),
        (t.rep2(), 0),
        (t.npp01(), 1),
        (t.npp02(), 0),
        (t.area_manager(), 1),
        (t.admin(), 1),
    ] {
        let answer = actor.get(&list).await.expect(200);
        assert_eq!(answer["pagination"]["totalItems"], seen);
    }
    let tomorrow = t.supervisor().get(&format!("{PATH}?from=2026-08-07&userId={REP1}")).await.expect(200);
    assert_eq!(tomorrow["data"], json!([]));
    t.supervisor().get(&format!("{PATH}?from=2026-08-07&to=2026-08-06")).await.problem(400, "validation");
    t.npp01().post(PATH, declaration()).await.problem(403, "forbidden");
    t.anonymous().get(PATH).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn what_can_not_be_is_named() {
    let t = app().await;
    for (field, value) in [
        ("reason", json!("  ")),
        ("note", json!("x".repeat(2001))),
        ("latitude", json!(91)),
        ("accuracy", json!(-1)),
        ("photoSha256", json!("AB")),
    ] {
        let mut body = declaration();
        body[field] = value;
        let problem = t.rep1().post(PATH, body).await.problem(400, "validation");
        assert!(problem["errors"].get(field).is_some(), "{problem}");
    }
    let mut early = declaration();
    early["at"] = json!(minutes(10));
    t.rep1().post(PATH, early).await.problem(422, "tracking.time_refused");
    assert_eq!(count(&t, "select count(*) from location_declarations").await, 0);
}

#[tokio::test]
async fn one_told_late_is_flagged_instead_of_refused() {
    let t = app().await;
    let caller = caller(&t, "nvbh11");
    let declare = tracking::service::Declare {
        id: ID.parse().unwrap(),
        reason: "Xe hỏng".into(),
        note: String::new(),
        photo: None,
        place: domain::Coordinates::new(10.0, 106.0).unwrap(),
        accuracy: None,
        at: Some(test_kit::world::now() - chrono::TimeDelta::days(30)),
    };
    let mut tx = t.app.db.begin(caller.context()).await.unwrap();
    let (kept, flags) =
        tracking::service::declare(&mut tx, &t.app, &caller, &declare, Mode::Late).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(flags[0].code, "tracking.time_refused");
    assert_eq!(kept.flags, flags);
    assert_eq!(count(&t, "select count(*) from location_declarations").await, 1);
    let owner: uuid::Uuid = sqlx::query_scalar("select distributor_id from location_declarations")
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(owner, NPP02.uuid());
}
