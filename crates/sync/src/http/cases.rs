use axum::Json;
use axum::extract::State;
use domain::permission::OrdersApprove;
use platform::{
    ApiResult, App, Authorized, Caller, Checks, Command, PageQuery, Pagination, Path, Problem, Query,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::cases::{self, CaseFilter, CaseStatus, CaseView, Decision};

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct CaseQuery {
    /// Only those that stand so; `open` are the ones to settle.
    #[param(inline)]
    status: Option<CaseStatus>,
    /// Only this person's.
    user_id: Option<Uuid>,
    /// Only this unit's.
    unit_id: Option<Uuid>,
    /// Only for this reason.
    code: Option<String>,
    /// Only held ones, or only those that took effect.
    held: Option<bool>,
}

/// A page of cases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseList {
    data: Vec<CaseView>,
    pagination: Pagination,
}

/// What of the field a person must settle: records that are held, and records that took effect and are odd. Reps see their
/// own, supervisors those of their units, the office all.
#[utoipa::path(
    get,
    path = "/sync/exceptions",
    tag = "sync",
    operation_id = "listSyncExceptions",
    params(PageQuery, CaseQuery),
    responses(
        (status = 200, description = "A page of cases, the oldest open ones first", body = CaseList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_exceptions(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<CaseQuery>,
) -> ApiResult<Json<CaseList>> {
    let page = page.checked()?;
    let filter = CaseFilter {
        id: None,
        status: query.status,
        user: query.user_id,
        unit: query.unit_id,
        code: query.code,
        held: query.held,
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) =
        cases::list_cases(&mut tx, caller.scope(), &filter, page.limit(), page.offset()).await?;
    Ok(Json(CaseList { data, pagination: page.of(total) }))
}

/// A case.
#[utoipa::path(
    get,
    path = "/sync/exceptions/{id}",
    tag = "sync",
    operation_id = "getSyncException",
    params(("id" = Uuid, Path, description = "The case")),
    responses(
        (status = 200, description = "The case", body = CaseView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such case", body = Problem),
    )
)]
pub(crate) async fn get_exception(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<CaseView>> {
    let mut tx = app.db.read(caller.context()).await?;
    let case = cases::find_case(&mut tx, caller.scope(), id).await?;
    Ok(Json(case.ok_or_else(platform::ApiError::not_found)?))
}

/// What to do about a case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SettleCase {
    /// `apply` or `dismiss` a held record, `accept` one that took effect.
    action: Decision,
    /// Why; at least one character.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Settles a case: tries a held record again (as the one who sent it, on the data of now), lets it go without effect, or
/// accepts what is odd.
#[utoipa::path(
    post,
    path = "/sync/exceptions/{id}/resolve",
    tag = "sync",
    operation_id = "resolveSyncException",
    request_body = SettleCase,
    params(("id" = Uuid, Path, description = "The case")),
    responses(
        (status = 200, description = "The case, settled", body = CaseView),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to settle cases", body = Problem),
        (status = 404, description = "No such case", body = Problem),
        (status = 409, description = "It is settled already, or the action doesn't fit it", body = Problem),
        (status = 422, description = "The record is refused again", body = Problem),
    )
)]
pub(crate) async fn resolve_exception(
    State(app): State<App>,
    caller: Authorized<OrdersApprove>,
    Path(id): Path<Uuid>,
    command: Command<SettleCase>,
) -> ApiResult<Json<CaseView>> {
    let mut checks = Checks::default();
    let reason = checks.required("reason", &command.body.reason, 2000);
    checks.done()?;
    Ok(Json(cases::settle(&app, &caller, id, command.body.action, &reason).await?))
}
