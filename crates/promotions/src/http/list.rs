use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::permission::PromotionsManage;
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::PromotionView;
use crate::model::PromotionStatus;
use crate::store::{self, Filter};

/// Which promotions are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct PromotionQuery {
    /// Only where they stand so today.
    status: Option<PromotionStatus>,
    /// Only those that are switched on and hold on this business day.
    active_on: Option<NaiveDate>,
}

/// A page of promotions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PromotionPage {
    data: Vec<PromotionView>,
    pagination: Pagination,
}

/// The promotions, the latest start first. Drafts are shown to those who write them.
#[utoipa::path(
    get, path = "/promotions", tag = "promotions", operation_id = "listPromotions",
    params(PageQuery, PromotionQuery),
    responses(
        (status = 200, description = "A page", body = PromotionPage),
        (status = 400, description = "Wrong parameters", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_promotions(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<PromotionQuery>,
) -> ApiResult<Json<PromotionPage>> {
    let page = page.checked()?;
    let filter = Filter {
        status: query.status,
        today: app.today(),
        active_on: query.active_on,
        drafts: caller.may::<PromotionsManage>(),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (promotions, total) = store::list(&mut tx, &filter, &page).await?;
    let data = promotions.into_iter().map(|promotion| PromotionView::new(promotion, filter.today)).collect();
    Ok(Json(PromotionPage { data, pagination: page.of(total) }))
}
