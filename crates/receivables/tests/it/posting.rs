use domain::{Money, ReceivableEntryId};
use receivables::LedgerError;
use receivables::ledger::{self, Allocate, Overdue};
use test_kit::world;
use uuid::Uuid;

use crate::{balance, day, findings, invoice, post, returned, start};

const fn dong(amount: i64) -> Money {
    Money::new(amount)
}

#[tokio::test]
async fn a_credit_pays_the_oldest_due_first_and_what_is_left_pays_the_next_debt() {
    let t = start().await;
    let [late, early] = post(&t, &[invoice("PX-1", 500, 30), invoice("PX-2", 300, 10)]).await[..] else {
        panic!()
    };
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    assert_eq!(ledger::lock_balance(&mut tx, world::NPP01, world::SHOP1).await.unwrap(), dong(800));

    let first = ledger::credit(&mut tx, &returned("PT-1", 400), Allocate::OldestDueFirst).await.unwrap();
    assert_eq!(first.allocations, [(early, dong(300)), (late, dong(100))]);
    assert_eq!((first.balance, first.open), (dong(400), dong(0)));

    let second = ledger::credit(&mut tx, &returned("PT-2", 1_000), Allocate::OldestDueFirst).await.unwrap();
    assert_eq!(second.allocations, [(late, dong(400))]);
    assert_eq!((second.balance, second.open), (dong(-600), dong(600)));

    let next = ledger::charge(&mut tx, &invoice("PX-3", 700, 0)).await.unwrap();
    assert_eq!(next.allocations, [(second.entry_id, dong(600))]);
    assert_eq!((next.balance, next.open), (dong(100), dong(100)));
    tx.commit().await.unwrap();
    assert_eq!(balance(&t, world::SHOP1).await, 100);
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn an_allocation_by_hand_stays_within_the_debt_and_the_money() {
    let t = start().await;
    let [first, second] = post(&t, &[invoice("PX-1", 500, 30), invoice("PX-2", 300, 10)]).await[..] else {
        panic!()
    };
    let refused = async |parts: &[(ReceivableEntryId, Money)]| {
        let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
        ledger::credit(&mut tx, &returned("PT", 400), Allocate::ByHand(parts)).await.unwrap_err()
    };
    assert!(matches!(
        refused(&[(second, dong(200)), (second, dong(101))]).await,
        LedgerError::MoreThanOpen { entry, wanted, open } if entry == second && wanted == dong(301) && open == dong(300)
    ));
    assert!(matches!(
        refused(&[(first, dong(300)), (second, dong(101))]).await,
        LedgerError::MoreThanReceived { allocated, .. } if allocated == dong(401)
    ));
    assert!(matches!(refused(&[(first, dong(0))]).await, LedgerError::NotPositive(_)));
    let unknown = ReceivableEntryId::new(Uuid::from_u128(1));
    assert!(matches!(refused(&[(unknown, dong(1))]).await, LedgerError::UnknownEntry(e) if e == unknown));

    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let parts = [(first, dong(150)), (first, dong(50))];
    let posted = ledger::credit(&mut tx, &returned("PT", 400), Allocate::ByHand(&parts)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(posted.allocations, [(first, dong(200))]);
    assert_eq!((posted.balance, posted.open), (dong(400), dong(200)));
    assert_eq!(findings(&t).await, [""; 0]);
}

#[tokio::test]
async fn what_is_past_its_due_date_is_overdue_from_the_next_day_on() {
    let t = start().await;
    post(&t, &[invoice("PX-1", 500, 3), invoice("PX-2", 300, 1)]).await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    let mut overdue =
        async |today| ledger::overdue(&mut tx, world::NPP01, world::SHOP1, today).await.unwrap();
    assert_eq!(overdue(day(1)).await, Overdue { amount: dong(0), days: 0 });
    assert_eq!(overdue(day(2)).await, Overdue { amount: dong(300), days: 1 });
    assert_eq!(overdue(day(11)).await, Overdue { amount: dong(800), days: 10 });
}

#[tokio::test]
async fn only_amounts_above_zero_are_posted() {
    let t = start().await;
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    for amount in [0, -1] {
        assert!(matches!(
            ledger::charge(&mut tx, &invoice("PX", amount, 0)).await,
            Err(LedgerError::NotPositive(_))
        ));
        assert!(matches!(
            ledger::credit(&mut tx, &returned("PT", amount), Allocate::OldestDueFirst).await,
            Err(LedgerError::NotPositive(_))
        ));
    }
}

#[tokio::test]
async fn nobody_posts_to_another_distributors_customer() {
    let t = start().await;
    for customer in [world::SHOP21, domain::CustomerId::new(Uuid::from_u128(1))] {
        let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
        assert!(ledger::lock_balance(&mut tx, world::NPP01, customer).await.is_err());
    }
    let mut tx = t.app.db.begin(&t.context("npp01")).await.unwrap();
    assert!(ledger::lock_balance(&mut tx, world::NPP02, world::SHOP21).await.is_err());
}
