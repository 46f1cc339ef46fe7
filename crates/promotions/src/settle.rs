//! Settles accumulations and displays: gives each customer what it has earned, once; accumulations in the whole period,
//! displays month by month.

use chrono::{DateTime, NaiveDate, Utc};
use db::{Context, PgConnection, audit};
use domain::pricing::{self, Promotion, PromotionKind, PromotionUse, Settled, Used};
use domain::{
    CustomerId, DistributorId, DocumentId, Money, Month, ProductId, PromotionId, Quantity, TypedQuantity,
    Unit, UserId,
};
use platform::ApiError;
use receivables::EntryKind;
use receivables::ledger::{self, Allocate, Credit};
use serde_json::json;
use uuid::Uuid;

use crate::error::PromotionError;
use crate::model::PromotionStatus;
use crate::store::{self, CustomerBought, NewSettlement};
use crate::usage::{Booking, UsageError, UsageKind, book_usage, what_is_left};

/// Who settles, when.
pub(crate) struct By<'a> {
    pub context: &'a Context,
    pub actor: UserId,
    pub at: DateTime<Utc>,
    pub today: NaiveDate,
}

/// What a customer was given.
#[derive(Debug, Clone)]
pub(crate) struct Credited {
    pub distributor: DistributorId,
    pub customer: CustomerId,
    pub tier: u32,
    /// Credited to what it owes; none when it gets goods.
    pub amount: Money,
    pub limited: bool,
    /// For displays, the first day of the month.
    pub month: Option<NaiveDate>,
    /// The goods it gets.
    pub goods: Option<Goods>,
}

/// Goods that a customer gets for nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goods {
    pub product: ProductId,
    pub quantity: i64,
    pub unit: Unit,
}

/// What was settled now.
#[derive(Debug, Default)]
pub(crate) struct Settlement {
    pub credited: Vec<Credited>,
    /// Customers' months of which displays wait for their score; they are settled when all are scored.
    pub waiting: usize,
}

/// Gives the customers what they have earned and were not given before; again it gives only to who is new. Displays are
/// settled for the months that are over, or just the one.
///
/// # Errors
/// 404; 409 when it is neither accumulation nor display, a draft, or not over.
pub(crate) async fn settle(
    c: &mut PgConnection,
    by: &By<'_>,
    id: PromotionId,
    month: Option<Month>,
) -> Result<Settlement, ApiError> {
    let kept = store::lock(c, id).await?.ok_or(PromotionError::NotFound)?;
    if kept.status == PromotionStatus::Draft {
        return Err(PromotionError::Draft.into());
    }
    let last_day = kept.last_day();
    let promotion = kept.into_rule();
    match &promotion.kind {
        PromotionKind::Accumulation { .. } if last_day >= by.today => Err(PromotionError::NotOver.into()),
        PromotionKind::Accumulation { .. } => {
            let credited = settle_accumulations(c, by, &promotion).await?;
            Ok(Settlement { credited, waiting: 0 })
        }
        PromotionKind::Display { program, .. } => {
            let months = months_over(&promotion, last_day, by.today, month);
            if months.is_empty() {
                return Err(PromotionError::NotOver.into());
            }
            let mut settlement = Settlement::default();
            for (month, from, to) in months {
                settle_displays(c, by, &promotion, program, (month, from, to), &mut settlement).await?;
            }
            Ok(settlement)
        }
        _ => Err(PromotionError::NothingToSettle.into()),
    }
}

/// The months of the promotion whose last counted day is past: the first day of the month, and the first and last day that
/// count.
fn months_over(
    promotion: &Promotion,
    last_day: NaiveDate,
    today: NaiveDate,
    only: Option<Month>,
) -> Vec<(NaiveDate, NaiveDate, NaiveDate)> {
    let mut months = Vec::new();
    let mut month = Month::of(promotion.valid_from);
    while month.first_day() <= last_day {
        let (from, to) = (month.first_day().max(promotion.valid_from), month.last_day().min(last_day));
        if to < today && only.is_none_or(|only| only == month) {
            months.push((month.first_day(), from, to));
        }
        let Some(next) = month.last_day().succ_opt() else { break };
        month = Month::of(next);
    }
    months
}

/// Gives for the displays that passed between the days. Whose displays aren't all scored waits.
async fn settle_displays(
    c: &mut PgConnection,
    by: &By<'_>,
    promotion: &Promotion,
    program: &str,
    (month, from, to): (NaiveDate, NaiveDate, NaiveDate),
    settlement: &mut Settlement,
) -> Result<(), ApiError> {
    let settled = store::list_settled(c, promotion.id, Some(month)).await?;
    let mut shown = store::list_shown(c, promotion, program, from, to).await?;
    shown.retain(|customer| {
        !settled.contains(&customer.buyer.customer_id) && promotion.audience.includes(&customer.buyer)
    });
    let ids: Vec<Uuid> = shown.iter().map(|customer| customer.buyer.customer_id.uuid()).collect();
    store::lock_customers(c, &ids).await?;
    for customer in shown {
        if customer.waiting > 0 {
            settlement.waiting += 1;
            continue;
        }
        let (distributor, id) = (customer.buyer.distributor_id, customer.buyer.customer_id);
        let left = what_is_left(c, distributor, id, std::slice::from_ref(promotion), None).await?;
        let left = left.0.get(&promotion.id).copied().unwrap_or_default();
        let left = left.budget_left.tighter(left.customer_left);
        let gift = match pricing::settle_display(promotion, customer.passed, left) {
            None => continue,
            Some(Settled::Credit(rebate)) => Gift {
                tier: rebate.tier,
                used: Used { times: 1, amount: rebate.amount, quantity: Quantity::ZERO },
                credit: rebate.amount,
                limited: rebate.limited,
                goods: None,
            },
            Some(Settled::Goods { tier, product_id, quantity, unit }) => {
                let book = store::price_book(c, &[product_id.uuid()]).await?;
                let price = book.0.get(&product_id).ok_or(PromotionError::UnknownProduct)?;
                let typed = TypedQuantity { quantity, unit };
                let worth = match unit {
                    Unit::Whole => price.prices.whole,
                    Unit::Retail => price.prices.retail,
                };
                Gift {
                    tier,
                    used: Used {
                        times: 1,
                        amount: worth.checked_mul(quantity).map_err(ApiError::internal)?,
                        quantity: typed.to_pieces(price.conversion).map_err(ApiError::internal)?,
                    },
                    credit: Money::ZERO,
                    limited: false,
                    goods: Some(Goods { product: product_id, quantity, unit }),
                }
            }
        };
        let of = (distributor, id, Some((month, customer.passed)));
        // Goods are given whole or not at all: not as long as the budget doesn't carry them.
        settlement.credited.extend(give(c, by, promotion, of, gift).await?);
    }
    Ok(())
}

