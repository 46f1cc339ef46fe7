use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::{Datelike as _, Days, NaiveDate};
use domain::permission::InventoryManage;
use domain::{LotId, ProductId, StockCountId, Unit, WarehouseId};
use platform::{
    ApiError, ApiResult, App, Authorized, Checks, Command, ListFormat, PageQuery, Pagination, Path, Problem,
    Query, transaction_once,
};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{EXPIRY_YEARS, MAX_QUANTITY};
use crate::model::{CountStatus, StockCount, StockCountView};
use crate::service::{self, Closing, CountEntry, CountOrder, NamedLot, NamedProduct, Outdated};
use crate::store::{self, CountFilter};

/// The most entries of one request, and products of a partial count.
const MAX_ENTRIES: usize = 1000;
/// How many days back a count may be dated.
const DAYS_BACK: u64 = 31;

/// A count to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OpenStockCount {
    /// Made by the client, so that a repeat is known.
    id: Option<StockCountId>,
    /// The warehouse to count.
    warehouse_id: WarehouseId,
    /// The day of the count: today or up to 31 days before; today when absent.
    date: Option<NaiveDate>,
    /// Whether nothing may be posted in the warehouse while the count is open; yes when absent.
    #[serde(default = "yes")]
    freeze: bool,
    /// Only these products, up to 1,000; all when absent.
    products: Option<Vec<ProductId>>,
    /// A remark.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

fn yes() -> bool {
    true
}

/// Opens a count: a picture of what is on hand, per product and lot. One count is open in a warehouse at a time; while a
/// frozen one is, whatever would post there is refused with `inventory.counting`.
#[utoipa::path(
    post,
    path = "/inventory/counts",
    tag = "inventory",
    operation_id = "openStockCount",
    request_body = OpenStockCount,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 201, description = "The count", body = StockCountView),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "The warehouse is not the caller's", body = Problem),
        (status = 409, description = "Another count is open in the warehouse, or the id is taken", body = Problem),
        (status = 422, description = "An unknown product or a closed warehouse", body = Problem),
    )
)]
pub(crate) async fn open_count(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    cmd: Command<OpenStockCount>,
) -> ApiResult<(StatusCode, Json<StockCountView>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let note = checks.text("note", &body.note, 2000);
    let today = app.today();
    let date = body.date.unwrap_or(today);
    if date > today || date + Days::new(DAYS_BACK) < today {
        let en = format!("Must be today or up to {DAYS_BACK} days before");
        checks.wrong("date", format!("Phải là hôm nay hoặc trong {DAYS_BACK} ngày trước"), en);
    }
    if body.products.as_ref().is_some_and(|products| products.is_empty() || products.len() > MAX_ENTRIES) {
        checks.wrong("products", "Phải có từ 1 đến 1000 sản phẩm", "Must have 1 to 1,000 products");
    }
    checks.done()?;
    let order = CountOrder {
        id: body.id.unwrap_or_else(|| Uuid::now_v7().into()),
        warehouse: body.warehouse_id,
        date,
        freeze: body.freeze,
        products: body.products.clone(),
        note,
    };
    let once = cmd.once(body.id.map(StockCountId::uuid));
    let made = transaction_once!(app, caller.context(), once, "inventory.open_count", |tx| {
        service::open_count(tx, &app, &caller, &order).await
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// What was counted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EnterCounted {
    /// 1 to 1,000 entries; those of one product and lot are summed.
    lines: Vec<CountedLine>,
}

/// Something that was counted. The product is named by id, by code, or by barcode; the lot by id, by number and expiry
/// date, or not at all when the count has just one of the product.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CountedLine {
    /// The product.
    product_id: Option<ProductId>,
    /// Its code or barcode, instead of the id.
    #[schema(max_length = 100)]
    code: Option<String>,
    /// Its barcode as a scanner reads it, instead of both.
    #[schema(max_length = 100)]
    barcode: Option<String>,
    /// The lot.
    lot_id: Option<LotId>,
    /// The number printed on the goods, instead of the lot's id.
    #[schema(max_length = 50)]
    lot_number: Option<String>,
    /// The expiry date of that number.
    expiry: Option<NaiveDate>,
    /// How many of the unit; null takes back what was counted.
    #[schema(minimum = 0)]
    quantity: Option<i64>,
    /// Cases or pieces; pieces when absent.
    unit: Option<Unit>,
}

/// Sets what was counted: figures entered before are replaced.
#[utoipa::path(
    put,
    path = "/inventory/counts/{id}/lines",
    tag = "inventory",
    operation_id = "setCounted",
    request_body = EnterCounted,
    params(("id" = StockCountId, Path, description = "The count"),
           ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The count", body = StockCountView),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such count for the caller", body = Problem),
        (status = 409, description = "It is closed or cancelled", body = Problem),
        (status = 422, description = "An unknown product or lot, or a lot must be named", body = Problem),
    )
)]
pub(crate) async fn set_counted(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<StockCountId>,
    cmd: Command<EnterCounted>,
) -> ApiResult<Json<StockCountView>> {
    let entries = entries(&cmd.body, true)?;
    let once = cmd.once(None);
    let count = transaction_once!(app, caller.context(), once, "inventory.set_counted", |tx| {
        service::enter_counted(tx, &app, &caller, id, &entries, false).await
    })?;
    Ok(Json(count))
}

