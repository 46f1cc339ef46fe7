use chrono::{DateTime, NaiveDate, Utc};
use domain::survey::{Answers, Form};
use domain::{CustomerId, DistributorId, SurveyAnswerId, SurveyId, UserId, VisitId};
use platform::{Flag, Page, Scope};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use utoipa::ToSchema;

use super::OwnVisit;
use crate::model::FilledSurvey;
use crate::service::{NewSurvey, SurveyAnswer};

/// A survey.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SurveyRow {
    /// The survey.
    pub survey_id: SurveyId,
    /// Whose it is; none is the company's.
    pub distributor_id: Option<DistributorId>,
    /// Its code, by which policies name it.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `draft`: never published; `published`; `closed`: takes no more answers.
    pub status: String,
    /// The version that is asked; 0 before the first.
    pub latest: i32,
    /// What is being worked on.
    #[schema(value_type = Form)]
    pub draft: Json<Form>,
    /// Goes up with every change.
    pub version: i64,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// A version that never changes.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionRow {
    /// The survey.
    pub survey_id: SurveyId,
    /// Its code.
    pub code: String,
    /// The version's number.
    pub number: i32,
    /// The survey's name then.
    pub name: String,
    /// The questions.
    #[schema(value_type = Form)]
    pub form: Json<Form>,
    /// Whether the survey takes no more answers.
    pub closed: bool,
    /// Since when it is asked.
    pub published_at: DateTime<Utc>,
}

/// A page of the surveys the caller may see, by code, and how many there are.
pub(crate) async fn list_surveys(
    c: &mut PgConnection,
    status: Option<&str>,
    page: &Page,
) -> Result<(Vec<SurveyRow>, i64), sqlx::Error> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from surveys
           where ($1::text is null or status = $1) and ($2::text is null or search_key like $2)"#,
        status,
        page.search,
    )
    .fetch_one(&mut *c)
    .await?;
    let rows = sqlx::query_as!(
        SurveyRow,
        r#"select id as "survey_id: SurveyId", distributor_id as "distributor_id: DistributorId", code, name, status, latest,
             draft as "draft: Json<Form>", version, updated_at
           from surveys where ($1::text is null or status = $1) and ($2::text is null or search_key like $2)
           order by code, id limit $3 offset $4"#,
        status,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    Ok((rows, total))
}

/// The versions that are asked now.
pub(crate) async fn list_asked(c: &mut PgConnection) -> Result<Vec<VersionRow>, sqlx::Error> {
    sqlx::query_as!(
        VersionRow,
        r#"select v.survey_id as "survey_id: SurveyId", s.code, v.number, v.name, v.form as "form: Json<Form>",
             s.status = 'closed' as "closed!", v.published_at
           from surveys s join survey_versions v on v.survey_id = s.id and v.number = s.latest
           where s.status = 'published' order by s.code, s.id"#,
    )
    .fetch_all(c)
    .await
}

