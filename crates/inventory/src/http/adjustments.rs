use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::InventoryManage;
use domain::{DocumentId, WarehouseId};
use platform::{ApiResult, App, Authorized, Checks, Command, Problem, transaction_once};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{GoodsLine, MAX_QUANTITY, typed_lines};
use crate::model::StockAdjustment;
use crate::service;

/// A correction of stock.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateStockAdjustment {
    /// Made by the client, so that a repeat is known.
    id: Option<DocumentId>,
    /// The warehouse.
    warehouse_id: WarehouseId,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// 1 to 500 lines: above zero comes in, below zero goes out of the lot it names, or by first expiry when it names
    /// neither number nor date.
    lines: Vec<GoodsLine>,
}

/// Corrects stock, with a reason.
#[utoipa::path(
    post,
    path = "/inventory/adjustments",
    tag = "inventory",
    operation_id = "createStockAdjustment",
    request_body = CreateStockAdjustment,
    responses(
        (status = 201, description = "The adjustment", body = StockAdjustment),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "The warehouse is not the caller's", body = Problem),
        (status = 409, description = "The id is taken", body = Problem),
        (status = 422, description = "Not enough stock, an unknown product, or a closed warehouse", body = Problem),
    )
)]
pub(crate) async fn create_adjustment(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    cmd: Command<CreateStockAdjustment>,
) -> ApiResult<(StatusCode, Json<StockAdjustment>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let reason = checks.required("reason", &body.reason, 2000);
    let lines = typed_lines(&mut checks, &body.lines, -MAX_QUANTITY);
    checks.done()?;
    let id = body.id.unwrap_or_else(|| Uuid::now_v7().into());
    let once = cmd.once(body.id.map(DocumentId::uuid));
    let made = transaction_once!(app, caller.context(), once, "inventory.adjust", |tx| {
        service::adjust_stock(tx, &app, &caller, id, body.warehouse_id, &lines, &reason).await
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}
