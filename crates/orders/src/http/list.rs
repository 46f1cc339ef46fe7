use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::{CustomerId, OrderStatus, UserId, VisitId};
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
    /// Text in the order's number or the customer's name or code.
    search: Option<String>,
    /// Page number, from 1.
    page: Option<i64>,
    /// Rows a page, 1 to 100.
    page_size: Option<i64>,
}

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderList {
    data: Vec<OrderHead>,
    pagination: Pagination,
}

/// List orders, latest first: reps see their own, supervisors those of their units.
#[utoipa::path(get, path = "/orders", tag = "orders", operation_id = "listOrders", params(ListOrders),
    responses(
        (status = 200, description = "A page of orders", body = OrderList),
        (status = 400, description = "A parameter is wrong", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    ))]
pub async fn list_orders(
    State(app): State<App>,
    caller: Caller,
    Query(q): Query<ListOrders>,
) -> ApiResult<Json<OrderList>> {
    let page = PageQuery { search: q.search, page: q.page, page_size: q.page_size }.checked()?;
    let filter = OrderFilter {
        status: q.status,
        from: q.from,
        to: q.to,
        rep: q.rep_id,
        customer: q.customer_id,
        visit: q.visit_id,
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (data, count) = store::list_orders(&mut tx, caller.scope(), &filter, &page).await?;
    Ok(Json(OrderList { data, pagination: page.of(count) }))
}
