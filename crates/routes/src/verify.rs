//! Proof that routes, substitutes and leave don't contradict each other.

use db::PgConnection;
use domain::route::Rhythm;
use platform::Finding;

use crate::store;

/// Looks for routes with two reps (`routes.one_rep_a_day`) or two substitutes on a day (`routes.one_substitute_a_day`), people
/// with two leaves on a day (`leave.once_a_day`), and outlets whose rhythm is none or names days on which their route doesn't
/// run (`routes.rhythm`).
///
/// # Errors
/// When the database refuses.
pub async fn verify(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let mut findings = store::list_findings(c).await?;
    for (distributor_id, route, text, weekdays) in store::list_rhythms(c).await? {
        let weekdays = store::weekdays(&weekdays)?;
        if !text.parse::<Rhythm>().is_ok_and(|rhythm| rhythm.fits(&weekdays).is_ok()) {
            let subject = format!("{text:?} on route {route}");
            findings.push(Finding { rule: "routes.rhythm".to_owned(), distributor_id, subject });
        }
    }
    Ok(findings)
}
