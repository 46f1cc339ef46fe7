//! Pictures of the company itself, which belong to no distributor. There are few, so they are made smaller at once.

use std::sync::{Arc, LazyLock};

use adapters::blob::{BlobId, Key};
use bytes::Bytes;
use db::PgConnection;
use platform::{ApiError, ApiResult, App};
use tokio::sync::Semaphore;

use crate::error::FileError;
use crate::image::{self, LARGE, Made, SMALL};
use crate::{MAX_BYTES, store};

/// Decoding may take half a gigabyte.
static ONE_AT_A_TIME: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1)));

/// A picture that can be shown, still to be stored.
#[derive(Debug)]
pub struct Picture {
    /// Its name.
    pub sha256: BlobId,
    /// `image/jpeg`, `image/png` or `image/webp`, by its bytes.
    pub content_type: &'static str,
    bytes: Bytes,
    made: Made,
}

impl Picture {
    /// Looks whether the bytes are a picture, and makes smaller ones of it.
    ///
    /// # Errors
    /// 413 and 422 as [`FileError`] says.
    pub async fn read(bytes: Bytes) -> ApiResult<Self> {
        if bytes.len() > MAX_BYTES {
            return Err(FileError::TooLarge.into());
        }
        let turn = ONE_AT_A_TIME.clone().acquire_owned().await.map_err(ApiError::internal)?;
        let read = move || {
            // The work goes on when the request is given up.
            let _turn = turn;
            let header = image::header(&bytes)?;
            let made = image::make(&bytes).map_err(|_| FileError::NotAnImage)?;
            let sha256 = BlobId::of(&bytes);
            Ok::<_, FileError>(Picture { sha256, content_type: header.content_type, bytes, made })
        };
        Ok(tokio::task::spawn_blocking(read).await.map_err(ApiError::internal)??)
    }

    /// Stores the picture. Belongs into the transaction that writes the record which refers to it, before that: from
    /// here on the sweeper can't take it.
    ///
    /// # Errors
    /// When the database or the store refuses.
    pub async fn store(&self, c: &mut PgConnection, app: &App) -> ApiResult<()> {
        store::hold(c, &self.sha256).await?;
        for (key, bytes) in [
            (Key::content(&self.sha256), self.bytes.clone()),
            (Key::thumbnail(&self.sha256, SMALL), self.made.small.clone().into()),
            (Key::thumbnail(&self.sha256, LARGE), self.made.large.clone().into()),
        ] {
            app.blobs.write(&key, bytes).await.map_err(ApiError::internal)?;
        }
        Ok(())
    }
}
