use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use domain::{CustomerId, DistributorId, OrderStatus, OrderType, UserId, VisitId};
use platform::{ApiResult, App, Caller, ListFormat, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use sheets::{Field, List};
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
    let part = sheets::part(q.format, page.clone());
    let mut tx = app.db.read(caller.context()).await?;
    let (data, count) = store::list_orders(&mut tx, caller.scope(), &filter, &part).await?;
    drop(tx);
    match q.format {
        ListFormat::Json => Ok(Json(OrderList { data, pagination: page.of(count) }).into_response()),
        ListFormat::Xlsx => {
            FILE.file(&data, count, sheets::period(filter.from, filter.to), app.today()).await
        }
    }
}

const FILE: List<OrderHead> = List {
    name: "Đơn hàng",
    title: "DANH SÁCH ĐƠN HÀNG",
    file: "don-hang",
    fields: &[
        Field::text("Số đơn", 18.0, |o| o.order_number.clone()),
        Field::day("Ngày", |o| Some(o.business_date)),
        Field::text("Trạng thái", 14.0, |o| status_vi(o.status).to_owned()),
        Field::text("Loại đơn", 12.0, |o| order_type_vi(o.order_type).to_owned()),
        Field::text("Mã NPP", 12.0, |o| o.distributor_code.clone()),
        Field::text("Nhà phân phối", 28.0, |o| o.distributor_name.clone()),
        Field::text("Mã khách hàng", 14.0, |o| o.customer_code.clone()),
        Field::text("Khách hàng", 30.0, |o| o.customer_name.clone()),
        Field::text("Nhân viên", 22.0, |o| o.rep_name.clone()),
        Field::amount("Thành tiền sau thuế", |o| o.total_amount.dong()),
        Field::text("Cần xem lại", 12.0, |o| if o.needs_review { "x".to_owned() } else { String::new() }),
        Field::text("Ghi chú", 30.0, |o| o.notes.clone()),
    ],
};

const fn order_type_vi(order_type: OrderType) -> &'static str {
    match order_type {
        OrderType::VanSales => "Bán theo xe",
        OrderType::PreSales => "Đặt trước",
    }
}
