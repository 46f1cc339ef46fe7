use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::{DistributorId, LotId, Money, ProductId, Quantity, StockTransferId, Unit, UserId, WarehouseId};
use platform::{Page, Scope};
use uuid::Uuid;

use crate::model::{StockTransfer, StockTransferLine, StockTransferLot, StockTransferView, TransferStatus};
use crate::stock::{IssueLine, MovedLot};

/// The code of the warehouse of goods in transit.
pub(crate) const TRANSIT_CODE: &str = "DANG-CHUYEN";

/// The distributor's warehouse of goods in transit, and whether it was made just now; none when a warehouse of another
/// kind has its code.
pub(crate) async fn find_or_insert_transit(
    c: &mut PgConnection,
    distributor: DistributorId,
    at: DateTime<Utc>,
) -> Result<(bool, Option<WarehouseId>), sqlx::Error> {
    let find = sqlx::query_scalar!(
        r#"select id as "id: WarehouseId" from warehouses where distributor_id = $1 and kind = 'transit'"#,
        distributor.uuid(),
    );
    if let Some(id) = find.fetch_optional(&mut *c).await? {
        return Ok((false, Some(id)));
    }
    let made = sqlx::query!(
        "insert into warehouses (distributor_id, id, code, name, kind, created_at)
         values ($1, $2, $3, 'Hàng đang chuyển', 'transit', $4) on conflict do nothing",
        distributor.uuid(),
        Uuid::now_v7(),
        TRANSIT_CODE,
        at,
    )
    .execute(&mut *c)
    .await?
    .rows_affected()
        == 1;
    let id = sqlx::query_scalar!(
        r#"select id as "id: WarehouseId" from warehouses where distributor_id = $1 and kind = 'transit'"#,
        distributor.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok((made, id))
}

/// A transfer that leaves.
#[derive(Debug)]
pub(crate) struct NewTransfer<'a> {
    pub distributor: DistributorId,
    pub id: StockTransferId,
    pub number: &'a str,
    pub from: WarehouseId,
    pub to: WarehouseId,
    pub two_step: bool,
    pub business_date: NaiveDate,
    pub note: &'a str,
    pub actor: UserId,
    pub at: DateTime<Utc>,
}

