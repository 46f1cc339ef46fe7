//! Papers of stock.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use domain::permission::InventoryManage;
use domain::{DocumentId, GoodsReceiptId, Money, Overflow, Quantity, StockCountId, StockTransferId};
use papers::{Cell, Column, Form, Page, PaperQuery, Sum, Table, short_day, signed};
use platform::{ApiError, ApiResult, App, Authorized, Caller, Path, Problem, Query};

use crate::error::StockError;
use crate::model::{
    CountStatus, GoodsReceipt, Issuer, StockAdjustmentLine, StockAdjustmentView, StockCountView,
    StockTransferView, TransferStatus,
};
use crate::store;

/// A receipt's page to print (phiếu nhập kho).
#[utoipa::path(
    get,
    path = "/inventory/receipts/{id}/print",
    tag = "inventory",
    operation_id = "printGoodsReceipt",
    params(("id" = GoodsReceiptId, Path, description = "The receipt"), PaperQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such receipt for the caller", body = Problem),
    )
)]
pub(crate) async fn print_receipt(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<GoodsReceiptId>,
    Query(query): Query<PaperQuery>,
) -> ApiResult<Response> {
    let mut tx = app.db.read(caller.context()).await?;
    let receipt = store::find_goods_receipt(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    let issuer = store::find_issuer(&mut tx, receipt.distributor_id).await?;
    let lines = store::list_document_lines(&mut tx, receipt.distributor_id, id.uuid().into()).await?;
    drop(tx);
    Ok(receipt_page(receipt, issuer, lines).answer(query.paper))
}

/// A transfer's page to print (phiếu chuyển kho).
#[utoipa::path(
    get,
    path = "/inventory/transfers/{id}/print",
    tag = "inventory",
    operation_id = "printStockTransfer",
    params(("id" = StockTransferId, Path, description = "The transfer"), PaperQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such transfer for the caller", body = Problem),
    )
)]
pub(crate) async fn print_transfer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<StockTransferId>,
    Query(query): Query<PaperQuery>,
) -> ApiResult<Response> {
    let mut tx = app.db.read(caller.context()).await?;
    let view = store::find_transfer(&mut tx, caller.scope(), id).await?.ok_or_else(ApiError::not_found)?;
    let issuer = store::find_issuer(&mut tx, view.head.distributor_id).await?;
    drop(tx);
    Ok(transfer_page(view, issuer).answer(query.paper))
}

