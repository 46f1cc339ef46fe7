//! Starting a visit.

use serde_json::{Value, json};
use test_kit::minutes;
use test_kit::world::{NPP01, SHOP_NO_GPS, SHOP_PENDING, SHOP1, SHOP2, SHOP21};
use uuid::Uuid;

use crate::support::{app, check_in_at, count, sql, visit_shop1};

const PATH: &str = "/api/v1/visits/check-in";

#[tokio::test]
async fn a_visit_starts_at_an_outlet_of_the_plan() {
    let t = app().await;
    let visit = t.rep1().post(PATH, check_in_at(SHOP1)).await.expect(201);
    assert_eq!(visit["checkInDistance"], 0);
    assert_eq!(visit["outOfRange"], false);
    assert_eq!(visit["distanceWarning"], Value::Null);
    assert_eq!(visit["visitType"], "InRoute");
    assert_eq!(visit["checkInTime"], "2026-08-06T02:00:00Z");
    assert_eq!(count(&t, "select count(*) from audit_log where action = 'visits.check_in'").await, 1);
}

#[tokio::test]
async fn the_event_tells_who_is_where() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let (payload, audience): (Value, Vec<String>) =
        sqlx::query_as("select payload, audience from outbox where kind = 'VisitStarted'")
            .fetch_one(&mut t.database.owner().await)
            .await
            .unwrap();
    assert_eq!(payload["visitId"], json!(visit));
    assert_eq!(payload["fullName"], "Nhân viên 1");
    assert_eq!(payload["latitude"], 10.7769);
    assert_eq!(payload["outOfRange"], false);
    assert!(audience.contains(&format!("distributor:{NPP01}")), "{audience:?}");
}

#[tokio::test]
async fn who_is_too_far_away_is_warned_and_marked() {
    let t = app().await;
    // A thousandth of a degree of latitude is 111 m.
    let body = json!({ "customerId": SHOP1, "latitude": 10.7789, "longitude": 106.7009 });
    let visit = t.rep1().post(PATH, body).await.expect(201);
    assert_eq!(visit["checkInDistance"], 222);
    assert_eq!(visit["outOfRange"], true);
    assert!(visit["distanceWarning"].as_str().unwrap().contains("222 m"));
    let far = json!([{ "kind": "outOfRange", "distanceMetres": 222, "radiusMetres": 100 }]);
    assert_eq!(visit["warnings"], far);
}

#[tokio::test]
async fn the_plan_decides_what_is_in_route_whatever_the_phone_says() {
    let t = app().await;
    sql(
        &t,
        format!(
            "delete from route_customers where customer_id = '{SHOP1}';
                     update customers set created_by = '{}' where id = '{SHOP1}'",
            test_kit::world::REP1
        ),
    )
    .await;
    let mut body = check_in_at(SHOP1);
    body["visitType"] = json!("InRoute");
    let visit = t.rep1().post(PATH, body).await.expect(201);
    assert_eq!(visit["visitType"], "OffRoute");
}

