//! Photos of distributors.

use chrono::{DateTime, Utc};
use db::PgConnection;
use domain::{DistributorId, PhotoId, UserId};
use files::photos::{NewPhoto, RecordPhoto};

use super::word;
use crate::model::{DistributorPhoto, DistributorPhotoKind};

/// The distributor's photos, as they were added.
pub async fn list(c: &mut PgConnection, id: DistributorId) -> Result<Vec<DistributorPhoto>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select p.id as "photo_id: PhotoId", p.kind, p.sha256, p.caption, coalesce(f.content_type, '') as "content_type!",
             coalesce(f.size_bytes, 0) as "size_bytes!", p.created_by as "user_id: UserId",
             coalesce(u.full_name, '') as "full_name!", p.created_at
           from distributor_photos p
           left join files f on f.distributor_id = p.distributor_id and f.sha256 = p.sha256
           left join users u on u.id = p.created_by
           where p.distributor_id = $1
           order by p.created_at, p.id"#,
        id.uuid(),
    )
    .fetch_all(c)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DistributorPhoto {
                kind: word(&row.kind)?,
                photo: RecordPhoto {
                    photo_id: row.photo_id,
                    sha256: row.sha256,
                    caption: row.caption,
                    content_type: row.content_type,
                    size_bytes: row.size_bytes,
                    user_id: row.user_id,
                    full_name: row.full_name,
                    created_at: row.created_at,
                },
            })
        })
        .collect()
}

/// Adds a photo.
pub async fn insert(
    c: &mut PgConnection,
    id: DistributorId,
    kind: DistributorPhotoKind,
    photo: &NewPhoto,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into distributor_photos (distributor_id, id, kind, sha256, caption, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        id.uuid(),
        photo.id.uuid(),
        kind.as_str(),
        photo.content.as_str(),
        photo.caption,
        photo.by.uuid(),
        at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Removes a photo.
pub async fn delete(c: &mut PgConnection, id: DistributorId, photo: PhotoId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from distributor_photos where distributor_id = $1 and id = $2",
        id.uuid(),
        photo.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
}
