use axum::http::StatusCode;
use domain::order::{CreditProblem, OrderAction, OrderStatus, TotalsDifference, TransitionError};
use domain::pricing::PricingError;
use domain::{Overflow, ProductId};
use inventory::stock::StockError;
use platform::ApiError;
use serde::Serialize;

/// Why an order, an invoice or an issue was refused. Nothing of the call is kept.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The customer is not active.
    #[error("the customer is not active")]
    CustomerNotActive,
    /// The visit is not the caller's visit to this customer.
    #[error("the visit is not of this customer")]
    WrongVisit,
    /// The distributor has no main warehouse, or not the one named.
    #[error("no such warehouse")]
    NoWarehouse,
    /// The caller drives no van of the distributor, or not the one named.
    #[error("no such van")]
    NoVan,
    /// More is paid than is sold.
    #[error("more is paid than is sold")]
    Overpaid,
    /// The phone told the customer other totals, and nobody has accepted that.
    #[error("the totals differ from the phone's")]
    NeedsReview(Vec<TotalsDifference>),
    /// The order is not one that the caller may change.
    #[error("the order is somebody else's")]
    NotYours,
    /// The customer's distributor may not sell some of it.
    #[error("the distributor may not sell some of the products")]
    NotSoldHere(Vec<NotSoldHere>),
    /// The order could not be priced.
    #[error(transparent)]
    Pricing(#[from] PricingError),
    /// The order is not in a state that allows the step.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The customer's credit doesn't carry the order.
    #[error("the customer's credit does not carry the order")]
    Credit(Vec<CreditProblem>),
    /// Too little stock, line by line.
    #[error("too little stock")]
    Short(Vec<ShortLine>),
    /// Orders on one invoice must be of one customer, one warehouse and one rep, whose revenue it is.
    #[error("orders on one invoice must be of one customer, warehouse and rep")]
    MixedOrders,
    /// The invoice's goods were issued already, or it was cancelled.
    #[error("the invoice is not open")]
    InvoiceNotOpen,
    /// A sum is out of range.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// The document was changed meanwhile.
    #[error("the document was changed meanwhile")]
    Stale,
}

/// A product that others may sell, but not the customer's distributor.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NotSoldHere {
    /// The product.
    pub product_id: ProductId,
    /// Its code.
    pub product_code: String,
    /// Its name.
    pub product_name: String,
}

/// A product of which there is too little for the order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShortLine {
    /// The product.
    pub product_id: ProductId,
    /// Its code.
    pub product_code: String,
    /// Its name.
    pub product_name: String,
    /// Pieces the order wants.
    pub wanted: i64,
    /// Pieces that are free.
    pub available: i64,
    /// Set when only goods that expire on this day or later count as free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_expiring_before: Option<chrono::NaiveDate>,
}

/// A message names so many products; all are beside it.
const MOST_NAMED: usize = 5;

pub(crate) fn status_vi(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Draft => "nháp",
        OrderStatus::Pending => "chờ duyệt",
        OrderStatus::Approved => "đã duyệt",
        OrderStatus::Rejected => "bị từ chối",
        OrderStatus::Cancelled => "đã hủy",
        OrderStatus::Invoiced => "đã lập phiếu bán",
        OrderStatus::Issued => "đã xuất kho",
    }
}

fn action_vi(action: OrderAction) -> &'static str {
    match action {
        OrderAction::Submit => "gửi duyệt",
        OrderAction::Edit => "sửa",
        OrderAction::Approve => "duyệt",
        OrderAction::Reject => "từ chối",
        OrderAction::Cancel => "hủy",
        OrderAction::Invoice => "lập phiếu bán",
        OrderAction::Issue => "xuất kho",
        OrderAction::Reopen => "gỡ khỏi phiếu bán",
    }
}

