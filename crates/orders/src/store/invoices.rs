use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    CustomerId, DistributorId, GoodsIssueId, InvoiceId, LotId, Money, OrderId, OrgUnitId, ProductId,
    Quantity, Unit, UserId, WarehouseId,
};
use inventory::stock::PickedLot;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{InvoiceHead, InvoiceStatus, IssuePick, OrderItem};
use crate::store::LockedOrder;

impl InvoiceStatus {
    /// The spelling in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            InvoiceStatus::Open => "Open",
            InvoiceStatus::Issued => "Issued",
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
            "Issued" => Ok(InvoiceStatus::Issued),
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
        "insert into invoices (distributor_id, id, number, customer_id, rep_id, unit_id, warehouse_id, status,
           business_date, gross, product_discount, order_discount, vat, total, created_by, created_at)
         select $1, $2, $3, $4, $5, $6, $7, 'Open', $8, sum(gross), sum(product_discount), sum(order_discount),
           sum(vat), sum(total), $9, $10
         from orders where distributor_id = $1 and id = any ($11)",
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
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "insert into invoice_lines (distributor_id, invoice_id, line_no, order_id, order_line_no, product_id, unit,
           quantity, pieces, unit_price, gross, product_discount, order_discount, vat_percent, vat, total, is_free,
           promotion_id)
         select $1, $2, row_number() over (order by o.number, l.line_no), l.order_id, l.line_no, l.product_id, l.unit,
           l.quantity, l.pieces, l.unit_price, l.gross, l.product_discount, l.order_discount, l.vat_percent, l.vat,
           l.total, l.is_free, l.promotion_id
         from order_lines l join orders o on o.distributor_id = l.distributor_id and o.id = l.order_id
         where l.distributor_id = $1 and l.order_id = any ($3)",
        first.distributor_id.uuid(),
        invoice.id.uuid(),
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
    pub warehouse_id: WarehouseId,
    pub total: Money,
}

pub async fn lock_invoice(c: &mut PgConnection, id: InvoiceId) -> Result<Option<LockedInvoice>, sqlx::Error> {
    sqlx::query_as!(
        LockedInvoice,
        r#"select distributor_id as "distributor_id: DistributorId", number, status as "status: InvoiceStatus",
             customer_id as "customer_id: CustomerId", warehouse_id as "warehouse_id: WarehouseId", total as "total: Money"
           from invoices where id = $1 for update"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// A line whose goods are to leave.
pub struct LineToIssue {
    pub line_no: i32,
    pub product_id: ProductId,
    pub unit: Unit,
    pub quantity: i64,
    pub pieces: Quantity,
    pub gross: Money,
    pub reserved: Quantity,
}

pub async fn list_lines_to_issue(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
) -> Result<Vec<LineToIssue>, sqlx::Error> {
    sqlx::query_as!(
        LineToIssue,
        r#"select i.line_no, i.product_id as "product_id: ProductId", i.unit as "unit: Unit",
             i.quantity, i.pieces as "pieces: Quantity", i.gross as "gross: Money", o.reserved as "reserved: Quantity"
           from invoice_lines i
           join order_lines o on o.distributor_id = i.distributor_id and o.order_id = i.order_id and o.line_no = i.order_line_no
           where i.distributor_id = $1 and i.invoice_id = $2 order by i.line_no"#,
        distributor.uuid(),
        invoice.uuid(),
    )
    .fetch_all(c)
    .await
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

pub async fn insert_issue(
    c: &mut PgConnection,
    issue: &NewIssue<'_>,
    picks: &[PickedLot],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into goods_issues (distributor_id, id, number, invoice_id, warehouse_id, business_date, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        issue.distributor_id.uuid(),
        issue.id.uuid(),
        issue.number,
        issue.invoice_id.uuid(),
        issue.warehouse_id.uuid(),
        issue.business_date,
        issue.actor.uuid(),
        issue.at,
    )
    .execute(&mut *c)
    .await?;
    let line: Vec<i32> = picks.iter().map(|p| p.line_no).collect();
    let product: Vec<Uuid> = picks.iter().map(|p| p.product_id.uuid()).collect();
    let lot: Vec<Uuid> = picks.iter().map(|p| p.lot_id.uuid()).collect();
    let pieces: Vec<i64> = picks.iter().map(|p| p.pieces.pieces()).collect();
    sqlx::query!(
        "insert into goods_issue_lines (distributor_id, issue_id, line_no, invoice_id, invoice_line_no, product_id, lot_id, pieces)
         select $1, $2, n, $3, line, product, lot, pieces
         from unnest($4::int[], $5::uuid[], $6::uuid[], $7::bigint[]) with ordinality as t (line, product, lot, pieces, n)",
        issue.distributor_id.uuid(),
        issue.id.uuid(),
        issue.invoice_id.uuid(),
        &line,
        &product,
        &lot,
        &pieces,
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!(
        "update invoices set status = 'Issued', version = version + 1 where distributor_id = $1 and id = $2",
        issue.distributor_id.uuid(),
        issue.invoice_id.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
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
             i.gross as "gross: Money", i.product_discount + i.order_discount as "discount!: Money", i.vat as "vat: Money",
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
             l.promotion_id as "promotion_id: _", m.name as "promotion_name?", l.is_free
           from invoice_lines l
           join products p on p.id = l.product_id
           left join promotions m on m.id = l.promotion_id
           where l.distributor_id = $1 and l.invoice_id = $2 order by l.line_no"#,
        distributor.uuid(),
        invoice.uuid(),
    )
    .fetch_all(c)
    .await
}

/// The issue of an invoice, if its goods have left.
pub async fn find_issue(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
) -> Result<Option<(GoodsIssueId, String, NaiveDate)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: GoodsIssueId", number, business_date from goods_issues where distributor_id = $1 and invoice_id = $2"#,
        distributor.uuid(),
        invoice.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| (r.id, r.number, r.business_date)))
}

pub async fn list_picks(
    c: &mut PgConnection,
    distributor: DistributorId,
    issue: GoodsIssueId,
) -> Result<Vec<IssuePick>, sqlx::Error> {
    sqlx::query_as!(
        IssuePick,
        r#"select g.invoice_line_no as line_no, g.product_id as "product_id: ProductId", g.lot_id as "lot_id: LotId",
             l.lot_number, l.expiry, g.pieces
           from goods_issue_lines g join lots l on l.distributor_id = g.distributor_id and l.id = g.lot_id
           where g.distributor_id = $1 and g.issue_id = $2 order by g.line_no"#,
        distributor.uuid(),
        issue.uuid(),
    )
    .fetch_all(c)
    .await
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
