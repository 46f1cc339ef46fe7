//! Approving the part of an order that is in stock. What was agreed stays: see `domain::order::split_line`.

use std::collections::BTreeMap;

use db::PgConnection;
use domain::order::{
    LineFigures, LineInParts, LinePart, LineToSplit, split_explanations, split_line, split_uses, units_now,
};
use domain::pricing::OrderTotals;
use domain::{DocumentId, Money, OrderId, OrderStatus, Overflow, Percent, ProductId, Quantity};
use inventory::Shortage;
use inventory::stock::{Life, StockError};
use platform::{ApiError, App, Caller};
use promotions::{Booking, UsageKind};
use serde_json::{Value, json};
use uuid::Uuid;

use super::given_back::lock_parts;
use super::place::Created;
use crate::error::{self, OrderError};
use crate::model::{OrderItem, OrderRef};
use crate::store::{self, LockedOrder, NewContent, NewOrder};

/// What of an order is reserved.
pub(super) enum Shipped {
    /// All of it.
    Whole,
    /// A part, of so much value. The order has been cut to it.
    Part {
        total: Money,
        /// The order that has the rest.
        rest: OrderRef,
        /// What it was before, for its history.
        before: Value,
    },
}

impl Shipped {
    /// The value of what is reserved.
    pub(super) fn total(&self, order: &LockedOrder) -> Money {
        match self {
            Shipped::Whole => order.total,
            Shipped::Part { total, .. } => *total,
        }
    }
}

/// Reserves what there is. When that is not all, cuts the order to it and places the rest as a pending order of the
/// same day.
pub(super) async fn reserve_or_split(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    order: &LockedOrder,
    life: Life,
) -> Result<Shipped, ApiError> {
    let (distributor, warehouse) = (order.distributor_id, order.warehouse_id);
    let items = store::list_items(c, distributor, order.id).await?;
    let wanted: Vec<(ProductId, Quantity)> =
        items.iter().map(|i| (i.product_id, Quantity::new(i.pieces))).collect();
    // The rest takes uses of promotions along; who reckons them for all parts must not see it half done.
    lock_parts(c, order, &[]).await?;
    store::lock_counter(c, distributor, order.business_date).await?;
    let given: BTreeMap<ProductId, Quantity> =
        inventory::stock::reserve_available(c, distributor, warehouse, &wanted, Some(life))
            .await?
            .into_iter()
            .collect();
    let mut missing = per_product(&wanted)?;
    for (product, pieces) in &mut missing {
        *pieces -= given.get(product).map_or(0, |q| q.pieces());
    }
    if missing.values().all(|pieces| *pieces == 0) {
        return Ok(Shipped::Whole);
    }
    let lines = items.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    let now = units_now(&lines, &given).map_err(OrderError::from)?;
    if now.iter().all(|units| *units == 0) {
        let shortages = per_product(&wanted)?
            .into_iter()
            .filter(|(product, _)| missing.get(product).is_some_and(|m| *m > 0))
            .map(|(product_id, wanted)| Shortage {
                product_id,
                wanted: Quantity::new(wanted),
                available: given.get(&product_id).copied().unwrap_or_default(),
                not_expiring_before: None,
            })
            .collect();
        let products: Vec<ProductId> = wanted.iter().map(|(p, _)| *p).collect();
        let names = catalog::store::find_products(c, &products).await?;
        return Err(error::stock(StockError::Short(shortages), &names));
    }
    let (mut here, mut later, mut both) = (Vec::new(), Vec::new(), Vec::with_capacity(items.len()));
    for ((item, line), units) in items.iter().zip(&lines).zip(&now) {
        let (first, second) = split_line(line, *units).map_err(OrderError::from)?;
        here.extend(part(item, &first)?);
        later.extend(part(item, &second)?);
        both.push(LineInParts {
            product_id: item.product_id,
            free: item
                .promotion_id
                .map(|id| (id, item.promotion_tier.and_then(|tier| u32::try_from(tier).ok()))),
            gross: [first.figures.gross, second.figures.gross],
            units: [first.units, second.units],
            pieces: [first.pieces, second.pieces],
        });
    }
    for (line_no, item) in (1..).zip(&mut later) {
        item.line_no = line_no;
    }
    // What whole cases and the gifts' share leave of the reservation goes back.
    let used =
        per_product(&here.iter().map(|i| (i.product_id, Quantity::new(i.pieces))).collect::<Vec<_>>())?;
    let surplus: Vec<(ProductId, Quantity)> = given
        .iter()
        .map(|(product, pieces)| {
            (*product, Quantity::new(pieces.pieces() - used.get(product).copied().unwrap_or(0)))
        })
        .filter(|(_, pieces)| pieces.is_positive())
        .collect();
    inventory::stock::release(c, distributor, warehouse, &surplus).await?;
    let before = json!({"totalAmount": order.total, "items": items});
    let (total, rest) =
        cut(app, c, caller, order, &Parts { here: &here, later: &later, both: &both }).await?;
    Ok(Shipped::Part { total, rest, before })
}

/// What stays and what becomes an order of its own.
struct Parts<'a> {
    here: &'a [OrderItem],
    later: &'a [OrderItem],
    /// Each line of the whole, with how much of it is where.
    both: &'a [LineInParts],
}

