//! One rep walks another's route for some days.

use chrono::Duration;
use futures_util::future::join_all;
use serde_json::{Value, json};
use test_kit::world::{REP1, REP2, REP11, ROUTE1, ROUTE2, SUPERVISOR};
use uuid::Uuid;

use crate::support::{app, codes, count, findings, plan};

fn path() -> String {
    format!("/api/v1/routes/{ROUTE1}/substitutions")
}

fn days(rep: domain::UserId, first: &str, last: &str) -> Value {
    json!({ "repId": rep, "firstDay": first, "lastDay": last })
}

#[tokio::test]
async fn the_substitute_has_the_route_and_its_outlets_on_these_days_only() {
    let t = app().await;
    let mut body = days(REP2, "2026-08-10", "2026-08-11");
    body["id"] = json!(Uuid::now_v7());
    body["note"] = json!("Chìa khóa ở kho");
    let made = t.supervisor().post(&path(), body.clone()).await.expect(201);
    assert_eq!(t.supervisor().post(&path(), body).await.expect(201), made);
    for (date, first, second) in
        [("2026-08-09", 3, 0), ("2026-08-10", 0, 3), ("2026-08-11", 0, 3), ("2026-08-12", 3, 0)]
    {
        let plans = (plan(&t, REP1, date).await, plan(&t, REP2, date).await);
        assert_eq!((codes(&plans.0).len(), codes(&plans.1).len()), (first, second), "{date}");
        let seen = |rep| format!("select count(*) from customers_in_scope('{rep}', null, '{date}')");
        assert_eq!((count(&t, seen(REP1)).await, count(&t, seen(REP2)).await), (3, second as i64));
    }
    let taken_over = plan(&t, REP2, "2026-08-10").await;
    assert_eq!(
        (&taken_over["routes"][0]["standsIn"], &taken_over["routes"][0]["standsInFor"]),
        (&json!(true), &json!(REP1))
    );
    let phone = t.rep2().get("/api/v1/routes/today?date=2026-08-10").await.expect(200);
    assert_eq!((codes(&phone).len(), &phone["routes"][0]["standsIn"]), (3, &json!(true)));
    assert_eq!(t.rep1().get(&path()).await.expect(200)["data"], json!([made]));
    assert_eq!(t.rep2().get("/api/v1/routes").await.expect(200)["data"][0]["routeId"], json!(ROUTE1));
    t.clock.advance(Duration::days(6));
    t.rep2().get(&format!("/api/v1/routes/{ROUTE1}")).await.problem(404, "not_found");
    assert_eq!(count(&t, "select count(*) from audit_log where action = 'routes.substitute'").await, 1);
    assert_eq!(findings(&t).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_route_has_one_substitute_a_day() {
    let t = app().await;
    t.supervisor().post(&path(), days(REP2, "2026-08-10", "2026-08-12")).await.expect(201);
    t.supervisor()
        .post(&path(), days(SUPERVISOR, "2026-08-12", "2026-08-14"))
        .await
        .problem(409, "routes.substituted");
    t.supervisor().post(&path(), days(SUPERVISOR, "2026-08-13", "2026-08-14")).await.expect(201);
    // Many at once for the same days: one of them.
    let sent =
        (0..6).map(|n| {
            let rep = if n % 2 == 0 { REP2 } else { SUPERVISOR };
            let t = &t;
            async move {
                t.supervisor().post(&path(), days(rep, "2026-08-20", "2026-08-21")).await.status.as_u16()
            }
        });
    let mut answers = join_all(sent).await;
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409, 409, 409]);
    assert_eq!(count(&t, "select count(*) from route_substitutions").await, 3);
    assert_eq!(findings(&t).await, Vec::<String>::new());
}

#[tokio::test]
async fn who_cannot_stand_in_is_refused() {
    let t = app().await;
    let post = async |body: Value| t.supervisor().post(&path(), body).await;
    post(days(REP1, "2026-08-10", "2026-08-10")).await.problem(422, "routes.own_route");
    post(days(REP11, "2026-08-10", "2026-08-10")).await.problem(404, "not_found");
    post(days(REP2, "2026-08-05", "2026-08-10")).await.problem(422, "routes.past");
    post(days(REP2, "2026-08-11", "2026-08-10")).await.problem(400, "validation");
    post(days(REP2, "2026-08-11", "2028-08-10")).await.problem(400, "validation");
    t.area_manager()
        .post(&path(), days(REP11, "2026-08-10", "2026-08-10"))
        .await
        .problem(422, "routes.not_a_rep");
    let other = format!("/api/v1/routes/{ROUTE2}/substitutions");
    t.supervisor().post(&other, days(REP2, "2026-08-10", "2026-08-10")).await.problem(404, "not_found");
    for actor in [t.rep1(), t.npp01()] {
        actor.post(&path(), days(REP2, "2026-08-10", "2026-08-10")).await.problem(403, "forbidden");
    }
    let leave = json!({ "userId": REP2, "firstDay": "2026-08-10" });
    t.supervisor().post("/api/v1/leave", leave).await.expect(201);
    post(days(REP2, "2026-08-09", "2026-08-11")).await.problem(422, "routes.substitute_on_leave");
    t.rep11().get(&path()).await.problem(404, "not_found");
    assert_eq!(count(&t, "select count(*) from route_substitutions").await, 0);
}

#[tokio::test]
async fn a_substitution_is_called_off_from_today_on() {
    let t = app().await;
    let made = t.supervisor().post(&path(), days(REP2, "2026-08-06", "2026-08-12")).await.expect(201);
    let later = t.supervisor().post(&path(), days(REP2, "2026-08-20", "2026-08-21")).await.expect(201);
    let of = |made: &Value| format!("{}/{}", path(), made["substitutionId"].as_str().unwrap());
    // Before it begins: as a whole.
    t.rep1().delete(&of(&later)).await.problem(403, "forbidden");
    assert_eq!(t.supervisor().delete(&of(&later)).await.expect(200)["cancelled"], true);
    assert_eq!(t.supervisor().delete(&of(&later)).await.expect(200)["cancelled"], true);
    t.supervisor().post(&path(), days(REP2, "2026-08-20", "2026-08-21")).await.expect(201);
    // While it lasts: what is over stays.
    t.clock.advance(Duration::days(2));
    let ended = t.supervisor().delete(&of(&made)).await.expect(200);
    assert_eq!((&ended["lastDay"], &ended["cancelled"]), (&json!("2026-08-07"), &json!(false)));
    assert_eq!(codes(&plan(&t, REP2, "2026-08-07").await).len(), 3);
    assert_eq!(codes(&plan(&t, REP1, "2026-08-08").await).len(), 3);
    t.supervisor().delete(&of(&made)).await.problem(422, "routes.past");
    t.supervisor().delete(&format!("{}/{}", path(), Uuid::nil())).await.problem(404, "not_found");
}
