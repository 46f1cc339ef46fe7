//! Leave: asked for, decided upon, recorded, called off.

use chrono::Duration;
use futures_util::future::join_all;
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{REP1, REP2, REP11, ROUTE1, SUPERVISOR, TEAM1};
use uuid::Uuid;

use crate::support::{app, codes, count, findings, plan};

const PATH: &str = "/api/v1/leave";

fn days(first: &str, last: &str) -> Value {
    json!({ "firstDay": first, "lastDay": last, "kind": "sick", "reason": "Sốt" })
}

async fn asked(t: &TestApp, first: &str, last: &str) -> String {
    let leave = t.rep1().post(PATH, days(first, last)).await.expect(201);
    leave["leaveId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_approved_leave_gives_the_routes_to_the_substitute() {
    let t = app().await;
    let mut request = days("2026-08-10", "2026-08-12");
    request["id"] = json!(Uuid::now_v7());
    let leave = t.rep1().post(PATH, request.clone()).await.expect(201);
    assert_eq!(t.rep1().post(PATH, request).await.expect(201), leave);
    assert_eq!((&leave["status"], &leave["userId"]), (&json!("requested"), &json!(REP1)));
    // Nothing changes before somebody has decided.
    assert_eq!(codes(&plan(&t, REP1, "2026-08-10").await).len(), 3);
    let path = format!("{PATH}/{}/approve", leave["leaveId"].as_str().unwrap());
    let decision = json!({ "substituteId": REP2, "note": "Khỏe nhé" });
    let approved = t.supervisor().post_once(&path, "k1", decision.clone()).await.expect(200);
    assert_eq!(t.supervisor().post_once(&path, "k1", decision).await.expect(200), approved);
    assert_eq!((&approved["status"], &approved["decidedBy"]), (&json!("approved"), &json!("Giám sát 1")));
    let own = plan(&t, REP1, "2026-08-11").await;
    assert_eq!((codes(&own).len(), &own["onLeave"], &own["uncovered"]), (0, &json!(true), &json!(0)));
    let other = plan(&t, REP2, "2026-08-11").await;
    assert_eq!((codes(&other).len(), &other["routes"][0]["standsIn"]), (3, &json!(true)));
    assert_eq!(codes(&plan(&t, REP1, "2026-08-13").await).len(), 3);
    let substitutions =
        t.supervisor().get(&format!("/api/v1/routes/{ROUTE1}/substitutions")).await.expect(200);
    assert_eq!(substitutions["data"][0]["leaveId"], leave["leaveId"]);
    // Those above hear of the request, the person of the decision, the substitute of the route.
    let heard = async |who: &str, kind: &str| {
        let query = format!(
            "select count(*) from outbox where kind = 'Notice' and payload->>'kind' = '{kind}' and '{who}' = any (audience)"
        );
        count(&t, query).await
    };
    assert_eq!(heard(&format!("team:{TEAM1}"), "leave").await, 1);
    assert_eq!(heard(&format!("user:{REP1}"), "leave").await, 1);
    assert_eq!(heard(&format!("user:{REP2}"), "route_substitution").await, 1);
    let audited = "select count(*) from audit_log where action in ('leave.request', 'leave.approve')";
    assert_eq!(count(&t, audited).await, 2);
    assert_eq!(findings(&t).await, Vec::<String>::new());
}

#[tokio::test]
async fn recorded_leave_holds_at_once_and_shows_what_nobody_walks() {
    let t = app().await;
    let body = json!({ "userId": REP1, "firstDay": "2026-08-06" });
    let leave = t.supervisor().post(PATH, body).await.expect(201);
    assert_eq!(
        (&leave["status"], &leave["kind"], &leave["lastDay"]),
        (&json!("approved"), &json!("annual"), &json!("2026-08-06"))
    );
    let own = plan(&t, REP1, "2026-08-06").await;
    assert_eq!((codes(&own).len(), &own["onLeave"], &own["uncovered"]), (0, &json!(true), &json!(3)));
    assert_eq!(t.rep1().get("/api/v1/routes/today").await.expect(200)["onLeave"], true);
}

#[tokio::test]
async fn nobody_decides_on_their_own_leave_or_that_of_strangers() {
    let t = app().await;
    let own = t.supervisor().post(PATH, days("2026-08-10", "2026-08-10")).await.expect(201);
    assert_eq!(own["status"], "requested");
    let of = |leave: &Value, what: &str| format!("{PATH}/{}/{what}", leave["leaveId"].as_str().unwrap());
    t.supervisor().post(&of(&own, "approve"), json!({})).await.problem(403, "leave.own");
    t.supervisor().post(&of(&own, "reject"), json!({ "reason": "x" })).await.problem(403, "leave.own");
    assert_eq!(
        t.area_manager().post(&of(&own, "approve"), json!({})).await.expect(200)["status"],
        "approved"
    );
    t.supervisor().post(&of(&own, "cancel"), json!({})).await.problem(403, "leave.own");
    let stranger = t.rep11().post(PATH, days("2026-08-10", "2026-08-10")).await.expect(201);
    t.supervisor().post(&of(&stranger, "approve"), json!({})).await.problem(404, "not_found");
    t.rep11().post(&of(&stranger, "approve"), json!({})).await.problem(403, "forbidden");
    t.npp01().post(PATH, days("2026-08-10", "2026-08-10")).await.problem(403, "forbidden");
    t.anonymous().get(PATH).await.problem(401, "unauthorized");
    for other in [json!(REP2), json!(SUPERVISOR), json!(REP11)] {
        let mut body = days("2026-08-20", "2026-08-20");
        body["userId"] = other;
        t.rep1().post(PATH, body).await.problem(404, "not_found");
    }
    // Everybody sees what they lead.
    for (actor, seen) in [(t.rep1(), 0), (t.supervisor(), 1), (t.npp01(), 1), (t.npp02(), 1), (t.admin(), 2)]
    {
        assert_eq!(actor.get(PATH).await.expect(200)["pagination"]["totalItems"], seen);
    }
    let requested = t.admin().get("/api/v1/leave?status=requested").await.expect(200);
    assert_eq!(requested["data"][0]["leaveId"], stranger["leaveId"]);
}

#[tokio::test]
async fn one_day_has_one_leave() {
    let t = app().await;
    let sent = (0..5).map(|n| {
        let body = days("2026-08-10", if n % 2 == 0 { "2026-08-12" } else { "2026-08-10" });
        let t = &t;
        async move { t.rep1().post(PATH, body).await.status.as_u16() }
    });
    let mut answers = join_all(sent).await;
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409, 409]);
    t.rep1().post(PATH, days("2026-08-01", "2026-08-10")).await.problem(409, "leave.overlaps");
    t.rep1().post(PATH, days("2026-07-01", "2026-07-01")).await.problem(422, "routes.past");
    t.rep1().post(PATH, days("2026-08-30", "2026-08-20")).await.problem(400, "validation");
    t.rep1().post(PATH, json!({ "firstDay": "2026-08-30", "kind": "moon" })).await.problem(400, "validation");
    assert_eq!(findings(&t).await, Vec::<String>::new());
}

