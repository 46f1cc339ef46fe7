//! The SQL of customers.

mod around;
pub(crate) mod bulk;
mod photos;

pub(crate) use around::{list_history, list_orders, list_visits};
pub(crate) use photos::{delete_photo, insert_photo, list_photos};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{Coordinates, CustomerId, DistributorId, Money};
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{Customer, CustomerData, CustomerForSale, CustomerStatus};

/// The customer as a sale needs it; what belongs to another tenant is not found.
///
/// # Errors
/// When the database refuses.
pub async fn find_for_sale(
    c: &mut PgConnection,
    id: CustomerId,
) -> Result<Option<CustomerForSale>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select distributor_id as "distributor_id: DistributorId", id as "id: CustomerId", code, name, customer_group,
             customer_type, channel, area, status as "status: CustomerStatus", credit_limit as "credit_limit: Money",
             payment_term_days, min_life_days
           from customers where id = $1 and deleted_at is null"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| CustomerForSale {
        distributor_id: r.distributor_id,
        id: r.id,
        code: r.code,
        name: r.name,
        customer_group: r.customer_group,
        customer_type: r.customer_type,
        channel: r.channel,
        area: r.area,
        status: r.status,
        credit_limit: r.credit_limit,
        // The column holds 0 to 365.
        payment_term_days: u16::try_from(r.payment_term_days).unwrap_or_default(),
        // 0 to 3,650.
        min_life_days: u16::try_from(r.min_life_days).unwrap_or_default(),
    }))
}

/// Who looks: limits the outlets to those of the caller's scope on a day.
#[derive(Debug, Clone)]
pub struct Viewer {
    rep: Option<Uuid>,
    units: Option<Vec<Uuid>>,
    day: NaiveDate,
}

impl Viewer {
    /// A caller with this scope, on this business day.
    pub fn new(scope: Scope<'_>, day: NaiveDate) -> Self {
        Viewer { rep: scope.user(), units: scope.units(), day }
    }
}

/// Whether the outlet is one that the viewer may see. Who sees all of the tenant's is not asked about.
///
/// # Errors
/// When the database refuses.
pub async fn is_in_scope(
    c: &mut PgConnection,
    viewer: &Viewer,
    customer: CustomerId,
) -> Result<bool, sqlx::Error> {
    if viewer.rep.is_none() && viewer.units.is_none() {
        return Ok(true);
    }
    sqlx::query_scalar!(
        r#"select exists (select from customers_in_scope($2, $3, $4) s (id) where s.id = $1) as "yes!""#,
        customer.uuid(),
        viewer.rep,
        viewer.units.as_deref(),
        viewer.day,
    )
    .fetch_one(c)
    .await
}

/// Which outlets a list shows; what is not set doesn't limit.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this group.
    pub customer_group: Option<String>,
    /// Only this type.
    pub customer_type: Option<String>,
    /// Only this channel.
    pub channel: Option<String>,
    /// Only where they stand so.
    pub status: Option<CustomerStatus>,
    /// Only those on this route.
    pub route: Option<Uuid>,
    /// Only those of this distributor.
    pub distributor: Option<Uuid>,
}

/// A page of the outlets, by code, and how many there are in all.
///
/// # Errors
/// When the database refuses.
pub async fn list(
    c: &mut PgConnection,
    viewer: &Viewer,
    filter: &Filter,
    page: &Page,
) -> Result<(Vec<Customer>, i64), sqlx::Error> {
    let hits = sqlx::query!(
        r#"with hits as (
             select c.distributor_id, c.id, c.code from customers c
             where c.deleted_at is null
               and ($1::uuid is null and $2::uuid[] is null or c.id in (select s from customers_in_scope($1, $2, $3) s))
               and ($4::text is null or c.search_key like $4)
               and ($5::text is null or c.customer_group = $5)
               and ($6::text is null or c.customer_type = $6)
               and ($7::text is null or c.channel = $7)
               and ($8::text is null or c.status = $8)
               and ($9::uuid is null or exists (select from route_customers rc
                     where rc.distributor_id = c.distributor_id and rc.route_id = $9 and rc.customer_id = c.id))
               and ($10::uuid is null or c.distributor_id = $10))
           select (select count(*) from hits) as "total!",
             array(select id from hits order by code, id limit $11 offset $12) as "ids!""#,
        viewer.rep,
        viewer.units.as_deref(),
        viewer.day,
        page.search,
        filter.customer_group,
        filter.customer_type,
        filter.channel,
        filter.status.map(CustomerStatus::as_str),
        filter.route,
        filter.distributor,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((load(c, &hits.ids).await?, hits.total))
}

