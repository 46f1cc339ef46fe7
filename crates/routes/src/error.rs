use axum::http::StatusCode;
use chrono::NaiveDate;
use domain::attendance::LeaveStatus;
use domain::route::InvalidRhythm;
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
    /// Days that are over stay as they were.
    #[error("{0} is over")]
    Past(NaiveDate),
    /// The outlets with these codes are visited on weekdays that the route would lose.
    #[error("outlets are visited on days that the route would lose")]
    DaysInUse(Vec<String>),
    /// Somebody else stands in on one of the days.
    #[error("the route has a substitute on these days")]
    Substituted,
    /// The substitute has the route already.
    #[error("the substitute has the route already")]
    OwnRoute,
    /// The substitute is on leave on one of the days.
    #[error("the substitute is on leave")]
    SubstituteOnLeave,
    /// The person has leave on one of the days already.
    #[error("the person has leave on these days")]
    LeaveOverlaps,
    /// Nobody decides on their own leave.
    #[error("nobody decides on their own leave")]
    OwnLeave,
    /// The leave is not in a state for this.
    #[error("the leave is {}", .0.as_str())]
    LeaveStatus(LeaveStatus),
    /// There is a holiday on the day already.
    #[error("there is a holiday on this day")]
    HolidayTaken,
}

/// What is wrong with the weekdays chosen for an outlet.
pub(crate) fn rhythm_text(wrong: &InvalidRhythm) -> (String, String) {
    match wrong {
        InvalidRhythm::Unreadable(text) => {
            (format!("Không hiểu tần suất {text}"), format!("{text} is not a frequency"))
        }
        InvalidRhythm::NotARouteDay(day) => {
            let vi = if *day == 7 { "Chủ nhật".to_owned() } else { format!("thứ {}", day + 1) };
            (format!("Tuyến không chạy vào {vi}"), format!("The route doesn't run on weekday {day}"))
        }
        InvalidRhythm::WrongNumber { wanted, found } => (
            format!("Cần chọn {wanted} ngày, đang có {found}"),
            format!("Choose {wanted} weekdays instead of {found}"),
        ),
    }
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
            RouteError::Past(day) => ApiError::unprocessable(
                "routes.past",
                format!("Ngày {} đã qua nên không đổi được. Hãy chọn từ hôm nay trở đi.", day.format("%d/%m/%Y")),
                format!("{day} is over and stays as it was. Choose today or a later day."),
            ),
            RouteError::DaysInUse(codes) => {
                let named = codes.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
                ApiError::unprocessable(
                    "routes.days_in_use",
                    format!("Có {} khách hàng đã chọn ngày mà tuyến không còn chạy ({named}). Hãy đổi ngày của họ trước.", codes.len()),
                    format!("{} outlets have chosen days on which the route would not run ({named}). Change theirs first.", codes.len()),
                )
                .field("weekdays", "Đang được khách hàng chọn", "Chosen by outlets")
                .with("customerCodes", codes)
            }
            RouteError::Substituted => ApiError::conflict(
                "routes.substituted",
                "Tuyến đã có người đi thay trong những ngày này. Hãy hủy phân công đó trước.",
                "Somebody else stands in on the route on these days. Call that off first.",
            ),
            RouteError::OwnRoute => ApiError::unprocessable(
                "routes.own_route",
                "Người này đang phụ trách tuyến trong những ngày đó. Hãy chọn người khác.",
                "This user has the route on these days. Choose somebody else.",
            )
            .field("repId", "Đang phụ trách tuyến", "Has the route"),
            RouteError::SubstituteOnLeave => ApiError::unprocessable(
                "routes.substitute_on_leave",
                "Người đi thay cũng nghỉ phép trong những ngày này. Hãy chọn người khác.",
                "The substitute is on leave on one of these days. Choose somebody else.",
            )
            .field("repId", "Đang nghỉ phép", "On leave"),
            RouteError::LeaveOverlaps => ApiError::conflict(
                "leave.overlaps",
                "Đã có đơn nghỉ phép trong những ngày này. Hãy xem lại đơn đó.",
                "There is leave on one of these days already. Look at that one.",
            ),
            RouteError::OwnLeave => ApiError::new(
                StatusCode::FORBIDDEN,
                "leave.own",
                "Bạn không duyệt được đơn nghỉ của chính mình. Hãy nhờ cấp trên.",
                "Nobody decides on their own leave. Ask those above you.",
            ),
            RouteError::LeaveStatus(status) => {
                let vi = match status {
                    LeaveStatus::Requested => "đang chờ duyệt",
                    LeaveStatus::Approved => "đã được duyệt",
                    LeaveStatus::Rejected => "đã bị từ chối",
                    LeaveStatus::Cancelled => "đã hủy",
                };
                ApiError::conflict(
                    "leave.wrong_status",
                    format!("Đơn nghỉ {vi} nên không làm được việc này. Hãy tải lại danh sách."),
                    format!("The leave is {status} and this can't be done. Load the list again."),
                )
                .with("status", status)
            }
            RouteError::HolidayTaken => ApiError::conflict(
                "holidays.taken",
                "Ngày này đã có trong lịch nghỉ lễ.",
                "There is a holiday on this day already.",
            ),
        }
    }
}
