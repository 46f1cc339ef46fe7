use axum::Json;
use axum::extract::State;
use domain::permission::PlansManage;
use platform::{
    ApiError, ApiResult, App, Authorized, Caller, Command, IfMatch, PolicyOf, Problem, Query, transaction,
};

use crate::model::{RoutePolicy, SetRoutePolicy};
use crate::{service, store};

/// How routes are planned: which weeks count, what holidays do.
#[utoipa::path(get, path = "/policies/routes", tag = "routes", operation_id = "getRoutePolicy", params(PolicyOf),
    responses(
        (status = 200, description = "The policy that holds", body = RoutePolicy),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such distributor for the caller", body = Problem),
    ))]
pub async fn get_policy(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PolicyOf>,
) -> ApiResult<Json<RoutePolicy>> {
    let distributor = query.holder(&caller)?;
    let mut tx = app.db.read(caller.context()).await?;
    if let Some(id) = distributor
        && !store::distributor_exists(&mut tx, id).await?
    {
        return Err(ApiError::not_found());
    }
    Ok(Json(store::find_policy(&mut tx, distributor).await?))
}

/// Sets the policy: of one distributor, or by the company that of all which have none of their own. It holds for every
/// plan that is looked at from then on; visits keep whether they were in the plan.
#[utoipa::path(put, path = "/policies/routes", tag = "routes", operation_id = "setRoutePolicy", request_body = SetRoutePolicy,
    params(PolicyOf, ("If-Match" = Option<i64>, Header, description = "The version that was changed; or `version` in the body")),
    responses(
        (status = 200, description = "The policy", body = RoutePolicy),
        (status = 400, description = "A field is not valid, or no distributor named", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to say how routes are planned", body = Problem),
        (status = 404, description = "No such distributor for the caller", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
    ))]
pub async fn set_policy(
    State(app): State<App>,
    caller: Authorized<PlansManage>,
    Query(query): Query<PolicyOf>,
    version: IfMatch,
    cmd: Command<SetRoutePolicy>,
) -> ApiResult<Json<RoutePolicy>> {
    let mut distributor = query.holder(&caller)?;
    if distributor.is_none() && caller.tenants != db::Tenants::Company {
        // Only the whole company sets what holds for all.
        distributor = Some(caller.distributor(None)?);
    }
    let version = version.version(cmd.body.version)?;
    if cmd.body.working_days.as_ref().is_some_and(|days| days.iter().next().is_none()) {
        return Err(ApiError::invalid_field(
            "workingDays",
            "Chọn ít nhất một ngày",
            "Choose at least one day",
        ));
    }
    let policy = transaction!(app.db, caller.context(), "routes.policy", |tx| {
        service::set_policy(tx, &app, &caller, distributor, version, &cmd.body).await
    })?;
    Ok(Json(policy))
}
