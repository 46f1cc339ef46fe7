//! Proof that the balances equal the ledger.

use db::PgConnection;
use domain::DistributorId;
use serde::Serialize;

use crate::store;

/// A figure that differs from what the ledger says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule that is broken: `receivables.balance`, `receivables.open_item`, `receivables.allocated`,
    /// `receivables.allocated_across_customers`, `receivables.reversal`, `receivables.receipt`,
    /// `receivables.refund`, `receivables.adjustment`, `receivables.invoice`, `cash.day`, `cash.receipt`,
    /// `cash.hand_over`, `numbers.gap`.
    pub rule: String,
    /// Whose row it is.
    pub distributor_id: DistributorId,
    /// Which: the customer's code or the rep's log-in name, and the number of the document.
    pub subject: String,
    /// đồng there should be.
    pub expected: i64,
    /// đồng there are.
    pub found: i64,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Finding { rule, distributor_id, subject, expected, found } = self;
        write!(f, "{rule}: {subject} of distributor {distributor_id}: expected {expected}, found {found}")
    }
}

/// Recomputes every balance the connection may see from the ledger, and names each that differs: what customers owe
/// against their entries, what is open of an entry against its allocations, allocations beyond their entry or across
/// customers, the documents of money and issued invoices against their entries, the cash of reps against its ledger,
/// and the numbers of receipts, refunds, adjustments and hand-overs, which have no gaps.
///
/// # Errors
/// When the database refuses.
pub async fn verify(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let mut findings = store::list_findings(c).await?;
    findings.extend(store::list_cash_findings(c).await?);
    Ok(findings)
}