/// The outlet, if the viewer may see it.
///
/// # Errors
/// When the database refuses.
pub async fn find(
    c: &mut PgConnection,
    viewer: &Viewer,
    id: CustomerId,
) -> Result<Option<Customer>, sqlx::Error> {
    let seen = sqlx::query_scalar!(
        "select id from customers c where c.id = $4 and c.deleted_at is null
           and ($1::uuid is null and $2::uuid[] is null or c.id in (select s from customers_in_scope($1, $2, $3) s))",
        viewer.rep,
        viewer.units.as_deref(),
        viewer.day,
        id.uuid(),
    )
    .fetch_optional(&mut *c)
    .await?;
    match seen {
        Some(id) => Ok(load(c, &[id]).await?.pop()),
        None => Ok(None),
    }
}

/// Like [`find`], and keeps others from changing it until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn lock(
    c: &mut PgConnection,
    viewer: &Viewer,
    id: CustomerId,
) -> Result<Option<Customer>, sqlx::Error> {
    sqlx::query!("select id from customers where id = $1 for no key update", id.uuid())
        .fetch_optional(&mut *c)
        .await?;
    find(c, viewer, id).await
}

async fn load(c: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Customer>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select c.distributor_id as "distributor_id: DistributorId", c.id as "id: CustomerId", c.code, c.name, c.phone,
             c.contact_person, c.contact_title, c.customer_group, c.customer_type, c.channel, c.address, c.ward,
             c.district, c.province, c.area, c.latitude, c.longitude, c.birthday, c.email, c.credit_limit,
             c.payment_term_days, c.location_locked, c.record_locked, c.status as "status: CustomerStatus", c.version,
             c.min_life_days, c.created_at, c.updated_at, coalesce(b.balance, 0) as "balance!",
             d.code as distributor_code, d.name as distributor_name
           from customers c
           join distributors d on d.id = c.distributor_id
           left join customer_balances b on b.distributor_id = c.distributor_id and b.customer_id = c.id
           where c.id = any ($1) order by c.code, c.id"#,
        ids,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| Customer {
            id: r.id,
            distributor_id: r.distributor_id,
            distributor_code: r.distributor_code,
            distributor_name: r.distributor_name,
            current_balance: r.balance,
            version: r.version,
            created_at: r.created_at,
            updated_at: r.updated_at,
            data: CustomerData {
                customer_code: r.code,
                name: r.name,
                phone: r.phone,
                contact_person: r.contact_person,
                contact_title: r.contact_title,
                customer_group: r.customer_group,
                customer_type: r.customer_type,
                channel: r.channel,
                address: r.address,
                ward: r.ward,
                district: r.district,
                province: r.province,
                area: r.area,
                latitude: r.latitude,
                longitude: r.longitude,
                birthday: r.birthday,
                email: r.email,
                credit_limit: r.credit_limit,
                payment_term_days: r.payment_term_days,
                min_life_days: r.min_life_days,
                location_locked: r.location_locked,
                record_locked: r.record_locked,
                status: r.status,
            },
        })
        .collect())
}

