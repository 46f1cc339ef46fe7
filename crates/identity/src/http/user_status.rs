use axum::Json;
use axum::extract::State;
use domain::UserId;
use domain::permission::UsersManage;
use platform::{ApiError, ApiResult, App, Authorized, Caller, Path, Problem, transaction};

use crate::model::{UserStatus, UserView};
use crate::service::{self, Editor};
use crate::sessions::Sessions;
use crate::store::users;

/// Let a user log in again
#[utoipa::path(
    post, path = "/users/{id}/activate", tag = "users", operation_id = "activateUser", params(("id" = UserId, Path)),
    responses(
        (status = 200, description = "The user", body = UserView),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such user, or not the caller's to change", body = Problem),
    ),
)]
pub async fn activate_user(
    State(app): State<App>,
    caller: Authorized<UsersManage>,
    Path(id): Path<UserId>,
) -> ApiResult<Json<UserView>> {
    set(&app, &caller, id, UserStatus::Active).await
}

/// Keep a user from logging in, and end their sessions
#[utoipa::path(
    post, path = "/users/{id}/deactivate", tag = "users", operation_id = "deactivateUser",
    params(("id" = UserId, Path)),
    responses(
        (status = 200, description = "The user", body = UserView),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such user, or not the caller's to change", body = Problem),
        (status = 422, description = "`users.own_account`", body = Problem),
    ),
)]
pub async fn deactivate_user(
    State(app): State<App>,
    caller: Authorized<UsersManage>,
    Path(id): Path<UserId>,
) -> ApiResult<Json<UserView>> {
    set(&app, &caller, id, UserStatus::Inactive).await
}

async fn set(app: &App, caller: &Caller, id: UserId, status: UserStatus) -> ApiResult<Json<UserView>> {
    let editor = Editor::caller(caller)?;
    let now = app.now();
    let view = transaction!(app.db, &editor.context, "users.status", |tx| {
        service::set_status(tx, &editor, now, id, status).await?;
        users::find_view(tx, id).await?.ok_or_else(ApiError::not_found)
    })?;
    Sessions::of(app)?.forget_user(id);
    Ok(Json(view))
}
