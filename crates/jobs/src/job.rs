use std::sync::Arc;

use platform::{App, BoxFuture};

use crate::Schedule;

type Work = dyn Fn(App) -> BoxFuture<'static, Result<String, JobError>> + Send + Sync;

/// Work by the clock. It may be cut off at any point and run again: it leaves what is done in the database as it goes, and finds
/// it there.
#[derive(Clone)]
pub struct Job {
    /// Its name: `stock-snapshots`. Never changed.
    pub name: &'static str,
    /// When it runs.
    pub schedule: Schedule,
    work: Arc<Work>,
}

impl Job {
    /// Puts one together; `work` says in a line what it did.
    pub fn new<F, W>(name: &'static str, schedule: Schedule, work: W) -> Job
    where
        F: Future<Output = Result<String, JobError>> + Send + 'static,
        W: Fn(App) -> F + Send + Sync + 'static,
    {
        Job { name, schedule, work: Arc::new(move |app| Box::pin(work(app))) }
    }

    pub(crate) fn start(&self, app: App) -> BoxFuture<'static, Result<String, JobError>> {
        (self.work)(app)
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job")
            .field("name", &self.name)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

/// A job failed: what its record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobError(pub String);

impl<E: std::error::Error> From<E> for JobError {
    /// With all causes.
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        JobError(text)
    }
}
