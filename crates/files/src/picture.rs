//! Pictures of the company itself, which belong to no distributor. There are few, so they are made smaller at once.

use std::sync::{Arc, LazyLock};

use adapters::blob::{BlobId, Key};
use bytes::Bytes;
use db::Context;
use platform::{ApiError, ApiResult, App, transaction};
use tokio::sync::Semaphore;

use crate::error::FileError;
use crate::image::{self, LARGE, SMALL};
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
    small: Bytes,
    large: Bytes,
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
            Ok::<_, FileError>(Picture {
                sha256: BlobId::of(&bytes),
                content_type: header.content_type,
                bytes,
                small: made.small.into(),
                large: made.large.into(),
            })
        };
        Ok(tokio::task::spawn_blocking(read).await.map_err(ApiError::internal)??)
    }

    /// Stores the picture for a record that is still to be written. The sweeper leaves it alone as long as one whose
    /// record is gone, so the record's transaction may begin when the bytes are here.
    ///
    /// # Errors
    /// When the database or the store refuses.
    pub async fn store(&self, app: &App, cx: &Context) -> ApiResult<()> {
        transaction!(app.db, cx, "files.keep_picture", |tx| {
            // A sweep of the same content ends first.
            store::hold(tx, &self.sha256).await?;
            Ok(store::keep_loose(tx, self.sha256.as_str(), app.now()).await?)
        })?;
        let [whole, small, large] = [
            Key::content(&self.sha256),
            Key::thumbnail(&self.sha256, SMALL),
            Key::thumbnail(&self.sha256, LARGE),
        ];
        tokio::try_join!(
            app.blobs.write(&whole, self.bytes.clone()),
            app.blobs.write(&small, self.small.clone()),
            app.blobs.write(&large, self.large.clone()),
        )
        .map_err(ApiError::internal)?;
        Ok(())
    }
}
