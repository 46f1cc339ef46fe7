//! Monthly snapshots of the stock ledger: when they are built, and which of them a period is read from.

use chrono::{DateTime, Datelike as _, Duration, Months, NaiveDate, Utc};
use db::{Context, Db, PgConnection};
use domain::business_day::business_date;

use crate::store;

/// So long after its end a month is taken to be over: no posting of its last day is under way any more.
const SETTLED: i64 = 61;

/// The first of the day's month.
pub(crate) fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn next(month: NaiveDate) -> NaiveDate {
    month.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX)
}

fn last_day(month: NaiveDate) -> NaiveDate {
    next(month).pred_opt().unwrap_or(month)
}

/// Builds the snapshots of all months that are over and not built yet, oldest first, each in a transaction of its own;
/// gives how many. Without postings there is nothing to build, and while somebody else is building it is left to them.
///
/// # Errors
/// When the database refuses; the months built before stay.
pub async fn build_missing(db: &Db, now: DateTime<Utc>) -> Result<u32, sqlx::Error> {
    let mut built = 0;
    loop {
        let mut tx = db.begin(&Context::system("stock snapshots")).await?;
        if !store::try_builders_turn(&mut tx).await? {
            return Ok(built);
        }
        let Some(month) = next_missing(&mut tx).await?.filter(|month| *month < months_over(now)) else {
            return Ok(built);
        };
        store::build_snapshot(&mut tx, month).await?;
        tx.commit().await?;
        built += 1;
    }
}

/// Like [`build_missing`], but waits for others who build, and tells each month with its rows; with `again` builds also
/// those that are there.
///
/// # Errors
/// As [`build_missing`].
pub async fn build(
    db: &Db,
    now: DateTime<Utc>,
    again: bool,
    mut told: impl FnMut(NaiveDate, i64),
) -> Result<(), sqlx::Error> {
    let mut from = None;
    loop {
        let mut tx = db.begin(&Context::system("stock snapshots")).await?;
        store::builders_turn(&mut tx).await?;
        let first = match store::find_built(&mut tx).await? {
            Some((first, _)) if again => Some(first),
            _ => next_missing(&mut tx).await?,
        };
        let Some(month) = from.or(first).filter(|month| *month < months_over(now)) else { return Ok(()) };
        let rows = store::build_snapshot(&mut tx, month).await?;
        tx.commit().await?;
        told(month, rows);
        from = Some(next(month));
    }
}

/// Months before this one are over.
fn months_over(now: DateTime<Utc>) -> NaiveDate {
    month_of(business_date(now - Duration::minutes(SETTLED)))
}

/// The month after those that are built, or the first that has postings.
async fn next_missing(c: &mut PgConnection) -> Result<Option<NaiveDate>, sqlx::Error> {
    Ok(match store::find_built(c).await? {
        Some((_, last)) => Some(next(last)),
        None => store::find_first_posting(c).await?.map(month_of),
    })
}

/// Where the figures of a period come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sources {
    /// A month whose closing is the opening, or an earlier one; `None`: all postings from the first on are read.
    pub closing_of: Option<NaiveDate>,
    /// A month whose opening is the opening; at most one of the two is there.
    pub opening_of: Option<NaiveDate>,
    /// The first and the last of the months that are read whole.
    pub months: Option<(NaiveDate, NaiveDate)>,
    /// The days of which postings are read.
    pub days: Vec<(NaiveDate, NaiveDate)>,
}

impl Sources {
    /// The month, when the period is one that is built.
    pub(crate) fn closed_month(&self) -> Option<NaiveDate> {
        let (first, last) = self.months?;
        (first == last && self.opening_of == Some(first) && self.days.is_empty()).then_some(first)
    }
}

/// The days of a range that lie before the period, and those that lie in it.
pub(crate) fn split(days: (NaiveDate, NaiveDate), from: NaiveDate) -> [Option<(NaiveDate, NaiveDate)>; 2] {
    let eve = from.pred_opt().unwrap_or(from);
    let some = |first: NaiveDate, last: NaiveDate| (first <= last).then_some((first, last));
    [some(days.0, days.1.min(eve)), some(days.0.max(from), days.1)]
}

