//! Past orders, to replay promotions over them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::pricing::{DraftLine, OrderDraft, PriceBook, Promotion};
use domain::{Buyer, CustomerId, DistributorId, Money, OrderId, OrderType, ProductId, TypedQuantity, Unit};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::Row;
use super::bought::word;
use crate::model::{Definition, KeptPromotion, PromotionStatus};

/// An order as it was typed, with the prices it got.
pub(crate) struct KeptOrder {
    pub id: OrderId,
    pub number: String,
    pub draft: OrderDraft,
    /// By product and unit; the other unit's price is the catalogue's.
    prices: BTreeMap<(ProductId, Unit), Money>,
}

impl KeptOrder {
    /// The prices of then in place of the present ones.
    pub fn book(&self, present: &PriceBook) -> PriceBook {
        let mut book = present.clone();
        for ((product, unit), price) in &self.prices {
            if let Some(entry) = book.0.get_mut(product) {
                match unit {
                    Unit::Whole => entry.prices.whole = *price,
                    Unit::Retail => entry.prices.retail = *price,
                }
            }
        }
        book
    }
}

/// Orders that were not turned down, from the first day to the last, the earliest first; at most `limit`.
pub(crate) async fn list_orders(
    c: &mut PgConnection,
    from: NaiveDate,
    to: NaiveDate,
    distributor: Option<DistributorId>,
    limit: i64,
) -> Result<Vec<KeptOrder>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with wanted as (
             select o.distributor_id, o.id, o.number, o.order_type, o.business_date, o.customer_id, o.ordered_at
             from orders o
             where o.business_date between $1 and $2 and o.status not in ('Draft', 'Rejected', 'Cancelled')
               and ($3::uuid is null or o.distributor_id = $3)
             order by o.ordered_at, o.id limit $4
           )
           select o.id as "id: OrderId", o.number, o.order_type as "order_type: OrderType", o.business_date,
             o.customer_id as "customer_id: CustomerId", o.distributor_id as "distributor_id: DistributorId",
             cu.channel, cu.customer_group, cu.customer_type, cu.area,
             l.product_id as "product_id: ProductId", l.unit as "unit: Unit", l.quantity, l.unit_price as "unit_price: Money",
             not exists (select from orders b where b.distributor_id = o.distributor_id and b.customer_id = o.customer_id
               and b.status not in ('Draft', 'Rejected', 'Cancelled') and (b.ordered_at, b.id) < (o.ordered_at, o.id)) as "first_order!"
           from wanted o
             join customers cu on cu.distributor_id = o.distributor_id and cu.id = o.customer_id
             join order_lines l on l.distributor_id = o.distributor_id and l.order_id = o.id and not l.is_free
           order by o.ordered_at, o.id, l.line_no"#,
        from,
        to,
        distributor.map(|d| d.uuid()),
        limit,
    )
    .fetch_all(c)
    .await?;
    let mut orders: Vec<KeptOrder> = Vec::new();
    for r in rows {
        if orders.last().is_none_or(|last| last.id != r.id) {
            let buyer = Buyer {
                customer_id: r.customer_id,
                distributor_id: r.distributor_id,
                channel: word(r.channel),
                customer_group: word(r.customer_group),
                customer_type: word(r.customer_type),
                area: word(r.area),
            };
            let draft = OrderDraft {
                buyer,
                date: r.business_date,
                order_type: r.order_type,
                lines: Vec::new(),
                promotion_ids: BTreeSet::new(),
                first_order: r.first_order,
                choices: Vec::new(),
            };
            orders.push(KeptOrder { id: r.id, number: r.number, draft, prices: BTreeMap::new() });
        }
        if let Some(order) = orders.last_mut() {
            let typed = TypedQuantity { quantity: r.quantity, unit: r.unit };
            order.draft.lines.push(DraftLine { product_id: r.product_id, typed });
            order.prices.insert((r.product_id, r.unit), r.unit_price);
        }
    }
    Ok(orders)
}

/// The promotions that stand so and hold on some day from the first to the last.
pub(crate) async fn list_rules(
    c: &mut PgConnection,
    statuses: &[PromotionStatus],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Promotion>, sqlx::Error> {
    let statuses: Vec<String> = statuses.iter().map(|status| status.as_str().to_owned()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: domain::PromotionId", code, name, valid_from, valid_to, status as "status: PromotionStatus",
             ended_on, priority, definition as "definition: Json<Definition>", version, updated_at
           from promotions where status = any ($1) and valid_from <= $3 and valid_to >= $2 order by code"#,
        &statuses,
        from,
        to,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| KeptPromotion::from(row).into_rule()).collect())
}
