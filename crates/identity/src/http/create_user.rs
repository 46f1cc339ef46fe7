use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::permission::UsersManage;
use domain::{DistributorId, OrgUnitId, Role, UserId};
use platform::{ApiError, ApiResult, App, Authorized, Command, Once, Problem, transaction_once};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::password_refused;
use crate::model::{NewUser, Profile, UserView};
use crate::service::{self, Editor};
use crate::sessions::Sessions;
use crate::store::users;

/// A new user.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateUser {
    /// An id made by the client, so that a repeat creates nothing.
    id: Option<UserId>,
    /// The log-in name: 2 to 100 of a-z, 0-9 and . _ - @ +
    username: String,
    /// The person's name.
    full_name: String,
    /// Telephone.
    phone: Option<String>,
    /// E-mail.
    email: Option<String>,
    /// The role.
    role: Role,
    /// The distributor the user belongs to; a distributor's admin may leave it out.
    distributor_id: Option<DistributorId>,
    /// The units the user belongs to.
    #[serde(default)]
    unit_ids: Vec<OrgUnitId>,
    /// One of them; the first when absent.
    primary_unit_id: Option<OrgUnitId>,
    /// The first password; the user is asked to change it.
    password: String,
}

/// Create a user
///
/// A distributor's admin creates reps, supervisors and admins of the distributor; the company's admins anybody.
#[utoipa::path(
    post, path = "/users", tag = "users", operation_id = "createUser", request_body = CreateUser,
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeat with it gets the first answer")),
    responses(
        (status = 201, description = "The user", body = UserView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission, or `users.role_not_allowed`", body = Problem),
        (status = 404, description = "Another distributor", body = Problem),
        (status = 409, description = "`users.username_taken`", body = Problem),
        (status = 422, description = "A rule forbids it: `users.distributor_required`, `users.unknown_unit`, `auth.password_weak`, …", body = Problem),
    ),
)]
pub async fn create_user(
    State(app): State<App>,
    caller: Authorized<UsersManage>,
    headers: HeaderMap,
    cmd: Command<CreateUser>,
) -> ApiResult<(StatusCode, Json<UserView>)> {
    let body = cmd.body;
    if body.unit_ids.len() > 100 {
        return Err(ApiError::invalid_field("unitIds", "Tối đa 100 đơn vị", "At most 100 units"));
    }
    let sessions = Sessions::of(&app)?;
    let editor = Editor::caller(&caller)?;
    let new = NewUser {
        id: body.id.unwrap_or_else(|| UserId::new(Uuid::now_v7())),
        username: body.username,
        profile: Profile {
            full_name: body.full_name.trim().to_owned(),
            phone: body.phone.unwrap_or_default(),
            email: body.email.unwrap_or_default(),
            role: body.role,
            distributor_id: body.distributor_id.or(editor.reach.distributor()),
            unit_ids: body.unit_ids,
            primary_unit_id: body.primary_unit_id,
        },
        must_change_password: true,
    };
    let once = once(&headers, body.id, &new)?;
    let hash =
        sessions.passwords().hash(&body.password).await.map_err(|e| password_refused(e, "password"))?;
    let now = app.now();
    let view = transaction_once!(app, &editor.context, once, "users.create", |tx| {
        service::create_user(tx, &editor, now, &new, &hash).await?;
        users::find_view(tx, new.id).await?.ok_or_else(ApiError::not_found)
    })?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// A repeat is known by everything but the password: a digest of that must not lie beside the answers.
fn once(headers: &HeaderMap, id: Option<UserId>, new: &NewUser) -> Result<Once, ApiError> {
    let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let said = serde_json::to_vec(&(id, &new.username, &new.profile)).map_err(ApiError::internal)?;
    Ok(Once::of(key, id.map(UserId::uuid), Sha256::digest(said).to_vec()))
}
