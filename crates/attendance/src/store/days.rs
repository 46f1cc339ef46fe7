use std::collections::HashMap;

use chrono::NaiveDate;
use domain::attendance::HalfDay;
use domain::{DistributorId, OrgUnitId, UserId};
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::Clocked;

/// Whose days.
#[derive(Debug, Default)]
pub(crate) struct DayFilter {
    pub user: Option<UserId>,
    /// With all units below it.
    pub unit: Option<OrgUnitId>,
}

/// A page of the days with clock events of those in the scope, by person and day, and how many there are.
pub(crate) async fn list_clocked_days(
    c: &mut PgConnection,
    scope: Scope<'_>,
    first: NaiveDate,
    last: NaiveDate,
    filter: &DayFilter,
    page: &Page,
) -> Result<(Vec<Clocked>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select e.user_id as "user!: UserId", coalesce(u.full_name, '') as "full_name!", e.business_date as "date!",
                  min(e.at) filter (where e.kind = 'in') as first_in,
                  max(e.at) filter (where e.kind = 'out') as last_out,
                  (array_agg(e.unit_id order by e.at))[1] as "unit: OrgUnitId",
                  bool_or(e.corrected) as "corrected!", count(*) over () as "total!"
           from clock_times e left join users u on u.id = e.user_id
           where e.business_date between $3 and $4
             and ($1::uuid is null or e.user_id = $1) and ($2::uuid[] is null or e.unit_id = any ($2))
             and ($5::uuid is null or e.user_id = $5) and ($6::text is null or u.search_key like $6)
             and ($9::uuid is null or exists (
                   select 1 from org_units o where o.id = e.unit_id and $9 = any (o.ancestors)))
           group by e.user_id, u.full_name, e.business_date
           order by u.full_name, e.user_id, e.business_date
           limit $7 offset $8"#,
        scope.user(),
        units.as_deref(),
        first,
        last,
        filter.user.map(UserId::uuid),
        page.search,
        page.limit(),
        page.offset(),
        filter.unit.map(OrgUnitId::uuid),
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let days = rows
        .into_iter()
        .map(|r| Clocked {
            user: r.user,
            full_name: r.full_name,
            unit: r.unit,
            date: r.date,
            first_in: r.first_in,
            last_out: r.last_out,
            corrected: r.corrected,
        })
        .collect();
    Ok((days, total))
}

/// All days with clock events of these people, by person and day.
pub(crate) async fn list_days_of(
    c: &mut PgConnection,
    users: &[Uuid],
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<Clocked>, sqlx::Error> {
    sqlx::query_as!(
        Clocked,
        r#"select e.user_id as "user!: UserId", '' as "full_name!", e.business_date as "date!",
                  min(e.at) filter (where e.kind = 'in') as first_in,
                  max(e.at) filter (where e.kind = 'out') as last_out,
                  (array_agg(e.unit_id order by e.at))[1] as "unit: OrgUnitId", bool_or(e.corrected) as "corrected!"
           from clock_times e
           where e.business_date between $2 and $3 and e.user_id = any ($1)
           group by e.user_id, e.business_date
           order by e.user_id, e.business_date"#,
        users,
        first,
        last,
    )
    .fetch_all(c)
    .await
}

/// The days with clock events among these of a distributor's people, by person and day.
pub(crate) async fn list_days_at(
    c: &mut PgConnection,
    distributor: DistributorId,
    days: &[NaiveDate],
) -> Result<Vec<Clocked>, sqlx::Error> {
    sqlx::query_as!(
        Clocked,
        r#"select e.user_id as "user!: UserId", '' as "full_name!", e.business_date as "date!",
                  min(e.at) filter (where e.kind = 'in') as first_in,
                  max(e.at) filter (where e.kind = 'out') as last_out,
                  (array_agg(e.unit_id order by e.at))[1] as "unit: OrgUnitId", bool_or(e.corrected) as "corrected!"
           from clock_times e
           where e.distributor_id = $1 and e.business_date = any ($2)
           group by e.user_id, e.business_date
           order by e.user_id, e.business_date"#,
        distributor.uuid(),
        days,
    )
    .fetch_all(c)
    .await
}

/// Who is away, from when, until when, and for which half of the day where it isn't whole days.
pub(crate) type Away = (UserId, NaiveDate, NaiveDate, Option<HalfDay>);

/// The approved leave of these people within a span, cut to it; with the half of the day, where it isn't whole days.
pub(crate) async fn list_leave(
    c: &mut PgConnection,
    users: &[Uuid],
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<Away>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select user_id as "user: UserId", greatest(first_day, $2) as "first!", least(last_day, $3) as "last!",
                  half as "half: HalfDay"
           from leaves
           where user_id = any ($1) and status = 'approved' and first_day <= $3 and last_day >= $2"#,
        users,
        first,
        last,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|row| (row.user, row.first, row.last, row.half)).collect())
}

/// The halves of days for which these people have approved leave; both halves of a day are no half.
#[derive(Debug, Default)]
pub(crate) struct HalfLeave(HashMap<(UserId, NaiveDate), Option<HalfDay>>);

impl HalfLeave {
    /// From what [`list_leave`] gives.
    pub fn of(leave: &[Away]) -> Self {
        let mut found = HashMap::new();
        for (user, day, _, half) in leave {
            if half.is_some() {
                found.entry((*user, *day)).and_modify(|known| *known = None).or_insert(*half);
            }
        }
        HalfLeave(found)
    }

    /// Of a day.
    pub fn on(&self, user: UserId, day: NaiveDate) -> Option<HalfDay> {
        self.0.get(&(user, day)).copied().flatten()
    }

    /// Of a person, in order.
    pub fn days_of(&self, user: UserId) -> Vec<(NaiveDate, HalfDay)> {
        let own = self.0.iter().filter(|((who, _), _)| *who == user);
        let mut days: Vec<_> = own.filter_map(|((_, day), half)| Some((*day, (*half)?))).collect();
        days.sort_unstable_by_key(|(day, _)| *day);
        days
    }

    /// Days of which both halves are leave.
    pub fn whole_days_of(&self, user: UserId) -> impl Iterator<Item = NaiveDate> {
        self.0.iter().filter(move |((who, _), half)| *who == user && half.is_none()).map(|((_, day), _)| *day)
    }
}
