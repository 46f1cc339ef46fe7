//! The same for one process.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::limit::{Quota, Verdict};

/// When there are so many, those that say nothing any more are dropped.
const MANY: usize = 20_000;
/// So many answers are kept.
const ANSWERS: usize = 500;

/// Requests counted by key.
#[derive(Default)]
pub(super) struct Limits(Mutex<HashMap<String, Instant>>);

impl Limits {
    pub fn take(&self, key: &str, quota: Quota) -> Verdict {
        self.take_at(key, quota, Instant::now())
    }

    fn take_at(&self, key: &str, quota: Quota, now: Instant) -> Verdict {
        let mut paces = self.0.lock();
        let pace = paces.get(key).copied().unwrap_or(now).max(now);
        let ahead = pace - now + Duration::from_micros(quota.interval_us());
        let verdict = Verdict::of(quota, u64::try_from(ahead.as_micros()).unwrap_or(u64::MAX));
        if verdict.retry_after.is_none() {
            if paces.len() >= MANY {
                paces.retain(|_, pace| *pace > now);
            }
            match paces.get_mut(key) {
                Some(pace) => *pace = now + ahead,
                None => drop(paces.insert(key.to_owned(), now + ahead)),
            }
        }
        verdict
    }
}

/// An answer and when it was made.
#[derive(Clone)]
pub(super) struct Answer {
    pub text: Arc<str>,
    pub made: Instant,
    until: Instant,
}

/// Answers by key, and who makes one.
#[derive(Default)]
pub(super) struct Answers {
    kept: Mutex<HashMap<String, Answer>>,
    making: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Answers {
    pub fn get(&self, key: &str) -> Option<Answer> {
        self.kept.lock().get(key).filter(|answer| answer.until > Instant::now()).cloned()
    }

    pub fn put(&self, key: &str, text: &str, valid: Duration) {
        let now = Instant::now();
        let mut kept = self.kept.lock();
        if kept.len() >= ANSWERS && !kept.contains_key(key) {
            kept.retain(|_, answer| answer.until > now);
            if kept.len() >= ANSWERS {
                return;
            }
        }
        kept.insert(key.to_owned(), Answer { text: text.into(), made: now, until: now + valid });
    }

    pub fn remove(&self, key: &str) {
        self.kept.lock().remove(key);
    }

    /// What who makes the answer under `key` holds.
    pub fn turn(&self, key: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut making = self.making.lock();
        if making.len() >= ANSWERS {
            making.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        making.entry(key.to_owned()).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_may_be_used_at_once_and_comes_back_evenly() {
        let (limits, quota, now) = (Limits::default(), Quota::per_minute(6), Instant::now());
        let allowed = |at| limits.take_at("a", quota, at).retry_after.is_none();
        assert!((0..6).all(|_| allowed(now)));
        assert_eq!(limits.take_at("a", quota, now).retry_after, Some(Duration::from_secs(10)));
        assert!(limits.take_at("b", quota, now).retry_after.is_none(), "each has their own");
        let later = now + Duration::from_secs(10);
        assert!(allowed(later) && !allowed(later));
    }

    #[test]
    fn who_went_away_is_forgotten() {
        let (limits, quota, now) = (Limits::default(), Quota::per_minute(60), Instant::now());
        for n in 0..MANY {
            limits.take_at(&n.to_string(), quota, now);
        }
        limits.take_at("one more", quota, now + Duration::from_secs(2));
        assert_eq!(limits.0.lock().len(), 1);
    }
}
