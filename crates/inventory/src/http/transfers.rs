use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::permission::InventoryManage;
use domain::{LotId, ProductId, Quantity, StockTransferId, TypedQuantity, Unit, WarehouseId};
use platform::{
    ApiError, ApiResult, App, Authorized, Caller, Checks, Command, ListFormat, PageQuery, Pagination, Path,
    Problem, Query, transaction_once,
};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{MAX_LINES, MAX_QUANTITY, line_count};
use crate::model::{StockTransfer, StockTransferView, TransferStatus};
use crate::service::{self, TransferLine, TransferOrder, TypedLine};
use crate::store::{self, TransferFilter};

/// The most lots named on a line.
const MAX_LOTS: usize = 50;

/// Goods to move to another warehouse.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateStockTransfer {
    /// Made by the client, so that a repeat is known.
    id: Option<StockTransferId>,
    /// The sending warehouse or van.
    from_warehouse_id: WarehouseId,
    /// The receiving warehouse or van, of the same distributor.
    to_warehouse_id: WarehouseId,
    /// Whether the goods are shipped now and received later; otherwise they arrive at once.
    #[serde(default)]
    two_step: bool,
    /// A remark.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
    /// 1 to 500 lines.
    lines: Vec<CreateStockTransferLine>,
}

/// A line of goods to move.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateStockTransferLine {
    /// The product.
    product_id: ProductId,
    /// How many of the unit.
    #[schema(minimum = 1)]
    quantity: i64,
    /// Cases or pieces.
    unit: Unit,
    /// The lots to take, together the pieces of the line; by first expiry when absent, without expired goods unless they
    /// go to a warehouse for returns.
    #[serde(default)]
    lots: Vec<LotQuantity>,
}

/// So much of a lot.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LotQuantity {
    /// The lot.
    lot_id: LotId,
    /// Pieces, above zero.
    pieces: i64,
}

/// Moves goods between warehouses, to and from vans: at once, or shipped now and received later. Lots stay what they
/// are. Goods shipped are in transit: in the stock of neither warehouse, and of nobody's to promise.
#[utoipa::path(
    post,
    path = "/inventory/transfers",
    tag = "inventory",
    operation_id = "createStockTransfer",
    request_body = CreateStockTransfer,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 201, description = "The transfer", body = StockTransferView),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "A warehouse is not the caller's", body = Problem),
        (status = 409, description = "The id is taken", body = Problem),
        (status = 422, description = "Not enough stock, a closed or counted warehouse, an unknown product", body = Problem),
    )
)]
pub(crate) async fn create_transfer(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    cmd: Command<CreateStockTransfer>,
) -> ApiResult<(StatusCode, Json<StockTransferView>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let note = checks.text("note", &body.note, 2000);
    line_count(&mut checks, body.lines.len());
    let mut lines = Vec::with_capacity(body.lines.len().min(MAX_LINES));
    for (index, line) in body.lines.iter().enumerate().take(MAX_LINES) {
        let quantity = checks.range(&format!("lines[{index}].quantity"), line.quantity, 1..=MAX_QUANTITY);
        if line.lots.len() > MAX_LOTS {
            let field = format!("lines[{index}].lots");
            checks.wrong(&field, format!("Tối đa {MAX_LOTS} lô"), format!("At most {MAX_LOTS} lots"));
        }
        let lots = line.lots.iter().take(MAX_LOTS).enumerate().map(|(at, lot)| {
            let field = format!("lines[{index}].lots[{at}].pieces");
            (lot.lot_id, Quantity::new(checks.range(&field, lot.pieces, 1..=MAX_PIECES)))
        });
        let lots = service::merged(lots.collect::<Vec<_>>())?;
        let typed = TypedLine {
            product_id: line.product_id,
            lot_number: String::new(),
            expiry: None,
            typed: TypedQuantity { quantity, unit: line.unit },
        };
        lines.push(TransferLine { typed, lots });
    }
    checks.done()?;
    let order = TransferOrder {
        id: body.id.unwrap_or_else(|| Uuid::now_v7().into()),
        from: body.from_warehouse_id,
        to: body.to_warehouse_id,
        two_step: body.two_step,
        note,
        lines,
    };
    let once = cmd.once(body.id.map(StockTransferId::uuid));
    let made = transaction_once!(app, caller.context(), once, "inventory.transfer", |tx| {
        service::create_transfer(tx, &app, &caller, &order).await
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// The most pieces of a lot: cases of up to 10,000 pieces.
const MAX_PIECES: i64 = MAX_QUANTITY * 10_000;

/// What arrived, where it is not what was sent.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReceiveStockTransfer {
    /// The lots of which more or less arrived than was sent; all others arrived as sent.
    #[serde(default)]
    differences: Vec<TransferDifference>,
}

/// A lot of which more or less arrived than was sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TransferDifference {
    /// The line.
    line_no: i32,
    /// The lot.
    lot_id: LotId,
    /// Pieces that arrived; 0 when all is missing.
    #[schema(minimum = 0)]
    received: i64,
    /// Why.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Receives a shipment. What is missing is written off, what is too much is added, with the reason. The rep of a van
/// may receive what was sent to it.
#[utoipa::path(
    post,
    path = "/inventory/transfers/{id}/receive",
    tag = "inventory",
    operation_id = "receiveStockTransfer",
    request_body = ReceiveStockTransfer,
    params(("id" = StockTransferId, Path, description = "The transfer"),
           ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The transfer, received", body = StockTransferView),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Neither allowed to manage stock nor the rep of the van", body = Problem),
        (status = 404, description = "No such transfer for the caller", body = Problem),
        (status = 409, description = "It was received or cancelled before", body = Problem),
        (status = 422, description = "A lot that was not sent, or a closed or counted warehouse", body = Problem),
    )
)]
pub(crate) async fn receive_transfer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<StockTransferId>,
    cmd: Command<ReceiveStockTransfer>,
) -> ApiResult<Json<StockTransferView>> {
    let mut checks = Checks::default();
    let differences = &cmd.body.differences;
    if differences.len() > MAX_LINES * MAX_LOTS {
        checks.wrong("differences", "Quá nhiều dòng", "Too many");
    }
    let mut arrived = Vec::with_capacity(differences.len());
    for (index, difference) in differences.iter().enumerate() {
        let pieces =
            checks.range(&format!("differences[{index}].received"), difference.received, 0..=MAX_PIECES);
        arrived.push(service::Arrived {
            line_no: difference.line_no,
            lot_id: difference.lot_id,
            pieces: Quantity::new(pieces),
            reason: checks.required(&format!("differences[{index}].reason"), &difference.reason, 500),
        });
    }
    checks.done()?;
    let once = cmd.once(None);
    let received = transaction_once!(app, caller.context(), once, "inventory.receive_transfer", |tx| {
        service::receive_transfer(tx, &app, &caller, id, &arrived).await
    })?;
    Ok(Json(received))
}

