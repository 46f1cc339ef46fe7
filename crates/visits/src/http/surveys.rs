use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveDate;
use db::Tenants;
use domain::permission::RoutesManage;
use domain::survey::{self, Form, FormProblem};
use domain::{DistributorId, SurveyId};
use platform::{
    ApiError, ApiResult, App, Authorized, Caller, Checks, Command, IfMatch, PageQuery, Pagination, Path,
    Problem, Query, transaction,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::model;
use crate::service::{self, NewSurvey};
use crate::store::{self, AnswerRow, SurveyRow, VersionRow};

/// Which surveys.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct SurveyQuery {
    /// `draft`, `published` or `closed`.
    status: Option<String>,
}

/// A page of surveys.
#[derive(Debug, Serialize, ToSchema)]
pub struct SurveyList {
    data: Vec<SurveyRow>,
    pagination: Pagination,
}

/// The company's surveys and those of one's distributors, by code.
#[utoipa::path(
    get,
    path = "/surveys",
    tag = "surveys",
    operation_id = "listSurveys",
    params(PageQuery, SurveyQuery),
    responses(
        (status = 200, description = "A page of surveys", body = SurveyList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No routes.manage", body = Problem),
    )
)]
pub async fn list_surveys(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Query(page): Query<PageQuery>,
    Query(query): Query<SurveyQuery>,
) -> ApiResult<Json<SurveyList>> {
    let page = page.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_surveys(&mut tx, query.status.as_deref(), &page).await?;
    Ok(Json(SurveyList { data, pagination: page.of(total) }))
}

/// Surveys that are asked now.
#[derive(Debug, Serialize, ToSchema)]
pub struct AskedList {
    data: Vec<VersionRow>,
}

/// The latest versions of all surveys that take answers, as the phone asks them.
#[utoipa::path(
    get,
    path = "/surveys/asked",
    tag = "surveys",
    operation_id = "listAskedSurveys",
    responses(
        (status = 200, description = "The versions", body = AskedList),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_asked(State(app): State<App>, caller: Caller) -> ApiResult<Json<AskedList>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    Ok(Json(AskedList { data: store::list_asked(&mut tx).await? }))
}

/// A survey with what is wrong with its draft.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SurveyView {
    #[serde(flatten)]
    survey: SurveyRow,
    /// Why the draft can't be published; empty when it can.
    flaws: Vec<FormProblem>,
}

fn view(survey: SurveyRow) -> SurveyView {
    SurveyView { flaws: survey::lint(&survey.draft.0), survey }
}

/// One survey with its draft.
#[utoipa::path(
    get,
    path = "/surveys/{id}",
    tag = "surveys",
    operation_id = "getSurvey",
    params(("id" = SurveyId, Path, description = "The survey")),
    responses(
        (status = 200, description = "The survey", body = SurveyView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No routes.manage", body = Problem),
        (status = 404, description = "No such survey", body = Problem),
    )
)]
pub async fn get_survey(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Path(id): Path<SurveyId>,
) -> ApiResult<Json<SurveyView>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    Ok(Json(view(store::find_survey(&mut tx, id).await?.ok_or_else(ApiError::not_found)?)))
}

/// One version of a survey; it never changes.
#[utoipa::path(
    get,
    path = "/surveys/{id}/versions/{number}",
    tag = "surveys",
    operation_id = "getSurveyVersion",
    params(("id" = SurveyId, Path, description = "The survey"), ("number" = i32, Path, description = "The version")),
    responses(
        (status = 200, description = "The version", body = VersionRow),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such version", body = Problem),
    )
)]
pub async fn get_version(
    State(app): State<App>,
    caller: Caller,
    Path((id, number)): Path<(SurveyId, i32)>,
) -> ApiResult<Json<VersionRow>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    Ok(Json(store::find_version(&mut tx, id, number).await?.ok_or_else(ApiError::not_found)?))
}

/// A survey to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateSurvey {
    /// Made by the client, so that a repeat is known.
    id: Option<SurveyId>,
    /// Whose it is: left out it is the company's for its people, and one's own distributor's for others.
    distributor_id: Option<DistributorId>,
    /// Its code, by which policies name it.
    #[schema(min_length = 1, max_length = 50)]
    code: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// The questions; they may have flaws until they are published.
    form: Form,
}

/// What is too large is refused even as a draft.
fn sizes(checks: &mut Checks, form: &Form) {
    checks.range("form.questions", i64::try_from(form.questions.len()).unwrap_or(i64::MAX), 0..=500);
}

/// Makes a survey as a draft.
#[utoipa::path(
    post,
    path = "/surveys",
    tag = "surveys",
    operation_id = "createSurvey",
    request_body = CreateSurvey,
    responses(
        (status = 201, description = "The survey", body = SurveyView),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No routes.manage", body = Problem),
        (status = 404, description = "Not the caller's distributor", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
    )
)]
pub async fn create_survey(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    cmd: Command<CreateSurvey>,
) -> ApiResult<(StatusCode, Json<SurveyView>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let code = checks.required("code", &body.code, 50);
    let name = checks.required("name", &body.name, 300);
    sizes(&mut checks, &body.form);
    checks.done()?;
    let distributor = match body.distributor_id.or(caller.distributor_id) {
        None if caller.tenants == Tenants::Company => None,
        asked => Some(caller.distributor(asked)?),
    };
    let id = body.id.unwrap_or_else(|| SurveyId::new(Uuid::now_v7()));
    let new = NewSurvey { id, distributor, code, name, form: body.form.clone() };
    let survey = transaction!(app.db, caller.context(), "surveys.create", |tx| {
        let known = if body.id.is_some() { store::find_survey(tx, id).await? } else { None };
        match known {
            Some(known) if known.code == new.code && known.distributor_id == new.distributor => Ok(known),
            _ => service::create_survey(tx, &app, &caller, &new).await,
        }
    })?;
    Ok((StatusCode::CREATED, Json(view(survey))))
}

