use std::ops::Deref;
use std::sync::Arc;

use adapters::blob::BlobStore;
use adapters::redis::Shared;
use chrono::{DateTime, NaiveDate, Utc};
use db::Db;
use tokio::sync::Notify;

use crate::{Authenticator, Clock, Config};

/// The parts a capability works with; cheap to clone, shared by all requests.
#[derive(Clone)]
pub struct App(Arc<AppParts>);

/// See [`App`].
pub struct AppParts {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The settings.
    pub config: Config,
    /// Who a token belongs to.
    pub auth: Arc<dyn Authenticator>,
    /// Photos and files.
    pub blobs: Arc<dyn BlobStore>,
    /// What all processes share.
    pub shared: Shared,
    /// Wakes the outbox relay of this process after a commit.
    pub wake: Wake,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: AppParts) -> Self {
        App(Arc::new(parts))
    }

    /// The instant now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The business day now.
    pub fn today(&self) -> NaiveDate {
        self.clock.today()
    }
}

impl Deref for App {
    type Target = AppParts;
    fn deref(&self) -> &AppParts {
        &self.0
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

/// Says that the outbox has something new. A hint within one process: the relay also looks by itself.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Something was committed.
    pub fn now(&self) {
        self.0.notify_one();
    }

    /// Returns when something was committed since the last call.
    pub async fn waited(&self) {
        self.0.notified().await;
    }
}
