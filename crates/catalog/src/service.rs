//! The rules of changing the catalogue. Each function works in the caller's transaction.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use db::{Context, audit};
use domain::{DistributorId, PriceListId, ProductId};
use files::Picture;
use platform::ApiError;
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::CatalogError;
use crate::model::{PriceListData, Product, ProductData, Sellers};
use crate::store;

/// Adds a product. Brand and category are made when there are none of the name.
///
/// # Errors
/// 409 when the code is taken.
pub async fn create_product(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: ProductId,
    data: &ProductData,
) -> Result<(), ApiError> {
    store::insert_product(c, id, data, at).await.map_err(product_code_taken)?;
    record(c, cx, at, "products.create", "product", id.uuid(), None::<&()>, Some(data)).await
}

/// Changes a product: `change` gets the present data and gives the new.
///
/// # Errors
/// 404, 412; 409 when the code is taken; 422 when its units would change while something counts in them; whatever `change` refuses.
pub async fn update_product(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: ProductId,
    version: i64,
    change: impl FnOnce(ProductData) -> Result<ProductData, ApiError>,
) -> Result<(), ApiError> {
    let product = lock_product(c, id, Some(version)).await?;
    let data = change(product.data.clone())?;
    let Some((before, after)) = audit::changes(&product.data, &data)? else { return Ok(()) };
    if data.has_other_units(&product.data) && !store::list_in_use(c, &[id]).await?.is_empty() {
        return Err(CatalogError::UnitsInUse.into());
    }
    store::update_product(c, id, &data, at).await.map_err(product_code_taken)?;
    record(c, cx, at, "products.update", "product", id.uuid(), Some(&before), Some(&after)).await
}

/// Gives a product this picture, or none.
///
/// # Errors
/// 404, 412.
pub async fn set_image(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: ProductId,
    version: Option<i64>,
    picture: Option<&Picture>,
) -> Result<(), ApiError> {
    let product = lock_product(c, id, version).await?;
    let image = picture.map(|p| (p.sha256.as_str(), p.content_type));
    if product.image_sha256.as_deref() == image.map(|(sha256, _)| sha256) {
        return Ok(());
    }
    store::update_image(c, id, image, at).await?;
    if let Some(old) = &product.image_sha256 {
        files::store::keep_loose(c, old, at).await?;
    }
    let word = |sha256: Option<&str>| json!({ "imageSha256": sha256 });
    let (before, after) = (word(product.image_sha256.as_deref()), word(image.unzip().0));
    let action = if image.is_some() { "products.set_image" } else { "products.remove_image" };
    record(c, cx, at, action, "product", id.uuid(), Some(&before), Some(&after)).await
}

/// Takes a product out of the catalogue; past documents keep it.
///
/// # Errors
/// 404, 412.
pub async fn delete_product(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: ProductId,
    version: Option<i64>,
) -> Result<(), ApiError> {
    let product = lock_product(c, id, version).await?;
    store::delete_product(c, id, at).await?;
    record(c, cx, at, "products.delete", "product", id.uuid(), Some(&product.data), None::<&()>).await
}

async fn lock_product(
    c: &mut PgConnection,
    id: ProductId,
    version: Option<i64>,
) -> Result<Product, ApiError> {
    Ok(as_loaded(store::lock_product(c, id).await?, version)?)
}

/// The product, when it is there and the version that was loaded, if it must be that one.
pub(crate) fn as_loaded(product: Option<Product>, version: Option<i64>) -> Result<Product, CatalogError> {
    let product = product.ok_or(CatalogError::NotFound)?;
    if version.is_some_and(|version| version != product.version) {
        return Err(CatalogError::Stale);
    }
    Ok(product)
}

/// Lets only these distributors sell the product; none are those of its category, or everybody.
///
/// # Errors
/// 404, 412; 422 when one doesn't exist.
pub async fn name_product_sellers(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: ProductId,
    version: i64,
    named: &[DistributorId],
) -> Result<(), ApiError> {
    let before = store::lock_product_sellers(c, id).await?;
    let Some(before) = check_sellers(c, before, version, named).await? else { return Ok(()) };
    store::name_product_sellers(c, id, named, at).await?;
    let (before, after) = (json!({ "distributorIds": before }), json!({ "distributorIds": named }));
    record(c, cx, at, "products.distributors", "product", id.uuid(), Some(&before), Some(&after)).await
}

