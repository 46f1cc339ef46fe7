use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::permission::ReceivablesManage;
use domain::{CustomerId, Money, ReceivableEntryId, RefundId};
use platform::{
    ApiResult, App, Authorized, Checks, Command, ListFormat, PageQuery, Pagination, Problem, Query,
    transaction_once,
};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{MAX_AMOUNT, method_vi};
use crate::model::{MoneyRefund, PaymentMethod};
use crate::service::{self, Refund};
use crate::store::{self, DocumentFilter};

/// Money to give back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateRefund {
    /// Made by the client, so that a repeat is known.
    id: Option<RefundId>,
    /// Who gets it.
    customer_id: CustomerId,
    /// đồng; at most what the customer has left as credit.
    #[schema(minimum = 1)]
    amount: i64,
    /// How it is given.
    method: PaymentMethod,
    /// The credit it comes out of; the oldest first when left out.
    credit_entry_id: Option<ReceivableEntryId>,
    /// A remark.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// Money that was given back.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefundMade {
    #[serde(flatten)]
    refund: MoneyRefund,
    /// What the customer owes now, in đồng; negative is credit.
    balance: Money,
}

/// Gives money back out of a customer's credit.
#[utoipa::path(
    post,
    path = "/receivables/refunds",
    tag = "receivables",
    operation_id = "createRefund",
    request_body = CreateRefund,
    responses(
        (status = 201, description = "The refund", body = RefundMade),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 404, description = "The customer is not the caller's", body = Problem),
        (status = 409, description = "The id is taken", body = Problem),
        (status = 422, description = "More than the customer has left", body = Problem),
    )
)]
pub(crate) async fn create_refund(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    cmd: Command<CreateRefund>,
) -> ApiResult<(StatusCode, Json<RefundMade>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let wanted = Refund {
        customer: body.customer_id,
        amount: Money::new(checks.range("amount", body.amount, 1..=MAX_AMOUNT)),
        method: body.method,
        note: checks.text("note", &body.note, 2000),
        credit: body.credit_entry_id,
    };
    checks.done()?;
    let id = body.id.unwrap_or_else(|| Uuid::now_v7().into());
    let once = cmd.once(body.id.map(RefundId::uuid));
    let made = transaction_once!(app, caller.context(), once, "receivables.refund", |tx| {
        let (refund, balance) = service::refund(tx, &app, &caller, id, &wanted).await?;
        Ok(RefundMade { refund, balance })
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct RefundQuery {
    /// Only to this customer.
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

/// A page of refunds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefundList {
    data: Vec<MoneyRefund>,
    pagination: Pagination,
}

/// Money that was given back, newest first; `search` finds by number and customer.
#[utoipa::path(
    get,
    path = "/receivables/refunds",
    tag = "receivables",
    operation_id = "listRefunds",
    params(PageQuery, RefundQuery),
    responses(
        (status = 200, description = "A page of refunds, or the file", body = RefundList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_refunds(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    Query(page): Query<PageQuery>,
    Query(query): Query<RefundQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let filter = DocumentFilter { customer: query.customer_id, from: query.from, to: query.to };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(query.format, page.clone());
    let (data, total) = store::list_refunds(&mut tx, &filter, &part).await?;
    drop(tx);
    match query.format {
        ListFormat::Json => Ok(Json(RefundList { data, pagination: page.of(total) }).into_response()),
        ListFormat::Xlsx => FILE.file(&data, total, sheets::period(query.from, query.to), app.today()).await,
    }
}

const FILE: List<MoneyRefund> = List {
    name: "Phiếu chi",
    title: "DANH SÁCH PHIẾU CHI TRẢ KHÁCH HÀNG",
    file: "phieu-chi",
    fields: &[
        Field::text("Số phiếu", 18.0, |r| r.number.clone()),
        Field::day("Ngày", |r| Some(r.business_date)),
        Field::text("Mã khách hàng", 14.0, |r| r.customer_code.clone()),
        Field::text("Khách hàng", 30.0, |r| r.customer_name.clone()),
        Field::text("Hình thức", 14.0, |r| method_vi(r.method).to_owned()),
        Field::amount("Số tiền", |r| r.amount.dong()),
        Field::text("Người lập", 22.0, |r| r.created_by_name.clone()),
        Field::text("Ghi chú", 30.0, |r| r.note.clone()),
    ],
};
