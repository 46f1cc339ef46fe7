use files::photos::MAX_PHOTOS;
use platform::ApiError;

/// What the rules of customers refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CustomerError {
    /// There is none, or the caller may not see it.
    #[error("no such customer")]
    NotFound,
    /// Somebody else changed it meanwhile.
    #[error("the customer was changed meanwhile")]
    Stale,
    /// Another outlet of the distributor has the code.
    #[error("the code is taken")]
    CodeTaken,
    /// Only a proposed outlet is approved or refused.
    #[error("the customer is not pending")]
    NotPending,
    /// A proposed outlet becomes active by approval, and none becomes a proposal again.
    #[error("the status can't be changed like this")]
    StatusChange,
    /// The location is fixed.
    #[error("the location is locked")]
    LocationLocked,
    /// The data is fixed.
    #[error("the record is locked")]
    RecordLocked,
    /// Another photo has the id.
    #[error("the photo's id is taken")]
    PhotoIdTaken,
    /// The outlet has as many photos as it may.
    #[error("the customer has too many photos")]
    TooManyPhotos,
}

impl From<CustomerError> for ApiError {
    fn from(error: CustomerError) -> Self {
        match error {
            CustomerError::NotFound => ApiError::not_found(),
            CustomerError::Stale => ApiError::stale(),
            CustomerError::CodeTaken => ApiError::conflict(
                "customers.code_taken",
                "Mã khách hàng này đã có. Hãy chọn mã khác.",
                "This customer code is taken. Choose another one.",
            )
            .field("customerCode", "Đã có", "Taken"),
            CustomerError::NotPending => ApiError::conflict(
                "customers.not_pending",
                "Khách hàng này không còn chờ duyệt.",
                "This customer is no longer waiting for approval.",
            ),
            CustomerError::StatusChange => ApiError::unprocessable(
                "customers.status_change",
                "Chỉ đổi được giữa đang hoạt động và ngừng hoạt động; khách hàng mới phải được duyệt.",
                "Only active and inactive can be exchanged; a new customer must be approved.",
            ),
            CustomerError::LocationLocked => ApiError::unprocessable(
                "customers.location_locked",
                "Vị trí của khách hàng đã khóa. Hãy mở khóa vị trí trước khi sửa.",
                "The customer's location is locked. Unlock it before you change it.",
            ),
            CustomerError::RecordLocked => ApiError::unprocessable(
                "customers.record_locked",
                "Thông tin khách hàng đã khóa. Hãy mở khóa trước khi sửa.",
                "The customer's data is locked. Unlock it before you change it.",
            ),
            CustomerError::PhotoIdTaken => ApiError::conflict(
                "customers.photo_id_taken",
                "Mã ảnh này đã dùng cho ảnh khác. Hãy gửi lại với mã mới.",
                "Another photo has this id. Send it again with a new one.",
            ),
            CustomerError::TooManyPhotos => ApiError::unprocessable(
                "customers.too_many_photos",
                format!("Khách hàng đã có {MAX_PHOTOS} ảnh. Hãy xóa bớt ảnh cũ trước khi thêm."),
                format!("The customer has {MAX_PHOTOS} photos. Remove old ones before you add more."),
            ),
        }
    }
}
