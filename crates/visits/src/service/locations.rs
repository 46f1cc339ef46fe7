use adapters::blob::BlobId;
use chrono::{DateTime, Utc};
use customers::store::Viewer;
use db::audit::{self, Entry};
use db::outbox::{self, Event};
use domain::{Coordinates, CustomerId, EventId, LocationProposalId, OrgUnitId, UserId, VisitId};
use platform::{ApiError, App, Caller, Flag, Mode};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::VisitError;
use crate::model::device_time;
use crate::store::{self, Measured, NewProposal, ProposalRow, Rejudged};

/// Where a rep says an outlet stands.
#[derive(Debug, Clone)]
pub struct LocationProposal {
    /// Made by the phone, so that a repeat is known.
    pub id: LocationProposalId,
    /// Where.
    pub place: Coordinates,
    /// Metres by which that may be wrong.
    pub accuracy: Option<f64>,
    /// Why the present place is wrong.
    pub reason: String,
    /// A photo taken there.
    pub photo: BlobId,
    /// The visit in which it was found.
    pub visit: Option<VisitId>,
    /// By the device; now when it says none.
    pub at: Option<DateTime<Utc>>,
}

/// Proposes another place for an outlet; one that came before is answered as it was.
///
/// # Errors
/// 404 for an outlet that isn't the caller's; 409 when another proposal has the id; live, 422 when the location is locked.
pub async fn propose_location(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    customer: CustomerId,
    proposal: &LocationProposal,
    mode: Mode,
) -> Result<(ProposalRow, Vec<Flag>), ApiError> {
    let mut flags = Vec::new();
    if let Some(known) = store::find_proposal(c, platform::Scope::Own(caller.user_id), proposal.id).await? {
        return if known.customer_id == customer {
            Ok((known, flags))
        } else {
            Err(VisitError::IdTaken.into())
        };
    }
    let at = device_time(proposal.at, app.now(), mode, &mut flags)?;
    let viewer = Viewer::new(caller.scope(), domain::business_date(at));
    let outlet = customers::store::find(c, &viewer, customer).await?.ok_or_else(ApiError::not_found)?;
    if outlet.data.location_locked {
        mode.refuse_or_flag(&mut flags, || VisitError::LocationLocked.flag(), || VisitError::LocationLocked)?;
    }
    files::store::register(c, outlet.distributor_id, &proposal.photo, app.now()).await?;
    let new = NewProposal {
        distributor: outlet.distributor_id,
        customer,
        user: caller.user_id,
        unit: caller.primary_unit,
        old: store::place(outlet.data.latitude, outlet.data.longitude),
        flags: &flags,
        at,
        received_at: app.now(),
        proposal,
    };
    store::insert_proposal(c, &new).await?;
    let after = json!({ "proposalId": proposal.id, "place": proposal.place, "reason": proposal.reason });
    let entry = Entry {
        action: "customers.propose_location",
        entity: "customer",
        entity_id: Some(customer.uuid()),
        distributor: Some(outlet.distributor_id),
        before: None::<&()>,
        after: Some(&after),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    let kept = store::find_proposal(c, platform::Scope::Own(caller.user_id), proposal.id).await?;
    let kept = kept.ok_or_else(|| ApiError::internal("a proposal that is not there"))?;
    let notice = json!({
        "kind": "location_proposal", "proposalId": kept.proposal_id, "customerId": customer,
        "customerName": kept.customer_name, "userId": kept.user_id, "fullName": kept.full_name, "reason": kept.reason,
    });
    tell(c, app, caller, &kept, (caller.primary_unit, None), &notice).await?;
    Ok((kept, flags))
}

/// `Notice`: to those who lead the unit, or to a person.
async fn tell(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    proposal: &ProposalRow,
    (unit, user): (Option<OrgUnitId>, Option<UserId>),
    notice: &Value,
) -> Result<(), sqlx::Error> {
    let event = Event {
        id: EventId::new(Uuid::now_v7()),
        kind: "Notice",
        aggregate: proposal.proposal_id.uuid(),
        distributor: Some(proposal.distributor_id),
        unit,
        user,
        payload: notice,
    };
    outbox::push(c, caller.context(), app.now(), event).await
}

/// What is decided about a proposal.
#[derive(Debug, Clone)]
pub(crate) enum Decision {
    /// The outlet moves there; visits measured to the wrong place may be judged again.
    Approve { rejudge: bool },
    /// It stays.
    Reject,
}

/// Approves or rejects a proposal. An approved one moves the outlet from now on. Judged again, visits that were measured to
/// the place that was wrong get their distance to the right one beside what was found then.
pub(crate) async fn decide_location(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: LocationProposalId,
    decision: &Decision,
    note: &str,
) -> Result<ProposalRow, ApiError> {
    let scope = caller.scope();
    let proposal = store::lock_proposal(c, scope, id).await?.ok_or_else(ApiError::not_found)?;
    if proposal.status != "pending" {
        return Err(VisitError::ProposalDecided.into());
    }
    let (status, rejudged) = match decision {
        Decision::Reject => ("rejected", 0),
        Decision::Approve { rejudge } => {
            let place =
                Coordinates::new(proposal.latitude, proposal.longitude).map_err(ApiError::internal)?;
            let viewer = Viewer::new(scope, app.today());
            let cx = caller.context();
            customers::service::relocate(c, cx, app.now(), &viewer, proposal.customer_id, None, place)
                .await?;
            let wrong = store::place(proposal.old_latitude, proposal.old_longitude);
            let rejudged = match wrong {
                Some(wrong) if *rejudge => rejudge_visits(c, &proposal, wrong, place).await?,
                _ => 0,
            };
            ("approved", rejudged)
        }
    };
    store::update_decided(c, &proposal, status, note, rejudged, caller.user_id, app.now()).await?;
    let after = json!({ "proposalId": id, "status": status, "note": note, "rejudged": rejudged });
    let entry = Entry {
        action: "customers.decide_location",
        entity: "customer",
        entity_id: Some(proposal.customer_id.uuid()),
        distributor: Some(proposal.distributor_id),
        before: None::<&()>,
        after: Some(&after),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    let notice = json!({
        "kind": "location_decided", "proposalId": id, "customerId": proposal.customer_id,
        "customerName": proposal.customer_name, "approved": status == "approved", "note": note,
    });
    tell(c, app, caller, &proposal, (None, Some(proposal.user_id)), &notice).await?;
    store::find_proposal(c, scope, id).await?.ok_or_else(ApiError::not_found)
}

async fn rejudge_visits(
    c: &mut PgConnection,
    proposal: &ProposalRow,
    wrong: Coordinates,
    right: Coordinates,
) -> Result<i32, ApiError> {
    let visits = store::list_measured(c, proposal.distributor_id, proposal.customer_id, wrong).await?;
    let again = |visit: Measured| {
        let fence = visit.place.geofence(right, visit.policy.radius_metres);
        let far = !visit.policy.in_range(fence.distance_metres, visit.accuracy);
        let compliant = visit.verdict.map(|verdict| {
            let kept = verdict.in_range_after_all();
            kept.compliant() && !far
        });
        Rejudged {
            visit: visit.id,
            distance_metres: i32::try_from(fence.distance_metres).unwrap_or(i32::MAX),
            out_of_range: far,
            compliant,
        }
    };
    let rejudged: Vec<Rejudged> = visits.into_iter().map(again).collect();
    store::update_rejudged(c, proposal.distributor_id, proposal.proposal_id, &rejudged).await?;
    Ok(i32::try_from(rejudged.len()).unwrap_or(i32::MAX))
}
