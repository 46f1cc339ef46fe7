use serde_json::json;
use test_kit::world;

use crate::transfers::vans;
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

/// An issue of 5 pieces that no movement knows. Its invoice has no lines, which the stock doesn't look at.
const ISSUE: &str = "
  create function pg_temp.u(n int) returns uuid language sql immutable as $$ select lpad(to_hex(n), 32, '0')::uuid $$;
  insert into invoices (distributor_id, id, number, customer_id, rep_id, warehouse_id, status, business_date,
    gross, product_discount, order_discount, vat, total, created_by, created_at)
  values (pg_temp.u(x'1001'::int), pg_temp.u(1), 'PB-1', pg_temp.u(x'7001'::int), pg_temp.u(x'3011'::int),
    pg_temp.u(x'5001'::int), 'Open', '2026-08-06', 0, 0, 0, 0, 0, pg_temp.u(x'3011'::int), now());
  insert into goods_issues (distributor_id, id, number, invoice_id, warehouse_id, business_date, created_by, created_at)
  select distributor_id, id, 'PX-1', id, warehouse_id, business_date, created_by, now() from invoices;
  alter table goods_issue_lines drop constraint goods_issue_lines_distributor_id_invoice_id_invoice_line_n_fkey;
  insert into goods_issue_lines
  select distributor_id, id, 1, id, 1, pg_temp.u(x'4001'::int), pg_temp.u(x'6001'::int), 5 from invoices;
";

#[tokio::test]
async fn an_issue_whose_goods_never_moved_is_named() {
    let t = start().await;
    sqlx::raw_sql(ISSUE).execute(&mut t.database.owner().await).await.unwrap();
    let npp01 = world::NPP01;
    let lot = format!("KHO01 SP001 lot A ({})", world::MILK_LOT_A);
    assert_eq!(
        findings(&t).await,
        [format!("stock.issue: {lot} of distributor {npp01}: expected 5, found 0")]
    );
}

#[tokio::test]
async fn goods_in_transit_that_were_never_shipped_and_one_sided_transfers_are_named() {
    let t = start().await;
    let [van, _] = vans(&t).await;
    let body = json!({ "fromWarehouseId": world::MAIN1, "toWarehouseId": van, "twoStep": true,
        "lines": [{ "productId": world::MILK, "quantity": 10, "unit": "retail" }] });
    t.npp01().post("/api/v1/inventory/transfers", body).await.expect(201);
    let mut c = t.database.owner().await;
    sqlx::query("update stock_transfer_lots set pieces = 9").execute(&mut c).await.unwrap();
    let lot = format!("lot A ({})", world::MILK_LOT_A);
    let npp01 = world::NPP01;
    assert_eq!(
        findings(&t).await,
        [format!("stock.transit: DANG-CHUYEN SP001 {lot} of distributor {npp01}: expected 9, found 10")]
    );
    sqlx::query("update stock_transfer_lots set pieces = 10").execute(&mut c).await.unwrap();
    sqlx::raw_sql(
        "alter table stock_movements disable trigger append_only;
         update stock_movements set quantity = 11, typed_quantity = 11 where reason = 'transfer' and quantity > 0",
    )
    .execute(&mut c)
    .await
    .unwrap();
    let found = findings(&t).await;
    assert!(
        found.contains(&format!("stock.transfer: - SP001 {lot} of distributor {npp01}: expected 0, found 1")),
        "{found:?}"
    );
}
