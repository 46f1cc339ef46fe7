//! What the worker does by the clock: the list of jobs, and those that belong to no capability alone.
//!
//! To add a job: a function `async fn(&App) -> Result<…>` that can be cut off and run again, and a line in [`jobs`].

mod alerts;
mod clean_up;
mod daily_report;
mod store;

use ::jobs::{Job, JobError, Schedule};
use platform::App;

pub use alerts::{NEAR_EXPIRY_DAYS, Raised, overdue_debts, stock_alerts};
pub use clean_up::{clean_up, end_sessions};
pub use daily_report::daily_reports;

/// All jobs. Times are those of Asia/Ho_Chi_Minh.
pub fn jobs() -> Vec<Job> {
    vec![
        // The night: nobody is in the shops.
        Job::new("stock-snapshots", Schedule::daily::<1, 10>(), |app| async move {
            let months = reports::build_missing_snapshots(&app.db, app.now()).await?;
            Ok(format!("{months} months built"))
        }),
        Job::new("erp-export", Schedule::daily::<1, 20>(), |app| async move {
            let done = reports::export_days(&app).await?;
            Ok(format!("{} days exported, {} unchanged", done.exported, done.unchanged))
        }),
        Job::new("kpi-repair", Schedule::daily::<1, 40>(), |app| async move {
            Ok(format!("{} rows were wrong", kpi::repair(&app).await?))
        }),
        Job::new("clean-up", Schedule::daily::<2, 0>(), |app| async move {
            Ok(format!("{} rows swept away", clean_up(&app).await?))
        }),
        Job::new("session-clean-up", Schedule::every::<60>(), |app| async move {
            Ok(format!("{} rows swept away", end_sessions(&app).await?))
        }),
        Job::new("file-clean-up", Schedule::every::<60>(), |app| async move {
            let swept = files::worker::sweep(&app).await?;
            Ok(format!("{} parts and {} contents swept away", swept.passing, swept.contents))
        }),
        Job::new("photo-thumbnails", Schedule::every::<10>(), thumbnails),
        Job::new("partitions", Schedule::every::<60>(), |app| async move {
            tracking::worker::make_partitions(&app).await?;
            Ok("made".to_owned())
        }),
        Job::new("odd-check-ins", Schedule::every::<1>(), |app| async move {
            Ok(format!("{} found", tracking::worker::look_at_check_ins(&app).await?))
        }),
        Job::new("kpi-refresh", Schedule::every::<1>(), |app| async move {
            let done = kpi::refresh(&app).await?;
            Ok(format!("{} days reckoned, {} rows changed", done.days, done.rows))
        }),
        // The morning: what people want to know before they set out.
        Job::new("daily-reports", Schedule::daily::<6, 0>(), |app| async move {
            let told = daily_reports(&app).await?;
            app.wake.now();
            Ok(format!("{told} distributors told"))
        }),
        Job::new("overdue-debts", Schedule::daily::<7, 0>(), |app| async move {
            let customers = overdue_debts(&app).await?;
            app.wake.now();
            Ok(format!("{customers} customers newly overdue"))
        }),
        Job::new("stock-alerts", Schedule::every::<60>(), |app| async move {
            let raised = stock_alerts(&app).await?;
            app.wake.now();
            Ok(format!("{} products low, {} lots near their end", raised.low, raised.near_expiry))
        }),
    ]
}

/// New photos are taken up at once, by a loop of their own; this makes up for what was postponed.
async fn thumbnails(app: App) -> Result<String, JobError> {
    let mut made = 0;
    while files::worker::make_next(&app).await? {
        made += 1;
    }
    Ok(format!("{made} looked at"))
}
