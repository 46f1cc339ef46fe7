use chrono::{DateTime, NaiveDate, Utc};
use domain::visit::{VisitResult, VisitType};
use domain::{Coordinates, CustomerId, DistributorId, OrderId, OrgUnitId, RouteId, UserId, VisitId};
use platform::{Page, Scope};
use sqlx::PgConnection;

use crate::model::{CLOSED_DOOR, Visit, VisitOrder};

/// A visit that begins.
#[derive(Debug)]
pub(crate) struct NewVisit {
    pub distributor: DistributorId,
    pub id: VisitId,
    pub customer: CustomerId,
    pub user: UserId,
    pub unit: Option<OrgUnitId>,
    pub route: Option<RouteId>,
    pub business_date: NaiveDate,
    pub at: DateTime<Utc>,
    pub place: Coordinates,
    pub accuracy: Option<f64>,
    pub distance_metres: Option<i32>,
    pub out_of_range: bool,
    pub received_at: DateTime<Utc>,
}

impl NewVisit {
    /// In route is what is in a route's plan.
    pub fn visit_type(&self) -> VisitType {
        if self.route.is_some() { VisitType::InRoute } else { VisitType::OffRoute }
    }
}

/// Adds the visit.
pub(crate) async fn insert_visit(c: &mut PgConnection, visit: &NewVisit) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into visits (distributor_id, id, customer_id, user_id, unit_id, route_id, visit_type, business_date,
                             check_in_at, latitude, longitude, accuracy, distance_m, out_of_range, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        visit.distributor.uuid(),
        visit.id.uuid(),
        visit.customer.uuid(),
        visit.user.uuid(),
        visit.unit.map(OrgUnitId::uuid),
        visit.route.map(RouteId::uuid),
        visit.visit_type().as_str(),
        visit.business_date,
        visit.at,
        visit.place.latitude(),
        visit.place.longitude(),
        visit.accuracy,
        visit.distance_metres,
        visit.out_of_range,
        visit.received_at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The visit that the user hasn't ended.
#[derive(Debug)]
pub(crate) struct OpenVisit {
    pub id: VisitId,
    pub customer_name: String,
    pub since: DateTime<Utc>,
}

/// See [`OpenVisit`].
pub(crate) async fn find_open_visit(
    c: &mut PgConnection,
    user: UserId,
) -> Result<Option<OpenVisit>, sqlx::Error> {
    sqlx::query_as!(
        OpenVisit,
        r#"select v.id as "id: VisitId", c.name as customer_name, v.check_in_at as since
           from visits v join customers c on c.distributor_id = v.distributor_id and c.id = v.customer_id
           where v.user_id = $1 and v.check_out_at is null
           limit 1"#,
        user.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// Keeps others from changing the user's own visit until the transaction ends; `false` when it isn't theirs.
pub(crate) async fn lock_own_visit(
    c: &mut PgConnection,
    user: UserId,
    id: VisitId,
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query!(
        "select id from visits where id = $1 and user_id = $2 for no key update",
        id.uuid(),
        user.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.is_some())
}

/// How a visit ends.
#[derive(Debug)]
pub(crate) struct Ending {
    pub at: DateTime<Utc>,
    pub place: Coordinates,
    pub result: VisitResult,
    pub notes: Option<String>,
    pub compliant: bool,
}

/// Ends the visit; notes stay when no others are given.
pub(crate) async fn update_ending(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: VisitId,
    ending: &Ending,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update visits set check_out_at = $3, check_out_latitude = $4, check_out_longitude = $5, result = $6,
                notes = coalesce($7, notes), compliant = $8, version = version + 1
         where distributor_id = $1 and id = $2",
        distributor.uuid(),
        id.uuid(),
        ending.at,
        ending.place.latitude(),
        ending.place.longitude(),
        ending.result.as_str(),
        ending.notes,
        ending.compliant,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Writes the notes.
pub(crate) async fn update_notes(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: VisitId,
    notes: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update visits set notes = $3, version = version + 1 where distributor_id = $1 and id = $2",
        distributor.uuid(),
        id.uuid(),
        notes,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// How many photos a visit has, and how many of them show the closed door.
#[derive(Debug)]
pub(crate) struct PhotoCounts {
    pub photos: usize,
    pub closed_door_photos: usize,
}

/// See [`PhotoCounts`].
pub(crate) async fn count_photos(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: VisitId,
) -> Result<PhotoCounts, sqlx::Error> {
    let albums = sqlx::query_scalar!(
        "select album from visit_photos where distributor_id = $1 and visit_id = $2",
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(PhotoCounts {
        photos: albums.len(),
        closed_door_photos: albums.iter().filter(|a| domain::search_key(a) == CLOSED_DOOR).count(),
    })
}

/// Narrows a list of visits; all absent shows everything the caller may see.
#[derive(Debug, Default)]
pub(crate) struct VisitFilter {
    pub id: Option<VisitId>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub user: Option<UserId>,
    pub customer: Option<CustomerId>,
    pub search: Option<String>,
}

/// A page of the visits in the scope, the latest first, and how many there are.
pub(crate) async fn list_visits(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &VisitFilter,
    page: &Page,
) -> Result<(Vec<Visit>, i64), sqlx::Error> {
    let units = scope.units();
    let total = sqlx::query_scalar!(
        r#"select count(*) as "count!"
           from visits v join customers c on c.distributor_id = v.distributor_id and c.id = v.customer_id
           where ($1::uuid is null or v.user_id = $1) and ($2::uuid[] is null or v.unit_id = any ($2))
             and ($3::date is null or v.business_date >= $3) and ($4::date is null or v.business_date <= $4)
             and ($5::uuid is null or v.user_id = $5) and ($6::uuid is null or v.customer_id = $6)
             and ($7::text is null or c.search_key like $7)"#,
        scope.user(),
        units.as_deref(),
        filter.from,
        filter.to,
        filter.user.map(UserId::uuid),
        filter.customer.map(CustomerId::uuid),
        filter.search,
    )
    .fetch_one(&mut *c)
    .await?;
    let visits = select_visits(c, scope, filter, page.limit(), page.offset()).await?;
    Ok((visits, total))
}

/// One visit, when the scope shows it.
pub(crate) async fn find_visit(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: VisitId,
) -> Result<Option<Visit>, sqlx::Error> {
    let filter = VisitFilter { id: Some(id), ..VisitFilter::default() };
    Ok(select_visits(c, scope, &filter, 1, 0).await?.pop())
}

async fn select_visits(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &VisitFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<Visit>, sqlx::Error> {
    let units = scope.units();
    sqlx::query_as!(
        Visit,
        r#"select v.id as "visit_id: VisitId", v.distributor_id as "distributor_id: DistributorId",
                  v.customer_id as "customer_id: CustomerId", c.code as customer_code, c.name as customer_name,
                  c.address as customer_address, v.user_id as "user_id: UserId",
                  coalesce(u.full_name, '') as "full_name!", v.unit_id as "unit_id: OrgUnitId",
                  v.route_id as "route_id: RouteId", v.visit_type as "visit_type: VisitType", v.business_date,
                  v.check_in_at as check_in_time, v.latitude, v.longitude, v.accuracy,
                  v.distance_m as check_in_distance, v.out_of_range, v.check_out_at as check_out_time,
                  v.check_out_latitude, v.check_out_longitude,
                  extract(epoch from v.check_out_at - v.check_in_at)::bigint as duration_seconds,
                  v.result as "visit_result: VisitResult", v.notes, v.compliant,
                  (select count(*) from visit_photos p
                   where p.distributor_id = v.distributor_id and p.visit_id = v.id) as "photo_count!",
                  (select count(*) from orders o
                   where o.distributor_id = v.distributor_id and o.visit_id = v.id
                     and o.status not in ('Draft', 'Cancelled')) as "order_count!",
                  v.version
           from visits v
           join customers c on c.distributor_id = v.distributor_id and c.id = v.customer_id
           left join users u on u.id = v.user_id
           where ($1::uuid is null or v.user_id = $1) and ($2::uuid[] is null or v.unit_id = any ($2))
             and ($3::date is null or v.business_date >= $3) and ($4::date is null or v.business_date <= $4)
             and ($5::uuid is null or v.user_id = $5) and ($6::uuid is null or v.customer_id = $6)
             and ($7::text is null or c.search_key like $7) and ($8::uuid is null or v.id = $8)
           order by v.check_in_at desc, v.id desc
           limit $9 offset $10"#,
        scope.user(),
        units.as_deref(),
        filter.from,
        filter.to,
        filter.user.map(UserId::uuid),
        filter.customer.map(CustomerId::uuid),
        filter.search,
        filter.id.map(VisitId::uuid),
        limit,
        offset,
    )
    .fetch_all(c)
    .await
}

/// The orders taken in the visit.
pub(crate) async fn list_orders(
    c: &mut PgConnection,
    distributor: DistributorId,
    visit: VisitId,
) -> Result<Vec<VisitOrder>, sqlx::Error> {
    sqlx::query_as!(
        VisitOrder,
        r#"select id as "order_id: OrderId", number as order_number, status, total as total_amount, ordered_at
           from orders where distributor_id = $1 and visit_id = $2 and status <> 'Draft'
           order by ordered_at, id"#,
        distributor.uuid(),
        visit.uuid(),
    )
    .fetch_all(c)
    .await
}
