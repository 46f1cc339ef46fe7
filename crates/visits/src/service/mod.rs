//! What has to be decided in a visit. Each function is the effect of one command within the caller's transaction, for a
//! request that waits for its answer and for a record that arrives from a phone's day without network.

mod albums;
mod check_in;
mod check_out;
mod locations;
mod notes;
mod photos;
mod policies;
mod shelf;
mod state;
mod surveys;
mod whole;

pub use albums::{Album, SetAlbum};
pub use check_in::{CheckIn, Started, check_in};
pub use check_out::{CheckOut, CheckedOut, check_out};
pub use locations::{LocationProposal, propose_location};
pub use notes::{Note, Noted, record_note};
pub use photos::{NewPhoto, attach_photo};
pub use shelf::{CountedProduct, StockCheck, record_stock_check};
pub use state::{OutletStateRecord, record_outlet_state};
pub use surveys::{SurveyAnswer, record_survey};
pub use whole::{WholeVisit, Written, record_whole_visits};

pub(crate) use albums::set_albums;
pub(crate) use check_in::check_in_once;
pub(crate) use locations::{Decision, decide_location};
pub(crate) use policies::{SetPolicy, set_policy};
pub(crate) use surveys::{NewSurvey, close_survey, create_survey, edit_survey, publish_survey};

use db::audit::{self, Entry};
use domain::VisitId;
use platform::{ApiError, App, Caller, Flag, Mode};
use serde::Serialize;
use sqlx::PgConnection;

use crate::error::VisitError;
use crate::store::{self, OwnVisit};

/// Keeps others from changing the caller's visit until the transaction ends.
async fn lock_own(c: &mut PgConnection, caller: &Caller, id: VisitId) -> Result<OwnVisit, ApiError> {
    store::lock_own_visit(c, caller.user_id, id).await?.ok_or_else(ApiError::not_found)
}

/// What comes after the visit's end is refused, or flagged when it arrives late.
fn still_open(visit: &OwnVisit, mode: Mode, flags: &mut Vec<Flag>) -> Result<(), VisitError> {
    if visit.ended {
        mode.refuse_or_flag(flags, || VisitError::Ended.flag(), || VisitError::Ended)?;
    }
    Ok(())
}

/// Keeps what a person should look at with the visit.
async fn keep_flags(c: &mut PgConnection, visit: &OwnVisit, flags: &[Flag]) -> Result<(), ApiError> {
    if !flags.is_empty() {
        store::add_flags(c, visit.distributor, visit.id, flags).await?;
    }
    Ok(())
}

/// An audit row about a visit.
async fn audit_visit(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    visit: &OwnVisit,
    action: &'static str,
    before: Option<&impl Serialize>,
    after: &impl Serialize,
) -> Result<(), ApiError> {
    let entry = Entry {
        action,
        entity: "visit",
        entity_id: Some(visit.id.uuid()),
        distributor: Some(visit.distributor),
        before,
        after: Some(after),
    };
    Ok(audit::record(c, caller.context(), app.now(), entry).await?)
}
