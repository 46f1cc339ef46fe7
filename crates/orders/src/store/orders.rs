use domain::order::StatedTotals;
use domain::pricing::Explanation;
use domain::{
    CustomerId, DistributorId, InvoiceId, Money, OrderId, OrderStatus, OrderType, OrgUnitId, ProductId,
    ReceiptId, UserId, VisitId, WarehouseId,
};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::{InvoiceRef, OrderEvent, OrderHead, OrderItem, OrderRef, ReceiptRef};
use crate::store::Pinned;

/// Head, sums, explanations and pins of an order.
pub struct OrderRow {
    pub distributor_id: DistributorId,
    pub unit_id: Option<OrgUnitId>,
    pub head: OrderHead,
    pub gross: Money,
    pub discount: Money,
    pub vat: Money,
    pub explanations: Vec<Explanation>,
    pub pinned: Pinned,
    pub client_totals: Option<StatedTotals>,
    pub split_from: Option<OrderId>,
    pub receipt_id: Option<ReceiptId>,
}

pub async fn find_order(c: &mut PgConnection, id: OrderId) -> Result<Option<OrderRow>, sqlx::Error> {
    Ok(load_orders(c, &[id.uuid()]).await?.pop())
}

/// The orders, latest first.
pub async fn load_orders(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<OrderRow>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select o.distributor_id as "distributor_id: DistributorId", o.unit_id as "unit_id: OrgUnitId",
             o.id as "id: OrderId", o.number, o.status as "status: OrderStatus", o.order_type as "order_type: OrderType",
             d.code as distributor_code, d.name as distributor_name,
             o.customer_id as "customer_id: CustomerId", cu.code as customer_code, cu.name as customer_name,
             o.rep_id as "rep_id: UserId", coalesce(u.full_name, '') as "rep_name!", o.visit_id as "visit_id: VisitId",
             o.warehouse_id as "warehouse_id: WarehouseId", o.ordered_at, o.business_date, o.total as "total: Money",
             o.needs_review, o.notes, o.reason, o.version, o.gross as "gross: Money",
             o.product_discount + o.order_discount as "discount!: Money", o.vat as "vat: Money",
             o.explanation as "explanation: Json<Vec<Explanation>>", o.pricing as "pricing: Json<Pinned>",
             o.client_totals as "client_totals: Json<StatedTotals>", o.split_from as "split_from: OrderId",
             o.receipt_id as "receipt_id: ReceiptId"
           from orders o
           join distributors d on d.id = o.distributor_id
           join customers cu on cu.distributor_id = o.distributor_id and cu.id = o.customer_id
           left join users u on u.id = o.rep_id
           where o.id = any ($1) order by o.ordered_at desc, o.id desc"#,
        ids,
    )
    .fetch_all(c)
    .await?;
    let rows = rows.into_iter().map(|r| OrderRow {
        distributor_id: r.distributor_id,
        unit_id: r.unit_id,
        head: OrderHead {
            order_id: r.id,
            order_number: r.number,
            status: r.status,
            order_type: r.order_type,
            distributor_id: r.distributor_id,
            distributor_code: r.distributor_code,
            distributor_name: r.distributor_name,
            customer_id: r.customer_id,
            customer_code: r.customer_code,
            customer_name: r.customer_name,
            rep_id: r.rep_id,
            rep_name: r.rep_name,
            visit_id: r.visit_id,
            warehouse_id: r.warehouse_id,
            ordered_at: r.ordered_at,
            business_date: r.business_date,
            total_amount: r.total,
            needs_review: r.needs_review,
            notes: r.notes,
            reason: r.reason,
            version: r.version,
        },
        gross: r.gross,
        discount: r.discount,
        vat: r.vat,
        explanations: r.explanation.0,
        pinned: r.pricing.0,
        client_totals: r.client_totals.map(|t| t.0),
        split_from: r.split_from,
        receipt_id: r.receipt_id,
    });
    Ok(rows.collect())
}