/// Adds to what was counted, as scanning does.
#[utoipa::path(
    post,
    path = "/inventory/counts/{id}/lines",
    tag = "inventory",
    operation_id = "addCounted",
    request_body = EnterCounted,
    params(("id" = StockCountId, Path, description = "The count"),
           ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The count", body = StockCountView),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such count for the caller", body = Problem),
        (status = 409, description = "It is closed or cancelled", body = Problem),
        (status = 422, description = "An unknown product or lot, or a lot must be named", body = Problem),
    )
)]
pub(crate) async fn add_counted(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<StockCountId>,
    cmd: Command<EnterCounted>,
) -> ApiResult<Json<StockCountView>> {
    let entries = entries(&cmd.body, false)?;
    let once = cmd.once(None);
    let count = transaction_once!(app, caller.context(), once, "inventory.add_counted", |tx| {
        service::enter_counted(tx, &app, &caller, id, &entries, true).await
    })?;
    Ok(Json(count))
}

fn entries(body: &EnterCounted, may_clear: bool) -> ApiResult<Vec<CountEntry>> {
    let mut checks = Checks::default();
    if body.lines.is_empty() || body.lines.len() > MAX_ENTRIES {
        checks.wrong("lines", "Phải có từ 1 đến 1000 dòng", "Must have 1 to 1,000 lines");
    }
    let mut entries = Vec::with_capacity(body.lines.len().min(MAX_ENTRIES));
    for (index, line) in body.lines.iter().enumerate().take(MAX_ENTRIES) {
        let field = |name: &str| format!("lines[{index}].{name}");
        match line.quantity {
            Some(quantity) => {
                checks.range(&field("quantity"), quantity, 0..=MAX_QUANTITY);
            }
            None if may_clear => {}
            None => checks.wrong(&field("quantity"), "Bắt buộc", "Required"),
        }
        if line.expiry.is_some_and(|expiry| !EXPIRY_YEARS.contains(&expiry.year())) {
            checks.wrong(&field("expiry"), "Hạn dùng không hợp lý", "Not a plausible expiry date");
        }
        let product = match (line.product_id, &line.code, &line.barcode) {
            (Some(id), None, None) => NamedProduct::Id(id),
            (None, Some(code), None) => NamedProduct::Code(checks.required(&field("code"), code, 100)),
            (None, None, Some(code)) => NamedProduct::Barcode(checks.required(&field("barcode"), code, 100)),
            _ => {
                let vi = "Cần một trong productId, code, barcode";
                checks.wrong(&field("productId"), vi, "Send one of productId, code, barcode");
                continue;
            }
        };
        let number = line.lot_number.as_deref().map(|number| checks.text(&field("lotNumber"), number, 50));
        let lot = match (line.lot_id, number, line.expiry) {
            (Some(lot), None, None) => NamedLot::Id(lot),
            (None, None, None) => NamedLot::Only,
            (None, number, expiry) => NamedLot::Key(number.unwrap_or_default(), expiry),
            _ => {
                let vi = "Cần lotId hoặc số lô và hạn dùng";
                checks.wrong(&field("lotId"), vi, "Send either lotId or the lot's number and expiry date");
                continue;
            }
        };
        let unit = line.unit.unwrap_or(Unit::Retail);
        entries.push(CountEntry { product, lot, quantity: line.quantity, unit });
    }
    checks.done()?;
    Ok(entries)
}

/// How to close.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CloseStockCount {
    /// What becomes of lines that nobody counted; they stay when absent.
    #[serde(default)]
    uncounted: UncountedLines,
    /// For each line whose stock moved after it was counted.
    #[serde(default)]
    decisions: Vec<OutdatedDecision>,
}

/// What becomes of lines that nobody counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum UncountedLines {
    /// Their stock stays as it is.
    #[default]
    Keep,
    /// Nothing of them is there.
    Zero,
}

/// What becomes of a line whose stock moved after it was counted.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OutdatedDecision {
    /// The product.
    product_id: ProductId,
    /// The lot.
    lot_id: LotId,
    /// Which figure counts.
    decision: OutdatedChoice,
}

/// Which figure counts when stock moved after it was counted.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OutdatedChoice {
    /// What was counted is what is there now.
    KeepCounted,
    /// The difference found stays what it was; what moved since stays moved.
    Recompute,
}

