//! Proof that routes, substitutes and leave don't contradict each other.

use std::fmt;

use db::PgConnection;
use domain::DistributorId;
use domain::route::Rhythm;

use crate::store;

/// Something that can't be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken: `routes.one_rep_a_day`, `routes.one_substitute_a_day`, `leave.once_a_day`, `routes.rhythm`.
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

/// Looks for routes with two reps or two substitutes on a day, people with two leaves on a day, and outlets whose rhythm
/// is none or names days on which their route doesn't run.
///
/// # Errors
/// When the database refuses.
pub async fn verify(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let mut findings: Vec<Finding> = store::list_findings(c)
        .await?
        .into_iter()
        .map(|(rule, distributor_id, subject)| Finding { rule, distributor_id, subject })
        .collect();
    for (distributor_id, route, text, weekdays) in store::list_rhythms(c).await? {
        let weekdays = store::weekdays(&weekdays)?;
        if !text.parse::<Rhythm>().is_ok_and(|rhythm| rhythm.fits(&weekdays).is_ok()) {
            let subject = format!("{text:?} on route {route}");
            findings.push(Finding { rule: "routes.rhythm".to_owned(), distributor_id, subject });
        }
    }
    Ok(findings)
}
