//! The small company: 30 units, 3 distributors, 12 people, 60 products, 300 outlets, and the last 30 days.

mod day;
mod field;
mod goods;
mod history;
mod master;
mod plan;
mod shape;

use std::sync::Arc;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Days, Utc};
use db::PgConnection;
use domain::{Month, Role, business_date};
use platform::{ApiError, App};
use tokio::task::JoinSet;

use crate::company::{DISTRIBUTORS, PEOPLE};
use crate::dice::id;
use crate::store::{self, State};
use crate::told;
use shape::Company;

/// So many days of work lie behind the company, today not counted.
pub const HISTORY_DAYS: i64 = 30;

/// Makes the company unless the database holds one already; tells whether it did anything. A run that was interrupted
/// is finished, with the day on which it began as its today.
///
/// # Errors
/// When the database or the file store refuses, or the history breaks a rule of the system.
pub async fn fill_if_empty(app: &App) -> anyhow::Result<bool> {
    let began = match state(app).await? {
        State::Taken | State::Done => return Ok(false),
        State::Begun(at) => at,
        State::Empty => {
            let now = app.now();
            if !master::make(app, &Company::on(now)).await? {
                bail!("another process is filling this database; wait for it, then start again");
            }
            now
        }
    };
    let company = Arc::new(Company::on(began));
    let photos = field::store_photos(app).await?;
    let days = |distributor| day::all(&company, distributor);
    let plans: Vec<_> = (0..DISTRIBUTORS.len()).map(days).collect();
    for (distributor, days) in plans.iter().enumerate() {
        field::write(app, &company, distributor, days, &photos).await?;
    }
    history::analyze(app).await?;
    // Distributors share nothing, so their histories can be lived side by side.
    let mut lives = JoinSet::new();
    for (distributor, days) in plans.into_iter().enumerate() {
        let (app, company) = (app.clone(), company.clone());
        lives.spawn(async move { history::live(&app, &company, distributor, &days).await });
    }
    while let Some(lived) = lives.join_next().await {
        lived.context("a history was cut off")??;
    }
    history::analyze(app).await?;
    finish(app, began).await?;
    Ok(true)
}

async fn state(app: &App) -> anyhow::Result<State> {
    let mut tx = app.db.read(&db::Context::system("demo")).await.context("the database can't be read")?;
    store::find_state(&mut tx).await.context("the database can't be read")
}

/// Nobody listened to what happened before the company existed: its events count as passed on.
async fn finish(app: &App, began: DateTime<Utc>) -> anyhow::Result<()> {
    let cx = db::Context::system("demo");
    platform::transaction!(app.db, &cx, "demo.finish", |tx| {
        store::delete_events(tx).await?;
        targets(tx, began).await?;
        store::insert_marker(tx, &cx, store::DONE, began).await?;
        Ok(())
    })
    .map_err(told("finishing"))
}

/// What is asked of each rep this month and in the month behind.
async fn targets(c: &mut PgConnection, began: DateTime<Utc>) -> Result<(), ApiError> {
    let today = business_date(began);
    let behind = today.checked_sub_days(Days::new(HISTORY_DAYS.unsigned_abs())).unwrap_or(today);
    let [admin, ..] = &PEOPLE;
    let mut months = vec![Month::of(behind), Month::of(today)];
    months.dedup();
    for rep in PEOPLE.iter().filter(|person| person.role == Role::SalesRep) {
        let Some(distributor) = rep.distributor.and_then(|place| DISTRIBUTORS.get(place)) else { continue };
        for month in &months {
            let target = id("kpi target", &format!("{} {month}", rep.username)).into();
            let whose = (target, distributor.id(), rep.id());
            store::insert_kpi_target(c, whose, *month, admin.id(), began).await?;
        }
    }
    Ok(())
}
