use axum::Json;
use axum::extract::State;
use domain::{DistributorId, RouteId};
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::CustomerView;
use super::viewer;
use crate::model::CustomerStatus;
use crate::store::{self, Filter};

/// Which outlets are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct CustomerFilter {
    /// Only this group (A–E).
    customer_group: Option<String>,
    /// Only this type.
    customer_type: Option<String>,
    /// Only this channel.
    channel: Option<String>,
    /// Only where they stand so.
    status: Option<CustomerStatus>,
    /// Only those on this route.
    #[param(value_type = Option<uuid::Uuid>)]
    route_id: Option<RouteId>,
    /// Only those of this distributor.
    #[param(value_type = Option<uuid::Uuid>)]
    distributor_id: Option<DistributorId>,
}

/// A page of outlets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerPage {
    data: Vec<CustomerView>,
    pagination: Pagination,
}

/// The outlets that the caller sees, by code: a rep those on their routes, a supervisor those of their units.
#[utoipa::path(
    get, path = "/customers", tag = "customers", operation_id = "listCustomers",
    params(PageQuery, CustomerFilter),
    responses(
        (status = 200, description = "A page", body = CustomerPage),
        (status = 400, description = "Wrong parameters", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_customers(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<CustomerFilter>,
) -> ApiResult<Json<CustomerPage>> {
    let page = page.checked()?;
    let filter = Filter {
        customer_group: filter.customer_group,
        customer_type: filter.customer_type,
        channel: filter.channel,
        status: filter.status,
        route: filter.route_id.map(|id| id.uuid()),
        distributor: filter.distributor_id.map(|id| id.uuid()),
    };
    let mut tx = app.db.read(caller.context()).await?;
    let (customers, total) = store::list(&mut tx, &viewer(&app, &caller), &filter, &page).await?;
    let data = customers.into_iter().map(CustomerView::from).collect();
    Ok(Json(CustomerPage { data, pagination: page.of(total) }))
}
