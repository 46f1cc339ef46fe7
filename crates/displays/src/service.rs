//! What is decided about displays. Each function works in the caller's transaction.

use chrono::{DateTime, NaiveDate, Utc};
use db::Tenants;
use db::audit::{self, Entry};
use domain::display::{DisplayStatus, Given, Scores};
use domain::{
    CustomerId, DisplayProgramId, DisplayRecordId, DistributorId, OrgUnitId, ProductId, UserId, VisitId,
};
use platform::{ApiError, App, Caller, Flag, Mode};
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;

use crate::error::DisplayError;
use crate::model::{DisplayRecord, Program};
use crate::store::{self, NewScore};

/// A photo that shows a program's display.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// The outlet's distributor.
    pub distributor: DistributorId,
    /// The program.
    pub program: DisplayProgramId,
    /// The visit.
    pub visit: VisitId,
    /// The outlet.
    pub customer: CustomerId,
    /// Who took it.
    pub user: UserId,
    /// Their unit.
    pub unit: Option<OrgUnitId>,
    /// The visit's day.
    pub business_date: NaiveDate,
    /// When it was taken.
    pub captured_at: DateTime<Utc>,
}

/// Counts a photo for the visit's record of the program; the first makes the record. To be called once a photo.
///
/// # Errors
/// 404 for an unknown program; live, 422 when it doesn't run that day or the outlet takes no part.
pub async fn add_photo(
    c: &mut PgConnection,
    shown: &Shown,
    mode: Mode,
    flags: &mut Vec<Flag>,
) -> Result<(), ApiError> {
    let part = store::find_part(c, shown).await?.ok_or(DisplayError::Unknown)?;
    let problem = match (part.running, part.registered) {
        (false, _) => Some(DisplayError::NotRunning),
        (true, false) => Some(DisplayError::NotRegistered),
        (true, true) => None,
    };
    if let Some(problem) = problem {
        mode.refuse_or_flag(flags, || problem.flag(), || problem)?;
    }
    Ok(store::upsert_record(c, shown).await?)
}

/// A program as it is set.
#[derive(Debug, Clone)]
pub(crate) struct ProgramData {
    pub code: String,
    pub name: String,
    pub valid_from: NaiveDate,
    pub valid_to: NaiveDate,
    pub distributors: Vec<DistributorId>,
    pub products: Vec<ProductId>,
    pub required_photos: i32,
    pub levels: i16,
    pub reward_note: String,
    pub active: bool,
}

/// Makes a program: the company's, or a distributor's.
pub(crate) async fn create_program(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: DisplayProgramId,
    distributor: Option<DistributorId>,
    data: &ProgramData,
) -> Result<Program, ApiError> {
    check_members(c, data).await?;
    store::insert_program(c, id, distributor, data, caller.user_id, app.now()).await.map_err(code_taken)?;
    let after = find(c, id).await?;
    record(c, app, caller, "displays.create_program", None, &after).await?;
    Ok(after)
}

fn code_taken(error: sqlx::Error) -> ApiError {
    ApiError::from(error).on_constraint("display_programs_code_uniq", || DisplayError::CodeTaken.into())
}

async fn check_members(c: &mut PgConnection, data: &ProgramData) -> Result<(), ApiError> {
    let known = store::members_exist(c, &data.products, &data.distributors).await?;
    if known { Ok(()) } else { Err(DisplayError::Member.into()) }
}

/// Changes a program.
pub(crate) async fn update_program(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: DisplayProgramId,
    version: i64,
    data: &ProgramData,
) -> Result<Program, ApiError> {
    let before = store::lock_program(c, id).await?.ok_or(DisplayError::Unknown)?;
    may_change(caller, &before)?;
    if before.version != version {
        return Err(ApiError::stale());
    }
    check_members(c, data).await?;
    store::update_program(c, id, data, app.now()).await.map_err(code_taken)?;
    let after = find(c, id).await?;
    record(c, app, caller, "displays.update_program", Some(&before), &after).await?;
    Ok(after)
}

/// The company's programs are its own people's; a distributor's are anybody's there.
fn may_change(caller: &Caller, program: &Program) -> Result<(), ApiError> {
    let theirs =
        program.distributor_id.map_or(caller.tenants == Tenants::Company, |d| caller.tenants.includes(d));
    if theirs { Ok(()) } else { Err(ApiError::forbidden("displays.company_program")) }
}