/// The number after the highest made-up code (KH000123) of the distributor; nobody else gets it until the
/// transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn next_code_number(c: &mut PgConnection, distributor: DistributorId) -> Result<i64, sqlx::Error> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('customers.code ' || $1, 0))",
        distributor.to_string()
    )
    .execute(&mut *c)
    .await?;
    sqlx::query_scalar!(
        r#"select coalesce(max(substr(code, 3)::bigint), 0) + 1 as "next!" from customers
           where distributor_id = $1 and code >= 'KH' and code < 'KI' and code ~ '^KH[0-9]{6,9}$'"#,
        distributor.uuid(),
    )
    .fetch_one(c)
    .await
}

/// The made-up code with this number.
pub fn code(number: i64) -> String {
    format!("KH{number:06}")
}

/// Adds the outlet, version 1.
///
/// # Errors
/// When the database refuses; `customers_code_uniq` when the code is taken.
pub async fn insert(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: CustomerId,
    data: &CustomerData,
    created_by: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into customers (distributor_id, id, code, name, search_key, phone, contact_person, contact_title,
           customer_group, customer_type, channel, address, ward, district, province, area, latitude, longitude, birthday,
           email, credit_limit, payment_term_days, location_locked, record_locked, status, created_by, created_at, updated_at,
           min_life_days)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
           $24, $25, $26, $27, $27, $28)",
        distributor.uuid(),
        id.uuid(),
        data.customer_code,
        data.name,
        data.search_key(),
        data.phone,
        data.contact_person,
        data.contact_title,
        data.customer_group,
        data.customer_type,
        data.channel,
        data.address,
        data.ward,
        data.district,
        data.province,
        data.area,
        data.latitude,
        data.longitude,
        data.birthday,
        data.email,
        data.credit_limit,
        data.payment_term_days,
        data.location_locked,
        data.record_locked,
        data.status.as_str(),
        created_by,
        at,
        data.min_life_days,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Writes the outlet's data and raises its version.
///
/// # Errors
/// When the database refuses; `customers_code_uniq` when the code is taken.
pub async fn update(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: CustomerId,
    data: &CustomerData,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let done = sqlx::query!(
        "update customers set code = $3, name = $4, search_key = $5, phone = $6, contact_person = $7, contact_title = $8,
           customer_group = $9, customer_type = $10, channel = $11, address = $12, ward = $13, district = $14,
           province = $15, area = $16, latitude = $17, longitude = $18, birthday = $19, email = $20, credit_limit = $21,
           payment_term_days = $22, location_locked = $23, record_locked = $24, status = $25, updated_at = $26,
           min_life_days = $27, version = version + 1
         where distributor_id = $1 and id = $2",
        distributor.uuid(),
        id.uuid(),
        data.customer_code,
        data.name,
        data.search_key(),
        data.phone,
        data.contact_person,
        data.contact_title,
        data.customer_group,
        data.customer_type,
        data.channel,
        data.address,
        data.ward,
        data.district,
        data.province,
        data.area,
        data.latitude,
        data.longitude,
        data.birthday,
        data.email,
        data.credit_limit,
        data.payment_term_days,
        data.location_locked,
        data.record_locked,
        data.status.as_str(),
        at,
        data.min_life_days,
    )
    .execute(c)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(sqlx::Error::RowNotFound) }
}

/// Places an outlet that has no location and no lock on it; tells whether it did.
///
/// # Errors
/// When the database refuses.
pub async fn update_missing_location(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: CustomerId,
    place: Coordinates,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update customers set latitude = $3, longitude = $4, updated_at = $5, version = version + 1
         where distributor_id = $1 and id = $2 and latitude is null and not location_locked and deleted_at is null",
        distributor.uuid(),
        id.uuid(),
        place.latitude(),
        place.longitude(),
        at,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the user proposed this outlet.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn is_proposed_by(
    c: &mut PgConnection,
    id: CustomerId,
    user: domain::UserId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from customers where id = $1 and created_by = $2) as "known!""#,
        id.uuid(),
        user.uuid(),
    )
    .fetch_one(c)
    .await
}
