//! The plans of a team in numbers.

use serde_json::{Value, json};
use test_kit::world::{NPP01, REP1, REP2, ROUTE1, SHOP1, TEAM1, UNIT2};

use crate::support::{app, sql};

fn of(calendar: &Value, user: domain::UserId) -> &Vec<Value> {
    let people = calendar["data"].as_array().unwrap();
    people.iter().find(|person| person["userId"] == json!(user)).unwrap()["days"].as_array().unwrap()
}

fn figure(days: &[Value], what: &str) -> Vec<u64> {
    days.iter().map(|day| day[what].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_supervisor_sees_everybody_s_days_in_numbers() {
    let t = app().await;
    t.supervisor()
        .post(
            &format!("/api/v1/routes/{ROUTE1}/substitutions"),
            json!({ "repId": REP2, "firstDay": "2026-08-07", "lastDay": "2026-08-07" }),
        )
        .await
        .expect(201);
    t.supervisor()
        .post("/api/v1/leave", json!({ "userId": REP1, "firstDay": "2026-08-08" }))
        .await
        .expect(201);
    sql(
        &t,
        format!(
            "insert into visits (distributor_id, id, customer_id, user_id, visit_type, business_date, check_in_at,
                                 latitude, longitude, received_at, check_out_at, result)
             select '{NPP01}', gen_random_uuid(), '{SHOP1}', '{REP1}', 'InRoute', '2026-08-05', '2026-08-05T01:00Z',
                    10, 106, now(), '2026-08-05T01:10Z', 'NoOrder' from generate_series(1, 2)"
        ),
    )
    .await;
    let calendar =
        t.supervisor().get("/api/v1/routes/calendar?from=2026-08-05&to=2026-08-09").await.expect(200);
    let (first, second) = (of(&calendar, REP1), of(&calendar, REP2));
    assert_eq!(
        first.iter().map(|day| &day["date"]).collect::<Vec<_>>(),
        ["2026-08-05", "2026-08-06", "2026-08-07", "2026-08-08", "2026-08-09"]
    );
    assert_eq!(figure(first, "planned"), [3, 3, 0, 0, 3]);
    assert_eq!(figure(first, "visited"), [1, 0, 0, 0, 0]);
    assert_eq!(figure(first, "uncovered"), [0, 0, 0, 3, 0]);
    assert_eq!(
        first.iter().map(|day| day["onLeave"] == true).collect::<Vec<_>>(),
        [false, false, false, true, false]
    );
    assert_eq!(figure(second, "planned"), [0, 0, 3, 0, 0]);
    assert_eq!(figure(second, "stoodIn"), [0, 0, 3, 0, 0]);
    assert_eq!(figure(second, "routes"), [0, 0, 1, 0, 0]);
}

#[tokio::test]
async fn everybody_sees_those_they_lead_a_page_at_a_time() {
    let t = app().await;
    let path = "/api/v1/routes/calendar?from=2026-08-01&to=2026-08-31";
    for (actor, seen) in [(t.rep1(), 1), (t.supervisor(), 3), (t.area_manager(), 4), (t.npp02(), 1)] {
        assert_eq!(actor.get(path).await.expect(200)["pagination"]["totalItems"], seen);
    }
    let of_unit = async |unit| {
        t.area_manager().get(&format!("{path}&unitId={unit}")).await.expect(200)["pagination"]["totalItems"]
            .clone()
    };
    assert_eq!((of_unit(TEAM1).await, of_unit(UNIT2).await), (json!(3), json!(1)));
    let page = t.supervisor().get(&format!("{path}&pageSize=2&page=2")).await.expect(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    assert_eq!(page["data"][0]["days"].as_array().unwrap().len(), 31);
    for wrong in ["from=2026-08-01&to=2026-10-31", "from=2026-08-02&to=2026-08-01", "from=2026-08-02"] {
        t.supervisor().get(&format!("/api/v1/routes/calendar?{wrong}")).await.problem(400, "validation");
    }
}
