use super::*;
use chrono::{Days, Months};
use proptest::prelude::*;

const RULES: [WeekRule; 2] = [WeekRule::RouteStart, WeekRule::CalendarMonth];

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// 2026-08-05 is a Wednesday.
fn day(n: u64) -> NaiveDate {
    date(2026, 8, 5) + Days::new(n)
}

fn wednesdays() -> Schedule {
    Schedule { start_date: day(0), weekdays: Weekdays::new([3]).unwrap() }
}

fn rhythm(text: &str) -> Rhythm {
    text.parse().unwrap()
}

/// The days of eight weeks on which it is due, counted from the start date.
fn due(schedule: &Schedule, text: &str) -> Vec<u64> {
    (0..56).filter(|n| schedule.due_on(&rhythm(text), day(*n), WeekRule::RouteStart)).collect()
}

/// The days of a month on which it is due.
fn due_in(schedule: &Schedule, text: &str, year: i32, month: u32, rule: WeekRule) -> Vec<u32> {
    let days = (1..=31).filter_map(|day| NaiveDate::from_ymd_opt(year, month, day));
    days.filter(|day| schedule.due_on(&rhythm(text), *day, rule)).map(|day| day.day()).collect()
}

#[test]
fn frequencies_have_phases() {
    let schedule = wednesdays();
    assert_eq!(due(&schedule, "F1"), [0, 28]);
    assert_eq!(due(&schedule, "F1.2"), [7, 35]);
    assert_eq!(due(&schedule, "F1.3"), [14, 42]);
    assert_eq!(due(&schedule, "F1.4"), [21, 49]);
    assert_eq!(due(&schedule, "F2"), [0, 14, 28, 42]);
    assert_eq!(due(&schedule, "F2.2"), [7, 21, 35, 49]);
    assert_eq!(due(&schedule, "F4"), [0, 7, 14, 21, 28, 35, 42, 49]);
    assert_eq!(due(&schedule, "W2,4"), due(&schedule, "F2.2"));
}

#[test]
fn explicit_weeks_are_counted_from_the_start_date() {
    // Week 1 starts on the Wednesday, so its Tuesday is six days later.
    let tuesdays = Schedule { weekdays: Weekdays::new([2]).unwrap(), ..wednesdays() };
    assert_eq!(due(&tuesdays, "W1"), [6, 34]);
}

#[test]
fn a_month_of_five_wednesdays_gives_the_fifth_to_weekly_outlets_only() {
    // September 2026 has five Wednesdays: 2, 9, 16, 23, 30.
    let (schedule, rule) = (wednesdays(), WeekRule::CalendarMonth);
    let september = |text: &str| due_in(&schedule, text, 2026, 9, rule);
    assert_eq!(september("F1"), [2]);
    assert_eq!(september("F1.4"), [23]);
    assert_eq!(september("F2"), [2, 16]);
    assert_eq!(september("F2.2"), [9, 23]);
    assert_eq!(september("W1,2,3,4"), [2, 9, 16, 23]);
    assert_eq!(september("F4"), [2, 9, 16, 23, 30]);
    assert_eq!(schedule.week_of(date(2026, 9, 30), rule), Some(5));
    // Counted from the start date, the same days fall into weeks 1, 2, 3, 4, 1.
    let weeks = [2, 9, 16, 23, 30].map(|d| schedule.week_of(date(2026, 9, d), WeekRule::RouteStart).unwrap());
    assert_eq!(weeks, [1, 2, 3, 4, 1]);
    assert_eq!(due_in(&schedule, "F1", 2026, 9, WeekRule::RouteStart), [2, 30]);
}

#[test]
fn several_visits_a_week_are_spread_over_the_route_s_days() {
    let on = |route: &[u8], text: &str| {
        rhythm(text).days_on(&Weekdays::new(route.iter().copied()).unwrap()).iter().collect::<Vec<_>>()
    };
    let (week, all) = ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(on(&week, "F8"), [1, 4]);
    assert_eq!(on(&week, "F12"), [1, 3, 5]);
    assert_eq!(on(&week, "F24"), week);
    assert_eq!(on(&all, "F24"), week);
    assert_eq!(on(&[2, 5], "F8"), [2, 5]);
    assert_eq!(on(&[3], "F8"), [3]);
    // Rarer ones are due on each of them, unless one was chosen.
    assert_eq!(on(&[2, 5], "F4"), [2, 5]);
    assert_eq!(on(&[2, 5], "F4@5"), [5]);
    assert_eq!(on(&week, "F8@2,6"), [2, 6]);
    // The route no longer runs on one of them.
    assert_eq!(on(&[1, 2], "F8@2,6"), [2]);
}

#[test]
fn chosen_days_are_the_route_s_and_as_many_as_the_visits() {
    let route = Weekdays::new([1, 2, 4, 6]).unwrap();
    let fits = |text: &str| rhythm(text).fits(&route);
    for good in ["F8", "F8@1,4", "F12@1,2,6", "F1.3@6", "W1,3@2,4", "F24"] {
        assert_eq!(fits(good), Ok(()), "{good}");
    }
    assert_eq!(fits("F8@1,3"), Err(InvalidRhythm::NotARouteDay(3)));
    assert_eq!(fits("F8@1"), Err(InvalidRhythm::WrongNumber { wanted: 2, found: 1 }));
    assert_eq!(fits("F2@1,2"), Err(InvalidRhythm::WrongNumber { wanted: 1, found: 2 }));
}

