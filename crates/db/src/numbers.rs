//! Document numbers: gapless per distributor, kind and day.

use chrono::NaiveDate;
use domain::DistributorId;
use domain::document::DocumentKind;
use sqlx::PgConnection;

/// Takes the next number. The counter's row stays locked until the transaction ends, so a rollback gives the
/// number back and no gap appears; take it late, and before no other lock.
///
/// # Errors
/// When the database refuses.
pub async fn next(
    c: &mut PgConnection,
    distributor: DistributorId,
    kind: DocumentKind,
    day: NaiveDate,
) -> Result<String, sqlx::Error> {
    let number = sqlx::query_scalar!(
        "insert into document_counters as dc (distributor_id, kind, day, last_number) values ($1, $2, $3, 1)
         on conflict (distributor_id, kind, day) do update set last_number = dc.last_number + 1
         returning last_number",
        distributor.uuid(),
        kind.prefix(),
        day,
    )
    .fetch_one(c)
    .await?;
    Ok(kind.number(day, number.unsigned_abs()))
}
