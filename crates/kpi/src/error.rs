use platform::ApiError;

/// Why something about KPIs is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KpiError {
    /// Nobody of this id whom the caller sees and who sells for a distributor.
    #[error("unknown rep")]
    Rep,
    /// A product, brand or category that doesn't exist.
    #[error("unknown focus at {0}")]
    Focus(usize),
    /// Other targets have the id.
    #[error("the id is taken")]
    IdTaken,
    /// Sums left the range of numbers.
    #[error("the sums are out of range")]
    Overflow,
}

impl From<KpiError> for ApiError {
    fn from(error: KpiError) -> Self {
        match error {
            KpiError::Rep => ApiError::not_found().field(
                "userId",
                "Không tìm thấy nhân viên bán hàng hoặc giám sát thuộc nhà phân phối",
                "No such rep or supervisor of a distributor",
            ),
            KpiError::Focus(at) => ApiError::not_found().field(
                &format!("focus[{at}].id"),
                "Không tìm thấy sản phẩm, nhãn hiệu hoặc ngành hàng",
                "No such product, brand or category",
            ),
            KpiError::IdTaken => ApiError::conflict(
                "kpi.id_taken",
                "Mã này đã dùng cho chỉ tiêu khác. Hãy gửi lại với mã mới.",
                "Other targets have this id. Send them with a new one.",
            ),
            KpiError::Overflow => ApiError::unprocessable(
                "kpi.out_of_range",
                "Tổng vượt quá phạm vi tính được. Hãy kiểm tra chỉ tiêu và chứng từ.",
                "The sums are out of range. Check targets and documents.",
            ),
        }
    }
}

impl From<domain::Overflow> for KpiError {
    fn from(_: domain::Overflow) -> Self {
        KpiError::Overflow
    }
}
