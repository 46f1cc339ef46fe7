//! Taking contents in: whole, in parts, by a link.

use adapters::blob::{BlobId, Key, Link, Passing};
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, TimeDelta, Utc};
use domain::DistributorId;
use platform::{ApiError, ApiResult, App, Caller, transaction};
use uuid::Uuid;

use crate::MAX_BYTES;
use crate::error::FileError;
use crate::image::{self, Header};
use crate::model::Stored;
use crate::store::{self, PartRow, Upload};

/// A part that is not the last has at least so many bytes: a file is at most a few hundred parts.
const MIN_PART: usize = 64 * 1024;
/// A link to the store lives so long.
const LINK_LIFE: TimeDelta = TimeDelta::minutes(30);

/// Stores an image for the distributor, in a transaction of its own. Storing it again changes nothing.
///
/// The caller must be allowed to act for the distributor. A record that refers to the image says so with
/// [`store::register`].
///
/// # Errors
/// 413 and 422 as [`FileError`] says.
pub async fn put(app: &App, caller: &Caller, distributor: DistributorId, bytes: Bytes) -> ApiResult<Stored> {
    let (sha256, header) = examined(&bytes).await?;
    keep(app, caller, distributor, sha256, header?, bytes).await.map(|(stored, _)| stored)
}

/// Stores an image under the name that the sender gave it; gives whether it is new.
pub(crate) async fn put_as(
    app: &App,
    caller: &Caller,
    distributor: DistributorId,
    name: &BlobId,
    bytes: Bytes,
) -> ApiResult<(Stored, bool)> {
    let (actual, header) = examined(&bytes).await?;
    // The digest first: bytes that were changed on their way are no image either.
    if actual != *name {
        return Err(FileError::Digest(actual.as_str().to_owned()).into());
    }
    keep(app, caller, distributor, actual, header?, bytes).await
}

/// Hashing 15 MB takes long enough to be done beside the requests.
async fn examined(bytes: &Bytes) -> ApiResult<(BlobId, Result<Header, FileError>)> {
    if bytes.len() > MAX_BYTES {
        return Err(FileError::TooLarge.into());
    }
    let bytes = bytes.clone();
    tokio::task::spawn_blocking(move || (BlobId::of(&bytes), image::header(&bytes)))
        .await
        .map_err(ApiError::internal)
}

async fn keep(
    app: &App,
    caller: &Caller,
    distributor: DistributorId,
    sha256: BlobId,
    header: Header,
    bytes: Bytes,
) -> ApiResult<(Stored, bool)> {
    let size_bytes = i64::try_from(bytes.len()).map_err(ApiError::internal)?;
    let Header { content_type, width, height } = header;
    let stored = Stored { sha256, content_type, size_bytes, width, height };
    // First the bytes, then the row that says they are here.
    app.blobs.put(bytes.clone()).await.map_err(ApiError::internal)?;
    let new = transaction!(app.db, caller.context(), "files.put", |tx| {
        store::hold(tx, &stored.sha256).await?;
        // From here on the sweeper can't take them; before, it may have. Storing them again does no harm.
        app.blobs.put(bytes.clone()).await.map_err(ApiError::internal)?;
        Ok(store::upsert_stored(tx, distributor, &stored, caller.user_id, app.now()).await?)
    })?;
    Ok((stored, new))
}

/// How much of an upload is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The first bytes.
    Partly { received: u64 },
    /// All of it; whether that is news.
    Whole { file: Stored, new: bool },
    /// All of it, since before.
    Known,
}

/// A part of a content: where it begins, and how large the whole is.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub first: u64,
    pub total: u64,
    pub bytes: Bytes,
}

/// Takes the next part of an upload. What overlaps with what is here is passed over; the last part makes the content
/// whole, which is then checked.
pub(crate) async fn put_part(
    app: &App,
    caller: &Caller,
    distributor: DistributorId,
    name: &BlobId,
    part: Part,
) -> ApiResult<Progress> {
    if usize::try_from(part.total).map_or(true, |total| total > MAX_BYTES) {
        return Err(FileError::TooLarge.into());
    }
    let upload = Upload { distributor, user: caller.user_id, content: name };
    let mut tx = app.db.lookup(caller.context()).await?;
    if store::exists(&mut tx, distributor, name).await? {
        return Ok(Progress::Known);
    }
    let mut parts = store::list_parts(&mut tx, upload).await?;
    drop(tx);
    let total = signed(part.total)?;
    if parts.iter().any(|known| known.total != total) {
        forget(app, caller, upload).await?;
        return Err(FileError::SizeChanged.into());
    }
    let received = received(&parts);
    if part.first > received {
        return Err(FileError::Gap { received }.into());
    }
    let known = usize::try_from(received - part.first).map_err(ApiError::internal)?;
    if known < part.bytes.len() {
        let fresh = part.bytes.slice(known..);
        let end = received + u64::try_from(fresh.len()).map_err(ApiError::internal)?;
        if end < part.total && fresh.len() < MIN_PART {
            return Err(FileError::SmallPart.into());
        }
        let row = PartRow {
            first_byte: signed(received)?,
            length: i64::try_from(fresh.len()).map_err(ApiError::internal)?,
            total,
            blob: Uuid::now_v7(),
        };
        let key = Key::passing(Passing::Part, row.blob);
        app.blobs.write(&key, fresh).await.map_err(ApiError::internal)?;
        let first = transaction!(app.db, caller.context(), "files.put_part", |tx| {
            Ok(store::insert_part(tx, upload, &row, app.now()).await?)
        })?;
        if first {
            parts.push(row);
        } else {
            // The same part at the same moment, by another way.
            app.blobs.remove(&key).await.map_err(ApiError::internal)?;
            let mut tx = app.db.lookup(caller.context()).await?;
            parts = store::list_parts(&mut tx, upload).await?;
        }
    }
    let received = self::received(&parts);
    if received < part.total {
        return Ok(Progress::Partly { received });
    }
    finish(app, caller, upload, &parts).await
}

