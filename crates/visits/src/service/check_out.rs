use chrono::{DateTime, Utc};
use domain::visit::{Verdict, VisitResult};
use domain::{Coordinates, CustomerId, UserId, VisitId};
use platform::{ApiError, App, Caller, Flag, Mode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::check_in::board_of;
use crate::error::VisitError;
use crate::model::{Visit, device_time};
use crate::store::{self, Ending};

/// A check-out as it arrives.
#[derive(Debug, Clone)]
pub struct CheckOut {
    /// Where the rep stands.
    pub place: Coordinates,
    /// How the visit ended.
    pub result: VisitResult,
    /// What the rep notes; earlier notes stay when there are none.
    pub notes: Option<String>,
    /// By the device; now when it says none.
    pub at: Option<DateTime<Utc>>,
}

/// A visit that ended, and what the policy says of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckedOut {
    /// The visit as it is now.
    #[serde(flatten)]
    pub visit: Visit,
    /// What was in its way, what the rep is told of, and why it isn't compliant.
    pub verdict: Verdict,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VisitCompleted<'a> {
    pub(super) visit_id: VisitId,
    pub(super) customer_id: CustomerId,
    pub(super) customer_name: &'a str,
    pub(super) user_id: UserId,
    pub(super) full_name: &'a str,
    pub(super) visit_result: VisitResult,
    pub(super) at: DateTime<Utc>,
}

/// Ends the caller's visit; the same end again is answered as it was.
///
/// # Errors
/// 404 when it isn't theirs; 409 when it ended otherwise; live, 422 when the policy wants more to be done first.
pub async fn check_out(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: VisitId,
    check_out: &CheckOut,
    mode: Mode,
) -> Result<(CheckedOut, Vec<Flag>), ApiError> {
    let locked = super::lock_own(c, caller, id).await?;
    let store::Leaving { mut visit, policy, mut facts } =
        store::find_leaving(c, locked.distributor, id).await?;
    if let Some(ended) = visit.check_out_time {
        let same = visit.visit_result == Some(check_out.result)
            && check_out.at.is_none_or(|at| at == ended)
            && visit.check_out_latitude == Some(check_out.place.latitude())
            && visit.check_out_longitude == Some(check_out.place.longitude());
        if !same {
            return Err(VisitError::Ended.into());
        }
        let judged = store::find_judged(c, locked.distributor, id).await?;
        return Ok((CheckedOut { visit, verdict: judged.verdict.unwrap_or_default() }, Vec::new()));
    }
    let (now, mut flags) = (app.now(), Vec::new());
    let mut at = device_time(check_out.at, now, mode, &mut flags)?;
    if at < visit.check_in_time {
        mode.refuse_or_flag(&mut flags, || VisitError::TimeOrder.flag(), || VisitError::TimeOrder)?;
        at = visit.check_in_time;
    }
    facts.result = check_out.result;
    facts.duration_seconds = (at - visit.check_in_time).num_seconds();
    let verdict = policy.leave(&facts);
    if !verdict.blockers.is_empty() {
        let error = || VisitError::CheckOut(verdict.blockers.clone());
        mode.refuse_or_flag(&mut flags, || error().flag(), error)?;
    }
    let corrected_compliant = visit
        .corrected_out_of_range
        .map(|far| if far { verdict.compliant() } else { verdict.clone().in_range_after_all().compliant() });
    let event = VisitCompleted {
        visit_id: id,
        customer_id: visit.customer_id,
        customer_name: &visit.customer_name,
        user_id: visit.user_id,
        full_name: &visit.full_name,
        visit_result: check_out.result,
        at,
    };
    let ending = Ending {
        at,
        place: check_out.place,
        result: check_out.result,
        notes: check_out.notes.as_deref(),
        verdict: &verdict,
        corrected_compliant,
        flags: serde_json::to_value(&flags).map_err(ApiError::internal)?,
        board: board_of(caller),
        event: serde_json::to_value(event).map_err(ApiError::internal)?,
        audited: json!({ "visitResult": check_out.result, "compliant": verdict.compliant() }),
        now,
    };
    store::update_ending(c, caller.context(), &visit, &ending).await?;
    visit.check_out_time = Some(at);
    visit.check_out_latitude = Some(check_out.place.latitude());
    visit.check_out_longitude = Some(check_out.place.longitude());
    visit.duration_seconds = Some(facts.duration_seconds);
    visit.visit_result = Some(check_out.result);
    visit.compliant = Some(verdict.compliant());
    visit.corrected_compliant = corrected_compliant;
    visit.version += 1;
    if let Some(notes) = &check_out.notes {
        visit.notes.clone_from(notes);
    }
    Ok((CheckedOut { visit, verdict }, flags))
}
