//! Targets.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::kpi::{Hundredths, Span};
use domain::{DistributorId, KpiTargetId, OrgUnitId, UserId};
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{Amounts, FocusKind, FocusTarget, Target};

/// Which targets.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub id: Option<KpiTargetId>,
    /// That share a day with these.
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
    pub user: Option<UserId>,
    /// Of the unit's people and those of the units below it.
    pub unit: Option<OrgUnitId>,
}

/// A page of targets within the scope, by unit, name and day, and how many there are.
pub(crate) async fn list_targets(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &Filter,
    page: Option<&Page>,
) -> Result<(Vec<Target>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select t.id as "id: KpiTargetId", t.distributor_id as "distributor: DistributorId", t.user_id as "user: UserId",
                  u.username, u.full_name, o.id as "unit?: OrgUnitId", o.name as "unit_name?", t.first_day, t.last_day,
                  t.visits, t.new_customers, t.orders, t.sales, t.revenue, t.volume, t.skus_per_order, t.work_minutes,
                  t.updated_at, count(*) over () as "total!"
           from kpi_targets t
           join users u on u.id = t.user_id
           left join user_units p on p.user_id = u.id and p.is_primary
           left join org_units o on o.id = p.unit_id
           where ($1::uuid is null or t.user_id = $1) and ($2::uuid[] is null or p.unit_id = any ($2))
             and ($3::uuid is null or t.id = $3)
             and ($4::date is null or t.last_day >= $4) and ($5::date is null or t.first_day <= $5)
             and ($6::uuid is null or t.user_id = $6)
             and ($7::uuid is null or $7 = any (o.ancestors))
             and ($8::text is null or u.search_key like $8)
           order by o.index_path, u.full_name, u.id, t.first_day
           limit $9 offset $10"#,
        scope.user(),
        units.as_deref(),
        filter.id.map(KpiTargetId::uuid),
        filter.first,
        filter.last,
        filter.user.map(UserId::uuid),
        filter.unit.map(OrgUnitId::uuid),
        page.and_then(|page| page.search.clone()),
        page.map(Page::limit),
        page.map_or(0, Page::offset),
    )
    .fetch_all(&mut *c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    let mut focus = list_focus(c, &ids).await?;
    let targets = rows
        .into_iter()
        .map(|row| Target {
            target_id: row.id,
            distributor_id: row.distributor,
            user_id: row.user,
            username: row.username,
            full_name: row.full_name,
            unit_id: row.unit,
            unit_name: row.unit_name,
            from: row.first_day,
            to: row.last_day,
            visits: row.visits,
            new_customers: row.new_customers,
            orders: row.orders,
            sales: row.sales,
            revenue: row.revenue,
            volume: row.volume,
            skus_per_order: row.skus_per_order.map(Hundredths::new),
            work_minutes: row.work_minutes,
            focus: focus.remove(&row.id).unwrap_or_default(),
            updated_at: row.updated_at,
        })
        .collect();
    Ok((targets, total))
}

/// What these targets ask for by itself, by kind and name.
pub(crate) async fn list_focus(
    c: &mut PgConnection,
    targets: &[Uuid],
) -> Result<HashMap<KpiTargetId, Vec<FocusTarget>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select f.target_id as "target: KpiTargetId", f.kind, f.thing_id, f.quantity, f.revenue,
                  coalesce(p.code, b.code, k.code, '') as "code!", coalesce(p.name, b.name, k.name, '') as "name!"
           from kpi_targets t
           join kpi_focus_targets f on f.distributor_id = t.distributor_id and f.target_id = t.id
           left join products p on f.kind = 'product' and p.id = f.thing_id
           left join brands b on f.kind = 'brand' and b.id = f.thing_id
           left join categories k on f.kind = 'category' and k.id = f.thing_id
           where t.id = any ($1)
           order by f.kind desc, p.display_order, 7, 6, f.thing_id"#,
        targets,
    )
    .fetch_all(c)
    .await?;
    let mut found: HashMap<KpiTargetId, Vec<FocusTarget>> = HashMap::new();
    for row in rows {
        found.entry(row.target).or_default().push(FocusTarget {
            kind: FocusKind::read(&row.kind)?,
            id: row.thing_id,
            code: row.code,
            name: row.name,
            quantity: row.quantity,
            revenue: row.revenue,
        });
    }
    Ok(found)
}

