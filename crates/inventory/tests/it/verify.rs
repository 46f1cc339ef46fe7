use test_kit::world;

use crate::{findings, start};

#[tokio::test]
async fn every_balance_that_was_tampered_with_is_named() {
    let t = start().await;
    assert_eq!(findings(&t).await, [""; 0]);
    let mut c = t.database.owner().await;
    sqlx::query("update stock_items set on_hand = on_hand + 1 where warehouse_id = $1 and product_id = $2")
        .bind(world::MAIN1.uuid())
        .bind(world::MILK.uuid())
        .execute(&mut c)
        .await
        .unwrap();
    sqlx::query("update stock_lots set on_hand = -5 where lot_id = $1")
        .bind(world::SOAP_LOT.uuid())
        .execute(&mut c)
        .await
        .unwrap();
    sqlx::query("update stock_items set reserved = 101 where warehouse_id = $1")
        .bind(world::MAIN2.uuid())
        .execute(&mut c)
        .await
        .unwrap();
    let (npp01, npp02) = (world::NPP01, world::NPP02);
    let soap_lot = format!("KHO01 SP002 lot S ({})", world::SOAP_LOT);
    assert_eq!(
        findings(&t).await,
        [
            format!("stock.lot: {soap_lot} of distributor {npp01}: expected 240, found -5"),
            format!("stock.negative: {soap_lot} of distributor {npp01}: expected 0, found -5"),
            format!("stock.on_hand: KHO01 SP001 of distributor {npp01}: expected 600, found 601"),
            format!("stock.over_reserved: KHO01 SP001 of distributor {npp02}: expected 100, found 101"),
            format!("stock.reserved: KHO01 SP001 of distributor {npp02}: expected 0, found 101"),
            format!("stock.sum_of_lots: KHO01 SP001 of distributor {npp01}: expected 600, found 601"),
            format!("stock.sum_of_lots: KHO01 SP002 of distributor {npp01}: expected -5, found 240"),
        ]
    );
}

#[tokio::test]
async fn an_issue_whose_goods_never_moved_is_named() {
    let t = start().await;
    let mut c = t.database.owner().await;
    for sql in [
        "insert into invoices (distributor_id, id, number, customer_id, rep_id, warehouse_id, status, business_date,
           gross, product_discount, order_discount, vat, total, created_by, created_at)
         values ($1, $2, 'PB-1', $3, $4, $5, 'Open', '2026-08-06', 0, 0, 0, 0, 0, $4, now())",
        "insert into goods_issues (distributor_id, id, number, invoice_id, warehouse_id, business_date, created_by, created_at)
         select $1, $2, 'PX-1', $2, $5, '2026-08-06', $4, now() where $3 is not null",
        // The line needs no invoice line to be wrong about the stock.
        "alter table goods_issue_lines drop constraint goods_issue_lines_distributor_id_invoice_id_invoice_line_n_fkey",
        "insert into goods_issue_lines values ($1, $2, 1, $2, 1, '00000000-0000-0000-0000-000000004001',
           '00000000-0000-0000-0000-000000006001', 5)",
    ] {
        let mut query = sqlx::query(sql);
        if sql.starts_with("insert") {
            query = query.bind(world::NPP01.uuid()).bind(uuid::Uuid::from_u128(1));
        }
        if sql.contains("$3") {
            query = query.bind(world::SHOP1.uuid()).bind(world::REP1.uuid()).bind(world::MAIN1.uuid());
        }
        query.execute(&mut c).await.unwrap();
    }
    let npp01 = world::NPP01;
    let lot = format!("KHO01 SP001 lot A ({})", world::MILK_LOT_A);
    assert_eq!(
        findings(&t).await,
        [format!("stock.issue: {lot} of distributor {npp01}: expected 5, found 0")]
    );
}