#[tokio::test]
async fn a_rep_is_at_one_outlet_at_a_time() {
    let t = app().await;
    let open = visit_shop1(&t).await;
    let problem = t.rep1().post(PATH, check_in_at(SHOP2)).await.problem(409, "visits.open_visit");
    assert_eq!(problem["visitId"], json!(open));
    assert!(problem["customerName"].is_string());
    // At once, one of two gets in, and the other is told.
    let t = app().await;
    let (rep_a, rep_b) = (t.rep1(), t.rep1());
    let (a, b) = tokio::join!(rep_a.post(PATH, check_in_at(SHOP1)), rep_b.post(PATH, check_in_at(SHOP2)));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn an_outlet_that_waits_for_approval_is_not_visited() {
    let t = app().await;
    sql(&t, format!("insert into route_customers (distributor_id, route_id, customer_id, sequence)
                     select distributor_id, route_id, '{SHOP_PENDING}', 9 from route_customers where customer_id = '{SHOP1}'")).await;
    t.rep1().post(PATH, check_in_at(SHOP_PENDING)).await.problem(422, "visits.customer_not_active");
    sql(&t, format!("update customers set status = 'inactive' where id = '{SHOP2}'")).await;
    t.rep1().post(PATH, check_in_at(SHOP2)).await.problem(422, "visits.customer_not_active");
}

#[tokio::test]
async fn an_outlet_without_location_gets_that_of_the_first_visit() {
    let t = app().await;
    let visit = t.rep1().post(PATH, check_in_at(SHOP_NO_GPS)).await.expect(201);
    assert_eq!((&visit["checkInDistance"], &visit["outOfRange"]), (&Value::Null, &json!(false)));
    let placed =
        "select count(*) from customers where code = 'KH004' and latitude = 10.7769 and longitude = 106.7009";
    assert_eq!(count(&t, placed).await, 1);
    assert_eq!(visit["placedOutlet"], true);
    // Somebody must have been there, whatever the policy says of photos.
    sql(
        &t,
        "insert into visit_policies (id, valid_from, content, updated_at)
             values (gen_random_uuid(), '2026-01-01', '{\"steps\": []}', now())",
    )
    .await;
    let id = visit["visitId"].as_str().unwrap();
    t.rep1()
        .post(&format!("/api/v1/visits/{id}/check-out"), crate::support::check_out("NoOrder"))
        .await
        .problem(422, "visits.photo_required");
}

#[tokio::test]
async fn a_locked_outlet_without_location_stays_without() {
    let t = app().await;
    sql(&t, format!("update customers set location_locked = true where id = '{SHOP_NO_GPS}'")).await;
    t.rep1().post(PATH, check_in_at(SHOP_NO_GPS)).await.expect(201);
    assert_eq!(
        count(&t, "select count(*) from customers where code = 'KH004' and latitude is null").await,
        1
    );
}

#[tokio::test]
async fn the_same_check_in_again_gives_the_same_visit() {
    let t = app().await;
    let mut body = check_in_at(SHOP1);
    body["id"] = json!(Uuid::now_v7());
    let first = t.rep1().post(PATH, body.clone()).await.expect(201);
    assert_eq!(first["visitId"], body["id"]);
    t.clock.advance(chrono::Duration::minutes(2));
    assert_eq!(t.rep1().post(PATH, body.clone()).await.expect(201), first);
    // Even when the phone lost its key, and after the visit was known by id only.
    assert_eq!(t.rep1().post_once(PATH, "another-key", body).await.expect(201), first);
    assert_eq!(count(&t, "select count(*) from visits").await, 1);
    assert_eq!(count(&t, "select count(*) from outbox").await, 1);
    // Somebody else's visit has the id.
    let mut taken = check_in_at(SHOP1);
    taken["id"] = first["visitId"].clone();
    t.supervisor().post(PATH, taken).await.problem(409, "visits.id_taken");
}

#[tokio::test]
async fn ten_repeats_at_once_make_one_visit() {
    let t = app().await;
    let mut body = check_in_at(SHOP1);
    body["id"] = json!(Uuid::now_v7());
    let rep = t.rep1();
    let answers = futures_util::future::join_all((0..10).map(|_| rep.post(PATH, body.clone()))).await;
    let first = answers[0].expect(201);
    assert!(answers.iter().all(|answer| answer.expect(201) == first));
    for table in ["visits", "outbox", "audit_log where action = 'visits.check_in'"] {
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&mut t.database.owner().await)
            .await
            .unwrap();
        assert_eq!(rows, 1, "{table}");
    }
}

#[tokio::test]
async fn a_visit_without_network_counts_for_its_own_day() {
    let t = app().await;
    let mut body = check_in_at(SHOP1);
    body["at"] = json!(minutes(-24 * 60));
    let visit = t.rep1().post(PATH, body.clone()).await.expect(201);
    assert_eq!(visit["checkInTime"], "2026-08-05T02:00:00Z");
    assert_eq!(count(&t, "select count(*) from visits where business_date = '2026-08-05'").await, 1);
    for wrong in [minutes(6), minutes(-7 * 24 * 60 - 1)] {
        body["at"] = json!(wrong);
        t.rep1().post(PATH, body.clone()).await.problem(422, "visits.time_refused");
    }
}

#[tokio::test]
async fn what_one_may_not_see_one_may_not_visit() {
    let t = app().await;
    for customer in [SHOP21, domain::CustomerId::new(Uuid::nil())] {
        t.rep1().post(PATH, check_in_at(customer)).await.problem(404, "not_found");
    }
    // An outlet on nobody's route of the rep.
    t.rep2().post(PATH, check_in_at(SHOP1)).await.problem(404, "not_found");
    t.npp01().post(PATH, check_in_at(SHOP1)).await.problem(403, "forbidden");
    t.anonymous().post(PATH, check_in_at(SHOP1)).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_place_that_is_none_is_named() {
    let t = app().await;
    for (field, value) in [
        ("latitude", json!(90.5)),
        ("longitude", json!(-181)),
        ("accuracy", json!(-1)),
        ("latitude", json!("x")),
    ] {
        let mut body = check_in_at(SHOP1);
        body[field] = value;
        let problem = t.rep1().post(PATH, body).await.problem(400, "validation");
        assert!(problem["errors"].get(field).is_some(), "{problem}");
    }
}
