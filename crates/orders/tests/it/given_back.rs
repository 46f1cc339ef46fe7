use futures_util::future::join_all;
use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::parts::invoiced;
use crate::usage::{gifts, limited};
use crate::{PROMOTION, app, assert_sound, order, placed};

/// So much milk for the shop without a limit.
fn milk(pieces: i64) -> Value {
    let mut body = order();
    body["customerId"] = json!(world::SHOP2);
    body["items"] = json!([
        {"productId": world::MILK, "quantity": pieces, "unit": "retail"},
        {"productId": world::SOAP, "quantity": 1, "unit": "whole"}
    ]);
    body
}

/// The promotion gives no more than so much to all customers.
async fn budget(t: &TestApp, budget: Value) {
    let mut owner = t.database.owner().await;
    let set = "update promotions set definition = definition || jsonb_build_object('budget', $1::jsonb)";
    sqlx::query(set).bind(budget).execute(&mut owner).await.unwrap();
    sqlx::query("insert into promotion_budgets values ($1, 0, 0, 0)")
        .bind(PROMOTION.parse::<uuid::Uuid>().unwrap())
        .execute(&mut owner)
        .await
        .unwrap();
}

/// Times, money and pieces that an order uses now; of all orders without one.
pub(crate) async fn used(t: &TestApp, order: Option<&str>) -> (i64, i64, i64) {
    sqlx::query_as(
        "select coalesce(sum(times), 0)::bigint, coalesce(sum(amount), 0)::bigint, coalesce(sum(quantity), 0)::bigint
         from promotion_usage where $1::uuid is null or document_id = $1",
    )
    .bind(order.map(|id| id.parse::<uuid::Uuid>().unwrap()))
    .fetch_one(&mut t.database.owner().await)
    .await
    .unwrap()
}

async fn delivered(t: &TestApp, body: Value) -> (String, String) {
    let (invoice, orders) = invoiced(t, &[body]).await;
    t.npp01().post(&format!("{invoice}/issue"), json!({})).await.expect(200);
    (invoice.rsplit('/').next().unwrap().to_owned(), orders[0].clone())
}

/// Brings pieces of a line back, as far as it is approved; gives the path to receive it.
async fn coming(t: &TestApp, invoice: &str, customer: domain::CustomerId, line: i32, pieces: i64) -> String {
    let body = json!({
        "invoiceId": invoice, "customerId": customer, "reason": "Khách trả",
        "lines": [{"invoiceLineNo": line, "quantity": pieces, "unit": "retail", "condition": "saleable"}],
    });
    let asked = t.npp01().post("/api/v1/returns", body).await.expect(201);
    let path = format!("/api/v1/returns/{}", asked["returnId"].as_str().unwrap());
    t.npp01().post(&format!("{path}/approve"), json!({})).await.expect(200);
    format!("{path}/receive")
}

#[tokio::test]
async fn goods_that_come_back_give_back_their_part_of_what_the_order_used() {
    let t = app().await;
    // 50 pieces give 4 free ones, of 10,000 each.
    let (invoice, id) = delivered(&t, milk(50)).await;
    assert_eq!(used(&t, Some(&id)).await, (4, 40_000, 4));
    // Soap earned nothing.
    let soap = coming(&t, &invoice, world::SHOP2, 2, 12).await;
    t.npp01().post(&soap, json!({})).await.expect(200);
    assert_eq!(used(&t, Some(&id)).await, (4, 40_000, 4));
    // 20 of 50: 1.6 gifts are 1.
    let first = coming(&t, &invoice, world::SHOP2, 1, 20).await;
    assert_eq!(used(&t, Some(&id)).await, (4, 40_000, 4), "nothing goes back before the goods are here");
    let done = t.npp01().post_once(&first, "r1", json!({})).await.expect(200);
    assert_eq!(used(&t, Some(&id)).await, (3, 24_000, 3));
    assert_eq!(t.npp01().post_once(&first, "r1", json!({})).await.expect(200), done);
    assert_eq!(used(&t, Some(&id)).await, (3, 24_000, 3));
    assert_sound(&t).await;
    // With the last piece all is given back.
    for (pieces, left) in [(29, (1, 800, 1)), (1, (0, 0, 0))] {
        let path = coming(&t, &invoice, world::SHOP2, 1, pieces).await;
        t.npp01().post(&path, json!({})).await.expect(200);
        assert_eq!(used(&t, Some(&id)).await, left);
        assert_sound(&t).await;
    }
}

#[tokio::test]
async fn the_customers_part_is_free_again_when_all_of_the_goods_are_back() {
    let t = limited().await;
    let (invoice, _) = delivered(&t, order()).await;
    let place = async || t.rep1().post("/api/v1/orders", order()).await.expect(201);
    assert_eq!(gifts(&place().await), 0);
    for (pieces, gift) in [(11, 0), (1, 1)] {
        let path = coming(&t, &invoice, world::SHOP1, 1, pieces).await;
        t.npp01().post(&path, json!({})).await.expect(200);
        assert_eq!(gifts(&place().await), gift, "after {pieces} more");
    }
    assert_sound(&t).await;
}

#[tokio::test]
async fn what_isnt_delivered_when_an_invoice_is_closed_gives_its_part_back() {
    let t = app().await;
    let (invoice, orders) = invoiced(&t, &[milk(50)]).await;
    let part = json!({"lines": [{"lineNo": 1, "quantity": 25, "unit": "retail"}]});
    t.npp01().post(&format!("{invoice}/issue"), part).await.expect(200);
    t.npp01().post(&format!("{invoice}/close"), json!({"reason": "Hết hàng"})).await.expect(200);
    assert_eq!(used(&t, Some(&orders[0])).await, (0, 0, 0), "none of the gifts has left");
    assert_sound(&t).await;
    // What was delivered comes back too.
    let path = coming(&t, invoice.rsplit('/').next().unwrap(), world::SHOP2, 1, 25).await;
    t.npp01().post(&path, json!({})).await.expect(200);
    assert_eq!(used(&t, Some(&orders[0])).await, (0, 0, 0));
    assert_sound(&t).await;
}

