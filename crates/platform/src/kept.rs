use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use db::{Context, Db, PgConnection};

use crate::BoxFuture;

/// Master data that a process keeps in memory between requests. What is kept carries the version it was read at; who
/// uses it compares that with the database's (`master_versions`), read in a statement they need anyway.
#[derive(Debug)]
pub struct Kept<T> {
    latest: RwLock<Option<Arc<T>>>,
    refreshing: AtomicBool,
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// Nothing yet.
    pub const fn nothing() -> Self {
        Kept { latest: RwLock::new(None), refreshing: AtomicBool::new(false) }
    }

    /// What was read last.
    pub fn latest(&self) -> Option<Arc<T>> {
        // Nothing can be half written under this lock.
        self.latest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads it anew for the whole company, beside the work in hand; when that fails, the next request tries again.
    pub fn refresh(
        &'static self,
        db: &Db,
        name: &'static str,
        read: for<'c> fn(&'c mut PgConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>,
    ) {
        if self.refreshing.swap(true, Ordering::AcqRel) {
            return;
        }
        let db = db.clone();
        tokio::spawn(async move {
            let fresh = async {
                let mut tx = db.snapshot(&Context::system(name)).await?;
                read(&mut tx).await
            };
            match fresh.await {
                Ok(fresh) => {
                    *self.latest.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(fresh));
                }
                Err(error) => tracing::warn!(name, %error, "master data could not be read"),
            }
            self.refreshing.store(false, Ordering::Release);
        });
    }
}
