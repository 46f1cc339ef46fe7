use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::permission::RoutesManage;
use domain::visit::{PolicyChange, VisitPolicy};
use domain::{CustomerId, OrgUnitId};
use platform::{
    ApiError, ApiResult, App, Authorized, Caller, Checks, Command, IfMatch, Problem, Query, transaction,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model;
use crate::service::{self, SetPolicy};
use crate::store::{self, PolicyFilter, PolicyRow};

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct PolicyQuery {
    /// Only those of this unit itself.
    unit_id: Option<OrgUnitId>,
    /// Only those for customers of this type.
    customer_type: Option<String>,
    /// Only those that hold on this day; all that ever did or will when absent.
    on: Option<NaiveDate>,
}

/// Policies.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyList {
    data: Vec<PolicyRow>,
}

/// What scopes decide about visits: the company first, then units from the root down.
#[utoipa::path(
    get,
    path = "/visit-policies",
    tag = "visits",
    operation_id = "listVisitPolicies",
    params(PolicyQuery),
    responses(
        (status = 200, description = "The policies", body = PolicyList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_policies(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PolicyQuery>,
) -> ApiResult<Json<PolicyList>> {
    let filter = PolicyFilter { unit: query.unit_id, customer_type: query.customer_type, on: query.on };
    let mut tx = app.db.read(caller.context()).await?;
    Ok(Json(PolicyList { data: store::list_policies(&mut tx, &filter).await? }))
}

/// Whose visits where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct EffectiveQuery {
    /// Visits of this unit's people; the caller's own first unit when absent.
    unit_id: Option<OrgUnitId>,
    /// At this outlet; or
    customer_id: Option<CustomerId>,
    /// at outlets of this type.
    customer_type: Option<String>,
    /// On this day; today when absent.
    date: Option<NaiveDate>,
}

/// The policy that holds, and where it is from.
#[derive(Debug, Serialize, ToSchema)]
pub struct Effective {
    /// What holds.
    policy: VisitPolicy,
    /// What decided it, from the company down; the default beneath them all isn't listed.
    sources: Vec<PolicyRow>,
}

/// The policy that holds for visits, as the phone needs it before it goes offline.
#[utoipa::path(
    get,
    path = "/visit-policies/effective",
    tag = "visits",
    operation_id = "getVisitPolicy",
    params(EffectiveQuery),
    responses(
        (status = 200, description = "The policy", body = Effective),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such outlet", body = Problem),
    )
)]
pub async fn effective_policy(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<EffectiveQuery>,
) -> ApiResult<Json<Effective>> {
    let day = query.date.map_or_else(|| Ok(app.today()), |date| model::day("date", date))?;
    let mut tx = app.db.lookup(caller.context()).await?;
    let customer_type = match query.customer_id {
        Some(customer) => {
            Some(store::find_customer_type(&mut tx, customer).await?.ok_or_else(ApiError::not_found)?)
        }
        None => query.customer_type,
    };
    let unit = query.unit_id.or(caller.primary_unit);
    let sources = store::list_effective(&mut tx, unit, customer_type.as_deref(), day).await?;
    let policy = VisitPolicy::resolve(sources.iter().map(|source| &source.policy.0));
    Ok(Json(Effective { policy, sources }))
}

/// A policy to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetVisitPolicy {
    /// For this unit and all below it; left out it is the company's.
    unit_id: Option<OrgUnitId>,
    /// Only for customers of this type.
    #[schema(max_length = 100)]
    customer_type: Option<String>,
    /// Its first day, today at the earliest; it holds until the scope's next one begins.
    valid_from: NaiveDate,
    /// What the scope decides; what is absent is as above it, so `{}` ends what it decided before.
    policy: PolicyChange,
    /// The version that was changed, unless `If-Match` names it; 0 for one that isn't there yet.
    version: Option<i64>,
}

/// Sets what a scope decides about visits from a day on. The company's is for its own people; a unit's for who stands there
/// or above.
#[utoipa::path(
    put,
    path = "/visit-policies",
    tag = "visits",
    operation_id = "setVisitPolicy",
    params(("If-Match" = Option<i64>, Header, description = "The version that was changed; or `version` in the body")),
    request_body = SetVisitPolicy,
    responses(
        (status = 200, description = "The policy", body = PolicyRow),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No routes.manage, or not of the company", body = Problem),
        (status = 404, description = "No such unit of the caller's", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
        (status = 422, description = "It can't be meant, or begins in the past", body = Problem),
    )
)]
pub async fn set_policy(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    if_match: IfMatch,
    cmd: Command<SetVisitPolicy>,
) -> ApiResult<Json<PolicyRow>> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let customer_type = body.customer_type.as_deref().map(|text| checks.required("customerType", text, 100));
    checks.done()?;
    let set = SetPolicy {
        unit: body.unit_id,
        customer_type,
        valid_from: model::day("validFrom", body.valid_from)?,
        change: body.policy.clone(),
        version: if_match.0.or(body.version).unwrap_or(0),
    };
    let policy = transaction!(app.db, caller.context(), "visits.policy", |tx| {
        service::set_policy(tx, &app, &caller, &set).await
    })
    // Two at once: the other one was first.
    .map_err(|error| error.on_constraint("visit_policies_scope_uniq", ApiError::stale))?;
    Ok(Json(policy))
}