async fn settle_accumulations(
    c: &mut PgConnection,
    by: &By<'_>,
    promotion: &Promotion,
) -> Result<Vec<Credited>, ApiError> {
    let id = promotion.id;
    let settled = store::list_settled(c, id, None).await?;
    let mut customers = store::list_bought(c, promotion, None).await?;
    customers.retain(|customer| {
        !settled.contains(&customer.buyer.customer_id) && promotion.audience.includes(&customer.buyer)
    });
    let ids: Vec<Uuid> = customers.iter().map(|customer| customer.buyer.customer_id.uuid()).collect();
    store::lock_customers(c, &ids).await?;
    let mut credited = Vec::new();
    for CustomerBought { buyer, bought } in customers {
        let (distributor, customer) = (buyer.distributor_id, buyer.customer_id);
        let left = what_is_left(c, distributor, customer, std::slice::from_ref(promotion), None).await?;
        let left = left.0.get(&id).copied().unwrap_or_default();
        let left = left.budget_left.tighter(left.customer_left);
        let rebate = pricing::settle_accumulation(promotion, &bought, left).map_err(ApiError::internal)?;
        let Some(rebate) = rebate else { continue };
        let gift = Gift {
            tier: rebate.tier,
            used: Used { times: 1, amount: rebate.amount, quantity: Quantity::ZERO },
            credit: rebate.amount,
            limited: rebate.limited,
            goods: None,
        };
        let given = give(c, by, promotion, (distributor, customer, None), gift).await?;
        credited.push(given.ok_or_else(|| UsageError::Short(vec![id]))?);
    }
    Ok(credited)
}

/// What a customer gets.
struct Gift {
    tier: u32,
    used: Used,
    credit: Money,
    limited: bool,
    goods: Option<Goods>,
}

/// Books what a customer gets, writes it down, and credits the money. None, and nothing is done, when not enough is left.
async fn give(
    c: &mut PgConnection,
    by: &By<'_>,
    promotion: &Promotion,
    (distributor, customer, month): (DistributorId, CustomerId, Option<(NaiveDate, i64)>),
    gift: Gift,
) -> Result<Option<Credited>, ApiError> {
    let document = DocumentId::new(Uuid::now_v7());
    let booking = Booking {
        distributor,
        customer,
        kind: UsageKind::Settlement,
        document,
        business_date: by.today,
        at: by.at,
        actor: by.actor,
    };
    let uses = [PromotionUse { promotion_id: promotion.id, used: gift.used }];
    match book_usage(c, &booking, std::slice::from_ref(promotion), &uses).await {
        Ok(_) => {}
        Err(UsageError::Short(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let new = NewSettlement {
        distributor,
        id: document.uuid(),
        promotion: promotion.id,
        customer,
        tier: gift.tier,
        amount: gift.credit,
        month: month.map(|(month, _)| month),
        displays: month.map(|(_, passed)| i32::try_from(passed).unwrap_or(i32::MAX)),
        goods: gift.goods,
        business_date: by.today,
        at: by.at,
        actor: by.actor,
    };
    store::insert_settlement(c, &new).await?;
    if gift.credit.is_positive() {
        let credit = Credit {
            distributor,
            customer,
            kind: EntryKind::Rebate,
            amount: gift.credit,
            document_id: document,
            number: &promotion.code,
            business_date: by.today,
            at: by.at,
            actor: by.actor,
        };
        ledger::credit(c, &credit, Allocate::OldestDueFirst).await?;
    }
    let after = json!({
        "customerId": customer, "tier": gift.tier, "amount": gift.credit, "month": new.month,
        "productId": gift.goods.map(|goods| goods.product), "quantity": gift.goods.map(|goods| goods.quantity),
    });
    let entry = audit::Entry {
        action: "promotions.settle",
        entity: "promotion",
        entity_id: Some(promotion.id.uuid()),
        distributor: Some(distributor),
        before: None::<&()>,
        after: Some(&after),
    };
    audit::record(c, by.context, by.at, entry).await?;
    Ok(Some(Credited {
        distributor,
        customer,
        tier: gift.tier,
        amount: gift.credit,
        limited: gift.limited,
        month: new.month,
        goods: gift.goods,
    }))
}
