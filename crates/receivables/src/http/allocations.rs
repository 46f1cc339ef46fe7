use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::ReceivablesManage;
use domain::{AllocationId, CustomerId, ReceivableEntryId};
use platform::{
    ApiResult, App, Authorized, Checks, Command, PageQuery, Pagination, Path, Problem, Query,
    transaction_once,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AllocateTo;
use crate::model::Allocation;
use crate::{service, store};

/// Which debts a credit pays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateAllocations {
    /// The credit: the entry of a receipt, a return or an adjustment of which something is left.
    credit_entry_id: ReceivableEntryId,
    /// The debts, 1 to 500.
    #[schema(min_items = 1, max_items = 500)]
    allocations: Vec<AllocateTo>,
}

/// The allocations of a credit.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AllocationsMade {
    /// The credit.
    credit_entry_id: ReceivableEntryId,
    /// All allocations of it that stand, the latest last.
    allocations: Vec<Allocation>,
}

/// Pays debts with what is left of a credit.
#[utoipa::path(
    post,
    path = "/receivables/allocations",
    tag = "receivables",
    operation_id = "createAllocations",
    request_body = CreateAllocations,
    responses(
        (status = 201, description = "The allocations of the credit", body = AllocationsMade),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 404, description = "No such entry", body = Problem),
        (status = 422, description = "More than is open on a side, or a debt of somebody else", body = Problem),
    )
)]
pub(crate) async fn create_allocations(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    cmd: Command<CreateAllocations>,
) -> ApiResult<(StatusCode, Json<AllocationsMade>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    if body.allocations.is_empty() {
        checks.wrong("allocations", "Cần ít nhất 1 dòng", "At least 1 line is needed");
    }
    let wanted = super::allocations(&mut checks, &body.allocations);
    checks.done()?;
    let (once, credit_entry_id) = (cmd.once(None), body.credit_entry_id);
    let made = transaction_once!(app, caller.context(), once, "receivables.allocate", |tx| {
        let allocations = service::allocate(tx, &app, &caller, credit_entry_id, &wanted).await?;
        Ok(AllocationsMade { credit_entry_id, allocations })
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UndoAllocation {}

/// Undoes an allocation from today on: credit and debt are open again. What was paid on days before stays paid then.
#[utoipa::path(
    post,
    path = "/receivables/allocations/{id}/undo",
    tag = "receivables",
    operation_id = "undoAllocation",
    params(("id" = AllocationId, Path, description = "The allocation")),
    request_body = UndoAllocation,
    responses(
        (status = 200, description = "The allocation, undone", body = Allocation),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 404, description = "No such allocation", body = Problem),
        (status = 409, description = "It was undone already", body = Problem),
        (status = 422, description = "It belongs to money given back or to a cancelled receipt", body = Problem),
    )
)]
pub(crate) async fn undo_allocation(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    Path(id): Path<AllocationId>,
    cmd: Command<UndoAllocation>,
) -> ApiResult<Json<Allocation>> {
    let once = cmd.once(None);
    let undone = transaction_once!(app, caller.context(), once, "receivables.undo_allocation", |tx| {
        service::undo_allocation(tx, &app, &caller, id).await
    })?;
    Ok(Json(undone))
}

/// Whose allocations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct AllocationQuery {
    /// The customer.
    customer_id: CustomerId,
}

/// A page of allocations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AllocationList {
    data: Vec<Allocation>,
    pagination: Pagination,
}

/// A customer's allocations, those that were undone too, the latest first.
#[utoipa::path(
    get,
    path = "/receivables/allocations",
    tag = "receivables",
    operation_id = "listAllocations",
    params(PageQuery, AllocationQuery),
    responses(
        (status = 200, description = "A page of allocations", body = AllocationList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
    )
)]
pub(crate) async fn list_allocations(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    Query(page): Query<PageQuery>,
    Query(query): Query<AllocationQuery>,
) -> ApiResult<Json<AllocationList>> {
    let page = page.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total) = store::list_customer_allocations(&mut tx, query.customer_id, &page).await?;
    Ok(Json(AllocationList { data, pagination: page.of(total) }))
}
