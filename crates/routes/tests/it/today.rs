//! The plan of a day.

use serde_json::{Value, json};
use test_kit::world::{NPP01, REP1, SHOP_NO_GPS, SHOP1, SHOP2};

use crate::support::{app, codes, put_customers, sql};

#[tokio::test]
async fn the_plan_lists_the_outlets_that_are_due_in_order() {
    let t = app().await;
    put_customers(
        &t,
        json!([
            { "customerId": SHOP_NO_GPS, "sequence": 30, "frequency": "F4" },
            { "customerId": SHOP1, "sequence": 10, "frequency": "F2" },
            { "customerId": SHOP2, "sequence": 20, "frequency": [2, 4] },
        ]),
    )
    .await;
    // The route started on 2026-01-05, so 2026-08-03 begins its week 3 and 2026-08-10 its week 4.
    let third = t.rep1().get("/api/v1/routes/today?date=2026-08-06").await.expect(200);
    assert_eq!(codes(&third), ["KH001", "KH004"]);
    assert_eq!(third["customers"][0]["visitOrder"], 10);
    assert_eq!(third["route"]["routeCode"], "T01");
    let fourth = t.rep1().get("/api/v1/routes/today?date=2026-08-10").await.expect(200);
    assert_eq!(codes(&fourth), ["KH002", "KH004"]);
    let before = t.rep1().get("/api/v1/routes/today?date=2026-01-04").await.expect(200);
    assert_eq!((before["route"].clone(), codes(&before).len()), (Value::Null, 0));
}

#[tokio::test]
async fn a_visit_of_the_day_shows_in_the_plan() {
    let t = app().await;
    sql(
        &t,
        format!(
            "insert into visits (distributor_id, id, customer_id, user_id, visit_type, business_date, check_in_at,
                                 latitude, longitude, received_at, check_out_at, result)
             values ('{NPP01}', gen_random_uuid(), '{SHOP1}', '{REP1}', 'InRoute', '2026-08-06', '2026-08-06T01:00Z',
                     10, 106, now(), '2026-08-06T01:10Z', 'NoOrder'),
                    ('{NPP01}', gen_random_uuid(), '{SHOP2}', '{REP1}', 'InRoute', '2026-08-06', '2026-08-06T01:20Z',
                     10, 106, now(), null, null);
             insert into customer_balances (distributor_id, customer_id, balance) values ('{NPP01}', '{SHOP1}', 1250000)"
        ),
    )
    .await;
    let today = t.rep1().get("/api/v1/routes/today").await.expect(200);
    let customers = &today["customers"];
    assert_eq!(customers[0]["visitState"], "visited");
    assert_eq!(customers[0]["lastVisitDate"], "2026-08-06");
    assert_eq!(customers[0]["lastOrderDate"], Value::Null);
    assert_eq!(customers[0]["currentBalance"], 1_250_000);
    assert_eq!(customers[1]["visitState"], "inProgress");
    assert!(customers[1]["visitId"].is_string());
    assert_eq!(customers[2]["visitState"], "notVisited");
    assert_eq!(today["summary"], json!({ "totalCustomers": 3, "visitedToday": 1, "ordersToday": 0 }));
    // The day before has its own state.
    let yesterday = t.rep1().get("/api/v1/routes/today?date=2026-08-05").await.expect(200);
    assert_eq!(yesterday["customers"][0]["visitState"], "notVisited");
}

#[tokio::test]
async fn two_routes_on_one_day_make_one_plan() {
    let t = app().await;
    put_customers(&t, json!([{ "customerId": SHOP1, "sequence": 2 }])).await;
    let second = json!({
        "routeCode": "T02", "name": "Tuyến 2", "weekdays": [4], "startDate": "2026-08-01", "repId": REP1,
    });
    let second = t.supervisor().post("/api/v1/routes", second).await.expect(201);
    let path = format!("/api/v1/routes/{}/customers", second["routeId"].as_str().unwrap());
    let customers = json!({ "customers": [{ "customerId": SHOP1 }, { "customerId": SHOP2 }] });
    t.supervisor().put(&path, customers).await.expect(200);

    let today = t.rep1().get("/api/v1/routes/today?date=2026-08-06").await.expect(200);
    assert_eq!(today["routes"].as_array().unwrap().len(), 2);
    assert_eq!(today["route"]["routeCode"], "T01");
    assert_eq!(codes(&today), ["KH001", "KH002"]);
    assert_eq!(today["customers"][1]["visitOrder"], 4);
    let friday = t.rep1().get("/api/v1/routes/today?date=2026-08-07").await.expect(200);
    assert_eq!(friday["routes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_plan_is_shown_to_those_who_lead_the_rep_only() {
    let t = app().await;
    let path = format!("/api/v1/routes/today?userId={REP1}");
    for leader in [t.supervisor(), t.area_manager(), t.npp01(), t.admin()] {
        assert_eq!(codes(&leader.get(&path).await.expect(200)).len(), 3);
    }
    for other in [t.rep2(), t.rep11(), t.npp02()] {
        other.get(&path).await.problem(404, "not_found");
    }
    t.anonymous().get(&path).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_day_that_cannot_be_is_refused() {
    let t = app().await;
    for date in ["2026-02-30", "-5000-01-01", "x"] {
        t.rep1().get(&format!("/api/v1/routes/today?date={date}")).await.problem(400, "validation");
    }
}
