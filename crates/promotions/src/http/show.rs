use axum::Json;
use axum::extract::State;
use domain::PromotionId;
use platform::{ApiResult, App, Caller, Path, Problem};

use super::view::{PromotionView, present};

/// One promotion.
#[utoipa::path(
    get, path = "/promotions/{id}", tag = "promotions", operation_id = "getPromotion",
    params(("id" = PromotionId, Path, description = "The promotion")),
    responses(
        (status = 200, description = "The promotion", body = PromotionView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "None, or a draft of others", body = Problem),
    )
)]
pub(crate) async fn get_promotion(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PromotionId>,
) -> ApiResult<Json<PromotionView>> {
    let mut tx = app.db.read(caller.context()).await?;
    Ok(Json(present(&mut tx, &caller, app.today(), id).await?))
}
