use std::borrow::Cow;

use axum::http::StatusCode;
use domain::display::ScoreError;
use platform::{ApiError, Flag};

/// Why something about displays is refused, or flagged when it arrives late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DisplayError {
    /// The program doesn't exist for the caller.
    #[error("unknown program")]
    Unknown,
    /// Another program has the code.
    #[error("the code is taken")]
    CodeTaken,
    /// The program names a product, a distributor or an outlet that doesn't exist.
    #[error("unknown product, distributor or customer")]
    Member,
    /// The program is closed, or its days are others.
    #[error("the program doesn't run on that day")]
    NotRunning,
    /// The outlet doesn't take part.
    #[error("the outlet is not registered")]
    NotRegistered,
    /// It is somebody else's turn.
    #[error(transparent)]
    Score(#[from] ScoreError),
}

impl DisplayError {
    fn say(self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::Unknown => (
                StatusCode::NOT_FOUND,
                "not_found",
                "Không tìm thấy chương trình trưng bày.",
                "No such display program.",
            ),
            Self::CodeTaken => (
                StatusCode::CONFLICT,
                "displays.code_taken",
                "Mã chương trình này đã có. Hãy chọn mã khác.",
                "This program code is taken. Choose another one.",
            ),
            Self::Member => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "displays.unknown_member",
                "Có sản phẩm, nhà phân phối hoặc khách hàng không tồn tại. Hãy tải lại danh mục.",
                "A product, distributor or customer doesn't exist. Load them again.",
            ),
            Self::NotRunning => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "displays.not_running",
                "Chương trình trưng bày không diễn ra vào ngày đó.",
                "The display program doesn't run on that day.",
            ),
            Self::NotRegistered => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "displays.not_registered",
                "Điểm bán chưa đăng ký chương trình trưng bày này. Hãy nhờ giám sát đăng ký.",
                "The outlet is not registered for this display program. Ask the supervisor to register it.",
            ),
            Self::Score(ScoreError::Role) => (
                StatusCode::FORBIDDEN,
                "forbidden",
                "Bạn không có quyền chấm điểm trưng bày.",
                "You may not score displays.",
            ),
            Self::Score(ScoreError::DecidedAbove) => (
                StatusCode::CONFLICT,
                "displays.decided_above",
                "Quản lý khu vực đã chấm nên không sửa được nữa.",
                "The area manager has decided, so this can't be changed any more.",
            ),
            Self::Score(ScoreError::FirstMissing) => (
                StatusCode::CONFLICT,
                "displays.first_missing",
                "Giám sát phải chấm trước, sau đó quản lý khu vực mới xác nhận.",
                "The supervisor scores it first, then the area manager confirms.",
            ),
            Self::Score(ScoreError::SamePerson) => (
                StatusCode::CONFLICT,
                "displays.same_person",
                "Người chấm lần đầu không được tự xác nhận. Hãy để người khác xác nhận.",
                "Who gave the first score can't confirm it. Somebody else must.",
            ),
        }
    }

    /// The same as something to look at, of a record that arrived late.
    pub fn flag(self) -> Flag {
        let (_, code, vi, en) = self.say();
        Flag::new(code, vi, en)
    }

    /// Its stable code and what to tell, for answers about many.
    pub(crate) fn told(self) -> (&'static str, Cow<'static, str>, Cow<'static, str>) {
        let (_, code, vi, en) = self.say();
        (code, vi.into(), en.into())
    }
}

impl From<DisplayError> for ApiError {
    fn from(error: DisplayError) -> Self {
        let (status, code, vi, en) = error.say();
        let api = ApiError::new(status, code, vi, en);
        if error == DisplayError::CodeTaken { api.field("code", "Đã có", "Taken") } else { api }
    }
}
