use chrono::NaiveDate;
use db::PgConnection;
use domain::{DistributorId, GoodsReceiptId, Money, WarehouseId};
use platform::Page;
use uuid::Uuid;

use crate::model::GoodsReceipt;
use crate::stock::Posting;

/// Adds the receipt of a posting.
pub(crate) async fn insert_goods_receipt(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    note: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into goods_receipts
           (distributor_id, id, number, warehouse_id, business_date, note, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        posting.distributor.uuid(),
        posting.document_id.uuid(),
        posting.number,
        posting.warehouse.uuid(),
        posting.business_date,
        note,
        posting.actor.uuid(),
        posting.at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Which receipts or adjustments to list; what is not set doesn't limit.
#[derive(Debug, Default)]
pub(crate) struct DocumentFilter {
    pub warehouse: Option<WarehouseId>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// The receipts, newest first; searched by number.
pub(crate) async fn list_goods_receipts(
    c: &mut PgConnection,
    filter: &DocumentFilter,
    page: &Page,
) -> Result<(Vec<GoodsReceipt>, i64), sqlx::Error> {
    let hits = sqlx::query!(
        r#"with hits as (
             select id, business_date from goods_receipts
             where ($1::uuid is null or warehouse_id = $1)
               and ($2::date is null or business_date >= $2)
               and ($3::date is null or business_date <= $3)
               and ($4::text is null or lower(number) like $4)
           )
           select (select count(*) from hits) as "total!",
             array(select id from hits order by business_date desc, id desc limit $5 offset $6) as "ids!""#,
        filter.warehouse.map(|x| x.uuid()),
        filter.from,
        filter.to,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((load_goods_receipts(c, None, &hits.ids).await?, hits.total))
}

/// The receipt, if it is one of the tenant's.
pub(crate) async fn find_goods_receipt(
    c: &mut PgConnection,
    id: GoodsReceiptId,
) -> Result<Option<GoodsReceipt>, sqlx::Error> {
    Ok(load_goods_receipts(c, None, &[id.uuid()]).await?.pop())
}

/// The receipt that was just made.
pub(crate) async fn get_goods_receipt(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: GoodsReceiptId,
) -> Result<GoodsReceipt, sqlx::Error> {
    load_goods_receipts(c, Some(distributor), &[id.uuid()]).await?.pop().ok_or(sqlx::Error::RowNotFound)
}

async fn load_goods_receipts(
    c: &mut PgConnection,
    distributor: Option<DistributorId>,
    ids: &[Uuid],
) -> Result<Vec<GoodsReceipt>, sqlx::Error> {
    sqlx::query_as!(
        GoodsReceipt,
        r#"select r.id as "receipt_id: GoodsReceiptId", r.distributor_id as "distributor_id: DistributorId", r.number,
             r.warehouse_id as "warehouse_id: WarehouseId", w.code as warehouse_code, w.name as warehouse_name,
             r.business_date, r.note, m.line_count as "line_count!", m.cost_value as "cost_value!: Money",
             coalesce(u.full_name, '') as "created_by_name!", r.created_at
           from goods_receipts r
           join warehouses w on w.distributor_id = r.distributor_id and w.id = r.warehouse_id
           left join users u on u.id = r.created_by
           cross join lateral (
             select count(*) as line_count, coalesce(sum(cost_value), 0)::bigint as cost_value from stock_movements m
             where m.distributor_id = r.distributor_id and m.document_id = r.id
           ) m
           where r.id = any ($1) and ($2::uuid is null or r.distributor_id = $2)
           order by r.business_date desc, r.id desc"#,
        ids,
        distributor.map(|d| d.uuid()),
    )
    .fetch_all(c)
    .await
}
