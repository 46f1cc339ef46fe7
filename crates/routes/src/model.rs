//! What the capability works with.

use chrono::{DateTime, NaiveDate, Utc};
use domain::attendance::{HalfDay, LeaveKind, LeaveStatus};
use domain::plan::HolidayRule;
use domain::route::{Rhythm, Schedule, WeekRule, Weekdays};
use domain::{CustomerId, DistributorId, HolidayId, LeaveId, OrgUnitId, RouteId, SubstitutionId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a route is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum RouteStatus {
    /// It is.
    Active,
    /// It rests; its plan is empty.
    Inactive,
}

impl RouteStatus {
    /// As the database keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            RouteStatus::Active => "active",
            RouteStatus::Inactive => "inactive",
        }
    }
}

/// The data of a route to write.
#[derive(Debug, Clone)]
pub struct NewRoute {
    /// Unique within the distributor.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The team whose route it is.
    pub unit: Option<OrgUnitId>,
    /// When it runs.
    pub schedule: Schedule,
    /// Whether it is walked.
    pub status: RouteStatus,
}

/// A route as it is shown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// The route.
    pub route_id: RouteId,
    /// The distributor it belongs to.
    pub distributor_id: DistributorId,
    /// Unique within the distributor.
    pub route_code: String,
    /// What people call it.
    pub name: String,
    /// The team whose route it is.
    pub unit_id: Option<OrgUnitId>,
    /// Its name.
    pub unit_name: Option<String>,
    /// ISO weekdays, 1 = Monday … 7 = Sunday.
    pub weekdays: Weekdays,
    /// Weeks are counted from here.
    pub start_date: NaiveDate,
    /// `active` or `inactive`.
    pub status: String,
    /// Who walks it today.
    pub rep_id: Option<UserId>,
    /// Their name.
    pub rep_name: Option<String>,
    /// How many outlets are on it.
    pub customer_count: i64,
    /// Goes up with every change; a change names the version it saw.
    pub version: i64,
}

/// An outlet with its place on a route, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStop {
    /// The outlet.
    pub customer: CustomerId,
    /// Its place in the route's order, from 1.
    pub sequence: i32,
    /// When it is due.
    pub rhythm: Rhythm,
}

/// An outlet of a day's plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The outlet.
    pub customer: CustomerId,
    /// Its place in the route's order, from 1.
    pub sequence: i32,
    /// The holiday on which it was due; none when it is due on the day itself.
    pub moved_from: Option<NaiveDate>,
}

/// A route that somebody walks on a day, with the outlets that are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRoute {
    /// The distributor it belongs to.
    pub distributor: DistributorId,
    /// The route.
    pub id: RouteId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Which of its weeks the day is in, 1 to 5.
    pub week: Option<u8>,
    /// Whether they walk it in the place of another.
    pub stands_in: bool,
    /// Who has the route that day, when they stand in for somebody.
    pub stands_in_for: Option<UserId>,
    /// The outlets due, in order; those that were due on a holiday before come last.
    pub stops: Vec<Stop>,
}

/// What somebody has to do on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayPlan {
    /// Who.
    pub user: UserId,
    /// When.
    pub date: NaiveDate,
    /// A holiday where their routes are.
    pub holiday: bool,
    /// They are on leave, and walk nothing.
    pub on_leave: bool,
    /// The routes they walk, by code. An outlet on two of them is due on the first only.
    pub routes: Vec<DayRoute>,
    /// Outlets that are due on their routes while they are on leave and nobody stands in.
    pub uncovered: usize,
}

impl DayPlan {
    /// The outlets due, in order.
    pub fn stops(&self) -> impl Iterator<Item = &Stop> {
        self.routes.iter().flat_map(|route| &route.stops)
    }
}

/// Who walks a route, and when.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    /// The rep.
    pub rep_id: UserId,
    /// Their name.
    pub rep_name: String,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day; none while it lasts.
    pub valid_to: Option<NaiveDate>,
    /// What the rep should know at the handover.
    pub note: String,
    /// Who gave it to them; none when a file did.
    pub assigned_by: Option<String>,
    /// When that was.
    pub assigned_at: Option<DateTime<Utc>>,
}

/// A route to give to somebody.
#[derive(Debug, Clone)]
pub struct NewAssignment {
    /// Who gets it.
    pub rep: UserId,
    /// The first day.
    pub from: NaiveDate,
    /// What the rep should know.
    pub note: String,
    /// Who gives it, and when.
    pub by: Option<(UserId, DateTime<Utc>)>,
}

/// Somebody who walks a route in another's place.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Substitution {
    /// The substitution.
    pub substitution_id: SubstitutionId,
    /// The route.
    pub route_id: RouteId,
    /// Its code.
    pub route_code: String,
    /// Who walks it.
    pub rep_id: UserId,
    /// Their name.
    pub rep_name: String,
    /// The first day.
    pub first_day: NaiveDate,
    /// The last day.
    pub last_day: NaiveDate,
    /// What the substitute should know.
    pub note: String,
    /// The leave that is the reason, if one is.
    pub leave_id: Option<LeaveId>,
    /// It was called off before it began.
    pub cancelled: bool,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
}

/// Days on which somebody doesn't work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Leave {
    /// The leave.
    pub leave_id: LeaveId,
    /// The distributor in whose book it is.
    pub distributor_id: DistributorId,
    /// Who is away.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// Their unit.
    pub unit_id: Option<OrgUnitId>,
    /// The first day.
    pub first_day: NaiveDate,
    /// The last day.
    pub last_day: NaiveDate,
    /// Only this half of the day.
    pub half: Option<HalfDay>,
    /// Why.
    pub kind: LeaveKind,
    /// More about it.
    pub reason: String,
    /// How far it has come.
    pub status: LeaveStatus,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// What they said.
    pub decision_note: String,
    /// Goes up with every change.
    pub version: i64,
}

/// A day on which nobody walks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Holiday {
    /// The holiday.
    pub holiday_id: HolidayId,
    /// The day.
    pub day: NaiveDate,
    /// What is celebrated.
    pub name: String,
    /// Only for distributors of this province; empty is everywhere.
    pub province: String,
    /// Only for this distributor.
    pub distributor_id: Option<DistributorId>,
}

/// How routes are planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoutePolicy {
    /// Whose policy it is; none is the company's, for all distributors without one of their own.
    pub distributor_id: Option<DistributorId>,
    /// How weeks are counted.
    pub week_rule: WeekRule,
    /// What becomes of the stops of a holiday.
    pub holiday_rule: HolidayRule,
    /// ISO weekdays on which stops of holidays may be caught up; besides them those of the route itself.
    pub working_days: Weekdays,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// For `If-Match`; 0 while the distributor has no policy of its own.
    pub version: i64,
}

/// A policy to set.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetRoutePolicy {
    /// How weeks are counted.
    pub week_rule: WeekRule,
    /// What becomes of the stops of a holiday.
    pub holiday_rule: HolidayRule,
    /// ISO weekdays on which stops of holidays may be caught up; Monday to Saturday when absent.
    pub working_days: Option<Weekdays>,
    /// The version that was changed, unless `If-Match` names it.
    pub version: Option<i64>,
}
