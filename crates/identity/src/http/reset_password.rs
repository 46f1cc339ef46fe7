use axum::extract::State;
use axum::http::StatusCode;
use domain::UserId;
use domain::permission::UsersManage;
use platform::{ApiResult, App, Authorized, Command, Path, Problem, transaction};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::password_refused;
use crate::service::{self, Editor};
use crate::sessions::Sessions;

/// The password to give.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResetPassword {
    /// The new password; the user is asked to change it.
    new_password: String,
}

/// Give a user another password
///
/// Ends the user's sessions and opens the account if wrong passwords locked it. Not for one's own account.
#[utoipa::path(
    post, path = "/users/{id}/reset-password", tag = "users", operation_id = "resetPassword",
    params(("id" = UserId, Path)), request_body = ResetPassword,
    responses(
        (status = 204, description = "Set"),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such user, or not the caller's to change", body = Problem),
        (status = 422, description = "`users.own_account`, `auth.password_weak`, `auth.password_reused`", body = Problem),
    ),
)]
pub async fn reset_password(
    State(app): State<App>,
    caller: Authorized<UsersManage>,
    Path(id): Path<UserId>,
    cmd: Command<ResetPassword>,
) -> ApiResult<StatusCode> {
    let sessions = Sessions::of(&app)?;
    let editor = Editor::caller(&caller)?;
    let now = app.now();
    let last = transaction!(app.db, &editor.context, "users.last_passwords", |tx| {
        Ok(service::last_passwords(tx, &editor, id).await?)
    })?;
    let hash = sessions
        .passwords()
        .hash_fresh(&cmd.body.new_password, last)
        .await
        .map_err(|e| password_refused(e, "newPassword"))?;
    transaction!(app.db, &editor.context, "users.reset_password", |tx| {
        Ok(service::reset_password(tx, &editor, now, id, &hash).await?)
    })?;
    sessions.forget_user(id);
    Ok(StatusCode::NO_CONTENT)
}
