//! Which stops are walked on a day, holidays considered, and in what order they are best walked.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};

use crate::Coordinates;
use crate::route::Weekdays;

/// How many days a stop of a holiday waits at most for a working day.
pub const LONGEST_HOLIDAY: u64 = 31;

text_enum! {
    /// What becomes of the stops of a holiday.
    pub enum HolidayRule as "holiday rule" {
        /// They fall out.
        Skip = "skip",
        /// They are walked on the next working day, together with that day's own.
        NextWorkingDay = "next_working_day",
    }
}

/// The days on which routes are walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkCalendar {
    /// Days on which nobody walks.
    pub holidays: BTreeSet<NaiveDate>,
    /// What becomes of their stops.
    pub rule: HolidayRule,
    /// The weekdays on which stops of holidays may be caught up; besides them those of the route itself.
    pub working_days: Weekdays,
}

impl WorkCalendar {
    /// The days whose stops are walked on `date` on a route of these weekdays: the day itself first, then the holidays
    /// that were waiting for it, the latest first. Nothing on a holiday.
    pub fn walked_on(&self, route: &Weekdays, date: NaiveDate) -> Vec<NaiveDate> {
        if self.holidays.contains(&date) {
            return Vec::new();
        }
        let mut days = vec![date];
        if self.rule == HolidayRule::NextWorkingDay && self.works(route, date) {
            let before = (1..=LONGEST_HOLIDAY).filter_map(|n| date.checked_sub_days(Days::new(n)));
            let waiting = before.take_while(|day| !self.works(route, *day));
            days.extend(waiting.filter(|day| self.holidays.contains(day)));
        }
        days
    }

    fn works(&self, route: &Weekdays, date: NaiveDate) -> bool {
        let weekday = date.weekday();
        !self.holidays.contains(&date) && (self.working_days.contains(weekday) || route.contains(weekday))
    }
}

/// A short way through the places, as their positions in the list: always the nearest one next, from `start` or else from
/// the first place, then shortened by turning stretches around while that helps. Those whose place isn't known come last,
/// in their order.
///
/// It is a suggestion: as the crow flies, and not always the shortest.
pub fn suggest_order(start: Option<Coordinates>, places: &[Option<Coordinates>]) -> Vec<usize> {
    let mut left: Vec<(usize, Coordinates)> =
        places.iter().enumerate().filter_map(|(at, place)| Some((at, (*place)?))).collect();
    let mut way: Vec<(usize, Coordinates)> = Vec::with_capacity(left.len());
    let mut here = start.or(left.first().map(|(_, place)| *place));
    while let Some(from) = here {
        let distance = |place: &Coordinates| from.distance_metres(*place);
        let nearest = left
            .iter()
            .enumerate()
            .min_by(|(_, (_, a)), (_, (_, b))| distance(a).total_cmp(&distance(b)))
            .map(|(index, _)| index);
        here = nearest.map(|index| {
            let next = left.remove(index);
            way.push(next);
            next.1
        });
    }
    shorten(start, &mut way);
    let unknown = places.iter().enumerate().filter(|(_, place)| place.is_none()).map(|(at, _)| at);
    way.iter().map(|(at, _)| *at).chain(unknown).collect()
}

/// The length of a way through the places in this order, in metres; places that aren't known are passed over.
pub fn way_metres(start: Option<Coordinates>, places: impl IntoIterator<Item = Option<Coordinates>>) -> f64 {
    let mut here = start;
    let mut metres = 0.0;
    for place in places.into_iter().flatten() {
        metres += here.map_or(0.0, |from| from.distance_metres(place));
        here = Some(place);
    }
    metres
}