#[tokio::test]
async fn gifts_that_left_before_an_invoice_is_closed_stay_used_until_what_left_with_them_is_back() {
    let t = limited().await;
    sqlx::query(r#"update promotions set definition = definition || '{"perCustomer": {"quantity": 4}}'"#)
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    budget(&t, json!({"quantity": 4})).await;
    let (invoice, orders) = invoiced(&t, &[milk(50)]).await;
    // Line 2 is the soap, line 3 the gifts.
    let part = json!({"lines": [{"lineNo": 1, "quantity": 40, "unit": "retail"}, {"lineNo": 3, "quantity": 3, "unit": "retail"}]});
    t.npp01().post(&format!("{invoice}/issue"), part).await.expect(200);
    t.npp01().post(&format!("{invoice}/close"), json!({"reason": "Hết hàng"})).await.expect(200);
    assert_eq!(used(&t, Some(&orders[0])).await, (3, 30_000, 3));
    assert_sound(&t).await;
    // The one that stayed is there for the next order, of the budget and of the customer's part.
    let next = t.rep1().post("/api/v1/orders", milk(24)).await.expect(201);
    let given: Vec<_> = next["items"].as_array().unwrap().iter().filter(|i| i["isFree"] == true).collect();
    assert_eq!(given[0]["pieces"], 1);
    // 20 of the 40 that left: half of 3 gifts is 1.
    let id = invoice.rsplit('/').next().unwrap();
    for (pieces, left) in [(20, (2, 15_000, 2)), (20, (0, 0, 0))] {
        let path = coming(&t, id, world::SHOP2, 1, pieces).await;
        t.npp01().post(&path, json!({})).await.expect(200);
        assert_eq!(used(&t, Some(&orders[0])).await, left);
        assert_sound(&t).await;
    }
}

#[tokio::test]
async fn returns_and_orders_at_the_same_moment_never_use_more_than_the_budget() {
    let t = app().await;
    budget(&t, json!({"quantity": 4})).await;
    let mut back = Vec::new();
    for _ in 0..4 {
        let (invoice, _) = delivered(&t, milk(12)).await;
        back.push(coming(&t, &invoice, world::SHOP2, 1, 12).await);
    }
    assert_eq!(used(&t, None).await.2, 4);
    let (office, rep) = (t.npp01(), t.rep1());
    let receive = join_all(back.iter().map(|path| office.post(path, json!({}))));
    let place = join_all((0..6).map(|_| rep.post("/api/v1/orders", milk(12))));
    let (received, placed) = tokio::join!(receive, place);
    received.into_iter().for_each(|answer| {
        answer.expect(200);
    });
    let got: usize = placed.into_iter().map(|answer| gifts(&answer.expect(201))).sum();
    assert_eq!(used(&t, None).await.2, i64::try_from(got).unwrap());
    assert!(got <= 4, "{got} gifts of 4");
    assert_sound(&t).await;
}

#[tokio::test]
async fn each_part_of_a_split_order_has_what_its_goods_used() {
    let t = app().await;
    // 30 cases of 24 with 60 gifts; 20 cases are free, then nothing.
    sqlx::query("update stock_items set on_hand = 510 where product_id = $1")
        .bind(world::MILK.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let mut body = milk(1);
    body["items"] = json!([{"productId": world::MILK, "quantity": 30, "unit": "whole"}]);
    let id = placed(&t, body).await;
    assert_eq!(used(&t, Some(&id)).await, (60, 600_000, 60));
    let approve = format!("/api/v1/orders/{id}/approve");
    let here = t.supervisor().post(&approve, json!({"onShortage": "split"})).await.expect(200);
    let rest = here["splitInto"][0]["orderId"].as_str().unwrap().to_owned();
    // 21 cases of milk, and 6 gifts are left for them.
    let pieces = |o: &Value| {
        o["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|i| i["isFree"] == true)
            .map(|i| i["pieces"].as_i64().unwrap())
            .sum::<i64>()
    };
    let later = t.rep1().get(&format!("/api/v1/orders/{rest}")).await.expect(200);
    assert_eq!((pieces(&here), pieces(&later)), (6, 54));
    assert_eq!(
        (&later["items"][1]["promotionTier"], &here["items"][1]["promotionTier"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(later["explanations"][0]["benefit"]["quantity"], 54);
    assert_eq!(used(&t, Some(&id)).await, (6, 60_000, 6));
    assert_eq!(used(&t, Some(&rest)).await, (54, 540_000, 54));
    let sound = promotions::verify(&mut t.database.owner().await).await.unwrap();
    assert_eq!(sound, []);
    // The rest is priced anew from its own goods, and gives back what is its own only.
    let edit = json!({"version": 1, "items": [{"productId": world::MILK, "quantity": 12, "unit": "retail"}]});
    t.rep1().put(&format!("/api/v1/orders/{rest}"), edit).await.expect(200);
    assert_eq!(used(&t, Some(&rest)).await, (1, 10_000, 1));
    t.supervisor().post(&format!("/api/v1/orders/{rest}/reject"), json!({"reason": "x"})).await.expect(200);
    assert_eq!(used(&t, Some(&rest)).await, (0, 0, 0));
    assert_eq!(used(&t, Some(&id)).await, (6, 60_000, 6));
    assert_eq!(promotions::verify(&mut t.database.owner().await).await.unwrap(), []);
}
