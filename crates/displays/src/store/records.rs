use chrono::{DateTime, NaiveDate, Utc};
use db::{Context, outbox};
use domain::display::{DisplayStatus, Level};
use domain::{
    CustomerId, DisplayProgramId, DisplayRecordId, DistributorId, EventId, OrgUnitId, PhotoId, UserId,
    VisitId,
};
use platform::{Page, Scope};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{DisplayPhoto, DisplayRecord, GivenScore};
use crate::service::{Score, Shown};

/// Counts a photo for the visit's record of the program.
pub(crate) async fn upsert_record(c: &mut PgConnection, shown: &Shown) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into display_records as d (distributor_id, id, program_id, visit_id, customer_id, user_id, unit_id,
           business_date, photos, first_photo_at, last_photo_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9)
         on conflict (distributor_id, visit_id, program_id) do update set photos = d.photos + 1,
           first_photo_at = least(d.first_photo_at, excluded.first_photo_at),
           last_photo_at = greatest(d.last_photo_at, excluded.last_photo_at), version = d.version + 1",
        shown.distributor.uuid(),
        Uuid::now_v7(),
        shown.program.uuid(),
        shown.visit.uuid(),
        shown.customer.uuid(),
        shown.user.uuid(),
        shown.unit.map(OrgUnitId::uuid),
        shown.business_date,
        shown.captured_at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Narrows a list of records.
#[derive(Debug, Default)]
pub(crate) struct RecordFilter {
    pub ids: Option<Vec<Uuid>>,
    pub program: Option<DisplayProgramId>,
    pub status: Option<DisplayStatus>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub user: Option<UserId>,
    pub customer: Option<CustomerId>,
    pub visit: Option<VisitId>,
    pub search: Option<String>,
}

/// A page of the records in the scope, the latest day first, and how many there are.
pub(crate) async fn list_records(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &RecordFilter,
    page: &Page,
) -> Result<(Vec<DisplayRecord>, i64), sqlx::Error> {
    let units = scope.units();
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!"
           from display_records r join customers cu on cu.distributor_id = r.distributor_id and cu.id = r.customer_id
           where ($1::uuid is null or r.user_id = $1) and ($2::uuid[] is null or r.unit_id = any ($2))
             and ($3::uuid is null or r.program_id = $3) and ($4::text is null or r.status = $4)
             and ($5::date is null or r.business_date >= $5) and ($6::date is null or r.business_date <= $6)
             and ($7::uuid is null or r.user_id = $7) and ($8::uuid is null or r.customer_id = $8)
             and ($9::uuid is null or r.visit_id = $9) and ($10::text is null or cu.search_key like $10)"#,
        scope.user(),
        units.as_deref(),
        filter.program.map(DisplayProgramId::uuid),
        filter.status.map(DisplayStatus::as_str),
        filter.from,
        filter.to,
        filter.user.map(UserId::uuid),
        filter.customer.map(CustomerId::uuid),
        filter.visit.map(VisitId::uuid),
        filter.search,
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((select_records(c, scope, filter, page.limit(), page.offset()).await?, total))
}

/// The record, when the scope shows it.
pub(crate) async fn find_record(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: DisplayRecordId,
) -> Result<Option<DisplayRecord>, sqlx::Error> {
    let filter = RecordFilter { ids: Some(vec![id.uuid()]), ..RecordFilter::default() };
    Ok(select_records(c, scope, &filter, 1, 0).await?.pop())
}

/// Those of the records that the scope shows, locked in the order of their ids.
pub(crate) async fn lock_records(
    c: &mut PgConnection,
    scope: Scope<'_>,
    ids: &[DisplayRecordId],
) -> Result<Vec<DisplayRecord>, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query!("select id from display_records where id = any ($1) order by id for no key update", &ids)
        .fetch_all(&mut *c)
        .await?;
    let filter = RecordFilter { ids: Some(ids), ..RecordFilter::default() };
    select_records(c, scope, &filter, i64::MAX, 0).await
}

