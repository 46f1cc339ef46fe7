//! What the capability works with.

use chrono::{DateTime, NaiveDate, Utc};
use domain::attendance::{ClockKind, ClockedDay, HalfDay, WorkSession, WorkdayCredit, WorkingDay};
use domain::business_day::local_time;
use domain::{ClockCorrectionId, ClockEventId, OrgUnitId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A clock-in or clock-out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
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
    /// The photo, by the SHA-256 of its content.
    pub photo_sha256: Option<String>,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// What was odd about it: `attendance.clock_ahead`, `attendance.time_old`.
    pub flags: Vec<String>,
}

/// A person's day.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkedDay {
    /// The person.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// The unit for which they worked.
    pub unit_id: Option<OrgUnitId>,
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
    /// What the unit's working day has.
    pub scheduled_minutes: u32,
    /// Workday credit (công): 0.77.
    pub credit: WorkdayCredit,
    /// The half of the day for which the person had leave.
    pub half_leave: Option<HalfDay>,
    /// Whether one of its events was corrected.
    pub corrected: bool,
}

/// The two events of a day that count.
#[derive(Debug, Clone)]
pub(crate) struct Clocked {
    pub user: UserId,
    pub full_name: String,
    pub unit: Option<OrgUnitId>,
    pub date: NaiveDate,
    pub first_in: Option<DateTime<Utc>>,
    pub last_out: Option<DateTime<Utc>>,
    pub corrected: bool,
}

impl Clocked {
    /// What they come to by the unit's working times, beside leave for half of the day.
    pub fn assessed(self, times: &WorkingDay, leave: Option<HalfDay>) -> WorkedDay {
        let wall_clock = |at: DateTime<Utc>| local_time(at).time();
        let clocked =
            ClockedDay { first_in: self.first_in.map(wall_clock), last_out: self.last_out.map(wall_clock) };
        let day = times.assess_beside_leave(clocked, leave);
        WorkedDay {
            user_id: self.user,
            full_name: self.full_name,
            unit_id: self.unit,
            date: self.date,
            first_in: self.first_in,
            last_out: self.last_out,
            late_minutes: day.late.0,
            early_minutes: day.early.0,
            worked_minutes: day.worked.0,
            scheduled_minutes: times.scheduled().0,
            credit: day.credit,
            half_leave: leave,
            corrected: self.corrected,
        }
    }
}

/// What a correction says of a clock event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClockCorrection)]
pub struct Correction {
    /// The correction.
    pub correction_id: ClockCorrectionId,
    /// The event; one that was never clocked has its first correction's id.
    pub clock_event_id: ClockEventId,
    /// Counts the corrections of the event, from 1; the latest holds.
    pub revision: i32,
    /// Whose attendance it is.
    pub user_id: UserId,
    /// `in` or `out`.
    pub kind: ClockKind,
    /// When; none when the event doesn't count.
    pub at: Option<DateTime<Utc>>,
    /// The day it counts for.
    pub business_date: NaiveDate,
    /// Why.
    pub reason: String,
    /// Who corrected it.
    pub corrected_by: UserId,
    /// Their name.
    pub corrected_by_name: String,
    /// When.
    pub corrected_at: DateTime<Utc>,
}

/// A clock event of a day, with what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DayEvent {
    /// The event.
    pub clock_event_id: ClockEventId,
    /// The kind that counts.
    pub kind: ClockKind,
    /// The time that counts; none when the event doesn't.
    pub at: Option<DateTime<Utc>>,
    /// What was clocked; none when a correction added it.
    pub original: Option<ClockEvent>,
    /// The corrections, the latest first.
    pub corrections: Vec<Correction>,
}

/// Working times of a unit from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnitWorkTimes {
    /// The unit.
    pub unit_id: OrgUnitId,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The sessions of a working day; null follows the unit above again.
    pub sessions: Option<Vec<WorkSession>>,
    /// Goes up with every change.
    pub version: i64,
}
