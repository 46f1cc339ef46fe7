use serde_json::json;
use test_kit::world;
use uuid::Uuid;

use crate::{balance, findings, invoice, post, start};

const PATH: &str = "/api/v1/receivables/receipts";

#[tokio::test]
async fn half_of_a_debt_is_collected() {
    let t = start().await;
    let [entry] = post(&t, &[invoice("PX-1", 1_000_001, 30)]).await[..] else { panic!() };
    let body =
        json!({ "customerId": world::SHOP1, "amount": 500_000, "method": "cash", "note": "Thu lần 1" });
    let made = t.npp01().post(PATH, body).await.expect(201);
    assert_eq!(made["number"], "TN-20260806-0001");
    assert_eq!(
        made["allocations"],
        json!([{ "entryId": entry, "documentNumber": "PX-1", "amount": 500_000 }])
    );
    assert_eq!(made["unallocated"], 0);
    assert_eq!(made["balance"], 500_001);
    assert_eq!(balance(&t, world::SHOP1).await, 500_001);

    let account = t.npp01().get(&format!("/api/v1/receivables/customers/{}", world::SHOP1)).await.expect(200);
    assert_eq!(account["customer"]["balance"], 500_001);
    assert_eq!(account["openItems"].as_array().unwrap().len(), 1);
    assert_eq!(account["openItems"][0]["openAmount"], 500_001);
    let after: Vec<_> =
        account["entries"].as_array().unwrap().iter().map(|e| (&e["kind"], &e["balanceAfter"])).collect();
    assert_eq!(after, [(&json!("receipt"), &json!(500_001)), (&json!("invoice"), &json!(1_000_001))]);

    let list = t.npp01().get(&format!("{PATH}?search=co%20ba")).await.expect(200);
    assert_eq!(list["pagination"]["totalItems"], 1);
    assert_eq!(list["data"][0]["number"], "TN-20260806-0001");
    assert_eq!(list["data"][0]["allocations"], made["allocations"]);
    assert_eq!(list["data"][0]["collectedByName"], "Admin NPP 1");
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn money_beyond_the_debts_stays_as_credit() {
    let t = start().await;
    post(&t, &[invoice("PX-1", 300, 30)]).await;
    let body = json!({ "customerId": world::SHOP1, "amount": 500, "method": "transfer" });
    let made = t.npp01().post(PATH, body).await.expect(201);
    assert_eq!((&made["unallocated"], &made["balance"]), (&json!(200), &json!(-200)));
    // The next invoice is paid with it.
    post(&t, &[invoice("PX-2", 150, 30)]).await;
    let list = t.npp01().get(PATH).await.expect(200);
    assert_eq!(list["data"][0]["unallocated"], 50);
    assert_eq!(balance(&t, world::SHOP1).await, -50);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn money_is_allocated_by_hand_or_not_at_all() {
    let t = start().await;
    let [_, second] = post(&t, &[invoice("PX-1", 300, 1), invoice("PX-2", 300, 2)]).await[..] else {
        panic!()
    };
    let body = |allocations| json!({ "customerId": world::SHOP1, "amount": 200, "method": "cash", "allocations": allocations });
    let made = t.npp01().post(PATH, body(json!([{ "entryId": second, "amount": 120 }]))).await.expect(201);
    assert_eq!(made["allocations"][0]["documentNumber"], "PX-2");
    assert_eq!(made["unallocated"], 80);
    assert_eq!(t.npp01().post(PATH, body(json!([]))).await.expect(201)["unallocated"], 200);
    for (entry, amount, code) in [
        (second.uuid(), 181, "receivables.more_than_open"),
        (second.uuid(), 201, "receivables.more_than_open"),
        (Uuid::from_u128(7), 1, "receivables.unknown_entry"),
    ] {
        t.npp01().post(PATH, body(json!([{ "entryId": entry, "amount": amount }]))).await.problem(422, code);
    }
    assert_eq!(balance(&t, world::SHOP1).await, 200);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_has_no_effect() {
    let t = start().await;
    let body =
        json!({ "id": Uuid::from_u128(5), "customerId": world::SHOP1, "amount": 100, "method": "cash" });
    let first = t.npp01().post(PATH, body.clone()).await.expect(201);
    assert_eq!(t.npp01().post(PATH, body.clone()).await.expect(201), first);
    assert_eq!(balance(&t, world::SHOP1).await, -100);
    // Under another key it is known by its id, if it is the same receipt by the same user.
    assert_eq!(t.npp01().post_once(PATH, "other", body.clone()).await.expect(201), first);
    assert_eq!(balance(&t, world::SHOP1).await, -100);
    let mut more = body.clone();
    more["amount"] = json!(101);
    t.npp01().post_once(PATH, "more", more).await.problem(409, "receivables.id_taken");
    t.admin().post_once(PATH, "third", body).await.problem(409, "receivables.id_taken");
}

#[tokio::test]
async fn only_sane_amounts_are_received_by_those_who_may() {
    let t = start().await;
    let body = |amount: i64| json!({ "customerId": world::SHOP1, "amount": amount, "method": "cash" });
    for amount in [0, -5, 1_000_000_000_001, i64::MAX] {
        t.npp01().post(PATH, body(amount)).await.problem(400, "validation");
    }
    let cheque = json!({ "customerId": world::SHOP1, "amount": 5, "method": "cheque" });
    t.npp01().post(PATH, cheque).await.problem(400, "validation");
    t.anonymous().post(PATH, body(5)).await.expect(401);
    t.supervisor().post(PATH, body(5)).await.problem(403, "forbidden");
    t.rep1().get(PATH).await.problem(403, "forbidden");
    t.npp02().post(PATH, body(5)).await.problem(404, "not_found");
    assert_eq!(balance(&t, world::SHOP1).await, 0);
}
