use test_kit::world;

use crate::{findings, invoice, post, start};

#[tokio::test]
async fn every_row_that_was_tampered_with_is_named() {
    let t = start().await;
    post(&t, &[invoice("PX-1", 500, 3), invoice("PX-2", 300, 1)]).await;
    assert_eq!(findings(&t).await, [""; 0]);
    let mut c = t.database.owner().await;
    sqlx::query("update customer_balances set balance = balance - 1").execute(&mut c).await.unwrap();
    sqlx::query("update receivable_open_items set open_amount = 299 where open_amount = 300")
        .execute(&mut c)
        .await
        .unwrap();
    sqlx::query(
        "insert into receivable_allocations select distributor_id, id, id, id, 600, business_date, posted_at,
                 actor_id from receivable_entries where document_number = 'PX-1'",
    )
    .execute(&mut c)
    .await
    .unwrap();
    sqlx::query("insert into receipts values ($1, $2, 'TN-1', $3, 70, 'cash', '', '2026-08-06', $4, now())")
        .bind(world::NPP01.uuid())
        .bind(uuid::Uuid::from_u128(1))
        .bind(world::SHOP1.uuid())
        .bind(world::NPP01_ADMIN.uuid())
        .execute(&mut c)
        .await
        .unwrap();
    sqlx::query(
        "insert into invoices (distributor_id, id, number, customer_id, rep_id, warehouse_id, status, business_date,
           gross, product_discount, order_discount, vat, total, charged, created_by, created_at)
         values ($1, $2, 'PB-1', $3, $4, $5, 'Issued', '2026-08-06', 90, 0, 0, 0, 90, 90, $4, now())",
    )
    .bind(world::NPP01.uuid())
    .bind(uuid::Uuid::from_u128(2))
    .bind(world::SHOP2.uuid())
    .bind(world::REP1.uuid())
    .bind(world::MAIN1.uuid())
    .execute(&mut c)
    .await
    .unwrap();
    for statement in [
        "insert into receivable_refunds values ($1, $2, 'PC-20260806-0001', $3, 40, 'cash', '', '2026-08-06', $4, now())",
        "insert into receivable_adjustments values ($1, $2, 'DN-20260806-0002', $3, 30, 'other', 'r', '2026-08-06', null, $4, now())",
        "insert into cash_hand_overs select $1, $2, 'NQ-20260806-0001', $4, '2026-08-06', 20, 0, '', '', $4, now() where $3 is not null",
        "insert into rep_cash_days select $1, $4, '2026-08-06', 10 where $2 is not null and $3 is not null",
        "insert into rep_cash_entries select $1, $2, $4, 'handed_over', -7, '2026-08-06', $3, 'NQ', now(), $4",
        "insert into document_counters select $1, 'TN', '2026-08-05', 2 where $2 <> $3 and $4 is not null",
        "insert into document_counters select $1, 'NQ', '2026-08-06', 1 where $2 <> $3 and $4 is not null",
    ] {
        sqlx::query(statement)
            .bind(world::NPP01.uuid())
            .bind(uuid::Uuid::from_u128(3))
            .bind(world::SHOP1.uuid())
            .bind(world::REP1.uuid())
            .execute(&mut c)
            .await
            .unwrap();
    }
    let whose = format!(" of distributor {}", world::NPP01);
    let found: Vec<String> = findings(&t).await.iter().map(|line| line.replace(&whose, "")).collect();
    assert_eq!(
        found,
        [
            "receivables.adjustment: KH001 DN-20260806-0002: expected 30, found 0",
            "receivables.allocated: KH001 PX-1: expected 500, found 1200",
            "receivables.balance: KH001: expected 800, found 799",
            "receivables.invoice: KH002 PB-1: expected 90, found 0",
            "receivables.open_item: KH001 PX-2: expected 300, found 299",
            "receivables.receipt: KH001 TN-1: expected -70, found 0",
            "receivables.refund: KH001 PC-20260806-0001: expected 40, found 0",
            "cash.day: nvbh01 2026-08-06 collected: expected 0, found 10",
            "cash.day: nvbh01 2026-08-06 handed over: expected 7, found 0",
            "cash.hand_over: nvbh01 NQ-20260806-0001: expected -20, found 0",
            "numbers.gap: DN 2026-08-06: expected 0, found 1",
            "numbers.gap: PC 2026-08-06: expected 0, found 1",
            "numbers.gap: TN 2026-08-05: expected 2, found 0",
        ]
    );
}
