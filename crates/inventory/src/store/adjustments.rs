use db::PgConnection;
use domain::{DistributorId, DocumentId, LotId, Money, ProductId, Quantity, Unit, WarehouseId};
use platform::Page;
use uuid::Uuid;

use crate::model::{Issuer, StockAdjustment, StockAdjustmentLine, StockAdjustmentView};
use crate::stock::Posting;
use crate::store::DocumentFilter;

/// Adds the adjustment of a posting.
pub(crate) async fn insert_adjustment(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    reason: &str,
    note: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into stock_adjustments
           (distributor_id, id, number, warehouse_id, business_date, reason, note, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        posting.distributor.uuid(),
        posting.document_id.uuid(),
        posting.number,
        posting.warehouse.uuid(),
        posting.business_date,
        reason,
        note,
        posting.actor.uuid(),
        posting.at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The adjustments, newest first; searched by number.
pub(crate) async fn list_adjustments(
    c: &mut PgConnection,
    filter: &DocumentFilter,
    page: &Page,
) -> Result<(Vec<StockAdjustment>, i64), sqlx::Error> {
    let hits = sqlx::query!(
        r#"with hits as (
             select id, business_date, created_at from stock_adjustments
             where ($1::uuid is null or warehouse_id = $1)
               and ($2::date is null or business_date >= $2)
               and ($3::date is null or business_date <= $3)
               and ($4::text is null or lower(number) like $4)
           )
           select (select count(*) from hits) as "total!",
             array(select id from hits order by business_date desc, created_at desc, id desc limit $5 offset $6) as "ids!""#,
        filter.warehouse.map(|x| x.uuid()),
        filter.from,
        filter.to,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((load_adjustments(c, &hits.ids).await?, hits.total))
}

async fn load_adjustments(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<StockAdjustment>, sqlx::Error> {
    sqlx::query_as!(
        StockAdjustment,
        r#"select a.id as "adjustment_id: DocumentId", a.distributor_id as "distributor_id: DistributorId", a.number,
             a.warehouse_id as "warehouse_id: WarehouseId", w.code as warehouse_code, w.name as warehouse_name,
             a.business_date, a.reason, a.note, m.line_count as "line_count!", m.selling_value as "selling_value!: Money",
             m.cost_value as "cost_value!: Money", coalesce(u.full_name, '') as "created_by_name!", a.created_at
           from stock_adjustments a
           join warehouses w on w.distributor_id = a.distributor_id and w.id = a.warehouse_id
           left join users u on u.id = a.created_by
           cross join lateral (
             select count(*) as line_count, coalesce(sum(selling_value), 0)::bigint as selling_value,
               coalesce(sum(cost_value), 0)::bigint as cost_value
             from stock_movements m where m.distributor_id = a.distributor_id and m.document_id = a.id
           ) m
           where a.id = any ($1)
           order by a.business_date desc, a.created_at desc, a.id desc"#,
        ids,
    )
    .fetch_all(c)
    .await
}

/// An adjustment with its lines.
pub(crate) async fn find_adjustment(
    c: &mut PgConnection,
    id: DocumentId,
) -> Result<Option<StockAdjustmentView>, sqlx::Error> {
    let Some(head) = load_adjustments(c, &[id.uuid()]).await?.pop() else { return Ok(None) };
    let issuer = find_issuer(c, head.distributor_id).await?;
    let lines = list_document_lines(c, head.distributor_id, id).await?;
    let cost_in_words = head.cost_value.in_words();
    Ok(Some(StockAdjustmentView { head, issuer, lines, cost_in_words }))
}

/// Whose papers those of the distributor are.
pub(crate) async fn find_issuer(
    c: &mut PgConnection,
    distributor: DistributorId,
) -> Result<Issuer, sqlx::Error> {
    sqlx::query_as!(
        Issuer,
        r#"select code, coalesce(nullif(invoice_name, ''), name) as "name!", tax_code,
             coalesce(nullif(invoice_address, ''), office_address) as "address!", phone
           from distributors where id = $1"#,
        distributor.uuid(),
    )
    .fetch_one(c)
    .await
}

/// What a document moved, lot by lot.
pub(crate) async fn list_document_lines(
    c: &mut PgConnection,
    distributor: DistributorId,
    document: DocumentId,
) -> Result<Vec<StockAdjustmentLine>, sqlx::Error> {
    sqlx::query_as!(
        StockAdjustmentLine,
        r#"select m.product_id as "product_id: ProductId", p.code as product_code, p.name as product_name,
             m.lot_id as "lot_id: LotId", l.lot_number, l.expiry, m.typed_quantity as quantity,
             m.typed_unit as "unit: Unit", case m.typed_unit when 'whole' then p.unit_name else p.sub_unit_name end as "unit_name!",
             m.quantity as "pieces: Quantity", m.selling_value as "selling_value: Money", m.cost_value as "cost_value: Money"
           from stock_movements m
           join products p on p.id = m.product_id
           join lots l on l.distributor_id = m.distributor_id and l.id = m.lot_id
           where m.distributor_id = $1 and m.document_id = $2
           order by p.display_order, p.code, l.expiry nulls last, l.id, m.quantity"#,
        distributor.uuid(),
        document.uuid(),
    )
    .fetch_all(c)
    .await
}
