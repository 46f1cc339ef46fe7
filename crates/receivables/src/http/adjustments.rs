use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::permission::ReceivablesManage;
use domain::{AdjustmentId, CustomerId, Money};
use platform::{
    ApiResult, App, Authorized, Checks, Command, ListFormat, PageQuery, Pagination, Problem, Query,
    transaction_once,
};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{AllocateTo, MAX_AMOUNT, allocations};
use crate::model::{AdjustmentKind, DebtAdjustment};
use crate::service::{self, Adjustment};
use crate::store::{self, DocumentFilter};

/// A correction of what a customer owes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateDebtAdjustment {
    /// Made by the client, so that a repeat is known.
    id: Option<AdjustmentId>,
    /// Who owes.
    customer_id: CustomerId,
    /// đồng, not 0; above zero is owed on top, below zero is owed no more.
    amount: i64,
    /// Of which kind; `write_off` must be below zero and takes no more than is owed.
    kind: AdjustmentKind,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// When what is owed on top is due; today when left out.
    due_date: Option<NaiveDate>,
    /// The debts that are owed no more; the oldest due first when left out.
    allocations: Option<Vec<AllocateTo>>,
}

/// A correction that was made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DebtAdjustmentMade {
    #[serde(flatten)]
    adjustment: DebtAdjustment,
    /// What the customer owes now, in đồng; negative is credit.
    balance: Money,
}

/// Corrects what a customer owes, with a reason; writes a debt off.
#[utoipa::path(
    post,
    path = "/receivables/adjustments",
    tag = "receivables",
    operation_id = "createDebtAdjustment",
    request_body = CreateDebtAdjustment,
    responses(
        (status = 201, description = "The adjustment", body = DebtAdjustmentMade),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 404, description = "The customer is not the caller's", body = Problem),
        (status = 409, description = "The id is taken", body = Problem),
        (status = 422, description = "A write-off of more than is owed, or a wrong allocation", body = Problem),
    )
)]
pub(crate) async fn create_adjustment(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    cmd: Command<CreateDebtAdjustment>,
) -> ApiResult<(StatusCode, Json<DebtAdjustmentMade>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let highest = if body.kind == AdjustmentKind::WriteOff { -1 } else { MAX_AMOUNT };
    let amount = checks.range("amount", body.amount, -MAX_AMOUNT..=highest);
    if amount == 0 {
        checks.wrong("amount", "Phải khác 0", "Must not be 0");
    }
    if amount > 0 && body.allocations.is_some() {
        checks.wrong("allocations", "Chỉ dùng khi giảm nợ", "Only when less is owed");
    }
    if amount < 0 && body.due_date.is_some() {
        checks.wrong("dueDate", "Chỉ dùng khi tăng nợ", "Only when more is owed");
    }
    let wanted = Adjustment {
        customer: body.customer_id,
        amount: Money::new(amount),
        kind: body.kind,
        reason: checks.required("reason", &body.reason, 2000),
        due: body.due_date,
        allocations: body.allocations.as_deref().map(|wanted| allocations(&mut checks, wanted)),
    };
    checks.done()?;
    let id = body.id.unwrap_or_else(|| Uuid::now_v7().into());
    let once = cmd.once(body.id.map(AdjustmentId::uuid));
    let made = transaction_once!(app, caller.context(), once, "receivables.adjust", |tx| {
        let (adjustment, balance) = service::adjust(tx, &app, &caller, id, &wanted).await?;
        Ok(DebtAdjustmentMade { adjustment, balance })
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct DebtAdjustmentQuery {
    /// Only of this customer.
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

/// A page of adjustments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DebtAdjustmentList {
    data: Vec<DebtAdjustment>,
    pagination: Pagination,
}

/// Corrections of what customers owe, newest first; `search` finds by number and customer.
#[utoipa::path(
    get,
    path = "/receivables/adjustments",
    tag = "receivables",
    operation_id = "listDebtAdjustments",
    params(PageQuery, DebtAdjustmentQuery),
    responses(
        (status = 200, description = "A page of adjustments, or the file", body = DebtAdjustmentList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_adjustments(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    Query(page): Query<PageQuery>,
    Query(query): Query<DebtAdjustmentQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let filter = DocumentFilter { customer: query.customer_id, from: query.from, to: query.to };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(query.format, page.clone());
    let (data, total) = store::list_adjustments(&mut tx, &filter, &part).await?;
    drop(tx);
    match query.format {
        ListFormat::Json => Ok(Json(DebtAdjustmentList { data, pagination: page.of(total) }).into_response()),
        ListFormat::Xlsx => FILE.file(&data, total, sheets::period(query.from, query.to), app.today()).await,
    }
}

const FILE: List<DebtAdjustment> = List {
    name: "Điều chỉnh công nợ",
    title: "DANH SÁCH PHIẾU ĐIỀU CHỈNH CÔNG NỢ",
    file: "dieu-chinh-cong-no",
    fields: &[
        Field::text("Số phiếu", 18.0, |a| a.number.clone()),
        Field::day("Ngày", |a| Some(a.business_date)),
        Field::text("Mã khách hàng", 14.0, |a| a.customer_code.clone()),
        Field::text("Khách hàng", 30.0, |a| a.customer_name.clone()),
        Field::text("Loại", 18.0, |a| kind_vi(a.kind).to_owned()),
        Field::amount("Số tiền", |a| a.amount.dong()),
        Field::day("Hạn thanh toán", |a| a.due_date),
        Field::text("Người lập", 22.0, |a| a.created_by_name.clone()),
        Field::text("Lý do", 30.0, |a| a.reason.clone()),
    ],
};

pub(super) const fn kind_vi(kind: AdjustmentKind) -> &'static str {
    match kind {
        AdjustmentKind::Correction => "Sửa sai",
        AdjustmentKind::Discount => "Giảm trừ",
        AdjustmentKind::WriteOff => "Xóa nợ",
        AdjustmentKind::Other => "Khác",
    }
}
