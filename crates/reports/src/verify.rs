//! Proof that the snapshots of stock equal the sums of its postings.

use std::fmt;

use db::PgConnection;
use domain::DistributorId;

use crate::store;

/// A figure that differs from what the ledger says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whose row it is.
    pub distributor_id: DistributorId,
    /// Which: warehouse, product, month and figure.
    pub subject: String,
    /// What it should be.
    pub expected: i64,
    /// What it is.
    pub found: i64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { distributor_id, subject, expected, found } = self;
        write!(
            f,
            "stock.snapshot: {subject} of distributor {distributor_id}: expected {expected}, found {found}"
        )
    }
}

/// Recomputes every snapshot from the postings, and names each figure that differs.
///
/// # Errors
/// When the database refuses.
pub async fn verify(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let wrong = store::list_wrong_snapshots(c).await?;
    Ok(wrong
        .into_iter()
        .map(|w| Finding {
            distributor_id: w.distributor_id,
            subject: w.subject,
            expected: w.expected,
            found: w.found,
        })
        .collect())
}
