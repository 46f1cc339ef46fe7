use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::business_day::format_vn_date;
use domain::{DistributorId, UserId};
use platform::{ApiError, ApiResult, App, Caller, ListFormat, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use sheets::{Cell, Column, Look, Sheet};
use utoipa::{IntoParams, ToSchema};

use super::{MOST_ROWS, money};
use crate::model::{Ageing, CustomerAgeing};
use crate::store::{self, AgeingFilter};

/// As of when, and whose.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct AgeingQuery {
    /// The business day; today when left out. A past day shows what was known then.
    as_of: Option<NaiveDate>,
    /// Only what is owed to this distributor.
    distributor_id: Option<DistributorId>,
    /// Only what the outlets of this rep owe.
    rep_id: Option<UserId>,
    /// `json`: a page; `xlsx`: all as an Excel file.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgeingList {
    as_of: NaiveDate,
    data: Vec<CustomerAgeing>,
    totals: Ageing,
    pagination: Pagination,
}

const COLUMNS: &[Column] = &[
    Column { header: "Mã khách hàng", width: 14.0 },
    Column { header: "Khách hàng", width: 36.0 },
    Column { header: "Chưa đến hạn", width: 16.0 },
    Column { header: "1–7 ngày", width: 16.0 },
    Column { header: "8–30 ngày", width: 16.0 },
    Column { header: "31–60 ngày", width: 16.0 },
    Column { header: "61–90 ngày", width: 16.0 },
    Column { header: "Trên 90 ngày", width: 16.0 },
    Column { header: "Dư có", width: 16.0 },
    Column { header: "Công nợ", width: 18.0 },
];

fn cells(code: String, name: String, a: &Ageing) -> Vec<Cell> {
    vec![
        Cell::Text(code),
        Cell::Text(name),
        money(a.not_due),
        money(a.days_1_to_7),
        money(a.days_8_to_30),
        money(a.days_31_to_60),
        money(a.days_61_to_90),
        money(a.over_90_days),
        money(a.credit),
        money(a.balance),
    ]
}

/// How old debts are, per customer, on any day up to today.
#[utoipa::path(
    get,
    path = "/receivables/ageing",
    tag = "receivables",
    operation_id = "listAgeing",
    params(PageQuery, AgeingQuery),
    responses(
        (status = 200, description = "A page of customers by code, and sums over all; with `format=xlsx` an Excel file of all", body = AgeingList),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_ageing(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<AgeingQuery>,
) -> ApiResult<Response> {
    let page = page.checked()?;
    let today = app.today();
    let as_of = query.as_of.unwrap_or(today);
    if as_of > today {
        return Err(ApiError::invalid_field("asOf", "Không được sau hôm nay", "Must not be after today"));
    }
    let filter = AgeingFilter {
        scope: caller.scope(),
        distributor: query.distributor_id,
        rep: query.rep_id,
        as_of,
        today,
        search: page.search.as_deref(),
    };
    let part = match query.format {
        ListFormat::Json => (page.limit(), page.offset()),
        ListFormat::Xlsx => (MOST_ROWS, 0),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, total, totals) = store::list_ageing(&mut tx, &filter, part).await?;
    drop(tx);
    if query.format == ListFormat::Json {
        return Ok(Json(AgeingList { as_of, data, totals, pagination: page.of(total) }).into_response());
    }
    let mut rows: Vec<_> = data
        .into_iter()
        .map(|c| (Look::Plain, cells(c.customer_code, c.customer_name, &c.amounts)))
        .collect();
    rows.push((Look::Sum, cells("Tổng cộng".to_owned(), String::new(), &totals)));
    let sheet = Sheet {
        name: "Tuổi nợ",
        title: "BÁO CÁO TUỔI NỢ",
        subtitle: format!("Đến hết ngày {}", format_vn_date(as_of)),
        columns: COLUMNS,
        rows,
    };
    sheet.download(&format!("tuoi-no_{as_of}.xlsx")).await
}
