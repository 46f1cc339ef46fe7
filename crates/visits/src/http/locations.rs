use adapters::blob::BlobId;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use customers::store::Viewer;
use domain::permission::{CustomersApprove, VisitsCreate};
use domain::{CustomerId, LocationProposalId, VisitId};
use platform::{
    ApiError, ApiResult, App, Authorized, Caller, Checks, Command, Mode, PageQuery, Pagination, Path,
    Problem, Query, transaction_once,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::model;
use crate::service::{self, Decision, LocationProposal};
use crate::store::{self, LocationRow, ProposalFilter, ProposalRow};

/// Where an outlet stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProposeLocation {
    /// Made by the phone, so that a repeat is known.
    id: Option<LocationProposalId>,
    /// Where.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Where.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// By how many metres that may be wrong.
    accuracy: Option<f64>,
    /// Why the present place is wrong.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// The digest of a photo taken there; its bytes go to `/files/{sha256}`, before or after.
    photo_sha256: String,
    /// The visit in which it was found.
    visit_id: Option<VisitId>,
    /// When, by the device; now when absent.
    at: Option<DateTime<Utc>>,
}

/// Proposes another place for an outlet whose place is wrong; a supervisor decides.
#[utoipa::path(
    post,
    path = "/customers/{id}/location-proposals",
    tag = "customers",
    operation_id = "proposeLocation",
    params(("id" = CustomerId, Path, description = "The outlet")),
    request_body = ProposeLocation,
    responses(
        (status = 201, description = "The proposal", body = ProposalRow),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No visits.create", body = Problem),
        (status = 404, description = "No such outlet", body = Problem),
        (status = 409, description = "Another proposal has the id", body = Problem),
        (status = 422, description = "The location is locked, or the device's clock is too far off", body = Problem),
    )
)]
pub async fn propose_location(
    State(app): State<App>,
    caller: Authorized<VisitsCreate>,
    Path(customer): Path<CustomerId>,
    cmd: Command<ProposeLocation>,
) -> ApiResult<(StatusCode, Json<ProposalRow>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let reason = checks.required("reason", &body.reason, 2000);
    checks.done()?;
    let photo = BlobId::parse(&body.photo_sha256).ok_or_else(|| {
        ApiError::invalid_field("photoSha256", "Phải là mã SHA-256 của ảnh", "Must be the SHA-256 of a photo")
    })?;
    let proposal = LocationProposal {
        id: body.id.unwrap_or_else(|| LocationProposalId::new(Uuid::now_v7())),
        place: model::place(body.latitude, body.longitude)?,
        accuracy: model::accuracy(body.accuracy)?,
        reason,
        photo,
        visit: body.visit_id,
        at: body.at,
    };
    let once = cmd.once(body.id.map(LocationProposalId::uuid));
    let kept = transaction_once!(app, caller.context(), once, "visits.propose_location", |tx| {
        let (kept, _) = service::propose_location(tx, &app, &caller, customer, &proposal, Mode::Live).await?;
        Ok(kept)
    })?;
    Ok((StatusCode::CREATED, Json(kept)))
}

/// Where an outlet stood.
#[derive(Debug, Serialize, ToSchema)]
pub struct LocationList {
    data: Vec<LocationRow>,
}

/// Where an outlet stood since when, the latest first.
#[utoipa::path(
    get,
    path = "/customers/{id}/locations",
    tag = "customers",
    operation_id = "listLocations",
    params(("id" = CustomerId, Path, description = "The outlet")),
    responses(
        (status = 200, description = "The places", body = LocationList),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such outlet", body = Problem),
    )
)]
pub async fn list_locations(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<CustomerId>,
) -> ApiResult<Json<LocationList>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    let viewer = Viewer::new(caller.scope(), app.today());
    let outlet = customers::store::find(&mut tx, &viewer, customer).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(LocationList { data: store::list_locations(&mut tx, outlet.distributor_id, customer).await? }))
}

