//! One endpoint, or one pair of them, a file.

pub mod audit_log;
pub mod create_user;
pub mod list_users;
pub mod login;
pub mod logout;
pub mod me;
pub mod password;
pub mod refresh;
pub mod reset_password;
pub mod roles;
pub mod user;
pub mod user_status;

use platform::ApiError;

/// Refuses a text of more than `max` characters.
fn at_most(field: &str, text: &str, max: usize) -> Result<(), ApiError> {
    if text.chars().count() > max {
        return Err(ApiError::invalid_field(
            field,
            format!("Tối đa {max} ký tự"),
            format!("At most {max} characters"),
        ));
    }
    Ok(())
}

/// Refuses an empty text.
fn required(field: &str, text: &str) -> Result<(), ApiError> {
    if text.trim().is_empty() {
        return Err(ApiError::invalid_field(field, "Bắt buộc", "Required"));
    }
    Ok(())
}
