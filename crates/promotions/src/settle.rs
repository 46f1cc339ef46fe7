//! Settles accumulations: credits each customer with what it has earned in the period, once.

use chrono::{DateTime, NaiveDate, Utc};
use db::{Context, PgConnection, audit};
use domain::pricing::{self, PromotionKind, PromotionUse, Used};
use domain::{CustomerId, DistributorId, DocumentId, Money, PromotionId, Quantity, UserId};
use platform::ApiError;
use receivables::EntryKind;
use receivables::ledger::{self, Allocate, Credit};
use serde_json::json;
use uuid::Uuid;

use crate::error::PromotionError;
use crate::model::PromotionStatus;
use crate::store::{self, CustomerBought, NewSettlement};
use crate::usage::{Booking, UsageKind, book_usage, what_is_left};

/// Who settles, when.
pub(crate) struct By<'a> {
    pub context: &'a Context,
    pub actor: UserId,
    pub at: DateTime<Utc>,
    pub today: NaiveDate,
}

/// What a customer was credited with.
#[derive(Debug, Clone)]
pub(crate) struct Credited {
    pub distributor: DistributorId,
    pub customer: CustomerId,
    pub tier: u32,
    pub amount: Money,
    pub limited: bool,
}

/// Credits the customers that have earned something and were not credited before; again it credits only who is new.
///
/// # Errors
/// 404; 409 when it is no accumulation, a draft, or not over.
pub(crate) async fn settle(
    c: &mut PgConnection,
    by: &By<'_>,
    id: PromotionId,
) -> Result<Vec<Credited>, ApiError> {
    let kept = store::lock(c, id).await?.ok_or(PromotionError::NotFound)?;
    if kept.status == PromotionStatus::Draft {
        return Err(PromotionError::Draft.into());
    }
    if !matches!(kept.data.definition.kind, PromotionKind::Accumulation { .. }) {
        return Err(PromotionError::NothingToSettle.into());
    }
    if kept.data.valid_to >= by.today {
        return Err(PromotionError::NotOver.into());
    }
    let promotion = kept.into_rule();
    let settled = store::list_settled(c, id).await?;
    let mut customers = store::list_bought(c, &promotion, None).await?;
    customers.retain(|customer| {
        !settled.contains(&customer.buyer.customer_id) && promotion.audience.includes(&customer.buyer)
    });
    let ids: Vec<Uuid> = customers.iter().map(|customer| customer.buyer.customer_id.uuid()).collect();
    store::lock_customers(c, &ids).await?;
    let mut credited = Vec::new();
    for CustomerBought { buyer, bought } in customers {
        let (distributor, customer) = (buyer.distributor_id, buyer.customer_id);
        let left = what_is_left(c, distributor, customer, std::slice::from_ref(&promotion)).await?;
        let left = left.0.get(&id).copied().unwrap_or_default();
        let left = left.budget_left.tighter(left.customer_left);
        let rebate = pricing::settle_accumulation(&promotion, &bought, left).map_err(ApiError::internal)?;
        let Some(rebate) = rebate else { continue };
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
        let used = Used { times: 1, amount: rebate.amount, quantity: Quantity::ZERO };
        let uses = [PromotionUse { promotion_id: id, used }];
        book_usage(c, &booking, std::slice::from_ref(&promotion), &uses).await?;
        let new = NewSettlement {
            distributor,
            id: document.uuid(),
            promotion: id,
            customer,
            tier: rebate.tier,
            amount: rebate.amount,
            business_date: by.today,
            at: by.at,
            actor: by.actor,
        };
        store::insert_settlement(c, &new).await?;
        let credit = Credit {
            distributor,
            customer,
            kind: EntryKind::Rebate,
            amount: rebate.amount,
            document_id: document,
            number: &promotion.code,
            business_date: by.today,
            at: by.at,
            actor: by.actor,
        };
        ledger::credit(c, &credit, Allocate::OldestDueFirst).await?;
        let (tier, amount, limited) = (rebate.tier, rebate.amount, rebate.limited);
        let entry = audit::Entry {
            action: "promotions.settle",
            entity: "promotion",
            entity_id: Some(id.uuid()),
            distributor: Some(distributor),
            before: None::<&()>,
            after: Some(&json!({ "customerId": customer, "tier": tier, "amount": amount })),
        };
        audit::record(c, by.context, by.at, entry).await?;
        credited.push(Credited { distributor, customer, tier, amount, limited });
    }
    Ok(credited)
}
