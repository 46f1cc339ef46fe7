use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::pricing::Explanation;
use domain::{
    CustomerId, DistributorId, InvoiceId, LotId, Money, OrderId, OrgUnitId, ProductId, PromotionId, Quantity,
    SalesReturnId, Unit, UserId, WarehouseId,
};
use platform::{Page, Scope};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::{Condition, ReturnStatus, SalesReturn, SalesReturnItem, SalesReturnLot};
use crate::service::Amounts;

/// A line of an invoice and what of it came back, or is asked to.
#[derive(Debug, Clone)]
pub struct Returnable {
    pub line_no: i32,
    pub order_id: OrderId,
    pub product_id: ProductId,
    pub unit: Unit,
    pub pieces: Quantity,
    pub unit_price: Money,
    pub amounts: Amounts,
    pub vat_percent: i16,
    pub is_free: bool,
    pub promotion_id: Option<PromotionId>,
    pub issued: Quantity,
    pub returned: Quantity,
    pub returned_amounts: Amounts,
    /// Free goods that stay with the customer, who pays them.
    pub charged: Quantity,
}

/// The lines of an invoice; its row must be locked.
pub async fn list_returnable(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
) -> Result<Vec<Returnable>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select l.line_no, l.order_id as "order_id: OrderId", l.product_id as "product_id: ProductId",
             l.unit as "unit: Unit", l.quantity, l.pieces as "pieces: Quantity", l.unit_price as "unit_price: Money",
             l.gross as "gross: Money", l.product_discount as "product_discount: Money",
             l.order_discount as "order_discount: Money", l.vat as "vat: Money", l.vat_percent, l.is_free,
             l.promotion_id as "promotion_id: PromotionId",
             coalesce((select sum(g.pieces)::bigint from goods_issue_lines g where g.distributor_id = l.distributor_id
               and g.invoice_id = l.invoice_id and g.invoice_line_no = l.line_no), 0) as "issued!: Quantity",
             x.pieces as "returned!: Quantity", x.charged as "charged!: Quantity", x.gross as "returned_gross!: Money",
             x.product_discount as "returned_product_discount!: Money",
             x.order_discount as "returned_order_discount!: Money", x.vat as "returned_vat!: Money"
           from invoice_lines l
           cross join lateral (
             select coalesce(sum(x.pieces) filter (where not x.is_charge), 0)::bigint as pieces,
               coalesce(sum(x.pieces) filter (where x.is_charge), 0)::bigint as charged,
               coalesce(sum(x.gross) filter (where not x.is_charge), 0)::bigint as gross,
               coalesce(sum(x.product_discount) filter (where not x.is_charge), 0)::bigint as product_discount,
               coalesce(sum(x.order_discount) filter (where not x.is_charge), 0)::bigint as order_discount,
               coalesce(sum(x.vat) filter (where not x.is_charge), 0)::bigint as vat
             from sales_return_lines x
             join sales_returns r on r.distributor_id = x.distributor_id and r.id = x.return_id
             where x.distributor_id = l.distributor_id and x.invoice_id = l.invoice_id and x.invoice_line_no = l.line_no
               and r.status in ('Pending', 'Approved', 'Received')
           ) x
           where l.distributor_id = $1 and l.invoice_id = $2 order by l.line_no"#,
        distributor.uuid(),
        invoice.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Returnable {
            line_no: r.line_no,
            order_id: r.order_id,
            product_id: r.product_id,
            unit: r.unit,
            pieces: r.pieces,
            unit_price: r.unit_price,
            amounts: Amounts {
                quantity: r.quantity,
                gross: r.gross,
                product_discount: r.product_discount,
                order_discount: r.order_discount,
                vat: r.vat,
            },
            vat_percent: r.vat_percent,
            is_free: r.is_free,
            promotion_id: r.promotion_id,
            issued: r.issued,
            returned: r.returned,
            returned_amounts: Amounts {
                // The unit of a return is its own; only money is compared.
                quantity: 0,
                gross: r.returned_gross,
                product_discount: r.returned_product_discount,
                order_discount: r.returned_order_discount,
                vat: r.returned_vat,
            },
            charged: r.charged,
        })
        .collect())
}