/// Narrows the list. `search` looks at the outlet.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ProposalQuery {
    /// `pending`, `approved` or `rejected`.
    status: Option<String>,
    /// Only about this outlet.
    customer_id: Option<CustomerId>,
}

/// A page of proposals.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalList {
    data: Vec<ProposalRow>,
    pagination: Pagination,
}

/// Proposals where outlets stand, of one's scope, the latest first.
#[utoipa::path(
    get,
    path = "/location-proposals",
    tag = "customers",
    operation_id = "listLocationProposals",
    params(PageQuery, ProposalQuery),
    responses(
        (status = 200, description = "A page of proposals", body = ProposalList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_proposals(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<ProposalQuery>,
) -> ApiResult<Json<ProposalList>> {
    let page = page.checked()?;
    let filter = ProposalFilter {
        id: None,
        status: query.status,
        customer: query.customer_id,
        search: page.search.clone(),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_proposals(&mut tx, caller.scope(), &filter, &page).await?;
    Ok(Json(ProposalList { data, pagination: page.of(total) }))
}

/// How a proposal is approved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApproveProposal {
    /// Whether visits that were measured to the wrong place get their distance to the right one, beside what was found.
    #[serde(default = "yes")]
    rejudge: bool,
    /// What there is to say.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

const fn yes() -> bool {
    true
}

/// Moves the outlet to where the proposal says, from now on. Visits of the past keep what was found at their time.
#[utoipa::path(
    post,
    path = "/location-proposals/{id}/approve",
    tag = "customers",
    operation_id = "approveLocationProposal",
    params(("id" = LocationProposalId, Path, description = "The proposal")),
    request_body = ApproveProposal,
    responses(
        (status = 200, description = "The proposal as it is now", body = ProposalRow),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No customers.approve", body = Problem),
        (status = 404, description = "No such proposal", body = Problem),
        (status = 409, description = "It was decided already", body = Problem),
        (status = 422, description = "The outlet's location or data is locked", body = Problem),
    )
)]
pub async fn approve_proposal(
    State(app): State<App>,
    caller: Authorized<CustomersApprove>,
    Path(id): Path<LocationProposalId>,
    cmd: Command<ApproveProposal>,
) -> ApiResult<Json<ProposalRow>> {
    let decision = Decision::Approve { rejudge: cmd.body.rejudge };
    decide(&app, &caller, id, &cmd, &decision, &cmd.body.note).await
}

/// Why a proposal is rejected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RejectProposal {
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Leaves the outlet where it is.
#[utoipa::path(
    post,
    path = "/location-proposals/{id}/reject",
    tag = "customers",
    operation_id = "rejectLocationProposal",
    params(("id" = LocationProposalId, Path, description = "The proposal")),
    request_body = RejectProposal,
    responses(
        (status = 200, description = "The proposal as it is now", body = ProposalRow),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No customers.approve", body = Problem),
        (status = 404, description = "No such proposal", body = Problem),
        (status = 409, description = "It was decided already", body = Problem),
    )
)]
pub async fn reject_proposal(
    State(app): State<App>,
    caller: Authorized<CustomersApprove>,
    Path(id): Path<LocationProposalId>,
    cmd: Command<RejectProposal>,
) -> ApiResult<Json<ProposalRow>> {
    let mut checks = Checks::default();
    checks.required("reason", &cmd.body.reason, 2000);
    checks.done()?;
    decide(&app, &caller, id, &cmd, &Decision::Reject, &cmd.body.reason).await
}

async fn decide<T>(
    app: &App,
    caller: &Caller,
    id: LocationProposalId,
    cmd: &Command<T>,
    decision: &Decision,
    note: &str,
) -> ApiResult<Json<ProposalRow>>
where
    T: Send + Sync,
{
    let mut checks = Checks::default();
    let note = checks.text("note", note, 2000);
    checks.done()?;
    let proposal =
        transaction_once!(app, caller.context(), cmd.once(None), "visits.decide_location", |tx| {
            service::decide_location(tx, app, caller, id, decision, &note).await
        })?;
    Ok(Json(proposal))
}