#[tokio::test]
async fn two_decisions_at_once_make_one() {
    let t = app().await;
    let leave = asked(&t, "2026-08-10", "2026-08-10").await;
    let sent = (0..6).map(|n| {
        let (what, body) =
            if n % 2 == 0 { ("approve", json!({})) } else { ("reject", json!({ "reason": "x" })) };
        let (t, path) = (&t, format!("{PATH}/{leave}/{what}"));
        async move { t.supervisor().post(&path, body).await.status.as_u16() }
    });
    let mut answers = join_all(sent).await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 409, 409, 409, 409, 409]);
    assert_eq!(count(&t, "select version from leaves").await, 2);
}

#[tokio::test]
async fn a_rejected_leave_stays_rejected() {
    let t = app().await;
    let leave = asked(&t, "2026-08-10", "2026-08-10").await;
    t.supervisor().post(&format!("{PATH}/{leave}/reject"), json!({})).await.problem(400, "validation");
    let rejected = t
        .supervisor()
        .post(&format!("{PATH}/{leave}/reject"), json!({ "reason": "Thiếu người" }))
        .await
        .expect(200);
    assert_eq!((&rejected["status"], &rejected["decisionNote"]), (&json!("rejected"), &json!("Thiếu người")));
    for what in ["approve", "cancel"] {
        let problem = t.supervisor().post(&format!("{PATH}/{leave}/{what}"), json!({})).await;
        problem.problem(409, "leave.wrong_status");
    }
    assert_eq!(codes(&plan(&t, REP1, "2026-08-10").await).len(), 3);
    // The days are free again.
    asked(&t, "2026-08-10", "2026-08-10").await;
}

