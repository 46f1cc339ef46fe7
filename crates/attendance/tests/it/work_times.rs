//! Working times of units.

use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::world::{AREA, TEAM1, TEAM2, UNIT1};

use crate::support::{app, august, clock, count};

const PATH: &str = "/api/v1/attendance/work-times";

fn one_session(unit: domain::OrgUnitId, from: &str, start: &str, end: &str) -> Value {
    json!({ "unitId": unit, "validFrom": from, "sessions": [{ "start": start, "end": end }] })
}

async fn starts(t: &TestApp, unit: domain::OrgUnitId, date: &str) -> Value {
    let shown = t.admin().get(&format!("{PATH}?unitId={unit}&date={date}")).await.expect(200);
    shown["sessions"][0]["start"].clone()
}

#[tokio::test]
async fn a_unit_follows_the_nearest_one_above_from_the_day_it_was_set() {
    let t = app().await;
    assert_eq!(starts(&t, TEAM1, "2026-08-06").await, "08:00:00");
    t.admin().put(PATH, one_session(AREA, "2026-08-03", "09:00", "18:00")).await.expect(200);
    t.supervisor().put(PATH, one_session(TEAM1, "2026-08-10", "06:00", "14:00")).await.expect(200);
    t.supervisor()
        .put(PATH, json!({ "unitId": TEAM1, "validFrom": "2026-08-20", "sessions": null }))
        .await
        .expect(200);
    assert_eq!(starts(&t, TEAM1, "2026-08-02").await, "08:00:00");
    assert_eq!(starts(&t, TEAM1, "2026-08-09").await, "09:00:00");
    assert_eq!(starts(&t, TEAM1, "2026-08-10").await, "06:00:00");
    assert_eq!(starts(&t, TEAM1, "2026-08-20").await, "09:00:00");
    assert_eq!(starts(&t, TEAM2, "2026-08-10").await, "09:00:00");
    assert_eq!(starts(&t, UNIT1, "2026-08-10").await, "09:00:00");
    let own = t.rep1().get(PATH).await.expect(200);
    assert_eq!((&own["unitId"], own["own"].as_array().unwrap().len()), (&json!(TEAM1), 2));
    assert_eq!(count(&t, "select count(*) from audit_log where action = 'attendance.work_times'").await, 3);
}

#[tokio::test]
async fn days_are_reckoned_with_the_times_that_held_on_them() {
    let t = app().await;
    t.supervisor().put(PATH, one_session(TEAM1, "2026-08-05", "09:00", "18:00")).await.expect(200);
    for day in [4, 5] {
        clock(&t, "in", august(&format!("{day} 09:30"))).await;
        clock(&t, "out", august(&format!("{day} 17:30"))).await;
    }
    let month = t.rep1().get("/api/v1/attendance?month=2026-08").await.expect(200);
    let figures = |n: usize| {
        let day = &month["data"][n];
        ["lateMinutes", "earlyMinutes", "workedMinutes", "scheduledMinutes"]
            .map(|key| day[key].as_u64().unwrap())
    };
    assert_eq!(figures(0), [90, 0, 390, 480]);
    assert_eq!(figures(1), [30, 30, 480, 540]);
}

#[tokio::test]
async fn the_same_first_day_again_replaces_what_was_set() {
    let t = app().await;
    let first =
        t.supervisor().put(PATH, one_session(TEAM1, "2026-08-10", "06:00", "14:00")).await.expect(200);
    assert_eq!(first["version"], 1);
    let mut second = one_session(TEAM1, "2026-08-10", "07:00", "15:00");
    second["version"] = json!(0);
    t.supervisor().put(PATH, second.clone()).await.problem(412, "stale_version");
    second["version"] = json!(1);
    assert_eq!(t.supervisor().put(PATH, second).await.expect(200)["version"], 2);
    assert_eq!(starts(&t, TEAM1, "2026-08-10").await, "07:00:00");
}

#[tokio::test]
async fn working_times_that_cannot_be_are_refused() {
    let t = app().await;
    let with = |sessions: Value| json!({ "unitId": TEAM1, "validFrom": "2026-08-10", "sessions": sessions });
    for wrong in [
        json!([]),
        json!([{ "start": "12:00", "end": "08:00" }]),
        json!([{ "start": "08:00", "end": "12:00" }, { "start": "11:00", "end": "17:00" }]),
        json!([{ "start": "08:00:30", "end": "12:00" }]),
        json!([{ "start": "25:00", "end": "26:00" }]),
    ] {
        t.supervisor().put(PATH, with(wrong)).await.problem(400, "validation");
    }
    t.supervisor()
        .put(PATH, one_session(TEAM1, "2026-07-31", "06:00", "14:00"))
        .await
        .problem(422, "attendance.month_over");
    let good = |unit| one_session(unit, "2026-08-10", "06:00", "14:00");
    t.supervisor().put(PATH, good(TEAM2)).await.problem(404, "not_found");
    t.supervisor().put(PATH, good(UNIT1)).await.problem(404, "not_found");
    t.area_manager().put(PATH, good(AREA)).await.problem(403, "attendance.unit_above");
    t.rep1().put(PATH, good(TEAM1)).await.problem(403, "forbidden");
    t.npp01().put(PATH, good(TEAM1)).await.problem(403, "forbidden");
    t.rep11().get(&format!("{PATH}?unitId={TEAM1}")).await.problem(404, "not_found");
    t.npp02().get(&format!("{PATH}?unitId={TEAM1}")).await.problem(404, "not_found");
    assert_eq!(count(&t, "select count(*) from work_calendars").await, 0);
}
