use chrono::Days;
use db::{Context, outbox};
use domain::EventId;
use domain::business_day::{day_instants, day_start};
use platform::App;
use uuid::Uuid;

use crate::store::report as store;

/// Tells each distributor the figures of the day that is over, once; gives how many were told.
///
/// # Errors
/// When the database refuses; who was told stays so.
pub async fn daily_reports(app: &App) -> Result<u64, sqlx::Error> {
    let cx = Context::system("daily reports");
    let now = app.now();
    let day = app.today() - Days::new(1);
    let mut tx = app.db.lookup(&cx).await?;
    let distributors = store::list_distributors(&mut tx).await?;
    tx.commit().await?;
    let mut told = 0;
    for distributor in distributors {
        let mut tx = app.db.begin(&cx).await?;
        if !store::pass_mark(&mut tx, &format!("daily-report.{distributor}"), day_start(day)).await? {
            continue;
        }
        let report = store::find_daily_report(&mut tx, distributor, day, day_instants(day)).await?;
        let event = outbox::Event {
            id: EventId::new(Uuid::now_v7()),
            kind: "DailyReport",
            aggregate: distributor.uuid(),
            distributor: Some(distributor),
            unit: None,
            user: None,
            payload: &report,
        };
        outbox::push(&mut tx, &cx, now, event).await?;
        tx.commit().await?;
        told += 1;
    }
    Ok(told)
}
