use axum::Json;
use axum::extract::State;
use domain::InvoiceId;
use domain::permission::InvoicesManage;
use platform::{ApiResult, App, Authorized, Command, Path, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::model::InvoiceView;
use crate::service;

/// Nothing to say yet: the whole invoice leaves, first expiry first.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct IssueBody {}

/// Issue the goods of an invoice: stock leaves by first expiry, the customer owes the total.
#[utoipa::path(post, path = "/invoices/{id}/issue", tag = "invoices", operation_id = "issueInvoice", request_body = IssueBody,
    params(("id" = InvoiceId, Path, description = "The invoice"), ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The invoice with its issue", body = InvoiceView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such invoice for the caller", body = Problem),
        (status = 409, description = "Its goods have left already", body = Problem),
        (status = 422, description = "Stock is short", body = Problem),
    ))]
pub async fn issue_invoice(
    State(app): State<App>,
    caller: Authorized<InvoicesManage>,
    Path(id): Path<InvoiceId>,
    cmd: Command<IssueBody>,
) -> ApiResult<Json<InvoiceView>> {
    Ok(Json(service::issue(&app, &caller, &cmd.once(None), id).await?))
}
