use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::InventoryManage;
use domain::{DistributorId, UserId, WarehouseId};
use platform::{
    ApiResult, App, Authorized, Caller, Checks, Command, IfMatch, Path, Problem, Query, transaction,
    transaction_once,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::model::{Warehouse, WarehouseKind, WarehouseStatus};
use crate::service::WarehouseChange;
use crate::{service, store};

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct WarehouseQuery {
    /// Only this distributor's.
    distributor_id: Option<DistributorId>,
}

/// The warehouses.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarehouseList {
    data: Vec<Warehouse>,
}

/// The warehouses one may see: a rep sees no other reps' vans.
#[utoipa::path(
    get,
    path = "/warehouses",
    tag = "inventory",
    operation_id = "listWarehouses",
    params(WarehouseQuery),
    responses(
        (status = 200, description = "All of them, by code", body = WarehouseList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_warehouses(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<WarehouseQuery>,
) -> ApiResult<Json<WarehouseList>> {
    let mut tx = app.db.read(caller.context()).await?;
    let data = store::list_warehouses(&mut tx, caller.scope(), query.distributor_id, None).await?;
    Ok(Json(WarehouseList { data }))
}

/// A new warehouse.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateWarehouse {
    /// Made by the client, so that a repeat is known.
    id: Option<WarehouseId>,
    /// Whose it is; needed only by those who act for several.
    distributor_id: Option<DistributorId>,
    /// Unique within the distributor.
    #[schema(min_length = 1, max_length = 50)]
    code: String,
    /// What people call it.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// What it is for.
    kind: WarehouseKind,
    /// The rep who drives it, for a van.
    rep_id: Option<UserId>,
    /// Whether its stock may go below zero.
    #[serde(default)]
    allow_negative: bool,
}

/// Makes a warehouse or a van.
#[utoipa::path(
    post,
    path = "/warehouses",
    tag = "inventory",
    operation_id = "createWarehouse",
    request_body = CreateWarehouse,
    responses(
        (status = 201, description = "The warehouse", body = Warehouse),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "The distributor is not the caller's", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
        (status = 422, description = "The user can't drive the van", body = Problem),
    )
)]
pub(crate) async fn create_warehouse(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    cmd: Command<CreateWarehouse>,
) -> ApiResult<(StatusCode, Json<Warehouse>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let code = checks.required("code", &body.code, 50);
    let name = checks.required("name", &body.name, 300);
    checks.done()?;
    let warehouse = Warehouse {
        warehouse_id: body.id.unwrap_or_else(|| Uuid::now_v7().into()),
        distributor_id: caller.distributor(body.distributor_id)?,
        code,
        name,
        kind: body.kind,
        rep_id: body.rep_id,
        allow_negative: body.allow_negative,
        status: WarehouseStatus::Active,
        version: 1,
    };
    let once = cmd.once(body.id.map(WarehouseId::uuid));
    let made = transaction_once!(app, caller.context(), once, "inventory.create_warehouse", |tx| {
        service::create_warehouse(tx, &app, &caller, warehouse.clone()).await
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// A warehouse as it shall be. Code and kind stay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateWarehouse {
    /// The version that was loaded (or send `If-Match`).
    version: Option<i64>,
    /// What people call it.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// The rep who drives it, for a van.
    rep_id: Option<UserId>,
    /// Whether its stock may go below zero.
    allow_negative: bool,
    /// Whether it is in use; only an empty one can be closed.
    status: WarehouseStatus,
}

/// Changes a warehouse or a van.
#[utoipa::path(
    put,
    path = "/warehouses/{id}",
    tag = "inventory",
    operation_id = "updateWarehouse",
    request_body = UpdateWarehouse,
    params(("id" = WarehouseId, Path, description = "The warehouse"),
           ("If-Match" = Option<String>, Header, description = "The version that was loaded, unless the body has it")),
    responses(
        (status = 200, description = "The warehouse as it is now", body = Warehouse),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "The warehouse is not the caller's", body = Problem),
        (status = 412, description = "Somebody else changed it meanwhile", body = Problem),
        (status = 422, description = "It is not empty, has stock below zero, or the user can't drive the van", body = Problem),
    )
)]
pub(crate) async fn update_warehouse(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<WarehouseId>,
    if_match: IfMatch,
    cmd: Command<UpdateWarehouse>,
) -> ApiResult<Json<Warehouse>> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let name = checks.required("name", &body.name, 300);
    checks.done()?;
    let change = WarehouseChange {
        version: if_match.version(body.version)?,
        name,
        rep_id: body.rep_id,
        allow_negative: body.allow_negative,
        status: body.status,
    };
    let warehouse = transaction!(app.db, caller.context(), "inventory.update_warehouse", |tx| {
        service::update_warehouse(tx, &app, &caller, id, &change).await
    })?;
    Ok(Json(warehouse))
}
