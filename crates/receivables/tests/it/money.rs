//! Receipts that are cancelled, refunds, adjustments, and allocations afterwards.

use domain::CustomerId;
use receivables::ledger::{self, Allocate};
use serde_json::{Value, json};
use test_kit::{TestApp, world};
use uuid::Uuid;

use crate::{balance, day, findings, invoice, post, returned, start};

const BASE: &str = "/api/v1/receivables";

async fn pay(t: &TestApp, amount: i64, allocations: Value) -> Value {
    let mut body = json!({ "customerId": world::SHOP1, "amount": amount, "method": "cash" });
    if !allocations.is_null() {
        body["allocations"] = allocations;
    }
    t.npp01().post(&format!("{BASE}/receipts"), body).await.expect(201)
}

/// What is open of each document, by number.
async fn open(t: &TestApp, customer: CustomerId) -> Vec<(String, i64)> {
    let account = t.npp01().get(&format!("{BASE}/customers/{customer}")).await.expect(200);
    let items = account["openItems"].as_array().unwrap().iter();
    let mut open: Vec<_> = items
        .map(|i| (i["documentNumber"].as_str().unwrap().to_owned(), i["openAmount"].as_i64().unwrap()))
        .collect();
    open.sort();
    open
}

fn pairs<const N: usize>(of: [(&str, i64); N]) -> Vec<(String, i64)> {
    of.iter().map(|(number, amount)| ((*number).to_owned(), *amount)).collect()
}

/// The entry of what is left of a document.
async fn entry(t: &TestApp, number: &str) -> Value {
    let account = t.npp01().get(&format!("{BASE}/customers/{}", world::SHOP1)).await.expect(200);
    let entries = account["entries"].as_array().unwrap();
    entries.iter().find(|e| e["documentNumber"] == number).unwrap()["entryId"].clone()
}

