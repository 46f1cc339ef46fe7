//! What orders used of promotions goes back with the goods.
//!
//! Free goods that are never delivered were not used, nor the discounts of goods that are not. When goods that earned a
//! promotion and left come back, they take with them the same part of what is still used of it, by value before
//! discounts and rounded down: so of money and pieces nothing is given twice, and when all of the goods are gone all is
//! given back. Which goods earned it says the order's explanation. Free goods that come back don't count: they are due
//! back with the others, or paid.
//!
//! The parts of a split order share one agreement, and free goods may all be with one of them: what they sold, used and
//! gave back is reckoned together.

use std::collections::BTreeMap;

use db::PgConnection;
use domain::order::PromotionGoods;
use domain::pricing::{Benefit, Explanation, PromotionUse, is_earned_by};
use domain::{CustomerId, DistributorId, DocumentId, Money, OrderId, Overflow, PromotionId, Quantity};
use platform::{ApiError, App, Caller};
use promotions::{Booking, UsageKind};
use uuid::Uuid;

use crate::store::{self, Fate, LockedOrder, Part};

/// Gives back what the orders, and the parts of those that were split, used in vain by now. The customer's balance must
/// be locked where it is; the totals of promotions are locked here.
pub(super) async fn give_back(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    whose: (DistributorId, CustomerId),
    orders: &[OrderId],
    cause: Uuid,
) -> Result<(), ApiError> {
    let parts = store::list_parts(c, whose.0, orders).await?;
    promotions::lock_usage(c, whose.0, whose.1, &documents(&parts), &[]).await?;
    // Only now they stand still: who splits an order or withdraws a part of one locks the same totals before.
    let parts = store::list_parts(c, whose.0, orders).await?;
    reckon(app, c, caller, whose, &parts, cause).await
}

/// Gives back all that the order has used of its promotions; of one that has used nothing, nothing. What it shared with
/// other parts of a split order is reckoned anew for them. With what it is about to use instead all totals are locked
/// first.
pub(super) async fn release(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    order: &LockedOrder,
    wanted: &[PromotionUse],
) -> Result<(), ApiError> {
    let whose = (order.distributor_id, order.customer_id);
    lock_parts(c, order, wanted).await?;
    let document = DocumentId::new(order.id.uuid());
    let (day, at) = (order.business_date, app.now());
    promotions::release_usage(c, order.distributor_id, document, day, at, caller.user_id).await?;
    let mut others = store::list_parts(c, order.distributor_id, &[order.id]).await?;
    others.retain(|part| part.order_id != order.id);
    reckon(app, c, caller, whose, &others, order.id.uuid()).await
}

/// Locks the totals of what the order and other parts of it use of promotions, and of what it is about to use.
pub(super) async fn lock_parts(
    c: &mut PgConnection,
    order: &LockedOrder,
    wanted: &[PromotionUse],
) -> Result<(), ApiError> {
    let parts = store::list_parts(c, order.distributor_id, &[order.id]).await?;
    Ok(promotions::lock_usage(c, order.distributor_id, order.customer_id, &documents(&parts), wanted).await?)
}

fn documents(parts: &[Part]) -> Vec<DocumentId> {
    parts.iter().map(|part| DocumentId::new(part.order_id.uuid())).collect()
}

async fn reckon(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    (distributor, customer): (DistributorId, CustomerId),
    parts: &[Part],
    cause: Uuid,
) -> Result<(), ApiError> {
    let orders: Vec<OrderId> = parts.iter().map(|part| part.order_id).collect();
    if orders.is_empty() {
        return Ok(());
    }
    let fates = store::list_fates(c, distributor, &orders).await?;
    let explanations = store::list_explanations(c, distributor, &orders).await?;
    for parts in parts.chunk_by(|a, b| a.whole == b.whole) {
        let told = told(parts, &explanations);
        let fates: Vec<&Fate> =
            fates.iter().filter(|line| parts.iter().any(|part| part.order_id == line.order_id)).collect();
        let documents = documents(parts);
        let Some(first) = documents.first() else { continue };
        let booking = Booking {
            distributor,
            customer,
            kind: UsageKind::Order,
            document: *first,
            business_date: app.today(),
            at: app.now(),
            actor: caller.user_id,
        };
        promotions::give_back_usage(c, &booking, &documents, cause, |promotion, used| {
            goods_of(promotion, &told, &fates)?.given_back(used)
        })
        .await?;
    }
    Ok(())
}

/// What promotions gave the parts of an order together: one of them may have only the goods, another only the gifts.
pub(super) fn told(parts: &[Part], explanations: &BTreeMap<OrderId, Vec<Explanation>>) -> Vec<Explanation> {
    parts.iter().filter_map(|part| explanations.get(&part.order_id)).flatten().cloned().collect()
}

fn goods_of(
    promotion: PromotionId,
    told: &[Explanation],
    fates: &[&Fate],
) -> Result<PromotionGoods, Overflow> {
    let earned = || fates.iter().filter(|l| !l.is_free && is_earned_by(told, promotion, l.product_id));
    let gifts = || fates.iter().filter(|l| l.is_free && l.promotion_id == Some(promotion));
    let sum =
        |f: fn(&Fate) -> Quantity| gifts().try_fold(Quantity::ZERO, |sum, line| sum.checked_add(f(line)));
    let discounts = told.iter().filter(|e| e.promotion_id == promotion).filter_map(|e| match e.benefit {
        Benefit::Discount { amount } => Some(amount),
        Benefit::FreeGoods { .. } => None,
    });
    Ok(PromotionGoods {
        earned: Money::sum(earned().map(|l| l.gross))?,
        left: Money::sum(earned().map(|l| l.left))?,
        returned: Money::sum(earned().map(|l| l.returned))?,
        gifts: sum(|l| l.pieces)?,
        gifts_left: sum(|l| l.pieces_left)?,
        discount: Money::sum(discounts)?,
    })
}
