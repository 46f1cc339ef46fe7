//! Where outlets stand, and stood.

use serde_json::{Value, json};
use test_kit::world::{SHOP1, SHOP2, SHOP21};
use test_kit::{TestApp, minutes};
use uuid::Uuid;

use crate::support::{AT_SHOP1, add_photo, app, check_in_at, check_out, count, sql, visit_shop1};

/// 222 m north of KH001.
const NORTH: f64 = 10.7789;

#[tokio::test]
async fn a_late_visit_is_measured_to_where_the_outlet_stood_then() {
    let t = app().await;
    t.clock.advance(chrono::Duration::hours(2));
    sql(
        &t,
        format!(
            "update customers set latitude = {}, updated_at = '{}' where id = '{SHOP1}'",
            NORTH,
            minutes(120)
        ),
    )
    .await;
    let mut then = check_in_at(SHOP1);
    then["at"] = json!(minutes(60));
    let visit = t.rep1().post("/api/v1/visits/check-in", then).await.expect(201);
    assert_eq!((&visit["checkInDistance"], &visit["outOfRange"]), (&json!(0), &json!(false)));
    let id = visit["visitId"].as_str().unwrap();
    add_photo(&t, id, "Mặt tiền", 1).await;
    t.rep1().post(&format!("/api/v1/visits/{id}/check-out"), check_out("NoOrder")).await.expect(200);
    let now = t.rep1().post("/api/v1/visits/check-in", check_in_at(SHOP1)).await.expect(201);
    assert_eq!((&now["checkInDistance"], &now["outOfRange"]), (&json!(222), &json!(true)));
    let stood = t.supervisor().get(&format!("/api/v1/customers/{SHOP1}/locations")).await.expect(200);
    let places: Vec<&Value> = stood["data"].as_array().unwrap().iter().map(|l| &l["latitude"]).collect();
    assert_eq!(places, [&json!(NORTH), &json!(AT_SHOP1.0)]);
    t.npp02().get(&format!("/api/v1/customers/{SHOP1}/locations")).await.problem(404, "not_found");
}

fn proposal() -> Value {
    json!({ "latitude": NORTH, "longitude": AT_SHOP1.1, "accuracy": 6, "reason": "Ghim sai bên kia đường",
            "photoSha256": "a".repeat(64) })
}

async fn propose(t: &TestApp, body: Value) -> Value {
    t.rep1().post(&format!("/api/v1/customers/{SHOP1}/location-proposals"), body).await.expect(201)
}

#[tokio::test]
async fn an_approved_proposal_moves_the_outlet_and_shows_visits_their_right_distance() {
    let t = app().await;
    // The rep stood where the outlet really is, 222 m from its pin.
    let there = json!({ "customerId": SHOP1, "latitude": NORTH, "longitude": AT_SHOP1.1 });
    let visit = t.rep1().post("/api/v1/visits/check-in", there).await.expect(201);
    let visit = visit["visitId"].as_str().unwrap();
    add_photo(&t, visit, "Mặt tiền", 1).await;
    let mut body = proposal();
    (body["id"], body["visitId"]) = (json!(Uuid::now_v7()), json!(visit));
    let proposed = propose(&t, body.clone()).await;
    assert_eq!((&proposed["status"], &proposed["visitId"]), (&json!("pending"), &json!(visit)));
    assert_eq!(proposed["oldLatitude"], AT_SHOP1.0);
    assert_eq!(propose(&t, body).await, proposed);
    t.clock.advance(chrono::Duration::minutes(5));
    let ended =
        t.rep1().post(&format!("/api/v1/visits/{visit}/check-out"), check_out("NoOrder")).await.expect(200);
    assert_eq!((&ended["compliant"], &ended["outOfRange"]), (&json!(false), &json!(true)));

    let waiting = t.supervisor().get("/api/v1/location-proposals?status=pending").await.expect(200);
    assert_eq!(waiting["pagination"]["totalItems"], 1);
    let path = format!("/api/v1/location-proposals/{}/approve", proposed["proposalId"].as_str().unwrap());
    t.rep1().post(&path, json!({})).await.problem(403, "forbidden");
    t.npp02().post(&path, json!({})).await.problem(404, "not_found");
    let approved = t.supervisor().post(&path, json!({ "note": "Đúng" })).await.expect(200);
    assert_eq!((&approved["status"], &approved["rejudged"]), (&json!("approved"), &json!(1)));
    t.supervisor()
        .post_once(&path, "again", json!({ "note": "Đúng" }))
        .await
        .problem(409, "visits.proposal_decided");

    let seen = t.supervisor().get(&format!("/api/v1/visits/{visit}")).await.expect(200);
    assert_eq!(
        (&seen["checkInDistance"], &seen["outOfRange"], &seen["compliant"]),
        (&json!(222), &json!(true), &json!(false))
    );
    assert_eq!(
        (&seen["correctedDistance"], &seen["correctedOutOfRange"], &seen["correctedCompliant"]),
        (&json!(0), &json!(false), &json!(true))
    );
    let moved = "select count(*) from customers where code = 'KH001' and latitude = 10.7789";
    assert_eq!(count(&t, moved).await, 1);
    // From now on the new place counts.
    let there = json!({ "customerId": SHOP1, "latitude": NORTH, "longitude": AT_SHOP1.1 });
    assert_eq!(t.rep1().post("/api/v1/visits/check-in", there).await.expect(201)["checkInDistance"], 0);
}

