//! How much of a promotion is left, and who used it.
//!
//! Every use is a row of a ledger. What it adds up to is kept per customer, and over all distributors for promotions
//! with a budget. Both are locked when a document uses them, **after the customer's balance and before the counter that
//! numbers the document**, in the order of promotions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::pricing::{self, Bought, Promotion, PromotionKind, PromotionUse, Usage, UsageFacts};
use domain::{CustomerId, DistributorId, DocumentId, Money, Overflow, ProductId, PromotionId, UserId};
use platform::ApiError;
use serde_json::json;
use uuid::Uuid;

use crate::store;

/// A document that uses promotions.
#[derive(Debug, Clone, Copy)]
pub struct Booking {
    /// Whose document it is.
    pub distributor: DistributorId,
    /// Who gets what the promotions give.
    pub customer: CustomerId,
    /// What kind of document it is.
    pub kind: UsageKind,
    /// The order or settlement.
    pub document: DocumentId,
    /// The business day it counts on.
    pub business_date: NaiveDate,
    /// The instant of the booking.
    pub at: DateTime<Utc>,
    /// Who books.
    pub actor: UserId,
}

/// What uses a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageKind {
    /// An order.
    Order,
    /// A settlement after the period.
    Settlement,
}

impl UsageKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            UsageKind::Order => "order",
            UsageKind::Settlement => "settlement",
        }
    }
}

/// Why nothing was booked.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// Meanwhile others have used what was left: read [`usage`] again and price again.
    #[error("not enough is left of {0:?}")]
    Short(Vec<PromotionId>),
    /// The database refuses.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Sums beyond 64 bits.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

impl From<UsageError> for ApiError {
    fn from(error: UsageError) -> Self {
        match error {
            UsageError::Short(promotions) => ApiError::conflict(
                "promotions.used_up",
                "Khuyến mại vừa hết ngân sách hoặc hết suất của khách hàng. Hãy tính giá lại đơn hàng.",
                "A promotion's budget or the customer's part was just used up. Price the order again.",
            )
            .with("promotions", promotions),
            UsageError::Database(error) => error.into(),
            UsageError::Overflow(error) => ApiError::internal(error),
        }
    }
}

/// What the pricing engine must know: of promotions with limits what is left, of accumulations what the customer has
/// bought in the period. Asks the database only where there is something to ask.
///
/// # Errors
/// When the database refuses.
pub async fn usage(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    promotions: &[Promotion],
) -> Result<Usage, UsageError> {
    let mut facts = what_is_left(c, distributor, customer, promotions).await?;
    for promotion in promotions.iter().filter(|p| matches!(p.kind, PromotionKind::Accumulation { .. })) {
        let bought = store::list_bought(c, promotion, Some((distributor, customer))).await?;
        let bought: BTreeMap<ProductId, Bought> =
            bought.into_iter().flat_map(|customer| customer.bought).collect();
        facts.0.entry(promotion.id).or_default().accumulated =
            Some(pricing::accumulated(promotion, &bought)?);
    }
    Ok(facts)
}

/// Of promotions with limits what is left.
pub(crate) async fn what_is_left(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    promotions: &[Promotion],
) -> Result<Usage, UsageError> {
    let mut facts = Usage::default();
    let limited: Vec<&Promotion> =
        promotions.iter().filter(|p| !(p.budget.is_none() && p.per_customer.is_none())).collect();
    if limited.is_empty() {
        return Ok(facts);
    }
    let ids: Vec<Uuid> = limited.iter().map(|p| p.id.uuid()).collect();
    let totals = store::list_totals(c, distributor, customer, &ids).await?;
    for promotion in limited {
        if let Some(used) = totals.get(&promotion.id) {
            let budget_left = promotion.budget.less(&used.all)?;
            let customer_left = promotion.per_customer.less(&used.customer)?;
            facts.0.insert(promotion.id, UsageFacts { budget_left, customer_left, accumulated: None });
        }
    }
    Ok(facts)
}

