//! Identities of sessions that were seen in the last seconds, so that not every request asks the database.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use domain::{SessionId, UserId};
use parking_lot::Mutex;
use platform::Identity;

/// How long an identity is believed. A change made by another process shows after this time at the latest.
const LIFE: Duration = Duration::seconds(15);
/// How many are kept.
const CAPACITY: usize = 10_000;

#[derive(Default)]
pub(crate) struct Cache(Mutex<State>);

#[derive(Default)]
struct State {
    entries: HashMap<SessionId, Entry>,
    /// Counts what was forgotten: a load that began before must not bring it back.
    epoch: u64,
}

struct Entry {
    identity: Arc<Identity>,
    loaded: DateTime<Utc>,
}

impl Entry {
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.loaded <= now && now - self.loaded < LIFE
    }
}

/// When a load began.
#[derive(Clone, Copy)]
pub(crate) struct Epoch(u64);

impl Cache {
    /// The identity, or the epoch for a load.
    pub fn get(&self, session: SessionId, now: DateTime<Utc>) -> Result<Arc<Identity>, Epoch> {
        let state = self.0.lock();
        match state.entries.get(&session) {
            Some(entry) if entry.is_fresh(now) => Ok(entry.identity.clone()),
            _ => Err(Epoch(state.epoch)),
        }
    }

    /// Keeps what was loaded, unless something was forgotten meanwhile.
    pub fn put(&self, identity: Arc<Identity>, now: DateTime<Utc>, began: Epoch) {
        let mut state = self.0.lock();
        if state.epoch != began.0 {
            return;
        }
        if state.entries.len() >= CAPACITY {
            state.entries.retain(|_, entry| entry.is_fresh(now));
            if state.entries.len() >= CAPACITY {
                state.entries.clear();
            }
        }
        state.entries.insert(identity.session_id, Entry { identity, loaded: now });
    }

    pub fn forget_session(&self, session: SessionId) {
        let mut state = self.0.lock();
        state.epoch += 1;
        state.entries.remove(&session);
    }

    pub fn forget_user(&self, user: UserId) {
        let mut state = self.0.lock();
        state.epoch += 1;
        state.entries.retain(|_, entry| entry.identity.user_id != user);
    }

    pub fn forget_all(&self) {
        let mut state = self.0.lock();
        state.epoch += 1;
        state.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use db::Tenants;
    use domain::Role;
    use uuid::Uuid;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_785_981_600, 0).unwrap()
    }

    fn identity(n: u128) -> Arc<Identity> {
        Arc::new(Identity {
            user_id: Uuid::from_u128(n).into(),
            session_id: Uuid::from_u128(n).into(),
            username: "nvbh01".into(),
            full_name: "Nhân viên 1".into(),
            role: Role::SalesRep,
            distributor_id: None,
            distributor_name: None,
            tenants: Tenants::Distributors(Vec::new()),
            primary_unit: None,
            unit_path: Vec::new(),
            units: Vec::new(),
            must_change_password: false,
        })
    }

    fn load(cache: &Cache, n: u128) {
        let began = cache.get(Uuid::from_u128(n).into(), now()).unwrap_err();
        cache.put(identity(n), now(), began);
    }

    fn knows(cache: &Cache, n: u128, at: DateTime<Utc>) -> bool {
        cache.get(Uuid::from_u128(n).into(), at).is_ok()
    }

    #[test]
    fn an_identity_is_believed_for_fifteen_seconds() {
        let cache = Cache::default();
        load(&cache, 1);
        assert!(knows(&cache, 1, now() + Duration::seconds(14)));
        assert!(!knows(&cache, 1, now() + Duration::seconds(15)));
    }

    #[test]
    fn a_load_that_began_before_a_logout_is_not_kept() {
        let cache = Cache::default();
        let began = cache.get(Uuid::from_u128(1).into(), now()).unwrap_err();
        cache.forget_session(Uuid::from_u128(1).into());
        cache.put(identity(1), now(), began);
        assert!(!knows(&cache, 1, now()));
    }

    #[test]
    fn one_user_is_forgotten_and_others_stay() {
        let cache = Cache::default();
        load(&cache, 1);
        load(&cache, 2);
        cache.forget_user(Uuid::from_u128(1).into());
        assert!(!knows(&cache, 1, now()) && knows(&cache, 2, now()));
        cache.forget_all();
        assert!(!knows(&cache, 2, now()));
    }

    #[test]
    fn it_never_grows_past_its_capacity() {
        let cache = Cache::default();
        for n in 0..=CAPACITY as u128 {
            load(&cache, n);
        }
        assert!(cache.0.lock().entries.len() <= CAPACITY);
        assert!(knows(&cache, CAPACITY as u128, now()));
    }
}
