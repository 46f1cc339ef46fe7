//! Working time from clock events. All times are of the wall clock in Vietnam; seconds are dropped, since the clock
//! shows minutes and the sums must agree with what is shown.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveTime, Timelike};
use serde::{Deserialize, Serialize, Serializer};

use crate::OrgUnitId;

text_enum! {
    /// What a clock event says.
    pub enum ClockKind as "clock event" {
        /// Work begins.
        In = "in",
        /// Work ends.
        Out = "out",
    }
}

text_enum! {
    /// Why somebody is on leave.
    pub enum LeaveKind as "kind of leave" {
        /// Their yearly leave.
        Annual = "annual",
        /// They are ill.
        Sick = "sick",
        /// Without pay.
        Unpaid = "unpaid",
        /// Something else.
        Other = "other",
    }
}

text_enum! {
    /// How far a leave has come.
    pub enum LeaveStatus as "status of a leave" {
        /// Somebody has to decide.
        Requested = "requested",
        /// It holds.
        Approved = "approved",
        /// It doesn't.
        Rejected = "rejected",
        /// It was called off.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Half a working day.
    pub enum HalfDay as "half of a day" {
        /// Until half of the scheduled time is over.
        Morning = "morning",
        /// From then on.
        Afternoon = "afternoon",
    }
}

/// A span of minutes, shown as `6:09` and travelling as a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Minutes(pub u32);

impl std::fmt::Display for Minutes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{}:{:02}", self.0 / 60, self.0 % 60))
    }
}

/// Part of a working day in hundredths (công): `0.77`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = f64))]
pub struct WorkdayCredit(u32);

impl WorkdayCredit {
    /// In hundredths of a day: 77 is 0.77.
    pub const fn hundredths(self) -> u32 {
        self.0
    }
}

impl std::iter::Sum for WorkdayCredit {
    fn sum<I: Iterator<Item = Self>>(credits: I) -> Self {
        Self(credits.map(|credit| credit.0).fold(0, u32::saturating_add))
    }
}

impl std::fmt::Display for WorkdayCredit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{}.{:02}", self.0 / 100, self.0 % 100))
    }
}

impl Serialize for WorkdayCredit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}

/// A stretch of a working day, from its start up to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkSession {
    /// When it starts.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub start: NaiveTime,
    /// When it ends.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub end: NaiveTime,
}

/// The sessions of a working day: at least one, in order, none empty, none overlapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<WorkSession>", into = "Vec<WorkSession>")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkingDay(Vec<WorkSession>);

/// Sessions that make no working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWorkingDay {
    /// None at all.
    #[error("a working day needs at least one session")]
    Empty,
    /// A session that ends before it starts, or starts before the one before it ends.
    #[error("session {0} must end after it starts, and start after the one before it has ended")]
    OutOfOrder(usize),
}

impl TryFrom<Vec<WorkSession>> for WorkingDay {
    type Error = InvalidWorkingDay;

    fn try_from(sessions: Vec<WorkSession>) -> Result<Self, Self::Error> {
        if sessions.is_empty() {
            return Err(InvalidWorkingDay::Empty);
        }
        let mut free_from = 0;
        for (index, session) in sessions.iter().enumerate() {
            let (start, end) = (minute(session.start), minute(session.end));
            if start < free_from || end <= start {
                return Err(InvalidWorkingDay::OutOfOrder(index + 1));
            }
            free_from = end;
        }
        Ok(Self(sessions))
    }
}

impl From<WorkingDay> for Vec<WorkSession> {
    fn from(day: WorkingDay) -> Self {
        day.0
    }
}

/// 08:00–12:00 and 13:00–17:00.
impl Default for WorkingDay {
    fn default() -> Self {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        let session = |from, to| WorkSession { start: hour(from), end: hour(to) };
        Self(vec![session(8, 12), session(13, 17)])
    }
}

/// A day's events brought down to the two that count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClockedDay {
    /// The first *in*.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub first_in: Option<NaiveTime>,
    /// The last *out*.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub last_out: Option<NaiveTime>,
}

impl ClockedDay {
    /// From the events of a business day, in any order.
    pub fn of(events: impl IntoIterator<Item = (ClockKind, NaiveTime)>) -> Self {
        let mut day = Self::default();
        for (kind, at) in events {
            match kind {
                ClockKind::In => day.first_in = Some(day.first_in.map_or(at, |first| first.min(at))),
                ClockKind::Out => day.last_out = Some(day.last_out.map_or(at, |last| last.max(at))),
            }
        }
        day
    }
}

