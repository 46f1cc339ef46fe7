use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::{Conversion, DistributorId, LotId, ProductId, Quantity, StockCountId, UserId, WarehouseId};
use platform::Page;
use uuid::Uuid;

use crate::model::{CountStatus, StockCount, StockCountLine, StockCountView};

/// The number of the warehouse's open count.
pub(crate) async fn find_open_count(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select number from stock_counts where distributor_id = $1 and warehouse_id = $2 and status = 'Open'",
        distributor.uuid(),
        warehouse.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// A count that begins.
#[derive(Debug)]
pub(crate) struct NewCount<'a> {
    pub distributor: DistributorId,
    pub id: StockCountId,
    pub number: &'a str,
    pub warehouse: WarehouseId,
    pub date: NaiveDate,
    pub freeze: bool,
    /// Only these products; all when none are named.
    pub products: Option<&'a [ProductId]>,
    pub note: &'a str,
    pub actor: UserId,
    pub at: DateTime<Utc>,
}

/// Adds the count with a line for each product and lot that was there at the end of its day: what is there now, less what
/// moved on later days.
pub(crate) async fn insert_count(c: &mut PgConnection, new: &NewCount<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into stock_counts
           (distributor_id, id, number, warehouse_id, status, business_date, frozen, partial, note, created_by, created_at)
         values ($1, $2, $3, $4, 'Open', $5, $6, $7, $8, $9, $10)",
        new.distributor.uuid(),
        new.id.uuid(),
        new.number,
        new.warehouse.uuid(),
        new.date,
        new.freeze,
        new.products.is_some(),
        new.note,
        new.actor.uuid(),
        new.at,
    )
    .execute(&mut *c)
    .await?;
    let products: Option<Vec<Uuid>> = new.products.map(|ids| ids.iter().map(|p| p.uuid()).collect());
    sqlx::query!(
        "insert into stock_count_lines (distributor_id, count_id, product_id, lot_id, system)
         select $1, $2, product_id, lot_id, sum(pieces) from (
           select product_id, lot_id, on_hand as pieces from stock_lots
           where distributor_id = $1 and warehouse_id = $3 and on_hand <> 0
           union all
           select product_id, lot_id, -quantity from stock_movements
           where distributor_id = $1 and warehouse_id = $3 and business_date > $5
         ) s
         where $4::uuid[] is null or product_id = any ($4)
         group by product_id, lot_id having sum(pieces) <> 0",
        new.distributor.uuid(),
        new.id.uuid(),
        new.warehouse.uuid(),
        products.as_deref() as Option<&[Uuid]>,
        new.date,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What the next step needs of a count; its row stays locked until the transaction ends.
#[derive(Debug)]
pub(crate) struct LockedCount {
    pub distributor_id: DistributorId,
    pub id: StockCountId,
    pub number: String,
    pub warehouse_id: WarehouseId,
    pub status: CountStatus,
}

pub(crate) async fn lock_count(
    c: &mut PgConnection,
    id: StockCountId,
) -> Result<Option<LockedCount>, sqlx::Error> {
    sqlx::query_as!(
        LockedCount,
        r#"select distributor_id as "distributor_id: DistributorId", id as "id: StockCountId", number,
             warehouse_id as "warehouse_id: WarehouseId", status as "status: CountStatus"
           from stock_counts where id = $1 for update"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// Ends the count.
pub(crate) async fn close_count(
    c: &mut PgConnection,
    count: &LockedCount,
    status: CountStatus,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update stock_counts set status = $3, closed_by = $4, closed_at = $5, version = version + 1
         where distributor_id = $1 and id = $2",
        count.distributor_id.uuid(),
        count.id.uuid(),
        status as CountStatus,
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A product as people name it when they count.
#[derive(Debug)]
pub(crate) struct CountedProduct {
    pub id: ProductId,
    pub code: String,
    pub barcode: String,
    pub conversion: Conversion,
}

/// The products with these ids, codes or barcodes.
pub(crate) async fn find_counted_products(
    c: &mut PgConnection,
    ids: &[ProductId],
    codes: &[String],
) -> Result<Vec<CountedProduct>, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|p| p.uuid()).collect();
    sqlx::query_as!(
        CountedProduct,
        r#"select id as "id: ProductId", code, barcode, conversion_rate as "conversion: Conversion" from products
           where id = any ($1) or code = any ($2) or (barcode <> '' and barcode = any ($2))
           order by deleted_at is not null, code"#,
        &ids,
        codes,
    )
    .fetch_all(c)
    .await
}

/// The products of these lots.
pub(crate) async fn list_products_of_lots(
    c: &mut PgConnection,
    distributor: DistributorId,
    lots: &[LotId],
) -> Result<Vec<(LotId, ProductId)>, sqlx::Error> {
    let lots: Vec<Uuid> = lots.iter().map(|l| l.uuid()).collect();
    let rows = sqlx::query!(
        r#"select id as "lot_id: LotId", product_id as "product_id: ProductId" from lots
           where distributor_id = $1 and id = any ($2)"#,
        distributor.uuid(),
        &lots,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| (r.lot_id, r.product_id)).collect())
}

/// The lots in which the count has the products.
pub(crate) async fn list_counted_lots(
    c: &mut PgConnection,
    count: &LockedCount,
    products: &[ProductId],
) -> Result<Vec<(ProductId, LotId)>, sqlx::Error> {
    let products: Vec<Uuid> = products.iter().map(|p| p.uuid()).collect();
    let rows = sqlx::query!(
        r#"select product_id as "product_id: ProductId", lot_id as "lot_id: LotId" from stock_count_lines
           where distributor_id = $1 and count_id = $2 and product_id = any ($3)"#,
        count.distributor_id.uuid(),
        count.id.uuid(),
        &products,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| (r.product_id, r.lot_id)).collect())
}

