//! What people are told, and how.
//!
//! Events become rows of people's inboxes ([`Teller`], a consumer of events: each person is told of each event once), and
//! messages to their devices and numbers where they want that. [`sender`] hands these to their providers, again and again
//! until they are taken, and not in anybody's quiet hours.

mod compose;
mod consumer;
mod http;
mod kind;
mod model;
mod outcome;
mod quiet;
pub mod sender;
mod store;

pub use consumer::Teller;
pub use kind::{Channel, Kind};
pub use model::Notification;

use chrono::TimeDelta;
use db::Context;
use platform::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Inboxes go back so far.
const KEPT: TimeDelta = TimeDelta::days(90);
/// An app that was not opened for so long is taken to be gone.
const UNSEEN: TimeDelta = TimeDelta::days(60);
const BATCH: i64 = 5_000;

/// The endpoints of the inbox.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(http::list::list_notifications))
        .routes(routes!(http::show::get_notification))
        .routes(routes!(http::read::read_notification))
        .routes(routes!(http::read::read_all_notifications))
        .routes(routes!(
            http::preferences::get_notification_preferences,
            http::preferences::set_notification_preferences
        ))
        .routes(routes!(http::devices::list_devices, http::devices::register_device))
        .routes(routes!(http::devices::unregister_device))
}

/// Takes away what nobody looks at any more: notifications older than 90 days with their messages, devices that were
/// signed out or not heard of for 60 days. Gives how many rows.
///
/// # Errors
/// When the database refuses; what is gone stays gone.
pub async fn sweep(app: &App) -> Result<u64, sqlx::Error> {
    let cx = Context::system("clean-up");
    let mut tx = app.db.begin(&cx).await?;
    let mut total = store::devices::sweep(&mut tx, app.now() - UNSEEN).await?;
    tx.commit().await?;
    loop {
        let mut tx = app.db.begin(&cx).await?;
        let rows = store::inbox::sweep(&mut tx, app.now() - KEPT, BATCH).await?;
        tx.commit().await?;
        total += rows;
        if rows == 0 {
            return Ok(total);
        }
    }
}
