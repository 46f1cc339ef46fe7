//! What files refer to by code or name. Reads tables of other capabilities, and writes none.

use std::collections::HashMap;

use db::PgConnection;
use domain::{CustomerId, DistributorId, OrgUnitId, Role, UserId};
use identity::model::{Profile, UserStatus};

/// The distributor with this code, if the caller may see it.
pub async fn find_distributor(
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

/// The distributors by code.
pub async fn list_distributors(c: &mut PgConnection) -> Result<HashMap<String, DistributorId>, sqlx::Error> {
    let rows =
        sqlx::query!(r#"select code, id as "id: DistributorId" from distributors where deleted_at is null"#)
            .fetch_all(c)
            .await?;
    Ok(rows.into_iter().map(|r| (r.code, r.id)).collect())
}

/// The units by index.
pub async fn list_units(c: &mut PgConnection) -> Result<HashMap<String, OrgUnitId>, sqlx::Error> {
    let rows =
        sqlx::query!(r#"select index_path, id as "id: OrgUnitId" from org_units where deleted_at is null"#)
            .fetch_all(c)
            .await?;
    Ok(rows.into_iter().map(|r| (r.index_path, r.id)).collect())
}

/// The distributor's customers with these codes.
pub async fn find_customers(
    c: &mut PgConnection,
    distributor: DistributorId,
    codes: &[String],
) -> Result<HashMap<String, CustomerId>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select code, id as "id: CustomerId" from customers
           where distributor_id = $1 and code = any ($2) and deleted_at is null"#,
        distributor.uuid(),
        codes,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|r| (r.code, r.id)).collect())
}

/// A user that a file names.
pub struct KnownUser {
    pub id: UserId,
    pub version: i64,
    pub status: UserStatus,
    pub profile: Profile,
}

/// The users with these names.
pub async fn find_users(
    c: &mut PgConnection,
    names: &[String],
) -> Result<HashMap<String, KnownUser>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select u.id as "id: UserId", u.username, u.full_name, u.phone, u.email, u.role as "role: Role",
             u.distributor_id as "distributor_id: DistributorId", u.status, u.version,
             array(select unit_id from user_units where user_id = u.id order by unit_id) as "units!: Vec<OrgUnitId>",
             (select unit_id from user_units where user_id = u.id and is_primary) as "primary_unit: OrgUnitId"
           from users u where u.username = any ($1) and u.deleted_at is null"#,
        names,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let profile = Profile {
                full_name: r.full_name,
                phone: r.phone,
                email: r.email,
                role: r.role,
                distributor_id: r.distributor_id,
                unit_ids: r.units,
                primary_unit_id: r.primary_unit,
            };
            let status = if r.status == "active" { UserStatus::Active } else { UserStatus::Inactive };
            (r.username, KnownUser { id: r.id, version: r.version, status, profile })
        })
        .collect())
}
