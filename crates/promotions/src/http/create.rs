use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::PromotionsManage;
use platform::{ApiResult, App, Authorized, Checks, Command, Problem, transaction_once};
use uuid::Uuid;

use super::view::{PromotionBody, PromotionView, present};
use crate::service;

/// Adds a promotion as a draft; nobody gets it before it is activated.
#[utoipa::path(
    post, path = "/promotions", tag = "promotions", operation_id = "createPromotion",
    request_body = PromotionBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless")),
    responses(
        (status = 201, description = "Added", body = PromotionView),
        (status = 400, description = "Wrong fields", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No promotions.manage", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
        (status = 422, description = "An unknown product, or an unsound rule: `findings` tells what is wrong", body = Problem),
    )
)]
pub(crate) async fn create_promotion(
    State(app): State<App>,
    caller: Authorized<PromotionsManage>,
    command: Command<PromotionBody>,
) -> ApiResult<(StatusCode, Json<PromotionView>)> {
    let once = command.once(command.body.id.map(|id| id.uuid()));
    let id = command.body.id.unwrap_or_else(|| Uuid::now_v7().into());
    let mut checks = Checks::default();
    let data = command.body.data(&mut checks);
    checks.done()?;
    let view = transaction_once!(app, caller.context(), once, "promotions.create", |tx| {
        let warnings = service::create(tx, caller.context(), app.now(), id, &data).await?;
        Ok(present(tx, &caller, app.today(), id).await?.warned(warnings))
    })?;
    Ok((StatusCode::CREATED, Json(view)))
}
