use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::permission::InventoryManage;
use domain::{GoodsReceiptId, WarehouseId};
use platform::{
    ApiResult, App, Authorized, Checks, Command, ListFormat, PageQuery, Pagination, Problem, Query,
    transaction_once,
};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
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
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
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
        (status = 200, description = "A page of receipts, or the file", body = GoodsReceiptList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_receipts(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Query(page): Query<PageQuery>,
    Query(query): Query<ReceiptQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let filter = DocumentFilter { warehouse: query.warehouse_id, from: query.from, to: query.to };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(query.format, page.clone());
    let (data, total) = store::list_goods_receipts(&mut tx, &filter, &part).await?;
    drop(tx);
    match query.format {
        ListFormat::Json => Ok(Json(GoodsReceiptList { data, pagination: page.of(total) }).into_response()),
        ListFormat::Xlsx => FILE.file(&data, total, sheets::period(query.from, query.to), app.today()).await,
    }
}

const FILE: List<GoodsReceipt> = List {
    name: "Phiếu nhập kho",
    title: "DANH SÁCH PHIẾU NHẬP KHO",
    file: "phieu-nhap-kho",
    fields: &[
        Field::text("Số phiếu", 18.0, |r| r.number.clone()),
        Field::day("Ngày", |r| Some(r.business_date)),
        Field::text("Mã kho", 12.0, |r| r.warehouse_code.clone()),
        Field::text("Kho", 26.0, |r| r.warehouse_name.clone()),
        Field::number("Số dòng", |r| r.line_count),
        Field::amount("Giá trị nhập", |r| r.cost_value.dong()),
        Field::text("Người lập", 22.0, |r| r.created_by_name.clone()),
        Field::text("Ghi chú", 30.0, |r| r.note.clone()),
    ],
};
