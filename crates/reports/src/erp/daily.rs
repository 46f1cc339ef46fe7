use adapters::blob::{BlobId, Key};
use chrono::{Days, NaiveDate};
use db::Context;
use platform::{App, Scope};

use super::{ErpError, build};
use crate::store::{self, NewExport, Newest};

/// So many days are looked at, yesterday the last of them: documents come late, from phones that were away.
const DAYS: u64 = 31;
/// Files of days that are so long over are not kept; the days can still be exported, from the documents.
const KEPT: Days = Days::new(400);

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exported {
    /// Days that got a file, or a newer one.
    pub exported: u32,
    /// Days whose newest file has all there is.
    pub unchanged: u32,
}

/// Makes the company's file of each of the last 31 days that has none, or whose documents are others than when its newest file
/// was made; then removes the files that newer ones have taken the place of. It may be cut off at any point and run again.
///
/// # Errors
/// When the database or the store of files refuses; days done before stay done.
pub async fn export_days(app: &App) -> Result<Exported, ErpError> {
    let cx = Context::system("erp-export");
    let today = app.today();
    let (first, last) = (today - Days::new(DAYS), today - Days::new(1));
    let mut tx = app.db.long_snapshot(&cx).await?;
    store::prepare_for_sums(&mut tx).await?;
    let marks = store::list_marks(&mut tx, first, last).await?;
    let newest = store::list_newest(&mut tx, first, last).await?;
    drop(tx);
    let mut done = Exported::default();
    for day in marks {
        let newest = newest.iter().find(|e| e.business_date == day.day);
        let made = match newest {
            Some(newest) if newest.mark == day.mark => false,
            newest => make(app, &cx, day.day, newest).await?,
        };
        *(if made { &mut done.exported } else { &mut done.unchanged }) += 1;
    }
    remove_obsolete(app, &cx, today - KEPT).await?;
    Ok(done)
}

/// Makes the day's file; gives whether it differs from the newest there is.
async fn make(app: &App, cx: &Context, day: NaiveDate, newest: Option<&Newest>) -> Result<bool, ErpError> {
    // The mark and the rows are of the same picture.
    let mut tx = app.db.long_snapshot(cx).await?;
    let mark = store::list_marks(&mut tx, day, day).await?;
    let mark = mark.first().map(|m| m.mark.as_str()).unwrap_or_default();
    let export = build(&mut tx, day, Scope::All).await?;
    drop(tx);
    let mut tx = app.db.begin(cx).await?;
    if let Some(newest) = newest.filter(|e| e.fingerprint == export.fingerprint) {
        store::renew_mark(&mut tx, day, newest.version, mark).await?;
        tx.commit().await?;
        return Ok(false);
    }
    let content = BlobId::of(&export.bytes);
    let new = NewExport {
        business_date: day,
        made_at: app.now(),
        content: content.as_str(),
        size_bytes: i64::try_from(export.bytes.len()).unwrap_or(i64::MAX),
        fingerprint: &export.fingerprint,
        mark,
        sales_rows: export.sales_rows,
        net: export.net,
        vat: export.vat,
        total: export.total,
        stock_rows: export.stock_rows,
        in_pieces: export.in_pieces,
        out_pieces: export.out_pieces,
    };
    let version = store::insert_making(&mut tx, &new).await?;
    tx.commit().await?;
    app.blobs.put(export.bytes.into()).await?;
    let mut tx = app.db.begin(cx).await?;
    store::mark_stored(&mut tx, day, version).await?;
    tx.commit().await?;
    Ok(true)
}

/// Removes files nobody reads any more. The file first: should this be cut off, the row still tells what is to be removed.
async fn remove_obsolete(app: &App, cx: &Context, before: NaiveDate) -> Result<(), ErpError> {
    let mut tx = app.db.lookup(cx).await?;
    let obsolete = store::list_obsolete(&mut tx, before).await?;
    drop(tx);
    for export in obsolete {
        if let Some(content) = BlobId::parse(&export.content).filter(|_| !export.shared) {
            app.blobs.remove(&Key::content(&content)).await?;
        }
        let mut tx = app.db.begin(cx).await?;
        store::mark_removed(&mut tx, &export).await?;
        tx.commit().await?;
    }
    Ok(())
}
