use axum::Json;
use axum::extract::State;
use domain::permission::InvoicesManage;
use domain::{InvoiceId, LotId, Quantity, Unit};
use platform::{ApiResult, App, Authorized, Checks, Command, Path, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::model::InvoiceView;
use crate::service::{self, IssueLineAsked};

/// The most of one unit on a line.
const MAX_QUANTITY: i64 = 10_000_000_000;
/// The most lines of an invoice: 50 orders of 200 lines and their free goods.
const MAX_LINES: usize = 20_000;
/// The most lots named on a line.
const MAX_LOTS: usize = 50;

/// What leaves; without lines all that is left, first expiry first.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssueBody {
    /// Only these lines.
    #[serde(default)]
    lines: Vec<IssueBodyLine>,
}

/// What leaves of a line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssueBodyLine {
    /// The line of the invoice.
    line_no: i32,
    /// How many of the unit.
    #[schema(minimum = 1)]
    quantity: i64,
    /// Pieces, or the line's own unit; that one when absent.
    unit: Option<Unit>,
    /// The lots to take, together what leaves; by first expiry when absent.
    #[serde(default)]
    lots: Vec<IssueBodyLot>,
}

/// What leaves of a lot.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssueBodyLot {
    /// The lot.
    lot_id: LotId,
    /// Pieces.
    #[schema(minimum = 1)]
    pieces: i64,
}

/// Issue goods of an invoice, all that is left or a part: stock leaves by first expiry or from the lots named, the
/// customer owes what leaves. The amounts of all parts add up to the invoice.
#[utoipa::path(post, path = "/invoices/{id}/issue", tag = "invoices", operation_id = "issueInvoice", request_body = IssueBody,
    params(("id" = InvoiceId, Path, description = "The invoice"), ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The invoice with its issues", body = InvoiceView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such invoice for the caller", body = Problem),
        (status = 409, description = "Its goods have left already", body = Problem),
        (status = 422, description = "Stock is short, or more is asked than is left", body = Problem),
    ))]
pub async fn issue_invoice(
    State(app): State<App>,
    caller: Authorized<InvoicesManage>,
    Path(id): Path<InvoiceId>,
    cmd: Command<IssueBody>,
) -> ApiResult<Json<InvoiceView>> {
    let mut checks = Checks::default();
    if cmd.body.lines.len() > MAX_LINES {
        checks.wrong("lines", "Quá nhiều dòng", "Too many lines");
    }
    let mut asked = Vec::with_capacity(cmd.body.lines.len().min(MAX_LINES));
    for (index, line) in cmd.body.lines.iter().enumerate().take(MAX_LINES) {
        let quantity = checks.range(&format!("lines[{index}].quantity"), line.quantity, 1..=MAX_QUANTITY);
        if line.lots.len() > MAX_LOTS {
            let field = format!("lines[{index}].lots");
            checks.wrong(&field, format!("Tối đa {MAX_LOTS} lô"), format!("At most {MAX_LOTS} lots"));
        }
        let mut lots = Vec::with_capacity(line.lots.len().min(MAX_LOTS));
        for (at, lot) in line.lots.iter().enumerate().take(MAX_LOTS) {
            let field = format!("lines[{index}].lots[{at}].pieces");
            lots.push((lot.lot_id, Quantity::new(checks.range(&field, lot.pieces, 1..=MAX_QUANTITY))));
        }
        asked.push(IssueLineAsked { line_no: line.line_no, quantity, unit: line.unit, lots });
    }
    checks.done()?;
    Ok(Json(service::issue(&app, &caller, &cmd.once(None), id, &asked).await?))
}

/// Why an invoice ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndInvoice {
    /// The reason.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Cancel an invoice of which nothing has left: its orders are approved again, with their stock reserved.
#[utoipa::path(post, path = "/invoices/{id}/cancel", tag = "invoices", operation_id = "cancelInvoice", request_body = EndInvoice,
    params(("id" = InvoiceId, Path, description = "The invoice"), ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The invoice, cancelled", body = InvoiceView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such invoice for the caller", body = Problem),
        (status = 409, description = "Goods have left, or it was cancelled before", body = Problem),
    ))]
pub async fn cancel_invoice(
    State(app): State<App>,
    caller: Authorized<InvoicesManage>,
    Path(id): Path<InvoiceId>,
    cmd: Command<EndInvoice>,
) -> ApiResult<Json<InvoiceView>> {
    let reason = reason(&cmd.body.reason)?;
    Ok(Json(service::cancel_invoice(&app, &caller, &cmd.once(None), id, &reason).await?))
}

/// Close an invoice of which a part has left and the rest will not: what is reserved for the rest is free again.
#[utoipa::path(post, path = "/invoices/{id}/close", tag = "invoices", operation_id = "closeInvoice", request_body = EndInvoice,
    params(("id" = InvoiceId, Path, description = "The invoice"), ("Idempotency-Key" = Option<String>, Header, description = "Repeats with the same key get the first answer")),
    responses(
        (status = 200, description = "The invoice, closed", body = InvoiceView),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No permission", body = Problem),
        (status = 404, description = "No such invoice for the caller", body = Problem),
        (status = 409, description = "Nothing of it has left, or all", body = Problem),
    ))]
pub async fn close_invoice(
    State(app): State<App>,
    caller: Authorized<InvoicesManage>,
    Path(id): Path<InvoiceId>,
    cmd: Command<EndInvoice>,
) -> ApiResult<Json<InvoiceView>> {
    let reason = reason(&cmd.body.reason)?;
    Ok(Json(service::close_invoice(&app, &caller, &cmd.once(None), id, &reason).await?))
}

fn reason(text: &str) -> ApiResult<String> {
    let mut checks = Checks::default();
    let reason = checks.required("reason", text, 2000);
    checks.done()?;
    Ok(reason)
}
