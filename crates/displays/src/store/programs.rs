use chrono::{DateTime, NaiveDate, Utc};
use domain::{CustomerId, DisplayProgramId, DistributorId, ProductId, UserId};
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{Program, Registered};
use crate::service::{ProgramData, Registration, Shown};

/// Whether a program is there for a photo.
pub(crate) struct Part {
    /// It is active on the visit's day, also for the distributor.
    pub running: bool,
    /// The outlet takes part on that day.
    pub registered: bool,
}

/// See [`Part`]; none when there is no such program for the caller.
pub(crate) async fn find_part(c: &mut PgConnection, shown: &Shown) -> Result<Option<Part>, sqlx::Error> {
    sqlx::query_as!(
        Part,
        r#"select (p.status = 'active' and $4 between p.valid_from and p.valid_to
               and (p.distributor_id is null or p.distributor_id = $2)
               and (p.distributors = '{}' or $2 = any (p.distributors))) as "running!",
             exists (select from display_registrations r
                     where r.program_id = p.id and r.distributor_id = $2 and r.customer_id = $3
                       and r.valid_from <= $4 and (r.valid_to is null or r.valid_to >= $4)) as "registered!"
           from display_programs p where p.id = $1"#,
        shown.program.uuid(),
        shown.distributor.uuid(),
        shown.customer.uuid(),
        shown.business_date,
    )
    .fetch_optional(c)
    .await
}

/// Narrows a list of programs.
#[derive(Debug, Default)]
pub(crate) struct ProgramFilter {
    pub id: Option<DisplayProgramId>,
    /// Those that run on the day.
    pub on: Option<NaiveDate>,
    /// Those for which the outlet is registered.
    pub customer: Option<CustomerId>,
    pub status: Option<String>,
    pub search: Option<String>,
}

/// A page of the programs, the latest start first, and how many there are.
pub(crate) async fn list_programs(
    c: &mut PgConnection,
    filter: &ProgramFilter,
    page: &Page,
) -> Result<(Vec<Program>, i64), sqlx::Error> {
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from display_programs p
           where ($1::date is null or (p.status = 'active' and $1 between p.valid_from and p.valid_to))
             and ($2::uuid is null or exists (select from display_registrations r
                   where r.program_id = p.id and r.customer_id = $2
                     and ($1::date is null or (r.valid_from <= $1 and (r.valid_to is null or r.valid_to >= $1)))))
             and ($3::text is null or p.status = $3) and ($4::text is null or p.search_key like $4)"#,
        filter.on,
        filter.customer.map(CustomerId::uuid),
        filter.status,
        filter.search,
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((select_programs(c, filter, page.limit(), page.offset()).await?, total))
}

/// The program.
pub(crate) async fn find_program(
    c: &mut PgConnection,
    id: DisplayProgramId,
) -> Result<Option<Program>, sqlx::Error> {
    let filter = ProgramFilter { id: Some(id), ..ProgramFilter::default() };
    Ok(select_programs(c, &filter, 1, 0).await?.pop())
}

/// Like [`find_program`], and keeps others from changing it until the transaction ends.
pub(crate) async fn lock_program(
    c: &mut PgConnection,
    id: DisplayProgramId,
) -> Result<Option<Program>, sqlx::Error> {
    // What row-level security lets nobody change, it lets nobody lock: the check of rights comes after.
    sqlx::query!("select id from display_programs where id = $1 for no key update", id.uuid())
        .fetch_optional(&mut *c)
        .await?;
    find_program(c, id).await
}

