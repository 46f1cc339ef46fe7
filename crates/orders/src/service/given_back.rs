//! What orders used of promotions goes back with the goods.
//!
//! Goods that earned a promotion and come back, or are never delivered, take with them the same part of what their order
//! used of it, by value before discounts and rounded down: so of money and pieces nothing is given twice, and when all
//! of the goods are gone all is given back. Which goods earned it says the order's explanation. Free goods don't count:
//! they are due back with the others, or paid.

use std::collections::BTreeSet;

use db::PgConnection;
use domain::pricing::is_earned_by;
use domain::{CustomerId, DistributorId, DocumentId, InvoiceId, Money, OrderId};
use platform::{ApiError, App, Caller};
use promotions::{Booking, UsageKind};
use uuid::Uuid;

use crate::store;

/// Gives back what the orders of an invoice used in vain by now. The invoice's row must be locked, and the customer's
/// balance where it is; the totals of promotions are locked here.
pub(super) async fn give_back(
    app: &App,
    c: &mut PgConnection,
    caller: &Caller,
    (distributor, customer): (DistributorId, CustomerId),
    invoice: InvoiceId,
    cause: Uuid,
) -> Result<(), ApiError> {
    let lines = store::list_gone(c, distributor, invoice).await?;
    let explanations = store::list_explanations(c, distributor, invoice).await?;
    let orders: BTreeSet<OrderId> = lines.iter().map(|line| line.order_id).collect();
    for order in orders {
        let of_order: Vec<_> = lines.iter().filter(|line| line.order_id == order).collect();
        if of_order.iter().all(|line| line.gone.is_zero()) {
            continue;
        }
        let told = explanations.get(&order).map(Vec::as_slice).unwrap_or_default();
        let booking = Booking {
            distributor,
            customer,
            kind: UsageKind::Order,
            document: DocumentId::new(order.uuid()),
            business_date: app.today(),
            at: app.now(),
            actor: caller.user_id,
        };
        promotions::give_back_usage(c, &booking, cause, |promotion| {
            let earned = || of_order.iter().filter(|line| is_earned_by(told, promotion, line.product_id));
            Ok((Money::sum(earned().map(|line| line.gone))?, Money::sum(earned().map(|line| line.gross))?))
        })
        .await?;
    }
    Ok(())
}
