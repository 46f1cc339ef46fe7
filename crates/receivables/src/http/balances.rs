use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::DistributorId;
use platform::{ApiResult, App, Caller, ListFormat, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
use utoipa::{IntoParams, ToSchema};

use crate::model::{BalanceTotals, CustomerBalance};
use crate::store::{self, BalanceFilter};

/// Narrows the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct BalanceQuery {
    /// Only what is owed to this distributor.
    distributor_id: Option<DistributorId>,
    /// Only customers with something past its due date.
    overdue_only: Option<bool>,
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BalanceList {
    data: Vec<CustomerBalance>,
    totals: BalanceTotals,
    pagination: Pagination,
}

/// What customers owe: those that owe or ever owed something, the greatest debt first.
#[utoipa::path(
    get,
    path = "/receivables/balances",
    tag = "receivables",
    operation_id = "listBalances",
    params(PageQuery, BalanceQuery),
    responses(
        (status = 200, description = "A page of customers, and sums over all, or the file", body = BalanceList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    )
)]
pub(crate) async fn list_balances(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<BalanceQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let filter = BalanceFilter {
        scope: caller.scope(),
        distributor: query.distributor_id,
        overdue_only: query.overdue_only.unwrap_or(false),
        today: app.today(),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let part = sheets::part(query.format, page.clone());
    let (data, total, totals) = store::list_balances(&mut tx, &filter, &part).await?;
    drop(tx);
    match query.format {
        ListFormat::Json => {
            Ok(Json(BalanceList { data, totals, pagination: page.of(total) }).into_response())
        }
        ListFormat::Xlsx => {
            FILE.file(&data, total, format!("Ngày {}", app.today().format("%d/%m/%Y")), app.today()).await
        }
    }
}

const FILE: List<CustomerBalance> = List {
    name: "Công nợ",
    title: "CÔNG NỢ KHÁCH HÀNG",
    file: "cong-no",
    fields: &[
        Field::text("Mã khách hàng", 14.0, |b| b.customer_code.clone()),
        Field::text("Khách hàng", 30.0, |b| b.customer_name.clone()),
        Field::text("Điện thoại", 14.0, |b| b.phone.clone()),
        Field::amount("Dư nợ", |b| b.balance.dong()),
        Field::amount("Quá hạn", |b| b.overdue.dong()),
        Field::number("Số ngày quá hạn", |b| b.overdue_days.into()),
        Field::text("Hạn mức", 16.0, |b| {
            b.credit_limit.map(|limit| limit.to_string()).unwrap_or_default()
        }),
        Field::number("Số ngày nợ", |b| b.payment_term_days.into()),
    ],
};
