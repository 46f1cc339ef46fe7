use axum::Json;
use axum::extract::State;
use domain::permission::UsersManage;
use domain::{DistributorId, OrgUnitId, Role, UserId};
use platform::{ApiError, ApiResult, App, Authorized, Caller, Command, IfMatch, Path, Problem, transaction};
use serde::Deserialize;
use utoipa::ToSchema;

use super::list_users::visible;
use crate::model::{Profile, UserView};
use crate::service::{self, Editor};
use crate::sessions::Sessions;
use crate::store::users;

/// What is said of a user from now on; what is left out becomes empty, but a distributor's admin may leave out the
/// distributor.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateUser {
    /// The person's name.
    full_name: String,
    /// Telephone.
    phone: Option<String>,
    /// E-mail.
    email: Option<String>,
    /// The role.
    role: Role,
    /// The distributor the user belongs to.
    distributor_id: Option<DistributorId>,
    /// The units the user belongs to.
    #[serde(default)]
    unit_ids: Vec<OrgUnitId>,
    /// One of them; the first when absent.
    primary_unit_id: Option<OrgUnitId>,
    /// The version that was loaded, if not in `If-Match`.
    version: Option<i64>,
}

/// Get a user
#[utoipa::path(
    get, path = "/users/{id}", tag = "users", operation_id = "getUser", params(("id" = UserId, Path)),
    responses(
        (status = 200, description = "The user", body = UserView),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such user, or not the caller's to see", body = Problem),
    ),
)]
pub async fn get_user(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> ApiResult<Json<UserView>> {
    let mut tx = app.db.read(caller.context()).await?;
    let user = users::find_visible(&mut tx, &visible(&caller), id).await?;
    user.map(Json).ok_or_else(ApiError::not_found)
}

/// Change a user
///
/// One can't change one's own role or distributor. A change of rights shows in the user's running sessions.
#[utoipa::path(
    put, path = "/users/{id}", tag = "users", operation_id = "updateUser", request_body = UpdateUser,
    params(("id" = UserId, Path), ("If-Match" = Option<String>, Header, description = "The version that was loaded")),
    responses(
        (status = 200, description = "The user", body = UserView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission, or `users.role_not_allowed`", body = Problem),
        (status = 404, description = "No such user, or not the caller's to change", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
        (status = 422, description = "A rule forbids it: `users.own_account`, `users.unknown_unit`, …", body = Problem),
    ),
)]
pub async fn update_user(
    State(app): State<App>,
    caller: Authorized<UsersManage>,
    Path(id): Path<UserId>,
    if_match: IfMatch,
    cmd: Command<UpdateUser>,
) -> ApiResult<Json<UserView>> {
    let body = cmd.body;
    let version = if_match.version(body.version)?;
    if body.unit_ids.len() > 100 {
        return Err(ApiError::invalid_field("unitIds", "Tối đa 100 đơn vị", "At most 100 units"));
    }
    let editor = Editor::caller(&caller)?;
    let profile = Profile {
        full_name: body.full_name.trim().to_owned(),
        phone: body.phone.unwrap_or_default(),
        email: body.email.unwrap_or_default(),
        role: body.role,
        distributor_id: body.distributor_id.or(editor.reach.distributor()),
        unit_ids: body.unit_ids,
        primary_unit_id: body.primary_unit_id,
    };
    let now = app.now();
    let view = transaction!(app.db, &editor.context, "users.update", |tx| {
        service::update_user(tx, &editor, now, id, version, &profile).await?;
        users::find_view(tx, id).await?.ok_or_else(ApiError::not_found)
    })?;
    Sessions::of(&app)?.forget_user(id);
    Ok(Json(view))
}