/// Which promotions gave what, per order of the invoice.
pub async fn list_explanations(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
) -> Result<BTreeMap<OrderId, Vec<Explanation>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select o.id as "id: OrderId", o.explanation as "explanation: Json<Vec<Explanation>>" from orders o
           where o.distributor_id = $1 and o.id in (
             select l.order_id from invoice_lines l where l.distributor_id = $1 and l.invoice_id = $2)"#,
        distributor.uuid(),
        invoice.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| (r.id, r.explanation.0)).collect())
}

/// VAT of the products in percent.
pub async fn list_vat(
    c: &mut PgConnection,
    products: &[ProductId],
) -> Result<BTreeMap<ProductId, i16>, sqlx::Error> {
    let products: Vec<Uuid> = products.iter().map(|p| p.uuid()).collect();
    let rows = sqlx::query!(
        r#"select id as "id: ProductId", vat_percent from products where id = any ($1)"#,
        &products
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| (r.id, r.vat_percent)).collect())
}

/// A lot as goods name it.
#[derive(Debug, Clone)]
pub struct NamedLot {
    pub product_id: ProductId,
    pub lot_number: String,
    pub expiry: Option<NaiveDate>,
}

pub async fn list_lots(
    c: &mut PgConnection,
    distributor: DistributorId,
    lots: &[LotId],
) -> Result<BTreeMap<LotId, NamedLot>, sqlx::Error> {
    let lots: Vec<Uuid> = lots.iter().map(|l| l.uuid()).collect();
    let rows = sqlx::query!(
        r#"select id as "id: LotId", product_id as "product_id: ProductId", lot_number, expiry from lots
           where distributor_id = $1 and id = any ($2)"#,
        distributor.uuid(),
        &lots,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| (r.id, NamedLot { product_id: r.product_id, lot_number: r.lot_number, expiry: r.expiry }))
        .collect())
}

/// The products' lots without number and date.
pub async fn list_unknown_lots(
    c: &mut PgConnection,
    distributor: DistributorId,
    products: &[ProductId],
) -> Result<BTreeMap<ProductId, LotId>, sqlx::Error> {
    let products: Vec<Uuid> = products.iter().map(|p| p.uuid()).collect();
    let rows = sqlx::query!(
        r#"select id as "id: LotId", product_id as "product_id: ProductId" from lots
           where distributor_id = $1 and product_id = any ($2) and lot_number = '' and expiry is null"#,
        distributor.uuid(),
        &products,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| (r.product_id, r.id)).collect())
}

