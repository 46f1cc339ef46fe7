use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::business_day::{format_vn_date, local_time};
use sheets::{Book, Cell, Column, Heading, Look};
use tokio::sync::mpsc::Receiver;

use super::ErpError;
use super::tally::{Part, Tally, fingerprint_of};
use crate::store::{ErpPosting, ErpSale};

/// The sheet of sales.
const SALES_SHEET: &str = "Bán hàng";
/// The sheet of stock postings.
const STOCK_SHEET: &str = "Nhập xuất kho";
const CONTROL_SHEET: &str = "Đối chiếu";

const fn column(header: &'static str, width: f64) -> Column {
    Column { header, width }
}

const SALES: &[Column] = &[
    column("Mã NPP", 12.0),
    column("Số chứng từ", 20.0),
    column("Loại chứng từ", 14.0),
    column("Ngày", 12.0),
    column("Số phiếu bán", 20.0),
    column("Số đơn hàng", 20.0),
    column("Mã khách hàng", 14.0),
    column("Khách hàng", 30.0),
    column("Mã nhân viên", 14.0),
    column("Mã kho", 12.0),
    column("Mã sản phẩm", 14.0),
    column("ĐVT", 10.0),
    column("Số lượng", 10.0),
    column("Số lượng lẻ", 10.0),
    column("Đơn giá", 14.0),
    column("Thành tiền", 16.0),
    column("Chiết khấu SP", 14.0),
    column("Chiết khấu ĐH", 14.0),
    column("Doanh thu thuần", 16.0),
    column("VAT", 14.0),
    column("Doanh thu", 16.0),
    column("Hàng tặng", 10.0),
    column("Mã khuyến mại", 14.0),
];

const STOCK: &[Column] = &[
    column("Mã NPP", 12.0),
    column("Mã kho", 12.0),
    column("Số chứng từ", 20.0),
    column("Loại chứng từ", 14.0),
    column("Mã sản phẩm", 14.0),
    column("Số lô", 16.0),
    column("Hạn dùng", 12.0),
    column("Số lượng lẻ", 12.0),
    column("ĐVT nhập", 10.0),
    column("Số lượng theo ĐVT", 12.0),
    column("Giá trị theo giá bán", 16.0),
    column("Giá trị nhập", 16.0),
    column("Giá trị bán", 16.0),
    column("Ngày", 12.0),
    column("Thời điểm ghi sổ", 28.0),
];

const CONTROL: &[Column] = &[
    column("Mã NPP", 12.0),
    column("Tên NPP", 30.0),
    column("Bán hàng: số dòng", 12.0),
    column("Số lượng lẻ", 12.0),
    column("Thành tiền", 18.0),
    column("Chiết khấu SP", 16.0),
    column("Chiết khấu ĐH", 16.0),
    column("Doanh thu thuần", 18.0),
    column("VAT", 16.0),
    column("Doanh thu", 18.0),
    column("Bán hàng: mã kiểm (SHA-256)", 68.0),
    column("Nhập xuất kho: số dòng", 12.0),
    column("Nhập: số lượng lẻ", 12.0),
    column("Nhập: giá trị", 18.0),
    column("Nhập: giá trị nhập", 18.0),
    column("Nhập: giá trị bán", 18.0),
    column("Xuất: số lượng lẻ", 12.0),
    column("Xuất: giá trị", 18.0),
    column("Xuất: giá trị nhập", 18.0),
    column("Xuất: giá trị bán", 18.0),
    column("Nhập xuất kho: mã kiểm (SHA-256)", 68.0),
];

/// A file, and what is in it.
#[derive(Debug)]
pub(crate) struct Export {
    pub bytes: Vec<u8>,
    pub fingerprint: String,
    pub sales_rows: i64,
    pub net: i64,
    pub vat: i64,
    pub total: i64,
    pub stock_rows: i64,
    pub in_pieces: i64,
    pub out_pieces: i64,
}

/// Sums of sales: pieces, gross, product discount, order discount, net, VAT, total.
const SALES_SUMS: usize = 7;
/// Sums of postings: pieces, selling value, cost value, sold value of those that came in; then of those that went out.
const STOCK_SUMS: usize = 8;

/// Writes the file from the rows as they come.
pub(super) fn write(
    day: NaiveDate,
    mut sales_rows: Receiver<Vec<ErpSale>>,
    mut stock_rows: Receiver<Vec<ErpPosting>>,
) -> Result<Export, ErpError> {
    let mut book = Book::made_on(day)?;
    book.begin(SALES_SHEET, None, SALES)?;
    let mut sales = Tally::new();
    while let Some(rows) = sales_rows.blocking_recv() {
        for row in rows {
            let (cells, figures) = sale(&row)?;
            sales.add((&row.distributor_code, &row.distributor_name), &cells, &figures)?;
            book.row(Look::Plain, &cells)?;
        }
    }
    book.begin(STOCK_SHEET, None, STOCK)?;
    let mut stock = Tally::new();
    while let Some(rows) = stock_rows.blocking_recv() {
        for row in rows {
            let (cells, figures) = posting(&row)?;
            stock.add((&row.distributor_code, &row.distributor_name), &cells, &figures)?;
            book.row(Look::Plain, &cells)?;
        }
    }
    let fingerprint = fingerprint_of(&sales.whole.fingerprint(), &stock.whole.fingerprint());
    control(&mut book, day, &fingerprint, &sales, &stock)?;
    let [_, _, _, _, net, vat, total] = sales.whole.sums;
    let [in_pieces, _, _, _, out_pieces, ..] = stock.whole.sums;
    Ok(Export {
        bytes: book.finish()?,
        fingerprint,
        sales_rows: sales.whole.rows,
        net,
        vat,
        total,
        stock_rows: stock.whole.rows,
        in_pieces,
        out_pieces,
    })
}