/// Books what a document uses of its promotions. The limits are those of the promotions given: pass the ones the document
/// was priced with.
///
/// # Errors
/// [`UsageError::Short`] when there is not enough left; then nothing was booked.
pub async fn book_usage(
    c: &mut PgConnection,
    booking: &Booking,
    promotions: &[Promotion],
    uses: &[PromotionUse],
) -> Result<(), UsageError> {
    if uses.is_empty() {
        return Ok(());
    }
    let rows = uses.iter().map(|used| {
        let promotion = promotions.iter().find(|p| p.id == used.promotion_id);
        let PromotionUse { promotion_id, used } = used;
        json!({
            "promotionId": promotion_id,
            "times": used.times,
            "amount": used.amount,
            "quantity": used.quantity,
            "budget": promotion.map(|p| p.budget),
            "perCustomer": promotion.map(|p| p.per_customer),
        })
    });
    let short = store::book(c, booking, &serde_json::Value::Array(rows.collect())).await?;
    if short.is_empty() { Ok(()) } else { Err(UsageError::Short(short)) }
}

/// What an order uses of its promotions now, by their ids.
///
/// # Errors
/// When the database refuses.
pub async fn used_by(
    c: &mut PgConnection,
    distributor: DistributorId,
    order: DocumentId,
) -> Result<Vec<PromotionUse>, UsageError> {
    let mut uses = Vec::new();
    for row in store::list_used(c, distributor, order).await? {
        let used = row.booked.checked_sub(row.back)?;
        if !used.is_nothing() {
            uses.push(PromotionUse { promotion_id: row.promotion_id, used });
        }
    }
    Ok(uses)
}

/// Moves a part of what an order uses to another of the same customer, which takes that part of its goods. In all
/// nothing changes, so no totals are locked.
///
/// # Errors
/// When the database refuses.
pub async fn move_usage(
    c: &mut PgConnection,
    from: &Booking,
    to: DocumentId,
    uses: &[PromotionUse],
) -> Result<(), sqlx::Error> {
    if uses.is_empty() { Ok(()) } else { store::move_usage(c, from, to, uses).await }
}

/// Gives back what an order uses of its promotions, in proportion to what of its goods came back or will not be delivered.
/// `gone` tells for a promotion the value of the goods that earned it and don't stay with the customer, and of all that
/// earned it. What was given back before counts: the same answer again changes nothing. The totals are locked as when
/// they are booked.
///
/// # Errors
/// When the database refuses or a sum is out of range.
pub async fn give_back_usage(
    c: &mut PgConnection,
    order: &Booking,
    cause: Uuid,
    gone: impl Fn(PromotionId) -> Result<(Money, Money), Overflow>,
) -> Result<(), UsageError> {
    let mut parts = Vec::new();
    for row in store::list_used(c, order.distributor, order.document).await? {
        let (part, of) = gone(row.promotion_id)?;
        let now = row.booked.part(part, of)?.checked_sub(row.back)?;
        if !now.is_nothing() {
            parts.push(json!({
                "promotionId": row.promotion_id, "times": now.times, "amount": now.amount, "quantity": now.quantity,
            }));
        }
    }
    if !parts.is_empty() {
        store::give_back(c, order, cause, &serde_json::Value::Array(parts)).await?;
    }
    Ok(())
}

/// Gives back all that a document still uses, when it is rejected, cancelled, or priced anew. Again it changes nothing.
///
/// # Errors
/// When the database refuses.
pub async fn release_usage(
    c: &mut PgConnection,
    distributor: DistributorId,
    document: DocumentId,
    day: NaiveDate,
    at: DateTime<Utc>,
    actor: UserId,
) -> Result<(), sqlx::Error> {
    store::release(c, distributor, document, day, at, actor).await?;
    Ok(())
}
