use axum::Json;
use axum::extract::State;
use domain::PromotionId;
use domain::permission::PromotionsManage;
use platform::{ApiResult, App, Authorized, Checks, Command, IfMatch, Path, Problem, transaction};

use super::view::{PromotionBody, PromotionView, present};
use crate::service;

/// Replaces a promotion's rule. Orders that were priced before keep what they got.
#[utoipa::path(
    put, path = "/promotions/{id}", tag = "promotions", operation_id = "updatePromotion",
    request_body = PromotionBody,
    params(
        ("id" = PromotionId, Path, description = "The promotion"),
        ("If-Match" = Option<String>, Header, description = "The version that was loaded, unless the body has it"),
    ),
    responses(
        (status = 200, description = "As it is now", body = PromotionView),
        (status = 400, description = "Wrong fields", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No promotions.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 409, description = "The code is taken, or it has ended", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
        (status = 422, description = "An unknown product, or an unsound rule: `findings` tells what is wrong", body = Problem),
    )
)]
pub(crate) async fn update_promotion(
    State(app): State<App>,
    caller: Authorized<PromotionsManage>,
    Path(id): Path<PromotionId>,
    if_match: IfMatch,
    command: Command<PromotionBody>,
) -> ApiResult<Json<PromotionView>> {
    let version = if_match.version(command.body.version)?;
    let mut checks = Checks::default();
    let data = command.body.data(&mut checks);
    checks.done()?;
    let view = transaction!(app.db, caller.context(), "promotions.update", |tx| {
        let warnings = service::update(tx, caller.context(), app.now(), id, version, &data).await?;
        Ok(present(tx, &caller, app.today(), id).await?.warned(warnings))
    })?;
    Ok(Json(view))
}
