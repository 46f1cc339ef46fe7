//! Postings at the same time. They run without the repeats that a deadlock would normally get, so a deadlock, or a
//! lock that is waited for too long, fails the test.

use std::sync::Arc;
use std::time::Duration;

use receivables::ledger::{self, Allocate, Charge, Credit};
use test_kit::world;
use tokio::task::JoinSet;

use crate::{balance, findings, invoice, returned, start};

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
