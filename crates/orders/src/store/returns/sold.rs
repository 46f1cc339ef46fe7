//! What a return looks up: what was sold on the invoice, in which lots it left, what came back already.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{DistributorId, InvoiceId, LotId, Money, OrderId, ProductId, PromotionId, Quantity, Unit};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::service::Amounts;

/// A line of an invoice and what of it came back, or is asked to.
#[derive(Debug, Clone)]
pub struct Returnable {
    pub invoice_id: InvoiceId,
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

/// The lines of an invoice, and of others those of these orders; the invoices' rows must be locked.
pub async fn list_returnable(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
    others: &[InvoiceId],
    orders: &[OrderId],
) -> Result<Vec<Returnable>, sqlx::Error> {
    let others: Vec<Uuid> = others.iter().map(|other| other.uuid()).collect();
    let orders: Vec<Uuid> = orders.iter().map(|order| order.uuid()).collect();
    let rows = sqlx::query!(
        r#"select l.invoice_id as "invoice_id: InvoiceId", l.line_no, l.order_id as "order_id: OrderId", l.product_id as "product_id: ProductId",
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
           where l.distributor_id = $1 and (l.invoice_id = $2 or l.invoice_id = any ($3) and l.order_id = any ($4))
           order by l.invoice_id <> $2, l.invoice_id, l.line_no"#,
        distributor.uuid(),
        invoice.uuid(),
        &others,
        &orders,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Returnable {
            invoice_id: r.invoice_id,
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

/// Whose an invoice is.
pub async fn find_seller(
    c: &mut PgConnection,
    invoice: InvoiceId,
) -> Result<Option<DistributorId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distributor_id as "id: DistributorId" from invoices where id = $1"#,
        invoice.uuid()
    )
    .fetch_optional(c)
    .await
}

/// The other invoices that goods of the orders are on. Their rows and the invoice's own are locked, in the order of ids.
pub async fn lock_other_invoices(
    c: &mut PgConnection,
    distributor: DistributorId,
    invoice: InvoiceId,
    orders: &[OrderId],
) -> Result<Vec<InvoiceId>, sqlx::Error> {
    let orders: Vec<Uuid> = orders.iter().map(|order| order.uuid()).collect();
    let mut locked: Vec<InvoiceId> = sqlx::query_scalar!(
        r#"select id as "id: InvoiceId" from invoices
           where distributor_id = $1 and (id = $2 or id in (
             select l.invoice_id from invoice_lines l
             where l.distributor_id = $1 and l.order_id = any ($3) and not l.void))
           order by id for update"#,
        distributor.uuid(),
        invoice.uuid(),
        &orders,
    )
    .fetch_all(c)
    .await?;
    locked.retain(|id| *id != invoice);
    Ok(locked)
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
