//! Products.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{DistributorId, ProductId};
use platform::Page;
use serde_json::{Map, Value};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::{CatalogStatus, Product, ProductData};

/// Which products a list shows; what is not set doesn't limit.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// Code or name of a brand.
    pub brand: Option<String>,
    /// Code or name of a category.
    pub category: Option<String>,
    /// Only those with this status.
    pub status: Option<CatalogStatus>,
    /// Only what one of these distributors may sell.
    pub sold_by: Option<Vec<DistributorId>>,
}

/// A page of the products in display order, and how many there are in all.
///
/// # Errors
/// When the database refuses.
pub async fn list_products(
    c: &mut PgConnection,
    filter: &ProductFilter,
    page: &Page,
) -> Result<(Vec<Product>, i64), sqlx::Error> {
    let sold_by: Option<Vec<Uuid>> =
        filter.sold_by.as_ref().map(|distributors| distributors.iter().map(|d| d.uuid()).collect());
    let hits = sqlx::query!(
        r#"with hits as (
             select p.id, p.display_order, p.code from products p
             left join brands b on b.id = p.brand_id
             left join categories k on k.id = p.category_id
             where p.deleted_at is null
               and ($1::text is null or p.search_key like $1)
               and ($2::text is null or b.code = $2 or b.name = $2)
               and ($3::text is null or k.code = $3 or k.name = $3)
               and ($4::text is null or p.status = $4)
               and (coalesce(p.distributors, k.distributors) && $5::uuid[]) is not false)
           select (select count(*) from hits) as "total!",
             array(select id from hits order by display_order, code limit $6 offset $7) as "ids!""#,
        page.search,
        filter.brand,
        filter.category,
        filter.status.map(CatalogStatus::as_str),
        sold_by.as_deref(),
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((load(c, &hits.ids).await?, hits.total))
}

/// The product, unless it is deleted.
///
/// # Errors
/// When the database refuses.
pub async fn find_product(c: &mut PgConnection, id: ProductId) -> Result<Option<Product>, sqlx::Error> {
    Ok(load(c, &[id.uuid()]).await?.pop())
}

/// Like [`find_product`], and keeps others from changing it until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock_product(c: &mut PgConnection, id: ProductId) -> Result<Option<Product>, sqlx::Error> {
    sqlx::query!("select id from products where id = $1 for no key update", id.uuid())
        .fetch_optional(&mut *c)
        .await?;
    find_product(c, id).await
}

/// Those of the products that something counts in pieces or units of: stock, orders, goods that come back, shelves. Whoever
/// is just beginning to waits until this transaction ends, and it for them.
///
/// # Errors
/// When the database refuses.
pub async fn list_in_use(
    c: &mut PgConnection,
    ids: &[ProductId],
) -> Result<BTreeSet<ProductId>, sqlx::Error> {
    let ids = super::sale::uuids(ids);
    sqlx::query!("select id from products where id = any ($1) order by code for update", &ids)
        .fetch_all(&mut *c)
        .await?;
    // Nearly all of them have lots; the large tables are read, once, only when some don't.
    let rows = sqlx::query_scalar!(
        r#"select p.id as "id!: ProductId" from unnest($1::uuid[]) p (id)
           where exists (select from lots l where l.product_id = p.id)
             or p.id in (select product_id from order_lines where product_id = any ($1))
             or p.id in (select product_id from sales_return_lines where product_id = any ($1))
             or p.id in (select product_id from visit_stock_lines where product_id = any ($1))"#,
        &ids,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().collect())
}

async fn load(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Product>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select p.id as "id: ProductId", p.code, p.name, coalesce(b.name, '') as "brand!", coalesce(k.name, '') as "category!",
             p.supplier, p.unit_name, p.sub_unit_name, p.conversion_rate, p.purchase_price, p.purchase_price_sub,
             p.selling_price, p.selling_price_sub, p.vat_percent, p.low_stock_threshold, p.barcode, p.description, p.image,
             p.display_order, p.attributes as "attributes: Json<Map<String, Value>>", p.status as "status: CatalogStatus",
             p.image_sha256, p.version, p.created_at, p.updated_at
           from products p left join brands b on b.id = p.brand_id left join categories k on k.id = p.category_id
           where p.id = any ($1) and p.deleted_at is null order by p.display_order, p.code"#,
        ids,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Product {
            id: r.id,
            data: ProductData {
                product_code: r.code,
                name: r.name,
                brand: r.brand,
                category: r.category,
                supplier: r.supplier,
                unit_name: r.unit_name,
                sub_unit_name: r.sub_unit_name,
                conversion_rate: r.conversion_rate,
                purchase_price: r.purchase_price,
                purchase_price_sub: r.purchase_price_sub,
                selling_price: r.selling_price,
                selling_price_sub: r.selling_price_sub,
                vat: r.vat_percent,
                low_stock_threshold: r.low_stock_threshold,
                barcode: r.barcode,
                description: r.description,
                image: r.image,
                display_order: r.display_order,
                attributes: r.attributes.0,
                status: r.status,
            },
            image_sha256: r.image_sha256,
            version: r.version,
            created_at: r.created_at,
            updated_at: r.updated_at,
        })
        .collect())
}

