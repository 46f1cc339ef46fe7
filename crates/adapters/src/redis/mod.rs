//! What all processes of the system share: limits of requests, answers that are dear to make, who is where.
//!
//! With a Redis they share it; without one, or while it is away, each process has its own, and everything works on. Calls
//! never wait for a Redis that doesn't answer: after some failures it is left alone and asked again now and then.

mod breaker;
mod cache;
mod latest;
mod limit;
mod link;
mod local;
mod settings;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use cache::Keep;
pub use latest::Latest;
pub use limit::{Quota, Verdict};
pub use link::{Away, Link};
pub use settings::{SettingsError, client};

/// Every key of ours begins so.
const PREFIX: &str = "dms:";

/// What all processes share. Cheap to clone.
#[derive(Clone, Default)]
pub struct Shared(Arc<Parts>);

#[derive(Default)]
struct Parts {
    link: Option<Link>,
    limits: local::Limits,
    answers: local::Answers,
}

impl Shared {
    /// Shared by nobody: this process is the only one.
    pub fn in_process() -> Shared {
        Shared::default()
    }

    /// Shared by means of a Redis, which need not be there yet. To be called inside of a Tokio runtime.
    ///
    /// # Errors
    /// When the client's settings don't fit together.
    pub fn by(client: ::redis::Client) -> Result<Shared, ::redis::RedisError> {
        Ok(Shared(Arc::new(Parts { link: Some(Link::new(client)?), ..Parts::default() })))
    }

    /// The way to the Redis, if there is one.
    pub fn link(&self) -> Option<&Link> {
        self.0.link.as_ref()
    }

    /// Counts one request against the quota of `key`.
    pub async fn take(&self, key: &str, quota: Quota) -> Verdict {
        if let Some(link) = &self.0.link
            && let Ok(verdict) = limit::take(link, key, quota).await
        {
            return verdict;
        }
        self.0.limits.take(key, quota)
    }

    /// The answer under `key`, made when there is none. However many ask at once, on however many servers, one makes it;
    /// and while an older answer is good enough, nobody waits for the new one but who makes it.
    ///
    /// # Errors
    /// What `make` gives.
    pub async fn cached<T, E, F>(&self, key: &str, keep: Keep, make: F) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned + Send,
        F: Future<Output = Result<T, E>> + Send,
    {
        cache::cached(self.0.link.as_ref(), &self.0.answers, key, keep, make).await
    }

    /// Forgets the answer under `key`; what is in the making may still come.
    pub async fn forget(&self, key: &str) {
        cache::forget(self.0.link.as_ref(), &self.0.answers, key).await;
    }

    /// Says what is newest about `member` of `group`. An older word than the one known changes nothing. Without a Redis
    /// this does nothing: the database has it.
    pub async fn tell(&self, group: Uuid, latest: &[Latest]) {
        if let Some(link) = &self.0.link {
            // What isn't heard is in the database, and the group is filled from there again before long.
            let _told: Result<(), Away> = latest::put(link, group, latest).await;
        }
    }

    /// The newest of every member of the group; none when the Redis is away or doesn't know all of them: then ask the
    /// database, and [`Shared::fill`].
    pub async fn latest(&self, group: Uuid) -> Option<Vec<Latest>> {
        latest::list(self.0.link.as_ref()?, group).await
    }

    /// Says that these, and what was told since, are all members of the group; holds for `valid`.
    pub async fn fill(&self, group: Uuid, all: &[Latest], valid: Duration) {
        if let Some(link) = &self.0.link {
            // Else the next one fills it.
            let _filled: Result<(), Away> = latest::fill(link, group, all, valid).await;
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("redis", &self.0.link.is_some()).finish_non_exhaustive()
    }
}