/// Turns stretches of the way around while that makes it shorter by a metre at least (2-opt); the first place stays the
/// first where no start is known.
fn shorten(start: Option<Coordinates>, way: &mut [(usize, Coordinates)]) {
    const ROUNDS: usize = 30;
    let fixed = usize::from(start.is_none());
    for _ in 0..ROUNDS {
        let mut better = false;
        for first in fixed..way.len() {
            for last in first + 1..way.len() {
                let before = if first == 0 { start } else { way.get(first - 1).map(|stop| stop.1) };
                let after = way.get(last + 1).map(|stop| stop.1);
                let (Some(from), Some(to)) = (way.get(first), way.get(last)) else { continue };
                let leg = |a: Option<Coordinates>, b: Option<Coordinates>| {
                    a.zip(b).map_or(0.0, |(a, b)| a.distance_metres(b))
                };
                let now = leg(before, Some(from.1)) + leg(Some(to.1), after);
                let turned = leg(before, Some(to.1)) + leg(Some(from.1), after);
                if turned + 1.0 < now {
                    if let Some(stretch) = way.get_mut(first..=last) {
                        stretch.reverse();
                    }
                    better = true;
                }
            }
        }
        if !better {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn calendar(rule: HolidayRule, holidays: impl IntoIterator<Item = NaiveDate>) -> WorkCalendar {
        WorkCalendar {
            holidays: holidays.into_iter().collect(),
            rule,
            working_days: Weekdays::new(1..=6).unwrap(),
        }
    }

    #[test]
    fn the_stops_of_a_holiday_fall_out_or_wait_for_the_next_working_day() {
        // Wednesday 2 September 2026 is the National Day.
        let every_day = Weekdays::new(1..=6).unwrap();
        let skip = calendar(HolidayRule::Skip, [date(9, 2)]);
        assert_eq!(skip.walked_on(&every_day, date(9, 2)), []);
        assert_eq!(skip.walked_on(&every_day, date(9, 3)), [date(9, 3)]);
        let next = calendar(HolidayRule::NextWorkingDay, [date(9, 2)]);
        assert_eq!(next.walked_on(&every_day, date(9, 2)), []);
        assert_eq!(next.walked_on(&every_day, date(9, 3)), [date(9, 3), date(9, 2)]);
        assert_eq!(next.walked_on(&every_day, date(9, 4)), [date(9, 4)]);
    }

    #[test]
    fn stops_wait_over_a_sunday_but_not_where_the_route_itself_runs_on_it() {
        // Saturday 5 and Monday 7 September are holidays, Sunday 6 is free.
        let next = calendar(HolidayRule::NextWorkingDay, [date(9, 5), date(9, 7)]);
        let weekdays = Weekdays::new([1, 6]).unwrap();
        assert_eq!(next.walked_on(&weekdays, date(9, 6)), [date(9, 6)]);
        assert_eq!(next.walked_on(&weekdays, date(9, 8)), [date(9, 8), date(9, 7), date(9, 5)]);
        let sundays_too = Weekdays::new([6, 7]).unwrap();
        assert_eq!(next.walked_on(&sundays_too, date(9, 6)), [date(9, 6), date(9, 5)]);
        assert_eq!(next.walked_on(&sundays_too, date(9, 8)), [date(9, 8), date(9, 7)]);
    }

    proptest! {
        #[test]
        fn no_stop_is_lost_or_walked_twice(
            free in proptest::collection::btree_set(0_u64..60, 0..25),
            weekdays in proptest::collection::btree_set(1_u8..=7, 1..7),
            day in 0_u64..60,
        ) {
            let at = |n: u64| date(1, 1) + Days::new(n);
            let route = Weekdays::new(weekdays).unwrap();
            for rule in [HolidayRule::Skip, HolidayRule::NextWorkingDay] {
                let calendar = calendar(rule, free.iter().map(|n| at(*n)));
                let walked: Vec<u64> =
                    (0..100).filter(|n| calendar.walked_on(&route, at(*n)).contains(&at(day))).collect();
                match (rule, free.contains(&day)) {
                    (_, false) => prop_assert_eq!(walked, [day]),
                    (HolidayRule::Skip, true) => prop_assert!(walked.is_empty()),
                    (HolidayRule::NextWorkingDay, true) => {
                        prop_assert_eq!(walked.len(), 1);
                        prop_assert!(walked[0] > day && !free.contains(&walked[0]));
                    }
                }
            }
        }
    }

    fn place(latitude: f64, longitude: f64) -> Option<Coordinates> {
        Coordinates::new(latitude, longitude).ok()
    }

    #[test]
    fn the_nearest_comes_next_and_the_unknown_last() {
        let places = [place(10.0, 106.0), None, place(10.3, 106.0), place(10.1, 106.0), place(10.2, 106.0)];
        assert_eq!(suggest_order(None, &places), [0, 3, 4, 2, 1]);
        assert_eq!(suggest_order(place(10.4, 106.0), &places), [2, 4, 3, 0, 1]);
        assert_eq!(suggest_order(None, &[None, None]), [0, 1]);
        assert_eq!(suggest_order(place(10.0, 106.0), &[]), Vec::<usize>::new());
    }

    proptest! {
        #[test]
        fn a_suggestion_names_every_stop_once_and_is_no_longer_than_the_nearest_next(
            places in proptest::collection::vec(proptest::option::weighted(0.9, (0..1000_i32, 0..1000_i32)), 0..30),
            begins in any::<bool>(),
        ) {
            let at = |(a, b): (i32, i32)| place(10.0 + f64::from(a) / 5000.0, 106.0 + f64::from(b) / 5000.0);
            let places: Vec<Option<Coordinates>> = places.into_iter().map(|p| p.and_then(at)).collect();
            let start = if begins { place(10.1, 106.1) } else { None };
            let order = suggest_order(start, &places);
            let mut seen = order.clone();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..places.len()).collect::<Vec<_>>());
            let mut left: Vec<Coordinates> = places.iter().flatten().copied().collect();
            let mut here = start.or(left.first().copied());
            let mut greedy = Vec::new();
            while let (Some(from), false) = (here, left.is_empty()) {
                let nearest = (0..left.len())
                    .min_by(|a, b| from.distance_metres(left[*a]).total_cmp(&from.distance_metres(left[*b])));
                let next = left.remove(nearest.unwrap());
                greedy.push(Some(next));
                here = Some(next);
            }
            let suggested = way_metres(start, order.iter().map(|at| places[*at]));
            prop_assert!(suggested <= way_metres(start, greedy) + 1.0);
        }
    }
}
