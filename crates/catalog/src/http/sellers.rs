use axum::Json;
use axum::extract::State;
use domain::permission::CatalogManage;
use domain::{DistributorId, ProductId};
use platform::{ApiResult, App, Authorized, Checks, Command, IfMatch, Path, Problem, transaction};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::CatalogError;
use crate::model::{NamedDistributor, Sellers};
use crate::{service, store};

/// The most distributors that one rule names.
const MAX_NAMED: usize = 2000;

/// Which distributors may sell a product, or what is in a category.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SellersView {
    /// Only these, by code. Empty: as `category` says, or everybody.
    distributors: Vec<NamedDistributor>,
    /// Of a product: those its category names, who hold when the product itself names none.
    category: Vec<NamedDistributor>,
    /// The product's or the category's; send it back when you change something.
    version: i64,
}

/// Which distributors may sell it from now on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SellersBody {
    /// The version that was loaded (or send `If-Match`).
    version: Option<i64>,
    /// Only these, at most 2000. Empty: of a product as its category says, of a category everybody.
    distributor_ids: Vec<DistributorId>,
}

impl SellersBody {
    /// Each once, in the order of ids.
    fn checked(self) -> ApiResult<Vec<DistributorId>> {
        let mut checks = Checks::default();
        if self.distributor_ids.len() > MAX_NAMED {
            checks.wrong("distributorIds", "Tối đa 2000 nhà phân phối", "At most 2000 distributors");
        }
        checks.done()?;
        let mut ids = self.distributor_ids;
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }
}

async fn present(c: &mut PgConnection, sellers: Option<Sellers>) -> ApiResult<SellersView> {
    let sellers = sellers.ok_or(CatalogError::NotFound)?;
    Ok(SellersView {
        distributors: store::name_distributors(c, &sellers.named).await?,
        category: store::name_distributors(c, &sellers.category).await?,
        version: sellers.version,
    })
}

/// Which distributors may sell the product.
#[utoipa::path(
    get, path = "/products/{id}/distributors", tag = "catalog", operation_id = "getProductDistributors",
    params(("id" = ProductId, Path, description = "The product")),
    responses(
        (status = 200, description = "The rule", body = SellersView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No catalog.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
    )
)]
pub(crate) async fn get_product_distributors(
    State(app): State<App>,
    caller: Authorized<CatalogManage>,
    Path(id): Path<ProductId>,
) -> ApiResult<Json<SellersView>> {
    let mut tx = app.db.read(caller.context()).await?;
    let sellers = store::find_product_sellers(&mut tx, id).await?;
    Ok(Json(present(&mut tx, sellers).await?))
}

/// Lets only these distributors sell the product, or again those that its category says. What is ordered already is
/// delivered all the same.
#[utoipa::path(
    put, path = "/products/{id}/distributors", tag = "catalog", operation_id = "updateProductDistributors",
    request_body = SellersBody,
    params(
        ("id" = ProductId, Path, description = "The product"),
        ("If-Match" = Option<String>, Header, description = "The version that was loaded, unless the body has it"),
    ),
    responses(
        (status = 200, description = "As it is now", body = SellersView),
        (status = 400, description = "Wrong fields", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No catalog.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
        (status = 422, description = "An unknown distributor", body = Problem),
    )
)]
pub(crate) async fn update_product_distributors(
    State(app): State<App>,
    caller: Authorized<CatalogManage>,
    Path(id): Path<ProductId>,
    if_match: IfMatch,
    command: Command<SellersBody>,
) -> ApiResult<Json<SellersView>> {
    let version = if_match.version(command.body.version)?;
    let named = command.body.checked()?;
    let view = transaction!(app.db, caller.context(), "products.distributors", |tx| {
        service::name_product_sellers(tx, caller.context(), app.now(), id, version, &named).await?;
        let sellers = store::find_product_sellers(tx, id).await?;
        present(tx, sellers).await
    })?;
    Ok(Json(view))
}

/// Which distributors may sell what is in the category.
#[utoipa::path(
    get, path = "/categories/{id}/distributors", tag = "catalog", operation_id = "getCategoryDistributors",
    params(("id" = Uuid, Path, description = "The category")),
    responses(
        (status = 200, description = "The rule", body = SellersView),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No catalog.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
    )
)]
pub(crate) async fn get_category_distributors(
    State(app): State<App>,
    caller: Authorized<CatalogManage>,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<SellersView>> {
    let mut tx = app.db.read(caller.context()).await?;
    let sellers = store::find_category_sellers(&mut tx, id).await?;
    Ok(Json(present(&mut tx, sellers).await?))
}

/// Lets only these distributors sell the products of the category that name none themselves, or again everybody. What is
/// ordered already is delivered all the same.
#[utoipa::path(
    put, path = "/categories/{id}/distributors", tag = "catalog", operation_id = "updateCategoryDistributors",
    request_body = SellersBody,
    params(
        ("id" = Uuid, Path, description = "The category"),
        ("If-Match" = Option<String>, Header, description = "The version that was loaded, unless the body has it"),
    ),
    responses(
        (status = 200, description = "As it is now", body = SellersView),
        (status = 400, description = "Wrong fields", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No catalog.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
        (status = 422, description = "An unknown distributor", body = Problem),
    )
)]
pub(crate) async fn update_category_distributors(
    State(app): State<App>,
    caller: Authorized<CatalogManage>,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
    command: Command<SellersBody>,
) -> ApiResult<Json<SellersView>> {
    let version = if_match.version(command.body.version)?;
    let named = command.body.checked()?;
    let view = transaction!(app.db, caller.context(), "categories.distributors", |tx| {
        service::name_category_sellers(tx, caller.context(), app.now(), id, version, &named).await?;
        let sellers = store::find_category_sellers(tx, id).await?;
        present(tx, sellers).await
    })?;
    Ok(Json(view))
}
