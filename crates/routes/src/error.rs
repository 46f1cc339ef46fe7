use chrono::NaiveDate;
use platform::ApiError;

/// Why a change of a route is refused.
#[derive(Debug, thiserror::Error)]
pub enum RouteError {
    /// Another route of the distributor has the code.
    #[error("the route code {0:?} is taken")]
    CodeTaken(String),
    /// The present assignment starts after the day from which another is wanted.
    #[error("the present assignment starts on {0}")]
    AssignedLater(NaiveDate),
    /// The user doesn't visit outlets of this distributor.
    #[error("the user can't walk routes of this distributor")]
    NotARep,
}

impl From<RouteError> for ApiError {
    fn from(error: RouteError) -> Self {
        match error {
            RouteError::CodeTaken(code) => ApiError::conflict(
                "routes.code_taken",
                format!("Mã tuyến {code} đã có. Hãy chọn mã khác."),
                format!("The route code {code} is taken. Choose another."),
            )
            .field("routeCode", "Đã có", "Taken"),
            RouteError::AssignedLater(since) => ApiError::unprocessable(
                "routes.assigned_later",
                format!(
                    "Tuyến đang được phân công từ {}. Hãy chọn ngày bắt đầu từ ngày đó trở đi.",
                    since.format("%d/%m/%Y")
                ),
                format!("The present assignment starts on {since}. Choose that day or a later one."),
            )
            .field("validFrom", "Quá sớm", "Too early"),
            RouteError::NotARep => ApiError::unprocessable(
                "routes.not_a_rep",
                "Người này không đi tuyến của nhà phân phối này. Hãy chọn một nhân viên bán hàng đang hoạt động.",
                "This user doesn't walk routes of this distributor. Choose an active sales rep.",
            )
            .field("repId", "Không hợp lệ", "Not valid"),
        }
    }
}