/// A count's page to print (biên bản kiểm kê): with empty columns to fill while it is open.
#[utoipa::path(
    get,
    path = "/inventory/counts/{id}/print",
    tag = "inventory",
    operation_id = "printStockCount",
    params(("id" = StockCountId, Path, description = "The count"), PaperQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such count for the caller", body = Problem),
    )
)]
pub(crate) async fn print_count(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<StockCountId>,
    Query(query): Query<PaperQuery>,
) -> ApiResult<Response> {
    let mut tx = app.db.read(caller.context()).await?;
    let view = store::find_count(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    let distributor = view.head.distributor_id;
    let issuer = store::find_issuer(&mut tx, distributor).await?;
    let posted = store::list_document_lines(&mut tx, distributor, id.uuid().into()).await?;
    drop(tx);
    Ok(count_page(view, issuer, &posted).map_err(StockError::from)?.answer(query.paper))
}

/// An adjustment's page to print (phiếu điều chỉnh kho).
#[utoipa::path(
    get,
    path = "/inventory/adjustments/{id}/print",
    tag = "inventory",
    operation_id = "printStockAdjustment",
    params(("id" = DocumentId, Path, description = "The adjustment"), PaperQuery),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
        (status = 404, description = "No such adjustment for the caller", body = Problem),
    )
)]
pub(crate) async fn print_adjustment(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Path(id): Path<DocumentId>,
    Query(query): Query<PaperQuery>,
) -> ApiResult<Response> {
    let mut tx = app.db.read(caller.context()).await?;
    let view = store::find_adjustment(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    drop(tx);
    Ok(adjustment_page(view).answer(query.paper))
}

fn issuer(issuer: Issuer) -> papers::Issuer {
    papers::Issuer {
        name: issuer.name,
        address: issuer.address,
        tax_code: issuer.tax_code,
        phone: issuer.phone,
        account: String::new(),
    }
}

fn warehouse(code: &str, name: &str) -> String {
    format!("{code} – {name}")
}

const RECEIVED: &[Column] = &[
    Column::text("Tên hàng"),
    Column::code("Mã số"),
    Column::text("Số lô"),
    Column::code("HSD"),
    Column::code("ĐVT"),
    Column::number("Theo chứng từ").under("Số lượng"),
    Column::number("Thực nhập").under("Số lượng"),
    Column::number("Đơn giá"),
    Column::number("Thành tiền"),
];

fn receipt_page(receipt: GoodsReceipt, issued_by: Issuer, lines: Vec<StockAdjustmentLine>) -> Page {
    let rows = lines.into_iter().map(|line| {
        vec![
            line.product_name.into(),
            line.product_code.into(),
            line.lot_number.into(),
            short_day(line.expiry).into(),
            line.unit_name.into(),
            Cell::Empty,
            line.quantity.into(),
            Cell::unit_price(line.cost_value, line.quantity),
            line.cost_value.into(),
        ]
    });
    Page {
        issuer: issuer(issued_by),
        form: Some(Form { number: "01 - VT", accounts: true }),
        title: "PHIẾU NHẬP KHO",
        number: receipt.number,
        date: receipt.business_date,
        stamp: None,
        facts: vec![
            ("Họ và tên người giao", String::new()),
            ("Theo hóa đơn, chứng từ số", String::new()),
            ("Nhập tại kho", warehouse(&receipt.warehouse_code, &receipt.warehouse_name)),
            ("Ghi chú", receipt.note),
        ],
        table: Some(Table {
            columns: RECEIVED,
            rows: rows.collect(),
            sums: vec![Sum::total("Cộng", receipt.cost_value)],
        }),
        closing: vec![
            ("Tổng số tiền (viết bằng chữ)", receipt.cost_value.in_words()),
            ("Số chứng từ gốc kèm theo", String::new()),
        ],
        signatures: signed([
            ("Người lập phiếu", &receipt.created_by_name),
            ("Người giao hàng", ""),
            ("Thủ kho", ""),
            ("Kế toán trưởng", ""),
        ]),
    }
}

const MOVED: &[Column] = &[
    Column::text("Tên hàng"),
    Column::code("Mã số"),
    Column::code("ĐVT"),
    Column::number("Số lượng"),
    Column::text("Số lô"),
    Column::code("HSD"),
    Column::number("Xuất").under("Số lượng lẻ"),
    Column::number("Nhập").under("Số lượng lẻ"),
];

fn transfer_page(view: StockTransferView, issued_by: Issuer) -> Page {
    let head = view.head;
    let cancelled = head.status == TransferStatus::Cancelled;
    let mut rows = Vec::new();
    let mut differences = Vec::new();
    for line in &view.lines {
        for (lot, at) in line.lots.iter().zip(0..) {
            // The line's own figures stand beside its first lot.
            let (unit, quantity) =
                if at == 0 { (line.unit_name.as_str(), Some(line.quantity)) } else { ("", None) };
            rows.push(vec![
                line.product_name.as_str().into(),
                line.product_code.as_str().into(),
                unit.into(),
                quantity.into(),
                lot.lot_number.as_str().into(),
                short_day(lot.expiry).into(),
                lot.pieces.into(),
                lot.received.into(),
            ]);
            if !lot.reason.is_empty() {
                differences.push(format!("{}, lô {}: {}", line.product_code, lot.lot_number, lot.reason));
            }
        }
    }
    let mut closing = vec![("Ghi chú", head.note)];
    if !differences.is_empty() {
        closing.push(("Chênh lệch khi nhập", differences.join("; ")));
    }
    Page {
        issuer: issuer(issued_by),
        form: None,
        title: "PHIẾU CHUYỂN KHO",
        number: head.number,
        date: head.business_date,
        stamp: cancelled.then(|| "ĐÃ HỦY".to_owned()),
        facts: vec![
            ("Xuất tại kho", warehouse(&head.from_warehouse_code, &head.from_warehouse_name)),
            ("Nhập tại kho", warehouse(&head.to_warehouse_code, &head.to_warehouse_name)),
            ("Ngày nhập", if cancelled { String::new() } else { short_day(head.closed_on) }),
        ],
        table: Some(Table { columns: MOVED, rows, sums: Vec::new() }),
        closing,
        signatures: signed([
            ("Người lập phiếu", &head.created_by_name),
            ("Thủ kho xuất", ""),
            ("Người vận chuyển", ""),
            ("Thủ kho nhập", ""),
        ]),
    }
}

const COUNTED: &[Column] = &[
    Column::text("Tên hàng"),
    Column::code("Mã số"),
    Column::text("Số lô"),
    Column::code("HSD"),
    Column::code("ĐVT"),
    Column::number("Theo sổ sách").under("Số lượng"),
    Column::number("Kiểm kê").under("Số lượng"),
    Column::number("Thừa").under("Chênh lệch"),
    Column::number("Thiếu").under("Chênh lệch"),
    Column::number("Giá trị").under("Chênh lệch"),
];

fn count_page(
    view: StockCountView,
    issued_by: Issuer,
    posted: &[StockAdjustmentLine],
) -> Result<Page, Overflow> {
    let head = view.head;
    let closed = head.status == CountStatus::Closed;
    let mut values: BTreeMap<_, Money> = BTreeMap::new();
    for line in posted {
        let value = values.entry((line.product_id, line.lot_id)).or_default();
        *value = value.checked_add(line.cost_value)?;
    }
    let mut rows = Vec::with_capacity(view.lines.len());
    for line in view.lines {
        // Once it is closed, what was posted is the difference; what was not counted may have been taken as gone.
        let (counted, difference) = match (closed, line.counted, line.posted) {
            (true, Some(counted), posted) => (Some(counted), Some(posted.unwrap_or_default())),
            (true, None, Some(posted)) => (Some(Quantity::ZERO), Some(posted)),
            (_, counted, _) => (counted, line.difference),
        };
        let books = match (counted, difference) {
            (Some(counted), Some(difference)) => counted.checked_sub(difference)?,
            _ => line.system,
        };
        let missing = difference.filter(|d| d.pieces() < 0).map(|d| d.pieces().saturating_neg());
        rows.push(vec![
            line.product_name.into(),
            line.product_code.into(),
            line.lot_number.into(),
            short_day(line.expiry).into(),
            line.unit_name.into(),
            books.into(),
            counted.into(),
            difference.filter(|d| d.is_positive()).into(),
            missing.into(),
            values.get(&(line.product_id, line.lot_id)).copied().into(),
        ]);
    }
    let total = Money::sum(values.into_values())?;
    let mut closing = Vec::new();
    if closed {
        closing.push(("Giá trị chênh lệch (viết bằng chữ)", total.in_words()));
    }
    closing.push(("Ý kiến giải quyết số chênh lệch", String::new()));
    Ok(Page {
        issuer: issuer(issued_by),
        form: Some(Form { number: "05 - VT", accounts: false }),
        title: "BIÊN BẢN KIỂM KÊ HÀNG HÓA",
        number: head.number,
        date: head.date,
        stamp: (head.status == CountStatus::Cancelled).then(|| "ĐÃ HỦY".to_owned()),
        facts: vec![
            ("Kiểm kê tại kho", warehouse(&head.warehouse_code, &head.warehouse_name)),
            ("Ban kiểm kê gồm", String::new()),
            ("Ghi chú", head.note),
        ],
        table: Some(Table {
            columns: COUNTED,
            rows,
            sums: if closed {
                vec![Sum::total("Giá trị chênh lệch theo giá vốn", total)]
            } else {
                Vec::new()
            },
        }),
        closing,
        signatures: signed([
            ("Người lập", &head.created_by_name),
            ("Thủ kho", ""),
            ("Kế toán trưởng", ""),
            ("Trưởng ban kiểm kê", ""),
        ]),
    })
}

const ADJUSTED: &[Column] = &[
    Column::text("Tên hàng"),
    Column::code("Mã số"),
    Column::text("Số lô"),
    Column::code("HSD"),
    Column::code("ĐVT"),
    Column::number("Tăng").under("Số lượng"),
    Column::number("Giảm").under("Số lượng"),
    Column::number("Giá trị theo giá vốn"),
];

fn adjustment_page(view: StockAdjustmentView) -> Page {
    let head = view.head;
    let rows = view.lines.into_iter().map(|line| {
        let (more, less) = if line.quantity > 0 {
            (Some(line.quantity), None)
        } else {
            (None, Some(line.quantity.saturating_neg()))
        };
        vec![
            line.product_name.into(),
            line.product_code.into(),
            line.lot_number.into(),
            short_day(line.expiry).into(),
            line.unit_name.into(),
            more.into(),
            less.into(),
            line.cost_value.into(),
        ]
    });
    Page {
        issuer: issuer(view.issuer),
        form: None,
        title: "PHIẾU ĐIỀU CHỈNH KHO",
        number: head.number,
        date: head.business_date,
        stamp: None,
        facts: vec![
            ("Tại kho", warehouse(&head.warehouse_code, &head.warehouse_name)),
            ("Lý do", head.reason),
            ("Ghi chú", head.note),
        ],
        table: Some(Table {
            columns: ADJUSTED,
            rows: rows.collect(),
            sums: vec![Sum::total("Tăng trừ giảm", head.cost_value)],
        }),
        closing: vec![("Bằng chữ", view.cost_in_words)],
        signatures: signed([
            ("Người lập phiếu", &head.created_by_name),
            ("Thủ kho", ""),
            ("Kế toán trưởng", ""),
            ("Giám đốc", ""),
        ]),
    }
}
