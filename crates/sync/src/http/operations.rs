use axum::Json;
use axum::extract::State;
use platform::{ApiError, ApiResult, App, Caller, PageQuery, Pagination, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::cases::{self, DeviceView, OperationFilter, OperationView, StrayView};
use crate::upload::Fate;

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct OperationQuery {
    /// Only this person's.
    user_id: Option<Uuid>,
    /// Only from this phone.
    device_id: Option<String>,
    /// Only those that this became of.
    #[param(inline)]
    status: Option<Fate>,
    /// Only this kind.
    kind: Option<String>,
}

/// A page of operations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationList {
    data: Vec<OperationView>,
    pagination: Pagination,
}

/// Everything that phones sent, as it came, with what became of it. Reps see their own, supervisors those of their units,
/// the office all. At most 10,000 are counted, and none is left out: what is older is found by its filters.
#[utoipa::path(
    get,
    path = "/sync/operations",
    tag = "sync",
    operation_id = "listSyncOperations",
    params(PageQuery, OperationQuery),
    responses(
        (status = 200, description = "A page of operations, the latest first", body = OperationList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_operations(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<OperationQuery>,
) -> ApiResult<Json<OperationList>> {
    let page = page.checked()?;
    let filter = OperationFilter {
        user: query.user_id,
        device: query.device_id,
        status: query.status,
        kind: query.kind,
        op: None,
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = cases::list_operations(&mut tx, caller.scope(), &filter, &page).await?;
    Ok(Json(OperationList { data, pagination: page.of(total) }))
}

/// One operation, as it came, with what became of it.
#[utoipa::path(
    get,
    path = "/sync/operations/{id}",
    tag = "sync",
    operation_id = "getSyncOperation",
    params(("id" = Uuid, Path, description = "The operation")),
    responses(
        (status = 200, description = "The operation", body = OperationView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such operation", body = Problem),
    )
)]
pub(crate) async fn get_operation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<OperationView>> {
    let page = PageQuery::default().checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let found = cases::find_operation(&mut tx, caller.scope(), id, &page).await?;
    Ok(Json(found.ok_or_else(ApiError::not_found)?))
}

/// A page of what is no operation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StrayList {
    data: Vec<StrayView>,
    pagination: Pagination,
}

/// What came and is no operation, or has the id of another: batches that can't be read, records without an id.
#[utoipa::path(
    get,
    path = "/sync/strays",
    tag = "sync",
    operation_id = "listSyncStrays",
    params(PageQuery),
    responses(
        (status = 200, description = "A page, the latest first", body = StrayList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_strays(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<StrayList>> {
    let page = page.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = cases::list_strays(&mut tx, caller.scope(), &page).await?;
    Ok(Json(StrayList { data, pagination: page.of(total) }))
}

/// A page of phones.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceList {
    data: Vec<DeviceView>,
    pagination: Pagination,
}

/// How the phones are doing: when each was last heard of, what is still on it and since when, its app, its clock. Those
/// with the oldest records come first.
#[utoipa::path(
    get,
    path = "/sync/devices",
    tag = "sync",
    operation_id = "listSyncDevices",
    params(PageQuery),
    responses(
        (status = 200, description = "A page of phones", body = DeviceList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_devices(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<DeviceList>> {
    let page = page.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = cases::list_devices(&mut tx, caller.scope(), app.now(), &page).await?;
    Ok(Json(DeviceList { data, pagination: page.of(total) }))
}
