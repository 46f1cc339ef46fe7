use chrono::{DateTime, Utc};
use domain::{Coordinates, DisplayProgramId, DistributorId, PhotoId, VisitId};
use platform::Scope;
use sqlx::PgConnection;

use crate::model::{Photo, PhotoTwin};

/// A photo to write.
#[derive(Debug)]
pub(crate) struct PhotoRow<'a> {
    pub id: PhotoId,
    pub visit: VisitId,
    pub sha256: &'a str,
    pub content_type: Option<&'a str>,
    pub size_bytes: Option<i64>,
    pub album: &'a str,
    pub display_program: Option<DisplayProgramId>,
    pub place: Option<Coordinates>,
    pub captured_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
}

/// Adds the photo.
pub(crate) async fn insert_photo(
    c: &mut PgConnection,
    distributor: DistributorId,
    photo: &PhotoRow<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into visit_photos (distributor_id, id, visit_id, sha256, content_type, size_bytes, album, latitude,
                                   longitude, captured_at, received_at, display_program_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        distributor.uuid(),
        photo.id.uuid(),
        photo.visit.uuid(),
        photo.sha256,
        photo.content_type,
        photo.size_bytes,
        photo.album,
        photo.place.map(Coordinates::latitude),
        photo.place.map(Coordinates::longitude),
        photo.captured_at,
        photo.received_at,
        photo.display_program.map(DisplayProgramId::uuid),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The photo with this id, or the one of the same content in the same album of the visit.
pub(crate) async fn find_same_photo(
    c: &mut PgConnection,
    distributor: DistributorId,
    photo: &PhotoRow<'_>,
) -> Result<Option<Photo>, sqlx::Error> {
    sqlx::query_as!(
        Photo,
        r#"select id as "photo_id: PhotoId", visit_id as "visit_id: VisitId", album as album_type, sha256, content_type,
                  size_bytes, display_program_id as "display_program_id: DisplayProgramId", latitude, longitude, captured_at
           from visit_photos
           where distributor_id = $1 and (id = $2 or (visit_id = $3 and sha256 = $4 and album = $5
                                                      and display_program_id is not distinct from $6))
           order by (id = $2) desc, received_at, id
           limit 1"#,
        distributor.uuid(),
        photo.id.uuid(),
        photo.visit.uuid(),
        photo.sha256,
        photo.album,
        photo.display_program.map(DisplayProgramId::uuid),
    )
    .fetch_optional(c)
    .await
}

/// The photos of a visit as they were taken.
pub(crate) async fn list_photos(
    c: &mut PgConnection,
    distributor: DistributorId,
    visit: VisitId,
) -> Result<Vec<Photo>, sqlx::Error> {
    sqlx::query_as!(
        Photo,
        r#"select id as "photo_id: PhotoId", visit_id as "visit_id: VisitId", album as album_type, p.sha256,
                  coalesce(f.content_type, p.content_type) as content_type,
                  coalesce(f.size_bytes, p.size_bytes) as size_bytes,
                  display_program_id as "display_program_id: DisplayProgramId", latitude, longitude, captured_at
           from visit_photos p
           left join files f on f.distributor_id = p.distributor_id and f.sha256 = p.sha256 and f.state = 'stored'
           where p.distributor_id = $1 and p.visit_id = $2
           order by p.captured_at, p.id"#,
        distributor.uuid(),
        visit.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Photos of other visits with the same bytes as these, or that show the same: at most 100, the most alike first.
pub(crate) async fn list_twins(
    c: &mut PgConnection,
    distributor: DistributorId,
    visit: VisitId,
) -> Result<Vec<PhotoTwin>, sqlx::Error> {
    sqlx::query_as!(
        PhotoTwin,
        r#"select d.photo_id as "photo_id!: PhotoId", d.other_photo_id as "other_photo_id!: PhotoId",
             d.other_visit_id as "other_visit_id!: VisitId", d.other_captured_at as "other_captured_at!",
             cu.name as other_customer_name, d.distance as "distance!"
           from photo_duplicates d
           join visits v on v.distributor_id = d.distributor_id and v.id = d.other_visit_id
           join customers cu on cu.distributor_id = v.distributor_id and cu.id = v.customer_id
           where d.distributor_id = $1 and d.visit_id = $2
           order by d.distance, d.other_captured_at, d.other_photo_id limit 100"#,
        distributor.uuid(),
        visit.uuid(),
    )
    .fetch_all(c)
    .await
}

/// The digest of a photo, when the scope shows its visit, and the media type that its bytes were found to have: none until
/// they are here, whatever the phone said.
pub(crate) async fn find_content(
    c: &mut PgConnection,
    scope: Scope<'_>,
    visit: VisitId,
    photo: PhotoId,
) -> Result<Option<(String, Option<String>)>, sqlx::Error> {
    let units = scope.units();
    let row = sqlx::query!(
        r#"select p.sha256, f.content_type as "content_type?"
         from visit_photos p join visits v on v.distributor_id = p.distributor_id and v.id = p.visit_id
         left join files f on f.distributor_id = p.distributor_id and f.sha256 = p.sha256 and f.state = 'stored'
         where p.id = $1 and v.id = $2
           and ($3::uuid is null or v.user_id = $3) and ($4::uuid[] is null or v.unit_id = any ($4))"#,
        photo.uuid(),
        visit.uuid(),
        scope.user(),
        units.as_deref(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|row| (row.sha256, row.content_type)))
}
