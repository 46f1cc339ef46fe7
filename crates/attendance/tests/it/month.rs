//! Timesheets.

use serde_json::json;
use test_kit::world::{NPP01, REP1, REP2, SUPERVISOR, TEAM1, UNIT2};

use crate::support::{app, august, clock, sql};

#[tokio::test]
async fn a_timesheet_has_everybody_of_the_team_with_days_leave_and_totals() {
    let t = app().await;
    clock(&t, "in", august("4 08:10")).await;
    clock(&t, "out", august("4 17:00")).await;
    clock(&t, "in", august("5 09:51")).await;
    clock(&t, "out", august("5 22:52")).await;
    clock(&t, "in", august("6 08:00")).await;
    sql(
        &t,
        format!(
            "insert into leaves (distributor_id, id, user_id, first_day, last_day, kind, status, requested_by, requested_at,
                                 decided_by, decided_at)
             values ('{NPP01}', gen_random_uuid(), '{REP1}', '2026-07-30', '2026-08-01', 'annual', 'approved', '{REP1}', now(),
                     '{SUPERVISOR}', now())"
        ),
    )
    .await;
    let sheet = t.supervisor().get("/api/v1/attendance/timesheet?month=2026-08").await.expect(200);
    assert_eq!(sheet["month"], "2026-08");
    let people = sheet["data"].as_array().unwrap();
    assert_eq!(sheet["pagination"]["totalItems"], 3);
    let of = |user: domain::UserId| people.iter().find(|p| p["userId"] == json!(user)).unwrap();
    let first = of(REP1);
    assert_eq!(first["unitId"], json!(TEAM1));
    assert_eq!(first["leaveDays"], json!(["2026-08-01"]));
    assert_eq!(first["days"].as_array().unwrap().len(), 3);
    assert_eq!(
        first["totals"],
        json!({ "daysPresent": 3, "lateMinutes": 121, "earlyMinutes": 0, "workedMinutes": 470 + 369, "credit": 1.75 })
    );
    assert_eq!(of(REP2)["days"], json!([]));
    // A page of it, one person, another unit, and what others see.
    let page =
        t.supervisor().get("/api/v1/attendance/timesheet?month=2026-08&pageSize=1&page=2").await.expect(200);
    assert_eq!((page["data"].as_array().unwrap().len(), &page["data"][0]), (1, &people[1]));
    let one = t
        .supervisor()
        .get(&format!("/api/v1/attendance/timesheet?month=2026-08&userId={REP1}"))
        .await
        .expect(200);
    assert_eq!(&one["data"], &json!([first]));
    let other =
        t.area_manager().get(&format!("/api/v1/attendance/timesheet?unitId={UNIT2}")).await.expect(200);
    assert_eq!(other["pagination"]["totalItems"], 1);
    let own = t.rep1().get("/api/v1/attendance/timesheet").await.expect(200);
    assert_eq!(own["data"], json!([first]));
    assert_eq!(
        t.npp02().get("/api/v1/attendance/timesheet").await.expect(200)["pagination"]["totalItems"],
        1
    );
    t.anonymous().get("/api/v1/attendance/timesheet").await.problem(401, "unauthorized");
}

#[tokio::test]
async fn past_midnight_is_the_next_day() {
    let t = app().await;
    clock(&t, "in", august("4 13:00")).await;
    clock(&t, "out", august("5 00:30")).await;
    let month = t.rep1().get("/api/v1/attendance?month=2026-08").await.expect(200);
    let days: Vec<_> = month["data"].as_array().unwrap().iter().map(|d| (&d["date"], &d["credit"])).collect();
    assert_eq!(days, [(&json!("2026-08-04"), &json!(0.0)), (&json!("2026-08-05"), &json!(0.0))]);
}

#[tokio::test]
async fn half_a_day_of_leave_is_nobodys_being_late() {
    let t = app().await;
    clock(&t, "in", august("4 13:10")).await;
    clock(&t, "out", august("4 17:00")).await;
    let leave = |day: &str, half: &str| {
        format!(
            "insert into leaves (distributor_id, id, user_id, first_day, last_day, half, kind, status, requested_by, requested_at,
                                 decided_by, decided_at)
             values ('{NPP01}', gen_random_uuid(), '{REP1}', '{day}', '{day}', '{half}', 'annual', 'approved', '{REP1}', now(),
                     '{SUPERVISOR}', now());"
        )
    };
    let statements =
        leave("2026-08-04", "morning") + &leave("2026-08-05", "morning") + &leave("2026-08-05", "afternoon");
    sql(&t, statements).await;
    let own = t.rep1().get("/api/v1/attendance/timesheet?month=2026-08").await.expect(200)["data"][0].clone();
    assert_eq!(own["halfLeaveDays"], json!([{ "date": "2026-08-04", "half": "morning" }]));
    assert_eq!(own["leaveDays"], json!(["2026-08-05"]));
    let day = &own["days"][0];
    assert_eq!(
        (&day["lateMinutes"], &day["workedMinutes"], &day["credit"]),
        (&json!(10), &json!(230), &json!(0.48))
    );
    assert_eq!(day["halfLeave"], "morning");
    let month = t.rep1().get("/api/v1/attendance?month=2026-08").await.expect(200);
    assert_eq!(month["data"][0]["halfLeave"], "morning");
}
