//! Proof that orders, invoices and numbers agree with each other.

use std::fmt;

use db::PgConnection;
use domain::DistributorId;

use crate::store;

/// A figure that differs from what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken: `orders.total`, `orders.vat`, `orders.line`, `invoices.total`, `invoices.line`, `issues.value`, `returns.line`,
    /// `invoices.charged`, `invoices.issued`, `numbers.gap`, `invoices.issued_amount`,
    /// `orders.reserved`, `orders.invoiced`, `ledgers.document`, `returns.total`, `returns.credited`, `returns.received`, `returns.moved`, `returns.too_much`.
    pub rule: String,
    /// Whose row it is.
    pub distributor_id: DistributorId,
    /// Which document, or kind of document and day.
    pub subject: String,
    /// What it should be.
    pub expected: i64,
    /// What it is.
    pub found: i64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { rule, distributor_id, subject, expected, found } = self;
        write!(f, "{rule}: {subject} of distributor {distributor_id}: expected {expected}, found {found}")
    }
}

/// Recomputes the sums of orders and invoices from their lines, VAT of each line (half up on what remains after
/// discounts, with what a split left over), what customers owe for invoices, pieces and amounts issued against those
/// invoiced, returns against their lines, the ledgers and what was issued, what orders reserve and whether they are invoiced
/// against where they stand, and looks for gaps in the numbers of documents and for entries of documents that are not there.
///
/// # Errors
/// When the database refuses.
pub async fn verify(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    store::list_findings(c).await
}
