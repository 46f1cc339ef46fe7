use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::{DistributorId, DocumentId, HandOverId, Money, Role, UserId};
use platform::{Page, Scope};
use uuid::Uuid;

use crate::cash::{CashKind, Entry};
use crate::model::{CashDay, CashHandOver, CashPolicy, CashTotals};

/// What somebody of the distributor's people is.
pub(crate) async fn find_role(
    c: &mut PgConnection,
    distributor: DistributorId,
    user: UserId,
) -> Result<Option<Role>, sqlx::Error> {
    let role = sqlx::query_scalar!(
        "select role from users where id = $1 and distributor_id = $2 and deleted_at is null",
        user.uuid(),
        distributor.uuid(),
    )
    .fetch_optional(c)
    .await?;
    role.map(|role| role.parse().map_err(|e| sqlx::Error::Decode(Box::new(e)))).transpose()
}

/// The distributor a rep works for, if it is one of the tenant's.
pub(crate) async fn find_distributor_of_rep(
    c: &mut PgConnection,
    rep: UserId,
) -> Result<Option<DistributorId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distributor_id as "id!: DistributorId" from users
           where id = $1 and distributor_id is not null and deleted_at is null"#,
        rep.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// Adds the entry, and to the sums of its day, which locks them.
pub(crate) async fn insert_cash(c: &mut PgConnection, entry: &Entry<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with entry as (
           insert into rep_cash_entries (distributor_id, id, rep_id, kind, amount, business_date, document_id,
             document_number, posted_at, actor_id)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         )
         insert into rep_cash_days as d (distributor_id, rep_id, business_date, collected, handed_over, difference)
         values ($1, $3, $6, case when $4 in ('collected', 'cancelled') then $5 else 0 end,
                 case when $4 = 'handed_over' then -$5 else 0 end, case when $4 = 'difference' then $5 else 0 end)
         on conflict (distributor_id, rep_id, business_date) do update
         set collected = d.collected + excluded.collected, handed_over = d.handed_over + excluded.handed_over,
             difference = d.difference + excluded.difference",
        entry.distributor.uuid(),
        Uuid::now_v7(),
        entry.rep.uuid(),
        entry.kind as CashKind,
        entry.amount.dong(),
        entry.day,
        entry.document_id.uuid(),
        entry.number,
        entry.at,
        entry.actor.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What a rep carries of a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carried {
    pub in_hand: Money,
    /// Whether there was ever any.
    pub any: bool,
}

/// Locks what the rep carries of a day until the transaction ends.
pub(crate) async fn lock_cash_day(
    c: &mut PgConnection,
    distributor: DistributorId,
    rep: UserId,
    day: NaiveDate,
) -> Result<Carried, sqlx::Error> {
    sqlx::query_as!(
        Carried,
        r#"insert into rep_cash_days as d (distributor_id, rep_id, business_date) values ($1, $2, $3)
           on conflict (distributor_id, rep_id, business_date) do update set collected = d.collected
           returning in_hand as "in_hand!: Money",
             collected <> 0 or handed_over <> 0 or difference <> 0 as "any!""#,
        distributor.uuid(),
        rep.uuid(),
        day,
    )
    .fetch_one(c)
    .await
}

/// Cash that came in with a receipt.
#[derive(Debug)]
pub(crate) struct Collected {
    pub rep: UserId,
    pub day: NaiveDate,
    pub amount: Money,
}

/// The cash of a receipt that a rep took.
pub(crate) async fn find_collected(
    c: &mut PgConnection,
    distributor: DistributorId,
    document: DocumentId,
) -> Result<Option<Collected>, sqlx::Error> {
    sqlx::query_as!(
        Collected,
        r#"select rep_id as "rep: UserId", business_date as day, amount as "amount: Money" from rep_cash_entries
           where distributor_id = $1 and document_id = $2 and kind = 'collected'"#,
        distributor.uuid(),
        document.uuid(),
    )
    .fetch_optional(c)
    .await
}

/// The policy that holds; a distributor without one of its own tolerates nothing.
pub(crate) async fn find_policy(
    c: &mut PgConnection,
    distributor_id: DistributorId,
) -> Result<CashPolicy, sqlx::Error> {
    let row = sqlx::query!(
        r#"select cash_tolerance as "tolerance: Money", version from receivable_policies where distributor_id = $1"#,
        distributor_id.uuid(),
    )
    .fetch_optional(c)
    .await?;
    let (tolerance, version) = row.map_or((Money::ZERO, 0), |r| (r.tolerance, r.version));
    Ok(CashPolicy { distributor_id, tolerance, version })
}

/// Sets the difference that is posted without asking, if the policy still has the version; 0 is none yet, and without one
/// it is not looked at. Tells whether it did.
pub(crate) async fn upsert_policy(
    c: &mut PgConnection,
    distributor: DistributorId,
    tolerance: Money,
    version: Option<i64>,
    actor: UserId,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into receivable_policies as p (distributor_id, cash_tolerance, updated_by, updated_at)
         select $1, $2, $3, $4
         where coalesce($5::bigint, 0) = 0 or exists (select from receivable_policies where distributor_id = $1)
         on conflict (distributor_id) do update
         set cash_tolerance = excluded.cash_tolerance, updated_by = excluded.updated_by, updated_at = excluded.updated_at,
           version = p.version + 1
         where $5::bigint is null or p.version = $5",
        distributor.uuid(),
        tolerance.dong(),
        actor.uuid(),
        at,
        version,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the distributor's own policy up if it still has the version; tells whether it did.
pub(crate) async fn delete_policy(
    c: &mut PgConnection,
    distributor: DistributorId,
    version: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from receivable_policies where distributor_id = $1 and version = $2",
        distributor.uuid(),
        version,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A hand-over to add.
#[derive(Debug)]
pub(crate) struct NewHandOver<'a> {
    pub distributor: DistributorId,
    pub id: HandOverId,
    pub number: &'a str,
    pub rep: UserId,
    pub day: NaiveDate,
    pub amount: Money,
    pub difference: Money,
    pub reason: &'a str,
    pub note: &'a str,
    pub actor: UserId,
    pub at: DateTime<Utc>,
}

/// Adds the hand-over behind entries.
pub(crate) async fn insert_hand_over(c: &mut PgConnection, new: &NewHandOver<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into cash_hand_overs
           (distributor_id, id, number, rep_id, business_date, amount, difference, reason, note, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        new.distributor.uuid(),
        new.id.uuid(),
        new.number,
        new.rep.uuid(),
        new.day,
        new.amount.dong(),
        new.difference.dong(),
        new.reason,
        new.note,
        new.actor.uuid(),
        new.at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The hand-over, if it is one of the tenant's.
pub(crate) async fn find_hand_over(
    c: &mut PgConnection,
    id: HandOverId,
) -> Result<Option<CashHandOver>, sqlx::Error> {
    let key = sqlx::query!(
        "select distributor_id, rep_id, business_date from cash_hand_overs where id = $1",
        id.uuid()
    )
    .fetch_optional(&mut *c)
    .await?;
    let Some(key) = key else { return Ok(None) };
    let of_the_day = load_hand_overs(c, &[key.distributor_id], &[key.rep_id], &[key.business_date]).await?;
    Ok(of_the_day.into_iter().find(|made| made.hand_over_id == id))
}

async fn load_hand_overs(
    c: &mut PgConnection,
    distributors: &[Uuid],
    reps: &[Uuid],
    days: &[NaiveDate],
) -> Result<Vec<CashHandOver>, sqlx::Error> {
    sqlx::query_as!(
        CashHandOver,
        r#"select h.id as "hand_over_id: HandOverId", h.number, h.distributor_id as "distributor_id: DistributorId",
             h.rep_id as "rep_id: UserId", coalesce(r.full_name, '') as "rep_name!", h.business_date as date,
             h.amount as "amount: Money", h.difference as "difference: Money", h.reason, h.note,
             coalesce(d.in_hand, 0) as "in_hand!: Money", coalesce(u.full_name, '') as "created_by_name!", h.created_at
           from cash_hand_overs h
           left join rep_cash_days d on d.distributor_id = h.distributor_id and d.rep_id = h.rep_id
             and d.business_date = h.business_date
           left join users r on r.id = h.rep_id
           left join users u on u.id = h.created_by
           where (h.distributor_id, h.rep_id, h.business_date) in (select * from unnest($1::uuid[], $2::uuid[], $3::date[]))
           order by h.created_at, h.id"#,
        distributors,
        reps,
        days,
    )
    .fetch_all(c)
    .await
}

/// Which days to list.
#[derive(Debug)]
pub(crate) struct CashFilter<'a> {
    pub scope: Scope<'a>,
    pub distributor: Option<DistributorId>,
    pub rep: Option<UserId>,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Only days of which the rep still carries something, or handed over too much.
    pub open_only: bool,
}

/// What reps did with cash, the latest day first; how many days there are, and their sums.
pub(crate) async fn list_cash_days(
    c: &mut PgConnection,
    filter: &CashFilter<'_>,
    page: &Page,
) -> Result<(Vec<CashDay>, i64, CashTotals), sqlx::Error> {
    let units = filter.scope.units();
    let rows = sqlx::query!(
        r#"with hits as materialized (
             select d.*, coalesce(u.full_name, '') as rep_name
             from rep_cash_days d left join users u on u.id = d.rep_id
             where d.business_date between $5 and $6
               and (d.collected <> 0 or d.handed_over <> 0 or d.difference <> 0)
               and ($1::uuid is null or d.rep_id = $1)
               and ($2::uuid[] is null or d.rep_id in (select user_id from user_units where unit_id = any ($2)))
               and ($3::uuid is null or d.distributor_id = $3)
               and ($4::uuid is null or d.rep_id = $4)
               and (not $7 or d.in_hand <> 0)
               and ($8::text is null or u.search_key like $8)
           ), sums as (
             select count(*) as days, coalesce(sum(collected), 0)::bigint as collected,
               coalesce(sum(handed_over), 0)::bigint as handed_over,
               coalesce(sum(difference), 0)::bigint as difference, coalesce(sum(in_hand), 0)::bigint as in_hand
             from hits
           ), page as (
             select * from hits order by business_date desc, rep_name, rep_id limit $9 offset $10
           )
           select p.distributor_id as "distributor_id?: DistributorId", p.rep_id as "rep_id?: UserId",
             p.rep_name as "rep_name?", p.business_date as "date?", p.collected as "collected?: Money",
             p.handed_over as "handed_over?: Money", p.difference as "difference?: Money",
             p.in_hand as "in_hand?: Money", s.days as "days!",
             s.collected as "sum_collected!: Money", s.handed_over as "sum_handed_over!: Money",
             s.difference as "sum_difference!: Money", s.in_hand as "sum_in_hand!: Money"
           from sums s left join page p on true
           order by p.business_date desc, p.rep_name, p.rep_id"#,
        filter.scope.user(),
        units.as_deref(),
        filter.distributor.map(|d| d.uuid()),
        filter.rep.map(|r| r.uuid()),
        filter.from,
        filter.to,
        filter.open_only,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_all(&mut *c)
    .await?;
    let (mut days, mut total, mut totals) = (Vec::with_capacity(rows.len()), 0, CashTotals::default());
    for r in rows {
        total = r.days;
        totals = CashTotals {
            collected: r.sum_collected,
            handed_over: r.sum_handed_over,
            difference: r.sum_difference,
            in_hand: r.sum_in_hand,
        };
        if let (Some(distributor_id), Some(rep_id), Some(date)) = (r.distributor_id, r.rep_id, r.date) {
            days.push(CashDay {
                distributor_id,
                rep_id,
                rep_name: r.rep_name.unwrap_or_default(),
                date,
                collected: r.collected.unwrap_or_default(),
                handed_over: r.handed_over.unwrap_or_default(),
                difference: r.difference.unwrap_or_default(),
                in_hand: r.in_hand.unwrap_or_default(),
                hand_overs: Vec::new(),
            });
        }
    }
    let distributors: Vec<Uuid> = days.iter().map(|d| d.distributor_id.uuid()).collect();
    let reps: Vec<Uuid> = days.iter().map(|d| d.rep_id.uuid()).collect();
    let dates: Vec<NaiveDate> = days.iter().map(|d| d.date).collect();
    let mut made: BTreeMap<(UserId, NaiveDate), Vec<CashHandOver>> = BTreeMap::new();
    for hand_over in load_hand_overs(c, &distributors, &reps, &dates).await? {
        made.entry((hand_over.rep_id, hand_over.date)).or_default().push(hand_over);
    }
    for day in &mut days {
        day.hand_overs = made.remove(&(day.rep_id, day.date)).unwrap_or_default();
    }
    Ok((days, total, totals))
}