/// Leaves the first part to the order and places the second as an order of its own, which takes along what its goods
/// used of promotions.
async fn cut(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    order: &LockedOrder,
    parts: &Parts<'_>,
) -> Result<(Money, OrderRef), ApiError> {
    let Parts { here, later, both } = *parts;
    let row = store::find_order(c, order.id).await?.ok_or_else(ApiError::not_found)?;
    let [explained_here, explained_later] =
        split_explanations(&row.explanations, both).map_err(OrderError::from)?;
    let totals = sums(here).map_err(OrderError::from)?;
    let content = NewContent {
        warehouse_id: order.warehouse_id,
        totals: &totals,
        notes: &row.head.notes,
        explanations: &explained_here,
        pinned: &row.pinned,
        // They were the whole order's; its history keeps that they were accepted.
        client_totals: None,
        needs_review: false,
    };
    store::replace_content(c, order.distributor_id, order.id, &content, here).await?;
    let id = OrderId::new(Uuid::now_v7());
    let rest = sums(later).map_err(OrderError::from)?;
    let created = Created {
        order_id: id,
        customer_id: order.customer_id,
        customer_name: &order.customer_name,
        rep_id: order.rep_id,
        rep_name: &order.rep_name,
        total_amount: rest.total,
        status: OrderStatus::Pending,
        ordered_at: order.ordered_at,
    };
    let detail = json!({"splitFrom": {"orderId": order.id, "orderNumber": order.number}});
    let new = NewOrder {
        distributor_id: order.distributor_id,
        id,
        order_type: order.order_type,
        status: OrderStatus::Pending,
        customer_id: order.customer_id,
        rep_id: order.rep_id,
        unit_id: order.unit_id,
        // The visit had one order, and still has.
        visit_id: None,
        warehouse_id: order.warehouse_id,
        ordered_at: order.ordered_at,
        business_date: order.business_date,
        totals: &rest,
        notes: &row.head.notes,
        explanations: &explained_later,
        pinned: &row.pinned,
        client_totals: None,
        split_from: Some(order.id),
        note: "",
        detail: Some(&detail),
        event: Some(serde_json::to_value(created).map_err(ApiError::internal)?),
        audience: None,
        answer: None,
        actor: caller.user_id,
        at: app.now(),
    };
    let order_number = store::insert_order(c, caller.context(), &new, later).await?;
    let uses = promotions::used_by(c, order.distributor_id, DocumentId::new(order.id.uuid())).await?;
    let [_, moving] = split_uses(&uses, &row.explanations, both).map_err(OrderError::from)?;
    let booking = Booking {
        distributor: order.distributor_id,
        customer: order.customer_id,
        kind: UsageKind::Order,
        document: DocumentId::new(order.id.uuid()),
        business_date: order.business_date,
        at: app.now(),
        actor: caller.user_id,
    };
    promotions::move_usage(c, &booking, DocumentId::new(id.uuid()), &moving).await?;
    Ok((totals.total, OrderRef { order_id: id, order_number }))
}

fn per_product(lines: &[(ProductId, Quantity)]) -> Result<BTreeMap<ProductId, i64>, OrderError> {
    let mut sums: BTreeMap<ProductId, i64> = BTreeMap::new();
    for (product, pieces) in lines {
        let sum = sums.entry(*product).or_default();
        *sum = sum.checked_add(pieces.pieces()).ok_or(Overflow)?;
    }
    Ok(sums)
}

fn line(item: &OrderItem) -> Result<LineToSplit, ApiError> {
    Ok(LineToSplit {
        product_id: item.product_id,
        units: item.quantity,
        pieces_per_unit: item.pieces / item.quantity.max(1),
        unit_price: item.unit_price,
        free: item.is_free,
        vat_rate: Percent::whole(i32::from(item.vat)).map_err(ApiError::internal)?,
        figures: LineFigures {
            gross: item.gross,
            product_discount: item.product_discount,
            order_discount: item.order_discount,
            vat: item.tax_amount,
        },
    })
}

/// The line with the part's figures; none when nothing of it is in this part.
fn part(item: &OrderItem, part: &LinePart) -> Result<Option<OrderItem>, OrderError> {
    if part.units == 0 {
        return Ok(None);
    }
    let figures = &part.figures;
    Ok(Some(OrderItem {
        quantity: part.units,
        pieces: part.pieces.pieces(),
        gross: figures.gross,
        discount_amount: figures.product_discount.checked_add(figures.order_discount)?,
        product_discount: figures.product_discount,
        order_discount: figures.order_discount,
        tax_amount: figures.vat,
        line_total: figures.total()?,
        vat_carry: part.vat_carry,
        ..item.clone()
    }))
}

fn sums(items: &[OrderItem]) -> Result<OrderTotals, Overflow> {
    let sum = |f: fn(&OrderItem) -> Money| Money::sum(items.iter().map(f));
    let (gross, product_discount, order_discount) =
        (sum(|i| i.gross)?, sum(|i| i.product_discount)?, sum(|i| i.order_discount)?);
    let net = gross.checked_sub(product_discount)?.checked_sub(order_discount)?;
    let vat = sum(|i| i.tax_amount)?;
    Ok(OrderTotals { gross, product_discount, order_discount, net, vat, total: net.checked_add(vat)? })
}