async fn select_records(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &RecordFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<DisplayRecord>, sqlx::Error> {
    let units = scope.units();
    sqlx::query_as!(
        DisplayRecord,
        r#"select r.id as "display_score_id: DisplayRecordId", r.distributor_id as "distributor_id: DistributorId",
             r.program_id as "program_id: DisplayProgramId", p.code as program_code, p.name as program_name,
             p.photos as required_photos, p.levels, r.visit_id as "visit_id: VisitId",
             r.customer_id as "customer_id: CustomerId", cu.code as customer_code, cu.name as customer_name,
             cu.address as customer_address, r.user_id as "user_id: UserId", coalesce(u.full_name, '') as "full_name!",
             r.unit_id as "unit_id: OrgUnitId", r.business_date, r.photos, r.last_photo_at,
             r.status as "status: DisplayStatus", r.first_passed, r.first_by as "first_by: UserId",
             f.full_name as "first_by_name?", r.first_at, r.second_passed, r.second_by as "second_by: UserId",
             s.full_name as "second_by_name?", r.second_at, r.note, r.version
           from display_records r
           join display_programs p on p.id = r.program_id
           join customers cu on cu.distributor_id = r.distributor_id and cu.id = r.customer_id
           left join users u on u.id = r.user_id left join users f on f.id = r.first_by
           left join users s on s.id = r.second_by
           where ($1::uuid is null or r.user_id = $1) and ($2::uuid[] is null or r.unit_id = any ($2))
             and ($3::uuid is null or r.program_id = $3) and ($4::text is null or r.status = $4)
             and ($5::date is null or r.business_date >= $5) and ($6::date is null or r.business_date <= $6)
             and ($7::uuid is null or r.user_id = $7) and ($8::uuid is null or r.customer_id = $8)
             and ($9::uuid is null or r.visit_id = $9) and ($10::text is null or cu.search_key like $10)
             and ($11::uuid[] is null or r.id = any ($11))
           order by r.business_date desc, r.last_photo_at desc, r.id limit $12 offset $13"#,
        scope.user(),
        units.as_deref(),
        filter.program.map(DisplayProgramId::uuid),
        filter.status.map(DisplayStatus::as_str),
        filter.from,
        filter.to,
        filter.user.map(UserId::uuid),
        filter.customer.map(CustomerId::uuid),
        filter.visit.map(VisitId::uuid),
        filter.search,
        filter.ids.as_deref(),
        limit,
        offset,
    )
    .fetch_all(c)
    .await
}

/// The photos of a record as they were taken.
pub(crate) async fn list_photos(
    c: &mut PgConnection,
    record: &DisplayRecord,
) -> Result<Vec<DisplayPhoto>, sqlx::Error> {
    sqlx::query_as!(
        DisplayPhoto,
        r#"select p.id as "photo_id: PhotoId", p.sha256, p.captured_at,
             (select count(*) from photo_duplicates d where d.distributor_id = p.distributor_id and d.photo_id = p.id) as "twins!"
           from visit_photos p
           where p.distributor_id = $1 and p.visit_id = $2 and p.display_program_id = $3
           order by p.captured_at, p.id"#,
        record.distributor_id.uuid(),
        record.visit_id.uuid(),
        record.program_id.uuid(),
    )
    .fetch_all(c)
    .await
}

/// All scores of a record, from the first on.
pub(crate) async fn list_scores(
    c: &mut PgConnection,
    record: &DisplayRecord,
) -> Result<Vec<GivenScore>, sqlx::Error> {
    sqlx::query_as!(
        GivenScore,
        r#"select s.level, s.passed, s.note, s.scorer_id as "scorer_id: UserId", coalesce(u.full_name, '') as "scorer_name!", s.at
           from display_scores s left join users u on u.id = s.scorer_id
           where s.distributor_id = $1 and s.record_id = $2 order by s.at, s.id"#,
        record.distributor_id.uuid(),
        record.display_score_id.uuid(),
    )
    .fetch_all(c)
    .await
}

/// A score to write.
pub(crate) struct NewScore<'a> {
    pub record: &'a DisplayRecord,
    pub level: Level,
    pub score: &'a Score,
    pub status: DisplayStatus,
    /// `Notice` for who took the photos.
    pub event: Value,
    pub audited: Value,
    pub at: DateTime<Utc>,
}

/// Adds the score to the history, moves the record on, with audit row and event, in one statement.
pub(crate) async fn insert_score(
    c: &mut PgConnection,
    cx: &Context,
    by: UserId,
    s: &NewScore<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with given as (
           insert into display_scores (distributor_id, id, record_id, level, passed, note, scorer_id, at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
         ), moved as (
           update display_records set status = $9, note = $6, version = version + 1,
             first_passed = case when $4 = 1::smallint then $5 else first_passed end,
             first_by = case when $4 = 1::smallint then $7 else first_by end,
             first_at = case when $4 = 1::smallint then $8 else first_at end,
             second_passed = case when $4 = 2::smallint then $5 else second_passed end,
             second_by = case when $4 = 2::smallint then $7 else second_by end,
             second_at = case when $4 = 2::smallint then $8 else second_at end
           where distributor_id = $1 and id = $3
         ), audited as (
           insert into audit_log (at, distributor_id, actor_id, actor_name, action, entity, entity_id, after, address, trace_id)
           values ($8, $1, $7, $10, 'displays.score', 'display_record', $3, $11, $12, $13)
         )
         insert into outbox (id, distributor_id, kind, aggregate_id, audience, payload, trace_id, created_at)
         values ($14, $1, 'Notice', $3, array['user:' || $15::uuid], $16, $17, $8)",
        s.record.distributor_id.uuid(),
        Uuid::now_v7(),
        s.record.display_score_id.uuid(),
        s.level.number(),
        s.score.passed,
        s.score.note,
        by.uuid(),
        s.at,
        s.status.as_str(),
        cx.name,
        s.audited,
        cx.address,
        cx.trace_id,
        EventId::new(Uuid::now_v7()).uuid(),
        s.record.user_id.uuid(),
        s.event,
        outbox::trace(cx),
    )
    .execute(c)
    .await?;
    Ok(())
}
