use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn august() -> Month {
    "2026-08".parse().unwrap()
}

fn span(first: u32, last: u32) -> Span {
    Span::new(august_day(first), august_day(last)).unwrap()
}

fn august_day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 8, day).unwrap()
}

fn goal(targets: &[(Span, i64)], today: &str) -> Goal {
    Goal::of(Metric::Sales, august(), targets, day(today)).unwrap().unwrap()
}

#[test]
fn a_target_that_changes_in_the_middle_of_the_month_counts_by_its_days() {
    // 15 days at 310, 16 at 620: 150 + 320.
    let halves = [(span(1, 15), 310), (span(16, 31), 620)];
    assert_eq!(goal(&halves, "2026-08-06").target(), 470);
    // Rounded once, not per part: 100 × 10/31 + 100 × 21/31 is 100.
    assert_eq!(goal(&[(span(1, 10), 100), (span(11, 31), 100)], "2026-08-06").target(), 100);
    assert_eq!(goal(&[(span(16, 31), 31)], "2026-08-06").target(), 16);
    // 1 × 15/31 is less than a half, 1 × 16/31 more.
    assert_eq!(goal(&[(span(1, 15), 1)], "2026-08-06").target(), 0);
    assert_eq!(goal(&[(span(1, 16), 1)], "2026-08-06").target(), 1);
}

#[test]
fn the_trend_is_against_the_days_that_have_come() {
    // 6 of 31 days: 60 of 310 are due.
    let goal_of = goal(&[(Span::of_month(august()), 310)], "2026-08-06");
    for (actual, trend) in [
        (0, Trend::Behind),
        (53, Trend::Behind),
        (54, Trend::OnTrack),
        (65, Trend::OnTrack),
        (66, Trend::Ahead),
    ] {
        assert_eq!(goal_of.trend(actual), Some(trend), "{actual}");
    }
    // A month that is over has passed as a whole, one to come not at all.
    let over = goal(&[(Span::of_month(august()), 100)], "2026-09-02");
    assert_eq!((over.trend(89), over.trend(90)), (Some(Trend::Behind), Some(Trend::OnTrack)));
    let to_come = goal(&[(Span::of_month(august()), 100)], "2026-07-31");
    assert_eq!((to_come.trend(1_000), to_come.target()), (None, 100));
    // Who begins on the 16th is behind nobody before.
    let late = [(span(16, 31), 310)];
    assert_eq!(goal(&late, "2026-08-15").trend(0), None);
    assert_eq!(goal(&late, "2026-08-16").trend(9), Some(Trend::OnTrack));
}

#[test]
fn an_average_is_asked_for_as_it_is() {
    let of = |targets: &[(Span, i64)], today| {
        Goal::of(Metric::SkusPerOrder, august(), targets, day(today)).unwrap().unwrap()
    };
    let whole = of(&[(Span::of_month(august()), 500)], "2026-08-01");
    assert_eq!(
        (whole.target(), whole.trend(450), whole.trend(449)),
        (500, Some(Trend::OnTrack), Some(Trend::Behind))
    );
    assert_eq!(of(&[(span(16, 31), 500)], "2026-08-20").target(), 500);
    // 10 days at 4, 20 at 7: 6.
    assert_eq!(of(&[(span(1, 10), 400), (span(11, 30), 700)], "2026-08-20").target(), 600);
    assert_eq!(of(&[(span(16, 31), 500)], "2026-08-15").trend(500), None);
    let mean = Goal::together(Metric::SkusPerOrder, [whole, of(&[(span(1, 31), 401)], "2026-08-01")])
        .unwrap()
        .unwrap();
    assert_eq!((mean.target(), mean.trend(497)), (451, Some(Trend::Ahead)));
}

#[test]
fn a_unit_is_asked_for_what_its_people_are() {
    let one = goal(&[(Span::of_month(august()), 310)], "2026-08-06");
    let other = goal(&[(span(16, 31), 310)], "2026-08-06");
    let both = Goal::together(Metric::Sales, [one, other]).unwrap().unwrap();
    assert_eq!(
        (both.target(), both.trend(66), both.trend(53)),
        (470, Some(Trend::Ahead), Some(Trend::Behind))
    );
    assert_eq!(Goal::together(Metric::Sales, []), Ok(None));
    assert_eq!(Goal::of(Metric::Sales, august(), &[], day("2026-08-06")), Ok(None));
}

#[test]
fn achievement_is_a_percentage_with_two_decimals() {
    let of = |target| goal(&[(Span::of_month(august()), target)], "2026-08-31");
    assert_eq!(of(3).achievement(1), Some(Hundredths::new(33_33)));
    assert_eq!(of(3).achievement(2), Some(Hundredths::new(66_67)));
    assert_eq!(of(8).achievement(-1), Some(Hundredths::new(-12_50)));
    assert_eq!(of(0).achievement(5), None);
    assert_eq!(of(0).trend(5), None);
    assert_eq!(of(1).achievement(i64::MAX), Some(Hundredths::new(i64::MAX)));
}