/// What a day counts for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attendance {
    /// From the start of the session in which work began until then; 0 when it began outside the sessions.
    pub late: Minutes,
    /// From when work ended in the last session until the end of that; else 0.
    pub early: Minutes,
    /// Time worked within the sessions.
    pub worked: Minutes,
    /// Time worked as part of the scheduled time.
    pub credit: WorkdayCredit,
}

impl WorkingDay {
    /// From the first.
    pub fn sessions(&self) -> impl Iterator<Item = &WorkSession> {
        self.0.iter()
    }

    /// Scheduled time.
    pub fn scheduled(&self) -> Minutes {
        Minutes(self.sessions().map(|session| minute(session.end) - minute(session.start)).sum())
    }

    /// Reckons a day. Without an *in* or an *out* nothing is worked, but being late still shows.
    pub fn assess(&self, day: ClockedDay) -> Attendance {
        self.assess_beside_leave(day, None)
    }

    /// Like [`WorkingDay::assess`], for who has leave for half of it: nobody is late or leaves early there, nor works; the
    /// credit is a part of the whole day.
    pub fn assess_beside_leave(&self, day: ClockedDay, leave: Option<HalfDay>) -> Attendance {
        let first_in = day.first_in.map(minute);
        let last_out = day.last_out.map(minute);
        let sessions = self.beside(leave);
        let late = first_in.and_then(|came| {
            let (start, _) = sessions.iter().find(|(start, end)| *start <= came && came < *end)?;
            Some(came - start)
        });
        let early = last_out
            .zip(sessions.last())
            .and_then(|(left, (start, end))| if left < *start { None } else { end.checked_sub(left) });
        let worked = first_in.zip(last_out).map_or(0, |(came, left)| {
            let overlap = |(start, end): &(u32, u32)| (*end).min(left).saturating_sub((*start).max(came));
            sessions.iter().map(overlap).sum()
        });
        // Never 0: there is a session, and none is empty.
        let scheduled = self.scheduled().0.max(1);
        Attendance {
            late: Minutes(late.unwrap_or(0)),
            early: Minutes(early.unwrap_or(0)),
            worked: Minutes(worked),
            credit: WorkdayCredit((worked * 100 + scheduled / 2) / scheduled),
        }
    }

    /// The sessions outside the leave, in minutes of the day.
    fn beside(&self, leave: Option<HalfDay>) -> Vec<(u32, u32)> {
        let half = self.scheduled().0 / 2;
        let mut before = 0;
        let mut found = Vec::new();
        for session in self.sessions() {
            let (start, end) = (minute(session.start), minute(session.end));
            // Where the first half of the scheduled time ends, if it does in this session.
            let middle = (start + half.saturating_sub(before)).min(end);
            before += end - start;
            let left = match leave {
                None => (start, end),
                Some(HalfDay::Morning) => (middle, end),
                Some(HalfDay::Afternoon) => (start, middle),
            };
            if left.0 < left.1 {
                found.push(left);
            }
        }
        found
    }
}

/// The working times of units: each may set its own from a day on, or from a day on follow the unit above it again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkTimes {
    of: HashMap<OrgUnitId, BTreeMap<NaiveDate, Option<WorkingDay>>>,
    default: WorkingDay,
}

impl WorkTimes {
    /// The unit's working day from a day on; with none it follows the unit above.
    pub fn set(&mut self, unit: OrgUnitId, from: NaiveDate, day: Option<WorkingDay>) {
        self.of.entry(unit).or_default().insert(from, day);
    }

    /// The working day of a unit on a date; `path` are the units from the root down to it. The nearest unit that has set
    /// one by then decides, and where none has, the default.
    pub fn on(&self, path: &[OrgUnitId], date: NaiveDate) -> &WorkingDay {
        let set = |unit| self.of.get(unit)?.range(..=date).next_back()?.1.as_ref();
        path.iter().rev().find_map(set).unwrap_or(&self.default)
    }
}

