use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{CustomerId, UserId, VisitId};
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Path, Problem, Query};
use serde::Serialize;
use utoipa::ToSchema;

use super::{present, viewer};
use crate::store;

/// A visit to an outlet.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerVisit {
    /// The visit.
    pub visit_id: VisitId,
    /// InRoute or OffRoute.
    pub visit_type: String,
    /// Its business day.
    pub business_date: NaiveDate,
    /// When it began.
    pub check_in_time: DateTime<Utc>,
    /// When it ended; null while it is under way.
    pub check_out_time: Option<DateTime<Utc>>,
    /// Metres from the outlet at check-in, where its place was known.
    pub check_in_distance: Option<i32>,
    /// Whether the check-in was too far away.
    pub out_of_range: bool,
    /// HasOrder, NoOrder, Closed, OwnerAway.
    pub visit_result: Option<String>,
    /// What was noted.
    pub notes: String,
    /// Who came.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// Photos that were taken.
    pub photos: i64,
}

/// A page of visits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerVisitPage {
    data: Vec<CustomerVisit>,
    pagination: Pagination,
}

/// The visits to an outlet that the caller sees, the latest first.
#[utoipa::path(
    get, path = "/customers/{id}/visits", tag = "customers", operation_id = "listCustomerVisits",
    params(("id" = CustomerId, Path, description = "The outlet"), PageQuery),
    responses(
        (status = 200, description = "A page", body = CustomerVisitPage),
        (status = 400, description = "Wrong parameters", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
    )
)]
pub(crate) async fn list_customer_visits(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<CustomerId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<CustomerVisitPage>> {
    let page = page.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let customer = present(&mut tx, &viewer(&app, &caller), id).await?;
    let (data, total) =
        store::list_visits(&mut tx, customer.distributor_id, id, caller.scope(), &page).await?;
    Ok(Json(CustomerVisitPage { data, pagination: page.of(total) }))
}