#[test]
fn numbers_with_two_decimals_travel_as_people_write_them() {
    for (hundredths, json, text) in
        [(500, "5", "5"), (425, "4.25", "4,25"), (-50, "-0.5", "-0,5"), (7, "0.07", "0,07")]
    {
        let number = Hundredths::new(hundredths);
        assert_eq!(serde_json::to_string(&number).unwrap(), json);
        assert_eq!(serde_json::from_str::<Hundredths>(json).unwrap(), number);
        assert_eq!(number.to_string(), text);
    }
    for json in ["4.251", "1e300", "\"4\"", "null"] {
        assert!(serde_json::from_str::<Hundredths>(json).is_err(), "{json}");
    }
    assert_eq!(Hundredths::average(17, 4), Some(Hundredths::new(425)));
    assert_eq!(Hundredths::average(2, 3), Some(Hundredths::new(67)));
    assert_eq!(Hundredths::average(2, 0), None);
}

#[test]
fn days_of_two_months_or_backwards_are_no_span() {
    assert_eq!(Span::new(day("2026-08-31"), day("2026-09-01")), Err(InvalidSpan::TwoMonths));
    assert_eq!(Span::new(day("2026-08-02"), day("2026-08-01")), Err(InvalidSpan::Backwards));
    assert_eq!(Span::new(day("2026-08-01"), day("2027-08-01")), Err(InvalidSpan::TwoMonths));
    assert_eq!(span(1, 31).days(), 31);
}

#[test]
fn sums_out_of_range_are_an_error() {
    let most = goal(&[(Span::of_month(august()), i64::MAX)], "2026-08-31");
    assert_eq!(most.target(), i64::MAX);
    assert_eq!(Goal::together(Metric::Sales, [most, most]), Err(Overflow));
    assert_eq!(most.trend(i64::MAX), Some(Trend::OnTrack));
}

prop_compose! {
    fn any_span()(a in 1_u32..=31, b in 1_u32..=31) -> Span {
        span(a.min(b), a.max(b))
    }
}

proptest! {
    #[test]
    fn what_is_left_of_a_span_and_what_was_taken_are_all_of_it(whole in any_span(), other in any_span()) {
        let (before, after) = whole.without(other);
        for day in (1..=31).map(august_day) {
            let within = |span: Span| span.first() <= day && day <= span.last();
            let left = before.is_some_and(within) as u32 + after.is_some_and(within) as u32;
            prop_assert_eq!(left, u32::from(within(whole) && !within(other)));
        }
    }

    #[test]
    fn splitting_a_target_at_any_day_changes_nothing(
        target in 0..=1_000_000_000_000_i64, cut in 1_u32..31, today in 1_u32..=31, actual in -10..=1_000_000_000_000_i64,
    ) {
        let today = august_day(today);
        for metric in Metric::ALL {
            let of = |targets: &[(Span, i64)]| Goal::of(*metric, august(), targets, today).unwrap().unwrap();
            let whole = of(&[(Span::of_month(august()), target)]);
            let split = of(&[(span(1, cut), target), (span(cut + 1, 31), target)]);
            prop_assert_eq!(whole.target(), target);
            prop_assert_eq!(split, whole);
            prop_assert_eq!(split.trend(actual), whole.trend(actual));
        }
    }

    #[test]
    fn more_never_looks_worse(target in 1..=1_000_000_i64, today in 1_u32..=31, actual in 0..=2_000_000_i64, more in 0..=1_000_000_i64) {
        let goal = Goal::of(Metric::Orders, august(), &[(Span::of_month(august()), target)], august_day(today)).unwrap().unwrap();
        prop_assert!(goal.achievement(actual + more) >= goal.achievement(actual));
        // Ahead is the first of the words.
        prop_assert!(goal.trend(actual + more) <= goal.trend(actual));
    }

    #[test]
    fn the_target_of_a_month_is_within_half_of_its_exact_value(
        first in 0..=1_000_000_000_i64, second in 0..=1_000_000_000_i64, cut in 1_u32..31,
    ) {
        let goal = Goal::of(Metric::Volume, august(), &[(span(1, cut), first), (span(cut + 1, 31), second)], day("2026-08-06"))
            .unwrap().unwrap();
        let exact = i128::from(first) * i128::from(cut) + i128::from(second) * i128::from(31 - cut);
        let off = i128::from(goal.target()) * 31 - exact;
        prop_assert!((-15..=15).contains(&off), "{off}");
    }
}
