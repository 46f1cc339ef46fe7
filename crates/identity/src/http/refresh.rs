use axum::Json;
use axum::extract::State;
use platform::{ApiResult, App, Command, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::login::TokenAnswer;
use crate::origin::Origin;
use crate::refresh;

/// The token that the last log-in or refresh gave.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefreshRequest {
    /// The refresh token.
    refresh_token: String,
    /// The device id of the log-in: with it, a request whose answer was lost may be repeated.
    device_id: Option<String>,
}

/// Get the next pair of tokens
///
/// Each refresh token is good once. When one comes a second time the session is revoked, because somebody else may
/// have it. The one exception is an answer that was lost on the way: the session's own device (`deviceId`) may repeat
/// the request within 15 minutes as long as the token it should have got was not used.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "auth", operation_id = "refreshTokens", request_body = RefreshRequest,
    responses(
        (status = 200, description = "The next tokens of the session", body = TokenAnswer),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Unknown, expired or revoked; `auth.refresh_reused` when it came before", body = Problem),
    ),
)]
pub async fn refresh(
    State(app): State<App>,
    origin: Origin,
    cmd: Command<RefreshRequest>,
) -> ApiResult<Json<TokenAnswer>> {
    let RefreshRequest { refresh_token, device_id } = cmd.body;
    Ok(Json(refresh::refresh(&app, &origin, &refresh_token, device_id.as_deref()).await?.into()))
}