impl From<OrderError> for ApiError {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::CustomerNotActive => ApiError::unprocessable(
                "orders.customer_not_active",
                "Khách hàng chưa được duyệt hoặc đã ngừng hoạt động nên chưa thể bán.",
                "The customer is not approved yet or no longer active, so nothing can be sold to it.",
            ),
            OrderError::WrongVisit => ApiError::unprocessable(
                "orders.wrong_visit",
                "Lượt viếng thăm không thuộc khách hàng này.",
                "The visit is not one of this customer.",
            ),
            OrderError::NoWarehouse => ApiError::unprocessable(
                "orders.no_warehouse",
                "Không tìm thấy kho xuất hàng. Hãy tạo kho chính cho nhà phân phối.",
                "There is no warehouse to ship from. Make a main warehouse for the distributor.",
            ),
            OrderError::NoVan => ApiError::unprocessable(
                "orders.no_van",
                "Bạn chưa được giao xe bán hàng của nhà phân phối này. Hãy nhờ kế toán NPP giao xe (kho xe).",
                "You drive no van of this distributor. Ask its office to give you one (a van warehouse).",
            ),
            OrderError::Overpaid => ApiError::unprocessable(
                "orders.overpaid",
                "Số tiền thu lớn hơn giá trị bán. Phần thu nợ cũ hãy lập phiếu thu riêng.",
                "More is paid than is sold. Receive money for older debts on a receipt of its own.",
            ),
            OrderError::NeedsReview(differences) => ApiError::unprocessable(
                "orders.needs_review",
                "Tổng tiền hoặc hàng tặng trên điện thoại khác hệ thống. Hãy xem phần khác nhau rồi chấp nhận (acceptDifferences) hoặc sửa đơn.",
                "The phone's totals or gifts differ from the system's. See what differs, then accept it (acceptDifferences) or edit the order.",
            )
            .with("differences", differences),
            OrderError::NotYours => ApiError::new(
                StatusCode::FORBIDDEN,
                "orders.not_yours",
                "Chỉ người lập đơn hoặc kế toán NPP mới được làm việc này với đơn hàng.",
                "Only who took the order or the distributor's office may do this with it.",
            ),
            OrderError::NotSoldHere(products) => {
                let names: Vec<String> = products
                    .iter()
                    .take(MOST_NAMED)
                    .map(|p| format!("{} ({})", p.product_name, p.product_code))
                    .collect();
                let more = if products.len() > MOST_NAMED { ", …" } else { "" };
                let names = names.join(", ");
                ApiError::unprocessable(
                    "orders.not_sold_here",
                    format!("Nhà phân phối của khách hàng không được bán: {names}{more}. Hãy bỏ khỏi đơn hàng."),
                    format!("The customer's distributor may not sell: {names}{more}. Take it off the order."),
                )
                .with("products", products)
            }
            OrderError::Pricing(e) => pricing(&e),
            OrderError::Transition(e) => ApiError::conflict(
                "orders.wrong_state",
                format!("Không thể {} đơn hàng {}.", action_vi(e.action), status_vi(e.from)),
                format!("An order that is {} can't take the step '{}'.", e.from, e.action),
            )
            .with("orderStatus", e.from),
            OrderError::Credit(problems) => {
                let mut vi = String::from("Công nợ của khách không cho phép duyệt đơn này.");
                let mut en = String::from("The customer's credit does not carry this order.");
                for problem in &problems {
                    match problem {
                        CreditProblem::LimitExceeded { limit, exposure } => {
                            vi.push_str(&format!(" Tổng nợ sẽ là {exposure}, hạn mức {limit}."));
                        }
                        CreditProblem::Overdue { days, allowed } => {
                            vi.push_str(&format!(" Nợ quá hạn {days} ngày, cho phép {allowed} ngày."));
                        }
                    }
                    en.push_str(&format!(" {problem}."));
                }
                ApiError::unprocessable("orders.credit_exceeded", vi, en).with("problems", problems)
            }
            OrderError::Short(lines) => ApiError::unprocessable(
                "orders.stock_short",
                "Không đủ tồn kho cho đơn hàng. Xem từng dòng thiếu, rồi nhập thêm hàng hoặc sửa đơn.",
                "There is not enough stock for the order. See the short lines, then receive goods or change the order.",
            )
            .with("shortages", lines),
            OrderError::MixedOrders => ApiError::unprocessable(
                "orders.mixed_orders",
                "Chỉ gộp được các đơn của cùng một khách hàng, cùng một kho và cùng một nhân viên bán hàng.",
                "Only orders of one customer, one warehouse and one sales rep can go on one invoice.",
            ),
            OrderError::InvoiceNotOpen => ApiError::conflict(
                "invoices.not_open",
                "Phiếu bán này đã xuất kho hoặc đã hủy.",
                "The goods of this invoice were issued already, or it was cancelled.",
            ),
            OrderError::Overflow(_) => out_of_range(),
            OrderError::Stale => ApiError::stale(),
        }
    }
}

fn out_of_range() -> ApiError {
    ApiError::unprocessable(
        "orders.out_of_range",
        "Số lượng hoặc giá trị quá lớn. Hãy kiểm tra lại số lượng.",
        "A quantity or a value is too large. Check the quantities.",
    )
}

fn pricing(error: &PricingError) -> ApiError {
    match error {
        PricingError::UnknownProduct { product_id } => ApiError::unprocessable(
            "orders.product_not_sold",
            "Có sản phẩm không tồn tại hoặc đã ngừng bán. Hãy tải lại danh mục và bỏ sản phẩm đó.",
            "A product doesn't exist or is no longer sold. Load the catalogue again and remove it.",
        )
        .with("productId", product_id),
        PricingError::Quantity { line, .. } => ApiError::invalid_field(
            &format!("items[{}].quantity", line.saturating_sub(1)),
            "Số lượng phải từ 1 trở lên",
            "The quantity must be 1 or more",
        ),
        PricingError::Overflow(_) => out_of_range(),
    }
}

/// Stock errors, with shortages told by the products' names.
pub(crate) fn stock(
    error: StockError,
    names: &std::collections::BTreeMap<ProductId, catalog::store::ProductName>,
) -> ApiError {
    match error {
        StockError::Short(shortages) => {
            let lines = shortages
                .into_iter()
                .map(|s| {
                    let name = names.get(&s.product_id);
                    ShortLine {
                        product_id: s.product_id,
                        product_code: name.map(|n| n.code.clone()).unwrap_or_default(),
                        product_name: name.map(|n| n.name.clone()).unwrap_or_default(),
                        wanted: s.wanted.pieces(),
                        available: s.available.pieces(),
                        not_expiring_before: s.not_expiring_before,
                    }
                })
                .collect();
            OrderError::Short(lines).into()
        }
        other => other.into(),
    }
}