/// The lots in which the lines of an invoice were delivered, in the order they left, less what came back.
pub async fn list_delivered_lots(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
) -> Result<Vec<(i32, LotId, Quantity)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select g.invoice_line_no as line_no, g.lot_id as "lot_id: LotId",
             greatest(sum(g.pieces) - coalesce((select sum(x.pieces) from sales_return_lots x
               join sales_return_lines l on l.distributor_id = x.distributor_id and l.return_id = x.return_id
                 and l.line_no = x.line_no
               where x.distributor_id = $1 and l.invoice_id = $2 and l.invoice_line_no = g.invoice_line_no
                 and x.lot_id = g.lot_id), 0), 0)::bigint as "pieces!: Quantity"
           from goods_issue_lines g
           join goods_issues i on i.distributor_id = g.distributor_id and i.id = g.issue_id
           where g.distributor_id = $1 and g.invoice_id = $2
           group by g.invoice_line_no, g.lot_id order by g.invoice_line_no, min(i.created_at), min(g.line_no)"#,
        distributor.uuid(),
        invoice.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| (r.line_no, r.lot_id, r.pieces)).collect())
}

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
    let conditions: Vec<Condition> = lines.iter().map(|l| l.condition).collect();
    let conditions: Vec<String> = conditions
        .iter()
        .map(|c| {
            match c {
                Condition::Saleable => "saleable",
                Condition::Damaged => "damaged",
                Condition::Expired => "expired",
            }
            .to_owned()
        })
        .collect();
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
         select $1, $2, $3, n, line, product, unit, quantity, pieces, price, g, p, o, rate, v, g - p - o + v, free, promotion,
           charge, condition, lot
         from unnest($4::int[], $5::int[], $6::uuid[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
                     $12::bigint[], $13::bigint[], $14::smallint[], $15::bigint[], $16::bool[], $17::uuid[], $18::bool[],
                     $19::text[], $20::uuid[])
           as t (n, line, product, unit, quantity, pieces, price, g, p, o, rate, v, free, promotion, charge, condition, lot)",
        new.distributor_id.uuid(),
        new.id.uuid(),
        new.invoice_id.map(|i| i.uuid()),
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

/// Head and sums of a return.
pub struct ReturnRow {
    pub unit_id: Option<OrgUnitId>,
    pub head: SalesReturn,
    pub gross: Money,
    pub discount: Money,
    pub vat: Money,
}

pub async fn find_return(c: &mut PgConnection, id: SalesReturnId) -> Result<Option<ReturnRow>, sqlx::Error> {
    Ok(load_returns(c, &[id.uuid()]).await?.pop())
}

async fn load_returns(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<ReturnRow>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select r.id as "id: SalesReturnId", r.distributor_id as "distributor_id: DistributorId", r.number,
             r.status as "status: ReturnStatus", r.customer_id as "customer_id: CustomerId", cu.code, cu.name,
             r.invoice_id as "invoice_id: InvoiceId", i.number as "invoice_number?", r.rep_id as "rep_id: UserId",
             coalesce(u.full_name, '') as "rep_name!", r.unit_id as "unit_id: OrgUnitId", r.business_date, r.received_on,
             r.gross as "gross: Money", r.product_discount + r.order_discount as "discount!: Money", r.vat as "vat: Money",
             r.total as "total: Money", r.reason, r.decision, r.created_at, r.version
           from sales_returns r
           join customers cu on cu.distributor_id = r.distributor_id and cu.id = r.customer_id
           left join invoices i on i.distributor_id = r.distributor_id and i.id = r.invoice_id
           left join users u on u.id = r.rep_id
           where r.id = any ($1) order by r.created_at desc, r.id desc"#,
        ids,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| ReturnRow {
            unit_id: r.unit_id,
            gross: r.gross,
            discount: r.discount,
            vat: r.vat,
            head: SalesReturn {
                return_id: r.id,
                distributor_id: r.distributor_id,
                return_number: r.number,
                status: r.status,
                customer_id: r.customer_id,
                customer_code: r.code,
                customer_name: r.name,
                invoice_id: r.invoice_id,
                invoice_number: r.invoice_number,
                rep_id: r.rep_id,
                rep_name: r.rep_name,
                business_date: r.business_date,
                received_on: r.received_on,
                total_amount: r.total,
                reason: r.reason,
                decision: r.decision,
                created_at: r.created_at,
                version: r.version,
            },
        })
        .collect())
}

