use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::permission::ReceivablesManage;
use domain::{CustomerId, Money, ReceiptId, UserId};
use platform::{
    ApiResult, App, Authorized, Caller, Checks, Command, ListFormat, Once, PageQuery, Pagination, Path,
    Problem, Query, transaction_once,
};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{AllocateTo, MAX_AMOUNT, allocations, method_vi};
use crate::model::{Allocated, MoneyReceipt, PaymentMethod};
use crate::service::{self, Payment, Pays, Received};
use crate::store::{self, DocumentFilter};

/// Money that came in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateMoneyReceipt {
    /// Made by the client, so that a repeat is known.
    id: Option<ReceiptId>,
    /// Who pays.
    customer_id: CustomerId,
    /// đồng.
    #[schema(minimum = 1)]
    amount: i64,
    /// How it came.
    method: PaymentMethod,
    /// A remark.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
    /// Who took it, when somebody else enters it; cash that a rep took is the rep's to hand over.
    collected_by: Option<UserId>,
    /// Which debts it pays; the oldest due first when left out. What is not allocated stays as the customer's credit.
    allocations: Option<Vec<AllocateTo>>,
}

/// What was received, and what it paid.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MoneyReceiptMade {
    /// The receipt's id.
    receipt_id: ReceiptId,
    /// `TN-YYYYMMDD-NNNN`.
    number: String,
    /// Who paid.
    customer_id: CustomerId,
    /// đồng.
    amount: Money,
    /// How it came.
    method: PaymentMethod,
    /// The business day.
    business_date: NaiveDate,
    /// The debts it paid.
    allocations: Vec<Allocated>,
    /// What of it is left as the customer's credit, in đồng.
    unallocated: Money,
    /// What the customer owes now, in đồng; negative is credit.
    balance: Money,
}

impl MoneyReceiptMade {
    fn new(Received { receipt, balance }: Received) -> Self {
        MoneyReceiptMade {
            receipt_id: receipt.receipt_id,
            number: receipt.number,
            customer_id: receipt.customer_id,
            amount: receipt.amount,
            method: receipt.method,
            business_date: receipt.business_date,
            allocations: receipt.allocations,
            unallocated: receipt.unallocated,
            balance,
        }
    }
}

