use files::photos::MAX_PHOTOS;
use platform::ApiError;

/// The tree can't be changed as asked.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// There is no such unit.
    #[error("there is no such unit")]
    NotFound,
    /// The unit to stand below doesn't exist.
    #[error("the parent unit doesn't exist")]
    UnknownParent,
    /// The distributor doesn't exist.
    #[error("the distributor doesn't exist")]
    UnknownDistributor,
    /// Somebody else changed it meanwhile.
    #[error("the unit was changed meanwhile")]
    Stale,
    /// A unit can't stand below itself.
    #[error("a unit can't be moved below itself")]
    Cycle,
    /// A unit below a distributor's belongs to that distributor, and what belongs to one stays with it.
    #[error("the unit or one below it belongs to another distributor")]
    OtherDistributor,
    /// The tree has at most 20 levels.
    #[error("the tree would get deeper than 20 levels")]
    TooDeep,
    /// Not an index, or not one right below the parent.
    #[error("the index doesn't fit the parent")]
    IndexMalformed,
    /// Another unit has the index.
    #[error("the index is taken")]
    IndexTaken,
    /// A text is missing or too long.
    #[error("{field} must have 1 to {max} characters")]
    Length {
        /// The field's name in JSON.
        field: &'static str,
        /// At most.
        max: usize,
    },
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
}

impl From<UnitError> for ApiError {
    fn from(error: UnitError) -> Self {
        match error {
            UnitError::NotFound => ApiError::not_found(),
            UnitError::UnknownParent => ApiError::unprocessable(
                "org.unknown_parent",
                "Đơn vị cha không tồn tại.",
                "The parent unit doesn't exist.",
            )
            .field("parentId", "Không tồn tại", "Doesn't exist"),
            UnitError::UnknownDistributor => ApiError::unprocessable(
                "org.unknown_distributor",
                "Nhà phân phối không tồn tại.",
                "The distributor doesn't exist.",
            )
            .field("distributorId", "Không tồn tại", "Doesn't exist"),
            UnitError::Stale => ApiError::stale(),
            UnitError::Cycle => ApiError::unprocessable(
                "org.cycle",
                "Không thể chuyển một đơn vị vào chính nó hoặc đơn vị con của nó. Hãy chọn đơn vị cha khác.",
                "A unit can't be moved below itself. Choose another parent.",
            )
            .field("parentId", "Nằm trong chính đơn vị này", "Is inside this unit"),
            UnitError::OtherDistributor => ApiError::unprocessable(
                "org.other_distributor",
                "Đơn vị này hoặc đơn vị bên dưới thuộc nhà phân phối khác. Dữ liệu của một nhà phân phối không chuyển sang \
                 nhà phân phối khác được.",
                "The unit, or one below it, belongs to another distributor. Data of one can't go to another.",
            ),
            UnitError::TooDeep => ApiError::unprocessable(
                "org.too_deep",
                "Cây tổ chức chỉ được có tối đa 20 cấp.",
                "The tree may have at most 20 levels.",
            ),
            UnitError::IndexMalformed => ApiError::invalid_field(
                "indexPath",
                "Phải là chỉ số ngay dưới đơn vị cha, ví dụ 1.1.2",
                "Must be an index right below the parent's, 1.1.2 say",
            ),
            UnitError::IndexTaken => ApiError::conflict(
                "org.index_taken",
                "Chỉ số này đã có đơn vị khác.",
                "Another unit has this index.",
            )
            .field("indexPath", "Đã có", "Taken"),
            UnitError::Length { field, max } => length(field, 1, max),
            UnitError::Database(e) => e.into(),
        }
    }
}

/// A distributor can't be created or changed as asked.
#[derive(Debug, thiserror::Error)]
pub enum DistributorError {
    /// There is no such distributor.
    #[error("there is no such distributor")]
    NotFound,
    /// Somebody else changed it meanwhile.
    #[error("the distributor was changed meanwhile")]
    Stale,
    /// Another distributor has the code.
    #[error("the code is taken")]
    CodeTaken,
    /// Only one that waits can be approved or rejected.
    #[error("the distributor doesn't wait for approval")]
    NotPending,
    /// One that waits is approved or rejected, not switched on or off.
    #[error("the distributor waits for approval")]
    Pending,
    /// A rejection says why.
    #[error("a rejection needs a reason")]
    ReasonRequired,
    /// A text is missing or too long.
    #[error("{field} must have {min} to {max} characters")]
    Length {
        /// The field's name in JSON.
        field: &'static str,
        /// At least.
        min: usize,
        /// At most.
        max: usize,
    },
    /// Another photo has the id.
    #[error("the photo's id is taken")]
    PhotoIdTaken,
    /// The distributor has as many photos as it may.
    #[error("the distributor has too many photos")]
    TooManyPhotos,
    /// Not a place on the earth.
    #[error("latitude and longitude must name a place, or both be absent")]
    Place,
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
}

impl From<DistributorError> for ApiError {
    fn from(error: DistributorError) -> Self {
        match error {
            DistributorError::NotFound => ApiError::not_found(),
            DistributorError::Stale => ApiError::stale(),
            DistributorError::CodeTaken => ApiError::conflict(
                "distributors.code_taken",
                "Mã này đã có nhà phân phối khác dùng. Hãy chọn mã khác.",
                "Another distributor has this code. Choose another.",
            )
            .field("code", "Đã có", "Taken"),
            DistributorError::NotPending => ApiError::conflict(
                "distributors.not_pending",
                "Nhà phân phối này không ở trạng thái chờ duyệt.",
                "This distributor is not waiting for approval.",
            ),
            DistributorError::Pending => ApiError::conflict(
                "distributors.pending",
                "Nhà phân phối này đang chờ duyệt. Hãy duyệt hoặc từ chối trước.",
                "This distributor waits for approval. Approve or reject it first.",
            ),
            DistributorError::ReasonRequired => {
                ApiError::invalid_field("reason", "Cần nêu lý do từ chối", "Say why it is rejected")
            }
            DistributorError::Length { field, min, max } => length(field, min, max),
            DistributorError::PhotoIdTaken => ApiError::conflict(
                "distributors.photo_id_taken",
                "Mã ảnh này đã dùng cho ảnh khác. Hãy gửi lại với mã mới.",
                "Another photo has this id. Send it again with a new one.",
            ),
            DistributorError::TooManyPhotos => ApiError::unprocessable(
                "distributors.too_many_photos",
                format!("Nhà phân phối đã có {MAX_PHOTOS} ảnh. Hãy xóa bớt ảnh cũ trước khi thêm."),
                format!("The distributor has {MAX_PHOTOS} photos. Remove old ones before you add more."),
            ),
            DistributorError::Place => ApiError::invalid_field(
                "latitude",
                "Vĩ độ (−90…90) và kinh độ (−180…180) phải có cả hai hoặc bỏ trống cả hai",
                "Latitude (−90…90) and longitude (−180…180) must both be given, or neither",
            ),
            DistributorError::Database(e) => e.into(),
        }
    }
}

fn length(field: &str, min: usize, max: usize) -> ApiError {
    ApiError::invalid_field(
        field,
        format!("Phải có từ {min} đến {max} ký tự"),
        format!("Must have {min} to {max} characters"),
    )
}
