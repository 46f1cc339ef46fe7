//! Who may sell what.

use chrono::{DateTime, Utc};
use domain::{DistributorId, ProductId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{NamedDistributor, Sellers};

/// Who may sell the product, by its own word and by its category's.
///
/// # Errors
/// When the database refuses.
pub async fn find_product_sellers(
    c: &mut PgConnection,
    id: ProductId,
) -> Result<Option<Sellers>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select p.version, p.distributors, k.distributors as "category?"
           from products p left join categories k on k.id = p.category_id where p.id = $1 and p.deleted_at is null"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| Sellers { named: ids(r.distributors), category: ids(r.category), version: r.version }))
}

/// Who may sell what is in the category.
///
/// # Errors
/// When the database refuses.
pub async fn find_category_sellers(c: &mut PgConnection, id: Uuid) -> Result<Option<Sellers>, sqlx::Error> {
    let row = sqlx::query!("select version, distributors from categories where id = $1", id)
        .fetch_optional(c)
        .await?;
    Ok(row.map(|r| Sellers { named: ids(r.distributors), category: Vec::new(), version: r.version }))
}

/// Like [`find_product_sellers`], and keeps others from changing the product until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock_product_sellers(
    c: &mut PgConnection,
    id: ProductId,
) -> Result<Option<Sellers>, sqlx::Error> {
    sqlx::query!("select id from products where id = $1 for no key update", id.uuid())
        .fetch_optional(&mut *c)
        .await?;
    find_product_sellers(c, id).await
}

/// Like [`find_category_sellers`], and keeps others from changing the category until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock_category_sellers(c: &mut PgConnection, id: Uuid) -> Result<Option<Sellers>, sqlx::Error> {
    sqlx::query!("select id from categories where id = $1 for no key update", id)
        .fetch_optional(&mut *c)
        .await?;
    find_category_sellers(c, id).await
}

/// Only these may sell the product; none are as its category says. Raises its version.
///
/// # Errors
/// When the database refuses.
pub async fn name_product_sellers(
    c: &mut PgConnection,
    id: ProductId,
    distributors: &[DistributorId],
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update products set distributors = nullif($2::uuid[], '{}'), updated_at = $3, version = version + 1 where id = $1",
        id.uuid(),
        &uuids(distributors),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Only these may sell what is in the category; none are everybody. Raises its version.
///
/// # Errors
/// When the database refuses.
pub async fn name_category_sellers(
    c: &mut PgConnection,
    id: Uuid,
    distributors: &[DistributorId],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update categories set distributors = nullif($2::uuid[], '{}'), version = version + 1 where id = $1",
        id,
        &uuids(distributors),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The distributors by code; unknown ones are missing.
///
/// # Errors
/// When the database refuses.
pub async fn name_distributors(
    c: &mut PgConnection,
    distributors: &[DistributorId],
) -> Result<Vec<NamedDistributor>, sqlx::Error> {
    sqlx::query_as!(
        NamedDistributor,
        r#"select id as "id: DistributorId", code, name from distributors where id = any ($1) order by code"#,
        &uuids(distributors),
    )
    .fetch_all(c)
    .await
}

fn ids(column: Option<Vec<Uuid>>) -> Vec<DistributorId> {
    column.unwrap_or_default().into_iter().map(DistributorId::new).collect()
}

fn uuids(distributors: &[DistributorId]) -> Vec<Uuid> {
    distributors.iter().map(|d| d.uuid()).collect()
}