/// Receives money from a customer.
#[utoipa::path(
    post,
    path = "/receivables/receipts",
    tag = "receivables",
    operation_id = "createReceipt",
    request_body = CreateMoneyReceipt,
    responses(
        (status = 201, description = "The receipt", body = MoneyReceiptMade),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to receive money", body = Problem),
        (status = 404, description = "The customer is not the caller's", body = Problem),
        (status = 409, description = "The id is taken", body = Problem),
        (status = 422, description = "An allocation is more than its debt or than the money, or no debt of the customer", body = Problem),
    )
)]
pub(crate) async fn create_receipt(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    cmd: Command<CreateMoneyReceipt>,
) -> ApiResult<(StatusCode, Json<MoneyReceiptMade>)> {
    let body = &cmd.body;
    let payment = payment(body, app.today())?;
    let id = body.id.unwrap_or_else(|| Uuid::now_v7().into());
    let once = cmd.once(body.id.map(ReceiptId::uuid));
    let made = transaction_once!(app, caller.context(), once, "receivables.receive", |tx| {
        Ok(MoneyReceiptMade::new(service::receive(tx, &app, &caller, id, &payment).await?))
    });
    let made = match made {
        Err(refusal) if Once::may_be_known(&refusal) => known(&app, &caller, body).await?.ok_or(refusal)?,
        made => made?,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// The receipt that is there already under the client's id, if the caller posted it and for the same money.
async fn known(app: &App, caller: &Caller, body: &CreateMoneyReceipt) -> ApiResult<Option<MoneyReceiptMade>> {
    let Some(id) = body.id else { return Ok(None) };
    let mut tx = app.db.read(caller.context()).await?;
    let Some(balance) = store::find_balance_after(&mut tx, id, caller.user_id).await? else {
        return Ok(None);
    };
    let receipt = store::find_receipt(&mut tx, id).await?;
    let same = |r: &MoneyReceipt| {
        (r.customer_id, r.amount.dong(), r.method) == (body.customer_id, body.amount, body.method)
    };
    Ok(receipt.filter(same).map(|receipt| MoneyReceiptMade::new(Received { receipt, balance })))
}

fn payment(body: &CreateMoneyReceipt, today: NaiveDate) -> ApiResult<Payment> {
    let mut checks = Checks::default();
    let amount = checks.range("amount", body.amount, 1..=MAX_AMOUNT);
    let note = checks.text("note", &body.note, 2000);
    let pays = match &body.allocations {
        None => Pays::OldestDueFirst,
        Some(wanted) => Pays::ByHand(allocations(&mut checks, wanted)),
    };
    checks.done()?;
    Ok(Payment {
        customer: body.customer_id,
        amount: Money::new(amount),
        method: body.method,
        note,
        day: today,
        booked_on: today,
        collected_by: body.collected_by,
        pays,
    })
}

/// Why it is cancelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CancelMoneyReceipt {
    /// At least one character.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// A receipt that was cancelled.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MoneyReceiptCancelled {
    /// The receipt.
    receipt: MoneyReceipt,
    /// What the customer owes now, in đồng.
    balance: Money,
}

/// Cancels a receipt that should not be: its debts are open again, and an entry of today takes it out of the balance.
/// Nothing is deleted.
#[utoipa::path(
    post,
    path = "/receivables/receipts/{id}/cancel",
    tag = "receivables",
    operation_id = "cancelReceipt",
    params(("id" = ReceiptId, Path, description = "The receipt")),
    request_body = CancelMoneyReceipt,
    responses(
        (status = 200, description = "The receipt, cancelled", body = MoneyReceiptCancelled),
        (status = 400, description = "No reason", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to receive money", body = Problem),
        (status = 404, description = "No such receipt", body = Problem),
        (status = 409, description = "It was cancelled already", body = Problem),
        (status = 422, description = "Its money was given back", body = Problem),
    )
)]
pub(crate) async fn cancel_receipt(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    Path(id): Path<ReceiptId>,
    cmd: Command<CancelMoneyReceipt>,
) -> ApiResult<Json<MoneyReceiptCancelled>> {
    let mut checks = Checks::default();
    let reason = checks.required("reason", &cmd.body.reason, 2000);
    checks.done()?;
    let once = cmd.once(None);
    let done = transaction_once!(app, caller.context(), once, "receivables.cancel_receipt", |tx| {
        let Received { receipt, balance } = service::cancel_receipt(tx, &app, &caller, id, &reason).await?;
        Ok(MoneyReceiptCancelled { receipt, balance })
    })?;
    Ok(Json(done))
}

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct ReceiptQuery {
    /// Only from this customer.
    customer_id: Option<CustomerId>,
    /// From this business day.
    from: Option<NaiveDate>,
    /// To this business day.
    to: Option<NaiveDate>,
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// A page of receipts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MoneyReceiptList {
    data: Vec<MoneyReceipt>,
    pagination: Pagination,
}

/// The receipts of money, newest first; `search` finds by number and customer.
#[utoipa::path(
    get,
    path = "/receivables/receipts",
    tag = "receivables",
    operation_id = "listReceipts",
    params(PageQuery, ReceiptQuery),
    responses(
        (status = 200, description = "A page of receipts, or the file", body = MoneyReceiptList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to receive money", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_receipts(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    Query(page): Query<PageQuery>,
    Query(query): Query<ReceiptQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let filter = DocumentFilter { customer: query.customer_id, from: query.from, to: query.to };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(query.format, page.clone());
    let (data, total) = store::list_receipts(&mut tx, &filter, &part).await?;
    drop(tx);
    match query.format {
        ListFormat::Json => Ok(Json(MoneyReceiptList { data, pagination: page.of(total) }).into_response()),
        ListFormat::Xlsx => FILE.file(&data, total, sheets::period(query.from, query.to), app.today()).await,
    }
}

const FILE: List<MoneyReceipt> = List {
    name: "Phiếu thu",
    title: "DANH SÁCH PHIẾU THU",
    file: "phieu-thu",
    fields: &[
        Field::text("Số phiếu", 18.0, |r| r.number.clone()),
        Field::day("Ngày", |r| Some(r.business_date)),
        Field::text("Mã khách hàng", 14.0, |r| r.customer_code.clone()),
        Field::text("Khách hàng", 30.0, |r| r.customer_name.clone()),
        Field::text("Hình thức", 14.0, |r| method_vi(r.method).to_owned()),
        Field::text("Người thu", 22.0, |r| r.collected_by_name.clone()),
        // A receipt that was cancelled is listed and counts for nothing.
        Field::amount("Số tiền", |r| if r.cancelled_at.is_none() { r.amount.dong() } else { 0 }),
        Field::amount("Chưa gán", |r| r.unallocated.dong()),
        Field::text("Đã hủy vì", 26.0, |r| r.cancel_reason.clone()),
        Field::text("Ghi chú", 30.0, |r| r.note.clone()),
    ],
};
