//! The parts of orders that were split, and what became of their goods.

use std::collections::BTreeMap;

use domain::pricing::Explanation;
use domain::{DistributorId, Money, OrderId, ProductId, PromotionId, Quantity};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// A part of an order that was split; one that never was is its only part.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub order_id: OrderId,
    /// The order that all the parts come from, whether it still lives or not.
    pub whole: OrderId,
}

/// The orders with all other parts of what they were split from, or into; without those that were rejected or cancelled.
/// A rest that was edited afterwards is a whole of its own: it was priced anew.
pub async fn list_parts(
    c: &mut PgConnection,
    distributor: DistributorId,
    orders: &[OrderId],
) -> Result<Vec<Part>, sqlx::Error> {
    let orders: Vec<Uuid> = orders.iter().map(|order| order.uuid()).collect();
    sqlx::query_as!(
        Part,
        r#"with recursive rests as not materialized (
             select o.id, o.split_from from orders o
             where o.distributor_id = $1 and o.split_from is not null and not exists (
               select from order_history h where h.distributor_id = $1 and h.order_id = o.id
                 and h.from_status = 'Pending' and h.to_status = 'Pending' and h.detail -> 'before' is not null)
           ), up (id, part_of) as (
             select s.id, r.split_from from unnest($2::uuid[]) s (id) left join rests r on r.id = s.id
             union
             select u.part_of, r.split_from from up u left join rests r on r.id = u.part_of where u.part_of is not null
           ), parts (id, whole) as (
             select id, id from up where part_of is null
             union
             select r.id, p.whole from parts p join rests r on r.split_from = p.id
           )
           select o.id as "order_id: OrderId", p.whole as "whole!: OrderId"
           from parts p join orders o on o.distributor_id = $1 and o.id = p.id
           where o.status not in ('Rejected', 'Cancelled') order by p.whole, o.ordered_at, o.number"#,
        distributor.uuid(),
        &orders,
    )
    .fetch_all(c)
    .await
}

/// Which promotions gave what, per order.
pub async fn list_explanations(
    c: &mut PgConnection,
    distributor: DistributorId,
    orders: &[OrderId],
) -> Result<BTreeMap<OrderId, Vec<Explanation>>, sqlx::Error> {
    let orders: Vec<Uuid> = orders.iter().map(|order| order.uuid()).collect();
    let rows = sqlx::query!(
        r#"select id as "id: OrderId", explanation as "explanation: Json<Vec<Explanation>>" from orders
           where distributor_id = $1 and id = any ($2)"#,
        distributor.uuid(),
        &orders,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| (r.id, r.explanation.0)).collect())
}

/// A line of an order and what became of it. Of an invoice that was closed only what was issued has left; of others all
/// has, or still will.
#[derive(Debug, Clone, Copy)]
pub struct Fate {
    pub order_id: OrderId,
    pub product_id: ProductId,
    pub is_free: bool,
    pub promotion_id: Option<PromotionId>,
    /// Before discounts.
    pub gross: Money,
    pub left: Money,
    /// What of that was received back.
    pub returned: Money,
    pub pieces: Quantity,
    pub pieces_left: Quantity,
}

/// The lines of the orders and what became of them.
pub async fn list_fates(
    c: &mut PgConnection,
    distributor: DistributorId,
    orders: &[OrderId],
) -> Result<Vec<Fate>, sqlx::Error> {
    let orders: Vec<Uuid> = orders.iter().map(|order| order.uuid()).collect();
    sqlx::query_as!(
        Fate,
        r#"select l.order_id as "order_id: OrderId", l.product_id as "product_id: ProductId", l.is_free,
             l.promotion_id as "promotion_id: PromotionId", l.gross as "gross: Money",
             case when i.status = 'Closed' then div(l.gross::numeric * g.pieces, l.pieces)::bigint else l.gross end as "left!: Money",
             b.gross as "returned!: Money", l.pieces as "pieces: Quantity",
             case when i.status = 'Closed' then g.pieces else l.pieces end as "pieces_left!: Quantity"
           from order_lines l
           left join invoice_lines il on il.distributor_id = l.distributor_id and il.order_id = l.order_id
             and il.order_line_no = l.line_no and not il.void
           left join invoices i on i.distributor_id = il.distributor_id and i.id = il.invoice_id
           cross join lateral (
             select coalesce(sum(g.pieces), 0)::bigint as pieces from goods_issue_lines g
             where g.distributor_id = il.distributor_id and g.invoice_id = il.invoice_id and g.invoice_line_no = il.line_no
           ) g
           cross join lateral (
             select coalesce(sum(x.gross), 0)::bigint as gross from sales_return_lines x
             join sales_returns r on r.distributor_id = x.distributor_id and r.id = x.return_id
             where x.distributor_id = il.distributor_id and x.invoice_id = il.invoice_id and x.invoice_line_no = il.line_no
               and not x.is_charge and r.status = 'Received'
           ) b
           where l.distributor_id = $1 and l.order_id = any ($2) order by l.order_id, l.line_no"#,
        distributor.uuid(),
        &orders,
    )
    .fetch_all(c)
    .await
}