/// Adds the transfer with its lines: in transit, or received at once.
pub(crate) async fn insert_transfer(
    c: &mut PgConnection,
    new: &NewTransfer<'_>,
    lines: &[IssueLine],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into stock_transfers (distributor_id, id, number, from_warehouse_id, to_warehouse_id, status, two_step,
           business_date, note, created_by, created_at, closed_on, closed_by, closed_at)
         values ($1, $2, $3, $4, $5, case when $6 then 'InTransit' else 'Received' end, $6, $7, $8, $9, $10,
           case when $6 then null else $7::date end, case when $6 then null else $9::uuid end,
           case when $6 then null else $10::timestamptz end)",
        new.distributor.uuid(),
        new.id.uuid(),
        new.number,
        new.from.uuid(),
        new.to.uuid(),
        new.two_step,
        new.business_date,
        new.note,
        new.actor.uuid(),
        new.at,
    )
    .execute(&mut *c)
    .await?;
    let numbers: Vec<i32> = lines.iter().map(|l| l.line_no).collect();
    let products: Vec<Uuid> = lines.iter().map(|l| l.product_id.uuid()).collect();
    let units: Vec<String> = lines.iter().map(|l| l.unit.as_str().to_owned()).collect();
    let quantities: Vec<i64> = lines.iter().map(|l| l.typed_quantity).collect();
    let pieces: Vec<i64> = lines.iter().map(|l| l.pieces.pieces()).collect();
    sqlx::query!(
        "insert into stock_transfer_lines (distributor_id, transfer_id, line_no, product_id, unit, quantity, pieces)
         select $1, $2, * from unnest($3::int[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[])",
        new.distributor.uuid(),
        new.id.uuid(),
        &numbers,
        &products,
        &units,
        &quantities,
        &pieces,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Adds the lots the lines were filled from.
pub(crate) async fn insert_transfer_lots(
    c: &mut PgConnection,
    distributor: DistributorId,
    transfer: StockTransferId,
    moved: &[MovedLot],
    received: bool,
) -> Result<(), sqlx::Error> {
    let lines: Vec<i32> = moved.iter().map(|m| m.line_no).collect();
    let products: Vec<Uuid> = moved.iter().map(|m| m.product_id.uuid()).collect();
    let lots: Vec<Uuid> = moved.iter().map(|m| m.lot_id.uuid()).collect();
    let pieces: Vec<i64> = moved.iter().map(|m| m.pieces.pieces()).collect();
    let selling: Vec<i64> = moved.iter().map(|m| m.selling_value.dong()).collect();
    let cost: Vec<i64> = moved.iter().map(|m| m.cost_value.dong()).collect();
    sqlx::query!(
        "insert into stock_transfer_lots (distributor_id, transfer_id, line_no, product_id, lot_id, pieces, selling_value,
           cost_value, received)
         select $1, $2, line, product, lot, pieces, selling, cost, case when $3 then pieces end
         from unnest($4::int[], $5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[], $9::bigint[])
           as t (line, product, lot, pieces, selling, cost)",
        distributor.uuid(),
        transfer.uuid(),
        received,
        &lines,
        &products,
        &lots,
        &pieces,
        &selling,
        &cost,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What the next step needs of a transfer; its row stays locked until the transaction ends.
#[derive(Debug)]
pub(crate) struct LockedTransfer {
    pub distributor_id: DistributorId,
    pub id: StockTransferId,
    pub number: String,
    pub status: TransferStatus,
    pub from: WarehouseId,
    pub to: WarehouseId,
}

pub(crate) async fn lock_transfer(
    c: &mut PgConnection,
    id: StockTransferId,
) -> Result<Option<LockedTransfer>, sqlx::Error> {
    sqlx::query_as!(
        LockedTransfer,
        r#"select distributor_id as "distributor_id: DistributorId", id as "id: StockTransferId", number,
             status as "status: TransferStatus", from_warehouse_id as "from: WarehouseId",
             to_warehouse_id as "to: WarehouseId"
           from stock_transfers where id = $1 for update"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// A lot of a transfer, to be received or to come back.
#[derive(Debug)]
pub(crate) struct TransferLot {
    pub line_no: i32,
    pub product_id: ProductId,
    pub lot_id: LotId,
    pub pieces: Quantity,
    pub selling_value: Money,
    pub cost_value: Money,
    pub received: Option<Quantity>,
    pub reason: String,
    pub unit: Unit,
    /// Pieces of the unit.
    pub per_unit: i64,
}

pub(crate) async fn list_transfer_lots(
    c: &mut PgConnection,
    distributor: DistributorId,
    transfer: StockTransferId,
) -> Result<Vec<TransferLot>, sqlx::Error> {
    sqlx::query_as!(
        TransferLot,
        r#"select x.line_no, x.product_id as "product_id: ProductId", x.lot_id as "lot_id: LotId",
             x.pieces as "pieces: Quantity", x.selling_value as "selling_value: Money", x.cost_value as "cost_value: Money",
             x.received as "received: Quantity", x.reason, l.unit as "unit: Unit", l.pieces / l.quantity as "per_unit!"
           from stock_transfer_lots x
           join stock_transfer_lines l
             on l.distributor_id = x.distributor_id and l.transfer_id = x.transfer_id and l.line_no = x.line_no
           where x.distributor_id = $1 and x.transfer_id = $2 order by x.line_no, x.lot_id"#,
        distributor.uuid(),
        transfer.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Writes how much of each lot arrived.
pub(crate) async fn update_received(
    c: &mut PgConnection,
    distributor: DistributorId,
    transfer: StockTransferId,
    lots: &[TransferLot],
) -> Result<(), sqlx::Error> {
    let lines: Vec<i32> = lots.iter().map(|x| x.line_no).collect();
    let ids: Vec<Uuid> = lots.iter().map(|x| x.lot_id.uuid()).collect();
    let received: Vec<Option<i64>> = lots.iter().map(|x| x.received.map(Quantity::pieces)).collect();
    let reasons: Vec<String> = lots.iter().map(|x| x.reason.clone()).collect();
    sqlx::query!(
        "update stock_transfer_lots x set received = t.received, reason = t.reason
         from unnest($3::int[], $4::uuid[], $5::bigint[], $6::text[]) as t (line_no, lot_id, received, reason)
         where x.distributor_id = $1 and x.transfer_id = $2 and x.line_no = t.line_no and x.lot_id = t.lot_id",
        distributor.uuid(),
        transfer.uuid(),
        &lines,
        &ids,
        &received as &[Option<i64>],
        &reasons,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Marks the transfer received or cancelled.
pub(crate) async fn close_transfer(
    c: &mut PgConnection,
    transfer: &LockedTransfer,
    status: TransferStatus,
    by: UserId,
    day: NaiveDate,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update stock_transfers set status = $3, closed_on = $4, closed_by = $5, closed_at = $6, version = version + 1
         where distributor_id = $1 and id = $2",
        transfer.distributor_id.uuid(),
        transfer.id.uuid(),
        status as TransferStatus,
        day,
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Which transfers to list; what is not set doesn't limit.
#[derive(Debug, Default)]
pub(crate) struct TransferFilter {
    /// From or to this warehouse.
    pub warehouse: Option<WarehouseId>,
    pub status: Option<TransferStatus>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// The transfers, newest first; searched by number. Reps see those to and from their vans.
pub(crate) async fn list_transfers(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &TransferFilter,
    page: &Page,
) -> Result<(Vec<StockTransfer>, i64), sqlx::Error> {
    let hits = sqlx::query!(
        r#"with hits as (
             select x.id, x.business_date from stock_transfers x
             where ($1::uuid is null or exists (
                 select from warehouses w where w.distributor_id = x.distributor_id
                   and w.id in (x.from_warehouse_id, x.to_warehouse_id) and w.rep_id = $1))
               and ($2::uuid is null or $2 in (x.from_warehouse_id, x.to_warehouse_id))
               and ($3::text is null or x.status = $3)
               and ($4::date is null or x.business_date >= $4)
               and ($5::date is null or x.business_date <= $5)
               and ($6::text is null or lower(x.number) like $6)
           )
           select (select count(*) from hits) as "total!",
             array(select id from hits order by business_date desc, id desc limit $7 offset $8) as "ids!""#,
        scope.user(),
        filter.warehouse.map(|x| x.uuid()),
        filter.status as Option<TransferStatus>,
        filter.from,
        filter.to,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((load_transfers(c, None, &hits.ids).await?, hits.total))
}

async fn load_transfers(
    c: &mut PgConnection,
    rep: Option<Uuid>,
    ids: &[Uuid],
) -> Result<Vec<StockTransfer>, sqlx::Error> {
    sqlx::query_as!(
        StockTransfer,
        r#"select x.id as "transfer_id: StockTransferId", x.distributor_id as "distributor_id: DistributorId", x.number,
             x.status as "status: TransferStatus", x.two_step, x.from_warehouse_id as "from_warehouse_id: WarehouseId",
             f.code as from_warehouse_code, f.name as from_warehouse_name,
             x.to_warehouse_id as "to_warehouse_id: WarehouseId", t.code as to_warehouse_code, t.name as to_warehouse_name,
             x.business_date, x.note,
             (select count(*) from stock_transfer_lines l
              where l.distributor_id = x.distributor_id and l.transfer_id = x.id) as "line_count!",
             coalesce(u.full_name, '') as "created_by_name!", x.created_at, x.closed_on,
             k.full_name as "closed_by_name?", x.closed_at, x.version
           from stock_transfers x
           join warehouses f on f.distributor_id = x.distributor_id and f.id = x.from_warehouse_id
           join warehouses t on t.distributor_id = x.distributor_id and t.id = x.to_warehouse_id
           left join users u on u.id = x.created_by
           left join users k on k.id = x.closed_by
           where x.id = any ($1) and ($2::uuid is null or $2 in (f.rep_id, t.rep_id))
           order by x.business_date desc, x.id desc"#,
        ids,
        rep,
    )
    .fetch_all(c)
    .await
}

/// The transfer with its lines, if one may see it.
pub(crate) async fn find_transfer(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: StockTransferId,
) -> Result<Option<StockTransferView>, sqlx::Error> {
    let Some(head) = load_transfers(c, scope.user(), &[id.uuid()]).await?.pop() else { return Ok(None) };
    let lines = list_transfer_lines(c, head.distributor_id, id).await?;
    Ok(Some(StockTransferView { head, lines }))
}

/// The transfer that was just written.
pub(crate) async fn get_transfer(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: StockTransferId,
) -> Result<StockTransferView, sqlx::Error> {
    let head = load_transfers(c, None, &[id.uuid()]).await?.pop().ok_or(sqlx::Error::RowNotFound)?;
    let lines = list_transfer_lines(c, distributor, id).await?;
    Ok(StockTransferView { head, lines })
}

async fn list_transfer_lines(
    c: &mut PgConnection,
    distributor: DistributorId,
    transfer: StockTransferId,
) -> Result<Vec<StockTransferLine>, sqlx::Error> {
    let lots = sqlx::query!(
        r#"select x.line_no, x.lot_id as "lot_id: LotId", l.lot_number, l.expiry, x.pieces as "pieces: Quantity",
             x.received as "received: Quantity", x.reason
           from stock_transfer_lots x join lots l on l.distributor_id = x.distributor_id and l.id = x.lot_id
           where x.distributor_id = $1 and x.transfer_id = $2
           order by x.line_no, l.expiry nulls last, l.received_at, l.id"#,
        distributor.uuid(),
        transfer.uuid(),
    )
    .fetch_all(&mut *c)
    .await?;
    let rows = sqlx::query!(
        r#"select l.line_no, l.product_id as "product_id: ProductId", p.code, p.name, l.quantity, l.unit as "unit: Unit",
             case l.unit when 'whole' then p.unit_name else p.sub_unit_name end as "unit_name!",
             l.pieces as "pieces: Quantity"
           from stock_transfer_lines l join products p on p.id = l.product_id
           where l.distributor_id = $1 and l.transfer_id = $2 order by l.line_no"#,
        distributor.uuid(),
        transfer.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| StockTransferLine {
            line_no: r.line_no,
            product_id: r.product_id,
            product_code: r.code,
            product_name: r.name,
            quantity: r.quantity,
            unit: r.unit,
            unit_name: r.unit_name,
            pieces: r.pieces,
            lots: lots
                .iter()
                .filter(|lot| lot.line_no == r.line_no)
                .map(|lot| StockTransferLot {
                    lot_id: lot.lot_id,
                    lot_number: lot.lot_number.clone(),
                    expiry: lot.expiry,
                    pieces: lot.pieces,
                    received: lot.received,
                    reason: lot.reason.clone(),
                })
                .collect(),
        })
        .collect())
}
