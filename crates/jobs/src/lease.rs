//! What only one process may do at a time, for as long as it says that it lives.

use db::PgConnection;
use uuid::Uuid;

/// So long a lease lasts without being renewed.
pub(crate) const LASTS: std::time::Duration = std::time::Duration::from_secs(15);

/// Takes the lease, or renews one's own; false while it is another's.
pub(crate) async fn hold(c: &mut PgConnection, name: &str, holder: Uuid) -> Result<bool, sqlx::Error> {
    let held = sqlx::query!(
        "insert into leases as l (name, holder, until) values ($1, $2, clock_timestamp() + make_interval(secs => $3))
         on conflict (name) do update set holder = excluded.holder, until = excluded.until
         where l.holder = excluded.holder or l.until < clock_timestamp()",
        name,
        holder,
        LASTS.as_secs_f64(),
    )
    .execute(c)
    .await?;
    Ok(held.rows_affected() == 1)
}

/// Gives the lease back.
pub(crate) async fn release(c: &mut PgConnection, name: &str, holder: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from leases where name = $1 and holder = $2", name, holder).execute(c).await?;
    Ok(())
}
