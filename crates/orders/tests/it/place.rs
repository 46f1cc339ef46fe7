use serde_json::{Value, json};
use test_kit::{minutes, world};

use crate::{PROMOTION, app, order, visit};

#[tokio::test]
async fn an_order_gets_prices_vat_a_promotion_and_a_number() {
    let t = app().await;
    let o = t.rep1().post("/api/v1/orders", order()).await.expect(201);
    assert_eq!(o["orderNumber"], "DH-20260806-0001");
    assert_eq!(o["status"], "Pending");
    // 12 × 10,000 and 180,000; VAT 8 % of 120,000 and 10 % of 180,000.
    assert_eq!(o["subTotal"], 300_000);
    assert_eq!(o["discountAmount"], 0);
    assert_eq!(o["taxAmount"], 27_600);
    assert_eq!(o["totalAmount"], 327_600);
    let items = o["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    assert_eq!((&items[1]["unit"], &items[1]["pieces"]), (&json!("whole"), &json!(12)));
    let free = &items[2];
    assert_eq!(
        (&free["isFree"], &free["unitPrice"], &free["quantity"]),
        (&json!(true), &json!(0), &json!(1))
    );
    assert_eq!((&free["promotionId"], &free["promotionName"]), (&json!(PROMOTION), &json!("Mua 12 tặng 1")));
    assert_eq!(o["history"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_quote_says_the_same_totals_and_what_is_narrowly_missed_and_saves_nothing() {
    let t = app().await;
    let quote = t.rep1().post("/api/v1/pricing/quote", order()).await.expect(200);
    assert_eq!(quote["totalAmount"], 327_600);
    let mut short = order();
    short["items"][0]["quantity"] = json!(11);
    let quote = t.rep1().post("/api/v1/pricing/quote", short).await.expect(200);
    assert_eq!(quote["nearMisses"][0]["promotionCode"], "KM01");
    assert_eq!(quote["nearMisses"][0]["missing"], json!({"type": "pieces", "quantity": 1}));
    let list = t.rep1().get("/api/v1/orders").await.expect(200);
    assert_eq!(list["pagination"]["totalItems"], 0);
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_has_no_effect() {
    let t = app().await;
    let mut body = order();
    body["id"] = json!("01900000-0000-7000-8000-000000000001");
    let first = t.rep1().post("/api/v1/orders", body.clone()).await.expect(201);
    let again = t.rep1().post("/api/v1/orders", body.clone()).await.expect(201);
    assert_eq!(first, again);
    let by_key = t.rep1().post_once("/api/v1/orders", "key-1", order()).await.expect(201);
    let again = t.rep1().post_once("/api/v1/orders", "key-1", order()).await.expect(201);
    assert_eq!(by_key, again);
    assert_eq!(t.rep1().get("/api/v1/orders").await.expect(200)["pagination"]["totalItems"], 2);
    // The same key for another order, the same id from somebody else.
    let mut other = order();
    other["notes"] = json!("khác");
    t.rep1().post_once("/api/v1/orders", "key-1", other).await.problem(422, "idempotency.key_reused");
    t.npp01().post("/api/v1/orders", body).await.problem(409, "orders.duplicate_id");
}

#[tokio::test]
async fn a_repeat_under_another_key_is_known_by_its_id() {
    let t = app().await;
    let mut body = order();
    body["id"] = json!("01900000-0000-7000-8000-000000000001");
    let first = t.rep1().post_once("/api/v1/orders", "key-1", body.clone()).await.expect(201);
    assert_eq!(t.rep1().post_once("/api/v1/orders", "key-2", body.clone()).await.expect(201), first);
    // It is answered as it is now, even when it couldn't be placed any more.
    let path = format!("/api/v1/orders/{}", first["orderId"].as_str().unwrap());
    let edit = json!({"version": 1, "items": [{"productId": world::SOAP, "quantity": 1, "unit": "retail"}]});
    t.rep1().put(&path, edit).await.expect(200);
    let edited = t.rep1().get(&path).await.expect(200);
    sqlx::query("update customers set status = 'inactive' where id = $1")
        .bind(world::SHOP1.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(t.rep1().post_once("/api/v1/orders", "key-3", body.clone()).await.expect(201), edited);
    sqlx::query("update customers set status = 'active' where id = $1")
        .bind(world::SHOP1.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(t.rep1().get("/api/v1/orders").await.expect(200)["pagination"]["totalItems"], 1);
    // Another's id, another customer, other goods, a used key.
    let post = async |body: &Value, key| t.rep1().post_once("/api/v1/orders", key, body.clone()).await;
    t.npp01().post_once("/api/v1/orders", "key-4", body.clone()).await.problem(409, "orders.duplicate_id");
    let mut other = body.clone();
    other["customerId"] = json!(world::SHOP2);
    post(&other, "key-5").await.problem(409, "orders.duplicate_id");
    let mut other = body.clone();
    other["items"][0]["quantity"] = json!(13);
    post(&other, "key-6").await.problem(409, "orders.duplicate_id");
    post(&other, "key-1").await.problem(422, "idempotency.key_reused");
    let mut foreign = body;
    foreign["customerId"] = json!(world::SHOP21);
    t.rep11().post_once("/api/v1/orders", "key-1", foreign).await.problem(409, "orders.duplicate_id");
}

#[tokio::test]
async fn an_order_that_came_on_a_way_without_keys_is_known_by_its_id() {
    let t = app().await;
    let mut body = order();
    body["id"] = json!("01900000-0000-7000-8000-000000000001");
    t.rep1().post("/api/v1/orders", body.clone()).await.expect(201);
    // As sync leaves it, which keeps its answers elsewhere.
    sqlx::query("delete from idempotency_keys").execute(&mut t.database.owner().await).await.unwrap();
    for answer in [
        t.rep1().post("/api/v1/orders", body.clone()).await,
        t.rep1().post_once("/api/v1/orders", "key-1", body).await,
    ] {
        assert_eq!(answer.expect(201)["orderNumber"], "DH-20260806-0001");
    }
    assert_eq!(t.rep1().get("/api/v1/orders").await.expect(200)["pagination"]["totalItems"], 1);
}

#[tokio::test]
async fn repeats_at_the_same_moment_make_one_order() {
    let t = app().await;
    let rep = t.rep1();
    let (a, b, c) = tokio::join!(
        rep.post_once("/api/v1/orders", "key-1", order()),
        rep.post_once("/api/v1/orders", "key-1", order()),
        rep.post_once("/api/v1/orders", "key-1", order()),
    );
    let first = a.expect(201);
    assert_eq!((&b.expect(201), &c.expect(201)), (&first, &first));
    assert_eq!(t.rep1().get("/api/v1/orders").await.expect(200)["pagination"]["totalItems"], 1);
}

#[tokio::test]
async fn what_cannot_be_an_order_is_refused_with_the_field_that_is_wrong() {
    let t = app().await;
    let rep = t.rep1();
    let no_lines = json!({"orderType": "PreSales", "customerId": world::SHOP1, "items": []});
    let problem = rep.post("/api/v1/orders", no_lines).await.problem(400, "validation");
    assert!(problem["errors"]["items"].is_array());
    for quantity in [json!(0), json!(-1), json!(1_000_001)] {
        let mut body = order();
        body["items"][0]["quantity"] = quantity;
        let problem = rep.post("/api/v1/orders", body).await.problem(400, "validation");
        assert!(problem["errors"]["items[0].quantity"].is_array(), "{problem}");
    }
    let mut body = order();
    body["items"][0]["unit"] = json!("box");
    let problem = rep.post("/api/v1/orders", body).await.problem(400, "validation");
    assert!(problem["errors"]["items[0].unit"].is_array(), "{problem}");
    let mut body = order();
    body["items"][0]["productId"] = json!("00000000-0000-0000-0000-00000000dead");
    rep.post("/api/v1/orders", body).await.problem(422, "orders.product_not_sold");
}

#[tokio::test]
async fn one_sells_only_to_active_customers_of_ones_own_distributor() {
    let t = app().await;
    let mut body = order();
    body["customerId"] = json!(world::SHOP21);
    t.rep1().post("/api/v1/orders", body.clone()).await.problem(404, "not_found");
    body["customerId"] = json!(world::SHOP_PENDING);
    t.rep1().post("/api/v1/orders", body.clone()).await.problem(404, "not_found");
    t.npp01().post("/api/v1/orders", body).await.problem(422, "orders.customer_not_active");
    let mut body = order();
    body["warehouseId"] = json!(world::MAIN2);
    t.rep1().post("/api/v1/orders", body).await.problem(422, "orders.no_warehouse");
    t.area_manager().post("/api/v1/orders", order()).await.problem(403, "forbidden");
    t.anonymous().post("/api/v1/orders", order()).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_rep_sells_on_their_own_routes_or_where_they_are() {
    let t = app().await;
    t.rep2().post("/api/v1/orders", order()).await.problem(404, "not_found");
    t.rep2().post("/api/v1/pricing/quote", order()).await.problem(404, "not_found");
    // Their visit to the shop, in somebody's place or not, is proof enough.
    let mut body = order();
    body["visitId"] = json!(visit(&t, world::REP2).await);
    t.rep2().post("/api/v1/orders", body).await.expect(201);
    t.npp01().post("/api/v1/orders", order()).await.expect(201);
}

#[tokio::test]
async fn an_order_taken_offline_counts_on_the_day_it_was_taken() {
    let t = app().await;
    let mut body = order();
    body["at"] = json!(minutes(-24 * 60));
    let o = t.rep1().post("/api/v1/orders", body.clone()).await.expect(201);
    assert_eq!((&o["businessDate"], &o["orderNumber"]), (&json!("2026-08-05"), &json!("DH-20260805-0001")));
    body["at"] = json!(minutes(6));
    t.rep1().post("/api/v1/orders", body.clone()).await.problem(422, "clock_ahead");
    body["at"] = json!(minutes(-8 * 24 * 60));
    t.rep1().post("/api/v1/orders", body).await.problem(422, "too_old");
}

#[tokio::test]
async fn orders_are_seen_by_their_rep_their_supervisors_and_their_distributor() {
    let t = app().await;
    let id = crate::placed(&t, order()).await;
    let path = format!("/api/v1/orders/{id}");
    for who in [t.rep1(), t.supervisor(), t.area_manager(), t.npp01(), t.admin()] {
        assert_eq!(who.get(&path).await.expect(200)["orderId"], json!(id));
        assert_eq!(who.get("/api/v1/orders?search=co+ba").await.expect(200)["pagination"]["totalItems"], 1);
    }
    for who in [t.rep2(), t.npp02(), t.rep11()] {
        who.get(&path).await.problem(404, "not_found");
        assert_eq!(who.get("/api/v1/orders").await.expect(200)["pagination"]["totalItems"], 0);
    }
}

#[tokio::test]
async fn the_event_of_an_order_reaches_its_team_and_those_above() {
    let t = app().await;
    crate::placed(&t, order()).await;
    let (kind, audience): (String, Vec<String>) = sqlx::query_as("select kind, audience from outbox")
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(kind, "OrderCreated");
    for group in [
        format!("user:{}", world::REP1),
        format!("distributor:{}", world::NPP01),
        format!("team:{}", world::TEAM1),
        format!("team:{}", world::AREA),
    ] {
        assert!(audience.contains(&group), "{group} not in {audience:?}");
    }
    assert!(!audience.contains(&format!("team:{}", world::TEAM2)));
}
