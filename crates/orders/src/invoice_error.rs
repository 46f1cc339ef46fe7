use domain::Quantity;
use platform::ApiError;

/// Why goods of an invoice don't leave, or an invoice can't end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvoiceError {
    /// The invoice has no such line, or it was named twice.
    #[error("no line {line_no}, or named twice")]
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
    /// More is asked than is left of the line.
    #[error("{left} pieces are left of line {line_no}")]
    MoreThanLeft {
        /// The line.
        line_no: i32,
        /// Pieces left.
        left: Quantity,
    },
    /// More free goods would leave than the goods that earned them have earned by then.
    #[error("{left} free pieces of line {line_no} may leave")]
    GiftAhead {
        /// The line.
        line_no: i32,
        /// Pieces that may leave now.
        left: Quantity,
    },
    /// The lots picked by hand are not what is asked.
    #[error("line {line_no}: {lots} pieces in lots, {pieces} asked")]
    LotsDiffer {
        /// The line.
        line_no: i32,
        /// Pieces of the lots.
        lots: Quantity,
        /// Pieces asked.
        pieces: Quantity,
    },
    /// Goods have left, so the invoice can't be cancelled.
    #[error("goods of the invoice have left")]
    HasLeft,
    /// Only an invoice of which a part has left is closed short.
    #[error("the invoice is not partly issued")]
    NotPartlyIssued,
}

impl From<InvoiceError> for ApiError {
    fn from(error: InvoiceError) -> Self {
        match error {
            InvoiceError::NoSuchLine { line_no } => ApiError::unprocessable(
                "invoices.no_such_line",
                format!("Phiếu bán không có dòng {line_no}, hoặc dòng bị nhập hai lần."),
                format!("The invoice has no line {line_no}, or the line was named twice."),
            )
            .with("lineNo", line_no),
            InvoiceError::WrongUnit { line_no } => ApiError::unprocessable(
                "invoices.wrong_unit",
                format!("Dòng {line_no} bán theo đơn vị lẻ. Hãy nhập số lượng lẻ."),
                format!("Line {line_no} was sold in pieces. Give the quantity in pieces."),
            )
            .with("lineNo", line_no),
            InvoiceError::MoreThanLeft { line_no, left } => ApiError::unprocessable(
                "invoices.more_than_left",
                format!("Dòng {line_no} chỉ còn {left} (đơn vị lẻ) chưa xuất."),
                format!("Only {left} pieces of line {line_no} are left to issue."),
            )
            .with("lineNo", line_no)
            .with("left", left),
            InvoiceError::GiftAhead { line_no, left } => ApiError::unprocessable(
                "invoices.gift_ahead",
                format!(
                    "Dòng {line_no} là hàng tặng, chỉ xuất theo tỷ lệ hàng mua đã xuất: lần này tối đa {left} (đơn vị lẻ)."
                ),
                format!(
                    "Line {line_no} is free goods, which leave in proportion to what was bought: at most {left} pieces now."
                ),
            )
            .with("lineNo", line_no)
            .with("left", left),
            InvoiceError::LotsDiffer { line_no, lots, pieces } => ApiError::unprocessable(
                "invoices.lots_differ",
                format!("Dòng {line_no}: tổng các lô là {lots}, cần đúng {pieces} (đơn vị lẻ)."),
                format!("Line {line_no}: the lots sum up to {lots} pieces, {pieces} are needed."),
            )
            .with("lineNo", line_no),
            InvoiceError::HasLeft => ApiError::conflict(
                "invoices.has_left",
                "Phiếu bán đã xuất hàng nên không hủy được. Phần chưa xuất thì đóng phiếu, phần đã xuất thì lập phiếu trả hàng.",
                "Goods of this invoice have left, so it can't be cancelled. Close it for the rest, and return what has left.",
            ),
            InvoiceError::NotPartlyIssued => ApiError::conflict(
                "invoices.not_partly_issued",
                "Chỉ đóng được phiếu bán đã xuất một phần. Phiếu chưa xuất thì hãy hủy.",
                "Only an invoice of which a part has left can be closed. Cancel one of which nothing has.",
            ),
        }
    }
}
