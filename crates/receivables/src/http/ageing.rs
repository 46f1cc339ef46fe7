use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::DistributorId;
use platform::{ApiError, ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::{Ageing, CustomerAgeing};
use crate::store;

/// As of when, and whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct AgeingQuery {
    /// The business day; today when left out. A past day shows what was known then.
    as_of: Option<NaiveDate>,
    /// Only what is owed to this distributor.
    distributor_id: Option<DistributorId>,
}

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgeingList {
    as_of: NaiveDate,
    data: Vec<CustomerAgeing>,
    totals: Ageing,
    pagination: Pagination,
}

/// How old debts are, per customer.
#[utoipa::path(
    get,
    path = "/receivables/ageing",
    tag = "receivables",
    operation_id = "listAgeing",
    params(PageQuery, AgeingQuery),
    responses(
        (status = 200, description = "A page of customers by code, and sums over all", body = AgeingList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_ageing(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<AgeingQuery>,
) -> ApiResult<Json<AgeingList>> {
    let page = page.checked()?;
    let today = app.today();
    let as_of = query.as_of.unwrap_or(today);
    if as_of > today {
        return Err(ApiError::invalid_field("asOf", "Không được sau hôm nay", "Must not be after today"));
    }
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total, totals) =
        store::list_ageing(&mut tx, caller.scope(), query.distributor_id, as_of, today, &page).await?;
    Ok(Json(AgeingList { as_of, data, totals, pagination: page.of(total) }))
}
