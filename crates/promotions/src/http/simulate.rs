use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::permission::PromotionsManage;
use domain::{DistributorId, Money, OrderId, PromotionId};
use platform::{ApiError, ApiResult, App, Authorized, Command, Path, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::simulate;

/// The most orders that are told one by one.
const MOST_TOLD: usize = 500;

/// Over which orders a promotion is replayed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SimulateBody {
    /// The first business day.
    from: NaiveDate,
    /// The last one, at most a year later.
    to: NaiveDate,
    /// Only the orders of this distributor; all when left out.
    distributor_id: Option<DistributorId>,
}

/// What a promotion would have done to past orders.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SimulationView {
    /// Orders replayed.
    orders: i64,
    /// Orders that can't be priced any more, and were left out.
    skipped: i64,
    /// Whether there were more orders than are replayed at once; then the earliest were taken.
    truncated: bool,
    /// Orders to which it would have given something.
    reached: i64,
    /// What it would have given to them: discounts, and free goods at their price.
    given: Money,
    /// What it would have cost beyond what other promotions gave instead; may be negative.
    cost: Money,
    /// Net sales of the orders reached, as they were.
    sales: Money,
    /// Orders that would have narrowly missed it.
    near_misses: i64,
    /// What those would have had to buy more, where that can be told: the uplift that is in reach.
    uplift: Money,
    /// The orders that would have been different or narrowly missed it; at most 500.
    differences: Vec<DifferenceView>,
}

/// What the promotion would have done to one order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DifferenceView {
    /// The order.
    order_id: OrderId,
    /// Its number.
    order_number: String,
    /// Its total without the promotion.
    total_before: Money,
    /// Its total with it.
    total_after: Money,
    /// What the promotion gives.
    given: Money,
    /// Given by all promotions with it, less given by all without it.
    cost: Money,
    /// Whether it is narrowly missed.
    near_miss: bool,
}

/// Replays a promotion, a draft for instance, over past orders: what it would have cost, and what uplift is in reach.
#[utoipa::path(
    post, path = "/promotions/{id}/simulate", tag = "promotions", operation_id = "simulatePromotion",
    request_body = SimulateBody,
    params(("id" = PromotionId, Path, description = "The promotion")),
    responses(
        (status = 200, description = "What it would have done", body = SimulationView),
        (status = 400, description = "Wrong fields", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No promotions.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 409, description = "Accumulations and displays are not given in orders", body = Problem),
    )
)]
pub(crate) async fn simulate_promotion(
    State(app): State<App>,
    caller: Authorized<PromotionsManage>,
    Path(id): Path<PromotionId>,
    command: Command<SimulateBody>,
) -> ApiResult<Json<SimulationView>> {
    let SimulateBody { from, to, distributor_id } = command.body;
    if to < from || (to - from).num_days() > 366 {
        return Err(ApiError::invalid_field(
            "to",
            "Phải từ ngày bắt đầu đến tối đa một năm sau",
            "Must be from the first day to a year later at most",
        ));
    }
    let mut tx = app.db.read(caller.context()).await?;
    let replay = simulate::prepare(&mut tx, id, from, to, distributor_id).await?;
    drop(tx);
    let outcome = tokio::task::spawn_blocking(|| replay.run()).await.map_err(ApiError::internal)??;
    let simulate::Outcome { simulation, mut numbers, truncated } = outcome;
    let told = simulation.differences.into_iter().take(MOST_TOLD).map(|effect| DifferenceView {
        order_id: effect.order_id,
        order_number: numbers.remove(&effect.order_id).unwrap_or_default(),
        total_before: effect.total_before,
        total_after: effect.total_after,
        given: effect.given,
        cost: effect.cost,
        near_miss: effect.near_miss,
    });
    Ok(Json(SimulationView {
        orders: simulation.orders,
        skipped: simulation.skipped,
        truncated,
        reached: simulation.reached,
        given: simulation.given,
        cost: simulation.cost,
        sales: simulation.sales,
        near_misses: simulation.near_misses,
        uplift: simulation.uplift,
        differences: told.collect(),
    }))
}
