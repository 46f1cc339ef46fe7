use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::{Client, RedisError, RedisResult};
use parking_lot::Mutex;

use super::breaker::Breaker;

/// Nobody waits longer for a Redis: what it gives can be had without it.
const ANSWER_IN: Duration = Duration::from_millis(150);
const CONNECT_IN: Duration = Duration::from_secs(1);
/// After so many probes without an answer the connection is made anew: one whose other end went without a word (a
/// machine that died, a firewall that forgot) never says that it is broken.
const PROBES: u32 = 3;

/// The Redis doesn't answer, or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the Redis is away")]
pub struct Away;

/// The way to a Redis: one connection that mends itself, and a fuse.
pub struct Link {
    client: Client,
    manager: Mutex<ConnectionManager>,
    breaker: Breaker,
    silent_probes: AtomicU32,
}

impl Link {
    pub(super) fn new(client: Client) -> Result<Link, RedisError> {
        let manager = connect(&client)?;
        metrics::gauge!("redis_up").set(1.0);
        Ok(Link {
            client,
            manager: Mutex::new(manager),
            breaker: Breaker::default(),
            silent_probes: AtomicU32::new(0),
        })
    }

    /// Asks the Redis, for at most 150 ms, and not at all while it is left alone.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn ask<T, F>(&self, ask: impl FnOnce(ConnectionManager) -> F) -> Result<T, Away>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let permit = self.breaker.permit(Instant::now()).ok_or(Away)?;
        let connection = self.manager.lock().clone();
        let refused = match tokio::time::timeout(ANSWER_IN, ask(connection)).await {
            Ok(Ok(answer)) => {
                self.silent_probes.store(0, Ordering::Relaxed);
                if permit.answered() {
                    metrics::gauge!("redis_up").set(1.0);
                    tracing::info!("the Redis is back");
                }
                return Ok(answer);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        metrics::counter!("redis_failures_total").increment(1);
        if permit.failed(Instant::now()) {
            metrics::gauge!("redis_up").set(0.0);
            tracing::warn!(error = refused, "the Redis is away; going on without it");
            if self.silent_probes.fetch_add(1, Ordering::Relaxed) + 1 >= PROBES {
                self.silent_probes.store(0, Ordering::Relaxed);
                match connect(&self.client) {
                    Ok(fresh) => *self.manager.lock() = fresh,
                    Err(error) => tracing::warn!(%error, "no new connection to the Redis"),
                }
            }
        }
        Err(Away)
    }
}

fn connect(client: &Client) -> Result<ConnectionManager, RedisError> {
    // The fuse does the waiting between attempts.
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(0)
        .set_connection_timeout(Some(CONNECT_IN))
        .set_response_timeout(Some(CONNECT_IN));
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}