/// Lets only these distributors sell the products of the category that name none themselves; none are everybody.
///
/// # Errors
/// 404, 412; 422 when one doesn't exist.
pub async fn name_category_sellers(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: Uuid,
    version: i64,
    named: &[DistributorId],
) -> Result<(), ApiError> {
    let before = store::lock_category_sellers(c, id).await?;
    let Some(before) = check_sellers(c, before, version, named).await? else { return Ok(()) };
    store::name_category_sellers(c, id, named).await?;
    let (before, after) = (json!({ "distributorIds": before }), json!({ "distributorIds": named }));
    record(c, cx, at, "categories.distributors", "category", id, Some(&before), Some(&after)).await
}

/// Those who are named now, if that is to change.
async fn check_sellers(
    c: &mut PgConnection,
    now: Option<Sellers>,
    version: i64,
    named: &[DistributorId],
) -> Result<Option<Vec<DistributorId>>, ApiError> {
    let now = now.ok_or(CatalogError::NotFound)?;
    if now.version != version {
        return Err(CatalogError::Stale.into());
    }
    if store::name_distributors(c, named).await?.len() != named.len() {
        return Err(CatalogError::UnknownDistributor.into());
    }
    Ok(Some(now.named).filter(|now| now != named))
}

/// Adds a price list.
///
/// # Errors
/// 409 when the code is taken; 422 when it names a product, customer or distributor that doesn't exist.
pub async fn create_price_list(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: PriceListId,
    data: &PriceListData,
) -> Result<(), ApiError> {
    let owner = check_price_list(c, data).await?;
    store::insert_price_list(c, id, owner, data, at).await.map_err(price_list_code_taken)?;
    record(c, cx, at, "price_lists.create", "price_list", id.uuid(), None::<&()>, Some(data)).await
}

/// Replaces a price list with its items.
///
/// # Errors
/// 404, 412; 409 when the code is taken; 422 when it names a product, customer or distributor that doesn't exist.
pub async fn update_price_list(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    id: PriceListId,
    version: i64,
    data: &PriceListData,
) -> Result<(), ApiError> {
    let list = store::lock_price_list(c, id).await?.ok_or(CatalogError::NotFound)?;
    if list.version != version {
        return Err(CatalogError::Stale.into());
    }
    let owner = check_price_list(c, data).await?;
    let Some((before, after)) = audit::changes(&list.data, data)? else { return Ok(()) };
    store::update_price_list(c, id, owner, data, at).await.map_err(price_list_code_taken)?;
    record(c, cx, at, "price_lists.update", "price_list", id.uuid(), Some(&before), Some(&after)).await
}

async fn check_price_list(
    c: &mut PgConnection,
    data: &PriceListData,
) -> Result<Option<DistributorId>, ApiError> {
    let products: BTreeSet<ProductId> = data.items.iter().map(|item| item.product_id).collect();
    let products: Vec<ProductId> = products.into_iter().collect();
    if store::find_products(c, &products).await?.len() != products.len() {
        return Err(CatalogError::UnknownProduct.into());
    }
    Ok(store::owner_of(c, &data.scope).await?.ok_or(CatalogError::UnknownScope)?)
}

#[expect(clippy::too_many_arguments, reason = "the audit entry's own fields")]
async fn record(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    action: &'static str,
    entity: &'static str,
    id: Uuid,
    before: Option<&impl Serialize>,
    after: Option<&impl Serialize>,
) -> Result<(), ApiError> {
    let entry = audit::Entry { action, entity, entity_id: Some(id), distributor: None, before, after };
    Ok(audit::record(c, cx, at, entry).await?)
}

fn product_code_taken(error: sqlx::Error) -> ApiError {
    ApiError::from(error).on_constraint("products_code_uniq", || CatalogError::ProductCodeTaken.into())
}

fn price_list_code_taken(error: sqlx::Error) -> ApiError {
    ApiError::from(error).on_constraint("price_lists_code_uniq", || CatalogError::PriceListCodeTaken.into())
}
