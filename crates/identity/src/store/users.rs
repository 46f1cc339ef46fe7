//! Users and their units.

use chrono::{DateTime, Utc};
use db::PgConnection;
use domain::{DistributorId, OrgUnitId, Role, UserId, search_key};
use platform::Page;
use uuid::Uuid;

use crate::model::{NewUser, Profile, User, UserStatus, UserUnit, UserView};

/// Which users a list shows: those a caller may see, and of these what was asked for.
pub struct Filter {
    /// Only this user and those of `units`.
    pub only: Option<UserId>,
    /// Users of these units, besides `only`.
    pub units: Vec<OrgUnitId>,
    /// Only users of this distributor.
    pub distributor: Option<DistributorId>,
    /// Only this role.
    pub role: Option<Role>,
    /// Only this status.
    pub status: Option<UserStatus>,
    /// Only members of this unit or one below it.
    pub unit: Option<OrgUnitId>,
}

fn status(active: bool) -> UserStatus {
    if active { UserStatus::Active } else { UserStatus::Inactive }
}

/// A page of users by name, and how many there are.
pub async fn list(
    c: &mut PgConnection,
    filter: &Filter,
    page: &Page,
) -> Result<(Vec<UserView>, i64), sqlx::Error> {
    let units: Vec<Uuid> = filter.units.iter().map(|u| u.uuid()).collect();
    let hits = sqlx::query!(
        r#"with hits as (
             select u.id, u.full_name from users u
             where u.deleted_at is null
               and ($1::uuid is null or u.id = $1
                    or exists (select from user_units x where x.user_id = u.id and x.unit_id = any ($2)))
               and ($3::uuid is null or u.distributor_id = $3)
               and ($4::text is null or u.role = $4)
               and ($5::text is null or u.status = $5)
               and ($6::uuid is null or exists (select from user_units x join org_units o on o.id = x.unit_id
                                                where x.user_id = u.id and o.ancestors @> array[$6]))
               and ($7::text is null or u.search_key like $7)
           )
           select (select count(*) from hits) as "total!",
                  array(select id from hits order by full_name, id limit $8 offset $9) as "ids!""#,
        filter.only.map(|u| u.uuid()),
        &units,
        filter.distributor.map(|d| d.uuid()),
        filter.role.map(Role::as_str),
        filter.status.map(UserStatus::as_str),
        filter.unit.map(|u| u.uuid()),
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((views(c, &hits.ids).await?, hits.total))
}

/// These users as clients see them, in this order.
async fn views(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<UserView>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select u.id as "id: UserId", u.username, u.full_name, u.phone, u.email, u.role as "role: Role",
                  u.status = 'active' as "active!", u.distributor_id as "distributor_id: DistributorId",
                  d.name as "distributor_name?", u.version, u.created_at, u.updated_at
           from users u left join distributors d on d.id = u.distributor_id
           where u.id = any ($1)
           order by array_position($1, u.id)"#,
        ids,
    )
    .fetch_all(&mut *c)
    .await?;
    let mut units = sqlx::query!(
        r#"select x.user_id as "user_id: UserId", x.unit_id as "unit_id: OrgUnitId", x.is_primary, o.code, o.name
           from user_units x join org_units o on o.id = x.unit_id
           where x.user_id = any ($1) and o.deleted_at is null
           order by x.is_primary desc, string_to_array(o.index_path, '.')::int[]"#,
        ids,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| UserView {
            user_id: row.id,
            username: row.username,
            full_name: row.full_name,
            phone: row.phone,
            email: row.email,
            role: row.role,
            status: status(row.active),
            distributor_id: row.distributor_id,
            distributor_name: row.distributor_name,
            units: units
                .extract_if(.., |unit| unit.user_id == row.id)
                .map(|u| UserUnit {
                    unit_id: u.unit_id,
                    code: u.code,
                    name: u.name,
                    is_primary: u.is_primary,
                })
                .collect(),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
        .collect())
}

/// The user, if the filter's caller sees it.
pub async fn find_visible(
    c: &mut PgConnection,
    visible: &Filter,
    user: UserId,
) -> Result<Option<UserView>, sqlx::Error> {
    let units: Vec<Uuid> = visible.units.iter().map(|u| u.uuid()).collect();
    let ids = sqlx::query_scalar!(
        "select u.id from users u
         where u.id = $1 and u.deleted_at is null
           and ($2::uuid is null or u.id = $2
                or exists (select from user_units x where x.user_id = u.id and x.unit_id = any ($3)))
           and ($4::uuid is null or u.distributor_id = $4)",
        user.uuid(),
        visible.only.map(|u| u.uuid()),
        &units,
        visible.distributor.map(|d| d.uuid()),
    )
    .fetch_all(&mut *c)
    .await?;
    Ok(views(c, &ids).await?.pop())
}

