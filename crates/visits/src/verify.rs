//! Proof that what visits leave behind hangs together.

use db::PgConnection;
use platform::Finding;

use crate::store;

/// Looks for customers that stand elsewhere than the history of their places says (`customers.location`), and display records
/// with other photos than there are (`displays.photos`).
///
/// # Errors
/// When the database refuses.
pub async fn verify(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    store::list_findings(c).await
}
