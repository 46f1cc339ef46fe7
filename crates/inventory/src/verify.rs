//! Proof that the balances equal the ledger.

use db::PgConnection;
use domain::DistributorId;
use serde::Serialize;

use crate::store;

/// A balance that differs from what the ledger and the orders say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule that is broken: `stock.on_hand`, `stock.lot`, `stock.sum_of_lots`, `stock.reserved`,
    /// `stock.negative`, `stock.over_reserved`, `stock.unit`, `stock.issue`, `stock.transit`, `stock.transfer`.
    pub rule: String,
    /// Whose row it is.
    pub distributor_id: DistributorId,
    /// Which: codes of warehouse and product, and the lot.
    pub subject: String,
    /// Pieces there should be.
    pub expected: i64,
    /// Pieces there are.
    pub found: i64,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Finding { rule, distributor_id, subject, expected, found } = self;
        write!(f, "{rule}: {subject} of distributor {distributor_id}: expected {expected}, found {found}")
    }
}

/// Recomputes every balance the connection may see from the ledger and from the orders, and names each that differs:
/// on hand per product and per lot, lots against their product, reserved against what the orders' lines hold, goods in
/// transit against what was shipped and not received, both sides of each transfer against each other,
/// nothing below zero or reserved beyond what is there where the warehouse forbids it, movements in pieces whose two
/// quantities differ, and goods issues against their movements.
///
/// # Errors
/// When the database refuses.
pub async fn verify(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    store::list_findings(c).await
}