/// Which returns to list; what is not set doesn't limit.
#[derive(Debug, Default)]
pub struct ReturnFilter {
    pub status: Option<ReturnStatus>,
    pub customer: Option<CustomerId>,
    pub invoice: Option<InvoiceId>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// The returns, latest first; searched by number and customer.
pub async fn list_returns(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &ReturnFilter,
    page: &Page,
) -> Result<(Vec<SalesReturn>, i64), sqlx::Error> {
    let units = scope.units();
    let hits = sqlx::query!(
        r#"with hits as (
             select r.id, r.created_at from sales_returns r
             join customers cu on cu.distributor_id = r.distributor_id and cu.id = r.customer_id
             where ($1::uuid is null or r.rep_id = $1)
               and ($2::uuid[] is null or r.unit_id = any ($2))
               and ($3::text is null or r.status = $3)
               and ($4::uuid is null or r.customer_id = $4)
               and ($5::uuid is null or r.invoice_id = $5)
               and ($6::date is null or r.business_date >= $6)
               and ($7::date is null or r.business_date <= $7)
               and ($8::text is null or lower(r.number) like $8 or cu.search_key like $8)
           )
           select (select count(*) from hits) as "total!",
             array(select id from hits order by created_at desc, id desc limit $9 offset $10) as "ids!""#,
        scope.user(),
        units.as_deref() as Option<&[Uuid]>,
        filter.status as Option<ReturnStatus>,
        filter.customer.map(|x| x.uuid()),
        filter.invoice.map(|x| x.uuid()),
        filter.from,
        filter.to,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    let rows = load_returns(c, &hits.ids).await?;
    Ok((rows.into_iter().map(|row| row.head).collect(), hits.total))
}

pub async fn list_return_items(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: SalesReturnId,
) -> Result<Vec<SalesReturnItem>, sqlx::Error> {
    let lots = sqlx::query!(
        r#"select x.line_no, x.lot_id as "lot_id: LotId", l.lot_number, l.expiry,
             x.warehouse_id as "warehouse_id: WarehouseId", w.code, x.pieces
           from sales_return_lots x
           join lots l on l.distributor_id = x.distributor_id and l.id = x.lot_id
           join warehouses w on w.distributor_id = x.distributor_id and w.id = x.warehouse_id
           where x.distributor_id = $1 and x.return_id = $2 order by x.line_no, l.expiry nulls last, l.id"#,
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_all(&mut *c)
    .await?;
    let rows = sqlx::query!(
        r#"select l.line_no, l.invoice_line_no, l.product_id as "product_id: ProductId", p.code, p.name, l.quantity,
             l.unit as "unit: Unit", case l.unit when 'whole' then p.unit_name else p.sub_unit_name end as "unit_name!",
             l.pieces, l.unit_price as "unit_price: Money", l.gross as "gross: Money",
             l.product_discount + l.order_discount as "discount!: Money", l.vat_percent, l.vat as "vat: Money",
             l.total as "total: Money", l.is_free, l.promotion_id as "promotion_id: PromotionId", l.is_charge,
             l.condition as "condition: Condition", l.lot_id as "lot_id: LotId"
           from sales_return_lines l join products p on p.id = l.product_id
           where l.distributor_id = $1 and l.return_id = $2 order by l.line_no"#,
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| SalesReturnItem {
            line_no: r.line_no,
            invoice_line_no: r.invoice_line_no,
            product_id: r.product_id,
            product_code: r.code,
            product_name: r.name,
            quantity: r.quantity,
            unit: r.unit,
            unit_name: r.unit_name,
            pieces: r.pieces,
            unit_price: r.unit_price,
            gross: r.gross,
            discount_amount: r.discount,
            vat: r.vat_percent,
            tax_amount: r.vat,
            line_total: r.total,
            is_free: r.is_free,
            promotion_id: r.promotion_id,
            is_charge: r.is_charge,
            condition: r.condition,
            lot_id: r.lot_id,
            lots: lots
                .iter()
                .filter(|lot| lot.line_no == r.line_no)
                .map(|lot| SalesReturnLot {
                    lot_id: lot.lot_id,
                    lot_number: lot.lot_number.clone(),
                    expiry: lot.expiry,
                    warehouse_id: lot.warehouse_id,
                    warehouse_code: lot.code.clone(),
                    pieces: lot.pieces,
                })
                .collect(),
        })
        .collect())
}
