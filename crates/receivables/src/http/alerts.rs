use axum::Json;
use axum::extract::State;
use domain::DistributorId;
use platform::{ApiResult, App, Caller, Checks, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::CreditAlert;
use crate::store;

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct CreditAlertQuery {
    /// How much of the limit is used at least, in percent; 80 when left out.
    percent: Option<i64>,
    /// Only what is owed to this distributor.
    distributor_id: Option<DistributorId>,
}

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreditAlertList {
    data: Vec<CreditAlert>,
    pagination: Pagination,
}

/// Customers whose debts and approved orders come near their credit limit or are over it, the most used first.
#[utoipa::path(
    get,
    path = "/receivables/credit-alerts",
    tag = "receivables",
    operation_id = "listCreditAlerts",
    params(PageQuery, CreditAlertQuery),
    responses(
        (status = 200, description = "A page of customers", body = CreditAlertList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_credit_alerts(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<CreditAlertQuery>,
) -> ApiResult<Json<CreditAlertList>> {
    let page = page.checked()?;
    let mut checks = Checks::default();
    let percent = checks.range("percent", query.percent.unwrap_or(80), 1..=1000);
    checks.done()?;
    let percent = i32::try_from(percent).unwrap_or(i32::MAX);
    let part = (page.limit(), page.offset());
    let search = page.search.as_deref();
    let (scope, of) = (caller.scope(), query.distributor_id);
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_alerts(&mut tx, scope, of, percent, app.today(), search, part).await?;
    Ok(Json(CreditAlertList { data, pagination: page.of(total) }))
}
