//! Writing a return and its steps.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    CustomerId, DistributorId, InvoiceId, LotId, Money, OrgUnitId, ProductId, PromotionId, Quantity,
    SalesReturnId, Unit, UserId, WarehouseId,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{Condition, ReturnStatus};
use crate::service::Amounts;

/// A return to write.
#[derive(Debug)]
pub struct NewReturn {
    pub distributor_id: DistributorId,
    pub id: SalesReturnId,
    pub number: String,
    pub customer_id: CustomerId,
    pub invoice_id: Option<InvoiceId>,
    pub rep_id: UserId,
    pub unit_id: Option<OrgUnitId>,
    pub lines: Vec<NewReturnLine>,
}

/// A line of it; `amounts.quantity` is of its own unit.
#[derive(Debug)]
pub struct NewReturnLine {
    /// That of the return, or where another part of a split order was invoiced.
    pub invoice_id: Option<InvoiceId>,
    pub invoice_line_no: Option<i32>,
    pub product_id: ProductId,
    pub unit: Unit,
    pub pieces: Quantity,
    pub unit_price: Money,
    pub amounts: Amounts,
    pub vat_percent: i16,
    pub is_free: bool,
    pub promotion_id: Option<PromotionId>,
    pub is_charge: bool,
    pub condition: Condition,
    pub lot: Option<LotId>,
}

/// Adds a pending return with its lines and their sums.
pub async fn insert_return(
    c: &mut PgConnection,
    new: &NewReturn,
    reason: &str,
    actor: UserId,
    day: NaiveDate,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let lines = &new.lines;
    let numbers: Vec<i32> = (1..).take(lines.len()).collect();
    let invoices: Vec<Option<Uuid>> = lines.iter().map(|l| l.invoice_id.map(|i| i.uuid())).collect();
    let invoice_lines: Vec<Option<i32>> = lines.iter().map(|l| l.invoice_line_no).collect();
    let products: Vec<Uuid> = lines.iter().map(|l| l.product_id.uuid()).collect();
    let units: Vec<String> = lines.iter().map(|l| l.unit.as_str().to_owned()).collect();
    let quantities: Vec<i64> = lines.iter().map(|l| l.amounts.quantity).collect();
    let pieces: Vec<i64> = lines.iter().map(|l| l.pieces.pieces()).collect();
    let prices: Vec<i64> = lines.iter().map(|l| l.unit_price.dong()).collect();
    let gross: Vec<i64> = lines.iter().map(|l| l.amounts.gross.dong()).collect();
    let product_discounts: Vec<i64> = lines.iter().map(|l| l.amounts.product_discount.dong()).collect();
    let order_discounts: Vec<i64> = lines.iter().map(|l| l.amounts.order_discount.dong()).collect();
    let rates: Vec<i16> = lines.iter().map(|l| l.vat_percent).collect();
    let vat: Vec<i64> = lines.iter().map(|l| l.amounts.vat.dong()).collect();
    let free: Vec<bool> = lines.iter().map(|l| l.is_free).collect();
    let promotions: Vec<Option<Uuid>> = lines.iter().map(|l| l.promotion_id.map(|p| p.uuid())).collect();
    let charges: Vec<bool> = lines.iter().map(|l| l.is_charge).collect();
    let conditions: Vec<String> = lines.iter().map(|l| l.condition.as_str().to_owned()).collect();
    let lots: Vec<Option<Uuid>> = lines.iter().map(|l| l.lot.map(|l| l.uuid())).collect();
    sqlx::query!(
        "insert into sales_returns (distributor_id, id, number, status, customer_id, invoice_id, rep_id, unit_id,
           business_date, reason, gross, product_discount, order_discount, vat, total, created_by, created_at)
         select $1, $2, $3, 'Pending', $4, $5, $6, $7, $8, $9, sum(g), sum(p), sum(o), sum(v), sum(g - p - o + v), $10, $11
         from unnest($12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[]) as t (g, p, o, v)",
        new.distributor_id.uuid(),
        new.id.uuid(),
        new.number,
        new.customer_id.uuid(),
        new.invoice_id.map(|i| i.uuid()),
        new.rep_id.uuid(),
        new.unit_id.map(|u| u.uuid()),
        day,
        reason,
        actor.uuid(),
        at,
        &gross,
        &product_discounts,
        &order_discounts,
        &vat,
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "insert into sales_return_lines (distributor_id, return_id, invoice_id, line_no, invoice_line_no, product_id, unit,
           quantity, pieces, unit_price, gross, product_discount, order_discount, vat_percent, vat, total, is_free,
           promotion_id, is_charge, condition, lot_id)
         select $1, $2, invoice, n, line, product, unit, quantity, pieces, price, g, p, o, rate, v, g - p - o + v, free, promotion,
           charge, condition, lot
         from unnest($3::uuid[], $4::int[], $5::int[], $6::uuid[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
                     $12::bigint[], $13::bigint[], $14::smallint[], $15::bigint[], $16::bool[], $17::uuid[], $18::bool[],
                     $19::text[], $20::uuid[])
           as t (invoice, n, line, product, unit, quantity, pieces, price, g, p, o, rate, v, free, promotion, charge, condition, lot)",
        new.distributor_id.uuid(),
        new.id.uuid(),
        &invoices as &[Option<Uuid>],
        &numbers,
        &invoice_lines as &[Option<i32>],
        &products,
        &units,
        &quantities,
        &pieces,
        &prices,
        &gross,
        &product_discounts,
        &order_discounts,
        &rates,
        &vat,
        &free,
        &promotions as &[Option<Uuid>],
        &charges,
        &conditions,
        &lots as &[Option<Uuid>],
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What the next step needs of a return; its row stays locked until the transaction ends.
pub struct LockedReturn {
    pub distributor_id: DistributorId,
    pub id: SalesReturnId,
    pub number: String,
    pub status: ReturnStatus,
    pub customer_id: CustomerId,
    pub invoice_id: Option<InvoiceId>,
    pub rep_id: UserId,
    pub unit_id: Option<OrgUnitId>,
    pub created_by: UserId,
    pub total: Money,
}

pub async fn lock_return(
    c: &mut PgConnection,
    id: SalesReturnId,
) -> Result<Option<LockedReturn>, sqlx::Error> {
    sqlx::query_as!(
        LockedReturn,
        r#"select distributor_id as "distributor_id: DistributorId", id as "id: SalesReturnId", number,
             status as "status: ReturnStatus", customer_id as "customer_id: CustomerId",
             invoice_id as "invoice_id: InvoiceId", rep_id as "rep_id: UserId", unit_id as "unit_id: OrgUnitId",
             created_by as "created_by: UserId", total as "total: Money"
           from sales_returns where id = $1 for update"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await
}

pub async fn decide_return(
    c: &mut PgConnection,
    ret: &LockedReturn,
    to: ReturnStatus,
    said: &str,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update sales_returns set status = $3, decision = $4, decided_by = $5, decided_at = $6, version = version + 1
         where distributor_id = $1 and id = $2",
        ret.distributor_id.uuid(),
        ret.id.uuid(),
        to as ReturnStatus,
        said,
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

pub async fn receive_return(
    c: &mut PgConnection,
    ret: &LockedReturn,
    by: UserId,
    day: NaiveDate,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update sales_returns set status = 'Received', received_on = $3, received_by = $4, received_at = $5,
           version = version + 1
         where distributor_id = $1 and id = $2",
        ret.distributor_id.uuid(),
        ret.id.uuid(),
        day,
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A line as receiving needs it.
#[derive(Debug)]
pub struct ReturnLine {
    pub line_no: i32,
    pub invoice_line_no: Option<i32>,
    pub product_id: ProductId,
    pub unit: Unit,
    pub pieces: Quantity,
    pub amounts: Amounts,
    pub is_charge: bool,
    pub condition: Condition,
    pub lot_id: Option<LotId>,
}

pub async fn list_return_lines(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: SalesReturnId,
) -> Result<Vec<ReturnLine>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select line_no, invoice_line_no, product_id as "product_id: ProductId", unit as "unit: Unit", quantity,
             pieces as "pieces: Quantity", gross as "gross: Money", product_discount as "product_discount: Money",
             order_discount as "order_discount: Money", vat as "vat: Money", is_charge,
             condition as "condition: Condition", lot_id as "lot_id: LotId"
           from sales_return_lines where distributor_id = $1 and return_id = $2 order by line_no"#,
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| ReturnLine {
            line_no: r.line_no,
            invoice_line_no: r.invoice_line_no,
            product_id: r.product_id,
            unit: r.unit,
            pieces: r.pieces,
            amounts: Amounts {
                quantity: r.quantity,
                gross: r.gross,
                product_discount: r.product_discount,
                order_discount: r.order_discount,
                vat: r.vat,
            },
            is_charge: r.is_charge,
            condition: r.condition,
            lot_id: r.lot_id,
        })
        .collect())
}

/// Whether goods may come in there: a warehouse of the distributor that is in use and not for goods in transit.
pub async fn may_receive(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from warehouses where distributor_id = $1 and id = $2 and status = 'active'
             and kind <> 'transit') as "may!""#,
        distributor.uuid(),
        warehouse.uuid(),
    )
    .fetch_one(c)
    .await
}

