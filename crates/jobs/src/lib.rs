//! Work behind the requests.
//!
//! **Events.** What happened is written into the outbox in the transaction that did it. The [`relay`] takes it from there: those
//! who only listen ([`Listener`]: the live hub) hear it at once; for each [`Consumer`] who wants it a row is put down, or, with a
//! bus between, a message is sent ([`post`]) and put down where it arrives ([`receive`]). From these rows the consumer is handed
//! its events ([`deliver`]): each once, in order per aggregate, again after a failure, and in the end as a dead letter.
//!
//! **Jobs.** Work by the clock ([`Job`], [`runner`]): one runner among many, each run on record, what was missed made up for once.
//! The list of jobs is another crate's, which knows the capabilities.

pub mod dead_letters;
mod deliver;
mod event;
mod events;
mod http;
mod job;
mod lease;
mod post;
mod receive;
mod relay;
pub mod runner;
mod schedule;
mod store;

use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use event::{Consumer, Event, Failure, Listener};
pub use events::Events;
pub use job::{Job, JobError};
pub use post::TOPIC;
pub use schedule::Schedule;
pub use store::jobs::{JobView, RunView, list as list_jobs};

/// Deletes the runs and the marks of messages from before `before`; gives how many.
///
/// # Errors
/// When the database refuses; what was deleted before stays so.
pub async fn sweep(app: &App, before: chrono::DateTime<chrono::Utc>) -> Result<u64, sqlx::Error> {
    let mut total = 0;
    loop {
        let mut tx = app.db.begin(&db::Context::system("clean-up")).await?;
        let rows = store::jobs::sweep(&mut tx, before, 5_000).await?;
        tx.commit().await?;
        total += rows;
        if rows == 0 {
            return Ok(total);
        }
    }
}

/// The endpoints for those who look after the system.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::jobs::list_jobs))
        .routes(routes!(http::jobs::list_job_runs))
        .routes(routes!(http::jobs::run_job))
        .routes(routes!(http::dead_letters::list_dead_letters))
        .routes(routes!(http::dead_letters::drop_dead_letter))
        .routes(routes!(http::dead_letters::replay_dead_letter))
}
