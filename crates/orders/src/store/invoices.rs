use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    CustomerId, DistributorId, GoodsIssueId, InvoiceId, LotId, Money, OrderId, OrgUnitId, ProductId,
    PromotionId, Quantity, Unit, UserId, WarehouseId,
};
use inventory::stock::PickedLot;
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{InvoiceHead, InvoiceLineProgress, InvoiceStatus, IssuePick, IssueView, OrderItem};
use crate::service::Amounts;
use crate::store::LockedOrder;

impl InvoiceStatus {
    /// The spelling in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            InvoiceStatus::Open => "Open",
            InvoiceStatus::PartlyIssued => "PartlyIssued",
            InvoiceStatus::Issued => "Issued",
            InvoiceStatus::Closed => "Closed",
            InvoiceStatus::Cancelled => "Cancelled",
        }
    }
}

impl sqlx::Type<sqlx::Postgres> for InvoiceStatus {
    fn type_info() -> sqlx::postgres::PgTypeInfo {
        <str as sqlx::Type<sqlx::Postgres>>::type_info()
    }

    fn compatible(ty: &sqlx::postgres::PgTypeInfo) -> bool {
        <str as sqlx::Type<sqlx::Postgres>>::compatible(ty)
    }
}

impl<'r> sqlx::Decode<'r, sqlx::Postgres> for InvoiceStatus {
    fn decode(value: sqlx::postgres::PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        match <&str as sqlx::Decode<'r, sqlx::Postgres>>::decode(value)? {
            "Open" => Ok(InvoiceStatus::Open),
            "PartlyIssued" => Ok(InvoiceStatus::PartlyIssued),
            "Issued" => Ok(InvoiceStatus::Issued),
            "Closed" => Ok(InvoiceStatus::Closed),
            "Cancelled" => Ok(InvoiceStatus::Cancelled),
            other => Err(format!("unknown invoice status {other:?}").into()),
        }
    }
}

/// An invoice over whole orders.
pub struct NewInvoice<'a> {
    pub id: InvoiceId,
    pub number: &'a str,
    pub orders: &'a [LockedOrder],
    pub business_date: NaiveDate,
    pub actor: UserId,
    pub at: DateTime<Utc>,
}

