use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::CustomerId;
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Path, Problem, Query};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{present, viewer};
use crate::store;

/// One change of an outlet.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HistoryEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor_name: String,
    /// What: `customers.update`, `customers.relocate`, …
    pub action: String,
    /// The changed fields before.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// The changed fields after.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
}

/// A page of changes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryPage {
    data: Vec<HistoryEntry>,
    pagination: Pagination,
}

/// Every change of an outlet's data and place, the latest first.
#[utoipa::path(
    get, path = "/customers/{id}/history", tag = "customers", operation_id = "getCustomerHistory",
    params(("id" = CustomerId, Path, description = "The outlet"), PageQuery),
    responses(
        (status = 200, description = "A page", body = HistoryPage),
        (status = 400, description = "Wrong parameters", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
    )
)]
pub(crate) async fn get_customer_history(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<CustomerId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<HistoryPage>> {
    let page = page.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let customer = present(&mut tx, &viewer(&app, &caller), id).await?;
    let (data, total) = store::list_history(&mut tx, customer.distributor_id, id, &page).await?;
    Ok(Json(HistoryPage { data, pagination: page.of(total) }))
}
