use axum::Json;
use axum::extract::State;
use domain::DistributorId;
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::{BalanceTotals, CustomerBalance};
use crate::store::{self, BalanceFilter};

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct BalanceQuery {
    /// Only what is owed to this distributor.
    distributor_id: Option<DistributorId>,
    /// Only customers with something past its due date.
    overdue_only: Option<bool>,
}

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BalanceList {
    data: Vec<CustomerBalance>,
    totals: BalanceTotals,
    pagination: Pagination,
}

/// What customers owe: those that owe or ever owed something, the greatest debt first.
#[utoipa::path(
    get,
    path = "/receivables/balances",
    tag = "receivables",
    operation_id = "listBalances",
    params(PageQuery, BalanceQuery),
    responses(
        (status = 200, description = "A page of customers, and sums over all", body = BalanceList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_balances(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<BalanceQuery>,
) -> ApiResult<Json<BalanceList>> {
    let page = page.checked()?;
    let filter = BalanceFilter {
        scope: caller.scope(),
        distributor: query.distributor_id,
        overdue_only: query.overdue_only.unwrap_or(false),
        today: app.today(),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total, totals) = store::list_balances(&mut tx, &filter, &page).await?;
    Ok(Json(BalanceList { data, totals, pagination: page.of(total) }))
}