/// Inserts the invoice with the lines and the sums of its orders, which are of one customer and warehouse.
pub async fn insert_invoice(c: &mut PgConnection, invoice: &NewInvoice<'_>) -> Result<(), sqlx::Error> {
    let Some(first) = invoice.orders.first() else { return Ok(()) };
    let order_ids: Vec<Uuid> = invoice.orders.iter().map(|o| o.id.uuid()).collect();
    sqlx::query!(
        "with head as (
           insert into invoices (distributor_id, id, number, customer_id, rep_id, unit_id, warehouse_id, status,
             business_date, gross, product_discount, order_discount, vat, total, created_by, created_at)
           select $1, $2, $3, $4, $5, $6, $7, 'Open', $8, sum(gross), sum(product_discount), sum(order_discount),
             sum(vat), sum(total), $9, $10
           from orders where distributor_id = $1 and id = any ($11)
         )
         insert into invoice_lines (distributor_id, invoice_id, line_no, order_id, order_line_no, product_id, unit,
           quantity, pieces, unit_price, gross, product_discount, order_discount, vat_percent, vat, total, is_free,
           promotion_id)
         select $1, $2, row_number() over (order by o.number, l.line_no), l.order_id, l.line_no, l.product_id, l.unit,
           l.quantity, l.pieces, l.unit_price, l.gross, l.product_discount, l.order_discount, l.vat_percent, l.vat,
           l.total, l.is_free, l.promotion_id
         from order_lines l join orders o on o.distributor_id = l.distributor_id and o.id = l.order_id
         where l.distributor_id = $1 and l.order_id = any ($11)",
        first.distributor_id.uuid(),
        invoice.id.uuid(),
        invoice.number,
        first.customer_id.uuid(),
        first.rep_id.uuid(),
        first.unit_id.map(|u| u.uuid()),
        first.warehouse_id.uuid(),
        invoice.business_date,
        invoice.actor.uuid(),
        invoice.at,
        &order_ids,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What an issue needs of an invoice; its row stays locked until the transaction ends.
pub struct LockedInvoice {
    pub distributor_id: DistributorId,
    pub number: String,
    pub status: InvoiceStatus,
    pub customer_id: CustomerId,
    pub rep_id: UserId,
    pub unit_id: Option<OrgUnitId>,
    pub warehouse_id: WarehouseId,
}

pub async fn lock_invoice(c: &mut PgConnection, id: InvoiceId) -> Result<Option<LockedInvoice>, sqlx::Error> {
    sqlx::query_as!(
        LockedInvoice,
        r#"select distributor_id as "distributor_id: DistributorId", number, status as "status: InvoiceStatus",
             customer_id as "customer_id: CustomerId", rep_id as "rep_id: UserId", unit_id as "unit_id: OrgUnitId",
             warehouse_id as "warehouse_id: WarehouseId"
           from invoices where id = $1 for update"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// A line whose goods are to leave, or left already.
#[derive(Debug, Clone)]
pub struct LineToIssue {
    pub line_no: i32,
    pub order_id: OrderId,
    pub order_line_no: i32,
    pub product_id: ProductId,
    pub unit: Unit,
    pub pieces: Quantity,
    pub amounts: Amounts,
    /// The promotion that gives it for nothing.
    pub gift_of: Option<PromotionId>,
    /// What is still reserved for it.
    pub reserved: Quantity,
    /// What has left.
    pub issued: Quantity,
}

/// Its row.
struct LineToIssueRow {
    line_no: i32,
    order_id: OrderId,
    order_line_no: i32,
    product_id: ProductId,
    unit: Unit,
    quantity: i64,
    pieces: Quantity,
    gross: Money,
    product_discount: Money,
    order_discount: Money,
    vat: Money,
    gift_of: Option<PromotionId>,
    reserved: Quantity,
    issued: Quantity,
}

impl From<LineToIssueRow> for LineToIssue {
    fn from(r: LineToIssueRow) -> Self {
        LineToIssue {
            line_no: r.line_no,
            order_id: r.order_id,
            order_line_no: r.order_line_no,
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
            gift_of: r.gift_of,
            reserved: r.reserved,
            issued: r.issued,
        }
    }
}

/// The lines that may leave on the invoice.
pub async fn list_lines_to_issue(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
) -> Result<Vec<LineToIssue>, sqlx::Error> {
    let rows = sqlx::query_as!(
        LineToIssueRow,
        r#"select i.line_no, i.order_id as "order_id: OrderId", i.order_line_no, i.product_id as "product_id: ProductId",
             i.unit as "unit: Unit", i.quantity, i.pieces as "pieces: Quantity", i.gross as "gross: Money",
             i.product_discount as "product_discount: Money", i.order_discount as "order_discount: Money",
             i.vat as "vat: Money", case when i.is_free then i.promotion_id end as "gift_of: PromotionId", o.reserved as "reserved: Quantity",
             coalesce((select sum(g.pieces)::bigint from goods_issue_lines g where g.distributor_id = i.distributor_id
               and g.invoice_id = i.invoice_id and g.invoice_line_no = i.line_no), 0) as "issued!: Quantity"
           from invoice_lines i
           join order_lines o on o.distributor_id = i.distributor_id and o.order_id = i.order_id and o.line_no = i.order_line_no
           where i.distributor_id = $1 and i.invoice_id = $2 and not i.void order by i.line_no"#,
        distributor.uuid(),
        invoice.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(LineToIssue::from).collect())
}

/// The lines of an order that isn't invoiced, with the numbers that [`insert_invoice`] will give them.
pub async fn list_lines_of_order(
    c: &mut PgConnection,
    order: &LockedOrder,
) -> Result<Vec<LineToIssue>, sqlx::Error> {
    let rows = sqlx::query_as!(
        LineToIssueRow,
        r#"select (row_number() over (order by line_no))::int as "line_no!", order_id as "order_id: OrderId",
             line_no as order_line_no, product_id as "product_id: ProductId", unit as "unit: Unit", quantity,
             pieces as "pieces: Quantity", gross as "gross: Money", product_discount as "product_discount: Money",
             order_discount as "order_discount: Money", vat as "vat: Money",
             case when is_free then promotion_id end as "gift_of: PromotionId", reserved as "reserved: Quantity",
             0::bigint as "issued!: Quantity"
           from order_lines where distributor_id = $1 and order_id = $2 order by line_no"#,
        order.distributor_id.uuid(),
        order.id.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(LineToIssue::from).collect())
}

pub struct NewIssue<'a> {
    pub distributor_id: DistributorId,
    pub id: GoodsIssueId,
    pub number: &'a str,
    pub invoice_id: InvoiceId,
    pub warehouse_id: WarehouseId,
    pub business_date: NaiveDate,
    pub actor: UserId,
    pub at: DateTime<Utc>,
}

/// What left of a line from one lot, and what the customer owes for it.
#[derive(Debug, Clone)]
pub struct IssuedLot {
    pub from: PickedLot,
    pub amounts: Amounts,
}

/// Adds the issue, and what the customer owes for it to the invoice.
pub async fn insert_issue(
    c: &mut PgConnection,
    issue: &NewIssue<'_>,
    lots: &[IssuedLot],
    charged: Money,
    status: InvoiceStatus,
) -> Result<(), sqlx::Error> {
    let line: Vec<i32> = lots.iter().map(|p| p.from.line_no).collect();
    let product: Vec<Uuid> = lots.iter().map(|p| p.from.product_id.uuid()).collect();
    let lot: Vec<Uuid> = lots.iter().map(|p| p.from.lot_id.uuid()).collect();
    let pieces: Vec<i64> = lots.iter().map(|p| p.from.pieces.pieces()).collect();
    let quantity: Vec<i64> = lots.iter().map(|p| p.amounts.quantity).collect();
    let gross: Vec<i64> = lots.iter().map(|p| p.amounts.gross.dong()).collect();
    let product_discount: Vec<i64> = lots.iter().map(|p| p.amounts.product_discount.dong()).collect();
    let order_discount: Vec<i64> = lots.iter().map(|p| p.amounts.order_discount.dong()).collect();
    let vat: Vec<i64> = lots.iter().map(|p| p.amounts.vat.dong()).collect();
    sqlx::query!(
        "with charged as (
           update invoices set status = $13, charged = charged + $14, version = version + 1
           where distributor_id = $1 and id = $3
         ), head as (
           insert into goods_issues (distributor_id, id, number, invoice_id, warehouse_id, business_date, created_by, created_at)
           values ($1, $2, $15, $3, $16, $17, $18, $19)
         )
         insert into goods_issue_lines (distributor_id, issue_id, line_no, invoice_id, invoice_line_no, product_id, lot_id, pieces,
           quantity, gross, product_discount, order_discount, vat)
         select $1, $2, n, $3, line, product, lot, pieces, quantity, gross, product_discount, order_discount, vat
         from unnest($4::int[], $5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
                     $11::bigint[], $12::bigint[]) with ordinality
           as t (line, product, lot, pieces, quantity, gross, product_discount, order_discount, vat, n)",
        issue.distributor_id.uuid(),
        issue.id.uuid(),
        issue.invoice_id.uuid(),
        &line,
        &product,
        &lot,
        &pieces,
        &quantity,
        &gross,
        &product_discount,
        &order_discount,
        &vat,
        status.as_str(),
        charged.dong(),
        issue.number,
        issue.warehouse_id.uuid(),
        issue.business_date,
        issue.actor.uuid(),
        issue.at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Lowers what is reserved for lines of orders: so much of it has left.
pub async fn take_reserved(
    c: &mut PgConnection,
    distributor: DistributorId,
    taken: &[(OrderId, i32, Quantity)],
) -> Result<(), sqlx::Error> {
    let orders: Vec<Uuid> = taken.iter().map(|(order, _, _)| order.uuid()).collect();
    let lines: Vec<i32> = taken.iter().map(|(_, line, _)| *line).collect();
    let pieces: Vec<i64> = taken.iter().map(|(_, _, pieces)| pieces.pieces()).collect();
    sqlx::query!(
        "update order_lines l set reserved = l.reserved - t.pieces
         from unnest($2::uuid[], $3::int[], $4::bigint[]) as t (order_id, line_no, pieces)
         where l.distributor_id = $1 and l.order_id = t.order_id and l.line_no = t.line_no",
        distributor.uuid(),
        &orders,
        &lines,
        &pieces,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Ends the invoice with a reason; lines of these orders may be invoiced again.
pub async fn end_invoice(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
    status: InvoiceStatus,
    reason: &str,
    freed: &[OrderId],
) -> Result<(), sqlx::Error> {
    let freed: Vec<Uuid> = freed.iter().map(|o| o.uuid()).collect();
    sqlx::query!(
        "with lines as (
           update invoice_lines set void = true where distributor_id = $1 and invoice_id = $2 and order_id = any ($5)
         )
         update invoices set status = $3, reason = $4, version = version + 1 where distributor_id = $1 and id = $2",
        distributor.uuid(),
        invoice.uuid(),
        status.as_str(),
        reason,
        &freed,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// How far the lines of an invoice are.
pub async fn list_progress(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
) -> Result<Vec<InvoiceLineProgress>, sqlx::Error> {
    sqlx::query_as!(
        InvoiceLineProgress,
        r#"select l.line_no, l.pieces, l.void,
             coalesce((select sum(g.pieces)::bigint from goods_issue_lines g where g.distributor_id = l.distributor_id
               and g.invoice_id = l.invoice_id and g.invoice_line_no = l.line_no), 0) as "issued!",
             coalesce((select sum(x.pieces)::bigint from sales_return_lines x
               join sales_returns r on r.distributor_id = x.distributor_id and r.id = x.return_id
               where x.distributor_id = l.distributor_id and x.invoice_id = l.invoice_id and x.invoice_line_no = l.line_no
                 and not x.is_charge and r.status in ('Pending', 'Approved', 'Received')), 0) as "returned!"
           from invoice_lines l where l.distributor_id = $1 and l.invoice_id = $2 order by l.line_no"#,
        distributor.uuid(),
        invoice.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Head and sums of an invoice, and the seller for its printed form.
pub struct InvoiceRow {
    pub distributor_id: DistributorId,
    pub unit_id: Option<OrgUnitId>,
    pub head: InvoiceHead,
    pub distributor_name: String,
    pub distributor_address: String,
    pub distributor_phone: String,
    pub order_numbers: Vec<String>,
    pub gross: Money,
    pub discount: Money,
    pub vat: Money,
}

pub async fn find_invoice(c: &mut PgConnection, id: InvoiceId) -> Result<Option<InvoiceRow>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select i.distributor_id as "distributor_id: DistributorId", i.unit_id as "unit_id: OrgUnitId", i.number,
             i.status as "status: InvoiceStatus", i.customer_id as "customer_id: CustomerId", cu.code as customer_code,
             cu.name as customer_name, cu.address as customer_address, cu.phone as customer_phone,
             i.rep_id as "rep_id: UserId", coalesce(u.full_name, '') as "rep_name!",
             i.warehouse_id as "warehouse_id: WarehouseId", i.business_date, i.total as "total: Money",
             i.charged as "charged: Money", i.reason, i.gross as "gross: Money", i.product_discount + i.order_discount as "discount!: Money", i.vat as "vat: Money",
             coalesce(nullif(d.invoice_name, ''), d.name) as "distributor_name!",
             coalesce(nullif(d.invoice_address, ''), d.office_address) as "distributor_address!", d.phone as distributor_phone,
             array(select distinct o.number from invoice_lines l
                   join orders o on o.distributor_id = l.distributor_id and o.id = l.order_id
                   where l.distributor_id = i.distributor_id and l.invoice_id = i.id order by 1) as "order_numbers!"
           from invoices i
           join customers cu on cu.distributor_id = i.distributor_id and cu.id = i.customer_id
           join distributors d on d.id = i.distributor_id
           left join users u on u.id = i.rep_id
           where i.id = $1"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| InvoiceRow {
        distributor_id: r.distributor_id,
        unit_id: r.unit_id,
        head: InvoiceHead {
            invoice_id: id,
            invoice_number: r.number,
            status: r.status,
            customer_id: r.customer_id,
            customer_code: r.customer_code,
            customer_name: r.customer_name,
            customer_address: r.customer_address,
            customer_phone: r.customer_phone,
            rep_id: r.rep_id,
            rep_name: r.rep_name,
            warehouse_id: r.warehouse_id,
            business_date: r.business_date,
            total_amount: r.total,
            charged_amount: r.charged,
            reason: r.reason,
        },
        distributor_name: r.distributor_name,
        distributor_address: r.distributor_address,
        distributor_phone: r.distributor_phone,
        order_numbers: r.order_numbers,
        gross: r.gross,
        discount: r.discount,
        vat: r.vat,
    }))
}

pub async fn list_invoice_items(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
) -> Result<Vec<OrderItem>, sqlx::Error> {
    sqlx::query_as!(
        OrderItem,
        r#"select l.line_no, l.product_id as "product_id: ProductId", p.code as product_code, p.name as product_name,
             l.quantity, l.unit as "unit: _", case l.unit when 'whole' then p.unit_name else p.sub_unit_name end as "unit_name!",
             l.pieces, l.unit_price as "unit_price: Money", l.gross as "gross: Money",
             l.product_discount + l.order_discount as "discount_amount!: Money",
             l.product_discount as "product_discount: Money", l.order_discount as "order_discount: Money",
             l.vat_percent as vat, l.vat as "tax_amount: Money", l.total as "line_total: Money",
             l.promotion_id as "promotion_id: _", o.promotion_tier, m.name as "promotion_name?", l.is_free,
             o.price_list_id as "price_list_id: _", pl.code as "price_list_code?", o.price_version,
             o.vat_carry as "vat_carry: Money"
           from invoice_lines l
           join order_lines o on o.distributor_id = l.distributor_id and o.order_id = l.order_id and o.line_no = l.order_line_no
           join products p on p.id = l.product_id
           left join price_lists pl on pl.id = o.price_list_id
           left join promotions m on m.id = l.promotion_id
           where l.distributor_id = $1 and l.invoice_id = $2 order by l.line_no"#,
        distributor.uuid(),
        invoice.uuid(),
    )
    .fetch_all(c)
    .await
}

/// The issues of an invoice, oldest first, with their lots.
pub async fn list_issues(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
) -> Result<Vec<IssueView>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select g.id as "id: GoodsIssueId", g.number, g.business_date, x.invoice_line_no as line_no,
             x.product_id as "product_id: ProductId", x.lot_id as "lot_id: LotId", l.lot_number, l.expiry, x.pieces,
             (sum(x.gross - x.product_discount - x.order_discount + x.vat) over (partition by g.id))::bigint
               as "amount!: Money"
           from goods_issues g
           join goods_issue_lines x on x.distributor_id = g.distributor_id and x.issue_id = g.id
           join lots l on l.distributor_id = x.distributor_id and l.id = x.lot_id
           where g.distributor_id = $1 and g.invoice_id = $2 order by g.created_at, g.id, x.line_no"#,
        distributor.uuid(),
        invoice.uuid(),
    )
    .fetch_all(c)
    .await?;
    let mut issues: Vec<IssueView> = Vec::new();
    for r in rows {
        let pick = IssuePick {
            line_no: r.line_no,
            product_id: r.product_id,
            lot_id: r.lot_id,
            lot_number: r.lot_number,
            expiry: r.expiry,
            pieces: r.pieces,
        };
        match issues.last_mut().filter(|issue| issue.issue_id == r.id) {
            Some(issue) => issue.picks.push(pick),
            None => issues.push(IssueView {
                issue_id: r.id,
                issue_number: r.number,
                business_date: r.business_date,
                amount: r.amount,
                picks: vec![pick],
            }),
        }
    }
    Ok(issues)
}

/// The orders an invoice is made from.
pub async fn list_orders_of_invoice(
    c: &mut PgConnection,
    invoice: InvoiceId,
) -> Result<Vec<OrderId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct l.order_id as "order_id: OrderId" from invoices i
           join invoice_lines l on l.distributor_id = i.distributor_id and l.invoice_id = i.id where i.id = $1"#,
        invoice.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Which invoices to list.
#[derive(Debug, Default)]
pub struct InvoiceFilter {
    pub status: Option<InvoiceStatus>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub customer: Option<CustomerId>,
    pub order: Option<OrderId>,
}

/// A page of invoices, latest first, and how many there are.
pub async fn list_invoices(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &InvoiceFilter,
    page: &Page,
) -> Result<(Vec<InvoiceHead>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select i.id as "invoice_id: InvoiceId", i.number, i.status as "status: InvoiceStatus",
             i.customer_id as "customer_id: CustomerId", cu.code as customer_code, cu.name as customer_name,
             cu.address as customer_address, cu.phone as customer_phone, i.rep_id as "rep_id: UserId",
             coalesce(u.full_name, '') as "rep_name!", i.warehouse_id as "warehouse_id: WarehouseId", i.business_date,
             i.total as "total: Money", i.charged as "charged: Money", i.reason, count(*) over () as "count!"
           from invoices i
           join customers cu on cu.distributor_id = i.distributor_id and cu.id = i.customer_id
           left join users u on u.id = i.rep_id
           where ($1::uuid is null or i.rep_id = $1)
             and ($2::uuid[] is null or i.unit_id = any ($2))
             and ($3::text is null or i.status = $3)
             and ($4::date is null or i.business_date >= $4)
             and ($5::date is null or i.business_date <= $5)
             and ($6::uuid is null or i.customer_id = $6)
             and ($7::uuid is null or exists (select from invoice_lines l where l.distributor_id = i.distributor_id
                   and l.invoice_id = i.id and l.order_id = $7))
             and ($8::text is null or lower(i.number) like $8 or cu.search_key like $8)
           order by i.created_at desc, i.id desc limit $9 offset $10"#,
        scope.user(),
        units.as_deref() as Option<&[Uuid]>,
        filter.status.map(InvoiceStatus::as_str),
        filter.from,
        filter.to,
        filter.customer.map(|r| r.uuid()),
        filter.order.map(|o| o.uuid()),
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    let count = rows.first().map_or(0, |r| r.count);
    let heads = rows
        .into_iter()
        .map(|r| InvoiceHead {
            invoice_id: r.invoice_id,
            invoice_number: r.number,
            status: r.status,
            customer_id: r.customer_id,
            customer_code: r.customer_code,
            customer_name: r.customer_name,
            customer_address: r.customer_address,
            customer_phone: r.customer_phone,
            rep_id: r.rep_id,
            rep_name: r.rep_name,
            warehouse_id: r.warehouse_id,
            business_date: r.business_date,
            total_amount: r.total,
            charged_amount: r.charged,
            reason: r.reason,
        })
        .collect();
    Ok((heads, count))
}
