use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::PriceListId;
use domain::price::PriceScope;
use platform::{ApiResult, App, Caller, PageQuery, Pagination, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::price_list_view::{PriceListView, present};
use crate::model::CatalogStatus;
use crate::store;

/// Which price lists are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct PriceListQuery {
    /// Only those with this status.
    status: Option<CatalogStatus>,
}

/// A price list without its items.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceListSummary {
    /// Its id.
    id: PriceListId,
    /// Unique in the company.
    code: String,
    /// Its name.
    name: String,
    /// For whom it holds.
    scope: PriceScope,
    /// Among lists of the same scope the highest wins.
    priority: i32,
    /// The first business day on which it holds.
    valid_from: NaiveDate,
    /// The last one; null is without end.
    valid_to: Option<NaiveDate>,
    /// Whether it is used.
    status: CatalogStatus,
    /// How many products it names.
    item_count: i64,
    /// Grows with each change.
    version: i64,
}

/// A page of price lists.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PriceListPage {
    data: Vec<PriceListSummary>,
    pagination: Pagination,
}

/// The price lists that the caller sees: the company's and those of their distributors, by code.
#[utoipa::path(
    get, path = "/price-lists", tag = "catalog", operation_id = "listPriceLists",
    params(PageQuery, PriceListQuery),
    responses(
        (status = 200, description = "A page", body = PriceListPage),
        (status = 400, description = "Wrong parameters", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub(crate) async fn list_price_lists(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
    Query(filter): Query<PriceListQuery>,
) -> ApiResult<Json<PriceListPage>> {
    let page = query.checked()?;
    let mut tx = app.db.read(caller.context()).await?;
    let (lists, total) =
        store::list_price_lists(&mut tx, filter.status, query.search.as_deref(), &page).await?;
    let data = lists
        .into_iter()
        .map(|(list, item_count)| PriceListSummary {
            id: list.id,
            code: list.data.code,
            name: list.data.name,
            scope: list.data.scope,
            priority: list.data.priority,
            valid_from: list.data.valid_from,
            valid_to: list.data.valid_to,
            status: list.data.status,
            item_count,
            version: list.version,
        })
        .collect();
    Ok(Json(PriceListPage { data, pagination: page.of(total) }))
}

/// One price list with its items.
#[utoipa::path(
    get, path = "/price-lists/{id}", tag = "catalog", operation_id = "getPriceList",
    params(("id" = PriceListId, Path, description = "The list")),
    responses(
        (status = 200, description = "The list", body = PriceListView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
    )
)]
pub(crate) async fn get_price_list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PriceListId>,
) -> ApiResult<Json<PriceListView>> {
    let mut tx = app.db.read(caller.context()).await?;
    Ok(Json(present(&mut tx, id).await?))
}
