use domain::Quantity;
use platform::ApiError;

use crate::model::ReturnStatus;

/// Why goods are not taken back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReturnError {
    /// The invoice is another customer's.
    #[error("the invoice is another customer's")]
    WrongCustomer,
    /// The invoice has no such line, or not of this product.
    #[error("no line {line_no} of this product on the invoice")]
    NoSuchLine {
        /// The line.
        line_no: i32,
    },
    /// Cases of a line that was sold in pieces.
    #[error("line {line_no} was sold in pieces")]
    WrongUnit {
        /// The line.
        line_no: i32,
    },
    /// More comes back than was delivered and is not back yet.
    #[error("{left} pieces of line {line_no} can come back")]
    MoreThanLeft {
        /// The line.
        line_no: i32,
        /// Pieces that can.
        left: Quantity,
    },
    /// The product doesn't exist.
    #[error("entry {index} names no product")]
    UnknownProduct {
        /// Its place, from 0.
        index: usize,
    },
    /// The lot is not one of the product.
    #[error("entry {index} names no lot of its product")]
    UnknownLot {
        /// Its place, from 0.
        index: usize,
    },
    /// The free goods that stay with the customer are worth more than what comes back.
    #[error("free goods that stay are worth more than what comes back")]
    ChargesExceed,
    /// The return is not in a state that allows the step.
    #[error("a return that is {0:?} can't take this step")]
    WrongState(ReturnStatus),
    /// There is no warehouse for goods that can't be sold.
    #[error("no warehouse for returns")]
    NoReturnWarehouse,
    /// There is no such warehouse, or none to sell from.
    #[error("no such warehouse")]
    NoWarehouse,
    /// The id is taken.
    #[error("the id is taken")]
    IdTaken,
}

fn status_vi(status: ReturnStatus) -> &'static str {
    match status {
        ReturnStatus::Pending => "chờ duyệt",
        ReturnStatus::Approved => "đã duyệt",
        ReturnStatus::Received => "đã nhập kho",
        ReturnStatus::Rejected => "bị từ chối",
        ReturnStatus::Cancelled => "đã hủy",
    }
}

impl From<ReturnError> for ApiError {
    fn from(error: ReturnError) -> Self {
        match error {
            ReturnError::WrongCustomer => ApiError::unprocessable(
                "returns.wrong_customer",
                "Phiếu bán không phải của khách hàng này.",
                "The invoice is another customer's.",
            )
            .field("customerId", "Không đúng khách hàng của phiếu bán", "Not the invoice's customer"),
            ReturnError::NoSuchLine { line_no } => ApiError::unprocessable(
                "returns.no_such_line",
                format!("Phiếu bán không có dòng {line_no} của sản phẩm này."),
                format!("The invoice has no line {line_no} of this product."),
            )
            .with("lineNo", line_no),
            ReturnError::WrongUnit { line_no } => ApiError::unprocessable(
                "returns.wrong_unit",
                format!("Dòng {line_no} bán theo đơn vị lẻ. Hãy nhập số lượng lẻ."),
                format!("Line {line_no} was sold in pieces. Give the quantity in pieces."),
            )
            .with("lineNo", line_no),
            ReturnError::MoreThanLeft { line_no, left } => ApiError::unprocessable(
                "returns.more_than_left",
                format!("Dòng {line_no} chỉ còn {left} (đơn vị lẻ) có thể trả: đã giao trừ đã trả và đang chờ trả."),
                format!("Only {left} pieces of line {line_no} can come back: delivered less returned and asked to be returned."),
            )
            .with("lineNo", line_no)
            .with("left", left),
            ReturnError::UnknownProduct { index } => ApiError::unprocessable(
                "returns.unknown_product",
                format!("Dòng {}: sản phẩm không tồn tại.", index + 1),
                format!("Line {}: the product doesn't exist.", index + 1),
            )
            .field(&format!("lines[{index}].productId"), "Không tìm thấy", "Not found"),
            ReturnError::UnknownLot { index } => ApiError::unprocessable(
                "returns.unknown_lot",
                format!("Dòng {}: sản phẩm không có lô này.", index + 1),
                format!("Line {}: the product has no such lot.", index + 1),
            )
            .field(&format!("lines[{index}].lotId"), "Không tìm thấy", "Not found"),
            ReturnError::ChargesExceed => ApiError::unprocessable(
                "returns.charges_exceed",
                "Hàng khuyến mãi khách giữ lại có giá trị lớn hơn hàng trả. Hãy nhận lại hàng khuyến mãi.",
                "The free goods that stay with the customer are worth more than what comes back. Take the free goods back.",
            ),
            ReturnError::WrongState(status) => ApiError::conflict(
                "returns.wrong_state",
                format!("Phiếu trả hàng {} nên không làm được bước này.", status_vi(status)),
                format!("A return that is {status:?} can't take this step."),
            )
            .with("returnStatus", status),
            ReturnError::NoReturnWarehouse => ApiError::unprocessable(
                "returns.no_return_warehouse",
                "Chưa có kho hàng trả cho hàng hỏng, hết hạn. Hãy tạo kho hàng trả hoặc chọn kho.",
                "There is no warehouse for damaged and expired goods. Make one of kind return, or choose one.",
            ),
            ReturnError::NoWarehouse => ApiError::unprocessable(
                "returns.no_warehouse",
                "Không tìm thấy kho nhập hàng trả. Hãy chọn kho khác.",
                "There is no such warehouse to take the goods in. Choose another.",
            ),
            ReturnError::IdTaken => {
                ApiError::conflict("returns.id_taken", "Mã (id) này đã dùng.", "This id is taken.")
            }
        }
    }
}
