use axum::Json;
use axum::extract::State;
use domain::permission::InvoicesManage;
use platform::{ApiError, ApiResult, App, Authorized, Caller, Command, IfMatch, PolicyOf, Problem, Query};

use crate::model::{OrderPolicy, SetOrderPolicy};
use crate::{service, store};

/// How orders are decided upon: credit, overdue debts, short stock.
#[utoipa::path(get, path = "/policies/orders", tag = "orders", operation_id = "getOrderPolicy", params(PolicyOf),
    responses(
        (status = 200, description = "The policy that holds", body = OrderPolicy),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such distributor for the caller", body = Problem),
    ))]
pub async fn get_policy(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PolicyOf>,
) -> ApiResult<Json<OrderPolicy>> {
    let distributor = query.holder(&caller)?;
    let mut tx = app.db.read(caller.context()).await?;
    if let Some(id) = distributor
        && !store::distributor_exists(&mut tx, id).await?
    {
        return Err(ApiError::not_found());
    }
    Ok(Json(store::find_policy(&mut tx, distributor).await?))
}

/// Set the policy: the office of a distributor its own, the company any distributor's and the default of all.
#[utoipa::path(put, path = "/policies/orders", tag = "orders", operation_id = "setOrderPolicy", request_body = SetOrderPolicy,
    params(PolicyOf, ("If-Match" = Option<i64>, Header, description = "The version that was changed; or `version` in the body")),
    responses(
        (status = 200, description = "The policy", body = OrderPolicy),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such distributor for the caller", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
    ))]
pub async fn set_policy(
    State(app): State<App>,
    caller: Authorized<InvoicesManage>,
    Query(query): Query<PolicyOf>,
    version: IfMatch,
    cmd: Command<SetOrderPolicy>,
) -> ApiResult<Json<OrderPolicy>> {
    let distributor = query.holder(&caller)?;
    let version = version.version(cmd.body.version)?;
    if cmd.body.allowed_overdue_days.is_some_and(|days| days > 3650) {
        return Err(ApiError::invalid_field(
            "allowedOverdueDays",
            "Phải từ 0 đến 3650",
            "Must be 0 to 3,650",
        ));
    }
    Ok(Json(service::set_policy(&app, &caller, distributor, version, &cmd.body).await?))
}

/// Give a distributor's own policy up: the company's default holds again. The default itself stays.
#[utoipa::path(delete, path = "/policies/orders", tag = "orders", operation_id = "deleteOrderPolicy",
    params(PolicyOf, ("If-Match" = i64, Header, description = "The version that is given up")),
    responses(
        (status = 200, description = "The policy that holds now", body = OrderPolicy),
        (status = 400, description = "No If-Match, or no distributor named", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such distributor for the caller, or it has no policy of its own", body = Problem),
        (status = 412, description = "It was changed meanwhile", body = Problem),
    ))]
pub async fn delete_policy(
    State(app): State<App>,
    caller: Authorized<InvoicesManage>,
    Query(query): Query<PolicyOf>,
    version: IfMatch,
) -> ApiResult<Json<OrderPolicy>> {
    let distributor = caller.distributor(query.distributor_id.or(caller.distributor_id))?;
    let version = version.version(None)?;
    Ok(Json(service::delete_policy(&app, &caller, distributor, version).await?))
}