/// The distributor of a rep or supervisor within the scope.
pub(crate) async fn find_rep(
    c: &mut PgConnection,
    scope: Scope<'_>,
    user: UserId,
) -> Result<Option<DistributorId>, sqlx::Error> {
    let units = scope.units();
    sqlx::query_scalar!(
        r#"select u.distributor_id as "distributor!: DistributorId"
           from users u left join user_units p on p.user_id = u.id and p.is_primary
           where u.id = $1 and u.distributor_id is not null and u.role in ('sales_rep', 'supervisor')
             and u.deleted_at is null
             and ($2::uuid is null or u.id = $2) and ($3::uuid[] is null or p.unit_id = any ($3))"#,
        user.uuid(),
        scope.user(),
        units.as_deref(),
    )
    .fetch_optional(c)
    .await
}

/// Which of these things don't exist, by their places.
pub(crate) async fn list_unknown(
    c: &mut PgConnection,
    focus: &[(FocusKind, Uuid)],
) -> Result<Vec<i64>, sqlx::Error> {
    let kinds: Vec<String> = focus.iter().map(|(kind, _)| kind.as_str().to_owned()).collect();
    let ids: Vec<Uuid> = focus.iter().map(|(_, id)| *id).collect();
    sqlx::query_scalar!(
        r#"select f.place - 1 as "place!" from unnest($1::text[], $2::uuid[]) with ordinality as f (kind, id, place)
           where not exists (select from products x where f.kind = 'product' and x.id = f.id and x.deleted_at is null)
             and not exists (select from brands x where f.kind = 'brand' and x.id = f.id)
             and not exists (select from categories x where f.kind = 'category' and x.id = f.id)
           order by 1"#,
        &kinds,
        &ids,
    )
    .fetch_all(c)
    .await
}

/// Until the end of the transaction nobody else writes targets of these distributors, which are in order.
pub(crate) async fn lock_targets(
    c: &mut PgConnection,
    distributors: &[DistributorId],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = distributors.iter().map(|d| d.uuid()).collect();
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('kpi.targets ' || d, 0)) from unnest($1::uuid[]) d",
        &ids
    )
    .fetch_all(c)
    .await?;
    Ok(())
}

/// Who wrote, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// A target to write.
#[derive(Debug)]
pub(crate) struct NewTarget<'a> {
    pub distributor: DistributorId,
    pub id: KpiTargetId,
    pub user: UserId,
    pub span: Span,
    pub amounts: Amounts,
    /// What it is about, quantity, revenue.
    pub focus: &'a [(FocusKind, Uuid, Option<i64>, Option<i64>)],
}

