use axum::http::StatusCode;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::password::PasswordRule;
use platform::ApiError;

use crate::PasswordError;
use crate::password::{MAX_LENGTH, REMEMBERED};

/// A log-in or a password was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    /// The same for an unknown name and a wrong password.
    #[error("wrong user name or password")]
    InvalidCredentials,
    #[error("the name is locked until {until}")]
    Locked { until: DateTime<Utc>, now: DateTime<Utc> },
    #[error("the account is inactive")]
    Inactive,
    #[error("the refresh token was used before")]
    RefreshReused,
    #[error("the present password is wrong")]
    WrongPassword,
    #[error("the present password was wrong too often")]
    PasswordLocked { until: DateTime<Utc>, now: DateTime<Utc> },
    #[error("the password was changed meanwhile")]
    PasswordChanged,
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        let unauthorized = StatusCode::UNAUTHORIZED;
        match error {
            AuthError::InvalidCredentials => ApiError::new(
                unauthorized,
                "auth.invalid_credentials",
                "Tên đăng nhập hoặc mật khẩu không đúng.",
                "Wrong user name or password.",
            ),
            AuthError::Locked { until, now } => locked(unauthorized, until, now),
            AuthError::Inactive => ApiError::new(
                StatusCode::FORBIDDEN,
                "auth.inactive",
                "Tài khoản đã ngừng hoạt động. Hãy liên hệ quản trị viên.",
                "This account is inactive. Ask an administrator.",
            ),
            AuthError::RefreshReused => ApiError::new(
                unauthorized,
                "auth.refresh_reused",
                "Phiên đã bị đóng vì mã làm mới được dùng lại. Hãy đăng nhập lại.",
                "The session was closed because its refresh token came a second time. Sign in again.",
            ),
            AuthError::WrongPassword => ApiError::unprocessable(
                "auth.wrong_password",
                "Mật khẩu hiện tại không đúng.",
                "The current password is wrong.",
            )
            .field("currentPassword", "Không đúng", "Wrong"),
            // Not 401: the session itself is good, and clients would try to renew it.
            AuthError::PasswordLocked { until, now } => locked(StatusCode::UNPROCESSABLE_ENTITY, until, now),
            AuthError::PasswordChanged => ApiError::conflict(
                "auth.password_changed",
                "Mật khẩu vừa được đổi ở nơi khác. Hãy đăng nhập lại.",
                "The password was just changed elsewhere. Sign in again.",
            ),
        }
    }
}

fn locked(status: StatusCode, until: DateTime<Utc>, now: DateTime<Utc>) -> ApiError {
    let left = u32::try_from((until - now).num_seconds()).unwrap_or_default();
    // One second more than is left: who tries again then is past the lock.
    let seconds = left.saturating_add(1);
    let minutes = left.div_ceil(60).max(1);
    ApiError::new(
        status,
        "auth.locked",
        format!("Tài khoản tạm khóa vì nhập sai mật khẩu nhiều lần. Hãy thử lại sau {minutes} phút."),
        format!("Locked after too many wrong passwords. Try again in {minutes} minutes."),
    )
    .with("lockedUntil", until.to_rfc3339_opts(SecondsFormat::Secs, true))
    .retry_after(seconds)
}

/// With the field the password stood in.
pub(crate) fn password_refused(error: PasswordError, field: &str) -> ApiError {
    match error {
        PasswordError::Weak(weak) => weak.unmet.iter().fold(
            ApiError::unprocessable(
                "auth.password_weak",
                "Mật khẩu cần ít nhất 8 ký tự, có chữ hoa, chữ thường, chữ số và ký tự đặc biệt.",
                "A password needs at least 8 characters with an upper-case letter, a lower-case letter, a digit and a \
                 special character.",
            ),
            |error, rule| {
                let (vi, en) = match rule {
                    PasswordRule::Length => ("Ít nhất 8 ký tự", "At least 8 characters"),
                    PasswordRule::Upper => ("Thiếu chữ hoa", "No upper-case letter"),
                    PasswordRule::Lower => ("Thiếu chữ thường", "No lower-case letter"),
                    PasswordRule::Digit => ("Thiếu chữ số", "No digit"),
                    PasswordRule::Special => ("Thiếu ký tự đặc biệt", "No special character"),
                };
                error.field(field, vi, en)
            },
        ),
        PasswordError::TooLong => ApiError::invalid_field(
            field,
            format!("Tối đa {MAX_LENGTH} ký tự"),
            format!("At most {MAX_LENGTH} characters"),
        ),
        PasswordError::Reused => ApiError::unprocessable(
            "auth.password_reused",
            format!("Mật khẩu mới phải khác {REMEMBERED} mật khẩu gần nhất."),
            format!("The new password must differ from the last {REMEMBERED}."),
        )
        .field(field, "Đã dùng gần đây", "Used recently"),
        PasswordError::Busy => ApiError::unavailable(),
        PasswordError::Broken(cause) => ApiError::internal(cause),
    }
}

