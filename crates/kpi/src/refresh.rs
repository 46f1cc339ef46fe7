//! Keeping what people reached in step with the documents.

use chrono::{Days, NaiveDate};
use db::Context;
use domain::{DistributorId, Month};
use platform::App;

use crate::store::refresh as store;

/// So far back everything is reckoned anew each night, and when a cursor means nothing any more.
pub(crate) const REPAIRED_DAYS: u64 = 62;
/// So far back history is reckoned when a distributor is new to us.
const HISTORY_DAYS: u64 = 400;
/// So many months of history in one run: fresh days go first.
const MONTHS_A_RUN: usize = 200;
/// So many days in one transaction.
const DAYS_AT_ONCE: usize = 31;

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Days of distributors that were reckoned.
    pub days: usize,
    /// Rows that became others.
    pub rows: i64,
}

/// Reckons the days on which something changed since the last run, and those of distributors that are new, with 400 days of
/// their history bit by bit.
///
/// # Errors
/// When the database refuses; what was reckoned stays so, and the next run finds the rest.
pub async fn refresh(app: &App) -> Result<Refreshed, sqlx::Error> {
    let cx = Context::system("kpi refresh");
    let (now, today) = (app.now(), app.today());
    let mut tx = app.db.begin(&cx).await?;
    store::insert_cursors(&mut tx).await?;
    tx.commit().await?;
    let mut tx = app.db.read(&cx).await?;
    // First how far this look goes, then the look: what commits in between is seen again, and nothing is passed over.
    let horizon = store::find_horizon(&mut tx).await?;
    let cursors = store::list_cursors(&mut tx, &horizon.epoch).await?;
    let changed = store::list_changed(&mut tx).await?;
    drop(tx);

    let mut done = Refreshed::default();
    for of_one in changed.chunk_by(|a, b| a.0 == b.0) {
        let Some((distributor, _)) = of_one.first() else { continue };
        let days: Vec<NaiveDate> = of_one.iter().map(|(_, day)| *day).collect();
        done += reckon(app, &cx, *distributor, &days).await?;
    }
    let live: Vec<uuid::Uuid> =
        cursors.iter().filter(|cursor| cursor.live).map(|cursor| cursor.distributor.uuid()).collect();
    let mut tx = app.db.begin(&cx).await?;
    store::move_cursors(&mut tx, &live, &horizon, now).await?;
    tx.commit().await?;

    let recent = first_of_month(today, REPAIRED_DAYS);
    for cursor in cursors.iter().filter(|cursor| !cursor.live) {
        done += reckon(app, &cx, cursor.distributor, &days(recent, tomorrow(today))).await?;
        let mut tx = app.db.begin(&cx).await?;
        store::begin_cursor(&mut tx, cursor.distributor, &horizon, now, recent).await?;
        tx.commit().await?;
    }
    done += fill_history(app, &cx, first_of_month(today, HISTORY_DAYS)).await?;
    Ok(done)
}

/// Months that were never reckoned, the latest first.
async fn fill_history(app: &App, cx: &Context, oldest: NaiveDate) -> Result<Refreshed, sqlx::Error> {
    let mut done = Refreshed::default();
    let mut left = MONTHS_A_RUN;
    while left > 0 {
        let mut tx = app.db.read(cx).await?;
        let unfilled = store::list_unfilled(&mut tx, oldest, left).await?;
        drop(tx);
        if unfilled.is_empty() {
            break;
        }
        for (distributor, filled_from) in unfilled {
            let Some(last) = filled_from.pred_opt() else { continue };
            let first = Month::of(last).first_day();
            done += reckon(app, cx, distributor, &days(first, last)).await?;
            let mut tx = app.db.begin(cx).await?;
            store::set_filled(&mut tx, distributor, first).await?;
            tx.commit().await?;
            left = left.saturating_sub(1);
        }
    }
    Ok(done)
}

/// Reckons the last 62 days of everybody anew; gives how many rows were not as they should be.
///
/// # Errors
/// When the database refuses; what was reckoned stays so.
pub async fn repair(app: &App) -> Result<i64, sqlx::Error> {
    let cx = Context::system("kpi repair");
    let today = app.today();
    let mut tx = app.db.read(&cx).await?;
    let horizon = store::find_horizon(&mut tx).await?;
    let cursors = store::list_cursors(&mut tx, &horizon.epoch).await?;
    drop(tx);
    let span = days(before(today, REPAIRED_DAYS), tomorrow(today));
    let mut rows = 0;
    for cursor in cursors.iter().filter(|cursor| cursor.live) {
        rows += reckon(app, &cx, cursor.distributor, &span).await?.rows;
    }
    Ok(rows)
}

/// Reckons days of a distributor as a whole. One at a time: the lock comes before the documents are read, so that what is
/// written last was also read last.
async fn reckon(
    app: &App,
    cx: &Context,
    distributor: DistributorId,
    days: &[NaiveDate],
) -> Result<Refreshed, sqlx::Error> {
    let mut done = Refreshed::default();
    for days in days.chunks(DAYS_AT_ONCE) {
        let mut tx = app.db.begin(cx).await?;
        store::lock_cursor(&mut tx, distributor).await?;
        let worked = attendance::worked(&mut tx, distributor, days).await?;
        let rows = store::put_days(&mut tx, distributor, days, &worked).await?;
        tx.commit().await?;
        done += Refreshed { days: days.len(), rows };
    }
    Ok(done)
}

impl std::ops::AddAssign for Refreshed {
    fn add_assign(&mut self, more: Self) {
        self.days += more.days;
        self.rows += more.rows;
    }
}

/// From a day to a day.
pub(crate) fn days(first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
    first.iter_days().take_while(|day| *day <= last).collect()
}

pub(crate) fn before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

/// Phones' clocks may be ahead of ours.
fn tomorrow(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

fn first_of_month(today: NaiveDate, days: u64) -> NaiveDate {
    Month::of(before(today, days)).first_day()
}
