//! Running an import: read the file, load its rows in one transaction, or none of them.

use std::collections::HashMap;

use bytes::Bytes;
use db::{Context, PgConnection, Tenants};
use domain::{DistributorId, StockCountId};
use platform::{ApiError, App, Caller, Loaded, RowError, transaction};
use sqlx::Connection as _;
use tokio::sync::Semaphore;

use crate::error::ImportError;
use crate::kinds::{self, ImportKind, Parsed, ParsedCount, Rows};
use crate::report::Report;
use crate::{load_customers, load_users, store};

/// How many files are read at once; others wait. A file of 20 MB takes several times that while it is read.
static READERS: Semaphore = Semaphore::const_new(2);

/// Which rows are loaded when some are bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// All or nothing.
    #[default]
    All,
    /// The good ones.
    Good,
}

/// How a file is loaded.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only try: change nothing, tell what would be.
    pub dry_run: bool,
    /// What happens when some rows are bad.
    pub mode: Mode,
    /// Whose file it is; the caller's own distributor when absent.
    pub distributor_code: Option<String>,
}

/// Loads a file: for the API and the command line.
///
/// A file loaded twice changes nothing the second time.
///
/// # Errors
/// 422 when the file can't be read or lacks headers; 400 and 422 about the distributor. Bad rows are no error: the
/// report names them.
pub async fn run(
    app: &App,
    cx: &Context,
    kind: ImportKind,
    bytes: Bytes,
    options: &Options,
) -> Result<Report, ApiError> {
    let distributor = match kind.of_distributor() {
        true => Some(find_distributor(app, cx, options.distributor_code.as_deref()).await?),
        false => None,
    };
    let parsed = in_turn(move || kinds::parse(kind, &bytes)).await??;
    let Parsed { count, rows, errors: bad, ignored_columns } = parsed;
    let passwords = match &rows {
        Rows::Users(users) => load_users::hash_passwords(app, cx, users).await?,
        _ => HashMap::new(),
    };
    let (loaded, mut errors) = transaction!(app.db, cx, "imports.run", |tx| {
        let mut errors = bad.clone();
        let mut inner = tx.begin().await?;
        let load = Load { app, cx, distributor, passwords: &passwords };
        let loaded = load.rows(&mut inner, &rows, &mut errors).await?;
        let refused = options.mode == Mode::All && !errors.is_empty();
        if refused || options.dry_run {
            inner.rollback().await?;
        } else {
            inner.commit().await?;
        }
        Ok((if refused { Loaded::default() } else { loaded }, errors))
    })?;
    errors.sort_by_key(|error| error.row);
    if !options.dry_run && matches!(kind, ImportKind::OrgUnits | ImportKind::Distributors | ImportKind::Users)
    {
        // What people may see hangs on the tree.
        identity::Sessions::rights_changed(app);
    }
    tracing::info!(
        kind = kind.as_str(),
        rows = count,
        created = loaded.created,
        updated = loaded.updated,
        errors = errors.len(),
        dry_run = options.dry_run,
        "file imported"
    );
    Ok(Report { rows: count, loaded, errors, ignored_columns, dry_run: options.dry_run })
}

/// Loads what was counted of a count; see [`inventory::import_count`].
///
/// # Errors
/// 404 and 409 about the count, 422 when the file can't be read or lacks headers. Bad rows are no error: the report
/// names them.
pub async fn run_count(
    app: &App,
    caller: &Caller,
    id: StockCountId,
    bytes: Bytes,
    options: &Options,
) -> Result<Report, ApiError> {
    let parsed = in_turn(move || kinds::parse_count(&bytes)).await??;
    let ParsedCount { count, rows, errors: bad, ignored_columns } = parsed;
    let (loaded, mut errors) = transaction!(app.db, caller.context(), "imports.stock_count", |tx| {
        let mut errors = bad.clone();
        let mut inner = tx.begin().await?;
        let headers = kinds::stock_count::HEADERS;
        let loaded =
            inventory::import_count::load(&mut inner, app, caller, id, &rows, headers, &mut errors).await?;
        let refused = options.mode == Mode::All && !errors.is_empty();
        if refused || options.dry_run {
            inner.rollback().await?;
        } else {
            inner.commit().await?;
        }
        Ok((if refused { Loaded::default() } else { loaded }, errors))
    })?;
    errors.sort_by_key(|error| error.row);
    Ok(Report { rows: count, loaded, errors, ignored_columns, dry_run: options.dry_run })
}

