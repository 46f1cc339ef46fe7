//! All SQL of files.

use adapters::blob::BlobId;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{CustomerId, DistributorId, PhotoId, UserId, VisitId};
use platform::{Page, Scope};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::model::{Duplicate, Stored};

/// Says that a record refers to the content, whose bytes may still come; what is referred to is never swept away.
/// Belongs into the transaction that writes the record.
///
/// # Errors
/// When the database refuses.
pub async fn register(
    c: &mut PgConnection,
    distributor: DistributorId,
    content: &BlobId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into files as f (distributor_id, sha256, state, referred, created_at)
         values ($1, $2, 'waiting', true, $3)
         on conflict (distributor_id, sha256) do update set referred = true where not f.referred",
        distributor.uuid(),
        content.as_str(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Says that a record which referred to the content is gone; the sweeper sees whether others do, after the same time as for
/// one that came now: it may be sent again at this moment. Belongs into the
/// transaction that removes the record.
///
/// # Errors
/// When the database refuses.
pub async fn release(
    c: &mut PgConnection,
    distributor: DistributorId,
    content: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update files set referred = false, created_at = $3 where distributor_id = $1 and sha256 = $2",
        distributor.uuid(),
        content,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Keeps a content of the company itself as long as one that no record refers to: one whose record is still to come, or
/// is gone.
///
/// # Errors
/// When the database refuses.
pub async fn keep_loose(c: &mut PgConnection, content: &str, at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into loose_contents (sha256, since) values ($1, $2)
         on conflict (sha256) do update set since = excluded.since",
        content,
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Whether the distributor has the content's bytes.
///
/// # Errors
/// When the database refuses.
pub async fn exists(
    c: &mut PgConnection,
    distributor: DistributorId,
    content: &BlobId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from files where distributor_id = $1 and sha256 = $2 and state = 'stored') as "there!""#,
        distributor.uuid(),
        content.as_str(),
    )
    .fetch_one(c)
    .await
}

/// Holds the content against the sweeper until the transaction ends.
pub(crate) async fn hold(c: &mut PgConnection, content: &BlobId) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock_shared(hashtextextended($1, 1))", content.as_str())
        .execute(c)
        .await?;
    Ok(())
}

/// Notes that the distributor has the content now; gives whether it is new.
pub(crate) async fn upsert_stored(
    c: &mut PgConnection,
    distributor: DistributorId,
    file: &Stored,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into files as f (distributor_id, sha256, state, size_bytes, content_type, uploaded_by, created_at,
                                 stored_at, next_attempt_at, width, height)
         values ($1, $2, 'stored', $3, $4, $5, $6, $6, $6, $7, $8)
         on conflict (distributor_id, sha256) do update set
           state = 'stored', size_bytes = excluded.size_bytes, content_type = excluded.content_type,
           uploaded_by = excluded.uploaded_by, stored_at = excluded.stored_at,
           next_attempt_at = excluded.next_attempt_at, width = excluded.width, height = excluded.height
         where f.state = 'waiting'",
        distributor.uuid(),
        file.sha256.as_str(),
        file.size_bytes,
        file.content_type,
        by.uuid(),
        at,
        i32::try_from(file.width).unwrap_or(i32::MAX),
        i32::try_from(file.height).unwrap_or(i32::MAX),
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A content that somebody may see.
#[derive(Debug)]
pub(crate) struct FileRow {
    pub size_bytes: i64,
    pub content_type: String,
    pub image_state: String,
}

/// The content, when one of the caller's distributors has it, or the one that is named.
pub(crate) async fn find_stored(
    c: &mut PgConnection,
    content: &BlobId,
    distributor: Option<DistributorId>,
) -> Result<Option<FileRow>, sqlx::Error> {
    sqlx::query_as!(
        FileRow,
        r#"select size_bytes as "size_bytes!", content_type as "content_type!", image_state
           from files where sha256 = $1 and state = 'stored' and ($2::uuid is null or distributor_id = $2)
           order by (image_state = 'ready') desc
           limit 1"#,
        content.as_str(),
        distributor.map(DistributorId::uuid),
    )
    .fetch_optional(c)
    .await
}

/// Whose upload of which content it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upload<'a> {
    pub distributor: DistributorId,
    pub user: UserId,
    pub content: &'a BlobId,
}

/// A part that is here.
#[derive(Debug)]
pub(crate) struct PartRow {
    pub first_byte: i64,
    pub length: i64,
    pub total: i64,
    pub blob: Uuid,
}

/// The parts of the sender's upload in order.
pub(crate) async fn list_parts(
    c: &mut PgConnection,
    upload: Upload<'_>,
) -> Result<Vec<PartRow>, sqlx::Error> {
    sqlx::query_as!(
        PartRow,
        "select first_byte, length, total, blob from file_parts
         where distributor_id = $1 and user_id = $2 and sha256 = $3
         order by first_byte",
        upload.distributor.uuid(),
        upload.user.uuid(),
        upload.content.as_str(),
    )
    .fetch_all(c)
    .await
}

/// Notes a part; gives false when another one that begins there was first.
pub(crate) async fn insert_part(
    c: &mut PgConnection,
    upload: Upload<'_>,
    part: &PartRow,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into file_parts (distributor_id, user_id, sha256, first_byte, length, total, blob, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict do nothing",
        upload.distributor.uuid(),
        upload.user.uuid(),
        upload.content.as_str(),
        part.first_byte,
        part.length,
        part.total,
        part.blob,
        at,
    )
    .execute(c)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets the upload's parts; gives their blobs.
pub(crate) async fn delete_parts(c: &mut PgConnection, upload: Upload<'_>) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "delete from file_parts where distributor_id = $1 and user_id = $2 and sha256 = $3 returning blob",
        upload.distributor.uuid(),
        upload.user.uuid(),
        upload.content.as_str(),
    )
    .fetch_all(c)
    .await
}

/// Notes a link that is given out.
pub(crate) async fn insert_link(
    c: &mut PgConnection,
    upload: Upload<'_>,
    link: Uuid,
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into file_links (distributor_id, id, user_id, sha256, expires_at) values ($1, $2, $3, $4, $5)",
        upload.distributor.uuid(),
        link,
        upload.user.uuid(),
        upload.content.as_str(),
        expires_at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The distributor that the caller's link is for.
pub(crate) async fn find_link(
    c: &mut PgConnection,
    user: UserId,
    content: &BlobId,
    link: Uuid,
) -> Result<Option<DistributorId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distributor_id as "distributor_id: DistributorId" from file_links
           where id = $1 and user_id = $2 and sha256 = $3"#,
        link,
        user.uuid(),
        content.as_str(),
    )
    .fetch_optional(c)
    .await
}