async fn finish(app: &App, caller: &Caller, upload: Upload<'_>, parts: &[PartRow]) -> ApiResult<Progress> {
    let mut whole = BytesMut::new();
    for part in parts {
        let key = Key::passing(Passing::Part, part.blob);
        match app.blobs.read(&key).await.map_err(ApiError::internal)? {
            Some(bytes) => whole.extend_from_slice(&bytes),
            // Another request made it whole meanwhile, or found it wrong.
            None => {
                let mut tx = app.db.lookup(caller.context()).await?;
                if store::exists(&mut tx, upload.distributor, upload.content).await? {
                    return Ok(Progress::Known);
                }
                drop(tx);
                forget(app, caller, upload).await?;
                return Err(FileError::Gap { received: 0 }.into());
            }
        }
    }
    let kept = put_as(app, caller, upload.distributor, upload.content, whole.freeze()).await;
    if kept.as_ref().err().is_none_or(|error| error.status().is_client_error()) {
        forget(app, caller, upload).await?;
    }
    kept.map(|(file, new)| Progress::Whole { file, new })
}

async fn forget(app: &App, caller: &Caller, upload: Upload<'_>) -> ApiResult<()> {
    let blobs = transaction!(app.db, caller.context(), "files.forget_parts", |tx| {
        Ok(store::delete_parts(tx, upload).await?)
    })?;
    for blob in blobs {
        app.blobs.remove(&Key::passing(Passing::Part, blob)).await.map_err(ApiError::internal)?;
    }
    Ok(())
}

/// How much of the upload is here, from the beginning.
pub(crate) fn received(parts: &[PartRow]) -> u64 {
    let end = parts.iter().fold(0, |end, part| if part.first_byte == end { end + part.length } else { end });
    u64::try_from(end).unwrap_or(0)
}

fn signed(n: u64) -> ApiResult<i64> {
    i64::try_from(n).map_err(ApiError::internal)
}

/// Leave to send a content straight to the store.
#[derive(Debug)]
pub(crate) struct Leave {
    pub id: Uuid,
    pub link: Link,
    pub expires_at: DateTime<Utc>,
}

/// A link for sending the content; none when the distributor has it.
pub(crate) async fn link(
    app: &App,
    caller: &Caller,
    distributor: DistributorId,
    name: &BlobId,
) -> ApiResult<Option<Leave>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    if store::exists(&mut tx, distributor, name).await? {
        return Ok(None);
    }
    drop(tx);
    let (id, expires_at) = (Uuid::now_v7(), app.now() + LINK_LIFE);
    // Not under the content's own name: whoever may write there could put other bytes in its place.
    let key = Key::passing(Passing::Link, id);
    let life = LINK_LIFE.to_std().map_err(ApiError::internal)?;
    let link = app.blobs.link(&key, life).await.map_err(ApiError::internal)?.ok_or(FileError::NoLinks)?;
    transaction!(app.db, caller.context(), "files.link", |tx| {
        let upload = Upload { distributor, user: caller.user_id, content: name };
        store::insert_link(tx, upload, id, expires_at).await?;
        Ok(())
    })?;
    Ok(Some(Leave { id, link, expires_at }))
}

/// Takes in what was sent by a link.
pub(crate) async fn take_linked(
    app: &App,
    caller: &Caller,
    name: &BlobId,
    link: Uuid,
) -> ApiResult<(Stored, bool)> {
    let mut tx = app.db.lookup(caller.context()).await?;
    let distributor =
        store::find_link(&mut tx, caller.user_id, name, link).await?.ok_or(FileError::UnknownLink)?;
    drop(tx);
    let key = Key::passing(Passing::Link, link);
    let size = app.blobs.size(&key).await.map_err(ApiError::internal)?.ok_or(FileError::NothingSent)?;
    let kept = if usize::try_from(size).map_or(true, |size| size > MAX_BYTES) {
        Err(FileError::TooLarge.into())
    } else {
        let bytes = app.blobs.read(&key).await.map_err(ApiError::internal)?.ok_or(FileError::NothingSent)?;
        put_as(app, caller, distributor, name, bytes).await
    };
    if kept.as_ref().err().is_none_or(|error| error.status().is_client_error()) {
        app.blobs.remove(&key).await.map_err(ApiError::internal)?;
        if kept.is_ok() {
            transaction!(app.db, caller.context(), "files.link_done", |tx| {
                store::delete_link(tx, link).await?;
                Ok(())
            })?;
        }
    }
    kept
}
