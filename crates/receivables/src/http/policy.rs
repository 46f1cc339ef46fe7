use axum::Json;
use axum::extract::State;
use domain::permission::ReceivablesManage;
use domain::{DistributorId, Money};
use platform::{ApiResult, App, Authorized, Checks, Command, IfMatch, Problem, Query, transaction};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::model::CashPolicy;
use crate::{service, store};

/// The most that is tolerated, in đồng.
const MAX_TOLERANCE: i64 = 100_000_000;

/// Whose policy.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct CashPolicyQuery {
    /// The distributor; one's own when left out.
    distributor_id: Option<DistributorId>,
}

/// How the cash of reps is treated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SetCashPolicy {
    /// The distributor; one's own when left out.
    distributor_id: Option<DistributorId>,
    /// A difference up to this is posted without asking, in đồng.
    #[schema(minimum = 0)]
    tolerance: i64,
    /// The version that was changed, unless `If-Match` names it; without either, whatever is there is replaced.
    version: Option<i64>,
}

/// How a distributor treats its reps' cash.
#[utoipa::path(
    get,
    path = "/receivables/cash-policy",
    tag = "receivables",
    operation_id = "getCashPolicy",
    params(CashPolicyQuery),
    responses(
        (status = 200, description = "The policy", body = CashPolicy),
        (status = 400, description = "No distributor named", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 404, description = "The distributor is not the caller's", body = Problem),
    )
)]
pub(crate) async fn show_cash_policy(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    Query(query): Query<CashPolicyQuery>,
) -> ApiResult<Json<CashPolicy>> {
    let distributor_id = caller.distributor(query.distributor_id)?;
    let mut tx = app.db.read(caller.context()).await?;
    Ok(Json(store::find_policy(&mut tx, distributor_id).await?))
}

/// Says how a distributor treats its reps' cash.
#[utoipa::path(
    put,
    path = "/receivables/cash-policy",
    tag = "receivables",
    operation_id = "setCashPolicy",
    request_body = SetCashPolicy,
    params(("If-Match" = Option<i64>, Header, description = "The version that was changed; or `version` in the body")),
    responses(
        (status = 200, description = "The policy", body = CashPolicy),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 404, description = "The distributor is not the caller's", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
    )
)]
pub(crate) async fn set_cash_policy(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    version: IfMatch,
    cmd: Command<SetCashPolicy>,
) -> ApiResult<Json<CashPolicy>> {
    let mut checks = Checks::default();
    let tolerance = Money::new(checks.range("tolerance", cmd.body.tolerance, 0..=MAX_TOLERANCE));
    checks.done()?;
    let distributor = caller.distributor(cmd.body.distributor_id)?;
    let policy = transaction!(app.db, caller.context(), "receivables.set_cash_policy", |tx| {
        let version = version.0.or(cmd.body.version);
        service::set_policy(tx, &app, &caller, distributor, tolerance, version).await
    })?;
    Ok(Json(policy))
}

/// Gives a distributor's own policy up: nothing is tolerated any more.
#[utoipa::path(
    delete,
    path = "/receivables/cash-policy",
    tag = "receivables",
    operation_id = "deleteCashPolicy",
    params(CashPolicyQuery, ("If-Match" = i64, Header, description = "The version that is given up")),
    responses(
        (status = 200, description = "The policy that holds now", body = CashPolicy),
        (status = 400, description = "No If-Match, or no distributor named", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 404, description = "The distributor is not the caller's, or has no policy of its own", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
    )
)]
pub(crate) async fn delete_cash_policy(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    Query(query): Query<CashPolicyQuery>,
    version: IfMatch,
) -> ApiResult<Json<CashPolicy>> {
    let distributor = caller.distributor(query.distributor_id)?;
    let version = version.version(None)?;
    let policy = transaction!(app.db, caller.context(), "receivables.delete_cash_policy", |tx| {
        service::delete_policy(tx, &app, &caller, distributor, version).await
    })?;
    Ok(Json(policy))
}
