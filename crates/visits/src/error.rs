use std::borrow::Cow;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use customers::model::CustomerStatus;
use domain::survey::{AnswerProblem, FormProblem};
use domain::visit::{PolicyError, Problem};
use domain::{VisitId, business_day};
use platform::{ApiError, Flag};
use serde_json::{Value, json};

use crate::words;

/// Why something in a rep's day is refused, or flagged when it arrives late.
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
    /// The outlet is the distributor's, but not on the rep's routes.
    #[error("the outlet is not among the rep's")]
    NotYours,
    /// Another visit has the id.
    #[error("another visit has this id")]
    IdTaken,
    /// The policy forbids visits like this.
    #[error("the check-in is refused")]
    CheckIn(Vec<Problem>),
    /// The visit has ended; or ended with another outcome than this one.
    #[error("the visit has ended")]
    Ended,
    /// The end is before the start.
    #[error("the check-out is before the check-in")]
    TimeOrder,
    /// Something must be done before leaving.
    #[error("the check-out is refused")]
    CheckOut(Vec<Problem>),
    /// Another photo has the id.
    #[error("another photo has this id")]
    PhotoIdTaken,
    /// No album has the name.
    #[error("no album is called {0}")]
    UnknownAlbum(String),
    /// A photo of a display program in another album.
    #[error("photos of display programs go into the album of displays")]
    DisplayAlbum,
    /// A product on the shelf doesn't exist.
    #[error("an unknown product was counted")]
    UnknownProduct,
    /// More than can be counted.
    #[error("the quantity is too large")]
    Overflow,
    /// No longer asked.
    #[error("the survey is closed")]
    SurveyClosed,
    /// Answers don't fit their questions.
    #[error("the answers don't fit the form")]
    Answers(Vec<AnswerProblem>),
    /// The form can't be published.
    #[error("the form has flaws")]
    Form(Vec<FormProblem>),
    /// Another survey has the code.
    #[error("the survey's code is taken")]
    SurveyCodeTaken,
    /// A policy for days that are past.
    #[error("a policy can't begin in the past")]
    PolicyPast,
    /// A policy that can't be meant.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The outlet's location is fixed.
    #[error("the location is locked")]
    LocationLocked,
    /// Somebody has decided already.
    #[error("the proposal was decided already")]
    ProposalDecided,
}