/// A user can't be created or changed as asked.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// Wrong characters or length.
    #[error("a user name has 2 to 100 characters of a-z, 0-9 and . _ - @ +")]
    UsernameMalformed,
    /// Another user has it.
    #[error("the user name is taken")]
    UsernameTaken,
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
    /// The role works for one distributor.
    #[error("this role needs a distributor")]
    DistributorRequired,
    /// The role is one of the company.
    #[error("this role belongs to the company, not to a distributor")]
    DistributorNotAllowed,
    /// There is no such distributor.
    #[error("the distributor doesn't exist")]
    UnknownDistributor,
    /// One of the units doesn't exist, or belongs to another distributor than the user.
    #[error("a unit doesn't exist or belongs to another distributor")]
    UnknownUnit,
    /// The primary unit is not among the units.
    #[error("the primary unit is not one of the user's units")]
    PrimaryUnitNotListed,
    /// The editor may not give this role.
    #[error("this role can't be given by the admin of a distributor")]
    RoleNotAllowed,
    /// One can't take away one's own rights.
    #[error("one's own account can't be changed like this")]
    OwnAccount,
    /// There is no such user, or the editor may not see it.
    #[error("there is no such user")]
    NotFound,
    /// Somebody else changed it meanwhile.
    #[error("the user was changed meanwhile")]
    Stale,
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
}

impl From<UserError> for ApiError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::UsernameMalformed => ApiError::invalid_field(
                "username",
                "Từ 2 đến 100 ký tự gồm a–z, 0–9 và . _ - @ +",
                "2 to 100 characters of a-z, 0-9 and . _ - @ +",
            ),
            UserError::UsernameTaken => ApiError::conflict(
                "users.username_taken",
                "Tên đăng nhập này đã có người dùng. Hãy chọn tên khác.",
                "This user name is taken. Choose another.",
            )
            .field("username", "Đã có", "Taken"),
            UserError::Length { field, min, max } => ApiError::invalid_field(
                field,
                format!("Phải có từ {min} đến {max} ký tự"),
                format!("Must have {min} to {max} characters"),
            ),
            UserError::DistributorRequired => ApiError::unprocessable(
                "users.distributor_required",
                "Vai trò này phải thuộc một nhà phân phối. Hãy chọn nhà phân phối.",
                "This role needs a distributor. Name one.",
            )
            .field("distributorId", "Bắt buộc", "Required"),
            UserError::DistributorNotAllowed => ApiError::unprocessable(
                "users.distributor_not_allowed",
                "Vai trò này thuộc công ty, không thuộc nhà phân phối nào. Hãy bỏ trống nhà phân phối.",
                "This role belongs to the company. Leave the distributor empty.",
            )
            .field("distributorId", "Phải bỏ trống", "Must be empty"),
            UserError::UnknownDistributor => ApiError::unprocessable(
                "users.unknown_distributor",
                "Nhà phân phối không tồn tại.",
                "The distributor doesn't exist.",
            )
            .field("distributorId", "Không tồn tại", "Doesn't exist"),
            UserError::UnknownUnit => ApiError::unprocessable(
                "users.unknown_unit",
                "Có đơn vị không tồn tại hoặc thuộc nhà phân phối khác.",
                "A unit doesn't exist or belongs to another distributor.",
            )
            .field("unitIds", "Không hợp lệ", "Not valid"),
            UserError::PrimaryUnitNotListed => ApiError::invalid_field(
                "primaryUnitId",
                "Phải là một trong các đơn vị của người dùng",
                "Must be one of the user's units",
            ),
            UserError::RoleNotAllowed => ApiError::new(
                StatusCode::FORBIDDEN,
                "users.role_not_allowed",
                "Bạn chỉ được giao vai trò NVBH, GSBH hoặc Admin NPP.",
                "You may only give the roles sales rep, supervisor or distributor admin.",
            )
            .field("role", "Không được phép", "Not allowed"),
            UserError::OwnAccount => ApiError::unprocessable(
                "users.own_account",
                "Không thể tự đổi vai trò, khóa hoặc đặt lại mật khẩu của chính mình tại đây.",
                "You can't change your own role, deactivate yourself or reset your own password here.",
            ),
            UserError::NotFound => ApiError::not_found(),
            UserError::Stale => ApiError::stale(),
            UserError::Database(e) => e.into(),
        }
    }
}