async fn find(c: &mut PgConnection, id: DisplayProgramId) -> Result<Program, ApiError> {
    Ok(store::find_program(c, id).await?.ok_or(DisplayError::Unknown)?)
}

async fn record(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    action: &'static str,
    before: Option<&Program>,
    after: &Program,
) -> Result<(), ApiError> {
    let entry = Entry {
        action,
        entity: "display_program",
        entity_id: Some(after.program_id.uuid()),
        distributor: after.distributor_id,
        before,
        after: Some(after),
    };
    Ok(audit::record(c, caller.context(), app.now(), entry).await?)
}

/// Outlets that take part, and when.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub customers: Vec<CustomerId>,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
}

/// Registers outlets of the caller's scope, or changes their days. Gives how many.
pub(crate) async fn register(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: DisplayProgramId,
    registration: &Registration,
) -> Result<usize, ApiError> {
    let program = find(c, id).await?;
    let outlets = store::list_outlets(c, caller.scope(), app.today(), &registration.customers).await?;
    let takes_part = |distributor: &DistributorId| {
        program.distributor_id.is_none_or(|own| own == *distributor)
            && (program.distributors.is_empty() || program.distributors.contains(distributor))
    };
    if outlets.len() != registration.customers.len()
        || !outlets.iter().all(|(distributor, _)| takes_part(distributor))
    {
        return Err(DisplayError::Member.into());
    }
    store::upsert_registrations(c, id, &outlets, registration, caller.user_id, app.now()).await?;
    let after = json!({
        "customers": registration.customers, "validFrom": registration.valid_from, "validTo": registration.valid_to,
    });
    let entry = Entry {
        action: "displays.register",
        entity: "display_program",
        entity_id: Some(id.uuid()),
        distributor: outlets.first().map(|(distributor, _)| *distributor),
        before: None::<&()>,
        after: Some(&after),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(outlets.len())
}

/// A score to give.
#[derive(Debug, Clone)]
pub(crate) struct Score {
    pub passed: bool,
    pub note: String,
}

/// What became of one of many.
pub(crate) type Outcome = Result<DisplayStatus, DisplayError>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Scored<'a> {
    kind: &'static str,
    display_score_id: DisplayRecordId,
    customer_name: &'a str,
    program_name: &'a str,
    status: DisplayStatus,
    note: &'a str,
}

/// Scores displays of the caller's scope, each for itself. Those that can't be scored by this caller now, and those that
/// aren't theirs to see, are left as they are. Giving one's own latest score again changes nothing.
pub(crate) async fn score(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    ids: &[DisplayRecordId],
    score: &Score,
) -> Result<Vec<(DisplayRecordId, Outcome)>, ApiError> {
    let records = store::lock_records(c, caller.scope(), ids).await?;
    let mut outcomes = Vec::with_capacity(ids.len());
    for id in ids {
        let outcome = match records.iter().find(|record| record.display_score_id == *id) {
            None => Err(DisplayError::Unknown),
            Some(record) => score_one(c, app, caller, record, score).await?,
        };
        outcomes.push((*id, outcome));
    }
    Ok(outcomes)
}

async fn score_one(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    record: &DisplayRecord,
    score: &Score,
) -> Result<Outcome, ApiError> {
    let given = |passed: Option<bool>, by: Option<UserId>| Some(Given { passed: passed?, by: by? });
    let mut scores = Scores {
        first: given(record.first_passed, record.first_by),
        second: given(record.second_passed, record.second_by),
    };
    let levels = u8::try_from(record.levels).unwrap_or(1);
    let before = scores;
    let level = match scores.score(levels, caller.role, Given { passed: score.passed, by: caller.user_id }) {
        Ok(level) => level,
        Err(error) => return Ok(Err(error.into())),
    };
    if scores == before && score.note == record.note {
        return Ok(Ok(record.status));
    }
    let status = scores.status(levels);
    let told = Scored {
        kind: "display",
        display_score_id: record.display_score_id,
        customer_name: &record.customer_name,
        program_name: &record.program_name,
        status,
        note: &score.note,
    };
    let new = NewScore {
        record,
        level,
        score,
        status,
        event: serde_json::to_value(told).map_err(ApiError::internal)?,
        audited: json!({ "level": level, "passed": score.passed, "status": status, "note": score.note }),
        at: app.now(),
    };
    store::insert_score(c, caller.context(), caller.user_id, &new).await?;
    Ok(Ok(status))
}