pub async fn list_items(
    c: &mut PgConnection,
    distributor: DistributorId,
    order: OrderId,
) -> Result<Vec<OrderItem>, sqlx::Error> {
    sqlx::query_as!(
        OrderItem,
        r#"select l.line_no, l.product_id as "product_id: ProductId", p.code as product_code, p.name as product_name,
             l.quantity, l.unit as "unit: _", case l.unit when 'whole' then p.unit_name else p.sub_unit_name end as "unit_name!",
             l.pieces, l.unit_price as "unit_price: Money", l.gross as "gross: Money",
             l.product_discount + l.order_discount as "discount_amount!: Money",
             l.product_discount as "product_discount: Money", l.order_discount as "order_discount: Money",
             l.vat_percent as vat, l.vat as "tax_amount: Money", l.total as "line_total: Money",
             l.promotion_id as "promotion_id: _", l.promotion_tier, m.name as "promotion_name?", l.is_free,
             l.price_list_id as "price_list_id: _", pl.code as "price_list_code?", l.price_version,
             l.vat_carry as "vat_carry: Money"
           from order_lines l
           join products p on p.id = l.product_id
           left join promotions m on m.id = l.promotion_id
           left join price_lists pl on pl.id = l.price_list_id
           where l.distributor_id = $1 and l.order_id = $2 order by l.line_no"#,
        distributor.uuid(),
        order.uuid(),
    )
    .fetch_all(c)
    .await
}

pub async fn list_history(
    c: &mut PgConnection,
    distributor: DistributorId,
    order: OrderId,
) -> Result<Vec<OrderEvent>, sqlx::Error> {
    sqlx::query_as!(
        OrderEvent,
        r#"select h.at, h.actor_id as "actor_id: UserId", u.full_name as "actor_name?",
             h.from_status as "from_status: OrderStatus", h.to_status as "to_status: OrderStatus", h.note, h.detail
           from order_history h left join users u on u.id = h.actor_id
           where h.distributor_id = $1 and h.order_id = $2 order by h.at, h.id"#,
        distributor.uuid(),
        order.uuid(),
    )
    .fetch_all(c)
    .await
}

/// What an order hangs together with.
#[derive(Default)]
pub struct Links {
    pub split_from: Option<OrderRef>,
    pub split_into: Vec<OrderRef>,
    pub invoices: Vec<InvoiceRef>,
    pub receipt: Option<ReceiptRef>,
}

pub async fn find_links(c: &mut PgConnection, order: &OrderRow) -> Result<Links, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select 'from' as "kind!", id as "id!", number as "number!", 0::bigint as "amount!: Money", '' as "method!"
             from orders where distributor_id = $1 and id = $3
           union all
           select 'into', id, number, 0, '' from orders where distributor_id = $1 and split_from = $2
           union all
           select 'invoice', id, number, 0, '' from invoices where distributor_id = $1
             and id = any (array(select invoice_id from invoice_lines where distributor_id = $1 and order_id = $2))
           union all
           select 'receipt', id, number, amount, method from receipts where distributor_id = $1 and id = $4
           order by 3"#,
        order.distributor_id.uuid(),
        order.head.order_id.uuid(),
        order.split_from.map(|id| id.uuid()),
        order.receipt_id.map(|id| id.uuid()),
    )
    .fetch_all(c)
    .await?;
    let mut links = Links::default();
    for r in rows {
        let order = |number| OrderRef { order_id: OrderId::new(r.id), order_number: number };
        match r.kind.as_str() {
            "from" => links.split_from = Some(order(r.number)),
            "into" => links.split_into.push(order(r.number)),
            "invoice" => {
                links
                    .invoices
                    .push(InvoiceRef { invoice_id: InvoiceId::new(r.id), invoice_number: r.number });
            }
            _ => {
                let method = serde_json::from_value(serde_json::Value::String(r.method))
                    .map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
                let receipt_id = ReceiptId::new(r.id);
                links.receipt =
                    Some(ReceiptRef { receipt_id, receipt_number: r.number, amount: r.amount, method });
            }
        }
    }
    Ok(links)
}

/// Whether this is an order that the rep took.
pub async fn is_order_of(c: &mut PgConnection, id: OrderId, rep: UserId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from orders where id = $1 and rep_id = $2) as "known!""#,
        id.uuid(),
        rep.uuid(),
    )
    .fetch_one(c)
    .await
}