/// Pieces that can be sold now of each product, over the main warehouses that the caller may see.
///
/// # Errors
/// When the database refuses.
pub async fn available(
    c: &mut PgConnection,
    ids: &[ProductId],
) -> Result<BTreeMap<ProductId, i64>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select i.product_id as "product_id: ProductId", sum(i.on_hand - i.reserved)::bigint as "pieces!"
           from warehouses w join stock_items i on i.distributor_id = w.distributor_id and i.warehouse_id = w.id
           where w.kind = 'main' and w.status = 'active' and i.product_id = any ($1) group by i.product_id"#,
        &super::sale::uuids(ids),
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| (r.product_id, r.pieces)).collect())
}

/// Adds the product, version 1.
///
/// # Errors
/// When the database refuses; `products_code_uniq` when the code is taken.
pub async fn insert_product(
    c: &mut PgConnection,
    id: ProductId,
    data: &ProductData,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let brand = super::brand_id(c, &data.brand).await?;
    let category = super::category_id(c, &data.category).await?;
    sqlx::query!(
        "insert into products (id, code, name, search_key, brand_id, category_id, supplier, unit_name, sub_unit_name,
           conversion_rate, purchase_price, purchase_price_sub, selling_price, selling_price_sub, vat_percent,
           low_stock_threshold, barcode, description, image, display_order, attributes, status, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $23)",
        id.uuid(),
        data.product_code,
        data.name,
        data.search_key(),
        brand,
        category,
        data.supplier,
        data.unit_name,
        data.sub_unit_name,
        data.conversion_rate,
        data.purchase_price,
        data.purchase_price_sub,
        data.selling_price,
        data.selling_price_sub,
        data.vat,
        data.low_stock_threshold,
        data.barcode,
        data.description,
        data.image,
        data.display_order,
        Json(&data.attributes) as _,
        data.status.as_str(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Writes the product's data and raises its version.
///
/// # Errors
/// When the database refuses; `products_code_uniq` when the code is taken.
pub async fn update_product(
    c: &mut PgConnection,
    id: ProductId,
    data: &ProductData,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let brand = super::brand_id(c, &data.brand).await?;
    let category = super::category_id(c, &data.category).await?;
    sqlx::query!(
        "update products set code = $2, name = $3, search_key = $4, brand_id = $5, category_id = $6, supplier = $7,
           unit_name = $8, sub_unit_name = $9, conversion_rate = $10, purchase_price = $11, purchase_price_sub = $12,
           selling_price = $13, selling_price_sub = $14, vat_percent = $15, low_stock_threshold = $16, barcode = $17,
           description = $18, image = $19, display_order = $20, attributes = $21, status = $22, updated_at = $23,
           version = version + 1
         where id = $1",
        id.uuid(),
        data.product_code,
        data.name,
        data.search_key(),
        brand,
        category,
        data.supplier,
        data.unit_name,
        data.sub_unit_name,
        data.conversion_rate,
        data.purchase_price,
        data.purchase_price_sub,
        data.selling_price,
        data.selling_price_sub,
        data.vat,
        data.low_stock_threshold,
        data.barcode,
        data.description,
        data.image,
        data.display_order,
        Json(&data.attributes) as _,
        data.status.as_str(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The digest and the media type of the product's uploaded picture.
///
/// # Errors
/// When the database refuses.
pub async fn find_image(
    c: &mut PgConnection,
    id: ProductId,
) -> Result<Option<(String, String)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select image_sha256 as "sha256!", image_type as "media_type!" from products
           where id = $1 and deleted_at is null and image_sha256 is not null"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| (r.sha256, r.media_type)))
}

/// Writes which picture was uploaded for the product, by its digest and media type, and raises its version.
///
/// # Errors
/// When the database refuses.
pub async fn update_image(
    c: &mut PgConnection,
    id: ProductId,
    image: Option<(&str, &str)>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let (sha256, media_type) = image.unzip();
    sqlx::query!(
        "update products set image_sha256 = $2, image_type = $3, updated_at = $4, version = version + 1 where id = $1",
        id.uuid(),
        sha256,
        media_type,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Marks the product as deleted; past documents still name it.
///
/// # Errors
/// When the database refuses.
pub async fn delete_product(
    c: &mut PgConnection,
    id: ProductId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update products set deleted_at = $2, status = 'inactive', updated_at = $2, version = version + 1 where id = $1",
        id.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}
