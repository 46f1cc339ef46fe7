//! How much of a promotion is left, and who used it.
//!
//! Every use is a row of a ledger. What it adds up to is kept per customer, and over all distributors for promotions
//! with a budget. Both are locked when a document uses them, **after the customer's balance and before the counter that
//! numbers the document**, in the order of promotions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::pricing::{self, Bought, Promotion, PromotionKind, PromotionUse, Usage, UsageFacts, Used};
use domain::{
    CustomerId, DistributorId, DocumentId, Money, Overflow, ProductId, PromotionId, Quantity, UserId,
};
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
/// bought in the period. What the order `but_of` uses counts as left. Asks the database only where there is something to
/// ask.
///
/// # Errors
/// When the database refuses.
pub async fn usage(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    promotions: &[Promotion],
    but_of: Option<DocumentId>,
) -> Result<Usage, UsageError> {
    let mut facts = what_is_left(c, distributor, customer, promotions, but_of).await?;
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
    but_of: Option<DocumentId>,
) -> Result<Usage, UsageError> {
    let mut facts = Usage::default();
    let limited: Vec<&Promotion> =
        promotions.iter().filter(|p| !(p.budget.is_none() && p.per_customer.is_none())).collect();
    if limited.is_empty() {
        return Ok(facts);
    }
    let ids: Vec<Uuid> = limited.iter().map(|p| p.id.uuid()).collect();
    let totals = store::list_totals(c, distributor, customer, &ids).await?;
    let own = match but_of {
        Some(order) => used_by(c, distributor, order).await?,
        None => Vec::new(),
    };
    for promotion in limited {
        if let Some(used) = totals.get(&promotion.id) {
            let own = own.iter().find(|own| own.promotion_id == promotion.id).map(|own| own.used);
            let own = own.unwrap_or_default();
            let budget_left = promotion.budget.less(&used.all.checked_sub(own)?)?;
            let customer_left = promotion.per_customer.less(&used.customer.checked_sub(own)?)?;
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
    for row in store::list_used(c, distributor, &[order.uuid()]).await? {
        let used = row.booked.checked_sub(row.back)?;
        if !used.is_nothing() {
            uses.push(PromotionUse { promotion_id: row.promotion_id, used });
        }
    }
    Ok(uses)
}

/// Locks the totals of all that the orders use, and of what one of them is about to use: before the first of them
/// changes, where more than one statement will change them.
///
/// # Errors
/// When the database refuses.
pub async fn lock_usage(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    orders: &[DocumentId],
    wanted: &[PromotionUse],
) -> Result<(), sqlx::Error> {
    let orders: Vec<Uuid> = orders.iter().map(|order| order.uuid()).collect();
    let wanted: Vec<Uuid> = wanted.iter().map(|used| used.promotion_id.uuid()).collect();
    store::lock_totals(c, distributor, customer, &orders, &wanted).await
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

/// Gives back what an order, or the parts of a split one, use of their promotions, as far as their goods came back or will
/// not be delivered. `due` tells it of what they booked together, from the beginning: what was given back before counts,
/// and the same answer again changes nothing. Where less is due than before, because a part was withdrawn whose goods
/// all stay, the others use it again. Of the parts the first gives back as much as it can, then the next. The totals
/// must be locked.
///
/// # Errors
/// When the database refuses or a sum is out of range.
pub async fn give_back_usage(
    c: &mut PgConnection,
    booking: &Booking,
    parts: &[DocumentId],
    cause: Uuid,
    due: impl Fn(PromotionId, Used) -> Result<Used, Overflow>,
) -> Result<(), UsageError> {
    let ids: Vec<Uuid> = parts.iter().map(|part| part.uuid()).collect();
    let used = store::list_used(c, booking.distributor, &ids).await?;
    let mut changes: BTreeMap<DocumentId, Vec<serde_json::Value>> = BTreeMap::new();
    for of_promotion in used.chunk_by(|a, b| a.promotion_id == b.promotion_id) {
        let (mut booked, mut back) = (Used::default(), Used::default());
        for row in of_promotion {
            (booked, back) = (booked.checked_add(row.booked)?, back.checked_add(row.back)?);
        }
        let Some(promotion) = of_promotion.first().map(|row| row.promotion_id) else { continue };
        let mut rest = due(promotion, booked)?.checked_sub(back)?;
        for row in of_promotion {
            let now = within(rest, row.booked.checked_sub(row.back)?, row.back);
            if !now.is_nothing() {
                rest = rest.checked_sub(now)?;
                changes.entry(row.document).or_default().push(json!({
                    "promotionId": promotion, "times": now.times, "amount": now.amount, "quantity": now.quantity,
                }));
            }
        }
    }
    for (document, changes) in changes {
        store::give_back(c, booking, document, cause, &serde_json::Value::Array(changes)).await?;
    }
    Ok(())
}

/// So much of what is to be given back as one part can: no more than it uses, or, where it is taken back, than it gave.
fn within(rest: Used, uses: Used, gave: Used) -> Used {
    let within = |rest: i64, uses: i64, gave: i64| rest.min(uses.max(0)).max(-gave.max(0));
    Used {
        times: within(rest.times, uses.times, gave.times),
        amount: Money::new(within(rest.amount.dong(), uses.amount.dong(), gave.amount.dong())),
        quantity: Quantity::new(within(
            rest.quantity.pieces(),
            uses.quantity.pieces(),
            gave.quantity.pieces(),
        )),
    }
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
