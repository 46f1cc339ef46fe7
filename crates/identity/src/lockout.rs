//! Five wrong passwords lock a name for 15 minutes, whether a user has that name or not.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// So many wrong passwords in a row lock the name.
pub(crate) const MAX_FAILURES: i32 = 5;
/// How long a name stays locked; failures further apart don't add up.
pub(crate) const LOCK: Duration = Duration::minutes(15);

const LANES: usize = 64;

/// Log-ins under one name go one after the other: many guesses at once must not pass before the first is counted.
/// Names share lanes, so that no list of names grows.
pub(crate) struct Turns([Mutex<()>; LANES]);

impl Default for Turns {
    fn default() -> Self {
        Turns(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl Turns {
    pub async fn wait(&self, username: &str) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        username.hash(&mut hasher);
        let lane = hasher.finish() % LANES as u64;
        self.0[usize::try_from(lane).unwrap_or_default()].lock().await
    }
}
