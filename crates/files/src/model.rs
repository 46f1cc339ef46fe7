use adapters::blob::BlobId;
use chrono::{DateTime, Utc};
use domain::{CustomerId, PhotoId, UserId, VisitId};
use serde::Serialize;
use utoipa::ToSchema;

/// An image that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub sha256: BlobId,
    /// `image/jpeg`, `image/png` or `image/webp`, by its bytes.
    pub content_type: &'static str,
    /// Bytes.
    pub size_bytes: i64,
    /// Pixels across, held upright.
    pub width: u32,
    /// Pixels down, held upright.
    pub height: u32,
}

/// A photo and an earlier one, taken at another visit, that is the same or shows the same.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Duplicate {
    /// The photo.
    pub photo_id: PhotoId,
    /// The visit it was taken at.
    pub visit_id: VisitId,
    /// The digest of the photo.
    pub sha256: String,
    /// Its album.
    pub album_type: String,
    /// When it was taken, by the device.
    pub captured_at: DateTime<Utc>,
    /// Who took it.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// The outlet.
    pub customer_id: CustomerId,
    /// Its name.
    pub customer_name: String,
    /// The photo it repeats.
    pub other_photo_id: PhotoId,
    /// The visit that one was taken at.
    pub other_visit_id: VisitId,
    /// The digest of that photo.
    pub other_sha256: String,
    /// When that one was taken.
    pub other_captured_at: DateTime<Utc>,
    /// Who took that one.
    pub other_full_name: String,
    /// The outlet of that one.
    pub other_customer_id: CustomerId,
    /// Its name.
    pub other_customer_name: String,
    /// In how many of 64 bits the pictures differ, 0 to 7; 0 for the same bytes too.
    pub distance: i16,
    /// Whether the bytes are the same.
    pub identical: bool,
}
