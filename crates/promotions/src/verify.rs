//! Proof that the totals of promotions equal their ledger.

use std::fmt;

use db::PgConnection;
use domain::DistributorId;

use crate::store;

/// A figure that differs from what the ledger says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken: `promotions.budget`, `promotions.customer`, `promotions.released`,
    /// `promotions.given_back`, `promotions.split`, `promotions.document`, `promotions.settlement`,
    /// `promotions.hand_out`, `promotions.owed`.
    pub rule: String,
    /// Whose row it is; none for budgets, which are the company's.
    pub distributor_id: Option<DistributorId>,
    /// Which: the promotion's code, the customer's, the order's number.
    pub subject: String,
    /// What is counted: times, amount, quantity.
    pub measure: String,
    /// What it should be.
    pub expected: i64,
    /// What it is.
    pub found: i64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { rule, distributor_id, subject, measure, expected, found } = self;
        write!(f, "{rule}: {measure} of {subject}")?;
        if let Some(distributor) = distributor_id {
            write!(f, " of distributor {distributor}")?;
        }
        write!(f, ": expected {expected}, found {found}")
    }
}

/// Recomputes from the ledger what is used of each budget and by each customer, looks for orders that were turned down
/// and still use something, for goods that came back or were not delivered and whose part of the use was not given back,
/// for parts of split orders that don't add up, for orders that gave back more than they used, for settlements
/// without their credit, and for goods that were handed out but did not leave stock, or were not owed.
///
/// # Errors
/// When the database refuses.
pub async fn verify(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    store::list_findings(c).await
}
