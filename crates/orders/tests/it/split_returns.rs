//! Goods of orders that were split come back: the parts are one order for what promotions gave.

use domain::{DocumentId, Money, Quantity, Unit};
use inventory::stock::{Posting, Reason, ReceiveLine};
use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::given_back::used;
use crate::{app, assert_sound, order, placed};

/// So many cases of milk, with 2 free pieces each, and a case of soap for the shop without a limit.
fn cases(cases: i64) -> Value {
    let mut body = order();
    body["customerId"] = json!(world::SHOP2);
    body["items"] = json!([
        {"productId": world::MILK, "quantity": cases, "unit": "whole"},
        {"productId": world::SOAP, "quantity": 1, "unit": "whole"}
    ]);
    body
}

/// Milk comes in.
async fn restocked(t: &TestApp, pieces: i64) {
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let posting = Posting {
        distributor: world::NPP01,
        warehouse: world::MAIN1,
        document_id: DocumentId::new(uuid::Uuid::now_v7()),
        number: "PN",
        business_date: world::today(),
        at: world::now(),
        actor: world::NPP01_ADMIN,
    };
    let line = ReceiveLine {
        product_id: world::MILK,
        lot_number: String::new(),
        expiry: None,
        pieces: Quantity::new(pieces),
        typed_quantity: pieces,
        unit: Unit::Retail,
        selling_value: Money::ZERO,
        cost_value: Money::ZERO,
        sold_value: Money::ZERO,
    };
    inventory::stock::receive(&mut tx, &posting, Reason::Receipt, &[line]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Approves the part that is there; gives the order of the rest.
async fn split(t: &TestApp, order: &str) -> String {
    let path = format!("/api/v1/orders/{order}/approve");
    let here = t.supervisor().post(&path, json!({"onShortage": "split"})).await.expect(200);
    here["splitInto"][0]["orderId"].as_str().unwrap().to_owned()
}

/// Approves, where it isn't yet, and delivers all of the order; gives the invoice.
async fn delivered(t: &TestApp, order: &str) -> String {
    let done = t.npp01().post(&format!("/api/v1/orders/{order}/fulfil"), json!({})).await.expect(200);
    done["invoiceId"].as_str().unwrap().to_owned()
}

/// Asks to bring so many of a line's unit back, on a customer's word.
async fn asked(t: &TestApp, invoice: &str, lines: Value) -> Value {
    let body =
        json!({"invoiceId": invoice, "customerId": world::SHOP2, "reason": "Khách trả", "lines": lines});
    t.npp01().post("/api/v1/returns", body).await.expect(201)
}

fn line(line_no: i32, quantity: i64, unit: &str) -> Value {
    json!({"invoiceLineNo": line_no, "quantity": quantity, "unit": unit, "condition": "saleable"})
}

async fn received(t: &TestApp, ret: &Value) {
    let path = format!("/api/v1/returns/{}", ret["returnId"].as_str().unwrap());
    t.npp01().post(&format!("{path}/approve"), json!({})).await.expect(200);
    t.npp01().post(&format!("{path}/receive"), json!({})).await.expect(200);
}

/// Free pieces that the return charges.
fn charged(ret: &Value) -> i64 {
    let items = ret["items"].as_array().unwrap();
    items.iter().filter(|i| i["isCharge"] == true).map(|i| i["pieces"].as_i64().unwrap()).sum()
}

async fn pieces(t: &TestApp, order: &str) -> i64 {
    used(t, Some(order)).await.2
}

/// 30 cases with 60 gifts; 25 are delivered without a gift, then 5 with all of them.
async fn in_two_parts(t: &TestApp) -> ([String; 2], [String; 2]) {
    let first = placed(t, cases(30)).await;
    let rest = split(t, &first).await;
    let one = delivered(t, &first).await;
    restocked(t, 180).await;
    let two = delivered(t, &rest).await;
    assert_eq!((pieces(t, &first).await, pieces(t, &rest).await), (0, 60));
    ([first, rest], [one, two])
}

#[tokio::test]
async fn the_gifts_of_a_split_order_are_claimed_with_the_goods_that_earned_them_whichever_part_has_them() {
    let t = app().await;
    let ([_, rest], [one, two]) = in_two_parts(&t).await;
    // Soap earned none of them.
    assert_eq!(charged(&asked(&t, &one, json!([line(2, 1, "whole")])).await), 0);
    // 25 of 30 cases: 50 of 60 gifts, which are on the other invoice.
    let many = asked(&t, &one, json!([line(1, 25, "whole")])).await;
    assert_eq!(charged(&many), 50);
    let charge = many["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&charge["invoiceId"], &charge["invoiceLineNo"]), (&json!(two), &json!(2)));
    received(&t, &many).await;
    assert_eq!(pieces(&t, &rest).await, 10);
    assert_sound(&t).await;
    // The last 5 claim the last 10, of which 4 come along.
    let few = asked(&t, &two, json!([line(1, 5, "whole"), line(2, 4, "retail")])).await;
    assert_eq!(charged(&few), 6);
    let body =
        json!({"invoiceId": two, "customerId": world::SHOP2, "reason": "x", "lines": [line(2, 1, "retail")]});
    t.npp01().post("/api/v1/returns", body).await.problem(422, "returns.more_than_left");
    received(&t, &few).await;
    assert_eq!(used(&t, None).await, (0, 0, 0));
    assert_sound(&t).await;
}

#[tokio::test]
async fn the_part_with_the_gifts_claims_only_what_its_own_goods_earned() {
    let t = app().await;
    let ([_, rest], [_, two]) = in_two_parts(&t).await;
    let few = asked(&t, &two, json!([line(1, 5, "whole")])).await;
    assert_eq!(charged(&few), 10);
    received(&t, &few).await;
    assert_eq!(pieces(&t, &rest).await, 50);
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_rest_of_nothing_but_gifts_gives_them_back_with_the_goods_of_the_first_part() {
    let t = app().await;
    restocked(&t, 120).await;
    let first = placed(&t, cases(30)).await;
    let rest = split(&t, &first).await;
    let invoice = delivered(&t, &first).await;
    restocked(&t, 60).await;
    delivered(&t, &rest).await;
    let half = asked(&t, &invoice, json!([line(1, 15, "whole")])).await;
    assert_eq!(charged(&half), 30);
    received(&t, &half).await;
    assert_eq!(pieces(&t, &rest).await, 30);
    assert_sound(&t).await;
}

#[tokio::test]
async fn what_came_back_before_the_rest_was_decided_upon_is_reckoned_anew_when_it_is() {
    let t = app().await;
    // 20 cases and 20 of 60 gifts are there; then 10 cases of the rest.
    sqlx::query("update stock_items set reserved = 100 where product_id = $1")
        .bind(world::MILK.uuid())
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let first = placed(&t, cases(30)).await;
    let rest = split(&t, &first).await;
    assert_eq!((pieces(&t, &first).await, pieces(&t, &rest).await), (20, 40));
    let invoice = delivered(&t, &first).await;
    // 15 of 30 cases: half of 60 is given back, 20 by the first part and 10 by the rest.
    let back = asked(&t, &invoice, json!([line(1, 15, "whole")])).await;
    assert_eq!(charged(&back), 15, "of the 20 that have left");
    received(&t, &back).await;
    assert_eq!((pieces(&t, &first).await, pieces(&t, &rest).await), (0, 30));
    assert_eq!(promotions::verify(&mut t.database.owner().await).await.unwrap(), []);
    // Without the rest 15 of 20 cases are back, and of 20 gifts 5 stay.
    let cancel = format!("/api/v1/orders/{rest}/cancel");
    t.rep1().post(&cancel, json!({"reason": "Khách không lấy nữa"})).await.expect(200);
    assert_eq!((pieces(&t, &first).await, pieces(&t, &rest).await), (5, 0));
    assert_eq!(promotions::verify(&mut t.database.owner().await).await.unwrap(), []);
}

#[tokio::test]
async fn a_rest_that_was_edited_is_an_order_of_its_own() {
    let t = app().await;
    let first = placed(&t, cases(30)).await;
    let rest = split(&t, &first).await;
    let invoice = delivered(&t, &first).await;
    let edit = json!({"version": 1, "items": [{"productId": world::MILK, "quantity": 1, "unit": "whole"}]});
    t.rep1().put(&format!("/api/v1/orders/{rest}"), edit).await.expect(200);
    restocked(&t, 30).await;
    let own = delivered(&t, &rest).await;
    let back = asked(&t, &invoice, json!([line(1, 25, "whole")])).await;
    assert_eq!(charged(&back), 0);
    received(&t, &back).await;
    assert_eq!(pieces(&t, &rest).await, 2);
    let back = asked(&t, &own, json!([line(1, 1, "whole")])).await;
    assert_eq!(charged(&back), 2);
    received(&t, &back).await;
    assert_eq!(pieces(&t, &rest).await, 0);
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_rest_is_split_again_after_goods_of_the_first_part_came_back() {
    let t = app().await;
    let first = placed(&t, cases(30)).await;
    let rest = split(&t, &first).await;
    let invoice = delivered(&t, &first).await;
    received(&t, &asked(&t, &invoice, json!([line(1, 3, "whole")])).await).await;
    assert_eq!(pieces(&t, &rest).await, 54);
    // Just these 3 of the rest's 5 cases are there.
    let last = split(&t, &rest).await;
    assert_eq!((pieces(&t, &rest).await, pieces(&t, &last).await), (0, 54));
    let middle = delivered(&t, &rest).await;
    restocked(&t, 108).await;
    delivered(&t, &last).await;
    // With this one 4 of 30 cases are back, which earned 8 of 60 gifts; 6 of them hadn't left yet when 3 came back.
    let back = asked(&t, &middle, json!([line(1, 1, "whole")])).await;
    assert_eq!(charged(&back), 8);
    received(&t, &back).await;
    assert_eq!(used(&t, None).await, (52, 520_000, 52));
    assert_sound(&t).await;
}
