use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use customers::model::CustomerStatus;
use domain::visit::CheckOutProblem;
use domain::{VisitId, business_day};
use platform::ApiError;

/// Why something in a rep's day is refused.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// The phone's time is too far from ours.
    #[error("the time {0} is too far away")]
    Time(DateTime<Utc>),
    /// The rep is still at another outlet.
    #[error("the visit at {customer_name} is open")]
    OpenVisit {
        /// The open visit.
        visit: VisitId,
        /// Where.
        customer_name: String,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// The outlet may not be visited.
    #[error("the outlet is {}", .0.as_str())]
    CustomerNotActive(CustomerStatus),
    /// The visit ended with another outcome than this one.
    #[error("the visit has ended")]
    Ended,
    /// The end is before the start.
    #[error("the check-out is before the check-in")]
    TimeOrder,
    /// Something must be done before leaving.
    #[error("the check-out is refused")]
    CheckOut(Vec<CheckOutProblem>),
    /// Another photo has the id.
    #[error("another photo has this id")]
    PhotoIdTaken,
    /// The bytes are no JPEG, PNG or WebP image.
    #[error("not an image")]
    NotAnImage,
    /// The image has too many pixels.
    #[error("the image is {width} × {height} pixels")]
    TooManyPixels {
        /// Across.
        width: u32,
        /// Down.
        height: u32,
    },
    /// The file has too many bytes.
    #[error("the file is too large")]
    TooLarge,
}

impl From<VisitError> for ApiError {
    fn from(error: VisitError) -> Self {
        match error {
            VisitError::Time(at) => ApiError::unprocessable(
                "visits.time_refused",
                "Giờ của thiết bị sai quá nhiều: chỉ nhận từ 7 ngày trước đến 5 phút sau giờ hệ thống. Hãy chỉnh lại giờ.",
                "The device's clock is too far off: 7 days back and 5 minutes ahead are accepted. Set the clock.",
            )
            .with("at", at),
            VisitError::OpenVisit { visit, customer_name, since } => {
                let at = business_day::local_time(since).format("%H:%M %d/%m");
                ApiError::conflict(
                    "visits.open_visit",
                    format!("Bạn chưa rời điểm bán {customer_name} (vào lúc {at}). Hãy check-out ở đó trước."),
                    format!("You are still at {customer_name} (since {at}). Check out there first."),
                )
                .with("visitId", visit)
                .with("customerName", customer_name)
            }
            VisitError::CustomerNotActive(status) => match status {
                CustomerStatus::Pending => ApiError::unprocessable(
                    "visits.customer_not_active",
                    "Khách hàng đang chờ duyệt nên chưa ghé thăm được. Hãy nhờ giám sát duyệt.",
                    "The customer waits for approval and can't be visited yet. Ask the supervisor to approve it.",
                ),
                _ => ApiError::unprocessable(
                    "visits.customer_not_active",
                    "Khách hàng đã ngừng hoạt động nên không ghé thăm được.",
                    "The customer is no longer active and can't be visited.",
                ),
            },
            VisitError::Ended => ApiError::conflict(
                "visits.ended",
                "Lượt ghé thăm này đã kết thúc.",
                "This visit has ended already.",
            ),
            VisitError::TimeOrder => ApiError::unprocessable(
                "visits.time_order",
                "Giờ rời điểm bán sớm hơn giờ vào. Hãy kiểm tra giờ của thiết bị.",
                "The check-out is earlier than the check-in. Check the device's clock.",
            ),
            VisitError::CheckOut(problems) => check_out(&problems),
            VisitError::PhotoIdTaken => ApiError::conflict(
                "visits.photo_id_taken",
                "Mã ảnh này đã dùng cho ảnh khác. Hãy gửi lại với mã mới.",
                "Another photo has this id. Send it with a new one.",
            ),
            VisitError::NotAnImage => ApiError::unprocessable(
                "visits.not_an_image",
                "Tệp không phải ảnh JPEG, PNG hoặc WebP đọc được. Hãy chụp lại.",
                "The file is not a readable JPEG, PNG or WebP image. Take the photo again.",
            ),
            VisitError::TooManyPixels { width, height } => ApiError::unprocessable(
                "visits.image_too_large",
                format!("Ảnh {width} × {height} điểm ảnh là quá lớn. Hãy giảm độ phân giải."),
                format!("The image of {width} × {height} pixels is too large. Lower its resolution."),
            ),
            VisitError::TooLarge => ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "Ảnh lớn hơn 15 MB. Hãy giảm dung lượng.",
                "The photo is larger than 15 MB. Make it smaller.",
            ),
        }
    }
}

/// A photo of the closed door is a photo too: it mends both.
fn check_out(problems: &[CheckOutProblem]) -> ApiError {
    let (vi, en) = if problems.contains(&CheckOutProblem::ClosedDoorPhoto) {
        (
            "Điểm bán đóng cửa: hãy chụp ảnh vào album \"Đóng cửa\" trước khi rời đi.",
            "The outlet is closed: take a photo into the album \"Đóng cửa\" before leaving.",
        )
    } else {
        (
            "Chưa có ảnh cho lượt ghé thăm. Hãy chụp ít nhất một ảnh trước khi rời đi.",
            "The visit has no photo. Take at least one before leaving.",
        )
    };
    ApiError::unprocessable("visits.photo_required", vi, en).with("problems", problems)
}
