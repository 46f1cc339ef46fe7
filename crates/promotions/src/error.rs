use platform::ApiError;

/// What the rules of promotions refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PromotionError {
    /// There is none, or it is a draft that the caller may not see.
    #[error("no such promotion")]
    NotFound,
    /// Somebody else changed it meanwhile.
    #[error("the promotion was changed meanwhile")]
    Stale,
    /// Another promotion has the code.
    #[error("the code is taken")]
    CodeTaken,
    /// It looks at or gives a product that doesn't exist.
    #[error("the promotion names an unknown product")]
    UnknownProduct,
    /// It is over for good.
    #[error("the promotion has ended")]
    Ended,
    /// Its last day is past.
    #[error("the promotion's period is past")]
    Past,
    /// Only one that is given can be held back.
    #[error("the promotion is not active")]
    NotActive,
    /// What is given in orders has nothing to settle.
    #[error("there is nothing to settle")]
    NothingToSettle,
    /// What is settled after its period takes nothing off orders.
    #[error("there is nothing to replay")]
    NothingToSimulate,
    /// Its last day is still to come, or is today.
    #[error("the promotion is not over")]
    NotOver,
    /// All goods that are owed were handed out.
    #[error("nothing is left to hand out")]
    HandedOut,
    /// More is to be handed out than is owed: so many of the unit are left.
    #[error("{0} are left to hand out")]
    MoreThanOwed(i64),
    /// A draft was never given to anyone.
    #[error("the promotion is a draft")]
    Draft,
}

impl From<PromotionError> for ApiError {
    fn from(error: PromotionError) -> Self {
        match error {
            PromotionError::NotFound => ApiError::not_found(),
            PromotionError::Stale => ApiError::stale(),
            PromotionError::CodeTaken => ApiError::conflict(
                "promotions.code_taken",
                "Mã khuyến mại này đã có. Hãy chọn mã khác.",
                "This promotion code is taken. Choose another one.",
            )
            .field("code", "Đã có", "Taken"),
            PromotionError::UnknownProduct => ApiError::unprocessable(
                "promotions.unknown_product",
                "Chương trình có sản phẩm không tồn tại. Hãy tải lại danh mục sản phẩm.",
                "The promotion names a product that doesn't exist. Load the products again.",
            ),
            PromotionError::Ended => ApiError::conflict(
                "promotions.ended",
                "Chương trình này đã kết thúc. Hãy tạo chương trình mới.",
                "This promotion has ended. Make a new one.",
            ),
            PromotionError::Past => ApiError::unprocessable(
                "promotions.past",
                "Ngày kết thúc của chương trình đã qua. Hãy sửa thời gian trước khi kích hoạt.",
                "The promotion's last day is past. Change its period before you activate it.",
            ),
            PromotionError::NotActive => ApiError::conflict(
                "promotions.not_active",
                "Chỉ tạm dừng được chương trình đang chạy.",
                "Only an active promotion can be paused.",
            ),
            PromotionError::NothingToSettle => ApiError::conflict(
                "promotions.nothing_to_settle",
                "Chỉ quyết toán được chương trình tích luỹ và trưng bày.",
                "Only accumulations and displays can be settled.",
            ),
            PromotionError::NothingToSimulate => ApiError::conflict(
                "promotions.nothing_to_simulate",
                "Chỉ chạy thử được chương trình áp dụng trên đơn hàng, không phải tích luỹ hay trưng bày.",
                "Only promotions given in orders can be simulated, not accumulations and displays.",
            ),
            PromotionError::NotOver => ApiError::conflict(
                "promotions.not_over",
                "Chưa đến lúc quyết toán. Tích luỹ quyết toán sau ngày cuối cùng, trưng bày sau khi hết tháng.",
                "It is too early. Accumulations are settled after their last day, displays after the month has ended.",
            ),
            PromotionError::HandedOut => ApiError::conflict(
                "promotions.handed_out",
                "Hàng thưởng này đã trả đủ cho khách hàng.",
                "All of these goods were handed out already.",
            ),
            PromotionError::MoreThanOwed(left) => ApiError::unprocessable(
                "promotions.more_than_owed",
                format!("Chỉ còn phải trả {left}. Hãy nhập tối đa {left}."),
                format!("Only {left} are left to hand out. Give at most that many."),
            )
            .with("left", left),
            PromotionError::Draft => ApiError::conflict(
                "promotions.draft",
                "Chương trình còn là bản nháp, chưa áp dụng cho ai.",
                "The promotion is a draft that nobody was given.",
            ),
        }
    }
}
