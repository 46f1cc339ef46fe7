use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::permission::PromotionsManage;
use domain::{CustomerId, DistributorId, Money, Month, ProductId, PromotionId, Unit};
use platform::{ApiResult, App, Authorized, Command, Path, Problem, transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::settle::{By, Credited, Settlement, settle};

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
    /// Of how many customers' months displays wait for their score; settle again when they have it.
    waiting: usize,
}

/// What is settled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Settle {
    /// Of displays, only this month (`YYYY-MM`); all that are over when absent.
    #[schema(value_type = Option<String>)]
    month: Option<Month>,
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
    /// For displays, the first day of the month.
    month: Option<NaiveDate>,
    /// The product it gets for nothing, in place of an amount.
    product_id: Option<ProductId>,
    /// How many of it.
    quantity: Option<i64>,
    /// Cases or pieces.
    unit: Option<Unit>,
}

/// Gives the customers of an accumulation what they have earned, after its last day; and those of displays for each month
/// that is over, when all their displays are scored. Each customer is given once; again it gives only to those that are new.
#[utoipa::path(
    post, path = "/promotions/{id}/settle", tag = "promotions", operation_id = "settlePromotion",
    params(("id" = PromotionId, Path, description = "The promotion")),
    request_body = Settle,
    responses(
        (status = 200, description = "What was credited now", body = SettlementView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No promotions.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 409, description = "Neither accumulation nor display, a draft, or not over", body = Problem),
    )
)]
pub(crate) async fn settle_promotion(
    State(app): State<App>,
    caller: Authorized<PromotionsManage>,
    Path(id): Path<PromotionId>,
    cmd: Command<Settle>,
) -> ApiResult<Json<SettlementView>> {
    let (now, today) = (app.now(), app.today());
    let by = By { context: caller.context(), actor: caller.user_id, at: now, today };
    let Settlement { credited, waiting } =
        transaction!(app.db, caller.context(), "promotions.settle", |tx| {
            settle(tx, &by, id, cmd.body.month).await
        })?;
    app.wake.now();
    let total = Money::sum(credited.iter().map(|one| one.amount)).map_err(platform::ApiError::internal)?;
    let credited = credited
        .into_iter()
        .map(|Credited { distributor, customer, tier, amount, limited, month, goods }| CreditedView {
            distributor_id: distributor,
            customer_id: customer,
            tier,
            amount,
            limited,
            month,
            product_id: goods.map(|goods| goods.product),
            quantity: goods.map(|goods| goods.quantity),
            unit: goods.map(|goods| goods.unit),
        })
        .collect();
    Ok(Json(SettlementView { promotion_id: id, total, credited, waiting }))
}