impl VisitError {
    fn code(&self) -> &'static str {
        match self {
            Self::Time(_) => "visits.time_refused",
            Self::OpenVisit { .. } => "visits.open_visit",
            Self::CustomerNotActive(_) => "visits.customer_not_active",
            Self::NotYours => "visits.outlet_not_yours",
            Self::IdTaken => "visits.id_taken",
            Self::CheckIn(_) => "visits.check_in_refused",
            Self::Ended => "visits.ended",
            Self::TimeOrder => "visits.time_order",
            Self::CheckOut(problems) if problems.iter().any(|p| matches!(p, Problem::Photos { .. })) => {
                "visits.photo_required"
            }
            Self::CheckOut(_) => "visits.step_required",
            Self::PhotoIdTaken => "visits.photo_id_taken",
            Self::UnknownAlbum(_) => "visits.unknown_album",
            Self::DisplayAlbum => "visits.display_album",
            Self::UnknownProduct => "visits.unknown_product",
            Self::Overflow => "visits.quantity_too_large",
            Self::SurveyClosed => "surveys.closed",
            Self::Answers(_) => "surveys.answers",
            Self::Form(_) => "surveys.form",
            Self::SurveyCodeTaken => "surveys.code_taken",
            Self::PolicyPast => "visits.policy_past",
            Self::Policy(_) => "visits.policy",
            Self::LocationLocked => "visits.location_locked",
            Self::ProposalDecided => "visits.proposal_decided",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::OpenVisit { .. }
            | Self::IdTaken
            | Self::Ended
            | Self::PhotoIdTaken
            | Self::SurveyCodeTaken
            | Self::ProposalDecided => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// What to tell people, in Vietnamese and in English.
    fn text(&self) -> (Cow<'static, str>, Cow<'static, str>) {
        fn fixed(vi: &'static str, en: &'static str) -> (Cow<'static, str>, Cow<'static, str>) {
            (vi.into(), en.into())
        }
        match self {
            Self::Time(_) => fixed(
                "Giờ của thiết bị sai quá nhiều: chỉ nhận từ 7 ngày trước đến 5 phút sau giờ hệ thống. Hãy chỉnh lại giờ.",
                "The device's clock is too far off: 7 days back and 5 minutes ahead are accepted. Set the clock.",
            ),
            Self::OpenVisit { customer_name, since, .. } => {
                let at = business_day::local_time(*since).format("%H:%M %d/%m");
                (
                    format!(
                        "Bạn chưa rời điểm bán {customer_name} (vào lúc {at}). Hãy check-out ở đó trước."
                    )
                    .into(),
                    format!("You are still at {customer_name} (since {at}). Check out there first.").into(),
                )
            }
            Self::CustomerNotActive(CustomerStatus::Pending) => fixed(
                "Khách hàng đang chờ duyệt nên chưa ghé thăm được. Hãy nhờ giám sát duyệt.",
                "The customer waits for approval and can't be visited yet. Ask the supervisor to approve it.",
            ),
            Self::CustomerNotActive(_) => fixed(
                "Khách hàng đã ngừng hoạt động nên không ghé thăm được.",
                "The customer is no longer active and can't be visited.",
            ),
            Self::NotYours => fixed(
                "Khách hàng này không thuộc tuyến của nhân viên vào ngày đó. Hãy kiểm tra phân tuyến.",
                "The customer was not on the rep's routes that day. Check the routes.",
            ),
            Self::IdTaken => fixed(
                "Mã lượt ghé thăm này đã dùng cho lượt khác. Hãy gửi lại với mã mới.",
                "Another visit has this id. Send it with a new one.",
            ),
            Self::CheckIn(problems) => words::list("Chưa check-in được", "You can't check in", problems),
            Self::Ended => fixed("Lượt ghé thăm này đã kết thúc.", "This visit has ended already."),
            Self::TimeOrder => fixed(
                "Giờ rời điểm bán sớm hơn giờ vào. Hãy kiểm tra giờ của thiết bị.",
                "The check-out is earlier than the check-in. Check the device's clock.",
            ),
            Self::CheckOut(problems) => words::list("Trước khi rời đi", "Before leaving", problems),
            Self::PhotoIdTaken => fixed(
                "Mã ảnh này đã dùng cho ảnh khác. Hãy gửi lại với mã mới.",
                "Another photo has this id. Send it with a new one.",
            ),
            Self::UnknownAlbum(album) => (
                format!("Không có album \"{album}\". Hãy tải lại danh sách album.").into(),
                format!("There is no album \"{album}\". Load the albums again.").into(),
            ),
            Self::DisplayAlbum => fixed(
                "Ảnh của chương trình trưng bày phải nằm trong album Trưng bày.",
                "Photos of a display program go into the album of displays.",
            ),
            Self::UnknownProduct => fixed(
                "Có sản phẩm không tồn tại. Hãy tải lại danh mục sản phẩm.",
                "A product doesn't exist. Load the products again.",
            ),
            Self::Overflow => fixed("Số lượng quá lớn.", "The quantity is too large."),
            Self::SurveyClosed => fixed("Khảo sát này đã đóng.", "This survey is closed."),
            Self::Answers(_) => fixed(
                "Có câu trả lời chưa đúng hoặc còn thiếu. Hãy kiểm tra các câu được nêu.",
                "Some answers are missing or don't fit. Check the questions that are named.",
            ),
            Self::Form(_) => fixed(
                "Mẫu khảo sát còn lỗi nên chưa ban hành được. Hãy sửa các câu được nêu.",
                "The form has flaws and can't be published. Mend the questions that are named.",
            ),
            Self::SurveyCodeTaken => fixed(
                "Mã khảo sát này đã có. Hãy chọn mã khác.",
                "This survey code is taken. Choose another one.",
            ),
            Self::PolicyPast => fixed(
                "Chính sách chỉ áp dụng từ hôm nay trở đi; những gì đã qua giữ nguyên.",
                "A policy holds from today at the earliest; what is past stays as it was.",
            ),
            Self::Policy(error) => (words::policy(*error).into(), error.to_string().into()),
            Self::LocationLocked => fixed(
                "Vị trí của khách hàng đã khóa nên không đề xuất sửa được. Hãy nhờ giám sát mở khóa.",
                "The customer's location is locked and can't be corrected. Ask the supervisor to unlock it.",
            ),
            Self::ProposalDecided => {
                fixed("Đề xuất này đã được xử lý.", "This proposal was decided already.")
            }
        }
    }

    fn details(&self) -> Option<(&'static str, Value)> {
        match self {
            Self::Time(at) => Some(("at", json!(at))),
            Self::OpenVisit { visit, .. } => Some(("visitId", json!(visit))),
            Self::CheckIn(problems) | Self::CheckOut(problems) => Some(("problems", json!(problems))),
            Self::Answers(problems) => Some(("problems", json!(problems))),
            Self::Form(problems) => Some(("problems", json!(problems))),
            Self::UnknownAlbum(album) => Some(("album", json!(album))),
            _ => None,
        }
    }

    /// The same as something to look at, of a record that arrived late.
    pub fn flag(&self) -> Flag {
        let (vi, en) = self.text();
        let flag = Flag::new(self.code(), vi, en);
        match self.details() {
            Some((name, value)) => flag.with(json!({ name: value })),
            None => flag,
        }
    }
}

impl From<VisitError> for ApiError {
    fn from(error: VisitError) -> Self {
        let (vi, en) = error.text();
        let api = ApiError::new(error.status(), error.code(), vi, en);
        let api = match error.details() {
            Some((name, value)) => api.with(name, value),
            None => api,
        };
        match error {
            VisitError::OpenVisit { customer_name, .. } => api.with("customerName", customer_name),
            VisitError::SurveyCodeTaken => api.field("code", "Đã có", "Taken"),
            _ => api,
        }
    }
}
