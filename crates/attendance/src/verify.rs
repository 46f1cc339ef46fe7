//! Proof that clock events and their corrections hang together.

use std::fmt;

use db::PgConnection;
use domain::DistributorId;

use crate::store;

/// Something that can't be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken: `attendance.business_date`, `attendance.revisions`, `attendance.correction_of_nothing`.
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

/// Looks for events on another business day than that of their instant, and for corrections that skip one or belong to no
/// event of the person. What days come to is stored nowhere, so nothing else can be wrong.
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
