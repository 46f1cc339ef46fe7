//! Brands and categories.

use sqlx::PgConnection;
use uuid::Uuid;

/// A brand or a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// All brands by name.
///
/// # Errors
/// When the database refuses.
pub async fn list_brands(c: &mut PgConnection) -> Result<Vec<Label>, sqlx::Error> {
    sqlx::query_as!(Label, "select id, code, name from brands order by name, code").fetch_all(c).await
}

/// All categories by name.
///
/// # Errors
/// When the database refuses.
pub async fn list_categories(c: &mut PgConnection) -> Result<Vec<Label>, sqlx::Error> {
    sqlx::query_as!(Label, "select id, code, name from categories order by name, code").fetch_all(c).await
}

/// The brand with this code or name; made when there is none. An empty name is no brand.
///
/// # Errors
/// When the database refuses.
pub async fn brand_id(c: &mut PgConnection, name: &str) -> Result<Option<Uuid>, sqlx::Error> {
    if name.is_empty() {
        return Ok(None);
    }
    let known = sqlx::query_scalar!(
        "select id from brands where code = $1 or name = $1 order by (name = $1) desc, id limit 1",
        name
    )
    .fetch_optional(&mut *c)
    .await?;
    if known.is_some() {
        return Ok(known);
    }
    sqlx::query_scalar!(
        "insert into brands (id, code, name) values ($1, $2, $2) on conflict (code) do update set code = excluded.code returning id",
        Uuid::now_v7(),
        name,
    )
    .fetch_one(c)
    .await
    .map(Some)
}

/// The category with this code or name; made when there is none. An empty name is no category.
///
/// # Errors
/// When the database refuses.
pub async fn category_id(c: &mut PgConnection, name: &str) -> Result<Option<Uuid>, sqlx::Error> {
    if name.is_empty() {
        return Ok(None);
    }
    let known = sqlx::query_scalar!(
        "select id from categories where code = $1 or name = $1 order by (name = $1) desc, id limit 1",
        name
    )
    .fetch_optional(&mut *c)
    .await?;
    if known.is_some() {
        return Ok(known);
    }
    sqlx::query_scalar!(
        "insert into categories (id, code, name) values ($1, $2, $2) on conflict (code) do update set code = excluded.code returning id",
        Uuid::now_v7(),
        name,
    )
    .fetch_one(c)
    .await
    .map(Some)
}
