//! Postings at the same time. They run without the repeats that a deadlock would normally get, so a deadlock, or a
//! lock that is waited for too long, fails the test.

use std::sync::Arc;
use std::time::Duration;

use receivables::ledger::{self, Allocate, Charge, Credit};
use test_kit::world;
use tokio::task::JoinSet;

use serde_json::json;
use test_kit::TestApp;

use crate::{balance, findings, invoice, post, returned, start};

#[tokio::test(flavor = "multi_thread")]
async fn after_any_mix_at_the_same_time_the_balances_equal_the_ledger() {
    let t = Arc::new(start().await);
    let mut tasks = JoinSet::new();
    for task in 0..8_i64 {
        let t = t.clone();
        tasks.spawn(async move {
            let mut sum = 0;
            for round in 0..8_i64 {
                let i = task * 8 + round;
                let amount = 100 + i * 37 % 300;
                let customer = if i % 2 == 0 { world::SHOP1 } else { world::SHOP2 };
                let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
                let signed = if i % 3 == 0 {
                    let credit = Credit { customer, ..returned("PT", amount * 2) };
                    ledger::credit(&mut tx, &credit, Allocate::OldestDueFirst).await.unwrap();
                    -amount * 2
                } else {
                    ledger::charge(&mut tx, &Charge { customer, ..invoice("PX", amount, i % 7) })
                        .await
                        .unwrap();
                    amount
                };
                tx.commit().await.unwrap();
                sum += signed;
            }
            sum
        });
    }
    let sums = tokio::time::timeout(Duration::from_secs(60), tasks.join_all())
        .await
        .expect("no task waits for ever");
    let balances = balance(&t, world::SHOP1).await + balance(&t, world::SHOP2).await;
    assert_eq!(balances, sums.into_iter().sum::<i64>());
    assert_eq!(findings(&t).await, [""; 0]);
}

/// The statuses of requests sent at the same time.
async fn at_once(t: &Arc<TestApp>, bodies: Vec<(&'static str, serde_json::Value)>) -> Vec<u16> {
    let mut tasks = JoinSet::new();
    for (path, body) in bodies {
        let t = t.clone();
        tasks.spawn(async move { t.npp01().post(path, body).await.status });
    }
    let mut statuses: Vec<u16> = tasks.join_all().await.iter().map(|s| s.as_u16()).collect();
    statuses.sort_unstable();
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn two_payments_of_one_invoice_at_once_never_pay_it_twice() {
    let t = Arc::new(start().await);
    let [entry] = post(&t, &[invoice("PX-1", 1_000, 5)]).await[..] else { panic!() };
    let pay = json!({ "customerId": world::SHOP1, "amount": 600, "method": "cash",
        "allocations": [{ "entryId": entry, "amount": 600 }] });
    let path = "/api/v1/receivables/receipts";
    assert_eq!(at_once(&t, vec![(path, pay); 6]).await, [201, 422, 422, 422, 422, 422]);
    // Without naming the debt all are taken, and what is beyond it is credit.
    let pay = json!({ "customerId": world::SHOP1, "amount": 300, "method": "cash" });
    assert_eq!(at_once(&t, vec![(path, pay); 4]).await, [201; 4]);
    assert_eq!(balance(&t, world::SHOP1).await, 1_000 - 600 - 1_200);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_is_given_back_or_used_once() {
    let t = Arc::new(start().await);
    let receipt = json!({ "customerId": world::SHOP1, "amount": 500, "method": "cash" });
    let made = t.npp01().post("/api/v1/receivables/receipts", receipt).await.expect(201);
    let refund = json!({ "customerId": world::SHOP1, "amount": 300, "method": "cash" });
    let mut bodies = vec![("/api/v1/receivables/refunds", refund); 4];
    let cancel = format!("/api/v1/receivables/receipts/{}/cancel", made["receiptId"].as_str().unwrap());
    bodies.push((cancel.leak(), json!({ "reason": "x" })));
    let statuses = at_once(&t, bodies).await;
    assert_eq!(statuses.iter().filter(|s| **s < 300).count(), 1, "{statuses:?}");
    let left = balance(&t, world::SHOP1).await;
    assert!(left == -200 || left == 0, "{left}");
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allocation_is_undone_once_and_cash_handed_over_once() {
    let t = Arc::new(start().await);
    post(&t, &[invoice("PX-1", 1_000, 5)]).await;
    let receipt =
        json!({ "customerId": world::SHOP1, "amount": 500, "method": "cash", "collectedBy": world::REP1 });
    t.npp01().post("/api/v1/receivables/receipts", receipt).await.expect(201);
    let path = format!("/api/v1/receivables/allocations?customerId={}", world::SHOP1);
    let id = t.npp01().get(&path).await.expect(200)["data"][0]["allocationId"].as_str().unwrap().to_owned();
    let undo: &'static str = format!("/api/v1/receivables/allocations/{id}/undo").leak();
    assert_eq!(at_once(&t, vec![(undo, json!({})); 4]).await, [200, 409, 409, 409]);
    let brings = json!({ "repId": world::REP1, "date": "2026-08-06", "amount": 500 });
    assert_eq!(at_once(&t, vec![("/api/v1/receivables/hand-overs", brings); 4]).await, [201, 422, 422, 422]);
    assert_eq!(findings(&t).await, [""; 0]);
}
