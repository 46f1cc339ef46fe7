use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::{CustomerId, DistributorId, Money, OrderStatus, OrderType, UserId, VisitId};
use platform::{ApiError, ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use sheets::{Cell, Column, Look, Sheet};
use utoipa::{IntoParams, ToSchema};

use crate::error::status_vi;
use crate::model::OrderHead;
use crate::store::{self, OrderFilter};

/// Which orders to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ListOrders {
    /// Only orders in this state.
    status: Option<OrderStatus>,
    /// First business day.
    from: Option<NaiveDate>,
    /// Last business day.
    to: Option<NaiveDate>,
    /// Only orders this user took.
    rep_id: Option<UserId>,
    /// Only orders of this customer.
    customer_id: Option<CustomerId>,
    /// Only orders taken in this visit.
    visit_id: Option<VisitId>,
    /// Only this distributor's.
    distributor_id: Option<DistributorId>,
    /// Only orders whose totals differ from the phone's and that nobody has looked at, or all others.
    needs_review: Option<bool>,
    /// Text in the order's number or the customer's name or code.
    search: Option<String>,
    /// Page number, from 1.
    page: Option<i64>,
    /// Rows a page, 1 to 100.
    page_size: Option<i64>,
    /// `json`, or `xlsx` for all that the filter finds, at most 20,000.
    #[serde(default)]
    #[param(inline)]
    format: ListFormat,
}

/// How to answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ListFormat {
    /// A page.
    #[default]
    Json,
    /// An Excel file.
    Xlsx,
}

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderList {
    data: Vec<OrderHead>,
    pagination: Pagination,
}

/// List orders, latest first: reps see their own, supervisors those of their units. With `format=xlsx` a file of all
/// that the filter finds, with totals.
#[utoipa::path(get, path = "/orders", tag = "orders", operation_id = "listOrders", params(ListOrders),
    responses(
        (status = 200, description = "A page of orders, or the file", body = OrderList),
        (status = 400, description = "A parameter is wrong", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 422, description = "Too many for a file", body = Problem),
    ))]
pub async fn list_orders(
    State(app): State<App>,
    caller: Caller,
    Query(q): Query<ListOrders>,
) -> ApiResult<Response> {
    let page = PageQuery { search: q.search, page: q.page, page_size: q.page_size }.checked()?;
    let filter = OrderFilter {
        status: q.status,
        from: q.from,
        to: q.to,
        rep: q.rep_id,
        customer: q.customer_id,
        visit: q.visit_id,
        distributor: q.distributor_id,
        needs_review: q.needs_review,
    };
    let search = page.search.as_deref();
    let part = match q.format {
        ListFormat::Json => (page.limit(), page.offset()),
        ListFormat::Xlsx => (MOST, 0),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, sums) = store::list_orders(&mut tx, caller.scope(), &filter, search, part).await?;
    drop(tx);
    match q.format {
        ListFormat::Json => Ok(Json(OrderList { data, pagination: page.of(sums.count) }).into_response()),
        ListFormat::Xlsx if sums.count > MOST => Err(ApiError::unprocessable(
            "orders.too_many_rows",
            format!(
                "Có {} đơn hàng, tệp Excel chứa tối đa {MOST}. Hãy chọn khoảng ngày ngắn hơn.",
                sums.count
            ),
            format!("There are {} orders; a file holds {MOST}. Choose a shorter period.", sums.count),
        )),
        ListFormat::Xlsx => {
            sheet(data, &filter, sums.total).download(&format!("don-hang-{}.xlsx", app.today())).await
        }
    }
}

/// The most rows of a file.
const MOST: i64 = 20_000;

const COLUMNS: &[Column] = &[
    Column { header: "Số đơn", width: 18.0 },
    Column { header: "Ngày", width: 12.0 },
    Column { header: "Trạng thái", width: 14.0 },
    Column { header: "Loại đơn", width: 12.0 },
    Column { header: "Mã NPP", width: 12.0 },
    Column { header: "Nhà phân phối", width: 28.0 },
    Column { header: "Mã khách hàng", width: 14.0 },
    Column { header: "Khách hàng", width: 30.0 },
    Column { header: "Nhân viên", width: 22.0 },
    Column { header: "Thành tiền sau thuế", width: 18.0 },
    Column { header: "Cần xem lại", width: 12.0 },
    Column { header: "Ghi chú", width: 30.0 },
];

fn sheet(orders: Vec<OrderHead>, filter: &OrderFilter, total: Money) -> Sheet {
    let day =
        |day: Option<NaiveDate>| day.map_or_else(|| "…".to_owned(), |d| d.format("%d/%m/%Y").to_string());
    let mut rows: Vec<(Look, Vec<Cell>)> = orders
        .into_iter()
        .map(|o| {
            let cells = vec![
                Cell::Text(o.order_number),
                Cell::Date(o.business_date),
                Cell::Text(status_vi(o.status).to_owned()),
                Cell::Text(
                    if o.order_type == OrderType::VanSales { "Bán theo xe" } else { "Đặt trước" }.to_owned(),
                ),
                Cell::Text(o.distributor_code),
                Cell::Text(o.distributor_name),
                Cell::Text(o.customer_code),
                Cell::Text(o.customer_name),
                Cell::Text(o.rep_name),
                Cell::Number(o.total_amount.dong()),
                if o.needs_review { Cell::Text("x".to_owned()) } else { Cell::Empty },
                Cell::Text(o.notes),
            ];
            (Look::Plain, cells)
        })
        .collect();
    let mut sums = vec![Cell::Empty; COLUMNS.len()];
    sums[0] = Cell::Text("Tổng cộng".to_owned());
    sums[9] = Cell::Number(total.dong());
    rows.push((Look::Sum, sums));
    Sheet {
        name: "Đơn hàng",
        title: "DANH SÁCH ĐƠN HÀNG",
        subtitle: format!("Từ ngày {} đến ngày {}", day(filter.from), day(filter.to)),
        columns: COLUMNS,
        rows,
    }
}
