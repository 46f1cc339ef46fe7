//! Proof that what visits leave behind hangs together.

use std::fmt;

use db::PgConnection;
use domain::DistributorId;

use crate::store;

/// Something that can't be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken: `customers.location`, `customers.location_of_nobody`, `visits.customer`, `displays.photos`.
    pub rule: String,
    /// Whose row it is.
    pub distributor_id: DistributorId,
    /// What it is about.
    pub subject: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} of distributor {}", self.rule, self.subject, self.distributor_id)
    }
}

/// Looks for customers that stand elsewhere than the history of their places says, visits and places of customers that aren't
/// there, and display records with other photos than there are.
///
/// # Errors
/// When the database refuses.
pub async fn verify(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let found = store::list_findings(c).await?;
    Ok(found
        .into_iter()
        .map(|(rule, distributor_id, subject)| Finding { rule, distributor_id, subject })
        .collect())
}
