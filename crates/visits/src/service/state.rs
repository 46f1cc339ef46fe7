use domain::VisitId;
use domain::visit::OutletState;
use platform::{ApiError, App, Caller, Flag, Mode};
use serde_json::json;
use sqlx::PgConnection;

use crate::store;

/// How a rep found the outlet.
#[derive(Debug, Clone, Copy)]
pub struct OutletStateRecord {
    /// Open, closed, or without its owner.
    pub state: OutletState,
}

/// Writes how the outlet was found, in place of what was said before.
///
/// # Errors
/// 404 for a visit that isn't the caller's; live, 409 after its end.
pub async fn record_outlet_state(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: VisitId,
    record: &OutletStateRecord,
    mode: Mode,
) -> Result<((), Vec<Flag>), ApiError> {
    let (visit, mut flags) = (super::lock_own(c, caller, id).await?, Vec::new());
    if visit.outlet_state == Some(record.state) {
        return Ok(((), flags));
    }
    super::still_open(&visit, mode, &mut flags)?;
    store::update_outlet_state(c, visit.distributor, id, record.state).await?;
    let before = visit.outlet_state.map(|state| json!({ "outletState": state }));
    let after = json!({ "outletState": record.state });
    super::audit_visit(c, app, caller, &visit, "visits.outlet_state", before.as_ref(), &after).await?;
    super::keep_flags(c, &visit, &flags).await?;
    Ok(((), flags))
}
