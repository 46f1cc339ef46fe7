use serde_json::{Value, json};
use test_kit::{TestApp, world};

use crate::{app, assert_sound, order, placed};

/// An invoice of approved orders.
pub(crate) async fn invoiced(t: &TestApp, bodies: &[Value]) -> (String, Vec<String>) {
    let mut orders = Vec::new();
    for body in bodies {
        let id = placed(t, body.clone()).await;
        t.supervisor().post(&format!("/api/v1/orders/{id}/approve"), json!({})).await.expect(200);
        orders.push(id);
    }
    let invoice = t.npp01().post("/api/v1/invoices", json!({"orderIds": orders})).await.expect(201);
    (format!("/api/v1/invoices/{}", invoice["invoiceId"].as_str().unwrap()), orders)
}

async fn status(t: &TestApp, order: &str) -> String {
    let order = t.npp01().get(&format!("/api/v1/orders/{order}")).await.expect(200);
    order["status"].as_str().unwrap().to_owned()
}

/// What the first shop owes, entry by entry.
pub(crate) async fn debts(t: &TestApp) -> Vec<i64> {
    sqlx::query_scalar("select amount from receivable_entries where customer_id = $1 order by posted_at, id")
        .bind(world::SHOP1.uuid())
        .fetch_all(&mut t.database.owner().await)
        .await
        .unwrap()
}

