//! Photos that a record has beside its data: an outlet's, a distributor's.

use adapters::blob::BlobId;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::{DistributorId, PhotoId, UserId};
use platform::{ApiResult, App, Caller, Checks};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::form::Form;
use crate::service;

/// So many photos a record has at most.
pub const MAX_PHOTOS: usize = 20;

/// A photo of a record. Its bytes are at `/files/{sha256}`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordPhoto {
    /// Its id.
    pub photo_id: PhotoId,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// What it shows; may be empty.
    pub caption: String,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub content_type: String,
    /// Bytes.
    pub size_bytes: i64,
    /// Who added it.
    pub user_id: UserId,
    /// Their name.
    pub full_name: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl AsRef<RecordPhoto> for RecordPhoto {
    fn as_ref(&self) -> &RecordPhoto {
        self
    }
}

/// A photo as it came, checked but not stored.
#[derive(Debug)]
pub struct SentPhoto {
    id: PhotoId,
    caption: String,
    bytes: Bytes,
}

impl SentPhoto {
    /// From a form that may have an `id` and a `caption`.
    ///
    /// # Errors
    /// 400 when one of them is not valid.
    pub fn read(form: Form) -> ApiResult<Self> {
        let mut checks = Checks::default();
        let caption = checks.text("caption", form.text("caption"), 200);
        checks.done()?;
        let id = form.parsed("id")?.unwrap_or_else(|| PhotoId::new(Uuid::now_v7()));
        Ok(SentPhoto { id, caption, bytes: form.photo })
    }

    /// Stores the bytes for the distributor, for which the caller must be allowed to act, in a transaction of its own.
    ///
    /// # Errors
    /// As [`service::put`].
    pub async fn store(self, app: &App, caller: &Caller, distributor: DistributorId) -> ApiResult<NewPhoto> {
        let stored = service::put(app, caller, distributor, self.bytes).await?;
        Ok(NewPhoto { id: self.id, content: stored.sha256, caption: self.caption, by: caller.user_id })
    }
}

/// A photo to add, whose bytes are here.
#[derive(Debug)]
pub struct NewPhoto {
    /// Its id.
    pub id: PhotoId,
    /// Its bytes.
    pub content: BlobId,
    /// What it shows; may be empty.
    pub caption: String,
    /// Who adds it.
    pub by: UserId,
}

/// How a new photo goes with those that the record has.
#[derive(Debug)]
pub enum Fit<P> {
    /// It is news.
    New,
    /// It came before, as this one.
    Known(P),
    /// Another one of them has its id.
    IdTaken,
    /// There are as many as there may be.
    TooMany,
}

impl NewPhoto {
    /// How it goes with those that the record has.
    pub fn fit<P: AsRef<RecordPhoto>>(&self, photos: Vec<P>) -> Fit<P> {
        let count = photos.len();
        for photo in photos {
            let other = photo.as_ref();
            if other.sha256 == self.content.as_str() {
                return Fit::Known(photo);
            }
            if other.photo_id == self.id {
                return Fit::IdTaken;
            }
        }
        if count < MAX_PHOTOS { Fit::New } else { Fit::TooMany }
    }
}
