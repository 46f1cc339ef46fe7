use adapters::blob::BlobId;
use chrono::{DateTime, Utc};
use db::audit;
use domain::survey::{self, Answer, Answers, Form, Kind};
use domain::{DistributorId, SurveyAnswerId, SurveyId, VisitId};
use platform::{ApiError, App, Caller, Flag, Mode};
use serde_json::json;
use sqlx::PgConnection;

use crate::error::VisitError;
use crate::model::{FilledSurvey, device_time};
use crate::store::{self, SurveyRow};

/// Answers to a survey.
#[derive(Debug, Clone)]
pub struct SurveyAnswer {
    /// Made by the phone, so that a repeat is known.
    pub id: SurveyAnswerId,
    /// The survey.
    pub survey: SurveyId,
    /// Which of its versions was answered; an older one than the latest is as good.
    pub version: i32,
    /// The answers by their questions.
    pub answers: Answers,
    /// By the device; now when it says none.
    pub at: Option<DateTime<Utc>>,
}

/// Adds a filled-in survey to the caller's visit; one that came before is answered as it was.
///
/// # Errors
/// 404 for a visit that isn't the caller's, and an unknown survey or version; live, 409 after the visit's end, 422 when
/// the answers don't fit the form or the survey is closed.
pub async fn record_survey(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: VisitId,
    filled: &SurveyAnswer,
    mode: Mode,
) -> Result<(FilledSurvey, Vec<Flag>), ApiError> {
    let (visit, mut flags) = (super::lock_own(c, caller, id).await?, Vec::new());
    if let Some(known) = store::find_filled(c, visit.distributor, id, filled.id).await? {
        return Ok((known, flags));
    }
    super::still_open(&visit, mode, &mut flags)?;
    let at = device_time(filled.at, app.now(), mode, &mut flags)?;
    let unknown = || ApiError::not_found().field("surveyId", "Không tìm thấy khảo sát", "No such survey");
    let version = store::find_version(c, filled.survey, filled.version).await?.ok_or_else(unknown)?;
    if version.closed {
        mode.refuse_or_flag(&mut flags, || VisitError::SurveyClosed.flag(), || VisitError::SurveyClosed)?;
    }
    let checked = survey::check(&version.form.0, &filled.answers);
    let fits = checked.problems.is_empty();
    if !fits {
        let error = || VisitError::Answers(checked.problems.clone());
        mode.refuse_or_flag(&mut flags, || error().flag(), error)?;
    }
    // What doesn't fit is kept as it was said: a person has to read it.
    let answers = if fits { &checked.answers } else { &filled.answers };
    for question in version.form.0.questions.iter().filter(|q| matches!(q.kind, Kind::Photo { .. })) {
        let Some(Answer::Many(photos)) = answers.get(&question.id) else { continue };
        for photo in photos.iter().filter_map(|digest| BlobId::parse(digest)) {
            files::store::register(c, visit.distributor, &photo, app.now()).await?;
        }
    }
    store::insert_filled(c, &visit, filled, answers, &flags, at, app.now(), caller.user_id).await?;
    let after = json!({ "surveyAnswerId": filled.id, "surveyId": filled.survey, "version": filled.version });
    super::audit_visit(c, app, caller, &visit, "visits.survey", None::<&()>, &after).await?;
    super::keep_flags(c, &visit, &flags).await?;
    let kept = store::find_filled(c, visit.distributor, id, filled.id).await?;
    Ok((kept.ok_or_else(|| ApiError::internal("answers that are not there"))?, flags))
}

/// A survey to make.
#[derive(Debug)]
pub(crate) struct NewSurvey {
    pub id: SurveyId,
    pub distributor: Option<DistributorId>,
    pub code: String,
    pub name: String,
    pub form: Form,
}

/// Makes a survey as a draft.
pub(crate) async fn create_survey(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    new: &NewSurvey,
) -> Result<SurveyRow, ApiError> {
    store::insert_survey(c, new, caller.user_id, app.now()).await.map_err(code_taken)?;
    let after = find(c, new.id).await?;
    record(c, app, caller, "surveys.create", None, &after).await?;
    Ok(after)
}

fn code_taken(error: sqlx::Error) -> ApiError {
    ApiError::from(error).on_constraint("surveys_code_uniq", || VisitError::SurveyCodeTaken.into())
}

/// Changes the draft; what was published stays.
pub(crate) async fn edit_survey(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: SurveyId,
    version: i64,
    (name, form): (&str, &Form),
) -> Result<SurveyRow, ApiError> {
    let before = lock_own(c, caller, id, version).await?;
    store::update_survey(c, id, name, form, app.now()).await?;
    let after = find(c, id).await?;
    record(c, app, caller, "surveys.update", Some(&before), &after).await?;
    Ok(after)
}

/// Makes the draft the survey's next version, if it has no flaws.
pub(crate) async fn publish_survey(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: SurveyId,
    version: i64,
) -> Result<SurveyRow, ApiError> {
    let before = lock_own(c, caller, id, version).await?;
    let flaws = survey::lint(&before.draft.0);
    if !flaws.is_empty() {
        return Err(VisitError::Form(flaws).into());
    }
    store::insert_version(c, id, caller.user_id, app.now()).await?;
    let after = find(c, id).await?;
    record(c, app, caller, "surveys.publish", Some(&before), &after).await?;
    Ok(after)
}

/// Takes no more answers.
pub(crate) async fn close_survey(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: SurveyId,
    version: i64,
) -> Result<SurveyRow, ApiError> {
    let before = lock_own(c, caller, id, version).await?;
    store::update_survey_closed(c, id, app.now()).await?;
    let after = find(c, id).await?;
    record(c, app, caller, "surveys.close", Some(&before), &after).await?;
    Ok(after)
}

async fn find(c: &mut PgConnection, id: SurveyId) -> Result<SurveyRow, ApiError> {
    store::find_survey(c, id).await?.ok_or_else(ApiError::not_found)
}

/// A survey that the caller may change: the company's is its own people's, a distributor's is anybody's there.
async fn lock_own(
    c: &mut PgConnection,
    caller: &Caller,
    id: SurveyId,
    version: i64,
) -> Result<SurveyRow, ApiError> {
    let survey = store::lock_survey(c, id).await?.ok_or_else(ApiError::not_found)?;
    let theirs =
        survey.distributor_id.map_or(caller.tenants == db::Tenants::Company, |d| caller.tenants.includes(d));
    if !theirs {
        return Err(ApiError::forbidden("surveys.company"));
    }
    if survey.version != version {
        return Err(ApiError::stale());
    }
    Ok(survey)
}

async fn record(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    action: &'static str,
    before: Option<&SurveyRow>,
    after: &SurveyRow,
) -> Result<(), ApiError> {
    let entry = audit::Entry {
        action,
        entity: "survey",
        entity_id: Some(after.survey_id.uuid()),
        distributor: after.distributor_id,
        before,
        after: Some(after),
    };
    Ok(audit::record(c, caller.context(), app.now(), entry).await?)
}
