//! The working day: what a day's clock events come to.

use chrono::{DateTime, NaiveDate, Utc};
use db::audit::{self, Entry};
use domain::attendance::{ClockKind, ClockedDay, WorkdayCredit, WorkingDay};
use domain::business_day::{business_date, local_time};
use domain::{ClockEventId, Coordinates, DistributorId, UserId};
use platform::{ApiError, App, Caller};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::store::{self, NewClockEvent};

/// A clock-in or clock-out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClockEvent {
    /// The event.
    pub clock_event_id: ClockEventId,
    /// `in` or `out`.
    pub kind: ClockKind,
    /// When, by the device.
    pub at: DateTime<Utc>,
    /// The day it counts for.
    pub business_date: NaiveDate,
    /// Where.
    pub latitude: Option<f64>,
    /// Where.
    pub longitude: Option<f64>,
    /// By how many metres that may be wrong.
    pub accuracy: Option<f64>,
    /// What the person noted.
    pub note: String,
}

/// A person's day.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkedDay {
    /// The person.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// The day.
    pub date: NaiveDate,
    /// The first clock-in.
    pub first_in: Option<DateTime<Utc>>,
    /// The last clock-out.
    pub last_out: Option<DateTime<Utc>>,
    /// How late work began.
    pub late_minutes: u32,
    /// How early it ended.
    pub early_minutes: u32,
    /// Time worked within the sessions of the working day.
    pub worked_minutes: u32,
    /// Workday credit (công): 0.77.
    pub credit: WorkdayCredit,
}

impl WorkedDay {
    /// From the two events that count.
    pub(crate) fn of(
        user_id: UserId,
        full_name: String,
        date: NaiveDate,
        first_in: Option<DateTime<Utc>>,
        last_out: Option<DateTime<Utc>>,
    ) -> Self {
        let wall_clock = |at: DateTime<Utc>| local_time(at).time();
        let clocked = ClockedDay { first_in: first_in.map(wall_clock), last_out: last_out.map(wall_clock) };
        let day = WorkingDay::default().assess(clocked);
        WorkedDay {
            user_id,
            full_name,
            date,
            first_in,
            last_out,
            late_minutes: day.late.0,
            early_minutes: day.early.0,
            worked_minutes: day.worked.0,
            credit: day.credit,
        }
    }
}

/// The distributor whose book somebody's own day is in: theirs, else the first of those they work for.
fn own_distributor(caller: &Caller) -> Result<DistributorId, ApiError> {
    let first = match &caller.tenants {
        db::Tenants::Distributors(ids) => ids.iter().min().copied(),
        db::Tenants::Company => None,
    };
    caller.distributor_id.or(first).map_or_else(|| caller.distributor(None), Ok)
}

/// A clock event as it arrives.
#[derive(Debug)]
pub(crate) struct Clock {
    pub id: ClockEventId,
    pub kind: ClockKind,
    pub at: DateTime<Utc>,
    pub place: Coordinates,
    pub accuracy: Option<f64>,
    pub note: String,
}

/// Keeps the event; one that came before is answered as it was.
pub(crate) async fn clock(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    clock: &Clock,
) -> Result<ClockEvent, ApiError> {
    if let Some(known) = store::find_clock_event(c, caller.user_id, clock.id).await?
        && known.kind == clock.kind
    {
        return Ok(known);
    }
    let event = NewClockEvent {
        distributor: own_distributor(caller)?,
        id: clock.id,
        user: caller.user_id,
        unit: caller.primary_unit,
        kind: clock.kind,
        at: clock.at,
        business_date: business_date(clock.at),
        place: clock.place,
        accuracy: clock.accuracy,
        note: clock.note.clone(),
        received_at: app.now(),
    };
    store::insert_clock_event(c, &event).await?;
    tracking::note_position(c, caller, event.at, event.place, event.accuracy).await?;
    let kept = ClockEvent {
        clock_event_id: event.id,
        kind: event.kind,
        at: event.at,
        business_date: event.business_date,
        latitude: Some(event.place.latitude()),
        longitude: Some(event.place.longitude()),
        accuracy: event.accuracy,
        note: event.note,
    };
    let entry = Entry {
        action: match event.kind {
            ClockKind::In => "attendance.clock_in",
            ClockKind::Out => "attendance.clock_out",
        },
        entity: "clock_event",
        entity_id: Some(event.id.uuid()),
        distributor: Some(event.distributor),
        before: None::<&()>,
        after: Some(&kept),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(kept)
}
