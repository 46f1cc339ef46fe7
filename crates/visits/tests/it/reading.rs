//! Looking at visits.

use serde_json::json;
use test_kit::world::{MAIN1, NPP01, REP1, SHOP1, SHOP2};

use crate::support::{add_photo, app, sql, visit_shop1};

#[tokio::test]
async fn everybody_sees_the_visits_of_their_scope() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    for (actor, seen) in
        [(t.rep1(), 1), (t.supervisor(), 1), (t.npp01(), 1), (t.admin(), 1), (t.rep2(), 0), (t.npp02(), 0)]
    {
        let list = actor.get("/api/v1/visits").await.expect(200);
        assert_eq!(list["pagination"]["totalItems"], seen);
        let one = actor.get(&format!("/api/v1/visits/{visit}")).await;
        assert_eq!(one.status, if seen == 1 { 200 } else { 404 });
    }
    t.anonymous().get("/api/v1/visits").await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_list_is_narrowed() {
    let t = app().await;
    visit_shop1(&t).await;
    for (query, found) in [
        ("date=2026-08-06", 1),
        ("date=2026-08-05", 0),
        ("from=2026-08-01&to=2026-08-31", 1),
        ("from=2026-08-07", 0),
        (&*format!("userId={REP1}"), 1),
        (&*format!("customerId={SHOP1}"), 1),
        (&*format!("customerId={SHOP2}"), 0),
        ("search=kh001", 1),
        ("search=zzz", 0),
        ("page=2", 0),
    ] {
        let list = t.supervisor().get(&format!("/api/v1/visits?{query}")).await.expect(200);
        assert_eq!(list["data"].as_array().unwrap().len(), found, "{query}");
    }
    for query in ["date=2026-13-01", "from=-4800-01-01", "userId=x", "pageSize=101"] {
        t.supervisor().get(&format!("/api/v1/visits?{query}")).await.problem(400, "validation");
    }
}

#[tokio::test]
async fn one_visit_shows_its_photos_and_orders() {
    let t = app().await;
    let visit = visit_shop1(&t).await;
    let photo = add_photo(&t, &visit, "Mặt tiền", 1).await;
    sql(
        &t,
        format!(
            "insert into orders (distributor_id, id, number, order_type, status, customer_id, rep_id, visit_id, warehouse_id,
                                 ordered_at, business_date, gross, product_discount, order_discount, vat, total, created_by,
                                 created_at, updated_at)
             values ('{NPP01}', gen_random_uuid(), 'DH-1', 'PreSales', 'Pending', '{SHOP1}', '{REP1}', '{visit}', '{MAIN1}',
                     now(), '2026-08-06', 1000, 0, 0, 80, 1080, '{REP1}', now(), now())"
        ),
    )
    .await;
    let one = t.supervisor().get(&format!("/api/v1/visits/{visit}")).await.expect(200);
    assert_eq!(one["photos"], json!([photo]));
    assert_eq!(one["orders"][0]["orderNumber"], "DH-1");
    assert_eq!(one["orders"][0]["totalAmount"], 1080);
    assert_eq!((&one["photoCount"], &one["orderCount"]), (&json!(1), &json!(1)));
}
