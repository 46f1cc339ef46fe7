use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use platform::ApiError;

/// Why something about attendance is refused.
#[derive(Debug, thiserror::Error)]
pub enum AttendanceError {
    /// The phone's time is too far from ours.
    #[error("the time {0} is too far away")]
    Time(DateTime<Utc>),
    /// Nobody corrects their own attendance.
    #[error("nobody corrects their own attendance")]
    Own,
    /// A correction to an instant that has not come yet.
    #[error("{0} has not come yet")]
    Future(DateTime<Utc>),
    /// The correction changes nothing.
    #[error("the correction changes nothing")]
    NoChange,
    /// The person doesn't clock in.
    #[error("the person doesn't clock in")]
    NotOneWhoClocks,
    /// Working times of months that are over stay as they were.
    #[error("working times may change from {0} on")]
    MonthOver(NaiveDate),
    /// Only the company sets the working times of units above the distributors.
    #[error("the unit is above the distributors")]
    UnitAbove,
}

impl From<AttendanceError> for ApiError {
    fn from(error: AttendanceError) -> Self {
        match error {
            AttendanceError::Time(at) => ApiError::unprocessable(
                "attendance.time_refused",
                "Giờ của thiết bị sai quá nhiều: chỉ nhận từ 7 ngày trước đến 5 phút sau giờ hệ thống. Hãy chỉnh lại giờ.",
                "The device's clock is too far off: 7 days back and 5 minutes ahead are accepted. Set the clock.",
            )
            .with("at", at),
            AttendanceError::Own => ApiError::new(
                StatusCode::FORBIDDEN,
                "attendance.own",
                "Bạn không sửa được chấm công của chính mình. Hãy nhờ cấp trên.",
                "Nobody corrects their own attendance. Ask those above you.",
            ),
            AttendanceError::Future(at) => ApiError::unprocessable(
                "attendance.future",
                "Giờ sửa lại chưa đến. Hãy nhập giờ trước bây giờ.",
                "The corrected time has not come yet. Enter an earlier one.",
            )
            .with("at", at),
            AttendanceError::NoChange => ApiError::unprocessable(
                "attendance.no_change",
                "Lần sửa này không thay đổi gì. Hãy đổi giờ, đổi loại, hoặc loại bỏ lần chấm.",
                "The correction changes nothing. Change the time or the kind, or take the event out.",
            ),
            AttendanceError::NotOneWhoClocks => ApiError::unprocessable(
                "attendance.not_one_who_clocks",
                "Người này không chấm công.",
                "This person doesn't clock in.",
            )
            .field("userId", "Không chấm công", "Doesn't clock in"),
            AttendanceError::MonthOver(first) => ApiError::unprocessable(
                "attendance.month_over",
                format!("Giờ làm của các tháng trước không đổi được. Hãy chọn từ {} trở đi.", first.format("%d/%m/%Y")),
                format!("Working times of months that are over stay. Choose {first} or a later day."),
            )
            .field("validFrom", "Quá sớm", "Too early"),
            AttendanceError::UnitAbove => ApiError::new(
                StatusCode::FORBIDDEN,
                "attendance.unit_above",
                "Đơn vị này ở trên cấp nhà phân phối: chỉ quản trị công ty đặt được giờ làm.",
                "This unit is above the distributors: only the company sets its working times.",
            ),
        }
    }
}
