use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::permission::InventoryManage;
use domain::{DocumentId, WarehouseId};
use platform::{
    ApiError, ApiResult, App, Authorized, Checks, Command, ListFormat, PageQuery, Pagination, Path, Problem,
    Query, transaction_once,
};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{GoodsLine, MAX_QUANTITY, typed_lines};
use crate::model::{StockAdjustment, StockAdjustmentView};
use crate::service::{self, AdjustmentOrder};
use crate::store::{self, DocumentFilter};

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
    /// A remark.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
    /// 1 to 500 lines: above zero comes in, below zero goes out of the lot it names, or by first expiry when it names
    /// neither number nor date.
    lines: Vec<GoodsLine>,
}

/// Corrects stock, with a reason, under the next number.
#[utoipa::path(
    post,
    path = "/inventory/adjustments",
    tag = "inventory",
    operation_id = "createStockAdjustment",
    request_body = CreateStockAdjustment,
    responses(
        (status = 201, description = "The adjustment", body = StockAdjustmentView),
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
) -> ApiResult<(StatusCode, Json<StockAdjustmentView>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let reason = checks.required("reason", &body.reason, 2000);
    let note = checks.text("note", &body.note, 2000);
    let lines = typed_lines(&mut checks, &body.lines, -MAX_QUANTITY);
    checks.done()?;
    let order = AdjustmentOrder {
        id: body.id.unwrap_or_else(|| Uuid::now_v7().into()),
        warehouse: body.warehouse_id,
        lines,
        reason,
        note,
    };
    let once = cmd.once(body.id.map(DocumentId::uuid));
    let made = transaction_once!(app, caller.context(), once, "inventory.adjust", |tx| {
        service::adjust_stock(tx, &app, &caller, &order).await
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct AdjustmentQuery {
    /// Only of this warehouse.
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

/// A page of adjustments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockAdjustmentList {
    data: Vec<StockAdjustment>,
    pagination: Pagination,
}

/// The adjustments, newest first; `search` finds by number.
#[utoipa::path(
    get,
    path = "/inventory/adjustments",
    tag = "inventory",
    operation_id = "listStockAdjustments",
    params(PageQuery, AdjustmentQuery),
    responses(
        (status = 200, description = "A page of adjustments, or the file", body = StockAdjustmentList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_adjustments(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Query(page): Query<PageQuery>,
    Query(query): Query<AdjustmentQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let filter = DocumentFilter { warehouse: query.warehouse_id, from: query.from, to: query.to };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(query.format, page.clone());
    let (data, total) = store::list_adjustments(&mut tx, &filter, &part).await?;
    drop(tx);
    match query.format {
        ListFormat::Json => {
            Ok(Json(StockAdjustmentList { data, pagination: page.of(total) }).into_response())
        }
        ListFormat::Xlsx => FILE.file(&data, total, sheets::period(query.from, query.to), app.today()).await,
    }
}

const FILE: List<StockAdjustment> = List {
    name: "Phiếu điều chỉnh kho",
    title: "DANH SÁCH PHIẾU ĐIỀU CHỈNH KHO",
    file: "phieu-dieu-chinh-kho",
    fields: &[
        Field::text("Số phiếu", 18.0, |a| a.number.clone()),
        Field::day("Ngày", |a| Some(a.business_date)),
        Field::text("Mã kho", 12.0, |a| a.warehouse_code.clone()),
        Field::text("Kho", 26.0, |a| a.warehouse_name.clone()),
        Field::text("Lý do", 26.0, |a| a.reason.clone()),
        Field::number("Số dòng", |a| a.line_count),
        Field::amount("Giá trị theo giá vốn", |a| a.cost_value.dong()),
        Field::amount("Giá trị theo giá bán", |a| a.selling_value.dong()),
        Field::text("Người lập", 22.0, |a| a.created_by_name.clone()),
        Field::text("Ghi chú", 30.0, |a| a.note.clone()),
    ],
};

/// An adjustment with its lines and what stands on its paper.
#[utoipa::path(
    get,
    path = "/inventory/adjustments/{id}",
    tag = "inventory",
    operation_id = "getStockAdjustment",
    params(("id" = DocumentId, Path, description = "The adjustment")),
    responses(
        (status = 200, description = "The adjustment", body = StockAdjustmentView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such adjustment for the caller", body = Problem),
    )
)]
pub(crate) async fn get_adjustment(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<DocumentId>,
) -> ApiResult<Json<StockAdjustmentView>> {
    let mut tx = app.db.read(caller.context()).await?;
    store::find_adjustment(&mut tx, id).await?.map(Json).ok_or_else(ApiError::not_found)
}
