//! Many products in few statements: the rows travel as arrays, one a column.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::ProductId;
use serde_json::{Map, Value};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::{CatalogStatus, ProductData};

/// So many rows a statement.
const PART: usize = 5_000;

/// Products as arrays; `brand` and `category` are names.
#[derive(Default)]
struct Columns {
    id: Vec<Uuid>,
    brand: Vec<String>,
    category: Vec<String>,
    code: Vec<String>,
    name: Vec<String>,
    search_key: Vec<String>,
    supplier: Vec<String>,
    unit_name: Vec<String>,
    sub_unit_name: Vec<String>,
    conversion_rate: Vec<i64>,
    purchase_price: Vec<i64>,
    purchase_price_sub: Vec<i64>,
    selling_price: Vec<i64>,
    selling_price_sub: Vec<i64>,
    vat_percent: Vec<i16>,
    low_stock_threshold: Vec<i64>,
    description: Vec<String>,
    image: Vec<String>,
    display_order: Vec<i32>,
    status: Vec<String>,
}

impl Columns {
    fn of(part: &[(ProductId, ProductData)]) -> Self {
        let mut columns = Columns::default();
        for (id, data) in part {
            columns.id.push(id.uuid());
            columns.brand.push(data.brand.clone());
            columns.category.push(data.category.clone());
            columns.code.push(data.product_code.clone());
            columns.name.push(data.name.clone());
            columns.search_key.push(data.search_key());
            columns.supplier.push(data.supplier.clone());
            columns.unit_name.push(data.unit_name.clone());
            columns.sub_unit_name.push(data.sub_unit_name.clone());
            columns.conversion_rate.push(data.conversion_rate);
            columns.purchase_price.push(data.purchase_price);
            columns.purchase_price_sub.push(data.purchase_price_sub);
            columns.selling_price.push(data.selling_price);
            columns.selling_price_sub.push(data.selling_price_sub);
            columns.vat_percent.push(data.vat);
            columns.low_stock_threshold.push(data.low_stock_threshold);
            columns.description.push(data.description.clone());
            columns.image.push(data.image.clone());
            columns.display_order.push(data.display_order);
            columns.status.push(data.status.as_str().to_owned());
        }
        columns
    }
}

/// The products with these codes and whether they were deleted; nobody else changes them until the transaction ends.
pub(crate) async fn lock(
    c: &mut PgConnection,
    codes: &[String],
) -> Result<Vec<(ProductId, ProductData, bool)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select p.id as "id: ProductId", p.code, p.name, coalesce(b.name, '') as "brand!", coalesce(k.name, '') as "category!",
             p.supplier, p.unit_name, p.sub_unit_name, p.conversion_rate, p.purchase_price, p.purchase_price_sub,
             p.selling_price, p.selling_price_sub, p.vat_percent, p.low_stock_threshold, p.barcode, p.description, p.image,
             p.display_order, p.attributes as "attributes: Json<Map<String, Value>>", p.status as "status: CatalogStatus",
             p.deleted_at is not null as "deleted!"
           from products p left join brands b on b.id = p.brand_id left join categories k on k.id = p.category_id
           where p.code = any ($1) order by p.code for no key update of p"#,
        codes,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let data = ProductData {
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
            };
            (r.id, data, r.deleted)
        })
        .collect())
}

/// Adds the products, version 1. Their brands and categories must be there.
pub(crate) async fn insert(
    c: &mut PgConnection,
    products: &[(ProductId, ProductData)],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    for part in products.chunks(PART) {
        let columns = Columns::of(part);
        sqlx::query!(
            "insert into products (created_at, updated_at, id, brand_id, category_id, code, name,
               search_key, supplier, unit_name, sub_unit_name, conversion_rate, purchase_price,
               purchase_price_sub, selling_price, selling_price_sub, vat_percent, low_stock_threshold,
               description, image, display_order, status)
             select $1, $1, t.id, (select b.id from brands b where b.name = t.brand order by b.code limit 1),
               (select k.id from categories k where k.name = t.category order by k.code limit 1), t.code,
                  t.name, t.search_key, t.supplier, t.unit_name, t.sub_unit_name, t.conversion_rate,
                  t.purchase_price, t.purchase_price_sub, t.selling_price, t.selling_price_sub, t.vat_percent,
                  t.low_stock_threshold, t.description, t.image, t.display_order, t.status
             from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
                $15::bigint[], $16::smallint[], $17::bigint[], $18::text[], $19::text[], $20::integer[],
                $21::text[])
               as t (id, brand, category, code, name, search_key, supplier, unit_name, sub_unit_name,
                  conversion_rate, purchase_price, purchase_price_sub, selling_price, selling_price_sub,
                  vat_percent, low_stock_threshold, description, image, display_order, status)",
            at,
            &columns.id,
            &columns.brand,
            &columns.category,
            &columns.code,
            &columns.name,
            &columns.search_key,
            &columns.supplier,
            &columns.unit_name,
            &columns.sub_unit_name,
            &columns.conversion_rate,
            &columns.purchase_price,
            &columns.purchase_price_sub,
            &columns.selling_price,
            &columns.selling_price_sub,
            &columns.vat_percent,
            &columns.low_stock_threshold,
            &columns.description,
            &columns.image,
            &columns.display_order,
            &columns.status,
        )
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}

