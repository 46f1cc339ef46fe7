//! The large company, for measuring and for reports: 150 distributors, 1,500 users, 100,000 outlets, 300 products, and
//! a year of orders, invoices, issues, receipts and hand-overs: about 5.5 million order lines and 10 million postings.
//!
//! Master data is made through the same functions that the API uses; a distributor's year is made inside the database
//! by `history.sql`, one transaction a distributor, two at a time. The same day and size give the same company, a run
//! that was interrupted is taken up where it stopped, and the books add up. What the small company has beside that
//! (visits, positions, photos, promotions, history and audit of each document) is left out.

mod master;
mod people;
mod year;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use db::Context;
use domain::business_day::business_date;
use platform::App;
use tokio::task::JoinSet;

use crate::store::{self, State};
use crate::told;

/// How large the company is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Distributors.
    pub distributors: u32,
    /// How many of them have a second warehouse.
    pub second_warehouses: u32,
    /// People with an account, all in all.
    pub users: u32,
    /// Outlets.
    pub outlets: u32,
    /// Products.
    pub products: u32,
    /// Orders in the year.
    pub orders: u32,
    /// Days of history.
    pub days: u32,
}

impl Size {
    /// The whole company.
    pub const COMPANY: Size = Size {
        distributors: 150,
        second_warehouses: 50,
        users: 1_500,
        outlets: 100_000,
        products: 300,
        orders: 1_180_000,
        days: 365,
    };

    /// So many per cent of the company's people, outlets, products and orders, over the same year.
    pub fn percent(percent: u32) -> Size {
        let part = |whole: u32, least: u32| (whole * percent / 100).max(least);
        let whole = Size::COMPANY;
        Size {
            distributors: part(whole.distributors, 2),
            second_warehouses: part(whole.second_warehouses, 1),
            users: part(whole.users, 12),
            outlets: part(whole.outlets, 60),
            products: part(whole.products, 20),
            orders: part(whole.orders, 500),
            days: whole.days,
        }
    }

    fn share(whole: u32, of: u32, place: u32) -> u32 {
        whole / of + u32::from(place < whole % of)
    }
}

/// How far the filling is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Steps done.
    pub done: u32,
    /// All steps.
    pub of: u32,
    /// What is being made.
    pub what: &'static str,
}

/// The company as of its first day, and what is the same in all of its distributors.
#[derive(Debug)]
struct Company {
    size: Size,
    /// When the filling began; the year ends on the day before.
    began: DateTime<Utc>,
}

impl Company {
    fn today(&self) -> NaiveDate {
        business_date(self.began)
    }

    fn first_day(&self) -> NaiveDate {
        self.today() - Duration::days(self.size.days.into())
    }

    /// A few days before the first sale.
    fn set_up(&self) -> DateTime<Utc> {
        self.began - Duration::days(i64::from(self.size.days) + 5)
    }
}

/// Distributors that are made at the same time.
const AT_ONCE: usize = 2;

/// Makes the company unless the database holds one already; tells whether it did anything. A run that was interrupted
/// is finished, with the day on which it began as its today; it must have the same size.
///
/// # Errors
/// When the database refuses, or the history breaks a rule of the system.
pub async fn fill_if_empty(
    app: &App,
    size: Size,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> anyhow::Result<bool> {
    let of = size.distributors + 3;
    let step = move |done, what| Progress { done, of, what };
    let progress: Arc<dyn Fn(Progress) + Send + Sync> = Arc::new(progress);
    let cx = Context::system("demo");
    let mut tx = app.db.read(&cx).await.context("the database can't be read")?;
    let (begun, state) = (store::find_company_begun(&mut tx).await?, store::find_state(&mut tx).await?);
    drop(tx);
    let began = match (begun, state) {
        (_, State::Done) | (None, State::Taken | State::Begun(_)) => return Ok(false),
        (Some(began), _) => began,
        (None, State::Empty) => {
            let now = app.now();
            progress(step(0, "master data"));
            if !master::make(app, &Company { size, began: now }).await? {
                bail!("another process is filling this database; wait for it, then start again");
            }
            now
        }
    };
    let company = Arc::new(Company { size, began });
    store::analyze_in(app).await?;
    let (next, done) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    progress(step(1, "years of distributors"));
    let mut workers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (app, company, progress) = (app.clone(), company.clone(), progress.clone());
        let (next, done) = (next.clone(), done.clone());
        workers.spawn(async move {
            loop {
                let distributor = next.fetch_add(1, Ordering::Relaxed);
                if distributor >= company.size.distributors {
                    return anyhow::Ok(());
                }
                year::live(&app, &company, distributor)
                    .await
                    .with_context(|| format!("the year of distributor {}", distributor + 1))?;
                progress(step(2 + done.fetch_add(1, Ordering::Relaxed), "years of distributors"));
            }
        });
    }
    while let Some(worked) = workers.join_next().await {
        worked.context("a year was cut off")??;
    }
    progress(step(of - 2, "statistics"));
    store::analyze_in(app).await?;
    progress(step(of - 1, "stock snapshots"));
    reports::build_missing_snapshots(&app.db, began).await.context("the stock snapshots")?;
    store::analyze_in(app).await?;
    platform::transaction!(app.db, &cx, "demo.finish", |tx| {
        store::delete_events(tx).await?;
        store::insert_marker(tx, &cx, store::DONE, began).await?;
        Ok(())
    })
    .map_err(told("finishing"))?;
    progress(step(of, "done"));
    Ok(true)
}