#[tokio::test]
async fn a_rejected_proposal_moves_nothing() {
    let t = app().await;
    visit_shop1(&t).await;
    let id = propose(&t, proposal()).await["proposalId"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/location-proposals/{id}/reject");
    t.supervisor().post(&path, json!({ "reason": " " })).await.problem(400, "validation");
    let rejected =
        t.supervisor().post(&path, json!({ "reason": "Ảnh không phải điểm bán này" })).await.expect(200);
    assert_eq!(
        (&rejected["status"], &rejected["decisionNote"]),
        (&json!("rejected"), &json!("Ảnh không phải điểm bán này"))
    );
    assert_eq!(count(&t, "select count(*) from customer_locations where latitude = 10.7789").await, 0);
    assert_eq!(count(&t, "select count(*) from visits where corrected_distance_m is not null").await, 0);
}

#[tokio::test]
async fn a_locked_place_is_not_even_proposed_anew() {
    let t = app().await;
    let id = propose(&t, proposal()).await["proposalId"].as_str().unwrap().to_owned();
    sql(&t, format!("update customers set location_locked = true where id = '{SHOP1}'")).await;
    let path = format!("/api/v1/customers/{SHOP1}/location-proposals");
    t.rep1().post(&path, proposal()).await.problem(422, "visits.location_locked");
    let approve = format!("/api/v1/location-proposals/{id}/approve");
    t.supervisor().post(&approve, json!({})).await.problem(422, "customers.location_locked");
}

#[tokio::test]
async fn what_one_may_not_see_one_may_not_move() {
    let t = app().await;
    t.rep1()
        .post(&format!("/api/v1/customers/{SHOP21}/location-proposals"), proposal())
        .await
        .problem(404, "not_found");
    t.rep2()
        .post(&format!("/api/v1/customers/{SHOP2}/location-proposals"), proposal())
        .await
        .problem(404, "not_found");
    t.npp01()
        .post(&format!("/api/v1/customers/{SHOP1}/location-proposals"), proposal())
        .await
        .problem(403, "forbidden");
    let mut wrong = proposal();
    wrong["photoSha256"] = json!("x");
    t.rep1()
        .post(&format!("/api/v1/customers/{SHOP1}/location-proposals"), wrong)
        .await
        .problem(400, "validation");
}

#[tokio::test]
async fn two_decisions_at_once_are_one() {
    let t = app().await;
    let id = propose(&t, proposal()).await["proposalId"].as_str().unwrap().to_owned();
    let (approve, reject) = (
        format!("/api/v1/location-proposals/{id}/approve"),
        format!("/api/v1/location-proposals/{id}/reject"),
    );
    let (one, other) = (t.supervisor(), t.npp01());
    let (a, b) =
        tokio::join!(one.post(&approve, json!({})), other.post(&reject, json!({ "reason": "Không" })));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}
