use db::PgConnection;
use uuid::Uuid;

use super::ItemChange;
use crate::stock::{MovementRow, Posting, Reason};

/// Adds the rows to the ledger, their pieces to the balances of their lots, and the changes to the locked balances of their
/// products, in one statement.
pub(crate) async fn post(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    reason: Reason,
    changes: &[ItemChange],
    rows: &[MovementRow],
) -> Result<(), sqlx::Error> {
    if changes.is_empty() && rows.is_empty() {
        return Ok(());
    }
    let changed: Vec<Uuid> = changes.iter().map(|x| x.product_id.uuid()).collect();
    let on_hand: Vec<i64> = changes.iter().map(|x| x.on_hand.pieces()).collect();
    let reserved: Vec<i64> = changes.iter().map(|x| x.reserved.pieces()).collect();
    let ids: Vec<Uuid> = rows.iter().map(|_| Uuid::now_v7()).collect();
    let products: Vec<Uuid> = rows.iter().map(|r| r.product_id.uuid()).collect();
    let lots: Vec<Uuid> = rows.iter().map(|r| r.lot_id.uuid()).collect();
    let pieces: Vec<i64> = rows.iter().map(|r| r.pieces.pieces()).collect();
    let typed: Vec<i64> = rows.iter().map(|r| r.typed_quantity).collect();
    let units: Vec<String> = rows.iter().map(|r| r.unit.as_str().to_owned()).collect();
    let selling: Vec<i64> = rows.iter().map(|r| r.selling_value.dong()).collect();
    let cost: Vec<i64> = rows.iter().map(|r| r.cost_value.dong()).collect();
    let sold: Vec<i64> = rows.iter().map(|r| r.sold_value.dong()).collect();
    let updated = sqlx::query_scalar!(
        r#"with added as (
           select * from unnest($9::uuid[], $10::uuid[], $11::uuid[], $12::bigint[], $13::bigint[], $14::text[],
                                $15::bigint[], $16::bigint[], $17::bigint[])
             a (id, product_id, lot_id, quantity, typed_quantity, typed_unit, selling_value, cost_value, sold_value)
         ), balances as (
           insert into stock_lots as s (distributor_id, warehouse_id, product_id, lot_id, on_hand)
           select $1, $2, product_id, lot_id, sum(quantity)::bigint from added group by product_id, lot_id
           on conflict (distributor_id, warehouse_id, product_id, lot_id)
           do update set on_hand = s.on_hand + excluded.on_hand
         ), changes as materialized (
           select $1::uuid as distributor_id, $2::uuid as warehouse_id, *
           from unnest($18::uuid[], $19::bigint[], $20::bigint[]) c (product_id, on_hand, reserved)
         ), items as (
           update stock_items i set on_hand = i.on_hand + x.on_hand, reserved = i.reserved + x.reserved
           from changes x
           where i.distributor_id = x.distributor_id and i.warehouse_id = x.warehouse_id and i.product_id = x.product_id
           returning 1
         ), movements as (
           insert into stock_movements (distributor_id, id, warehouse_id, product_id, lot_id, business_date, posted_at,
             quantity, typed_quantity, typed_unit, selling_value, cost_value, sold_value, reason, document_id,
             document_number, actor_id)
           select $1, id, $2, product_id, lot_id, $3, $4, quantity, typed_quantity, typed_unit, selling_value,
             cost_value, sold_value, $5, $6, $7, $8
           from added
         )
         select count(*) as "updated!" from items"#,
        posting.distributor.uuid(),
        posting.warehouse.uuid(),
        posting.business_date,
        posting.at,
        reason as Reason,
        posting.document_id.uuid(),
        posting.number,
        posting.actor.uuid(),
        &ids,
        &products,
        &lots,
        &pieces,
        &typed,
        &units,
        &selling,
        &cost,
        &sold,
        &changed,
        &on_hand,
        &reserved,
    )
    .fetch_one(c)
    .await?;
    // Under row-level security a row that may not be seen is silently left out.
    if usize::try_from(updated) == Ok(changes.len()) { Ok(()) } else { Err(sqlx::Error::RowNotFound) }
}
