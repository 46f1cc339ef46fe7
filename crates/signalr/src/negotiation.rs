//! Connections that are agreed upon: their tokens, and which of them are taken.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::id::{ConnectionId, ConnectionToken};

/// Tokens handed out and not yet given back.
#[derive(Debug)]
pub(crate) struct Negotiations {
    timeout: Duration,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    slots: HashMap<ConnectionToken, Slot>,
    /// When slots lapse unless they are taken, the first in front.
    expiring: VecDeque<(Instant, ConnectionToken)>,
}

#[derive(Debug)]
struct Slot {
    id: ConnectionId,
    user_key: Option<String>,
    /// Whether a transport uses it.
    taken: bool,
}

/// Why a token cannot be taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClaimError {
    /// Never handed out, lapsed, or its connection is over.
    Unknown,
    /// A transport uses it.
    Taken,
    /// It was handed out to another user.
    OtherUser,
}

/// The right to run one connection. The token is void once this is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) id: ConnectionId,
    held: Option<(Arc<Negotiations>, ConnectionToken)>,
}

impl Claim {
    /// A connection that was not negotiated.
    pub(crate) fn unnegotiated() -> Self {
        Self { id: ConnectionId::random(), held: None }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some((negotiations, token)) = &self.held {
            negotiations.inner.lock().slots.remove(token);
        }
    }
}

impl Negotiations {
    /// Tokens lapse after `timeout` unless they are taken up.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout, inner: Mutex::default() }
    }

    /// Hands out a connection. Without `secret_token` its id is the token, too.
    pub(crate) fn open(
        &self,
        now: Instant,
        user_key: Option<String>,
        secret_token: bool,
    ) -> (ConnectionId, ConnectionToken) {
        let id = ConnectionId::random();
        let token = if secret_token { ConnectionToken::random() } else { ConnectionToken::same_as(&id) };
        let mut inner = self.inner.lock();
        inner.forget_lapsed(now);
        // A timeout beyond what the clock can tell is none.
        if let Some(until) = now.checked_add(self.timeout) {
            inner.expiring.push_back((until, token.clone()));
        }
        inner.slots.insert(token.clone(), Slot { id: id.clone(), user_key, taken: false });
        (id, token)
    }

    /// Takes a connection up.
    pub(crate) fn claim(
        self: &Arc<Self>,
        now: Instant,
        token: ConnectionToken,
        user_key: Option<&str>,
    ) -> Result<Claim, ClaimError> {
        let mut inner = self.inner.lock();
        inner.forget_lapsed(now);
        let slot = inner.slots.get_mut(&token).ok_or(ClaimError::Unknown)?;
        if slot.user_key.as_deref() != user_key {
            return Err(ClaimError::OtherUser);
        }
        if std::mem::replace(&mut slot.taken, true) {
            return Err(ClaimError::Taken);
        }
        Ok(Claim { id: slot.id.clone(), held: Some((Arc::clone(self), token)) })
    }
}

impl Inner {
    /// Cheap on average: every token is looked at once.
    fn forget_lapsed(&mut self, now: Instant) {
        while let Some((until, _)) = self.expiring.front()
            && *until <= now
        {
            let Some((_, token)) = self.expiring.pop_front() else { return };
            if self.slots.get(&token).is_some_and(|slot| !slot.taken) {
                self.slots.remove(&token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(15);

    fn negotiations() -> (Arc<Negotiations>, Instant) {
        (Arc::new(Negotiations::new(TIMEOUT)), Instant::now())
    }

    #[test]
    fn a_token_serves_one_connection_and_is_void_afterwards() {
        let (n, now) = negotiations();
        let (id, token) = n.open(now, None, true);
        let held = n.claim(now, token.clone(), None).unwrap();
        assert_eq!(held.id, id);
        assert_eq!(n.claim(now, token.clone(), None).unwrap_err(), ClaimError::Taken);
        drop(held);
        assert_eq!(n.claim(now, token, None).unwrap_err(), ClaimError::Unknown);
    }

    #[test]
    fn the_public_id_is_no_token_unless_agreed() {
        let (n, now) = negotiations();
        let (id, _) = n.open(now, None, true);
        assert_eq!(n.claim(now, ConnectionToken::same_as(&id), None).unwrap_err(), ClaimError::Unknown);
        let (id, _) = n.open(now, None, false);
        assert!(n.claim(now, ConnectionToken::same_as(&id), None).is_ok());
    }

    #[test]
    fn another_user_cannot_take_the_connection_up() {
        let (n, now) = negotiations();
        let (_, token) = n.open(now, Some("a".into()), true);
        assert_eq!(n.claim(now, token.clone(), Some("b")).unwrap_err(), ClaimError::OtherUser);
        assert_eq!(n.claim(now, token.clone(), None).unwrap_err(), ClaimError::OtherUser);
        assert!(n.claim(now, token, Some("a")).is_ok());
    }

    #[test]
    fn what_nobody_takes_up_lapses_and_is_forgotten() {
        let (n, now) = negotiations();
        let (_, token) = n.open(now, None, true);
        assert_eq!(n.claim(now + TIMEOUT, token, None).unwrap_err(), ClaimError::Unknown);
        let inner = n.inner.lock();
        assert!(inner.slots.is_empty() && inner.expiring.is_empty());
    }

    #[test]
    fn a_connection_in_use_does_not_lapse() {
        let (n, now) = negotiations();
        let (_, token) = n.open(now, None, true);
        let _held = n.claim(now, token.clone(), None).unwrap();
        assert_eq!(n.claim(now + 2 * TIMEOUT, token, None).unwrap_err(), ClaimError::Taken);
    }
}