/// The distributor's warehouse for goods that can't be sold: the open one of kind `return` with the lowest code.
pub async fn find_return_warehouse(
    c: &mut PgConnection,
    distributor: DistributorId,
) -> Result<Option<WarehouseId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: WarehouseId" from warehouses
           where distributor_id = $1 and kind = 'return' and status = 'active' order by code limit 1"#,
        distributor.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// What came in of a lot.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedLot {
    pub line_no: i32,
    pub lot_id: LotId,
    pub warehouse_id: WarehouseId,
    pub pieces: Quantity,
}

pub async fn insert_return_lots(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: SalesReturnId,
    lots: &[ReceivedLot],
) -> Result<(), sqlx::Error> {
    let lines: Vec<i32> = lots.iter().map(|l| l.line_no).collect();
    let ids: Vec<Uuid> = lots.iter().map(|l| l.lot_id.uuid()).collect();
    let warehouses: Vec<Uuid> = lots.iter().map(|l| l.warehouse_id.uuid()).collect();
    let pieces: Vec<i64> = lots.iter().map(|l| l.pieces.pieces()).collect();
    sqlx::query!(
        "insert into sales_return_lots (distributor_id, return_id, line_no, lot_id, warehouse_id, pieces)
         select $1, $2, * from unnest($3::int[], $4::uuid[], $5::uuid[], $6::bigint[])",
        distributor.uuid(),
        id.uuid(),
        &lines,
        &ids,
        &warehouses,
        &pieces,
    )
    .execute(c)
    .await?;
    Ok(())
}