/// The survey.
pub(crate) async fn find_survey(
    c: &mut PgConnection,
    id: SurveyId,
) -> Result<Option<SurveyRow>, sqlx::Error> {
    sqlx::query_as!(
        SurveyRow,
        r#"select id as "survey_id: SurveyId", distributor_id as "distributor_id: DistributorId", code, name, status, latest,
             draft as "draft: Json<Form>", version, updated_at
           from surveys where id = $1"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// Like [`find_survey`], and keeps others from changing it until the transaction ends.
pub(crate) async fn lock_survey(
    c: &mut PgConnection,
    id: SurveyId,
) -> Result<Option<SurveyRow>, sqlx::Error> {
    // What row-level security lets nobody change, it lets nobody lock: the check of rights comes after.
    sqlx::query!("select id from surveys where id = $1 for no key update", id.uuid())
        .fetch_optional(&mut *c)
        .await?;
    find_survey(c, id).await
}

/// A version of a survey.
pub(crate) async fn find_version(
    c: &mut PgConnection,
    id: SurveyId,
    number: i32,
) -> Result<Option<VersionRow>, sqlx::Error> {
    sqlx::query_as!(
        VersionRow,
        r#"select v.survey_id as "survey_id: SurveyId", s.code, v.number, v.name, v.form as "form: Json<Form>",
             s.status = 'closed' as "closed!", v.published_at
           from survey_versions v join surveys s on s.id = v.survey_id
           where v.survey_id = $1 and v.number = $2"#,
        id.uuid(),
        number,
    )
    .fetch_optional(c)
    .await
}

/// Adds a survey as a draft.
pub(crate) async fn insert_survey(
    c: &mut PgConnection,
    new: &NewSurvey,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into surveys (id, distributor_id, code, name, search_key, draft, created_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        new.id.uuid(),
        new.distributor.map(DistributorId::uuid),
        new.code,
        new.name,
        domain::search_key(&format!("{} {}", new.code, new.name)),
        Json(&new.form) as _,
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Writes the draft.
pub(crate) async fn update_survey(
    c: &mut PgConnection,
    id: SurveyId,
    name: &str,
    form: &Form,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update surveys set name = $2, search_key = $3 || ' ' || lower(code), draft = $4, updated_at = $5, version = version + 1
         where id = $1",
        id.uuid(),
        name,
        domain::search_key(name),
        Json(form) as _,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Makes the draft the next version, in one statement.
pub(crate) async fn insert_version(
    c: &mut PgConnection,
    id: SurveyId,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with next as (
           update surveys set latest = latest + 1, status = 'published', updated_at = $3, version = version + 1
           where id = $1 returning id, latest, distributor_id, name, draft
         )
         insert into survey_versions (survey_id, number, distributor_id, name, form, published_by, published_at)
         select id, latest, distributor_id, name, draft, $2, $3 from next",
        id.uuid(),
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Closes the survey.
pub(crate) async fn update_survey_closed(
    c: &mut PgConnection,
    id: SurveyId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update surveys set status = 'closed', updated_at = $2, version = version + 1 where id = $1",
        id.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Adds a filled-in survey.
#[expect(clippy::too_many_arguments, reason = "what was answered, where, when and by whom")]
pub(crate) async fn insert_filled(
    c: &mut PgConnection,
    visit: &OwnVisit,
    filled: &SurveyAnswer,
    answers: &Answers,
    flags: &[Flag],
    at: DateTime<Utc>,
    received_at: DateTime<Utc>,
    by: UserId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into survey_answers (distributor_id, id, survey_id, number, visit_id, customer_id, user_id, answers, flags, at,
           received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        visit.distributor.uuid(),
        filled.id.uuid(),
        filled.survey.uuid(),
        filled.version,
        visit.id.uuid(),
        visit.customer.uuid(),
        by.uuid(),
        Json(answers) as _,
        Json(flags) as _,
        at,
        received_at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The filled-in survey with this id, of the visit.
pub(crate) async fn find_filled(
    c: &mut PgConnection,
    distributor: DistributorId,
    visit: VisitId,
    id: SurveyAnswerId,
) -> Result<Option<FilledSurvey>, sqlx::Error> {
    let all = list_filled(c, distributor, visit).await?;
    Ok(all.into_iter().find(|filled| filled.answer_id == id))
}

/// The surveys filled in during the visit.
pub(crate) async fn list_filled(
    c: &mut PgConnection,
    distributor: DistributorId,
    visit: VisitId,
) -> Result<Vec<FilledSurvey>, sqlx::Error> {
    sqlx::query_as!(
        FilledSurvey,
        r#"select a.id as "answer_id: SurveyAnswerId", a.survey_id as "survey_id: SurveyId", s.code, v.name,
             a.number as version, a.answers as "answers: Json<Answers>", a.at
           from survey_answers a join survey_versions v on v.survey_id = a.survey_id and v.number = a.number
           join surveys s on s.id = a.survey_id
           where a.distributor_id = $1 and a.visit_id = $2 order by a.at, a.id"#,
        distributor.uuid(),
        visit.uuid(),
    )
    .fetch_all(c)
    .await
}

/// What an outlet answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnswerRow {
    /// The answers' id.
    pub answer_id: SurveyAnswerId,
    /// Which version was answered.
    pub version: i32,
    /// The visit.
    pub visit_id: VisitId,
    /// The outlet.
    pub customer_id: CustomerId,
    /// Its code.
    pub customer_code: String,
    /// Its name.
    pub customer_name: String,
    /// Who asked.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// The answers by their questions.
    #[schema(value_type = std::collections::BTreeMap<String, domain::survey::Answer>)]
    pub answers: Json<Answers>,
    /// What a person should look at in answers that arrived late.
    #[schema(value_type = Vec<Flag>)]
    pub flags: Json<Vec<Flag>>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A page of a survey's answers in the scope, the latest first, and how many there are.
pub(crate) async fn list_answers(
    c: &mut PgConnection,
    scope: Scope<'_>,
    survey: SurveyId,
    (from, to): (Option<NaiveDate>, Option<NaiveDate>),
    page: &Page,
) -> Result<(Vec<AnswerRow>, i64), sqlx::Error> {
    let units = scope.units();
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!"
           from survey_answers a join visits v on v.distributor_id = a.distributor_id and v.id = a.visit_id
           where a.survey_id = $1 and ($2::uuid is null or a.user_id = $2) and ($3::uuid[] is null or v.unit_id = any ($3))
             and ($4::date is null or v.business_date >= $4) and ($5::date is null or v.business_date <= $5)"#,
        survey.uuid(),
        scope.user(),
        units.as_deref(),
        from,
        to,
    )
    .fetch_one(&mut *c)
    .await?;
    let rows = sqlx::query_as!(
        AnswerRow,
        r#"select a.id as "answer_id: SurveyAnswerId", a.number as version, a.visit_id as "visit_id: VisitId",
             a.customer_id as "customer_id: CustomerId", cu.code as customer_code, cu.name as customer_name,
             a.user_id as "user_id: UserId", coalesce(u.full_name, '') as "full_name!",
             a.answers as "answers: Json<Answers>", a.flags as "flags: Json<Vec<Flag>>", a.at
           from survey_answers a join visits v on v.distributor_id = a.distributor_id and v.id = a.visit_id
           join customers cu on cu.distributor_id = a.distributor_id and cu.id = a.customer_id
           left join users u on u.id = a.user_id
           where a.survey_id = $1 and ($2::uuid is null or a.user_id = $2) and ($3::uuid[] is null or v.unit_id = any ($3))
             and ($4::date is null or v.business_date >= $4) and ($5::date is null or v.business_date <= $5)
           order by a.at desc, a.id desc limit $6 offset $7"#,
        survey.uuid(),
        scope.user(),
        units.as_deref(),
        from,
        to,
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    Ok((rows, total))
}
