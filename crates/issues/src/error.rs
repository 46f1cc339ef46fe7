use domain::issue::Refusal;
use platform::ApiError;

/// Why something about an issue is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// A recipient that the caller can't reach.
    #[error("unknown recipient")]
    Recipient,
    /// An outlet that the caller can't see.
    #[error("unknown customer")]
    Customer,
    /// Another thread or post has the id.
    #[error("the id is taken")]
    IdTaken,
    /// It stands otherwise, or isn't the caller's to do.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl From<IssueError> for ApiError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Recipient => ApiError::not_found().field(
                "recipients",
                "Có người nhận hoặc đơn vị không tồn tại",
                "A recipient doesn't exist",
            ),
            IssueError::Customer => {
                ApiError::not_found().field("customerId", "Không tìm thấy khách hàng", "No such customer")
            }
            IssueError::IdTaken => ApiError::conflict(
                "issues.id_taken",
                "Mã này đã dùng cho nội dung khác. Hãy gửi lại với mã mới.",
                "Something else has this id. Send it with a new one.",
            ),
            IssueError::Refused(Refusal::Resolved) => ApiError::conflict(
                "issues.resolved",
                "Vấn đề này đã xử lý xong. Hãy mở lại trước khi viết tiếp.",
                "This issue is resolved. Reopen it before you go on.",
            ),
            IssueError::Refused(Refusal::NotResolved) => ApiError::conflict(
                "issues.not_resolved",
                "Vấn đề này chưa xử lý xong nên không cần mở lại.",
                "This issue is not resolved, so there is nothing to reopen.",
            ),
            IssueError::Refused(Refusal::NotAsked) => ApiError::forbidden("issues.answer"),
        }
    }
}
