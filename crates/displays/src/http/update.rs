use axum::Json;
use axum::extract::State;
use domain::DisplayProgramId;
use domain::permission::RoutesManage;
use platform::{ApiResult, App, Authorized, Command, IfMatch, Path, Problem, transaction};

use super::create::SetProgram;
use crate::model::Program;
use crate::service;

/// Changes a display program, or closes it. The company's are its own people's to change.
#[utoipa::path(
    put,
    path = "/display-programs/{id}",
    tag = "displays",
    operation_id = "updateDisplayProgram",
    params(("id" = DisplayProgramId, Path, description = "The program"),
           ("If-Match" = Option<i64>, Header, description = "The version that was changed; or `version` in the body")),
    request_body = SetProgram,
    responses(
        (status = 200, description = "The program as it is now", body = Program),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No routes.manage, or the company's program", body = Problem),
        (status = 404, description = "No such program", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
        (status = 422, description = "An unknown product or distributor", body = Problem),
    )
)]
pub async fn update_program(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Path(id): Path<DisplayProgramId>,
    if_match: IfMatch,
    cmd: Command<SetProgram>,
) -> ApiResult<Json<Program>> {
    let data = cmd.body.checked()?;
    let version = if_match.version(cmd.body.version)?;
    let program = transaction!(app.db, caller.context(), "displays.update_program", |tx| {
        service::update_program(tx, &app, &caller, id, version, &data).await
    })?;
    Ok(Json(program))
}
