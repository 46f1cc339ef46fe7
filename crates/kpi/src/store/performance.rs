//! What was asked and reached: reads of KPI tables only, never of documents.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kpi::Span;
use domain::{DistributorId, OrgUnitId, UserId};
use platform::Scope;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{Actuals, Amounts, FocusKind, Who};

/// Whose figures.
#[derive(Debug)]
pub(crate) struct Sight<'a> {
    pub scope: Scope<'a>,
    /// Only people of these distributors.
    pub distributors: Option<&'a [DistributorId]>,
}

impl Sight<'_> {
    fn distributors(&self) -> Option<Vec<Uuid>> {
        self.distributors.map(|ids| ids.iter().map(|d| d.uuid()).collect())
    }
}

/// The person, within sight.
pub(crate) async fn find_person(
    c: &mut PgConnection,
    sight: &Sight<'_>,
    user: UserId,
) -> Result<Option<Who>, sqlx::Error> {
    let (units, distributors) = (sight.scope.units(), sight.distributors());
    sqlx::query_as!(
        Who,
        r#"select u.id as "user_id: UserId", u.username, u.full_name, o.id as "unit_id?: OrgUnitId",
                  o.name as "unit_name?", coalesce(o.ancestors, '{}') as "ancestors!"
           from users u
           left join user_units p on p.user_id = u.id and p.is_primary
           left join org_units o on o.id = p.unit_id
           where u.id = $1 and ($2::uuid is null or u.id = $2) and ($3::uuid[] is null or p.unit_id = any ($3))
             and ($4::uuid[] is null or u.distributor_id = any ($4))"#,
        user.uuid(),
        sight.scope.user(),
        units.as_deref(),
        distributors.as_deref(),
    )
    .fetch_optional(c)
    .await
}

/// Active reps, and whoever else has figures, within sight and in or below the unit; by unit and name.
pub(crate) async fn list_people(
    c: &mut PgConnection,
    sight: &Sight<'_>,
    unit: Option<OrgUnitId>,
    with_figures: &[Uuid],
) -> Result<Vec<Who>, sqlx::Error> {
    let (units, distributors) = (sight.scope.units(), sight.distributors());
    sqlx::query_as!(
        Who,
        r#"select u.id as "user_id: UserId", u.username, u.full_name, o.id as "unit_id?: OrgUnitId",
                  o.name as "unit_name?", coalesce(o.ancestors, '{}') as "ancestors!"
           from users u
           left join user_units p on p.user_id = u.id and p.is_primary
           left join org_units o on o.id = p.unit_id
           where (u.role = 'sales_rep' and u.status = 'active' and u.deleted_at is null or u.id = any ($5))
             and ($1::uuid is null or u.id = $1) and ($2::uuid[] is null or p.unit_id = any ($2))
             and ($3::uuid[] is null or u.distributor_id = any ($3))
             and ($4::uuid is null or $4 = any (o.ancestors))
           order by o.index_path, u.full_name, u.id"#,
        sight.scope.user(),
        units.as_deref(),
        distributors.as_deref(),
        unit.map(OrgUnitId::uuid),
        with_figures,
    )
    .fetch_all(c)
    .await
}

/// The targets of these days by person; of one person where one is named.
pub(crate) async fn list_amounts(
    c: &mut PgConnection,
    days: Span,
    user: Option<UserId>,
) -> Result<Vec<(UserId, Span, Amounts)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select user_id as "user: UserId", first_day, last_day, visits, new_customers, orders, sales, revenue, volume,
                  skus_per_order, work_minutes
           from kpi_targets
           where distributor_id = any (array(select d.id from distributors d)) and first_day between $1 and $2
             and ($3::uuid is null or user_id = $3)
           order by user_id, first_day"#,
        days.first(),
        days.last(),
        user.map(UserId::uuid),
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            let span =
                Span::new(row.first_day, row.last_day).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
            let amounts = Amounts {
                visits: row.visits,
                new_customers: row.new_customers,
                orders: row.orders,
                sales: row.sales,
                revenue: row.revenue,
                volume: row.volume,
                skus_per_order: row.skus_per_order,
                work_minutes: row.work_minutes,
            };
            Ok((row.user, span, amounts))
        })
        .collect()
}

/// What people reached in these days; of one person where one is named.
pub(crate) async fn list_actuals(
    c: &mut PgConnection,
    days: Span,
    user: Option<UserId>,
) -> Result<Vec<(UserId, Actuals)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select user_id as "user: UserId", sum(visits)::bigint as "visits!", sum(new_customers)::bigint as "new_customers!",
                  sum(orders)::bigint as "orders!", sum(order_skus)::bigint as "order_skus!", sum(sales)::bigint as "sales!",
                  sum(revenue)::bigint as "revenue!", sum(volume)::bigint as "volume!",
                  sum(work_minutes)::bigint as "work_minutes!"
           from kpi_days
           where distributor_id = any (array(select d.id from distributors d)) and day between $1 and $2
             and ($3::uuid is null or user_id = $3)
           group by user_id"#,
        days.first(),
        days.last(),
        user.map(UserId::uuid),
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let actuals = Actuals {
                visits: r.visits,
                new_customers: r.new_customers,
                orders: r.orders,
                order_skus: r.order_skus,
                sales: r.sales,
                revenue: r.revenue,
                volume: r.volume,
                work_minutes: r.work_minutes,
            };
            (r.user, actuals)
        })
        .collect())
}

