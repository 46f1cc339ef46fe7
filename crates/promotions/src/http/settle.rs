use axum::Json;
use axum::extract::State;
use domain::permission::PromotionsManage;
use domain::{CustomerId, DistributorId, Money, PromotionId};
use platform::{ApiResult, App, Authorized, Path, Problem, transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::settle::{By, Credited, settle};

/// What a settlement credited now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SettlementView {
    /// The promotion.
    promotion_id: PromotionId,
    /// All that was credited now, in đồng.
    total: Money,
    /// To whom; customers that had it before are not among them.
    credited: Vec<CreditedView>,
}

/// What a customer was credited with.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreditedView {
    /// The distributor that owes it.
    distributor_id: DistributorId,
    /// The customer.
    customer_id: CustomerId,
    /// The tier reached; 1 is the lowest.
    tier: u32,
    /// How much, in đồng.
    amount: Money,
    /// Whether the budget allowed no more.
    limited: bool,
}

/// Credits the customers of an accumulation with what they have earned, after its last day. Each customer is credited
/// once; again it credits only those that are new.
#[utoipa::path(
    post, path = "/promotions/{id}/settle", tag = "promotions", operation_id = "settlePromotion",
    params(("id" = PromotionId, Path, description = "The promotion")),
    responses(
        (status = 200, description = "What was credited now", body = SettlementView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No promotions.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 409, description = "No accumulation, a draft, or not over", body = Problem),
    )
)]
pub(crate) async fn settle_promotion(
    State(app): State<App>,
    caller: Authorized<PromotionsManage>,
    Path(id): Path<PromotionId>,
) -> ApiResult<Json<SettlementView>> {
    let (now, today) = (app.now(), app.today());
    let by = By { context: caller.context(), actor: caller.user_id, at: now, today };
    let credited =
        transaction!(app.db, caller.context(), "promotions.settle", |tx| { settle(tx, &by, id).await })?;
    app.wake.now();
    let total = Money::sum(credited.iter().map(|one| one.amount)).map_err(platform::ApiError::internal)?;
    let credited = credited
        .into_iter()
        .map(|Credited { distributor, customer, tier, amount, limited }| CreditedView {
            distributor_id: distributor,
            customer_id: customer,
            tier,
            amount,
            limited,
        })
        .collect();
    Ok(Json(SettlementView { promotion_id: id, total, credited }))
}
