use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::permission::RoutesManage;
use domain::{CustomerId, DisplayProgramId};
use platform::{
    ApiError, ApiResult, App, Authorized, Caller, Checks, Command, PageQuery, Pagination, Path, Problem,
    Query, transaction_once,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::Registered;
use crate::service::{self, Registration};
use crate::store;

/// A page of outlets.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredList {
    data: Vec<Registered>,
    pagination: Pagination,
}

/// The outlets that take part, of those one sees.
#[utoipa::path(
    get,
    path = "/display-programs/{id}/customers",
    tag = "displays",
    operation_id = "listDisplayCustomers",
    params(("id" = DisplayProgramId, Path, description = "The program"), PageQuery),
    responses(
        (status = 200, description = "A page of outlets", body = RegisteredList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such program", body = Problem),
    )
)]
pub async fn list_registered(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<DisplayProgramId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<RegisteredList>> {
    let page = page.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    store::find_program(&mut tx, id).await?.ok_or_else(ApiError::not_found)?;
    let (data, total) = store::list_registered(&mut tx, caller.scope(), app.today(), id, &page).await?;
    Ok(Json(RegisteredList { data, pagination: page.of(total) }))
}

/// Outlets to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Register {
    /// Which, at most 1,000.
    #[schema(min_items = 1, max_items = 1000)]
    customer_ids: Vec<CustomerId>,
    /// Their first day.
    valid_from: NaiveDate,
    /// Their last day, to end their part; none is the program's.
    valid_to: Option<NaiveDate>,
}

/// How many take part now, of those that were named.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredCount {
    /// How many.
    registered: usize,
}

/// Registers outlets for a program, or changes their days.
#[utoipa::path(
    post,
    path = "/display-programs/{id}/customers",
    tag = "displays",
    operation_id = "registerDisplayCustomers",
    params(("id" = DisplayProgramId, Path, description = "The program")),
    request_body = Register,
    responses(
        (status = 200, description = "How many", body = RegisteredCount),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No routes.manage", body = Problem),
        (status = 404, description = "No such program", body = Problem),
        (status = 422, description = "An outlet isn't the caller's, or its distributor takes no part", body = Problem),
    )
)]
pub async fn register_customers(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    Path(id): Path<DisplayProgramId>,
    cmd: Command<Register>,
) -> ApiResult<Json<RegisteredCount>> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    checks.range("customerIds", i64::try_from(body.customer_ids.len()).unwrap_or(i64::MAX), 1..=1000);
    checks.range("validFrom", chrono::Datelike::year(&body.valid_from).into(), 2000..=2100);
    if body.valid_to.is_some_and(|to| to < body.valid_from) {
        checks.wrong("validTo", "Phải từ ngày bắt đầu trở đi", "Must not be before the first day");
    }
    checks.done()?;
    let mut customers = body.customer_ids.clone();
    customers.sort_unstable();
    customers.dedup();
    let registration = Registration { customers, valid_from: body.valid_from, valid_to: body.valid_to };
    let count = transaction_once!(app, caller.context(), cmd.once(None), "displays.register", |tx| {
        let registered = service::register(tx, &app, &caller, id, &registration).await?;
        Ok(RegisteredCount { registered })
    })?;
    Ok(Json(count))
}