/// Writes the products' data and raises their versions. One that was deleted is there again.
pub(crate) async fn update(
    c: &mut PgConnection,
    products: &[(ProductId, ProductData)],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    for part in products.chunks(PART) {
        let columns = Columns::of(part);
        sqlx::query!(
            "update products p set code = t.code, name = t.name, search_key = t.search_key, supplier =
               t.supplier, unit_name = t.unit_name, sub_unit_name = t.sub_unit_name, conversion_rate =
               t.conversion_rate, purchase_price = t.purchase_price, purchase_price_sub = t.purchase_price_sub,
               selling_price = t.selling_price, selling_price_sub = t.selling_price_sub, vat_percent =
               t.vat_percent, low_stock_threshold = t.low_stock_threshold, description = t.description, image =
               t.image, display_order = t.display_order, status = t.status,
               brand_id = (select b.id from brands b where b.name = t.brand order by b.code limit 1),
               category_id = (select k.id from categories k where k.name = t.category order by k.code limit 1),
               updated_at = $1, version = p.version + 1, deleted_at = null
             from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
                $15::bigint[], $16::smallint[], $17::bigint[], $18::text[], $19::text[], $20::integer[],
                $21::text[])
               as t (id, brand, category, code, name, search_key, supplier, unit_name, sub_unit_name,
                  conversion_rate, purchase_price, purchase_price_sub, selling_price, selling_price_sub,
                  vat_percent, low_stock_threshold, description, image, display_order, status)
             where p.id = t.id",
            at,
            &columns.id,
            &columns.brand,
            &columns.category,
            &columns.code,
            &columns.name,
            &columns.search_key,
            &columns.supplier,
            &columns.unit_name,
            &columns.sub_unit_name,
            &columns.conversion_rate,
            &columns.purchase_price,
            &columns.purchase_price_sub,
            &columns.selling_price,
            &columns.selling_price_sub,
            &columns.vat_percent,
            &columns.low_stock_threshold,
            &columns.description,
            &columns.image,
            &columns.display_order,
            &columns.status,
        )
        .execute(&mut *c)
        .await?;
    }
    Ok(())
}

/// The names of the categories by code.
pub(crate) async fn categories(c: &mut PgConnection) -> Result<BTreeMap<String, String>, sqlx::Error> {
    let rows = sqlx::query!("select code, name from categories").fetch_all(c).await?;
    Ok(rows.into_iter().map(|r| (r.code, r.name)).collect())
}

/// Makes the categories of these codes, or gives them these names.
pub(crate) async fn upsert_categories(
    c: &mut PgConnection,
    named: &BTreeMap<String, String>,
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = named.iter().map(|_| Uuid::now_v7()).collect();
    let codes: Vec<String> = named.keys().cloned().collect();
    let names: Vec<String> = named.values().cloned().collect();
    sqlx::query!(
        "insert into categories (id, code, name) select * from unnest($1::uuid[], $2::text[], $3::text[])
         on conflict (code) do update set name = excluded.name where categories.name <> excluded.name",
        &ids,
        &codes,
        &names,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Makes the brands of these names, where there is none.
pub(crate) async fn insert_brands(c: &mut PgConnection, names: &BTreeSet<String>) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = names.iter().map(|_| Uuid::now_v7()).collect();
    let names: Vec<String> = names.iter().cloned().collect();
    sqlx::query!(
        "insert into brands (id, code, name) select t.id, t.name, t.name from unnest($1::uuid[], $2::text[])
           as t (id, name)
         where not exists (select from brands b where b.name = t.name) on conflict (code) do nothing",
        &ids,
        &names,
    )
    .execute(c)
    .await?;
    Ok(())
}