#[tokio::test]
async fn a_leave_is_called_off_with_its_substitutes() {
    let t = app().await;
    // The person, before anybody has decided.
    let leave = asked(&t, "2026-08-20", "2026-08-20").await;
    assert_eq!(
        t.rep1().post(&format!("{PATH}/{leave}/cancel"), json!({})).await.expect(200)["status"],
        "cancelled"
    );
    // Those who decide, later: what has begun ends yesterday.
    let leave = asked(&t, "2026-08-06", "2026-08-12").await;
    t.supervisor()
        .post(&format!("{PATH}/{leave}/approve"), json!({ "substituteId": REP2 }))
        .await
        .expect(200);
    t.clock.advance(Duration::days(2));
    t.rep1().post(&format!("{PATH}/{leave}/cancel"), json!({})).await.problem(403, "leave.own");
    let ended =
        t.supervisor().post(&format!("{PATH}/{leave}/cancel"), json!({ "note": "Về sớm" })).await.expect(200);
    assert_eq!((&ended["status"], &ended["lastDay"]), (&json!("approved"), &json!("2026-08-07")));
    assert_eq!(codes(&plan(&t, REP2, "2026-08-07").await).len(), 3);
    assert_eq!(codes(&plan(&t, REP1, "2026-08-08").await).len(), 3);
    t.supervisor().post(&format!("{PATH}/{leave}/cancel"), json!({})).await.problem(422, "routes.past");
    assert_eq!(findings(&t).await, Vec::<String>::new());
}

#[tokio::test]
async fn leave_for_half_a_day_leaves_the_plan_and_is_told_with_it() {
    let t = app().await;
    let half = |first: &str, last: &str, half: &str| {
        let mut body = days(first, last);
        body["half"] = json!(half);
        body
    };
    let problem =
        t.rep1().post(PATH, half("2026-08-10", "2026-08-11", "morning")).await.problem(400, "validation");
    assert!(problem["errors"].get("half").is_some(), "{problem}");
    let asked = t.rep1().post(PATH, half("2026-08-10", "2026-08-10", "morning")).await.expect(201);
    assert_eq!(asked["half"], "morning");
    t.rep1().post(PATH, half("2026-08-10", "2026-08-10", "morning")).await.problem(409, "leave.overlaps");
    t.rep1().post(PATH, days("2026-08-09", "2026-08-10")).await.problem(409, "leave.overlaps");
    let approve = |leave: &Value| format!("{PATH}/{}/approve", leave["leaveId"].as_str().unwrap());
    t.supervisor().post(&approve(&asked), json!({ "substituteId": REP2 })).await.problem(400, "validation");
    t.supervisor().post(&approve(&asked), json!({})).await.expect(200);
    let day = plan(&t, REP1, "2026-08-10").await;
    assert_eq!(
        (codes(&day).len(), &day["onLeave"], &day["halfLeave"]),
        (3, &json!(false), &json!("morning"))
    );
    let today = t.rep1().get("/api/v1/routes/today?date=2026-08-10").await.expect(200);
    assert_eq!((&today["onLeave"], &today["halfLeave"]), (&json!(false), &json!("morning")));
    // The other half beside it makes a whole day.
    let rest = t.rep1().post(PATH, half("2026-08-10", "2026-08-10", "afternoon")).await.expect(201);
    t.supervisor().post(&approve(&rest), json!({})).await.expect(200);
    let day = plan(&t, REP1, "2026-08-10").await;
    assert_eq!((codes(&day).len(), &day["onLeave"], &day["halfLeave"]), (0, &json!(true), &Value::Null));
    assert_eq!(day["uncovered"], 3);
}
