use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use domain::permission::InventoryManage;
use domain::{GoodsReceiptId, WarehouseId};
use platform::{
    ApiResult, App, Authorized, Checks, Command, PageQuery, Pagination, Problem, Query, transaction_once,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{GoodsLine, typed_lines};
use crate::model::GoodsReceipt;
use crate::service;
use crate::store::{self, DocumentFilter};

/// Goods to receive.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateGoodsReceipt {
    /// Made by the client, so that a repeat is known.
    id: Option<GoodsReceiptId>,
    /// Where the goods go.
    warehouse_id: WarehouseId,
    /// A remark.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
    /// 1 to 500 lines, quantities above zero.
    lines: Vec<GoodsLine>,
}

/// Receives goods: they are in stock at once, in lots by number and expiry date.
#[utoipa::path(
    post,
    path = "/inventory/receipts",
    tag = "inventory",
    operation_id = "createGoodsReceipt",
    request_body = CreateGoodsReceipt,
    responses(
        (status = 201, description = "The receipt", body = GoodsReceipt),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "The warehouse is not the caller's", body = Problem),
        (status = 409, description = "The id is taken", body = Problem),
        (status = 422, description = "An unknown product, a closed warehouse, or an amount out of range", body = Problem),
    )
)]
pub(crate) async fn create_receipt(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    cmd: Command<CreateGoodsReceipt>,
) -> ApiResult<(StatusCode, Json<GoodsReceipt>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let note = checks.text("note", &body.note, 2000);
    let lines = typed_lines(&mut checks, &body.lines, 1);
    checks.done()?;
    let id = body.id.unwrap_or_else(|| Uuid::now_v7().into());
    let once = cmd.once(body.id.map(GoodsReceiptId::uuid));
    let made = transaction_once!(app, caller.context(), once, "inventory.receive", |tx| {
        service::receive_goods(tx, &app, &caller, id, body.warehouse_id, &lines, &note).await
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct ReceiptQuery {
    /// Only into this warehouse.
    warehouse_id: Option<WarehouseId>,
    /// From this business day.
    from: Option<NaiveDate>,
    /// To this business day.
    to: Option<NaiveDate>,
}

/// A page of receipts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GoodsReceiptList {
    data: Vec<GoodsReceipt>,
    pagination: Pagination,
}

/// The receipts of goods, newest first; `search` finds by number. Their lines are the movements of the document.
#[utoipa::path(
    get,
    path = "/inventory/receipts",
    tag = "inventory",
    operation_id = "listGoodsReceipts",
    params(PageQuery, ReceiptQuery),
    responses(
        (status = 200, description = "A page of receipts", body = GoodsReceiptList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
    )
)]
pub(crate) async fn list_receipts(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Query(page): Query<PageQuery>,
    Query(query): Query<ReceiptQuery>,
) -> ApiResult<Json<GoodsReceiptList>> {
    let page = page.checked()?;
    let filter = DocumentFilter { warehouse: query.warehouse_id, from: query.from, to: query.to };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_goods_receipts(&mut tx, &filter, &page).await?;
    Ok(Json(GoodsReceiptList { data, pagination: page.of(total) }))
}
