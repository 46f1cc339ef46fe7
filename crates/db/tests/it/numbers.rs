use std::collections::BTreeSet;

use db::{Context, numbers};
use domain::DocumentKind;
use test_kit::{TestDatabase, world};

#[tokio::test]
async fn numbers_are_gapless_though_transactions_roll_back_and_run_at_once() {
    let database = TestDatabase::create().await;
    let db = database.pools().await;
    let mut tasks = Vec::new();
    for n in 0..40 {
        let db = db.clone();
        tasks.push(tokio::spawn(async move {
            let mut tx = db.begin(&Context::system("test")).await.unwrap();
            let number =
                numbers::next(&mut tx, world::NPP01, DocumentKind::Order, world::today()).await.unwrap();
            if n % 4 == 0 {
                tx.rollback().await.unwrap();
                None
            } else {
                tx.commit().await.unwrap();
                Some(number)
            }
        }));
    }
    let mut taken = BTreeSet::new();
    for task in tasks {
        if let Some(number) = task.await.unwrap() {
            assert!(taken.insert(number), "a number was given twice");
        }
    }
    let expected: BTreeSet<String> = (1..=30).map(|n| format!("DH-20260806-{n:04}")).collect();
    assert_eq!(taken, expected);
}

#[tokio::test]
async fn distributors_kinds_and_days_count_for_themselves() {
    let database = TestDatabase::create().await;
    let db = database.pools().await;
    let mut tx = db.begin(&Context::system("test")).await.unwrap();
    let day = world::today();
    for (distributor, kind, day, number) in [
        (world::NPP01, DocumentKind::Order, day, "DH-20260806-0001"),
        (world::NPP02, DocumentKind::Order, day, "DH-20260806-0001"),
        (world::NPP01, DocumentKind::Invoice, day, "PB-20260806-0001"),
        (world::NPP01, DocumentKind::Order, day.succ_opt().unwrap(), "DH-20260807-0001"),
        (world::NPP01, DocumentKind::Order, day, "DH-20260806-0002"),
    ] {
        assert_eq!(numbers::next(&mut tx, distributor, kind, day).await.unwrap(), number);
    }
}
