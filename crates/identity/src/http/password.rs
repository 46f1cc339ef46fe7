use axum::extract::State;
use axum::http::StatusCode;
use platform::{ApiResult, App, Command, Problem, SignedIn};
use serde::Deserialize;
use utoipa::ToSchema;

use super::at_most;
use crate::{login, password};

/// The old and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordRequest {
    /// The present password.
    current_password: String,
    /// At least 8 characters with upper case, lower case, digit and special character; none of the last 5.
    new_password: String,
}

/// Change one's own password
///
/// Ends the user's other sessions. Wrong present passwords count towards the lock like wrong log-ins.
#[utoipa::path(
    put, path = "/auth/password", tag = "auth", operation_id = "changePassword", request_body = PasswordRequest,
    responses(
        (status = 204, description = "Changed"),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 409, description = "`auth.password_changed`: changed elsewhere meanwhile", body = Problem),
        (status = 422, description = "`auth.wrong_password`, `auth.password_weak`, `auth.password_reused`, `auth.locked`", body = Problem),
        (status = 503, description = "Too many passwords at once", body = Problem),
    ),
)]
pub async fn change_password(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    cmd: Command<PasswordRequest>,
) -> ApiResult<StatusCode> {
    let PasswordRequest { current_password, new_password } = cmd.body;
    at_most("currentPassword", &current_password, password::MAX_LENGTH)?;
    login::change_password(&app, &caller, &current_password, &new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}