/// What somebody reached on each of these days on which there was anything, in order.
pub(crate) async fn list_days(
    c: &mut PgConnection,
    days: Span,
    user: UserId,
) -> Result<Vec<(NaiveDate, Actuals)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select day, sum(visits)::bigint as "visits!", sum(new_customers)::bigint as "new_customers!",
                  sum(orders)::bigint as "orders!", sum(order_skus)::bigint as "order_skus!", sum(sales)::bigint as "sales!",
                  sum(revenue)::bigint as "revenue!", sum(volume)::bigint as "volume!",
                  sum(work_minutes)::bigint as "work_minutes!"
           from kpi_days
           where distributor_id = any (array(select d.id from distributors d)) and day between $1 and $2 and user_id = $3
           group by day order by day"#,
        days.first(),
        days.last(),
        user.uuid(),
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let actuals = Actuals {
                visits: r.visits,
                new_customers: r.new_customers,
                orders: r.orders,
                order_skus: r.order_skus,
                sales: r.sales,
                revenue: r.revenue,
                volume: r.volume,
                work_minutes: r.work_minutes,
            };
            (r.day, actuals)
        })
        .collect())
}

/// What is asked of somebody by itself for some days, and what they reached of it in the month.
#[derive(Debug)]
pub(crate) struct FocusPart {
    pub kind: FocusKind,
    pub id: Uuid,
    pub code: String,
    pub name: String,
    pub span: Span,
    pub quantity: Option<i64>,
    pub revenue: Option<i64>,
    pub pieces_reached: i64,
    pub revenue_reached: i64,
}

/// The parts of a month's focus, by kind, name and day.
pub(crate) async fn list_focus(
    c: &mut PgConnection,
    days: Span,
    user: UserId,
) -> Result<Vec<FocusPart>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with asked as materialized (
             select t.first_day, t.last_day, f.kind, f.thing_id, f.quantity, f.revenue
             from kpi_targets t
             join kpi_focus_targets f on f.distributor_id = t.distributor_id and f.target_id = t.id
             where t.distributor_id = any (array(select d.id from distributors d)) and t.first_day between $1 and $2
               and t.user_id = $3
           ), sold as materialized (
             select k.product_id, p.brand_id, p.category_id, sum(k.pieces) as pieces, sum(k.revenue) as revenue
             from kpi_product_days k join products p on p.id = k.product_id
             where k.distributor_id = any (array(select d.id from distributors d)) and k.day between $1 and $2
               and k.user_id = $3 and exists (select from asked)
             group by k.product_id, p.brand_id, p.category_id
           )
           select a.first_day, a.last_day, a.kind, a.thing_id, a.quantity, a.revenue,
                  coalesce(p.code, b.code, g.code, '') as "code!", coalesce(p.name, b.name, g.name, '') as "name!",
                  coalesce(r.pieces, 0)::bigint as "pieces_reached!", coalesce(r.revenue, 0)::bigint as "revenue_reached!"
           from asked a
           left join products p on a.kind = 'product' and p.id = a.thing_id
           left join brands b on a.kind = 'brand' and b.id = a.thing_id
           left join categories g on a.kind = 'category' and g.id = a.thing_id
           left join lateral (
             select sum(s.pieces) as pieces, sum(s.revenue) as revenue from sold s
             where a.thing_id = case a.kind when 'product' then s.product_id when 'brand' then s.brand_id
                                            else s.category_id end
           ) r on true
           order by a.kind desc, p.display_order, 8, 7, a.thing_id, a.first_day"#,
        days.first(),
        days.last(),
        user.uuid(),
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(FocusPart {
                kind: FocusKind::read(&row.kind)?,
                id: row.thing_id,
                code: row.code,
                name: row.name,
                span: Span::new(row.first_day, row.last_day).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
                quantity: row.quantity,
                revenue: row.revenue,
                pieces_reached: row.pieces_reached,
                revenue_reached: row.revenue_reached,
            })
        })
        .collect()
}

/// A unit of the tree.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub id: OrgUnitId,
    pub parent: Option<OrgUnitId>,
    pub code: String,
    pub name: String,
}

/// The units one sees, in the order of the tree: those of the scope, of the distributors, or all.
pub(crate) async fn list_units(c: &mut PgConnection, sight: &Sight<'_>) -> Result<Vec<Unit>, sqlx::Error> {
    let (units, distributors) = (sight.scope.units(), sight.distributors());
    sqlx::query_as!(
        Unit,
        r#"select id as "id: OrgUnitId", parent_id as "parent: OrgUnitId", code, name from org_units
           where deleted_at is null and ($1::uuid[] is null or id = any ($1))
             and ($2::uuid[] is null or distributor_id = any ($2))
           order by index_path"#,
        units.as_deref(),
        distributors.as_deref(),
    )
    .fetch_all(c)
    .await
}

/// Up to when all documents one sees are in the figures; none as long as some were never looked at.
pub(crate) async fn find_as_of(c: &mut PgConnection) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!(
        "select case when bool_and(k.seen_at is not null) then min(k.seen_at) end
         from distributors d left join kpi_cursors k on k.distributor_id = d.id"
    )
    .fetch_one(c)
    .await
}