/// Without control characters, so that a row of the fingerprint is one line whatever a name holds.
fn text(text: &str) -> Cell {
    if text.contains(char::is_control) {
        Cell::Text(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
    } else {
        Cell::Text(text.to_owned())
    }
}

fn sale(row: &ErpSale) -> Result<(Vec<Cell>, [i64; SALES_SUMS]), ErpError> {
    let net = row
        .gross
        .checked_sub(row.product_discount)
        .and_then(|rest| rest.checked_sub(row.order_discount))
        .ok_or(ErpError::OutOfRange)?;
    let total = net.checked_add(row.vat).ok_or(ErpError::OutOfRange)?;
    let cells = vec![
        text(&row.distributor_code),
        text(&row.document_number),
        text(if row.is_return { "Trả hàng" } else { "Xuất bán" }),
        Cell::Date(row.day),
        text(&row.invoice_number),
        text(&row.order_number),
        text(&row.customer_code),
        text(&row.customer_name),
        text(&row.rep_code),
        text(&row.warehouse_code),
        text(&row.product_code),
        text(&row.unit),
        Cell::Number(row.quantity),
        Cell::Number(row.pieces),
        Cell::Number(row.unit_price),
        Cell::Number(row.gross),
        Cell::Number(row.product_discount),
        Cell::Number(row.order_discount),
        Cell::Number(net),
        Cell::Number(row.vat),
        Cell::Number(total),
        Cell::Number(i64::from(row.is_free)),
        text(&row.promotion_code),
    ];
    let sums = [row.pieces, row.gross, row.product_discount, row.order_discount, net, row.vat, total];
    Ok((cells, sums))
}

fn posting(row: &ErpPosting) -> Result<(Vec<Cell>, [i64; STOCK_SUMS]), ErpError> {
    let cells = vec![
        text(&row.distributor_code),
        text(&row.warehouse_code),
        text(&row.document_number),
        text(kind(&row.reason)),
        text(&row.product_code),
        text(&row.lot_number),
        row.expiry.map_or(Cell::Empty, Cell::Date),
        Cell::Number(row.pieces),
        text(&row.typed_unit),
        Cell::Number(row.typed_quantity),
        Cell::Number(row.selling_value),
        Cell::Number(row.cost_value),
        Cell::Number(row.sold_value),
        Cell::Date(row.day),
        Cell::Text(format!("{}+07:00", local_time(row.posted_at).format("%Y-%m-%dT%H:%M:%S%.3f"))),
    ];
    let [pieces, selling, cost, sold] = [row.pieces, row.selling_value, row.cost_value, row.sold_value];
    let sums = if pieces > 0 {
        [pieces, selling, cost, sold, 0, 0, 0, 0]
    } else {
        let gone = |figure: i64| figure.checked_neg().ok_or(ErpError::OutOfRange);
        [0, 0, 0, 0, gone(pieces)?, gone(selling)?, gone(cost)?, gone(sold)?]
    };
    Ok((cells, sums))
}

/// What the document is that a posting comes from.
fn kind(reason: &str) -> &str {
    match reason {
        "opening" => "Tồn đầu kỳ",
        "receipt" => "Nhập kho",
        "issue" => "Xuất bán",
        "transfer" => "Chuyển kho",
        "adjustment" => "Điều chỉnh",
        "count" => "Kiểm kê",
        "return" => "Trả hàng",
        other => other,
    }
}

/// The sheet of totals: a row per distributor that has rows, and one of all.
fn control(
    book: &mut Book,
    day: NaiveDate,
    fingerprint: &str,
    sales: &Tally<SALES_SUMS>,
    stock: &Tally<STOCK_SUMS>,
) -> Result<(), ErpError> {
    let subtitle = format!("Ngày {}. Mã kiểm cả tệp (SHA-256): {fingerprint}", format_vn_date(day));
    let heading = Heading { title: "ĐỐI CHIẾU XUẤT DỮ LIỆU ERP", subtitle: &subtitle };
    book.begin(CONTROL_SHEET, Some(heading), CONTROL)?;
    let codes: BTreeSet<&String> = sales.parts.keys().chain(stock.parts.keys()).collect();
    let (no_sales, no_stock) = (Part::default(), Part::default());
    for code in codes {
        let (sold, moved) = (sales.parts.get(code), stock.parts.get(code));
        let name = sold.map(|(name, _)| name).or(moved.map(|(name, _)| name)).map_or("", String::as_str);
        let sold = sold.map_or(&no_sales, |(_, part)| part);
        let moved = moved.map_or(&no_stock, |(_, part)| part);
        book.row(Look::Plain, &control_cells(code, name, sold, moved))?;
    }
    book.row(Look::Sum, &control_cells("", "Tổng cộng", &sales.whole, &stock.whole))?;
    Ok(())
}

fn control_cells(code: &str, name: &str, sales: &Part<SALES_SUMS>, stock: &Part<STOCK_SUMS>) -> Vec<Cell> {
    let mut cells = vec![text(code), text(name), Cell::Number(sales.rows)];
    cells.extend(sales.sums.map(Cell::Number));
    cells.extend([Cell::Text(sales.fingerprint()), Cell::Number(stock.rows)]);
    cells.extend(stock.sums.map(Cell::Number));
    cells.push(Cell::Text(stock.fingerprint()));
    cells
}
