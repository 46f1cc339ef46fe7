use chrono::{DateTime, Utc};
use domain::{Coordinates, DistributorId};
use platform::Caller;
use sqlx::PgConnection;

use crate::store::{self, Owner};

/// Keeps where the caller was seen at `at` as their last position, unless a newer one is known; `accuracy` is in
/// metres. For what tells a place beside the phone's own reports: clocking in, visits. Who belongs to no distributor
/// is not on the board.
///
/// # Errors
/// When the database fails.
pub async fn note_position(
    c: &mut PgConnection,
    caller: &Caller,
    at: DateTime<Utc>,
    place: Coordinates,
    accuracy: Option<f64>,
) -> Result<(), sqlx::Error> {
    match own_distributor(caller) {
        Some(distributor) => {
            let owner = Owner { distributor, user: caller.user_id, unit: caller.primary_unit };
            store::upsert_last_position(c, owner, at, place, accuracy.map(|a| a as f32)).await
        }
        None => Ok(()),
    }
}

/// The distributor whose book the caller's path is in: theirs, else the first of those they work for.
pub(crate) fn own_distributor(caller: &Caller) -> Option<DistributorId> {
    let first = match &caller.tenants {
        db::Tenants::Distributors(ids) => ids.iter().min().copied(),
        db::Tenants::Company => None,
    };
    caller.distributor_id.or(first)
}