/// The minute of the day.
fn minute(time: NaiveTime) -> u32 {
    time.hour() * 60 + time.minute()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    fn assess(first_in: &str, last_out: &str) -> [String; 4] {
        let some = |text: &str| (!text.is_empty()).then(|| time(text));
        let day = ClockedDay { first_in: some(first_in), last_out: some(last_out) };
        let Attendance { late, early, worked, credit } = WorkingDay::default().assess(day);
        [late.to_string(), early.to_string(), worked.to_string(), credit.to_string()]
    }

    #[test]
    fn the_companys_own_example_is_reproduced() {
        assert_eq!(assess("09:51:00", "22:52:00"), ["1:51", "0:00", "6:09", "0.77"]);
    }

    #[test]
    fn half_a_day_of_leave_is_nobodys_being_late() {
        let beside = |leave, first_in: &str, last_out: &str| {
            let day = ClockedDay { first_in: Some(time(first_in)), last_out: Some(time(last_out)) };
            let found = WorkingDay::default().assess_beside_leave(day, Some(leave));
            [found.late, found.early, found.worked]
                .map(|m| m.0)
                .into_iter()
                .chain([found.credit.0])
                .collect::<Vec<_>>()
        };
        assert_eq!(beside(HalfDay::Morning, "13:10:00", "17:00:00"), [10, 0, 230, 48]);
        // Who comes all the same in the morning works only the afternoon, as far as this goes.
        assert_eq!(beside(HalfDay::Morning, "09:00:00", "16:30:00"), [0, 30, 210, 44]);
        assert_eq!(beside(HalfDay::Afternoon, "08:20:00", "11:45:00"), [20, 15, 205, 43]);
        // A day without a break is cut in the middle of its time, one of three sessions within the second.
        let cut = |sessions: &[(&str, &str)], leave| {
            let sessions: Vec<WorkSession> = sessions
                .iter()
                .map(|(start, end)| WorkSession { start: time(start), end: time(end) })
                .collect();
            WorkingDay::try_from(sessions).unwrap().beside(Some(leave))
        };
        assert_eq!(cut(&[("06:00:00", "14:00:00")], HalfDay::Morning), [(600, 840)]);
        let three = [("06:00:00", "08:00:00"), ("09:00:00", "13:00:00"), ("14:00:00", "16:00:00")];
        assert_eq!(cut(&three, HalfDay::Morning), [(660, 780), (840, 960)]);
        assert_eq!(cut(&three, HalfDay::Afternoon), [(360, 480), (540, 660)]);
    }

    #[test]
    fn late_counts_from_the_session_one_comes_into() {
        assert_eq!(assess("07:30:00", "17:00:00"), ["0:00", "0:00", "8:00", "1.00"]);
        assert_eq!(assess("08:00:59", "17:00:00"), ["0:00", "0:00", "8:00", "1.00"]);
        assert_eq!(assess("13:30:00", "17:00:00"), ["0:30", "0:00", "3:30", "0.44"]);
        // Between the sessions, at their very end, and after the last.
        assert_eq!(assess("12:30:00", "17:00:00"), ["0:00", "0:00", "4:00", "0.50"]);
        assert_eq!(assess("12:00:00", "17:00:00"), ["0:00", "0:00", "4:00", "0.50"]);
        assert_eq!(assess("18:00:00", "19:00:00"), ["0:00", "0:00", "0:00", "0.00"]);
    }

    #[test]
    fn early_counts_only_when_one_leaves_in_the_last_session() {
        assert_eq!(assess("08:00:00", "16:15:00"), ["0:00", "0:45", "7:15", "0.91"]);
        assert_eq!(assess("08:00:00", "11:00:00"), ["0:00", "0:00", "3:00", "0.38"]);
        assert_eq!(assess("08:00:00", "12:30:00"), ["0:00", "0:00", "4:00", "0.50"]);
    }

    #[test]
    fn without_in_or_out_nothing_is_worked_but_late_shows() {
        assert_eq!(assess("09:00:00", ""), ["1:00", "0:00", "0:00", "0.00"]);
        assert_eq!(assess("", "17:00:00"), ["0:00", "0:00", "0:00", "0.00"]);
        assert_eq!(assess("", ""), ["0:00", "0:00", "0:00", "0.00"]);
        assert_eq!(assess("17:00:00", "08:00:00"), ["0:00", "0:00", "0:00", "0.00"]);
    }

    #[test]
    fn coming_or_leaving_far_outside_of_the_sessions_counts_for_nothing() {
        // In the night before and after: the whole day, and neither late nor early.
        assert_eq!(assess("00:00:00", "23:59:59"), ["0:00", "0:00", "8:00", "1.00"]);
        // Left before the first session, and came after the last.
        assert_eq!(assess("05:00:00", "07:59:00"), ["0:00", "0:00", "0:00", "0.00"]);
        assert_eq!(assess("17:00:00", "22:00:00"), ["0:00", "0:00", "0:00", "0.00"]);
        // Past midnight is the next day: this one has no out.
        assert_eq!(assess("22:00:00", ""), ["0:00", "0:00", "0:00", "0.00"]);
        // Only the break.
        assert_eq!(assess("12:00:00", "13:00:00"), ["0:00", "4:00", "0:00", "0.00"]);
        // The last minute and the end of the last session.
        assert_eq!(assess("16:59:00", "17:00:00"), ["3:59", "0:00", "0:01", "0.00"]);
        assert_eq!(assess("08:00:00", "16:59:59"), ["0:00", "0:01", "7:59", "1.00"]);
    }

    #[test]
    fn the_nearest_unit_that_has_set_its_working_times_decides() {
        let unit = |n| OrgUnitId::new(uuid::Uuid::from_u128(n));
        let date = |day| NaiveDate::from_ymd_opt(2026, 8, day).unwrap();
        let one = |start: &str, end: &str| {
            WorkingDay::try_from(vec![WorkSession { start: time(start), end: time(end) }]).unwrap()
        };
        let (office, early) = (one("09:00:00", "18:00:00"), one("06:00:00", "14:00:00"));
        let mut times = WorkTimes::default();
        times.set(unit(1), date(3), Some(office.clone()));
        times.set(unit(3), date(5), Some(early.clone()));
        times.set(unit(3), date(10), None);
        let team = [unit(1), unit(2), unit(3)];
        assert_eq!(times.on(&team, date(2)), &WorkingDay::default());
        assert_eq!(times.on(&team, date(4)), &office);
        assert_eq!((times.on(&team, date(5)), times.on(&team, date(9))), (&early, &early));
        assert_eq!(times.on(&team, date(10)), &office);
        assert_eq!(times.on(&team[..2], date(6)), &office);
        assert_eq!(times.on(&[], date(6)), &WorkingDay::default());
    }

    #[test]
    fn the_first_in_and_the_last_out_count() {
        let day = ClockedDay::of([
            (ClockKind::In, time("13:05:00")),
            (ClockKind::Out, time("12:00:00")),
            (ClockKind::In, time("08:10:00")),
            (ClockKind::Out, time("17:30:00")),
        ]);
        assert_eq!(day, ClockedDay { first_in: Some(time("08:10:00")), last_out: Some(time("17:30:00")) });
        assert_eq!(ClockedDay::of([]), ClockedDay::default());
    }

    #[test]
    fn sessions_may_be_others_but_must_make_a_day() {
        let session = |start, end| WorkSession { start: time(start), end: time(end) };
        let one = WorkingDay::try_from(vec![session("06:00:00", "14:00:00")]).unwrap();
        assert_eq!(one.scheduled(), Minutes(480));
        assert_eq!(WorkingDay::try_from(vec![]), Err(InvalidWorkingDay::Empty));
        let overlapping = vec![session("08:00:00", "12:00:00"), session("11:00:00", "17:00:00")];
        assert_eq!(WorkingDay::try_from(overlapping), Err(InvalidWorkingDay::OutOfOrder(2)));
        let empty = vec![session("08:00:00", "08:00:30")];
        assert_eq!(WorkingDay::try_from(empty), Err(InvalidWorkingDay::OutOfOrder(1)));
    }

    proptest! {
        #[test]
        fn hours_are_the_minutes_that_lie_in_a_session(
            bounds in proptest::collection::btree_set(0_u32..1_440, 2..=6), came in 0_u32..1_440, left in 0_u32..1_440,
        ) {
            let at = |minute: u32| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0);
            let bounds: Vec<u32> = bounds.into_iter().collect();
            let sessions: Vec<(u32, u32)> = bounds.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            let day = sessions.iter().map(|(start, end)| WorkSession {
                start: at(*start).unwrap(), end: at(*end).unwrap(),
            });
            let day = WorkingDay::try_from(day.collect::<Vec<_>>()).unwrap();
            let result = day.assess(ClockedDay { first_in: at(came), last_out: at(left) });
            let in_session = |minute: u32| sessions.iter().any(|(start, end)| (*start..*end).contains(&minute));
            let worked = (came..left).filter(|minute| in_session(*minute)).count() as u32;
            prop_assert_eq!(result.worked.0, worked);
            // Half up, in hundredths.
            let scheduled = day.scheduled().0;
            prop_assert_eq!(result.credit.hundredths(), (f64::from(worked * 100) / f64::from(scheduled) + 0.5).floor() as u32);
            prop_assert_eq!(result.late.0 > 0, in_session(came) && sessions.iter().all(|(start, _)| *start != came));
            let last = sessions[sessions.len() - 1];
            prop_assert_eq!(result.early.0, if (last.0..last.1).contains(&left) { last.1 - left } else { 0 });
        }

        #[test]
        fn nobody_works_more_than_is_scheduled(came in 0_u32..1_440, left in 0_u32..1_440) {
            let at = |minute: u32| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0);
            let day = WorkingDay::default();
            let result = day.assess(ClockedDay { first_in: at(came), last_out: at(left) });
            prop_assert!(result.worked <= day.scheduled());
            prop_assert!(result.credit.hundredths() <= 100);
            prop_assert!(result.worked.0 <= left.saturating_sub(came));
        }
    }
}
