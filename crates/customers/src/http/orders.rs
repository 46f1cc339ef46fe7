use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{CustomerId, OrderId, UserId};
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Path, Problem, Query};
use serde::Serialize;
use utoipa::ToSchema;

use super::{present, viewer};
use crate::store;

/// An order of an outlet.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerOrder {
    /// The order.
    pub order_id: OrderId,
    /// DH-YYYYMMDD-NNNN.
    pub order_number: String,
    /// PreSales or VanSales.
    pub order_type: String,
    /// Draft, Pending, Approved, Rejected, Cancelled, Invoiced, Issued.
    pub status: String,
    /// When it was taken.
    pub ordered_at: DateTime<Utc>,
    /// Its business day.
    pub business_date: NaiveDate,
    /// đồng, with VAT.
    pub total_amount: i64,
    /// Who took it.
    pub rep_id: UserId,
    /// Their name.
    pub rep_name: String,
}

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerOrderPage {
    data: Vec<CustomerOrder>,
    pagination: Pagination,
}

/// The orders of an outlet that the caller sees, the latest first.
#[utoipa::path(
    get, path = "/customers/{id}/orders", tag = "customers", operation_id = "listCustomerOrders",
    params(("id" = CustomerId, Path, description = "The outlet"), PageQuery),
    responses(
        (status = 200, description = "A page", body = CustomerOrderPage),
        (status = 400, description = "Wrong parameters", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
    )
)]
pub(crate) async fn list_customer_orders(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<CustomerId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<CustomerOrderPage>> {
    let page = page.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let customer = present(&mut tx, &viewer(&app, &caller), id).await?;
    let (data, total) =
        store::list_orders(&mut tx, customer.distributor_id, id, caller.scope(), &page).await?;
    Ok(Json(CustomerOrderPage { data, pagination: page.of(total) }))
}