/// Adds a target.
pub(crate) async fn insert_target(
    c: &mut PgConnection,
    new: &NewTarget<'_>,
    written: Written,
) -> Result<(), sqlx::Error> {
    let amounts = &new.amounts;
    sqlx::query!(
        "insert into kpi_targets (distributor_id, id, user_id, first_day, last_day, visits, new_customers, orders, sales, revenue,
                                  volume, skus_per_order, work_minutes, updated_by, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        new.distributor.uuid(),
        new.id.uuid(),
        new.user.uuid(),
        new.span.first(),
        new.span.last(),
        amounts.visits,
        amounts.new_customers,
        amounts.orders,
        amounts.sales,
        amounts.revenue,
        amounts.volume,
        amounts.skus_per_order,
        amounts.work_minutes,
        written.by.uuid(),
        written.at,
    )
    .execute(&mut *c)
    .await?;
    let kinds: Vec<String> = new.focus.iter().map(|f| f.0.as_str().to_owned()).collect();
    let things: Vec<Uuid> = new.focus.iter().map(|f| f.1).collect();
    let quantities: Vec<Option<i64>> = new.focus.iter().map(|f| f.2).collect();
    let revenues: Vec<Option<i64>> = new.focus.iter().map(|f| f.3).collect();
    sqlx::query!(
        "insert into kpi_focus_targets (distributor_id, target_id, kind, thing_id, quantity, revenue)
         select $1, $2, f.* from unnest($3::text[], $4::uuid[], $5::bigint[], $6::bigint[]) f",
        new.distributor.uuid(),
        new.id.uuid(),
        &kinds,
        &things,
        &quantities as &[Option<i64>],
        &revenues as &[Option<i64>],
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The target counts for these days from now on.
pub(crate) async fn update_span(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: KpiTargetId,
    span: Span,
    written: Written,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update kpi_targets set first_day = $3, last_day = $4, updated_by = $5, updated_at = $6
         where distributor_id = $1 and id = $2",
        distributor.uuid(),
        id.uuid(),
        span.first(),
        span.last(),
        written.by.uuid(),
        written.at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Takes the target away, with its focus.
pub(crate) async fn delete_target(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: KpiTargetId,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from kpi_targets where distributor_id = $1 and id = $2",
        distributor.uuid(),
        id.uuid()
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A rep's target to copy.
#[derive(Debug)]
pub(crate) struct Source {
    pub distributor: DistributorId,
    pub id: KpiTargetId,
}

/// The latest target of each active rep in days of a month, by distributor and rep.
pub(crate) async fn list_sources(
    c: &mut PgConnection,
    scope: Scope<'_>,
    unit: Option<OrgUnitId>,
    month: Span,
) -> Result<Vec<Source>, sqlx::Error> {
    let units = scope.units();
    sqlx::query_as!(
        Source,
        r#"select distinct on (t.distributor_id, t.user_id) t.distributor_id as "distributor: DistributorId",
                  t.id as "id: KpiTargetId"
           from kpi_targets t
           join users u on u.id = t.user_id
           left join user_units p on p.user_id = u.id and p.is_primary
           left join org_units o on o.id = p.unit_id
           where t.distributor_id = any (array(select d.id from distributors d)) and t.first_day between $1 and $2
             and u.status = 'active' and u.deleted_at is null and u.role in ('sales_rep', 'supervisor')
             and ($3::uuid is null or u.id = $3) and ($4::uuid[] is null or p.unit_id = any ($4))
             and ($5::uuid is null or $5 = any (o.ancestors))
           order by t.distributor_id, t.user_id, t.first_day desc"#,
        month.first(),
        month.last(),
        scope.user(),
        units.as_deref(),
        unit.map(OrgUnitId::uuid),
    )
    .fetch_all(c)
    .await
}

/// Copies targets, each under a new id, for all days of a month in which their reps have none. Gives the new ones.
pub(crate) async fn copy_targets(
    c: &mut PgConnection,
    copies: &[(KpiTargetId, KpiTargetId)],
    month: Span,
    written: Written,
) -> Result<Vec<(DistributorId, KpiTargetId, UserId)>, sqlx::Error> {
    let from: Vec<Uuid> = copies.iter().map(|(from, _)| from.uuid()).collect();
    let to: Vec<Uuid> = copies.iter().map(|(_, to)| to.uuid()).collect();
    let rows = sqlx::query!(
        r#"insert into kpi_targets (distributor_id, id, user_id, first_day, last_day, visits, new_customers, orders, sales,
                                    revenue, volume, skus_per_order, work_minutes, updated_by, updated_at)
           select t.distributor_id, m.new_id, t.user_id, $3, $4, t.visits, t.new_customers, t.orders, t.sales,
                  t.revenue, t.volume, t.skus_per_order, t.work_minutes, $5, $6
           from unnest($1::uuid[], $2::uuid[]) as m (id, new_id) join kpi_targets t on t.id = m.id
           where not exists (
             select from kpi_targets x where x.distributor_id = t.distributor_id and x.user_id = t.user_id
               and x.first_day between $3 and $4)
           returning distributor_id as "distributor: DistributorId", id as "id: KpiTargetId", user_id as "user: UserId""#,
        &from,
        &to,
        month.first(),
        month.last(),
        written.by.uuid(),
        written.at,
    )
    .fetch_all(&mut *c)
    .await?;
    sqlx::query!(
        "insert into kpi_focus_targets (distributor_id, target_id, kind, thing_id, quantity, revenue)
         select t.distributor_id, t.id, f.kind, f.thing_id, f.quantity, f.revenue
         from unnest($1::uuid[], $2::uuid[]) as m (id, new_id)
         join kpi_targets t on t.id = m.new_id
         join kpi_focus_targets f on f.distributor_id = t.distributor_id and f.target_id = m.id",
        &from,
        &to,
    )
    .execute(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.distributor, row.id, row.user)).collect())
}
