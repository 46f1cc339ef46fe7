//! Proof that the snapshots of stock equal the sums of its postings, and that what documents name is there.

use std::fmt;

use db::PgConnection;
use domain::DistributorId;
use uuid::Uuid;

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

/// Rows that name something that isn't there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling {
    /// Whose rows they are.
    pub distributor_id: DistributorId,
    /// Table and column.
    pub reference: String,
    /// What they name.
    pub id: Uuid,
    /// How many rows.
    pub rows: i64,
}

impl fmt::Display for Dangling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Dangling { distributor_id, reference, id, rows } = self;
        write!(
            f,
            "reference: {rows} rows of distributor {distributor_id} name {id} as {reference}, which isn't there"
        )
    }
}

/// Finds rows that name a product, a person, a warehouse, a lot, a price list or a promotion that isn't there.
///
/// # Errors
/// When the database refuses.
pub async fn verify_references(c: &mut PgConnection) -> Result<Vec<Dangling>, sqlx::Error> {
    let dangling = store::list_dangling(c).await?;
    Ok(dangling
        .into_iter()
        .map(|d| Dangling {
            distributor_id: d.distributor_id,
            reference: d.reference,
            id: d.id,
            rows: d.rows,
        })
        .collect())
}
