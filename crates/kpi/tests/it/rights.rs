use serde_json::json;
use test_kit::world;

use crate::{PERFORMANCE, TARGETS, app, placed, refresh};

#[tokio::test]
async fn everybody_sees_the_month_of_their_own_people_only() {
    let t = app().await;
    placed(&t).await;
    refresh(&t).await;
    let user = |id| format!("{PERFORMANCE}?month=2026-08&userId={id}");
    let unit = |id| format!("{PERFORMANCE}?month=2026-08&unitId={id}");
    t.anonymous().get(PERFORMANCE).await.expect(401);
    // Reps: themselves.
    assert_eq!(t.rep1().get(&user(world::REP1)).await.expect(200)["fullName"], "Nhân viên 1");
    t.rep2().get(&user(world::REP1)).await.problem(404, "not_found");
    t.rep1().get(&unit(world::TEAM1)).await.problem(404, "not_found");
    assert_eq!(t.rep2().get(PERFORMANCE).await.expect(200)["metrics"]["orders"]["actual"], 0);
    // Supervisors: their units.
    t.supervisor().get(&user(world::REP1)).await.expect(200);
    t.supervisor().get(&unit(world::TEAM1)).await.expect(200);
    for path in [user(world::REP11), unit(world::TEAM2), unit(world::UNIT1), unit(world::COMPANY)] {
        t.supervisor().get(&path).await.problem(404, "not_found");
    }
    assert_eq!(t.supervisor().get(PERFORMANCE).await.expect(200)["unitName"], "Tổ 1");
    // Distributors: their own, and none of the company's people.
    let office = t.npp01().get(PERFORMANCE).await.expect(200);
    assert_eq!(
        (&office["unitName"], &office["metrics"]["orders"]["actual"]),
        (&json!("NPP Thành Công"), &json!(1))
    );
    t.npp01().get(&user(world::REP1)).await.expect(200);
    for path in [user(world::REP11), user(world::AREA_MANAGER), unit(world::UNIT2), unit(world::AREA)] {
        t.npp01().get(&path).await.problem(404, "not_found");
    }
    let other = t.npp02().get(PERFORMANCE).await.expect(200);
    assert_eq!(other["metrics"]["orders"]["actual"], 0);
    t.npp02().get(&user(world::REP1)).await.problem(404, "not_found");
    // The same in files.
    let file = format!("{}&format=xlsx", user(world::REP1));
    t.npp02().get(&file).await.problem(404, "not_found");
}

#[tokio::test]
async fn targets_are_set_by_those_who_lead() {
    let t = app().await;
    let body = |user| json!({ "userId": user, "month": "2026-08", "visits": 5 });
    t.anonymous().post(TARGETS, body(world::REP1)).await.expect(401);
    for actor in [t.rep1(), t.npp01()] {
        actor.post(TARGETS, body(world::REP1)).await.problem(403, "forbidden");
        actor
            .post(&format!("{TARGETS}/copy"), json!({ "fromMonth": "2026-08", "toMonth": "2026-09" }))
            .await
            .problem(403, "forbidden");
        actor.delete(&format!("{TARGETS}/{}", uuid::Uuid::now_v7())).await.problem(403, "forbidden");
    }
    // Out of sight, no rep, or nobody at all.
    for user in [world::REP11, world::NPP01_ADMIN, world::AREA_MANAGER] {
        t.supervisor().post(TARGETS, body(user)).await.problem(404, "not_found");
    }
    t.admin().post(TARGETS, body(world::ADMIN)).await.problem(404, "not_found");
    let foreign = t.area_manager().post(TARGETS, body(world::REP11)).await.expect(201);
    t.admin().post(TARGETS, body(world::SUPERVISOR)).await.expect(201);
    let id = foreign["targetId"].as_str().unwrap();
    t.supervisor().delete(&format!("{TARGETS}/{id}")).await.problem(404, "not_found");
    // Reps see their own, offices those of their people.
    t.supervisor().post(TARGETS, body(world::REP1)).await.expect(201);
    for (actor, seen) in [
        (t.rep1(), 1),
        (t.rep2(), 0),
        (t.rep11(), 1),
        (t.npp01(), 2),
        (t.npp02(), 1),
        (t.supervisor(), 2),
        (t.admin(), 3),
    ] {
        let list = actor.get(&format!("{TARGETS}?month=2026-08")).await.expect(200);
        assert_eq!(list["pagination"]["totalItems"], seen, "{list}");
    }
    let list = t.npp02().get(&format!("{TARGETS}?month=2026-08&userId={}", world::REP1)).await.expect(200);
    assert_eq!(list["data"], json!([]));
}

/// As the application's own role: what is not the distributor's isn't there.
#[tokio::test]
async fn figures_are_behind_the_wall_of_their_distributor() {
    let t = app().await;
    placed(&t).await;
    refresh(&t).await;
    for (user, days) in [("npp01", 1_i64), ("npp02", 0)] {
        let mut tx = t.app.db.read(&t.context(user)).await.unwrap();
        let seen: i64 =
            sqlx::query_scalar("select count(*) from kpi_days").fetch_one(&mut *tx).await.unwrap();
        assert_eq!(seen, days, "{user}");
    }
}
