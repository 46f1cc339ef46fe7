use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::{CustomerId, DisplayProgramId};
use platform::{ApiError, ApiResult, App, Caller, PageQuery, Pagination, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::Program;
use crate::store::{self, ProgramFilter};

/// Narrows the list. `search` looks at code and name.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ProgramQuery {
    /// Only those that run on this day.
    on: Option<NaiveDate>,
    /// Only those for which this outlet is registered.
    customer_id: Option<CustomerId>,
    /// `active` or `closed`.
    status: Option<String>,
}

/// A page of programs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgramList {
    data: Vec<Program>,
    pagination: Pagination,
}

/// Display programs, the latest start first.
#[utoipa::path(
    get,
    path = "/display-programs",
    tag = "displays",
    operation_id = "listDisplayPrograms",
    params(PageQuery, ProgramQuery),
    responses(
        (status = 200, description = "A page of programs", body = ProgramList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_programs(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<ProgramQuery>,
) -> ApiResult<Json<ProgramList>> {
    let page = page.checked()?;
    if query.status.as_deref().is_some_and(|status| !matches!(status, "active" | "closed")) {
        return Err(ApiError::invalid_field(
            "status",
            "Phải là active hoặc closed",
            "Must be active or closed",
        ));
    }
    let filter = ProgramFilter {
        id: None,
        on: query.on,
        customer: query.customer_id,
        status: query.status,
        search: page.search.clone(),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_programs(&mut tx, &filter, &page).await?;
    Ok(Json(ProgramList { data, pagination: page.of(total) }))
}

/// One display program.
#[utoipa::path(
    get,
    path = "/display-programs/{id}",
    tag = "displays",
    operation_id = "getDisplayProgram",
    params(("id" = DisplayProgramId, Path, description = "The program")),
    responses(
        (status = 200, description = "The program", body = Program),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such program", body = Problem),
    )
)]
pub async fn get_program(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DisplayProgramId>,
) -> ApiResult<Json<Program>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    Ok(Json(store::find_program(&mut tx, id).await?.ok_or_else(ApiError::not_found)?))
}