/// Pieces counted of a product and lot; none takes the figure back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub product_id: ProductId,
    pub lot_id: LotId,
    pub pieces: Option<Quantity>,
}

/// Writes what was counted, or adds it to what was counted before, with what is on hand at this moment, or was at the end
/// of the count's day. What the count did not expect becomes a line.
pub(crate) async fn upsert_counted(
    c: &mut PgConnection,
    count: &LockedCount,
    counted: &[Counted],
    add: bool,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let products: Vec<Uuid> = counted.iter().map(|x| x.product_id.uuid()).collect();
    let lots: Vec<Uuid> = counted.iter().map(|x| x.lot_id.uuid()).collect();
    let pieces: Vec<Option<i64>> = counted.iter().map(|x| x.pieces.map(Quantity::pieces)).collect();
    sqlx::query!(
        "insert into stock_count_lines as l
           (distributor_id, count_id, product_id, lot_id, system, counted, seen, counted_by, counted_at)
         select $1, $2, t.product_id, t.lot_id, s.pieces, t.pieces, case when t.pieces is not null then s.pieces end,
           case when t.pieces is not null then $5::uuid end, case when t.pieces is not null then $6::timestamptz end
         from unnest($7::uuid[], $8::uuid[], $9::bigint[]) as t (product_id, lot_id, pieces)
         join stock_counts k on k.distributor_id = $1 and k.id = $2
         cross join lateral (
           select coalesce((select on_hand from stock_lots where distributor_id = $1 and warehouse_id = $3
                            and product_id = t.product_id and lot_id = t.lot_id), 0)
             - coalesce((select sum(quantity)::bigint from stock_movements where distributor_id = $1 and warehouse_id = $3
                         and product_id = t.product_id and lot_id = t.lot_id and business_date > k.business_date), 0) as pieces
         ) s
         on conflict (distributor_id, count_id, product_id, lot_id) do update set
           counted = case when $4 then coalesce(l.counted, 0) + excluded.counted else excluded.counted end,
           -- what was counted in parts is as old as its first part
           seen = case when $4 then coalesce(l.seen, excluded.seen) else excluded.seen end,
           counted_by = excluded.counted_by, counted_at = excluded.counted_at",
        count.distributor_id.uuid(),
        count.id.uuid(),
        count.warehouse_id.uuid(),
        add,
        by.uuid(),
        at,
        &products,
        &lots,
        &pieces as &[Option<i64>],
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "update stock_counts set version = version + 1 where distributor_id = $1 and id = $2",
        count.distributor_id.uuid(),
        count.id.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The products of a count.
pub(crate) async fn list_products_of_count(
    c: &mut PgConnection,
    count: &LockedCount,
) -> Result<Vec<ProductId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct product_id as "product_id: ProductId" from stock_count_lines
           where distributor_id = $1 and count_id = $2 order by 1"#,
        count.distributor_id.uuid(),
        count.id.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Writes what closing the count posted; lines that were right posted nothing.
pub(crate) async fn update_posted(
    c: &mut PgConnection,
    count: &LockedCount,
    posted: &[Counted],
) -> Result<(), sqlx::Error> {
    let products: Vec<Uuid> = posted.iter().map(|x| x.product_id.uuid()).collect();
    let lots: Vec<Uuid> = posted.iter().map(|x| x.lot_id.uuid()).collect();
    let pieces: Vec<Option<i64>> = posted.iter().map(|x| x.pieces.map(Quantity::pieces)).collect();
    sqlx::query!(
        "update stock_count_lines l set posted = t.pieces
         from unnest($3::uuid[], $4::uuid[], $5::bigint[]) as t (product_id, lot_id, pieces)
         where l.distributor_id = $1 and l.count_id = $2 and l.product_id = t.product_id and l.lot_id = t.lot_id",
        count.distributor_id.uuid(),
        count.id.uuid(),
        &products,
        &lots,
        &pieces as &[Option<i64>],
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Which counts to list; what is not set doesn't limit.
#[derive(Debug, Default)]
pub(crate) struct CountFilter {
    pub warehouse: Option<WarehouseId>,
    pub status: Option<CountStatus>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// The counts, newest first; searched by number.
pub(crate) async fn list_counts(
    c: &mut PgConnection,
    filter: &CountFilter,
    page: &Page,
) -> Result<(Vec<StockCount>, i64), sqlx::Error> {
    let hits = sqlx::query!(
        r#"with hits as (
             select id, business_date from stock_counts
             where ($1::uuid is null or warehouse_id = $1)
               and ($2::text is null or status = $2)
               and ($3::date is null or business_date >= $3)
               and ($4::date is null or business_date <= $4)
               and ($5::text is null or lower(number) like $5)
           )
           select (select count(*) from hits) as "total!",
             array(select id from hits order by business_date desc, id desc limit $6 offset $7) as "ids!""#,
        filter.warehouse.map(|x| x.uuid()),
        filter.status as Option<CountStatus>,
        filter.from,
        filter.to,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((load_counts(c, &hits.ids).await?, hits.total))
}

async fn load_counts(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<StockCount>, sqlx::Error> {
    sqlx::query_as!(
        StockCount,
        r#"select k.id as "count_id: StockCountId", k.distributor_id as "distributor_id: DistributorId", k.number,
             k.status as "status: CountStatus", k.warehouse_id as "warehouse_id: WarehouseId", w.code as warehouse_code,
             w.name as warehouse_name, k.business_date as date, k.frozen as freeze, k.partial, k.note,
             n.lines as "line_count!", n.counted as "counted_lines!", coalesce(u.full_name, '') as "created_by_name!",
             k.created_at, b.full_name as "closed_by_name?", k.closed_at, k.version
           from stock_counts k
           join warehouses w on w.distributor_id = k.distributor_id and w.id = k.warehouse_id
           left join users u on u.id = k.created_by
           left join users b on b.id = k.closed_by
           cross join lateral (
             select count(*) as lines, count(l.counted) as counted from stock_count_lines l
             where l.distributor_id = k.distributor_id and l.count_id = k.id
           ) n
           where k.id = any ($1)
           order by k.business_date desc, k.id desc"#,
        ids,
    )
    .fetch_all(c)
    .await
}

/// The count with its lines.
pub(crate) async fn find_count(
    c: &mut PgConnection,
    id: StockCountId,
) -> Result<Option<StockCountView>, sqlx::Error> {
    let Some(head) = load_counts(c, &[id.uuid()]).await?.pop() else { return Ok(None) };
    let lines = list_count_lines(c, head.distributor_id, id).await?;
    Ok(Some(StockCountView { head, lines }))
}

/// The lines of a count with what is on hand now.
pub(crate) async fn list_count_lines(
    c: &mut PgConnection,
    distributor: DistributorId,
    count: StockCountId,
) -> Result<Vec<StockCountLine>, sqlx::Error> {
    sqlx::query_as!(
        StockCountLine,
        r#"select l.product_id as "product_id: ProductId", p.code as product_code, p.name as product_name,
             p.sub_unit_name as unit_name, l.lot_id as "lot_id: LotId", t.lot_number, t.expiry, l.system as "system: Quantity",
             l.counted as "counted: Quantity", l.seen as "system_at_count: Quantity",
             l.counted - l.seen as "difference: Quantity", coalesce(s.on_hand, 0) as "current!: Quantity",
             k.status = 'Open' and l.seen is not null and l.seen <> coalesce(s.on_hand, 0) as "outdated!",
             u.full_name as "counted_by_name?", l.counted_at, l.posted as "posted: Quantity"
           from stock_count_lines l
           join stock_counts k on k.distributor_id = l.distributor_id and k.id = l.count_id
           join products p on p.id = l.product_id
           join lots t on t.distributor_id = l.distributor_id and t.id = l.lot_id
           left join stock_lots s on s.distributor_id = l.distributor_id and s.warehouse_id = k.warehouse_id
             and s.product_id = l.product_id and s.lot_id = l.lot_id
           left join users u on u.id = l.counted_by
           where l.distributor_id = $1 and l.count_id = $2
           order by p.display_order, p.code, t.expiry nulls last, t.received_at, t.id"#,
        distributor.uuid(),
        count.uuid(),
    )
    .fetch_all(c)
    .await
}
