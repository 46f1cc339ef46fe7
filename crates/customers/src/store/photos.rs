//! The SQL of outlets' photos.

use chrono::{DateTime, Utc};
use domain::{CustomerId, DistributorId, PhotoId, UserId};
use files::photos::{NewPhoto, RecordPhoto};
use sqlx::PgConnection;

/// The outlet's photos, as they were added.
pub(crate) async fn list_photos(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
) -> Result<Vec<RecordPhoto>, sqlx::Error> {
    sqlx::query_as!(
        RecordPhoto,
        r#"select p.id as "photo_id: PhotoId", p.sha256, p.caption, coalesce(f.content_type, '') as "content_type!",
             coalesce(f.size_bytes, 0) as "size_bytes!", p.created_by as "user_id: UserId",
             coalesce(u.full_name, '') as "full_name!", p.created_at
           from customer_photos p
           left join files f on f.distributor_id = p.distributor_id and f.sha256 = p.sha256
           left join users u on u.id = p.created_by
           where p.distributor_id = $1 and p.customer_id = $2
           order by p.created_at, p.id"#,
        distributor.uuid(),
        customer.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Adds a photo.
pub(crate) async fn insert_photo(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    photo: &NewPhoto,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into customer_photos (distributor_id, id, customer_id, sha256, caption, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        distributor.uuid(),
        photo.id.uuid(),
        customer.uuid(),
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
pub(crate) async fn delete_photo(
    c: &mut PgConnection,
    distributor: DistributorId,
    photo: PhotoId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from customer_photos where distributor_id = $1 and id = $2",
        distributor.uuid(),
        photo.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
}
