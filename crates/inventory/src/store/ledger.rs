use db::PgConnection;
use uuid::Uuid;

use crate::stock::{MovementRow, Posting, Reason};

/// Adds the rows to the ledger, and their pieces to the balances of their lots.
pub(crate) async fn insert_movements(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    reason: Reason,
    rows: &[MovementRow],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = rows.iter().map(|_| Uuid::now_v7()).collect();
    let products: Vec<Uuid> = rows.iter().map(|r| r.product_id.uuid()).collect();
    let lots: Vec<Uuid> = rows.iter().map(|r| r.lot_id.uuid()).collect();
    let pieces: Vec<i64> = rows.iter().map(|r| r.pieces.pieces()).collect();
    let typed: Vec<i64> = rows.iter().map(|r| r.typed_quantity).collect();
    let units: Vec<String> = rows.iter().map(|r| r.unit.as_str().to_owned()).collect();
    let selling: Vec<i64> = rows.iter().map(|r| r.selling_value.dong()).collect();
    let cost: Vec<i64> = rows.iter().map(|r| r.cost_value.dong()).collect();
    let sold: Vec<i64> = rows.iter().map(|r| r.sold_value.dong()).collect();
    sqlx::query!(
        "with added as (
           select * from unnest($9::uuid[], $10::uuid[], $11::uuid[], $12::bigint[], $13::bigint[], $14::text[],
                                $15::bigint[], $16::bigint[], $17::bigint[])
             a (id, product_id, lot_id, quantity, typed_quantity, typed_unit, selling_value, cost_value, sold_value)
         ), balances as (
           insert into stock_lots as s (distributor_id, warehouse_id, product_id, lot_id, on_hand)
           select $1, $2, product_id, lot_id, sum(quantity)::bigint from added group by product_id, lot_id
           on conflict (distributor_id, warehouse_id, product_id, lot_id)
           do update set on_hand = s.on_hand + excluded.on_hand
         )
         insert into stock_movements (distributor_id, id, warehouse_id, product_id, lot_id, business_date, posted_at,
           quantity, typed_quantity, typed_unit, selling_value, cost_value, sold_value, reason, document_id,
           document_number, actor_id)
         select $1, id, $2, product_id, lot_id, $3, $4, quantity, typed_quantity, typed_unit, selling_value,
           cost_value, sold_value, $5, $6, $7, $8
         from added",
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
    )
    .execute(c)
    .await?;
    Ok(())
}
