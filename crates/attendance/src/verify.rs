//! Proof that clock events and their corrections hang together.

use db::PgConnection;
use platform::Finding;

use crate::store;

/// Looks for events on another business day than that of their instant (`attendance.business_date`), and for corrections that
/// skip one (`attendance.revisions`) or belong to no event of the person (`attendance.correction_of_nothing`). What days come
/// to is stored nowhere, so nothing else can be wrong.
///
/// # Errors
/// When the database refuses.
pub async fn verify(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    store::list_findings(c).await
}