/// The user as clients see it.
pub async fn find_view(c: &mut PgConnection, user: UserId) -> Result<Option<UserView>, sqlx::Error> {
    Ok(views(c, &[user.uuid()]).await?.pop())
}

/// The user with this log-in name (lower case).
pub async fn find_id(c: &mut PgConnection, username: &str) -> Result<Option<UserId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: UserId" from users where username = $1 and deleted_at is null"#,
        username,
    )
    .fetch_optional(c)
    .await
}

/// The user; changes of it now wait for this transaction.
pub async fn lock(c: &mut PgConnection, user: UserId) -> Result<Option<User>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select username, full_name, phone, email, role as "role: Role",
                  distributor_id as "distributor_id: DistributorId", status = 'active' as "active!", version
           from users where id = $1 and deleted_at is null for update"#,
        user.uuid(),
    )
    .fetch_optional(&mut *c)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let units = sqlx::query!(
        r#"select unit_id as "unit_id: OrgUnitId", is_primary from user_units where user_id = $1 order by unit_id"#,
        user.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(Some(User {
        id: user,
        username: row.username,
        profile: Profile {
            full_name: row.full_name,
            phone: row.phone,
            email: row.email,
            role: row.role,
            distributor_id: row.distributor_id,
            unit_ids: units.iter().map(|u| u.unit_id).collect(),
            primary_unit_id: units.iter().find(|u| u.is_primary).map(|u| u.unit_id),
        },
        status: status(row.active),
        version: row.version,
    }))
}

/// Whether there is such a distributor.
pub async fn distributor_exists(
    c: &mut PgConnection,
    distributor: DistributorId,
) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(
        r#"select true as "found!" from distributors where id = $1 and deleted_at is null"#,
        distributor.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(found.is_some())
}

/// How many of these units exist and are `distributor`'s or, if `shared` allows, of no distributor. Any unit will do
/// for a user without a distributor.
pub async fn count_units(
    c: &mut PgConnection,
    units: &[OrgUnitId],
    distributor: Option<DistributorId>,
    shared: bool,
) -> Result<i64, sqlx::Error> {
    let units: Vec<Uuid> = units.iter().map(|u| u.uuid()).collect();
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from org_units
           where id = any ($1) and deleted_at is null
             and ($2::uuid is null or distributor_id = $2 or ($3 and distributor_id is null))"#,
        &units,
        distributor.map(|d| d.uuid()),
        shared,
    )
    .fetch_one(c)
    .await
}

/// Adds the user, without units.
pub async fn insert(
    c: &mut PgConnection,
    new: &NewUser,
    username: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let profile = &new.profile;
    sqlx::query!(
        "insert into users (id, username, full_name, search_key, phone, email, role, distributor_id, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        new.id.uuid(),
        username,
        profile.full_name,
        user_search_key(username, profile),
        profile.phone,
        profile.email,
        profile.role.as_str(),
        profile.distributor_id.map(|d| d.uuid()),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Changes the user.
pub async fn update(
    c: &mut PgConnection,
    user: &User,
    profile: &Profile,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update users set full_name = $2, search_key = $3, phone = $4, email = $5, role = $6, distributor_id = $7,
                          version = version + 1, updated_at = $8
         where id = $1",
        user.id.uuid(),
        profile.full_name,
        user_search_key(&user.username, profile),
        profile.phone,
        profile.email,
        profile.role.as_str(),
        profile.distributor_id.map(|d| d.uuid()),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

fn user_search_key(username: &str, profile: &Profile) -> String {
    search_key(&format!("{} {username} {}", profile.full_name, profile.phone))
}

/// Opens or closes the account.
pub async fn update_status(
    c: &mut PgConnection,
    user: UserId,
    status: UserStatus,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update users set status = $2, version = version + 1, updated_at = $3 where id = $1",
        user.uuid(),
        status.as_str(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Makes these the user's units.
pub async fn set_units(
    c: &mut PgConnection,
    user: UserId,
    units: &[OrgUnitId],
    primary: Option<OrgUnitId>,
) -> Result<(), sqlx::Error> {
    let units: Vec<Uuid> = units.iter().map(|u| u.uuid()).collect();
    sqlx::query!("delete from user_units where user_id = $1", user.uuid()).execute(&mut *c).await?;
    sqlx::query!(
        "insert into user_units (user_id, unit_id, is_primary)
         select $1, t.id, coalesce(t.id = $3, false) from unnest($2::uuid[]) as t (id)",
        user.uuid(),
        &units,
        primary.map(|u| u.uuid()),
    )
    .execute(c)
    .await?;
    Ok(())
}