/// Forgets a link.
pub(crate) async fn delete_link(c: &mut PgConnection, link: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from file_links where id = $1", link).execute(c).await?;
    Ok(())
}

/// An image that waits for the worker.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub distributor: DistributorId,
    pub sha256: String,
    pub attempts: i16,
}

/// Takes an image that is due; nobody else gets it until `lease`.
pub(crate) async fn claim_image(
    c: &mut PgConnection,
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
) -> Result<Option<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        r#"update files f set attempts = f.attempts + 1, next_attempt_at = $2
           from (select distributor_id, sha256 from files
                 where state = 'stored' and image_state = 'waiting' and next_attempt_at <= $1
                 order by next_attempt_at
                 limit 1
                 for update skip locked) due
           where f.distributor_id = due.distributor_id and f.sha256 = due.sha256
           returning f.distributor_id as "distributor: DistributorId", f.sha256, f.attempts"#,
        now,
        lease,
    )
    .fetch_optional(c)
    .await
}

/// Gives the image back, to be tried again at `due`.
pub(crate) async fn postpone_image(
    c: &mut PgConnection,
    image: &Claimed,
    due: DateTime<Utc>,
    failure: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update files set next_attempt_at = $3, failure = $4 where distributor_id = $1 and sha256 = $2",
        image.distributor.uuid(),
        image.sha256,
        due,
        failure,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Marks the image as one that nothing can be made of.
pub(crate) async fn mark_broken(
    c: &mut PgConnection,
    image: &Claimed,
    failure: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update files set image_state = 'broken', next_attempt_at = null, failure = $3
         where distributor_id = $1 and sha256 = $2",
        image.distributor.uuid(),
        image.sha256,
        failure,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Marks the image as one whose thumbnails are here.
pub(crate) async fn mark_ready(
    c: &mut PgConnection,
    image: &Claimed,
    width: u32,
    height: u32,
    dhash: Option<u64>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update files set image_state = 'ready', next_attempt_at = null, failure = null, width = $3, height = $4,
                          dhash = $5
         where distributor_id = $1 and sha256 = $2",
        image.distributor.uuid(),
        image.sha256,
        i32::try_from(width).unwrap_or(i32::MAX),
        i32::try_from(height).unwrap_or(i32::MAX),
        dhash.map(u64::cast_signed),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Keeps the hash, and each content of the distributor that is near it, in both directions; gives how many. One
/// picture of a distributor at a time, so that of two that come at once the later sees the other.
pub(crate) async fn insert_hash(
    c: &mut PgConnection,
    image: &Claimed,
    dhash: u64,
    at: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let distributor = image.distributor.uuid();
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 2))", distributor.to_string())
        .execute(&mut *c)
        .await?;
    let (bands, values): (Vec<i16>, Vec<i32>) = crate::hash::neighbours(dhash).into_iter().unzip();
    let found = sqlx::query!(
        "with near as (
           select distinct b.sha256, bit_count((b.dhash # $4::bigint)::bit(64))::smallint as distance, $7::timestamptz as at
           from unnest($2::smallint[], $3::integer[]) as n (band, value)
           join photo_hash_bands b on b.distributor_id = $1 and b.band = n.band and b.value = n.value
           where b.sha256 <> $5 and bit_count((b.dhash # $4::bigint)::bit(64)) <= $6
         )
         insert into file_duplicates (distributor_id, sha256, other_sha256, distance, found_at)
         select $1, $5, sha256, distance, at from near
         union all
         select $1, sha256, $5, distance, at from near
         on conflict do nothing",
        distributor,
        &bands,
        &values,
        dhash.cast_signed(),
        image.sha256,
        i64::from(crate::hash::NEAR),
        at,
    )
    .execute(&mut *c)
    .await?
    .rows_affected();
    let (bands, values): (Vec<i16>, Vec<i32>) = crate::hash::bands(dhash).into_iter().unzip();
    sqlx::query!(
        "insert into photo_hash_bands (distributor_id, band, value, sha256, dhash)
         select $1, band, value, $4, $5 from unnest($2::smallint[], $3::integer[]) as n (band, value)
         on conflict do nothing",
        distributor,
        &bands,
        &values,
        image.sha256,
        dhash.cast_signed(),
    )
    .execute(c)
    .await?;
    Ok(found / 2)
}

/// Which repeated photos are listed.
#[derive(Debug)]
pub(crate) struct DuplicateFilter {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub user: Option<UserId>,
    pub photo: Option<PhotoId>,
    pub visit: Option<VisitId>,
}

/// Photos of visits of these days that repeat earlier ones of other visits, newest first, and how many there are.
pub(crate) async fn list_duplicates(
    c: &mut PgConnection,
    scope: Scope<'_>,
    filter: &DuplicateFilter,
    page: &Page,
) -> Result<(Vec<Duplicate>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select p.id as "photo_id: PhotoId", v.id as "visit_id: VisitId", p.sha256, p.album, p.captured_at,
                  v.user_id as "user_id: UserId", u.full_name, cu.id as "customer_id: CustomerId",
                  cu.name as customer_name, o.id as "other_photo_id: PhotoId", o.visit_id as "other_visit_id: VisitId",
                  o.sha256 as other_sha256, o.captured_at as other_captured_at, ou.full_name as other_full_name,
                  oc.id as "other_customer_id: CustomerId", oc.name as other_customer_name, d.distance as "distance!",
                  count(*) over () as "total!"
           from visits v
           join visit_photos p on p.distributor_id = v.distributor_id and p.visit_id = v.id
           join photo_duplicates d on d.distributor_id = p.distributor_id and d.photo_id = p.id
           join visit_photos o on o.distributor_id = p.distributor_id and o.id = d.other_photo_id
           join visits ov on ov.distributor_id = o.distributor_id and ov.id = o.visit_id
           join users u on u.id = v.user_id
           join users ou on ou.id = ov.user_id
           join customers cu on cu.distributor_id = v.distributor_id and cu.id = v.customer_id
           join customers oc on oc.distributor_id = ov.distributor_id and oc.id = ov.customer_id
           where v.business_date between $1 and $2
             and ($3::uuid is null or v.user_id = $3) and ($4::uuid[] is null or v.unit_id = any ($4))
             and ($5::uuid is null or v.user_id = $5)
             and ($6::uuid is null or p.id = $6) and ($7::uuid is null or v.id = $7)
             and (o.captured_at, o.id) < (p.captured_at, p.id)
           order by p.captured_at desc, p.id, o.captured_at, o.id
           limit $8 offset $9"#,
        filter.from,
        filter.to,
        scope.user(),
        units.as_deref(),
        filter.user.map(UserId::uuid),
        filter.photo.map(PhotoId::uuid),
        filter.visit.map(VisitId::uuid),
        page.limit(),
        page.offset(),
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let data = rows
        .into_iter()
        .map(|row| Duplicate {
            photo_id: row.photo_id,
            visit_id: row.visit_id,
            identical: row.sha256 == row.other_sha256,
            sha256: row.sha256,
            album_type: row.album,
            captured_at: row.captured_at,
            user_id: row.user_id,
            full_name: row.full_name,
            customer_id: row.customer_id,
            customer_name: row.customer_name,
            other_photo_id: row.other_photo_id,
            other_visit_id: row.other_visit_id,
            other_sha256: row.other_sha256,
            other_captured_at: row.other_captured_at,
            other_full_name: row.other_full_name,
            other_customer_id: row.other_customer_id,
            other_customer_name: row.other_customer_name,
            distance: row.distance,
        })
        .collect();
    Ok((data, total))
}

/// Forgets parts and links from before `before`, at most `limit` of each; gives their blobs.
pub(crate) async fn delete_old_parts(
    c: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<(Vec<Uuid>, Vec<Uuid>), sqlx::Error> {
    let parts = sqlx::query_scalar!(
        "delete from file_parts
         where (distributor_id, user_id, sha256, first_byte) in (
           select distributor_id, user_id, sha256, first_byte from file_parts
           where received_at < $1 order by received_at limit $2)
         returning blob",
        before,
        limit,
    )
    .fetch_all(&mut *c)
    .await?;
    let links = sqlx::query_scalar!(
        "delete from file_links where id in (select id from file_links where expires_at < $1 limit $2) returning id",
        before,
        limit,
    )
    .fetch_all(c)
    .await?;
    Ok((parts, links))
}

/// Contents from before `before` that no record is known to refer to.
pub(crate) async fn list_unreferred(
    c: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"(select sha256 as "sha256!" from files where not referred and created_at < $1 order by created_at limit $2)
           union
           (select sha256 from loose_contents where since < $1 order by since limit $2)"#,
        before,
        limit,
    )
    .fetch_all(c)
    .await
}

/// Marks those of the contents that a record refers to after all.
pub(crate) async fn mark_referred(c: &mut PgConnection, contents: &[String]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update files set referred = true where not referred and sha256 in (select referred_contents($1))",
        contents,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Forgets the content where nobody refers to it; gives whether nobody has it any more, no distributor and not the
/// company. Whoever stores it waits meanwhile.
pub(crate) async fn delete_unreferred(
    c: &mut PgConnection,
    content: &BlobId,
    before: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 1))", content.as_str())
        .execute(&mut *c)
        .await?;
    sqlx::query!(
        "delete from files where sha256 = $1 and not referred and created_at < $2
           and not exists (select from referred_contents(array[$1]))",
        content.as_str(),
        before,
    )
    .execute(&mut *c)
    .await?;
    sqlx::query!("delete from loose_contents where sha256 = $1 and since < $2", content.as_str(), before)
        .execute(&mut *c)
        .await?;
    // In one statement: who takes a record away notes the content as loose in the same moment.
    let anybody = sqlx::query_scalar!(
        r#"select exists (select from files where sha256 = $1)
             or exists (select from loose_contents where sha256 = $1)
             or exists (select from referred_contents(array[$1])) as "anybody!""#,
        content.as_str(),
    )
    .fetch_one(c)
    .await?;
    Ok(!anybody)
}
