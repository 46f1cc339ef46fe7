//! The rules of changing promotions. Each function works in the caller's transaction.

use chrono::{DateTime, NaiveDate, Utc};
use db::{Context, audit};
use domain::PromotionId;
use domain::pricing::{self, Finding, Severity};
use platform::ApiError;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::PromotionError;
use crate::model::{KeptPromotion, PromotionData, PromotionStatus};
use crate::store;

/// Adds a promotion as a draft, and tells what looks wrong with it.
///
/// # Errors
/// 409 when the code is taken; 422 when it names an unknown product, or is unsound.
pub async fn create(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: PromotionId,
    data: &PromotionData,
) -> Result<Vec<Finding>, ApiError> {
    check_products(c, data).await?;
    let warnings = check_sound(c, id, data).await?;
    store::insert(c, id, data, at).await.map_err(code_taken)?;
    count_for_budget(c, id, data).await?;
    record(c, cx, at, "promotions.create", id, None::<&()>, Some(data)).await?;
    Ok(warnings)
}

/// Changes a promotion, and tells what looks wrong with it. Orders that were priced before keep what they got.
///
/// # Errors
/// 404, 412; 409 when the code is taken or it has ended; 422 when it names an unknown product, or is unsound.
pub async fn update(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: PromotionId,
    version: i64,
    data: &PromotionData,
) -> Result<Vec<Finding>, ApiError> {
    store::lock_writing(c).await?;
    let promotion = not_ended(store::lock_against_use(c, id).await?)?;
    if promotion.version != version {
        return Err(PromotionError::Stale.into());
    }
    check_products(c, data).await?;
    let warnings = check_sound(c, id, data).await?;
    let Some((before, after)) = audit::changes(&promotion.data, data)? else { return Ok(warnings) };
    store::update(c, id, data, at).await.map_err(code_taken)?;
    count_for_budget(c, id, data).await?;
    record(c, cx, at, "promotions.update", id, Some(&before), Some(&after)).await?;
    Ok(warnings)
}

/// Switches a draft or a paused promotion on, and tells what looks wrong with it; one that is on stays so.
///
/// # Errors
/// 404; 409 when it has ended; 422 when its last day is before `today`, or it is unsound beside those that are active.
pub async fn activate(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    today: NaiveDate,
    id: PromotionId,
) -> Result<Vec<Finding>, ApiError> {
    let promotion = lock(c, id).await?;
    if promotion.data.valid_to < today {
        return Err(PromotionError::Past.into());
    }
    let warnings = check_sound(c, id, &promotion.data).await?;
    set_status(c, cx, at, &promotion, PromotionStatus::Active, None, "promotions.activate").await?;
    Ok(warnings)
}

/// Holds an active promotion back; one that is paused stays so.
///
/// # Errors
/// 404; 409 when it is a draft or has ended, also by its last day.
pub async fn pause(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    today: NaiveDate,
    id: PromotionId,
) -> Result<(), ApiError> {
    let promotion = lock(c, id).await?;
    match promotion.stands_on(today) {
        PromotionStatus::Draft => Err(PromotionError::NotActive.into()),
        PromotionStatus::Ended => Err(PromotionError::Ended.into()),
        PromotionStatus::Active | PromotionStatus::Paused => {
            set_status(c, cx, at, &promotion, PromotionStatus::Paused, None, "promotions.pause").await
        }
    }
}

/// Ends a promotion for good; what was earned until `today` can still be settled. One that was ended stays so.
///
/// # Errors
/// 404; 409 when it is a draft.
pub async fn end(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    today: NaiveDate,
    id: PromotionId,
) -> Result<(), ApiError> {
    store::lock_writing(c).await?;
    let promotion = store::lock(c, id).await?.ok_or(PromotionError::NotFound)?;
    if promotion.status == PromotionStatus::Draft {
        return Err(PromotionError::Draft.into());
    }
    set_status(c, cx, at, &promotion, PromotionStatus::Ended, Some(today), "promotions.end").await
}

async fn lock(c: &mut PgConnection, id: PromotionId) -> Result<KeptPromotion, ApiError> {
    store::lock_writing(c).await?;
    not_ended(store::lock(c, id).await?)
}

fn not_ended(promotion: Option<KeptPromotion>) -> Result<KeptPromotion, ApiError> {
    let promotion = promotion.ok_or(PromotionError::NotFound)?;
    if promotion.status == PromotionStatus::Ended {
        return Err(PromotionError::Ended.into());
    }
    Ok(promotion)
}

async fn set_status(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    promotion: &KeptPromotion,
    status: PromotionStatus,
    ended_on: Option<NaiveDate>,
    action: &'static str,
) -> Result<(), ApiError> {
    if promotion.status == status {
        return Ok(());
    }
    store::update_status(c, promotion.id, status, ended_on, at).await?;
    let word = |status: PromotionStatus| serde_json::json!({ "status": status });
    record(c, cx, at, action, promotion.id, Some(&word(promotion.status)), Some(&word(status))).await
}

async fn check_products(c: &mut PgConnection, data: &PromotionData) -> Result<(), ApiError> {
    let products: Vec<Uuid> = data.products().into_iter().map(|id| id.uuid()).collect();
    let known = store::count_products(c, &products).await?;
    if usize::try_from(known) == Ok(products.len()) {
        Ok(())
    } else {
        Err(PromotionError::UnknownProduct.into())
    }
}

/// Refuses what the linter calls an error, beside the promotions that are active; gives its warnings.
async fn check_sound(
    c: &mut PgConnection,
    id: PromotionId,
    data: &PromotionData,
) -> Result<Vec<Finding>, ApiError> {
    let rule = data.clone().into_rule(id);
    let products: Vec<Uuid> = rule.products().into_iter().map(|id| id.uuid()).collect();
    let prices = store::sold_prices(c, &products).await?;
    let others = store::list_rules(c, &[PromotionStatus::Active], data.valid_from, data.valid_to).await?;
    let sellers = store::find_sellers(c, &products).await?;
    let findings = pricing::lint(&rule, &others, &prices, &sellers);
    let Some(first) = findings.iter().find(|finding| finding.severity == Severity::Error) else {
        return Ok(findings);
    };
    Err(ApiError::unprocessable("promotions.unsound", first.vi.clone(), first.en.clone())
        .with("findings", &findings))
}

/// Counts what is used from now on, where there is a budget; all that was used before counts too.
async fn count_for_budget(
    c: &mut PgConnection,
    id: PromotionId,
    data: &PromotionData,
) -> Result<(), sqlx::Error> {
    if data.definition.budget.is_none() {
        store::end_budget(c, id).await
    } else {
        store::begin_budget(c, id).await
    }
}

async fn record(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    action: &'static str,
    id: PromotionId,
    before: Option<&impl Serialize>,
    after: Option<&impl Serialize>,
) -> Result<(), ApiError> {
    let entry = audit::Entry {
        action,
        entity: "promotion",
        entity_id: Some(id.uuid()),
        distributor: None,
        before,
        after,
    };
    Ok(audit::record(c, cx, at, entry).await?)
}

fn code_taken(error: sqlx::Error) -> ApiError {
    ApiError::from(error).on_constraint("promotions_code_uniq", || PromotionError::CodeTaken.into())
}
