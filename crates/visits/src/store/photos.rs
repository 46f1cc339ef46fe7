use chrono::{DateTime, Utc};
use domain::{Coordinates, DistributorId, PhotoId, VisitId};
use platform::Scope;
use sqlx::PgConnection;

use crate::model::Photo;

/// A photo that arrives.
#[derive(Debug)]
pub(crate) struct NewPhoto {
    pub id: PhotoId,
    pub visit: VisitId,
    pub sha256: String,
    pub content_type: &'static str,
    pub size_bytes: i64,
    pub album: String,
    pub place: Option<Coordinates>,
    pub captured_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
}

/// Adds the photo.
pub(crate) async fn insert_photo(
    c: &mut PgConnection,
    distributor: DistributorId,
    photo: &NewPhoto,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into visit_photos (distributor_id, id, visit_id, sha256, content_type, size_bytes, album, latitude,
                                   longitude, captured_at, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
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
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The photo with this id, or the one of the same content in the same album of the visit.
pub(crate) async fn find_same_photo(
    c: &mut PgConnection,
    distributor: DistributorId,
    photo: &NewPhoto,
) -> Result<Option<Photo>, sqlx::Error> {
    sqlx::query_as!(
        Photo,
        r#"select id as "photo_id: PhotoId", visit_id as "visit_id: VisitId", album as album_type, sha256, content_type,
                  size_bytes, latitude, longitude, captured_at
           from visit_photos
           where distributor_id = $1 and (id = $2 or (visit_id = $3 and sha256 = $4 and album = $5))
           order by (id = $2) desc, received_at, id
           limit 1"#,
        distributor.uuid(),
        photo.id.uuid(),
        photo.visit.uuid(),
        photo.sha256,
        photo.album,
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
        r#"select id as "photo_id: PhotoId", visit_id as "visit_id: VisitId", album as album_type, sha256, content_type,
                  size_bytes, latitude, longitude, captured_at
           from visit_photos where distributor_id = $1 and visit_id = $2
           order by captured_at, id"#,
        distributor.uuid(),
        visit.uuid(),
    )
    .fetch_all(c)
    .await
}

/// The digest and media type of a photo, when the scope shows its visit.
pub(crate) async fn find_content(
    c: &mut PgConnection,
    scope: Scope<'_>,
    visit: VisitId,
    photo: PhotoId,
) -> Result<Option<(String, String)>, sqlx::Error> {
    let units = scope.units();
    let row = sqlx::query!(
        "select p.sha256, p.content_type
         from visit_photos p join visits v on v.distributor_id = p.distributor_id and v.id = p.visit_id
         where p.id = $1 and v.id = $2
           and ($3::uuid is null or v.user_id = $3) and ($4::uuid[] is null or v.unit_id = any ($4))",
        photo.uuid(),
        visit.uuid(),
        scope.user(),
        units.as_deref(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|row| (row.sha256, row.content_type)))
}
