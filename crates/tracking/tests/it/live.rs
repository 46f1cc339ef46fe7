//! The live board.

use serde_json::{Value, json};
use test_kit::world::{MAIN1, NPP01, REP1, SHOP1};
use test_kit::{TestApp, minutes};

use crate::support::sql;

async fn board(actor: test_kit::Actor<'_>) -> Vec<Value> {
    actor.get("/api/v1/tracking/live").await.expect(200)["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_board_shows_who_is_where_and_does_what() {
    let t = TestApp::start(tracking::router()).await;
    let fresh = board(t.supervisor()).await;
    assert_eq!(fresh.len(), 2);
    assert_eq!((&fresh[0]["position"], &fresh[0]["activity"]), (&Value::Null, &json!("offDuty")));

    let point =
        json!({ "latitude": 10.5, "longitude": 106.7, "speed": 0.1, "battery": 64, "at": minutes(-2) });
    t.rep1().post("/api/v1/locations", json!({ "points": [point] })).await.expect(200);
    sql(
        &t,
        format!(
            "insert into clock_events (distributor_id, id, user_id, kind, at, business_date, received_at)
             values ('{NPP01}', gen_random_uuid(), '{REP1}', 'in', '2026-08-06T01:00Z', '2026-08-06', now());
             insert into orders (distributor_id, id, number, order_type, status, customer_id, rep_id, warehouse_id,
                                 ordered_at, business_date, gross, product_discount, order_discount, vat, total,
                                 created_by, created_at, updated_at)
             select '{NPP01}', gen_random_uuid(), status, 'PreSales', status, '{SHOP1}', '{REP1}', '{MAIN1}', now(),
                    '2026-08-06', 1000, 0, 0, 80, 1080, '{REP1}', now(), now()
             from unnest(array['Pending', 'Approved', 'Rejected', 'Cancelled']) status"
        ),
    )
    .await;
    let rep = |people: Vec<Value>| people.into_iter().find(|p| p["userId"] == json!(REP1)).unwrap();
    let working = rep(board(t.supervisor()).await);
    assert_eq!(working["activity"], "working");
    assert_eq!(working["position"]["motion"], "standing");
    assert_eq!(working["position"]["ageSeconds"], 120);
    assert_eq!(working["position"]["battery"], 64);
    assert_eq!((&working["ordersToday"], &working["salesToday"]), (&json!(2), &json!(2160)));

    sql(
        &t,
        format!(
            "insert into visits (distributor_id, id, customer_id, user_id, visit_type, business_date, check_in_at,
                                 latitude, longitude, received_at)
             values ('{NPP01}', gen_random_uuid(), '{SHOP1}', '{REP1}', 'InRoute', '2026-08-06', '2026-08-06T01:30Z',
                     10, 106, now())"
        ),
    )
    .await;
    let visiting = rep(board(t.supervisor()).await);
    assert_eq!((&visiting["activity"], &visiting["visitsToday"]), (&json!("visiting"), &json!(1)));
    assert_eq!(visiting["openVisit"]["customerId"], json!(SHOP1));
}

#[tokio::test]
async fn everybody_follows_their_own_people_only() {
    let t = TestApp::start(tracking::router()).await;
    for (actor, people) in
        [(t.supervisor(), 2), (t.npp01(), 2), (t.npp02(), 1), (t.area_manager(), 3), (t.admin(), 3)]
    {
        assert_eq!(board(actor).await.len(), people);
    }
    t.rep1().get("/api/v1/tracking/live").await.problem(403, "forbidden");
    t.anonymous().get("/api/v1/tracking/live").await.problem(401, "unauthorized");
}
