use axum::Json;
use axum::extract::State;
use chrono::{Datelike as _, NaiveDate, TimeDelta};
use domain::permission::TrackingView;
use domain::{PhotoId, UserId, VisitId};
use platform::{ApiError, ApiResult, App, Authorized, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::Duplicate;
use crate::store::{self, DuplicateFilter};

/// Days a list may span.
const MAX_DAYS: i64 = 92;

/// Which repeated photos.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct DuplicatesQuery {
    /// First day of the visits the photos are of; a week ago when absent.
    from: Option<NaiveDate>,
    /// Last day; today when absent. At most 92 days.
    to: Option<NaiveDate>,
    /// Only photos this person took.
    user_id: Option<UserId>,
    /// Only this photo.
    photo_id: Option<PhotoId>,
    /// Only photos of this visit.
    visit_id: Option<VisitId>,
    /// Page number, from 1.
    #[param(minimum = 1)]
    page: Option<i64>,
    /// Rows a page, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    page_size: Option<i64>,
}

/// Repeated photos.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Duplicates {
    /// Newest first.
    data: Vec<Duplicate>,
    pagination: Pagination,
}

/// Photos that repeat an earlier photo of another visit: the same bytes, or the same picture saved anew. A picture is
/// compared when its thumbnails are made, moments after it came.
#[utoipa::path(
    get,
    path = "/files/duplicates",
    tag = "files",
    operation_id = "listPhotoDuplicates",
    params(DuplicatesQuery),
    responses(
        (status = 200, description = "The photos, each with the one it repeats", body = Duplicates),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to follow the field", body = Problem),
    )
)]
pub async fn list_duplicates(
    State(app): State<App>,
    caller: Authorized<TrackingView>,
    Query(query): Query<DuplicatesQuery>,
) -> ApiResult<Json<Duplicates>> {
    let page = PageQuery { search: None, page: query.page, page_size: query.page_size }.checked()?;
    let to = query.to.unwrap_or_else(|| app.today());
    let from = query.from.or_else(|| to.checked_sub_signed(TimeDelta::days(7))).unwrap_or(to);
    let years = 2000..=2100;
    if !years.contains(&from.year())
        || !years.contains(&to.year())
        || !(0..MAX_DAYS).contains(&(to - from).num_days())
    {
        return Err(ApiError::invalid_field(
            "from",
            "Khoảng thời gian phải từ 1 đến 92 ngày, trong các năm 2000 đến 2100",
            "Must span 1 to 92 days in the years 2000 to 2100",
        ));
    }
    let filter =
        DuplicateFilter { from, to, user: query.user_id, photo: query.photo_id, visit: query.visit_id };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_duplicates(&mut tx, caller.scope(), &filter, &page).await?;
    Ok(Json(Duplicates { data, pagination: page.of(total) }))
}
