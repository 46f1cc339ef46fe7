use chrono::{DateTime, SubsecRound as _, Utc};
use db::audit::{self, Entry};
use domain::attendance::ClockKind;
use domain::business_day::business_date;
use domain::{ClockCorrectionId, ClockEventId, UserId};
use platform::{ApiError, App, Caller};
use sqlx::PgConnection;

use crate::error::AttendanceError;
use crate::model::Correction;
use crate::store::{self, NewCorrection, Standing};

/// What a correction changes of an event; what is absent stays.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub id: ClockCorrectionId,
    pub kind: Option<ClockKind>,
    pub at: Option<DateTime<Utc>>,
    /// The event doesn't count.
    pub removed: bool,
    pub reason: String,
}

/// Says how a clock event should have been. The event stays, and so do corrections made before.
pub(crate) async fn correct(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    event: ClockEventId,
    change: &Change,
) -> Result<Correction, ApiError> {
    let standing = store::find_standing(c, event).await?.ok_or_else(ApiError::not_found)?;
    leads(c, caller, standing.user).await?;
    let kind = change.kind.unwrap_or(standing.kind);
    let at = if change.removed {
        None
    } else {
        change.at.map(|at| at.trunc_subsecs(6)).or(standing.at).or(standing.first_at)
    };
    if (kind, at) == (standing.kind, standing.at) {
        return Err(AttendanceError::NoChange.into());
    }
    write(c, app, caller, event, standing, kind, at, change).await
}

/// An event that was never clocked.
#[derive(Debug, Clone)]
pub(crate) struct Addition {
    pub id: ClockCorrectionId,
    pub user: UserId,
    pub kind: ClockKind,
    pub at: DateTime<Utc>,
    pub reason: String,
}

/// Adds an event that somebody forgot to clock.
pub(crate) async fn add(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    new: &Addition,
) -> Result<Correction, ApiError> {
    let person = leads(c, caller, new.user).await?;
    if !person.clocks {
        return Err(AttendanceError::NotOneWhoClocks.into());
    }
    let distributor = person.distributor.map_or_else(|| caller.distributor(None), Ok)?;
    let at = new.at.trunc_subsecs(6);
    let standing = Standing {
        distributor,
        user: new.user,
        unit: person.unit,
        kind: new.kind,
        at: None,
        first_at: None,
        business_date: business_date(at),
        revision: 0,
    };
    let change = Change { id: new.id, kind: None, at: Some(at), removed: false, reason: new.reason.clone() };
    let event = ClockEventId::new(new.id.uuid());
    write(c, app, caller, event, standing, new.kind, Some(at), &change).await
}

#[expect(clippy::too_many_arguments, reason = "an event before and after")]
async fn write(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    event: ClockEventId,
    before: Standing,
    kind: ClockKind,
    at: Option<DateTime<Utc>>,
    change: &Change,
) -> Result<Correction, ApiError> {
    if let Some(at) = at.filter(|at| *at > app.now()) {
        return Err(AttendanceError::Future(at).into());
    }
    let new = NewCorrection {
        distributor: before.distributor,
        unit: before.unit,
        correction: Correction {
            correction_id: change.id,
            clock_event_id: event,
            revision: before.revision + 1,
            user_id: before.user,
            kind,
            at,
            business_date: at.map_or(before.business_date, business_date),
            reason: change.reason.clone(),
            corrected_by: caller.user_id,
            corrected_by_name: caller.full_name.clone(),
            corrected_at: app.now(),
        },
    };
    // Two who correct one event at once: the second has not seen what the first made of it.
    store::insert_correction(c, &new)
        .await
        .map_err(|e| ApiError::from(e).on_constraint("clock_corrections_revision_uniq", ApiError::stale))?;
    let entry = Entry {
        action: "attendance.correct",
        entity: "clock_event",
        entity_id: Some(event.uuid()),
        distributor: Some(before.distributor),
        before: Some(&serde_json::json!({ "kind": before.kind, "at": before.at })),
        after: Some(&new.correction),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(new.correction)
}

/// The person, if the caller leads them.
async fn leads(c: &mut PgConnection, caller: &Caller, user: UserId) -> Result<store::Person, ApiError> {
    if user == caller.user_id {
        return Err(AttendanceError::Own.into());
    }
    store::find_person(c, caller.scope(), user).await?.ok_or_else(ApiError::not_found)
}