async fn select_programs(
    c: &mut PgConnection,
    filter: &ProgramFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Program>, sqlx::Error> {
    sqlx::query_as!(
        Program,
        r#"select p.id as "program_id: DisplayProgramId", p.distributor_id as "distributor_id: DistributorId", p.code, p.name,
             p.valid_from, p.valid_to, p.distributors as "distributors: Vec<DistributorId>",
             p.products as "products: Vec<ProductId>", p.photos as required_photos, p.levels, p.reward_note, p.status,
             (select count(*) from display_registrations r where r.program_id = p.id) as "registered!", p.version
           from display_programs p
           where ($1::date is null or (p.status = 'active' and $1 between p.valid_from and p.valid_to))
             and ($2::uuid is null or exists (select from display_registrations r
                   where r.program_id = p.id and r.customer_id = $2
                     and ($1::date is null or (r.valid_from <= $1 and (r.valid_to is null or r.valid_to >= $1)))))
             and ($3::text is null or p.status = $3) and ($4::text is null or p.search_key like $4)
             and ($5::uuid is null or p.id = $5)
           order by p.valid_from desc, p.code, p.id limit $6 offset $7"#,
        filter.on,
        filter.customer.map(CustomerId::uuid),
        filter.status,
        filter.search,
        filter.id.map(DisplayProgramId::uuid),
        limit,
        offset,
    )
    .fetch_all(c)
    .await
}

/// Whether all these products and distributors are there for the caller.
pub(crate) async fn members_exist(
    c: &mut PgConnection,
    products: &[ProductId],
    distributors: &[DistributorId],
) -> Result<bool, sqlx::Error> {
    let products: Vec<Uuid> = products.iter().map(|p| p.uuid()).collect();
    let distributors: Vec<Uuid> = distributors.iter().map(|d| d.uuid()).collect();
    sqlx::query_scalar!(
        r#"select (select count(*) from products where id = any ($1) and deleted_at is null) = cardinality($1)
             and (select count(*) from distributors where id = any ($2) and deleted_at is null) = cardinality($2) as "yes!""#,
        &products,
        &distributors,
    )
    .fetch_one(c)
    .await
}

/// Adds a program.
pub(crate) async fn insert_program(
    c: &mut PgConnection,
    id: DisplayProgramId,
    distributor: Option<DistributorId>,
    data: &ProgramData,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into display_programs (id, distributor_id, code, name, search_key, valid_from, valid_to, distributors, products,
           photos, levels, reward_note, status, created_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)",
        id.uuid(),
        distributor.map(DistributorId::uuid),
        data.code,
        data.name,
        domain::search_key(&format!("{} {}", data.code, data.name)),
        data.valid_from,
        data.valid_to,
        &data.distributors.iter().map(|d| d.uuid()).collect::<Vec<_>>(),
        &data.products.iter().map(|p| p.uuid()).collect::<Vec<_>>(),
        data.required_photos,
        data.levels,
        data.reward_note,
        if data.active { "active" } else { "closed" },
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Writes a program and raises its version.
pub(crate) async fn update_program(
    c: &mut PgConnection,
    id: DisplayProgramId,
    data: &ProgramData,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update display_programs set code = $2, name = $3, search_key = $4, valid_from = $5, valid_to = $6, distributors = $7,
           products = $8, photos = $9, levels = $10, reward_note = $11, status = $12, updated_at = $13, version = version + 1
         where id = $1",
        id.uuid(),
        data.code,
        data.name,
        domain::search_key(&format!("{} {}", data.code, data.name)),
        data.valid_from,
        data.valid_to,
        &data.distributors.iter().map(|d| d.uuid()).collect::<Vec<_>>(),
        &data.products.iter().map(|p| p.uuid()).collect::<Vec<_>>(),
        data.required_photos,
        data.levels,
        data.reward_note,
        if data.active { "active" } else { "closed" },
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Those of the outlets that the scope shows, with their distributors.
pub(crate) async fn list_outlets(
    c: &mut PgConnection,
    scope: Scope<'_>,
    day: NaiveDate,
    customers: &[CustomerId],
) -> Result<Vec<(DistributorId, CustomerId)>, sqlx::Error> {
    let customers: Vec<Uuid> = customers.iter().map(|c| c.uuid()).collect();
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select distributor_id as "distributor: DistributorId", id as "id: CustomerId" from customers
           where id = any ($1) and deleted_at is null
             and ($2::uuid is null and $3::uuid[] is null or id in (select s from customers_in_scope($2, $3, $4) s))"#,
        &customers,
        scope.user(),
        units.as_deref(),
        day,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.distributor, row.id)).collect())
}

/// Registers outlets, or changes their days.
pub(crate) async fn upsert_registrations(
    c: &mut PgConnection,
    program: DisplayProgramId,
    outlets: &[(DistributorId, CustomerId)],
    registration: &Registration,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let distributors: Vec<Uuid> = outlets.iter().map(|(d, _)| d.uuid()).collect();
    let customers: Vec<Uuid> = outlets.iter().map(|(_, c)| c.uuid()).collect();
    sqlx::query!(
        "insert into display_registrations (distributor_id, program_id, customer_id, valid_from, valid_to, registered_by,
           registered_at)
         select d, $1, c, $4, $5, $6, $7 from unnest($2::uuid[], $3::uuid[]) as t (d, c) order by d, c
         on conflict (distributor_id, program_id, customer_id) do update set valid_from = excluded.valid_from,
           valid_to = excluded.valid_to, registered_by = excluded.registered_by, registered_at = excluded.registered_at",
        program.uuid(),
        &distributors,
        &customers,
        registration.valid_from,
        registration.valid_to,
        by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// A page of a program's outlets in the scope, by code, and how many there are.
pub(crate) async fn list_registered(
    c: &mut PgConnection,
    scope: Scope<'_>,
    day: NaiveDate,
    program: DisplayProgramId,
    page: &Page,
) -> Result<(Vec<Registered>, i64), sqlx::Error> {
    let units = scope.units();
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!"
           from display_registrations r join customers cu on cu.distributor_id = r.distributor_id and cu.id = r.customer_id
           where r.program_id = $1 and ($2::text is null or cu.search_key like $2)
             and ($3::uuid is null and $4::uuid[] is null or cu.id in (select s from customers_in_scope($3, $4, $5) s))"#,
        program.uuid(),
        page.search,
        scope.user(),
        units.as_deref(),
        day,
    )
    .fetch_one(&mut *c)
    .await?;
    let rows = sqlx::query_as!(
        Registered,
        r#"select cu.id as "customer_id: CustomerId", cu.code as customer_code, cu.name as customer_name, r.valid_from, r.valid_to,
             coalesce(u.full_name, '') as "registered_by_name!", r.registered_at
           from display_registrations r join customers cu on cu.distributor_id = r.distributor_id and cu.id = r.customer_id
           left join users u on u.id = r.registered_by
           where r.program_id = $1 and ($2::text is null or cu.search_key like $2)
             and ($3::uuid is null and $4::uuid[] is null or cu.id in (select s from customers_in_scope($3, $4, $5) s))
           order by cu.code, cu.id limit $6 offset $7"#,
        program.uuid(),
        page.search,
        scope.user(),
        units.as_deref(),
        day,
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    Ok((rows, total))
}
