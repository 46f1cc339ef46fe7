//! The daily file for the company's ERP: sales, stock postings, and the totals that prove it complete.

mod book;
mod daily;
mod tally;

use chrono::NaiveDate;
use db::PgConnection;
use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use platform::{ApiError, Scope};
use tokio::sync::mpsc;

use crate::store;

pub(crate) use book::Export;
pub use daily::{Exported, export_days};

/// So many rows at a time go from the database to the file.
const CHUNK: usize = 500;
/// So many such parts may wait for the writer.
const WAITING: usize = 4;

/// An export can't be made.
#[derive(Debug, thiserror::Error)]
pub enum ErpError {
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] sqlx::Error),
    /// The file can't be written.
    #[error("the file can't be written")]
    File(#[from] sheets::Error),
    /// A sum is out of range.
    #[error("a sum is out of range")]
    OutOfRange,
    /// The writer of the file died.
    #[error("the writer of the file died")]
    Writer(#[from] tokio::task::JoinError),
    /// The store of files failed.
    #[error(transparent)]
    Store(#[from] adapters::blob::Error),
}

impl From<ErpError> for ApiError {
    fn from(error: ErpError) -> Self {
        match error {
            ErpError::Database(error) => error.into(),
            error => ApiError::internal(error),
        }
    }
}

/// Makes the day's file of what the scope sees, on the picture of the data that the transaction has. Rows go from the database
/// into the file as they come, apart from the threads that serve requests.
pub(crate) async fn build(
    c: &mut PgConnection,
    day: NaiveDate,
    scope: Scope<'_>,
) -> Result<Export, ErpError> {
    store::prepare_for_sums(c).await?;
    let (sales, sales_rows) = mpsc::channel(WAITING);
    let (stock, stock_rows) = mpsc::channel(WAITING);
    let writer = tokio::task::spawn_blocking(move || book::write(day, sales_rows, stock_rows));
    let sent = async {
        pass_on(store::list_sales(c, day, scope), sales).await?;
        pass_on(store::list_day_postings(c, day), stock).await
    };
    let sent = sent.await;
    // Waited for in any case. When the database failed, the writer has seen its rows end early, and its file is not whole.
    let written = writer.await?;
    sent?;
    written
}

/// Hands the rows on, some at a time. A writer that is gone has failed, and will say so itself.
async fn pass_on<T: Send>(
    rows: BoxStream<'_, Result<T, sqlx::Error>>,
    to: mpsc::Sender<Vec<T>>,
) -> Result<(), sqlx::Error> {
    let mut chunks = rows.try_chunks(CHUNK);
    loop {
        match chunks.try_next().await {
            Ok(Some(chunk)) => {
                if to.send(chunk).await.is_err() {
                    return Ok(());
                }
            }
            Ok(None) => return Ok(()),
            Err(error) => return Err(error.1),
        }
    }
}
