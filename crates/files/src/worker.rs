//! Behind the requests: thumbnails and hashes of new images, and sweeping up.

use std::time::{Duration, SystemTime};

use adapters::blob::{BlobId, Key, Passing};
use chrono::TimeDelta;
use db::Context;
use platform::App;
use tokio_util::sync::CancellationToken;

use crate::image::{self, LARGE, Made, SMALL};
use crate::store::{self, Claimed};

/// How often to look for new images.
const LOOK: Duration = Duration::from_secs(1);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// A worker that doesn't come back from an image in so long has died on it.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// After so many deaths or failures an image is left alone.
const MAX_ATTEMPTS: i16 = 6;
/// Parts of uploads that nobody went on with are kept so long.
const PARTS_LIVE: TimeDelta = TimeDelta::days(1);
/// A content that no record refers to is kept so long: the record may come a week later.
const CONTENT_LIVES: TimeDelta = TimeDelta::days(30);
const BATCH: i64 = 500;

/// Makes thumbnails until told to stop.
pub async fn run(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let wait = match make_next(&app).await {
            Ok(true) => continue,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::warn!(%error, "images can't be taken up; trying again");
                PAUSE_AFTER_FAILURE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// A pass of the worker failed; what was done before stays done.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
    /// The store of files failed.
    #[error(transparent)]
    Store(#[from] adapters::blob::Error),
}

/// Works on the next image that is due; gives false when there is none.
///
/// # Errors
/// When the database refuses. What goes wrong with the image itself is noted at the image.
pub async fn make_next(app: &App) -> Result<bool, WorkError> {
    let cx = Context::system("images");
    let now = app.now();
    let mut tx = app.db.begin(&cx).await?;
    let Some(claimed) = store::claim_image(&mut tx, now, now + LEASE).await? else { return Ok(false) };
    if claimed.attempts > MAX_ATTEMPTS {
        // Those before ended without a word: the process died on it.
        tracing::error!(sha256 = claimed.sha256, "an image is given up");
        store::mark_broken(&mut tx, &claimed, "given up after several attempts").await?;
        tx.commit().await?;
        return Ok(true);
    }
    tx.commit().await?;
    let outcome = made(app, &claimed).await;
    let mut tx = app.db.begin(&cx).await?;
    match outcome {
        Ok(made) => {
            store::mark_ready(&mut tx, &claimed, made.width, made.height, made.dhash).await?;
            if let Some(dhash) = made.dhash {
                let found = store::insert_hash(&mut tx, &claimed, dhash, app.now()).await?;
                metrics::counter!("photo_duplicates_total").increment(found);
            }
            metrics::counter!("images_made_total").increment(1);
        }
        Err(Failure::Image(why)) => {
            tracing::warn!(sha256 = claimed.sha256, why, "an image can't be decoded");
            store::mark_broken(&mut tx, &claimed, &why).await?;
        }
        Err(Failure::Passing(why)) => {
            let pause = TimeDelta::seconds(30 << claimed.attempts.clamp(0, 6));
            tracing::warn!(sha256 = claimed.sha256, why, "an image must wait");
            store::postpone_image(&mut tx, &claimed, app.now() + pause, &why).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}

enum Failure {
    /// It will never work.
    Image(String),
    /// It may work later.
    Passing(String),
}

async fn made(app: &App, claimed: &Claimed) -> Result<Made, Failure> {
    let id = BlobId::parse(&claimed.sha256).ok_or_else(|| Failure::Image("not a digest".to_owned()))?;
    let later = |e: adapters::blob::Error| Failure::Passing(chain(&e));
    let bytes = app.blobs.get(&id).await.map_err(later)?;
    let bytes = bytes.ok_or_else(|| Failure::Passing("the bytes are not in the store".to_owned()))?;
    let made = tokio::task::spawn_blocking(move || image::make(&bytes))
        .await
        // A decoder that panics is one that does so each time; the attempts are counted all the same.
        .map_err(|e| Failure::Passing(e.to_string()))?
        .map_err(|e| Failure::Image(chain(&e)))?;
    for (pixels, jpeg) in [(SMALL, &made.small), (LARGE, &made.large)] {
        app.blobs.write(&Key::thumbnail(&id, pixels), jpeg.clone().into()).await.map_err(later)?;
    }
    Ok(made)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.chars().take(500).collect()
}

/// What was swept away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Parts of uploads that nobody went on with, and what was sent by links and not taken in.
    pub passing: usize,
    /// Contents that no record refers to.
    pub contents: usize,
}

/// Sweeps once.
///
/// # Errors
/// When the database or the store refuses; what was swept before stays swept.
pub async fn sweep(app: &App) -> Result<Swept, WorkError> {
    let cx = Context::system("files");
    let mut swept = Swept::default();
    let parts_before = app.now() - PARTS_LIVE;
    loop {
        let mut tx = app.db.begin(&cx).await?;
        let (parts, links) = store::delete_old_parts(&mut tx, parts_before, BATCH).await?;
        tx.commit().await?;
        for (what, ids) in [(Passing::Part, &parts), (Passing::Link, &links)] {
            for id in ids {
                app.blobs.remove(&Key::passing(what, *id)).await?;
            }
        }
        swept.passing += parts.len();
        if parts.is_empty() && links.is_empty() {
            break;
        }
    }
    // And those whose rows were never written, or whose removal a crash cut off.
    for what in [Passing::Part, Passing::Link] {
        for key in app.blobs.list_passing(what, SystemTime::from(parts_before)).await? {
            app.blobs.remove(&key).await?;
            swept.passing += 1;
        }
    }
    let before = app.now() - CONTENT_LIVES;
    let mut tx = app.db.begin(&cx).await?;
    let unreferred = store::list_unreferred(&mut tx, before, BATCH).await?;
    store::mark_referred(&mut tx, &unreferred).await?;
    tx.commit().await?;
    for content in unreferred.iter().filter_map(|text| BlobId::parse(text)) {
        let mut tx = app.db.begin(&cx).await?;
        if store::delete_unreferred(&mut tx, &content, before).await? {
            // Under the lock: who stores the same content now waits, and then finds it gone.
            for key in
                [Key::thumbnail(&content, SMALL), Key::thumbnail(&content, LARGE), Key::content(&content)]
            {
                app.blobs.remove(&key).await?;
            }
            swept.contents += 1;
        }
        tx.commit().await?;
    }
    Ok(swept)
}