#[tokio::test]
async fn a_credit_pays_debts_by_hand_later_and_that_can_be_undone() {
    let t = start().await;
    let [first, second] = post(&t, &[invoice("PX-1", 500, 10), invoice("PX-2", 300, 5)]).await[..] else {
        panic!()
    };
    pay(&t, 400, json!([])).await;
    let credit = entry(&t, "TN-20260806-0001").await;
    let body = |parts: Value| json!({ "creditEntryId": credit, "allocations": parts });
    let path = format!("{BASE}/allocations");
    let parts = json!([{ "entryId": first, "amount": 250 }, { "entryId": second, "amount": 100 }]);
    let made = t.npp01().post_once(&path, "k", body(parts.clone())).await.expect(201);
    assert_eq!(made["allocations"].as_array().unwrap().len(), 2);
    assert_eq!(
        open(&t, world::SHOP1).await,
        pairs([("PX-1", 250), ("PX-2", 200), ("TN-20260806-0001", -50)])
    );
    assert_eq!(t.npp01().post_once(&path, "k", body(parts)).await.expect(201), made);

    for (parts, code) in [
        (json!([{ "entryId": first, "amount": 51 }]), "receivables.more_than_received"),
        (json!([{ "entryId": first, "amount": 251 }]), "receivables.more_than_open"),
        (json!([{ "entryId": credit, "amount": 1 }]), "receivables.unknown_entry"),
    ] {
        t.npp01().post(&path, body(parts)).await.problem(422, code);
    }
    let debit = json!({ "creditEntryId": first, "allocations": [{ "entryId": second, "amount": 1 }] });
    t.npp01().post(&path, debit).await.problem(422, "receivables.no_credit");
    t.npp01().post(&path, body(json!([]))).await.problem(400, "validation");
    t.supervisor().post(&path, body(json!([]))).await.problem(403, "forbidden");
    let one = json!([{ "entryId": first, "amount": 1 }]);
    t.npp02().post(&path, body(one)).await.problem(404, "not_found");

    // Undone a day later: on the day itself it still stands.
    t.clock.advance(chrono::Duration::days(1));
    let id = made["allocations"][0]["allocationId"].as_str().unwrap();
    let undo = format!("{path}/{id}/undo");
    t.npp02().post(&undo, json!({})).await.problem(404, "not_found");
    t.rep1().post(&undo, json!({})).await.problem(403, "forbidden");
    let undone = t.npp01().post_once(&undo, "u", json!({})).await.expect(200);
    assert_eq!((&undone["allocatedOn"], &undone["undoneOn"]), (&json!("2026-08-06"), &json!("2026-08-07")));
    assert_eq!(t.npp01().post_once(&undo, "u", json!({})).await.expect(200), undone);
    t.npp01().post(&undo, json!({})).await.problem(409, "receivables.allocation_undone");
    assert_eq!(
        open(&t, world::SHOP1).await,
        pairs([("PX-1", 500), ("PX-2", 200), ("TN-20260806-0001", -300)])
    );
    let credit_on = async |day| {
        let list = t.npp01().get(&format!("{BASE}/ageing?asOf={day}")).await.expect(200);
        list["totals"]["credit"].clone()
    };
    assert_eq!((credit_on(day(0)).await, credit_on(day(1)).await), (json!(-50), json!(-300)));
    let list = t.npp01().get(&format!("{path}?customerId={}", world::SHOP1)).await.expect(200);
    assert_eq!(list["pagination"]["totalItems"], 2);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn money_for_a_document_pays_it_before_older_debts() {
    let t = start().await;
    let new = invoice("PX-2", 300, 30);
    post(&t, &[invoice("PX-1", 500, -10), new]).await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let credit = returned("PT-1", 400);
    ledger::credit(&mut tx, &credit, Allocate::FirstTo(new.document_id)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(open(&t, world::SHOP1).await, pairs([("PX-1", 400)]));
}

#[tokio::test]
async fn a_cancelled_receipt_is_reversed_and_stays() {
    let t = start().await;
    post(&t, &[invoice("PX-1", 500, 10)]).await;
    let made = pay(&t, 700, Value::Null).await;
    t.clock.advance(chrono::Duration::days(2));
    let path = format!("{BASE}/receipts/{}/cancel", made["receiptId"].as_str().unwrap());
    let reason = json!({ "reason": "Nhập nhầm số tiền" });
    t.npp01().post(&path, json!({ "reason": " " })).await.problem(400, "validation");
    t.supervisor().post(&path, reason.clone()).await.problem(403, "forbidden");
    t.npp02().post(&path, reason.clone()).await.problem(404, "not_found");
    let done = t.npp01().post_once(&path, "c", reason.clone()).await.expect(200);
    assert_eq!(done["balance"], 500);
    assert_eq!(done["receipt"]["cancelReason"], "Nhập nhầm số tiền");
    assert_eq!((&done["receipt"]["allocations"], &done["receipt"]["unallocated"]), (&json!([]), &json!(0)));
    assert_eq!(t.npp01().post_once(&path, "c", reason.clone()).await.expect(200), done);
    t.npp01().post(&path, reason).await.problem(409, "receivables.receipt_cancelled");
    assert_eq!(open(&t, world::SHOP1).await, pairs([("PX-1", 500)]));
    // In between it was paid.
    let on = async |day| {
        let list = t.npp01().get(&format!("{BASE}/ageing?asOf={day}")).await.expect(200);
        list["totals"]["balance"].clone()
    };
    assert_eq!((on(day(1)).await, on(day(2)).await), (json!(-200), json!(500)));
    // What is left of the wrong receipt's allocations can't be undone again.
    let list = t.npp01().get(&format!("{BASE}/allocations?customerId={}", world::SHOP1)).await.expect(200);
    let standing = list["data"].as_array().unwrap().iter().find(|a| a["undoneOn"].is_null()).unwrap();
    let undo = format!("{BASE}/allocations/{}/undo", standing["allocationId"].as_str().unwrap());
    t.npp01().post(&undo, json!({})).await.problem(422, "receivables.allocation_fixed");
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn money_is_given_back_out_of_the_credit_and_no_more() {
    let t = start().await;
    post(&t, &[invoice("PX-1", 500, 10)]).await;
    let receipt = pay(&t, 800, Value::Null).await;
    pay(&t, 100, Value::Null).await;
    let path = format!("{BASE}/refunds");
    let body = |amount: i64| json!({ "customerId": world::SHOP1, "amount": amount, "method": "transfer" });
    let over = t.npp01().post(&path, body(401)).await.problem(422, "receivables.more_than_credit");
    assert_eq!(over["credit"], 400);
    let made = t.npp01().post_once(&path, "r", body(350)).await.expect(201);
    assert_eq!((&made["number"], &made["balance"]), (&json!("PC-20260806-0001"), &json!(-50)));
    assert_eq!(t.npp01().post_once(&path, "r", body(350)).await.expect(201), made);
    assert_eq!(open(&t, world::SHOP1).await, pairs([("TN-20260806-0002", -50)]));
    let named = entry(&t, "TN-20260806-0001").await;
    let mut spent = body(1);
    spent["creditEntryId"] = named;
    t.npp01().post(&path, spent).await.problem(422, "receivables.more_than_credit");
    t.npp01().post(&path, body(0)).await.problem(400, "validation");
    t.supervisor().post(&path, body(1)).await.problem(403, "forbidden");
    t.npp02().post(&path, body(1)).await.problem(404, "not_found");
    // A receipt whose money was given back stays.
    let cancel = format!("{BASE}/receipts/{}/cancel", receipt["receiptId"].as_str().unwrap());
    let answer = t.npp01().post(&cancel, json!({ "reason": "x" })).await;
    answer.problem(422, "receivables.receipt_refunded");
    let list = t.npp01().get(&path).await.expect(200);
    assert_eq!((&list["pagination"]["totalItems"], &list["data"][0]["amount"]), (&json!(1), &json!(350)));
    assert_eq!(t.npp02().get(&path).await.expect(200)["data"], json!([]));
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn a_correction_raises_or_lowers_what_is_owed() {
    let t = start().await;
    let [first, _] = post(&t, &[invoice("PX-1", 500, 10), invoice("PX-2", 300, 5)]).await[..] else {
        panic!()
    };
    let path = format!("{BASE}/adjustments");
    let body = |amount: i64, kind: &str| json!({ "customerId": world::SHOP1, "amount": amount, "kind": kind, "reason": "Đối chiếu" });
    let mut up = body(50, "correction");
    up["dueDate"] = json!("2026-09-01");
    let made = t.npp01().post(&path, up).await.expect(201);
    assert_eq!((&made["number"], &made["balance"]), (&json!("DN-20260806-0001"), &json!(850)));
    assert_eq!(made["dueDate"], "2026-09-01");
    let mut down = body(-120, "discount");
    down["allocations"] = json!([{ "entryId": first, "amount": 100 }]);
    down["id"] = json!(Uuid::from_u128(9));
    let made = t.npp01().post(&path, down.clone()).await.expect(201);
    assert_eq!(t.npp01().post(&path, down).await.expect(201), made);
    assert_eq!(
        open(&t, world::SHOP1).await,
        pairs([("DN-20260806-0001", 50), ("DN-20260806-0002", -20), ("PX-1", 400), ("PX-2", 300)])
    );
    let over = t.npp01().post(&path, body(-751, "write_off")).await;
    assert_eq!(over.problem(422, "receivables.more_than_owed")["owed"], 750);
    let off = t.npp01().post(&path, body(-750, "write_off")).await.expect(201);
    assert_eq!(off["balance"], -20);
    for wrong in [body(0, "other"), body(5, "write_off"), body(1_000_000_000_001, "other"), body(5, "gift")] {
        t.npp01().post(&path, wrong).await.problem(400, "validation");
    }
    let mut silent = body(5, "other");
    silent["reason"] = json!("");
    t.npp01().post(&path, silent).await.problem(400, "validation");
    t.rep1().post(&path, body(5, "other")).await.problem(403, "forbidden");
    t.npp02().post(&path, body(5, "other")).await.problem(404, "not_found");
    assert_eq!(t.npp01().get(&path).await.expect(200)["pagination"]["totalItems"], 3);
    assert_eq!(balance(&t, world::SHOP1).await, -20);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn the_same_id_under_another_key_is_the_same_document_if_nothing_else_was_said() {
    let t = start().await;
    pay(&t, 500, json!([])).await;
    let body = json!({ "id": Uuid::from_u128(8), "customerId": world::SHOP1, "amount": 100 });
    let with = |field: &str, value: &str| {
        let mut body = body.clone();
        body[field] = json!(value);
        body
    };
    let mut adjustment = with("reason", "Chênh lệch");
    adjustment["kind"] = json!("correction");
    adjustment["id"] = json!(Uuid::from_u128(10));
    let mut hand_over =
        json!({ "id": Uuid::from_u128(9), "repId": world::REP1, "date": "2026-08-06", "amount": 70 });
    hand_over["partial"] = json!(true);
    let took =
        json!({ "customerId": world::SHOP1, "amount": 200, "method": "cash", "collectedBy": world::REP1 });
    t.npp01().post(&format!("{BASE}/receipts"), took).await.expect(201);
    for (path, body) in
        [("refunds", with("method", "cash")), ("adjustments", adjustment), ("hand-overs", hand_over)]
    {
        let path = format!("{BASE}/{path}");
        let made = t.npp01().post_once(&path, &format!("{path} 1"), body.clone()).await.expect(201);
        assert_eq!(t.npp01().post_once(&path, &format!("{path} 2"), body.clone()).await.expect(201), made);
        let mut other = body.clone();
        other["amount"] = json!(60);
        t.npp01().post_once(&path, &format!("{path} 3"), other).await.problem(409, "receivables.id_taken");
        t.admin().post_once(&path, &format!("{path} 1"), body).await.problem(409, "receivables.id_taken");
    }
    assert_eq!(balance(&t, world::SHOP1).await, -500 - 200 + 100 + 100);
    assert_eq!(findings(&t).await, [""; 0]);
}
