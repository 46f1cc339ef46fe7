use axum::Json;
use axum::extract::State;
use db::Tenants;
use domain::{DistributorId, ProductId};
use platform::{ApiError, ApiResult, App, Caller, PageQuery, Pagination, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::product_view::ProductView;
use crate::model::CatalogStatus;
use crate::store::{self, ProductFilter};

/// Which products are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct ProductQuery {
    /// Code or name of a brand.
    brand: Option<String>,
    /// Code or name of a category.
    category: Option<String>,
    /// Only those with this status.
    status: Option<CatalogStatus>,
    /// Only what this distributor may sell. Callers of distributors see what theirs may sell anyway.
    distributor_id: Option<DistributorId>,
}

/// A page of products.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProductPage {
    data: Vec<ProductView>,
    pagination: Pagination,
}

/// The products that the caller's distributors may sell, in display order, with what these have in stock.
#[utoipa::path(
    get, path = "/products", tag = "catalog", operation_id = "listProducts",
    params(PageQuery, ProductQuery),
    responses(
        (status = 200, description = "A page", body = ProductPage),
        (status = 400, description = "Wrong parameters", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "Not the caller's distributor", body = Problem),
    )
)]
pub(crate) async fn list_products(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<ProductQuery>,
) -> ApiResult<Json<ProductPage>> {
    let page = page.checked()?;
    let sold_by = match (filter.distributor_id, &caller.tenants) {
        (Some(distributor), tenants) if !tenants.includes(distributor) => return Err(ApiError::not_found()),
        (Some(distributor), _) => Some(vec![distributor]),
        (None, Tenants::Distributors(own)) => Some(own.clone()),
        (None, Tenants::Company) => None,
    };
    let filter =
        ProductFilter { brand: filter.brand, category: filter.category, status: filter.status, sold_by };
    let mut tx = app.db.read(caller.context()).await?;
    let (products, total) = store::list_products(&mut tx, &filter, &page).await?;
    let ids: Vec<ProductId> = products.iter().map(|product| product.id).collect();
    let stock = store::available(&mut tx, &ids).await?;
    let data = products
        .into_iter()
        .map(|product| {
            let pieces = stock.get(&product.id).copied().unwrap_or_default();
            ProductView::new(product, pieces, &caller)
        })
        .collect();
    Ok(Json(ProductPage { data, pagination: page.of(total) }))
}
