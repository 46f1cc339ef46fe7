use axum::Json;
use axum::extract::State;
use domain::{DistributorId, Role, UserId};
use platform::{ApiResult, App, Command, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{at_most, required};
use crate::login::{self, Granted};
use crate::origin::Origin;
use crate::store::accounts::Account;
use crate::{ACCESS_LIFE, password};

/// The longest user name or device id.
const MAX_NAME: usize = 200;

/// Who logs in.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginRequest {
    /// The log-in name; case doesn't matter.
    username: String,
    /// The password.
    password: String,
    /// The device, by an id it made for itself; the phone app's begin with `field-`. A session with a device survives
    /// a lost answer of `/auth/refresh`; without `field-` it ends after 30 minutes of idleness.
    device_id: Option<String>,
}

/// The tokens of a session, and whose it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenAnswer {
    /// Proves the session, as `Authorization: Bearer …`.
    access_token: String,
    /// Gets the next pair of tokens at `/auth/refresh`; good once, for 7 days.
    refresh_token: String,
    /// Seconds the access token is good.
    expires_in: i64,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Whose session it is.
    user: SessionUser,
}

/// A user as their own session sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionUser {
    /// The user.
    user_id: UserId,
    /// The log-in name.
    username: String,
    /// The person's name.
    full_name: String,
    /// The role.
    role: Role,
    /// The distributor the user belongs to; none for the company's people.
    distributor_id: Option<DistributorId>,
    /// Its name.
    distributor_name: Option<String>,
    /// What the user may do.
    permissions: Vec<&'static str>,
    /// Whether the user must change their password before anything else.
    must_change_password: bool,
}

impl From<Granted> for TokenAnswer {
    fn from(granted: Granted) -> Self {
        TokenAnswer {
            access_token: granted.access_token,
            refresh_token: granted.refresh_token.text(),
            expires_in: ACCESS_LIFE.num_seconds(),
            token_type: "Bearer",
            user: granted.account.into(),
        }
    }
}

impl From<Account> for SessionUser {
    fn from(account: Account) -> Self {
        SessionUser {
            user_id: account.user_id,
            username: account.username,
            full_name: account.full_name,
            role: account.role,
            distributor_id: account.distributor_id,
            distributor_name: account.distributor_name,
            permissions: account.role.permissions().collect(),
            must_change_password: account.must_change,
        }
    }
}

/// Log in
///
/// Five wrong passwords in a row lock the name for 15 minutes, whether a user has it or not.
#[utoipa::path(
    post, path = "/auth/login", tag = "auth", operation_id = "login", request_body = LoginRequest,
    responses(
        (status = 200, description = "A new session", body = TokenAnswer),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "`auth.invalid_credentials`, or `auth.locked` with `lockedUntil`", body = Problem),
        (status = 403, description = "`auth.inactive`", body = Problem),
        (status = 503, description = "Too many log-ins at once", body = Problem),
    ),
)]
pub async fn login(
    State(app): State<App>,
    origin: Origin,
    cmd: Command<LoginRequest>,
) -> ApiResult<Json<TokenAnswer>> {
    let LoginRequest { username, password, device_id } = cmd.body;
    required("username", &username)?;
    at_most("username", &username, MAX_NAME)?;
    at_most("password", &password, password::MAX_LENGTH)?;
    let device = device_id.unwrap_or_default();
    at_most("deviceId", &device, MAX_NAME)?;
    Ok(Json(login::log_in(&app, &origin, &username, &password, &device).await?.into()))
}
