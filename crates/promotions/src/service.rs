//! The rules of changing promotions. Each function works in the caller's transaction.

use chrono::{DateTime, NaiveDate, Utc};
use db::{Context, audit};
use domain::PromotionId;
use platform::ApiError;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::PromotionError;
use crate::model::{KeptPromotion, PromotionData, PromotionStatus};
use crate::store;

/// Adds a promotion as a draft.
///
/// # Errors
/// 409 when the code is taken; 422 when it names an unknown product.
pub async fn create(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: PromotionId,
    data: &PromotionData,
) -> Result<(), ApiError> {
    check_products(c, data).await?;
    store::insert(c, id, data, at).await.map_err(code_taken)?;
    record(c, cx, at, "promotions.create", id, None::<&()>, Some(data)).await
}

/// Changes a promotion. Orders that were priced before keep what they got.
///
/// # Errors
/// 404, 412; 409 when the code is taken or it has ended; 422 when it names an unknown product.
pub async fn update(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: PromotionId,
    version: i64,
    data: &PromotionData,
) -> Result<(), ApiError> {
    let promotion = lock(c, id).await?;
    if promotion.version != version {
        return Err(PromotionError::Stale.into());
    }
    check_products(c, data).await?;
    let Some((before, after)) = audit::changes(&promotion.data, data)? else { return Ok(()) };
    store::update(c, id, data, at).await.map_err(code_taken)?;
    record(c, cx, at, "promotions.update", id, Some(&before), Some(&after)).await
}

/// Switches a draft or a paused promotion on; one that is on stays so.
///
/// # Errors
/// 404; 409 when it has ended; 422 when its last day is before `today`.
pub async fn activate(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    today: NaiveDate,
    id: PromotionId,
) -> Result<(), ApiError> {
    let promotion = lock(c, id).await?;
    if promotion.data.valid_to < today {
        return Err(PromotionError::Past.into());
    }
    set_status(c, cx, at, &promotion, PromotionStatus::Active, "promotions.activate").await
}

/// Holds an active promotion back; one that is paused stays so.
///
/// # Errors
/// 404; 409 when it is a draft or has ended.
pub async fn pause(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: PromotionId,
) -> Result<(), ApiError> {
    let promotion = lock(c, id).await?;
    if promotion.status == PromotionStatus::Draft {
        return Err(PromotionError::NotActive.into());
    }
    set_status(c, cx, at, &promotion, PromotionStatus::Paused, "promotions.pause").await
}

async fn lock(c: &mut PgConnection, id: PromotionId) -> Result<KeptPromotion, ApiError> {
    let promotion = store::lock(c, id).await?.ok_or(PromotionError::NotFound)?;
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
    action: &'static str,
) -> Result<(), ApiError> {
    if promotion.status == status {
        return Ok(());
    }
    store::update_status(c, promotion.id, status, at).await?;
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
