use chrono::NaiveDate;
use domain::issue::IssueState;
use domain::visit::{OutletState, Verdict, VisitPolicy, VisitResult, VisitType};
use domain::{CustomerId, DistributorId, IssueId, OrderId, OrgUnitId, RouteId, UserId, VisitId};
use platform::{Flag, Page, Scope};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::model::{Visit, VisitIssue, VisitOrder};

/// The caller's own visit, locked.
#[derive(Debug)]
pub(crate) struct OwnVisit {
    pub id: VisitId,
    pub distributor: DistributorId,
    pub customer: CustomerId,
    pub unit: Option<OrgUnitId>,
    pub business_date: NaiveDate,
    pub notes: String,
    pub outlet_state: Option<OutletState>,
    pub ended: bool,
}

/// Keeps others from changing the user's own visit until the transaction ends; none when it isn't theirs.
pub(crate) async fn lock_own_visit(
    c: &mut PgConnection,
    user: UserId,
    id: VisitId,
) -> Result<Option<OwnVisit>, sqlx::Error> {
    sqlx::query_as!(
        OwnVisit,
        r#"select id as "id: VisitId", distributor_id as "distributor: DistributorId", customer_id as "customer: CustomerId",
             unit_id as "unit: OrgUnitId", business_date, notes, outlet_state as "outlet_state: OutletState",
             check_out_at is not null as "ended!"
           from visits where id = $1 and user_id = $2 for no key update"#,
        id.uuid(),
        user.uuid(),
    )
    .fetch_optional(c)
    .await
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

/// Writes how the outlet was found.
pub(crate) async fn update_outlet_state(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: VisitId,
    state: OutletState,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update visits set outlet_state = $3, version = version + 1 where distributor_id = $1 and id = $2",
        distributor.uuid(),
        id.uuid(),
        state.as_str(),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Adds what a person should look at.
pub(crate) async fn add_flags(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: VisitId,
    flags: &[Flag],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update visits set flags = flags || $3::jsonb where distributor_id = $1 and id = $2",
        distributor.uuid(),
        id.uuid(),
        Json(flags) as _,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Narrows a list of visits; all absent shows everything the caller may see.
#[derive(Debug, Default)]
pub(crate) struct VisitFilter {
    pub id: Option<VisitId>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub user: Option<UserId>,
    pub customer: Option<CustomerId>,
    pub route: Option<RouteId>,
    pub visit_type: Option<VisitType>,
    pub result: Option<VisitResult>,
    pub compliant: Option<bool>,
    pub out_of_range: Option<bool>,
    /// Still going on, or over.
    pub open: Option<bool>,
    /// With something to look at, or without.
    pub flagged: Option<bool>,
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
             and ($7::text is null or c.search_key like $7)
             and ($8::uuid is null or v.route_id = $8) and ($9::text is null or v.visit_type = $9)
             and ($10::text is null or v.result = $10) and ($11::bool is null or v.compliant = $11)
             and ($12::bool is null or v.out_of_range = $12)
             and ($13::bool is null or (v.check_out_at is null) = $13)
             and ($14::bool is null or (v.flags <> '[]') = $14)"#,
        scope.user(),
        units.as_deref(),
        filter.from,
        filter.to,
        filter.user.map(UserId::uuid),
        filter.customer.map(CustomerId::uuid),
        filter.search,
        filter.route.map(RouteId::uuid),
        filter.visit_type.map(VisitType::as_str),
        filter.result.map(VisitResult::as_str),
        filter.compliant,
        filter.out_of_range,
        filter.open,
        filter.flagged,
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
                  v.result as "visit_result: VisitResult",
                  v.outlet_state as "outlet_state: OutletState", v.notes, v.compliant, v.placed_outlet,
                  v.corrected_distance_m as corrected_distance, v.corrected_out_of_range, v.corrected_compliant,
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
             and ($11::uuid is null or v.route_id = $11) and ($12::text is null or v.visit_type = $12)
             and ($13::text is null or v.result = $13) and ($14::bool is null or v.compliant = $14)
             and ($15::bool is null or v.out_of_range = $15)
             and ($16::bool is null or (v.check_out_at is null) = $16)
             and ($17::bool is null or (v.flags <> '[]') = $17)
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
        filter.route.map(RouteId::uuid),
        filter.visit_type.map(VisitType::as_str),
        filter.result.map(VisitResult::as_str),
        filter.compliant,
        filter.out_of_range,
        filter.open,
        filter.flagged,
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

/// What a visit was judged by, and how.
#[derive(Debug)]
pub(crate) struct Judged {
    pub policy: Option<VisitPolicy>,
    pub verdict: Option<Verdict>,
    pub flags: Vec<Flag>,
}

/// See [`Judged`].
pub(crate) async fn find_judged(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: VisitId,
) -> Result<Judged, sqlx::Error> {
    let row = sqlx::query!(
        r#"select policy as "policy: Json<VisitPolicy>", verdict as "verdict: Json<Verdict>", flags as "flags: Json<Vec<Flag>>"
           from visits where distributor_id = $1 and id = $2"#,
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_one(c)
    .await?;
    Ok(Judged {
        policy: row.policy.map(|policy| policy.0),
        verdict: row.verdict.map(|verdict| verdict.0),
        flags: row.flags.0,
    })
}

/// The issues raised in the visit.
pub(crate) async fn list_issues(
    c: &mut PgConnection,
    distributor: DistributorId,
    visit: VisitId,
) -> Result<Vec<VisitIssue>, sqlx::Error> {
    sqlx::query_as!(
        VisitIssue,
        r#"select id as "issue_id: IssueId", subject, state as "state: IssueState", opened_at
           from issues where distributor_id = $1 and visit_id = $2 order by opened_at, id"#,
        distributor.uuid(),
        visit.uuid(),
    )
    .fetch_all(c)
    .await
}
