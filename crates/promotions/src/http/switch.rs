use axum::Json;
use axum::extract::State;
use domain::PromotionId;
use domain::permission::PromotionsManage;
use platform::{ApiResult, App, Authorized, Path, Problem, transaction};

use super::view::{PromotionView, present};
use crate::service;

/// Switches a draft or a paused promotion on.
#[utoipa::path(
    post, path = "/promotions/{id}/activate", tag = "promotions", operation_id = "activatePromotion",
    params(("id" = PromotionId, Path, description = "The promotion")),
    responses(
        (status = 200, description = "As it is now", body = PromotionView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No promotions.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 409, description = "It has ended", body = Problem),
        (status = 422, description = "Its last day is past, or it is unsound: `findings` tells what is wrong", body = Problem),
    )
)]
pub(crate) async fn activate_promotion(
    State(app): State<App>,
    caller: Authorized<PromotionsManage>,
    Path(id): Path<PromotionId>,
) -> ApiResult<Json<PromotionView>> {
    let view = transaction!(app.db, caller.context(), "promotions.activate", |tx| {
        let warnings = service::activate(tx, caller.context(), app.now(), app.today(), id).await?;
        Ok(present(tx, &caller, app.today(), id).await?.warned(warnings))
    })?;
    Ok(Json(view))
}

/// Holds an active promotion back.
#[utoipa::path(
    post, path = "/promotions/{id}/pause", tag = "promotions", operation_id = "pausePromotion",
    params(("id" = PromotionId, Path, description = "The promotion")),
    responses(
        (status = 200, description = "As it is now", body = PromotionView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No promotions.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 409, description = "A draft, or it has ended", body = Problem),
    )
)]
pub(crate) async fn pause_promotion(
    State(app): State<App>,
    caller: Authorized<PromotionsManage>,
    Path(id): Path<PromotionId>,
) -> ApiResult<Json<PromotionView>> {
    let view = transaction!(app.db, caller.context(), "promotions.pause", |tx| {
        service::pause(tx, caller.context(), app.now(), app.today(), id).await?;
        present(tx, &caller, app.today(), id).await
    })?;
    Ok(Json(view))
}

/// Ends a promotion for good: nobody gets it any more, and it can't be changed or switched on again. What customers earned
/// up to this day can still be settled.
#[utoipa::path(
    post, path = "/promotions/{id}/end", tag = "promotions", operation_id = "endPromotion",
    params(("id" = PromotionId, Path, description = "The promotion")),
    responses(
        (status = 200, description = "As it is now", body = PromotionView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No promotions.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 409, description = "A draft", body = Problem),
    )
)]
pub(crate) async fn end_promotion(
    State(app): State<App>,
    caller: Authorized<PromotionsManage>,
    Path(id): Path<PromotionId>,
) -> ApiResult<Json<PromotionView>> {
    let view = transaction!(app.db, caller.context(), "promotions.end", |tx| {
        service::end(tx, caller.context(), app.now(), app.today(), id).await?;
        present(tx, &caller, app.today(), id).await
    })?;
    Ok(Json(view))
}