/// Does work that takes time and memory, when it is its turn.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    let turn = READERS.acquire().await.map_err(ApiError::internal)?;
    // The work goes on when the caller doesn't wait for it any more, so it takes its turn along.
    let work = move || {
        let done = work();
        drop(turn);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
}

/// The distributor with this code, or the caller's only one.
async fn find_distributor(app: &App, cx: &Context, code: Option<&str>) -> Result<DistributorId, ApiError> {
    match (code, &cx.tenants) {
        (Some(code), _) => {
            let mut tx = app.db.read(cx).await?;
            let found = store::find_distributor(&mut tx, code.trim()).await?;
            Ok(found.ok_or_else(|| ImportError::UnknownDistributor(code.to_owned()))?)
        }
        (None, Tenants::Distributors(own)) if own.len() == 1 => Ok(own[0]),
        (None, _) => Err(ImportError::DistributorRequired.into()),
    }
}

/// What loading needs besides the rows.
struct Load<'a> {
    app: &'a App,
    cx: &'a Context,
    distributor: Option<DistributorId>,
    passwords: &'a HashMap<u32, identity::HashedPassword>,
}

impl Load<'_> {
    async fn rows(
        &self,
        c: &mut PgConnection,
        rows: &Rows,
        errors: &mut Vec<RowError>,
    ) -> Result<Loaded, ApiError> {
        let (cx, at, today) = (self.cx, self.app.now(), self.app.today());
        let of = || self.distributor.ok_or(ImportError::DistributorRequired);
        match rows {
            Rows::OrgUnits(rows) => {
                Ok(org::import::load_units(c, cx, at, rows, kinds::org_units::HEADERS, errors).await?)
            }
            Rows::Distributors(rows) => Ok(org::import::load_distributors(c, cx, at, rows).await?),
            Rows::Products(rows) => Ok(catalog::import::load(c, cx, at, rows, errors).await?),
            Rows::Customers(rows) => load_customers::load(c, cx, of()?, today, at, rows, errors).await,
            Rows::Users(rows) => load_users::load(c, cx, at, rows, self.passwords, errors).await,
            Rows::Routes(rows) => load_customers::load_routes(c, cx, of()?, today, at, rows, errors).await,
            Rows::OpeningStock(rows) => {
                let opening = inventory::import::Opening { distributor: of()?, business_date: today, at };
                Ok(inventory::import::load(c, cx, opening, rows, kinds::opening_stock::HEADERS, errors)
                    .await?)
            }
            Rows::OpeningReceivables(rows) => {
                let opening = receivables::import::Opening { distributor: of()?, today, at };
                let headers = kinds::opening_receivables::HEADERS;
                Ok(receivables::import::load(c, cx, opening, rows, headers, errors).await?)
            }
            Rows::PriceLists(rows) => {
                let headers = kinds::price_lists::HEADERS;
                catalog::import_prices::load(c, cx, at, today, rows, headers, errors).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Barrier};

    use super::*;

    #[tokio::test]
    async fn two_files_are_read_at_once_and_others_wait() {
        let (now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let pair = Arc::new(Barrier::new(2));
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (now, peak, pair) = (Arc::clone(&now), Arc::clone(&peak), Arc::clone(&pair));
            all.spawn(in_turn(move || {
                peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Passes only when there are two.
                pair.wait();
                now.fetch_sub(1, Ordering::SeqCst);
            }));
        }
        assert!(all.join_all().await.iter().all(Result::is_ok));
        assert_eq!(peak.load(Ordering::SeqCst), 2);
    }
}
