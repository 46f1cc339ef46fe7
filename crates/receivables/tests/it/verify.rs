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
           gross, product_discount, order_discount, vat, total, created_by, created_at)
         values ($1, $2, 'PB-1', $3, $4, $5, 'Issued', '2026-08-06', 90, 0, 0, 0, 90, $4, now())",
    )
    .bind(world::NPP01.uuid())
    .bind(uuid::Uuid::from_u128(2))
    .bind(world::SHOP2.uuid())
    .bind(world::REP1.uuid())
    .bind(world::MAIN1.uuid())
    .execute(&mut c)
    .await
    .unwrap();
    let npp01 = world::NPP01;
    assert_eq!(
        findings(&t).await,
        [
            format!("receivables.allocated: KH001 PX-1 of distributor {npp01}: expected 500, found 1200"),
            format!("receivables.balance: KH001 of distributor {npp01}: expected 800, found 799"),
            format!("receivables.invoice: KH002 PB-1 of distributor {npp01}: expected 90, found 0"),
            format!("receivables.open_item: KH001 PX-2 of distributor {npp01}: expected 300, found 299"),
            format!("receivables.receipt: KH001 TN-1 of distributor {npp01}: expected -70, found 0"),
        ]
    );
}
