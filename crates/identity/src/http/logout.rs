use axum::extract::State;
use axum::http::StatusCode;
use platform::{ApiError, ApiResult, App, Command, Problem, SignedIn};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::login;
use crate::origin::Origin;

/// Which session to end.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogoutRequest {
    /// The session's refresh token; not needed with a good access token.
    refresh_token: Option<String>,
}

/// Log out
///
/// Ends the session of the refresh token, of the access token, or of both. A session that is over already is no error.
#[utoipa::path(
    post, path = "/auth/logout", tag = "auth", operation_id = "logout", request_body = LogoutRequest,
    responses(
        (status = 204, description = "The session is over"),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Neither a refresh token nor a good access token", body = Problem),
    ),
)]
pub async fn logout(
    State(app): State<App>,
    origin: Origin,
    caller: Result<SignedIn, ApiError>,
    cmd: Command<LogoutRequest>,
) -> ApiResult<StatusCode> {
    let token = cmd.body.refresh_token;
    let caller = match (caller, &token) {
        (Ok(SignedIn(caller)), _) => Some(caller),
        // An access token has often expired when its owner leaves.
        (Err(e), Some(_)) if e.status() == StatusCode::UNAUTHORIZED => None,
        (Err(e), _) => return Err(e),
    };
    login::log_out(&app, &origin, caller.as_ref(), token.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