/// A survey's draft to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditSurvey {
    /// Its name.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// The questions.
    form: Form,
    /// The version that was changed, unless `If-Match` names it.
    version: Option<i64>,
}

/// Changes a survey's draft; what was published stays as it is.
#[utoipa::path(
    put,
    path = "/surveys/{id}",
    tag = "surveys",
    operation_id = "editSurvey",
    params(("id" = SurveyId, Path, description = "The survey"),
           ("If-Match" = Option<i64>, Header, description = "The version that was changed; or `version` in the body")),
    request_body = EditSurvey,
    responses(
        (status = 200, description = "The survey as it is now", body = SurveyView),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No routes.manage, or the company's survey", body = Problem),
        (status = 404, description = "No such survey", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
    )
)]
pub async fn edit_survey(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Path(id): Path<SurveyId>,
    if_match: IfMatch,
    cmd: Command<EditSurvey>,
) -> ApiResult<Json<SurveyView>> {
    let version = if_match.version(cmd.body.version)?;
    let mut checks = Checks::default();
    let name = checks.required("name", &cmd.body.name, 300);
    sizes(&mut checks, &cmd.body.form);
    checks.done()?;
    let survey = transaction!(app.db, caller.context(), "surveys.update", |tx| {
        service::edit_survey(tx, &app, &caller, id, version, (&name, &cmd.body.form)).await
    })?;
    Ok(Json(view(survey)))
}

/// Which version is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SurveyStep {
    /// The version that was seen, unless `If-Match` names it.
    version: Option<i64>,
}

/// Makes the draft the survey's next version, which never changes. Answers to earlier versions are still taken.
#[utoipa::path(
    post,
    path = "/surveys/{id}/publish",
    tag = "surveys",
    operation_id = "publishSurvey",
    params(("id" = SurveyId, Path, description = "The survey"),
           ("If-Match" = Option<i64>, Header, description = "The version that was seen; or `version` in the body")),
    request_body = SurveyStep,
    responses(
        (status = 200, description = "The survey as it is now", body = SurveyView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No routes.manage, or the company's survey", body = Problem),
        (status = 404, description = "No such survey", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
        (status = 422, description = "The form has flaws; `problems` names them", body = Problem),
    )
)]
pub async fn publish_survey(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Path(id): Path<SurveyId>,
    if_match: IfMatch,
    cmd: Command<SurveyStep>,
) -> ApiResult<Json<SurveyView>> {
    let version = if_match.version(cmd.body.version)?;
    let survey = transaction!(app.db, caller.context(), "surveys.publish", |tx| {
        service::publish_survey(tx, &app, &caller, id, version).await
    })?;
    Ok(Json(view(survey)))
}

/// Takes no more answers to a survey; publishing it takes it up again.
#[utoipa::path(
    post,
    path = "/surveys/{id}/close",
    tag = "surveys",
    operation_id = "closeSurvey",
    params(("id" = SurveyId, Path, description = "The survey"),
           ("If-Match" = Option<i64>, Header, description = "The version that was seen; or `version` in the body")),
    request_body = SurveyStep,
    responses(
        (status = 200, description = "The survey as it is now", body = SurveyView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No routes.manage, or the company's survey", body = Problem),
        (status = 404, description = "No such survey", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
    )
)]
pub async fn close_survey(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Path(id): Path<SurveyId>,
    if_match: IfMatch,
    cmd: Command<SurveyStep>,
) -> ApiResult<Json<SurveyView>> {
    let version = if_match.version(cmd.body.version)?;
    let survey = transaction!(app.db, caller.context(), "surveys.close", |tx| {
        service::close_survey(tx, &app, &caller, id, version).await
    })?;
    Ok(Json(view(survey)))
}

/// Narrows the answers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct AnswerQuery {
    /// Of visits of this day or later.
    from: Option<NaiveDate>,
    /// Of visits of this day or earlier.
    to: Option<NaiveDate>,
}

/// A page of answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerList {
    data: Vec<AnswerRow>,
    pagination: Pagination,
}

/// What outlets answered, of one's scope, the latest first.
#[utoipa::path(
    get,
    path = "/surveys/{id}/answers",
    tag = "surveys",
    operation_id = "listSurveyAnswers",
    params(("id" = SurveyId, Path, description = "The survey"), PageQuery, AnswerQuery),
    responses(
        (status = 200, description = "A page of answers", body = AnswerList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such survey", body = Problem),
    )
)]
pub async fn list_answers(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SurveyId>,
    Query(page): Query<PageQuery>,
    Query(query): Query<AnswerQuery>,
) -> ApiResult<Json<AnswerList>> {
    let page = page.checked()?;
    let from = query.from.map(|date| model::day("from", date)).transpose()?;
    let to = query.to.map(|date| model::day("to", date)).transpose()?;
    let mut tx = app.db.read(caller.context()).await?;
    store::find_survey(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    let (data, total) = store::list_answers(&mut tx, caller.scope(), id, (from, to), &page).await?;
    Ok(Json(AnswerList { data, pagination: page.of(total) }))
}
