//! What codes of files stand for.

use db::PgConnection;
use domain::{CustomerId, DistributorId, PriceListId, ProductId};

/// The products with these codes: code, id, pieces per case.
pub(crate) async fn list_conversions(
    c: &mut PgConnection,
    codes: &[String],
) -> Result<Vec<(String, ProductId, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select code, id as "id: ProductId", conversion_rate as rate from products
           where code = any ($1) and deleted_at is null"#,
        codes,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| (r.code, r.id, r.rate)).collect())
}

/// The price list with this code.
pub(crate) async fn find_price_list_id(
    c: &mut PgConnection,
    code: &str,
) -> Result<Option<PriceListId>, sqlx::Error> {
    sqlx::query_scalar!(r#"select id as "id: PriceListId" from price_lists where code = $1"#, code)
        .fetch_optional(c)
        .await
}

/// The distributor with this code.
pub(crate) async fn find_distributor_id(
    c: &mut PgConnection,
    code: &str,
) -> Result<Option<DistributorId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: DistributorId" from distributors where code = $1 and deleted_at is null"#,
        code,
    )
    .fetch_optional(c)
    .await
}

/// The customer with this code of the distributor with this code.
pub(crate) async fn find_customer_id(
    c: &mut PgConnection,
    distributor: &str,
    code: &str,
) -> Result<Option<CustomerId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select c.id as "id: CustomerId" from customers c join distributors d on d.id = c.distributor_id
           where d.code = $1 and c.code = $2 and c.deleted_at is null"#,
        distributor,
        code,
    )
    .fetch_optional(c)
    .await
}
