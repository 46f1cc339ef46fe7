use domain::{DistributorId, Role, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

/// The people with one of the roles in the deepest of these units that has any.
pub(crate) async fn list_leaders(
    c: &mut PgConnection,
    units: &[Uuid],
    roles: &[Role],
) -> Result<Vec<UserId>, sqlx::Error> {
    let roles: Vec<String> = roles.iter().map(|role| role.as_str().to_owned()).collect();
    sqlx::query_scalar!(
        r#"select leader as "id!: UserId" from nearest_leaders($1, $2) leader"#,
        units,
        &roles
    )
    .fetch_all(c)
    .await
}

/// The unit and all above it.
pub(crate) async fn list_units_above(c: &mut PgConnection, unit: Uuid) -> Result<Vec<Uuid>, sqlx::Error> {
    let found =
        sqlx::query_scalar!("select ancestors from org_units where id = $1 and deleted_at is null", unit)
            .fetch_optional(c)
            .await?;
    Ok(found.unwrap_or_default())
}

/// The people in the distributor's office.
pub(crate) async fn list_office(
    c: &mut PgConnection,
    distributor: DistributorId,
) -> Result<Vec<UserId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: UserId" from users
           where distributor_id = $1 and role = 'distributor_admin' and status = 'active' and deleted_at is null"#,
        distributor.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Who decided last about the orders: (order, decider).
pub(crate) async fn list_deciders(
    c: &mut PgConnection,
    orders: &[Uuid],
) -> Result<Vec<(Uuid, UserId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id, decided_by as "by!: UserId" from orders where id = any ($1) and decided_by is not null"#,
        orders,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.by)).collect())
}
