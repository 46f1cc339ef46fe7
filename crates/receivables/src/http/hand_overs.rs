use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::permission::ReceivablesManage;
use domain::{DistributorId, HandOverId, Money, UserId};
use platform::{
    ApiResult, App, Authorized, Caller, Checks, Command, ListFormat, PageQuery, Pagination, Problem, Query,
    transaction_once,
};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::MAX_AMOUNT;
use super::statement::period;
use crate::model::{CashDay, CashHandOver, CashTotals};
use crate::service::{self, HandOver};
use crate::store::{self, CashFilter};

/// Cash that a rep brings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateHandOver {
    /// Made by the client, so that a repeat is known.
    id: Option<HandOverId>,
    /// Who brings it.
    rep_id: UserId,
    /// The business day whose cash it is.
    date: NaiveDate,
    /// đồng as counted; below zero gives back what was handed over too much.
    amount: i64,
    /// Whether the rest stays with the rep, to be handed over later.
    #[serde(default)]
    partial: bool,
    /// Whether a difference beyond what the distributor tolerates is accepted; it needs a reason.
    #[serde(default)]
    accept_difference: bool,
    /// Why the difference is accepted.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
    /// A remark.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// Takes over the cash that a rep collected on a day (nộp quỹ). A difference within the distributor's tolerance is
/// posted to the difference account; a greater one only when it is accepted.
#[utoipa::path(
    post,
    path = "/receivables/hand-overs",
    tag = "receivables",
    operation_id = "createHandOver",
    request_body = CreateHandOver,
    responses(
        (status = 201, description = "The hand-over", body = CashHandOver),
        (status = 400, description = "A field is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No receivables.manage", body = Problem),
        (status = 404, description = "The rep is not the caller's", body = Problem),
        (status = 409, description = "The id is taken", body = Problem),
        (status = 422, description = "A difference beyond the tolerance; `inHand` and `difference` tell", body = Problem),
    )
)]
pub(crate) async fn create_hand_over(
    State(app): State<App>,
    caller: Authorized<ReceivablesManage>,
    cmd: Command<CreateHandOver>,
) -> ApiResult<(StatusCode, Json<CashHandOver>)> {
    let body = &cmd.body;
    let mut checks = Checks::default();
    let amount = checks.range("amount", body.amount, -MAX_AMOUNT..=MAX_AMOUNT);
    if body.date > app.today() {
        checks.wrong("date", "Không được sau hôm nay", "Must not be after today");
    }
    let reason = match body.accept_difference {
        true => checks.required("reason", &body.reason, 2000),
        false => checks.text("reason", &body.reason, 2000),
    };
    let wanted = HandOver {
        rep: body.rep_id,
        day: body.date,
        amount: Money::new(amount),
        partial: body.partial,
        accepted: body.accept_difference.then_some(reason),
        note: checks.text("note", &body.note, 2000),
    };
    checks.done()?;
    let id = body.id.unwrap_or_else(|| Uuid::now_v7().into());
    let once = cmd.once(body.id.map(HandOverId::uuid));
    let made = transaction_once!(app, caller.context(), once, "receivables.hand_over", |tx| {
        service::hand_over(tx, &app, &caller, id, &wanted).await
    })?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct HandOverQuery {
    /// From this business day; the first of the month when left out.
    from: Option<NaiveDate>,
    /// To this business day; today when left out.
    to: Option<NaiveDate>,
    /// Only of this rep.
    rep_id: Option<UserId>,
    /// Only of this distributor's reps.
    distributor_id: Option<DistributorId>,
    /// Only days of which the rep still carries something.
    open_only: Option<bool>,
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// A page of reps' days.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandOverList {
    data: Vec<CashDay>,
    totals: CashTotals,
    pagination: Pagination,
}

/// Cash per rep and day: collected, handed over, the difference and what is still carried; the latest day first.
#[utoipa::path(
    get,
    path = "/receivables/hand-overs",
    tag = "receivables",
    operation_id = "listHandOvers",
    params(PageQuery, HandOverQuery),
    responses(
        (status = 200, description = "A page of reps' days, and sums over all, or the file", body = HandOverList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_hand_overs(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<HandOverQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let (from, to) = period(query.from, query.to, app.today())?;
    let filter = CashFilter {
        scope: caller.scope(),
        distributor: query.distributor_id,
        rep: query.rep_id,
        from,
        to,
        open_only: query.open_only.unwrap_or(false),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(query.format, page.clone());
    let (data, total, totals) = store::list_cash_days(&mut tx, &filter, &part).await?;
    drop(tx);
    match query.format {
        ListFormat::Json => {
            Ok(Json(HandOverList { data, totals, pagination: page.of(total) }).into_response())
        }
        ListFormat::Xlsx => FILE.file(&data, total, sheets::period(Some(from), Some(to)), app.today()).await,
    }
}

const FILE: List<CashDay> = List {
    name: "Nộp tiền",
    title: "TIỀN MẶT NHÂN VIÊN THU VÀ NỘP",
    file: "nop-tien",
    fields: &[
        Field::text("Nhân viên", 26.0, |d| d.rep_name.clone()),
        Field::day("Ngày", |d| Some(d.date)),
        Field::amount("Đã thu", |d| d.collected.dong()),
        Field::amount("Đã nộp", |d| d.handed_over.dong()),
        Field::amount("Chênh lệch", |d| d.difference.dong()),
        Field::amount("Còn giữ", |d| d.in_hand.dong()),
    ],
};