async fn stock(t: &TestApp, product: domain::ProductId) -> (i64, i64) {
    sqlx::query_as("select on_hand, reserved from stock_items where warehouse_id = $1 and product_id = $2")
        .bind(world::MAIN1.uuid())
        .bind(product.uuid())
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_invoice_leaves_in_parts_and_their_amounts_add_up_to_it() {
    let t = app().await;
    // 12 boxes of milk, a case of 12 of soap, a free box: 327,600.
    let (invoice, orders) = invoiced(&t, &[order()]).await;
    let issue = format!("{invoice}/issue");
    let part = |line: i32, quantity: i64| json!({"lines": [{"lineNo": line, "quantity": quantity, "unit": "retail"}]});
    let first = t.npp01().post_once(&issue, "p1", part(1, 5)).await.expect(200);
    assert_eq!((&first["status"], &first["progress"][0]["issued"]), (&json!("PartlyIssued"), &json!(5)));
    assert_eq!(t.npp01().post_once(&issue, "p1", part(1, 5)).await.expect(200), first);
    assert_eq!(t.npp01().get(&invoice).await.expect(200), first);
    assert_eq!(status(&t, &orders[0]).await, "Invoiced");
    assert_eq!(stock(&t, world::MILK).await, (595, 8));
    // Five of the soap's twelve pieces are no case; the rest is asked in pieces too.
    let second = t.npp01().post(&issue, part(2, 5)).await.expect(200);
    assert_eq!(second["chargedAmount"].as_i64().unwrap(), debts(&t).await.iter().sum::<i64>());
    t.npp01().post(&issue, part(2, 8)).await.problem(422, "invoices.more_than_left");
    t.npp01().post(&issue, part(9, 1)).await.problem(422, "invoices.no_such_line");
    let cases = json!({"lines": [{"lineNo": 1, "quantity": 1, "unit": "whole"}]});
    t.npp01().post(&issue, cases).await.problem(422, "invoices.wrong_unit");
    let twice = json!({"lines": [{"lineNo": 1, "quantity": 1}, {"lineNo": 1, "quantity": 1}]});
    t.npp01().post(&issue, twice).await.problem(422, "invoices.no_such_line");
    assert_sound(&t).await;
    let last = t.npp01().post(&issue, json!({})).await.expect(200);
    assert_eq!(
        (&last["status"], &last["issues"][2]["issueNumber"]),
        (&json!("Issued"), &json!("PX-20260806-0003"))
    );
    assert_eq!(last["chargedAmount"], last["totalAmount"]);
    assert_eq!(t.npp01().get(&invoice).await.expect(200), last);
    let debts = debts(&t).await;
    assert_eq!((debts.len(), debts.iter().sum::<i64>()), (3, last["totalAmount"].as_i64().unwrap()));
    assert_eq!(status(&t, &orders[0]).await, "Issued");
    assert_eq!(stock(&t, world::MILK).await, (587, 0));
    t.npp01().post(&issue, json!({})).await.problem(409, "invoices.not_open");
    assert_sound(&t).await;
}

#[tokio::test]
async fn lots_may_be_picked_by_hand() {
    let t = app().await;
    let (invoice, _) = invoiced(&t, &[order()]).await;
    let issue = format!("{invoice}/issue");
    let lots = |pieces: i64| {
        json!({"lines": [{"lineNo": 1, "quantity": 12,
        "lots": [{"lotId": world::MILK_LOT_B, "pieces": 10}, {"lotId": world::MILK_LOT_A, "pieces": pieces}]}]})
    };
    t.npp01().post(&issue, lots(1)).await.problem(422, "invoices.lots_differ");
    let issued = t.npp01().post(&issue, lots(2)).await.expect(200);
    let picks: Vec<_> = issued["issue"]["picks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (&p["lotNumber"], &p["pieces"]))
        .collect();
    assert_eq!(picks, [(&json!("B"), &json!(10)), (&json!("A"), &json!(2))]);
    assert_eq!(t.npp01().get(&invoice).await.expect(200), issued);
    assert_sound(&t).await;
}

#[tokio::test]
async fn goods_that_expire_too_soon_for_the_customer_stay() {
    let t = app().await;
    let mut body = order();
    body["items"] = json!([{"productId": world::MILK, "quantity": 500, "unit": "retail"}]);
    body["customerId"] = json!(world::SHOP2);
    let (many, _) = invoiced(&t, std::slice::from_ref(&body)).await;
    sqlx::query("update customers set min_life_days = 120")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let (invoice, _) = invoiced(&t, &[order()]).await;
    let issued = t.npp01().post(&format!("{invoice}/issue"), json!({})).await.expect(200);
    assert_eq!(issued["issue"]["picks"][0]["lotNumber"], "B");
    let problem =
        t.npp01().post(&format!("{many}/issue"), json!({})).await.problem(422, "orders.stock_short");
    assert_eq!(problem["shortages"][0]["notExpiringBefore"], "2026-12-04");
    assert_eq!(problem["shortages"][0]["available"], 487);
    // What could not be issued is not promised either.
    t.npp01().post(&format!("{many}/cancel"), json!({"reason": "Thiếu hạn"})).await.expect(200);
    let approve = format!("/api/v1/orders/{}/approve", placed(&t, body).await);
    let problem = t.supervisor().post(&approve, json!({})).await.problem(422, "orders.stock_short");
    assert_eq!(problem["shortages"][0]["notExpiringBefore"], "2026-12-04");
}

#[tokio::test]
async fn an_order_is_issued_when_all_of_it_has_left_whatever_else_is_on_the_invoice() {
    let t = app().await;
    let (invoice, orders) = invoiced(&t, &[order(), order()]).await;
    let issue = format!("{invoice}/issue");
    let first = json!({"lines": [{"lineNo": 1, "quantity": 12}, {"lineNo": 2, "quantity": 1}, {"lineNo": 3, "quantity": 1}]});
    t.npp01().post(&issue, first).await.expect(200);
    assert_eq!(
        (status(&t, &orders[0]).await.as_str(), status(&t, &orders[1]).await.as_str()),
        ("Issued", "Invoiced")
    );
    t.npp01().post(&issue, json!({})).await.expect(200);
    assert_eq!(status(&t, &orders[1]).await, "Issued");
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_cancelled_invoice_gives_its_orders_back_and_they_may_be_invoiced_again() {
    let t = app().await;
    let (invoice, orders) = invoiced(&t, &[order()]).await;
    let cancel = format!("{invoice}/cancel");
    t.npp01().post(&cancel, json!({"reason": " "})).await.problem(400, "validation");
    t.supervisor().post(&cancel, json!({"reason": "x"})).await.problem(403, "forbidden");
    t.npp02().post(&cancel, json!({"reason": "x"})).await.problem(404, "not_found");
    let cancelled = t.npp01().post_once(&cancel, "c1", json!({"reason": "Sai kho"})).await.expect(200);
    assert_eq!((&cancelled["status"], &cancelled["reason"]), (&json!("Cancelled"), &json!("Sai kho")));
    assert_eq!(t.npp01().post_once(&cancel, "c1", json!({"reason": "Sai kho"})).await.expect(200), cancelled);
    assert_eq!(status(&t, &orders[0]).await, "Approved");
    assert_eq!(stock(&t, world::MILK).await, (600, 13));
    t.npp01().post(&cancel, json!({"reason": "x"})).await.problem(409, "invoices.not_open");
    t.npp01().post(&format!("{invoice}/issue"), json!({})).await.problem(409, "invoices.not_open");
    assert_sound(&t).await;
    let again = t.npp01().post("/api/v1/invoices", json!({"orderIds": orders})).await.expect(201);
    let again = format!("/api/v1/invoices/{}", again["invoiceId"].as_str().unwrap());
    t.npp01().post(&format!("{again}/issue"), json!({})).await.expect(200);
    t.npp01()
        .post(&format!("{again}/cancel"), json!({"reason": "x"}))
        .await
        .problem(409, "invoices.has_left");
    assert_sound(&t).await;
}

#[tokio::test]
async fn what_will_not_be_delivered_is_free_again_and_is_not_owed() {
    let t = app().await;
    let (invoice, orders) = invoiced(&t, &[order(), order()]).await;
    let close = format!("{invoice}/close");
    t.npp01().post(&close, json!({"reason": "x"})).await.problem(409, "invoices.not_partly_issued");
    let part = json!({"lines": [{"lineNo": 1, "quantity": 10}]});
    t.npp01().post(&format!("{invoice}/issue"), part).await.expect(200);
    let closed = t.npp01().post(&close, json!({"reason": "Hết hàng"})).await.expect(200);
    assert_eq!((&closed["status"], &closed["chargedAmount"]), (&json!("Closed"), &json!(108_000)));
    // The order that was begun is done with; the other one waits to be invoiced again.
    assert_eq!(
        (status(&t, &orders[0]).await.as_str(), status(&t, &orders[1]).await.as_str()),
        ("Issued", "Approved")
    );
    assert_eq!(stock(&t, world::MILK).await, (590, 13));
    assert_eq!(stock(&t, world::SOAP).await, (240, 12));
    let exposure: i64 = sqlx::query_scalar("select exposure from customer_exposures where customer_id = $1")
        .bind(world::SHOP1.uuid())
        .fetch_one(&mut t.database.owner().await)
        .await
        .unwrap();
    assert_eq!(exposure, 108_000 + 327_600);
    t.npp01().post(&format!("{invoice}/issue"), json!({})).await.problem(409, "invoices.not_open");
    assert_sound(&t).await;
    let again = t.npp01().post("/api/v1/invoices", json!({"orderIds": [orders[1]]})).await.expect(201);
    let again = format!("/api/v1/invoices/{}", again["invoiceId"].as_str().unwrap());
    t.npp01().post(&format!("{again}/issue"), json!({})).await.expect(200);
    assert_sound(&t).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_issues_of_the_same_last_pieces_one_finds_them_gone() {
    let t = app().await;
    let (invoice, _) = invoiced(&t, &[order()]).await;
    let issue = format!("{invoice}/issue");
    let body = json!({"lines": [{"lineNo": 1, "quantity": 8}]});
    let answers = futures_util::future::join_all((0..4).map(|_| {
        let (t, issue, body) = (&t, &issue, body.clone());
        async move { t.npp01().post(issue, body).await.status.as_u16() }
    }))
    .await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(stock(&t, world::MILK).await, (592, 5));
    assert_sound(&t).await;
}

#[tokio::test]
async fn gifts_leave_in_proportion_to_what_earned_them_and_the_last_part_takes_the_rest() {
    let t = app().await;
    // 24 boxes of milk with 2 free ones, and a case of soap that earned none of them.
    let mut body = order();
    body["items"][0]["quantity"] = json!(24);
    let (invoice, _) = invoiced(&t, &[body]).await;
    let issue = format!("{invoice}/issue");
    let part = |lines: &[(i32, i64)]| {
        let line =
            |(line, quantity): &(i32, i64)| json!({"lineNo": line, "quantity": quantity, "unit": "retail"});
        json!({"lines": lines.iter().map(line).collect::<Vec<_>>()})
    };
    let refused = async |lines: &[(i32, i64)], left: i64| {
        let problem = t.npp01().post(&issue, part(lines)).await.problem(422, "invoices.gift_ahead");
        assert_eq!((&problem["lineNo"], &problem["left"]), (&json!(3), &json!(left)));
    };
    refused(&[(3, 1)], 0).await;
    refused(&[(2, 12), (3, 1)], 0).await;
    refused(&[(1, 11), (3, 1)], 0).await;
    refused(&[(1, 23), (3, 2)], 1).await;
    t.npp01().post(&issue, part(&[(1, 12), (3, 1)])).await.expect(200);
    refused(&[(1, 11), (3, 1)], 0).await;
    // The goods may go first and the gift later.
    t.npp01().post(&issue, part(&[(1, 12)])).await.expect(200);
    t.npp01().post(&issue, part(&[(3, 1)])).await.expect(200);
    assert_eq!(t.npp01().post(&issue, json!({})).await.expect(200)["status"], "Issued");
    assert_sound(&t).await;
}

#[tokio::test]
async fn a_part_in_proportion_leaves_whatever_discounts_the_line_has() {
    let t = app().await;
    let mut body = order();
    body["items"][0]["quantity"] = json!(24);
    let (invoice, _) = invoiced(&t, &[body]).await;
    // An odd discount of the order: half of it, and half of what is net, is no whole đồng.
    sqlx::query("update invoice_lines set order_discount = 4801 where line_no = 1")
        .execute(&mut t.database.owner().await)
        .await
        .unwrap();
    let lines = json!([{"lineNo": 1, "quantity": 12, "unit": "retail"}, {"lineNo": 3, "quantity": 1, "unit": "retail"}]);
    t.npp01().post(&format!("{invoice}/issue"), json!({"lines": lines})).await.expect(200);
}
