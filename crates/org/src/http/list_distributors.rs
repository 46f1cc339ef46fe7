use axum::Json;
use axum::extract::State;
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::{Distributor, DistributorStatus};
use crate::store::distributors;

/// What to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct DistributorQuery {
    /// Text in name, code, tax code or telephone; case and Vietnamese diacritics don't matter.
    search: Option<String>,
    /// Page number, from 1.
    #[param(minimum = 1)]
    page: Option<i64>,
    /// Rows a page, 1 to 100; 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    page_size: Option<i64>,
    /// Only this status.
    #[param(inline)]
    status: Option<DistributorStatus>,
}

/// A page of distributors.
#[derive(Serialize, ToSchema)]
pub struct DistributorPage {
    /// The distributors, by code.
    data: Vec<Distributor>,
    /// Where the page stands.
    pagination: Pagination,
}

/// List distributors
///
/// The company's admins see all, everybody else those they work for.
#[utoipa::path(
    get, path = "/distributors", tag = "distributors", operation_id = "listDistributors", params(DistributorQuery),
    responses(
        (status = 200, description = "A page of distributors", body = DistributorPage),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
    ),
)]
pub async fn list_distributors(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<DistributorQuery>,
) -> ApiResult<Json<DistributorPage>> {
    let page = PageQuery { search: query.search, page: query.page, page_size: query.page_size }.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = distributors::list(&mut tx, query.status, &page).await?;
    Ok(Json(DistributorPage { data, pagination: page.of(total) }))
}
