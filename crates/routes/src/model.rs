//! What the capability works with.

use chrono::NaiveDate;
use domain::route::{Cadence, Frequency, Schedule, Weekdays, Weeks};
use domain::{CustomerId, DistributorId, OrgUnitId, RouteId, UserId};
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
    /// In which weeks it is due.
    pub cadence: Cadence,
}

/// The cadence as the database keeps it: `F2`, or `W1,3` for explicit weeks.
pub(crate) fn cadence_text(cadence: &Cadence) -> String {
    match cadence {
        Cadence::Frequency(frequency) => frequency.to_string(),
        Cadence::Weeks(weeks) => {
            let weeks: Vec<String> = weeks.iter().map(|week| week.to_string()).collect();
            format!("W{}", weeks.join(","))
        }
    }
}

/// The cadence behind [`cadence_text`]; none when the text is not one.
pub(crate) fn cadence(text: &str) -> Option<Cadence> {
    match text.strip_prefix('W') {
        None => text.parse::<Frequency>().ok().map(Cadence::Frequency),
        Some(weeks) => {
            let weeks: Vec<u8> = weeks.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
            Weeks::new(weeks).ok().map(Cadence::Weeks)
        }
    }
}

/// An outlet of a day's plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The outlet.
    pub customer: CustomerId,
    /// Its place in the route's order, from 1.
    pub sequence: i32,
}

/// A route that a rep walks on a day, with the outlets that are due.
#[derive(Debug, Clone)]
pub struct DayRoute {
    /// The distributor it belongs to.
    pub distributor: DistributorId,
    /// The route.
    pub id: RouteId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The outlets due, in order.
    pub stops: Vec<Stop>,
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cadence_reads_back_as_it_was_kept() {
        for (text, weeks) in
            [("F1", vec![1]), ("F2", vec![1, 3]), ("F8", vec![1, 2, 3, 4]), ("W2,4", vec![2, 4])]
        {
            let read = cadence(text).unwrap();
            assert_eq!(cadence_text(&read), text);
            assert_eq!((1..=4).filter(|week| read.includes(*week)).collect::<Vec<_>>(), weeks);
        }
        for wrong in ["", "F3", "W", "W5", "W1;2"] {
            assert_eq!(cadence(wrong), None, "{wrong}");
        }
    }
}