/// Nothing to say.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CancelStockTransfer {}

/// Calls a shipment back before it is received: the goods are in the sending warehouse again.
#[utoipa::path(
    post,
    path = "/inventory/transfers/{id}/cancel",
    tag = "inventory",
    operation_id = "cancelStockTransfer",
    request_body = CancelStockTransfer,
    params(("id" = StockTransferId, Path, description = "The transfer"),
           ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The transfer, cancelled", body = StockTransferView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such transfer for the caller", body = Problem),
        (status = 409, description = "It was received or cancelled before", body = Problem),
        (status = 422, description = "The sending warehouse is closed or being counted", body = Problem),
    )
)]
pub(crate) async fn cancel_transfer(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<StockTransferId>,
    cmd: Command<CancelStockTransfer>,
) -> ApiResult<Json<StockTransferView>> {
    let once = cmd.once(None);
    let cancelled = transaction_once!(app, caller.context(), once, "inventory.cancel_transfer", |tx| {
        service::cancel_transfer(tx, &app, &caller, id).await
    })?;
    Ok(Json(cancelled))
}

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct TransferQuery {
    /// Only from or to this warehouse.
    warehouse_id: Option<WarehouseId>,
    /// Only in this state.
    status: Option<TransferStatus>,
    /// From this business day.
    from: Option<NaiveDate>,
    /// To this business day.
    to: Option<NaiveDate>,
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// A page of transfers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockTransferList {
    data: Vec<StockTransfer>,
    pagination: Pagination,
}

/// The transfers, newest first; `search` finds by number. Reps see those to and from their vans.
#[utoipa::path(
    get,
    path = "/inventory/transfers",
    tag = "inventory",
    operation_id = "listStockTransfers",
    params(PageQuery, TransferQuery),
    responses(
        (status = 200, description = "A page of transfers, or the file", body = StockTransferList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_transfers(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<TransferQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let filter = TransferFilter {
        warehouse: query.warehouse_id,
        status: query.status,
        from: query.from,
        to: query.to,
    };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(query.format, page.clone());
    let (data, total) = store::list_transfers(&mut tx, caller.scope(), &filter, &part).await?;
    drop(tx);
    match query.format {
        ListFormat::Json => Ok(Json(StockTransferList { data, pagination: page.of(total) }).into_response()),
        ListFormat::Xlsx => FILE.file(&data, total, sheets::period(query.from, query.to), app.today()).await,
    }
}

const FILE: List<StockTransfer> = List {
    name: "Phiếu chuyển kho",
    title: "DANH SÁCH PHIẾU CHUYỂN KHO",
    file: "phieu-chuyen-kho",
    fields: &[
        Field::text("Số phiếu", 18.0, |t| t.number.clone()),
        Field::day("Ngày chuyển", |t| Some(t.business_date)),
        Field::text("Trạng thái", 16.0, |t| status_vi(t.status).to_owned()),
        Field::text("Từ kho", 26.0, |t| t.from_warehouse_name.clone()),
        Field::text("Đến kho", 26.0, |t| t.to_warehouse_name.clone()),
        Field::number("Số dòng", |t| t.line_count),
        Field::text("Người chuyển", 22.0, |t| t.created_by_name.clone()),
        Field::day("Ngày nhận", |t| t.closed_on),
        Field::text("Người nhận", 22.0, |t| t.closed_by_name.clone().unwrap_or_default()),
        Field::text("Ghi chú", 30.0, |t| t.note.clone()),
    ],
};

const fn status_vi(status: TransferStatus) -> &'static str {
    match status {
        TransferStatus::InTransit => "Đang chuyển",
        TransferStatus::Received => "Đã nhận",
        TransferStatus::Cancelled => "Đã hủy",
    }
}

/// A transfer with its lines and lots.
#[utoipa::path(
    get,
    path = "/inventory/transfers/{id}",
    tag = "inventory",
    operation_id = "getStockTransfer",
    params(("id" = StockTransferId, Path, description = "The transfer")),
    responses(
        (status = 200, description = "The transfer", body = StockTransferView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such transfer for the caller", body = Problem),
    )
)]
pub(crate) async fn get_transfer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<StockTransferId>,
) -> ApiResult<Json<StockTransferView>> {
    let mut tx = app.db.read(caller.context()).await?;
    let transfer = store::find_transfer(&mut tx, caller.scope(), id).await?;
    transfer.map(Json).ok_or_else(ApiError::not_found)
}