#[test]
fn nothing_is_due_before_the_start() {
    let before = day(0) - Days::new(7);
    for rule in RULES {
        assert!(!wednesdays().due_on(&rhythm("F4"), before, rule));
        assert_eq!(wednesdays().week_of(before, rule), None);
    }
}

#[test]
fn rhythms_read_back_as_they_were_written() {
    for text in ["F1", "F1.4", "F2.2", "F24", "W1,3", "F8@1,4", "W2@7"] {
        assert_eq!(rhythm(text).to_string(), text);
        assert_eq!(serde_json::from_value::<Rhythm>(serde_json::json!(text)).unwrap(), rhythm(text));
    }
    for wrong in ["", "F3", "F1.5", "W", "W5", "W1;2", "F4@", "F4@8", "@1", "F4@1@2"] {
        assert!(wrong.parse::<Rhythm>().is_err(), "{wrong}");
    }
}

#[test]
fn files_may_write_frequencies_in_several_ways() {
    for (text, read) in [
        ("f2", Frequency::F2),
        ("F1.1", Frequency::F1),
        (" 1.3 ", Frequency::F1Week3),
        ("2.2", Frequency::F2Even),
        ("8", Frequency::F8),
        ("F 24", Frequency::F24),
    ] {
        assert_eq!(Frequency::read(text), Some(read), "{text}");
    }
    for wrong in ["", "F", "3", "1.5", "FF4"] {
        assert_eq!(Frequency::read(wrong), None, "{wrong}");
    }
}

#[test]
fn cadences_and_weekdays_are_checked_when_read() {
    assert_eq!(serde_json::from_str::<Cadence>("\"F8\"").unwrap(), Cadence::Frequency(Frequency::F8));
    assert_eq!(serde_json::from_str::<Cadence>("\"F2.1\"").unwrap(), Cadence::Frequency(Frequency::F2));
    let weeks = serde_json::from_str::<Cadence>("[3,1]").unwrap();
    assert_eq!(serde_json::to_string(&weeks).unwrap(), "[1,3]");
    for json in ["\"F3\"", "[]", "[5]"] {
        assert!(serde_json::from_str::<Cadence>(json).is_err(), "{json}");
    }
    assert_eq!(Weekdays::new([1, 8]), Err(InvalidWeekday(8)));
    let days: Weekdays = [Weekday::Sun, Weekday::Mon].into_iter().collect();
    assert_eq!(serde_json::to_string(&days).unwrap(), "[1,7]");
}

/// A route that began before 2024 on one weekday.
fn any_route() -> impl Strategy<Value = Schedule> {
    (1_u8..=7, 0_u64..1500).prop_map(|(weekday, before)| Schedule {
        start_date: date(2024, 1, 1) - Days::new(before),
        weekdays: Weekdays::new([weekday]).unwrap(),
    })
}

proptest! {
    #[test]
    fn every_calendar_month_has_the_visits_of_its_frequency(schedule in any_route(), months in 0_u32..120) {
        let month = date(2024, 1, 1) + Months::new(months);
        let visits = |text: &str| {
            due_in(&schedule, text, month.year(), month.month(), WeekRule::CalendarMonth).len()
        };
        for once in ["F1", "F1.2", "F1.3", "F1.4"] {
            prop_assert_eq!(visits(once), 1);
        }
        prop_assert_eq!(visits("F2"), 2);
        prop_assert_eq!(visits("F2.2"), 2);
        prop_assert_eq!(visits("W1,2,3,4"), 4);
        prop_assert!((4..=5).contains(&visits("F4")));
    }

    #[test]
    fn every_four_weeks_from_the_start_have_the_visits_of_their_frequency(
        schedule in any_route(), first in 0_u64..3000, days in 1_usize..=7,
    ) {
        let first = date(2024, 1, 1) + Days::new(first);
        let visits = |schedule: &Schedule, text: &str| {
            let rhythm = rhythm(text);
            (0..28).filter(|n| schedule.due_on(&rhythm, first + Days::new(*n), WeekRule::RouteStart)).count()
        };
        for (text, times) in [("F1", 1), ("F1.2", 1), ("F1.3", 1), ("F1.4", 1), ("F2", 2), ("F2.2", 2), ("F4", 4)] {
            prop_assert_eq!(visits(&schedule, text), times, "{}", text);
        }
        let more = Schedule { weekdays: Weekdays::new(1..=days as u8).unwrap(), ..schedule };
        for (text, a_week) in [("F8", 2), ("F12", 3), ("F24", 6)] {
            prop_assert_eq!(visits(&more, text), 4 * days.min(a_week), "{}", text);
        }
    }

    #[test]
    fn the_phases_share_the_days_of_the_weekly_ones(schedule in any_route(), n in 0_u64..4000) {
        let date = date(2024, 1, 1) + Days::new(n);
        for rule in RULES {
            let due = |text: &str| schedule.due_on(&rhythm(text), date, rule);
            let fifth = schedule.week_of(date, rule) == Some(5);
            let once = ["F1", "F1.2", "F1.3", "F1.4"].into_iter().filter(|text| due(text)).count();
            let twice = ["F2", "F2.2"].into_iter().filter(|text| due(text)).count();
            let weekly = usize::from(due("F4") && !fifth);
            prop_assert_eq!((once, twice), (weekly, weekly));
            prop_assert!(!fifth || rule == WeekRule::CalendarMonth);
        }
    }
}
