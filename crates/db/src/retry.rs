//! Which failures of a transaction may be tried again.
//!
//! Only those where the server says that nothing was done: serialisation failures and deadlocks (also at commit), a key
//! that somebody else wrote at the same moment, and a connection that was lost before the commit was sent. A connection
//! lost during commit is an unknown outcome: the caller repeats with the same idempotency key.

use std::time::Duration;

/// Transient faults are tried five times.
pub const MAX_ATTEMPTS: u32 = 5;

/// Where the transaction stood when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before COMMIT was sent.
    Body,
    /// COMMIT was sent.
    Commit,
}

/// How the names of keys begin that a statement looks up before it inserts (each partition's has a name of its own). Who
/// breaks one was second at that moment; the next attempt finds the row.
const LOOKED_UP: [&str; 1] = ["gps_points_"];

/// Whether the whole transaction may run again.
pub fn is_transient(error: &sqlx::Error, stage: Stage) -> bool {
    match error {
        sqlx::Error::Database(e) => match e.code().as_deref() {
            Some("40001" | "40P01") => true,
            Some("23505") => {
                e.constraint().is_some_and(|key| LOOKED_UP.iter().any(|name| key.starts_with(name)))
            }
            // The server is shutting down or starting: nothing of ours was committed unless COMMIT was under way.
            Some("57P01" | "57P02" | "57P03") => stage == Stage::Body,
            _ => false,
        },
        // A connection that broke, or whose server was killed while it answered.
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::BeginFailed => stage == Stage::Body,
        _ => false,
    }
}

/// How long to wait before attempt `n` (1 = first repeat): doubling from 20 ms with a spread, 2 s at most.
pub fn pause(n: u32) -> Duration {
    let base = 20_u64.saturating_mul(1 << n.min(7)).min(2_000);
    // A spread without a random generator: the address of a local differs between tasks.
    let spread = (std::ptr::from_ref(&base) as usize as u64 >> 4) % (base / 2 + 1);
    Duration::from_millis(base / 2 + spread)
}

/// Counts the repeats of one transaction.
#[derive(Debug)]
pub struct Attempts {
    name: &'static str,
    done: u32,
}

impl Attempts {
    /// For the transaction of this name, as metrics and logs show it.
    pub fn new(name: &'static str) -> Self {
        Attempts { name, done: 0 }
    }

    /// Whether to run again after this failure; waits before saying yes.
    pub async fn again(&mut self, error: &sqlx::Error, stage: Stage) -> bool {
        self.done += 1;
        if self.done >= MAX_ATTEMPTS || !is_transient(error, stage) {
            return false;
        }
        metrics::counter!("db_transaction_retries_total", "transaction" => self.name).increment(1);
        tracing::warn!(transaction = self.name, attempt = self.done, error = %error, "transaction repeated");
        tokio::time::sleep(pause(self.done)).await;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost() -> sqlx::Error {
        sqlx::Error::Io(std::io::Error::from(std::io::ErrorKind::UnexpectedEof))
    }

    #[test]
    fn a_lost_connection_is_repeated_only_before_commit() {
        assert!(is_transient(&lost(), Stage::Body));
        assert!(is_transient(&sqlx::Error::BeginFailed, Stage::Body));
        assert!(!is_transient(&lost(), Stage::Commit));
    }

    #[test]
    fn a_business_error_is_never_repeated() {
        assert!(!is_transient(&sqlx::Error::RowNotFound, Stage::Body));
    }

    #[test]
    fn pauses_stay_under_three_seconds() {
        for n in 0..100 {
            assert!(pause(n) <= Duration::from_secs(3));
        }
    }
}
