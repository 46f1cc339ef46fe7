//! A month of attendance per person: the data of a timesheet.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::attendance::{HalfDay, WorkdayCredit};
use domain::{Month, OrgUnitId, UserId};
use platform::{Page, Scope};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::model::WorkedDay;
use crate::store::{self, HalfLeave};

/// A person's month.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonMonth {
    /// The person.
    pub user_id: UserId,
    /// Their log-in name.
    pub username: String,
    /// Their name.
    pub full_name: String,
    /// Their unit.
    pub unit_id: Option<OrgUnitId>,
    /// Its name.
    pub unit_name: Option<String>,
    /// Days with clock events, in order.
    pub days: Vec<WorkedDay>,
    /// Days of approved leave, in order.
    pub leave_days: Vec<NaiveDate>,
    /// Days of approved leave for a half, in order.
    pub half_leave_days: Vec<HalfLeaveDay>,
    /// The month.
    pub totals: Totals,
}

/// A day with leave for half of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HalfLeaveDay {
    /// The day.
    pub date: NaiveDate,
    /// Which half.
    pub half: HalfDay,
}

/// What a month comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TimesheetTotals)]
pub struct Totals {
    /// Days on which the person clocked in.
    pub days_present: u32,
    /// How late work began, in all.
    pub late_minutes: u32,
    /// How early it ended, in all.
    pub early_minutes: u32,
    /// Time worked.
    pub worked_minutes: u32,
    /// Workday credits (ngày công).
    pub credit: WorkdayCredit,
}

impl Totals {
    fn of(days: &[WorkedDay]) -> Self {
        let sum = |minutes: fn(&WorkedDay) -> u32| days.iter().map(minutes).fold(0, u32::saturating_add);
        Totals {
            days_present: sum(|day| u32::from(day.first_in.is_some())),
            late_minutes: sum(|day| day.late_minutes),
            early_minutes: sum(|day| day.early_minutes),
            worked_minutes: sum(|day| day.worked_minutes),
            credit: days.iter().map(|day| day.credit).sum(),
        }
    }
}

/// A page of the people in the scope, in or below the unit, by unit and name, with their month; and how many there are.
///
/// # Errors
/// When the database refuses.
pub async fn timesheet(
    c: &mut PgConnection,
    scope: Scope<'_>,
    month: Month,
    user: Option<UserId>,
    unit: Option<OrgUnitId>,
    page: &Page,
) -> Result<(Vec<PersonMonth>, i64), sqlx::Error> {
    let (first, last) = (month.first_day(), month.last_day());
    let (members, total) = store::list_members(c, scope, user, unit, first, last, page).await?;
    let ids: Vec<uuid::Uuid> = members.iter().map(|member| member.id.uuid()).collect();
    let clocked = store::list_days_of(c, &ids, first, last).await?;
    let mut leave: BTreeMap<UserId, BTreeSet<NaiveDate>> = BTreeMap::new();
    let rows = store::list_leave(c, &ids, first, last).await?;
    let halves = HalfLeave::of(&rows);
    for (user, from, to, _) in rows.into_iter().filter(|(_, _, _, half)| half.is_none()) {
        leave.entry(user).or_default().extend(from.iter_days().take_while(|day| *day <= to));
    }
    for member in &members {
        leave.entry(member.id).or_default().extend(halves.whole_days_of(member.id));
    }
    let own_unit: HashMap<UserId, OrgUnitId> =
        members.iter().filter_map(|member| Some((member.id, member.unit?))).collect();
    let units = clocked.iter().filter_map(|day| day.unit).chain(own_unit.values().copied());
    let times = store::unit_times(c, units).await?;
    let names: HashMap<UserId, &str> =
        members.iter().map(|member| (member.id, member.full_name.as_str())).collect();
    let mut days: HashMap<UserId, Vec<WorkedDay>> = HashMap::new();
    for mut day in clocked {
        day.full_name = names.get(&day.user).copied().unwrap_or_default().to_owned();
        day.unit = day.unit.or_else(|| own_unit.get(&day.user).copied());
        let working = times.on(day.unit, day.date);
        let half = halves.on(day.user, day.date);
        days.entry(day.user).or_default().push(day.assessed(working, half));
    }
    let people = members
        .into_iter()
        .map(|member| {
            let days = days.remove(&member.id).unwrap_or_default();
            PersonMonth {
                user_id: member.id,
                username: member.username,
                full_name: member.full_name,
                unit_id: member.unit,
                unit_name: member.unit_name,
                totals: Totals::of(&days),
                days,
                half_leave_days: halves
                    .days_of(member.id)
                    .into_iter()
                    .map(|(date, half)| HalfLeaveDay { date, half })
                    .collect(),
                leave_days: leave.remove(&member.id).unwrap_or_default().into_iter().collect(),
            }
        })
        .collect();
    Ok((people, total))
}
