use chrono::NaiveDate;
use domain::{DistributorId, OrgUnitId, UserId};
use platform::{Page, Scope};
use sqlx::PgConnection;

/// Somebody whose attendance it is about.
#[derive(Debug)]
pub(crate) struct Person {
    pub unit: Option<OrgUnitId>,
    pub distributor: Option<DistributorId>,
    /// Whether they clock in.
    pub clocks: bool,
}

/// A person of the scope.
pub(crate) async fn find_person(
    c: &mut PgConnection,
    scope: Scope<'_>,
    user: UserId,
) -> Result<Option<Person>, sqlx::Error> {
    let units = scope.units();
    sqlx::query_as!(
        Person,
        r#"select (select uu.unit_id from user_units uu where uu.user_id = u.id and uu.is_primary) as "unit: OrgUnitId",
                  u.distributor_id as "distributor: DistributorId", (u.role in ('sales_rep', 'supervisor')) as "clocks!"
           from users u
           where u.id = $1 and u.deleted_at is null and ($2::uuid is null or u.id = $2)
             and ($3::uuid[] is null or exists (
                   select 1 from user_units uu where uu.user_id = u.id and uu.unit_id = any ($3)))"#,
        user.uuid(),
        scope.user(),
        units.as_deref(),
    )
    .fetch_optional(c)
    .await
}

/// Somebody on a timesheet.
#[derive(Debug)]
pub(crate) struct Member {
    pub id: UserId,
    pub username: String,
    pub full_name: String,
    pub unit: Option<OrgUnitId>,
    pub unit_name: Option<String>,
}

/// A page of those who clock in, in the scope and in or below the unit, by unit and name, and how many there are: who
/// works now, and who clocked within the span.
pub(crate) async fn list_members(
    c: &mut PgConnection,
    scope: Scope<'_>,
    user: Option<UserId>,
    unit: Option<OrgUnitId>,
    first: NaiveDate,
    last: NaiveDate,
    page: &Page,
) -> Result<(Vec<Member>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select u.id as "id: UserId", u.username, u.full_name, o.id as "unit?: OrgUnitId", o.name as "unit_name?",
                  count(*) over () as "total!"
           from users u
           left join user_units p on p.user_id = u.id and p.is_primary
           left join org_units o on o.id = p.unit_id
           where u.role in ('sales_rep', 'supervisor')
             and (u.status = 'active' and u.deleted_at is null
                  or exists (select 1 from clock_times e where e.user_id = u.id and e.business_date between $5 and $6))
             and ($1::uuid is null or u.id = $1)
             and ($2::uuid[] is null or exists (
                   select 1 from user_units uu where uu.user_id = u.id and uu.unit_id = any ($2)))
             and ($3::uuid is null or u.id = $3)
             and ($4::uuid is null or exists (
                   select 1 from user_units uu join org_units s on s.id = uu.unit_id
                   where uu.user_id = u.id and $4 = any (s.ancestors)))
             and ($7::text is null or u.search_key like $7)
           order by o.index_path, u.full_name, u.id limit $8 offset $9"#,
        scope.user(),
        units.as_deref(),
        user.map(UserId::uuid),
        unit.map(OrgUnitId::uuid),
        first,
        last,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let members = rows
        .into_iter()
        .map(|row| Member {
            id: row.id,
            username: row.username,
            full_name: row.full_name,
            unit: row.unit,
            unit_name: row.unit_name,
        })
        .collect();
    Ok((members, total))
}

/// The units to which these people belong first of all.
pub(crate) async fn list_own_units(
    c: &mut PgConnection,
    users: &[uuid::Uuid],
) -> Result<Vec<(UserId, OrgUnitId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select user_id as "user: UserId", unit_id as "unit: OrgUnitId" from user_units
           where user_id = any ($1) and is_primary"#,
        users,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.user, row.unit)).collect())
}