/// Before any posting.
const BEGINNING: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// Which snapshots and postings the period is read from, when the months `built` (first, last) are there.
pub(crate) fn sources(from: NaiveDate, to: NaiveDate, built: Option<(NaiveDate, NaiveDate)>) -> Sources {
    let Some((first, last)) = built else {
        return Sources { closing_of: None, opening_of: None, months: None, days: vec![(BEGINNING, to)] };
    };
    // Months that lie wholly in the period and are built.
    let head = if from.day() == 1 { from } else { next(month_of(from)) }.max(first);
    let tail =
        if to == last_day(month_of(to)) { month_of(to) } else { month_of(to) - Months::new(1) }.min(last);
    let months = (head <= tail).then_some((head, tail));
    let opening_of = months.and_then(|(head, _)| (head == from).then_some(head));
    let before = (month_of(from) - Months::new(1)).min(last);
    let closing_of = (opening_of.is_none() && before >= first).then_some(before);
    let begin = match (opening_of, closing_of) {
        (Some(month), _) => month,
        (None, Some(month)) => next(month),
        (None, None) => BEGINNING,
    };
    let ranges = match months {
        Some((head, tail)) => vec![(begin, head.pred_opt().unwrap_or(head)), (next(tail), to)],
        None => vec![(begin, to)],
    };
    let days = ranges.into_iter().filter(|(first, last)| first <= last).collect();
    Sources { closing_of, opening_of, months, days }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn of(from: &str, to: &str) -> Sources {
        sources(day(from), day(to), Some((day("2026-01-01"), day("2026-06-01"))))
    }

    fn text(s: &Sources) -> String {
        let days: Vec<String> = s.days.iter().map(|(a, b)| format!("{a}..{b}")).collect();
        let month = |m: Option<NaiveDate>| m.map_or("-".to_owned(), |m| m.format("%m").to_string());
        let months =
            s.months.map_or("-".to_owned(), |(a, b)| format!("{}..{}", a.format("%m"), b.format("%m")));
        format!(
            "closing {} opening {} months {months} days {}",
            month(s.closing_of),
            month(s.opening_of),
            days.join(" ")
        )
    }

    #[test]
    fn a_closed_month_is_read_from_its_own_rows() {
        assert_eq!(text(&of("2026-03-01", "2026-03-31")), "closing - opening 03 months 03..03 days ");
        assert_eq!(text(&of("2026-01-01", "2026-06-30")), "closing - opening 01 months 01..06 days ");
    }

    #[test]
    fn the_month_that_runs_is_read_from_the_last_closing_and_its_own_postings() {
        let expected = "closing 06 opening - months - days 2026-07-01..2026-07-20";
        assert_eq!(text(&of("2026-07-01", "2026-07-20")), expected);
        let later = "closing 06 opening - months - days 2026-07-01..2026-09-20";
        assert_eq!(text(&of("2026-09-10", "2026-09-20")), later);
    }

    #[test]
    fn a_long_period_reads_postings_only_at_its_edges() {
        let expected =
            "closing 01 opening - months 03..06 days 2026-02-01..2026-02-28 2026-07-01..2026-07-20";
        assert_eq!(text(&of("2026-02-10", "2026-07-20")), expected);
        let inside = "closing 02 opening - months - days 2026-03-01..2026-03-20";
        assert_eq!(text(&of("2026-03-10", "2026-03-20")), inside);
    }

    #[test]
    fn what_was_before_the_first_snapshot_is_read_from_the_beginning() {
        let expected = "closing - opening - months 01..02 days 1900-01-01..2025-12-31";
        assert_eq!(text(&of("2025-12-01", "2026-02-28")), expected);
        assert_eq!(
            text(&of("2025-11-01", "2025-11-30")),
            "closing - opening - months - days 1900-01-01..2025-11-30"
        );
        assert_eq!(
            text(&of("2026-01-05", "2026-01-06")),
            "closing - opening - months - days 1900-01-01..2026-01-06"
        );
        let none = sources(day("2026-01-01"), day("2026-01-31"), None);
        assert_eq!(text(&none), "closing - opening - months - days 1900-01-01..2026-01-31");
    }
}
