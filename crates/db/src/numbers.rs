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

/// Takes the next numbers of several kinds, in the order of `kinds`, in one statement; otherwise as [`next`]. The kinds'
/// counters are locked in the order of their prefixes.
///
/// # Errors
/// When the database refuses.
pub async fn next_of<const N: usize>(
    c: &mut PgConnection,
    distributor: DistributorId,
    kinds: [DocumentKind; N],
    day: NaiveDate,
) -> Result<[String; N], sqlx::Error> {
    let mut prefixes = kinds.map(|kind| kind.prefix().to_owned());
    prefixes.sort_unstable();
    let taken = sqlx::query!(
        "insert into document_counters as dc (distributor_id, kind, day, last_number)
         select $1, kind, $3, 1 from unnest($2::text[]) kind
         on conflict (distributor_id, kind, day) do update set last_number = dc.last_number + 1
         returning kind, last_number",
        distributor.uuid(),
        &prefixes,
        day,
    )
    .fetch_all(c)
    .await?;
    let number = |kind: DocumentKind| {
        let row = taken.iter().find(|row| row.kind == kind.prefix());
        row.map(|row| kind.number(day, row.last_number.unsigned_abs())).ok_or(sqlx::Error::RowNotFound)
    };
    let mut numbers = [const { String::new() }; N];
    for (place, kind) in numbers.iter_mut().zip(kinds) {
        *place = number(kind)?;
    }
    Ok(numbers)
}