/// Closes a count: the differences are posted as adjustments.
#[utoipa::path(
    post,
    path = "/inventory/counts/{id}/close",
    tag = "inventory",
    operation_id = "closeStockCount",
    request_body = CloseStockCount,
    params(("id" = StockCountId, Path, description = "The count"),
           ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The count, closed", body = StockCountView),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such count for the caller", body = Problem),
        (status = 409, description = "It is closed or cancelled", body = Problem),
        (status = 422, description = "A line whose stock moved needs a decision, or less was counted than is reserved", body = Problem),
    )
)]
pub(crate) async fn close_count(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<StockCountId>,
    cmd: Command<CloseStockCount>,
) -> ApiResult<Json<StockCountView>> {
    let body = &cmd.body;
    let decisions: BTreeMap<_, _> = body
        .decisions
        .iter()
        .map(|d| {
            let decision = match d.decision {
                OutdatedChoice::KeepCounted => Outdated::KeepCounted,
                OutdatedChoice::Recompute => Outdated::Recompute,
            };
            ((d.product_id, d.lot_id), decision)
        })
        .collect();
    let closing = Closing { decisions, uncounted_is_zero: body.uncounted == UncountedLines::Zero };
    let once = cmd.once(None);
    let closed = transaction_once!(app, caller.context(), once, "inventory.close_count", |tx| {
        service::close_count(tx, &app, &caller, id, &closing).await
    })?;
    Ok(Json(closed))
}

/// Nothing to say.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CancelStockCount {}

/// Gives a count up: nothing is posted.
#[utoipa::path(
    post,
    path = "/inventory/counts/{id}/cancel",
    tag = "inventory",
    operation_id = "cancelStockCount",
    request_body = CancelStockCount,
    params(("id" = StockCountId, Path, description = "The count"),
           ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The count, cancelled", body = StockCountView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such count for the caller", body = Problem),
        (status = 409, description = "It is closed or cancelled", body = Problem),
    )
)]
pub(crate) async fn cancel_count(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<StockCountId>,
    cmd: Command<CancelStockCount>,
) -> ApiResult<Json<StockCountView>> {
    let once = cmd.once(None);
    let cancelled = transaction_once!(app, caller.context(), once, "inventory.cancel_count", |tx| {
        service::cancel_count(tx, &app, &caller, id).await
    })?;
    Ok(Json(cancelled))
}

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct CountQuery {
    /// Only of this warehouse.
    warehouse_id: Option<WarehouseId>,
    /// Only in this state.
    status: Option<CountStatus>,
    /// From this day.
    from: Option<NaiveDate>,
    /// To this day.
    to: Option<NaiveDate>,
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// A page of counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StockCountList {
    data: Vec<StockCount>,
    pagination: Pagination,
}

/// The counts, newest first; `search` finds by number.
#[utoipa::path(
    get,
    path = "/inventory/counts",
    tag = "inventory",
    operation_id = "listStockCounts",
    params(PageQuery, CountQuery),
    responses(
        (status = 200, description = "A page of counts, or the file", body = StockCountList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_counts(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Query(page): Query<PageQuery>,
    Query(query): Query<CountQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let filter =
        CountFilter { warehouse: query.warehouse_id, status: query.status, from: query.from, to: query.to };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(query.format, page.clone());
    let (data, total) = store::list_counts(&mut tx, &filter, &part).await?;
    drop(tx);
    match query.format {
        ListFormat::Json => Ok(Json(StockCountList { data, pagination: page.of(total) }).into_response()),
        ListFormat::Xlsx => FILE.file(&data, total, sheets::period(query.from, query.to), app.today()).await,
    }
}

const FILE: List<StockCount> = List {
    name: "Phiếu kiểm kê",
    title: "DANH SÁCH PHIẾU KIỂM KÊ",
    file: "phieu-kiem-ke",
    fields: &[
        Field::text("Số phiếu", 18.0, |k| k.number.clone()),
        Field::day("Ngày", |k| Some(k.date)),
        Field::text("Trạng thái", 14.0, |k| status_vi(k.status).to_owned()),
        Field::text("Mã kho", 12.0, |k| k.warehouse_code.clone()),
        Field::text("Kho", 26.0, |k| k.warehouse_name.clone()),
        Field::number("Số dòng", |k| k.line_count),
        Field::number("Đã đếm", |k| k.counted_lines),
        Field::text("Người lập", 22.0, |k| k.created_by_name.clone()),
        Field::text("Người đóng", 22.0, |k| k.closed_by_name.clone().unwrap_or_default()),
        Field::text("Ghi chú", 30.0, |k| k.note.clone()),
    ],
};

const fn status_vi(status: CountStatus) -> &'static str {
    match status {
        CountStatus::Open => "Đang đếm",
        CountStatus::Closed => "Đã đóng",
        CountStatus::Cancelled => "Đã hủy",
    }
}

/// A count with its lines: what the system said, what was counted, the difference, and what is there now.
#[utoipa::path(
    get,
    path = "/inventory/counts/{id}",
    tag = "inventory",
    operation_id = "getStockCount",
    params(("id" = StockCountId, Path, description = "The count")),
    responses(
        (status = 200, description = "The count", body = StockCountView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such count for the caller", body = Problem),
    )
)]
pub(crate) async fn get_count(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<StockCountId>,
) -> ApiResult<Json<StockCountView>> {
    let mut tx = app.db.read(caller.context()).await?;
    store::find_count(&mut tx, id).await?.map(Json).ok_or_else(ApiError::not_found)
}
