//! Connections that are agreed upon: their tokens, and what uses them.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::{sync::mpsc, time::Instant};

use crate::{
    id::{ConnectionId, ConnectionToken},
    transport::{
        Again, Link, Reattach, Transport,
        http::{self, Posts},
        polls::Polls,
        reattaching,
    },
};

/// Tokens handed out and not yet given back.
#[derive(Debug)]
pub(crate) struct Table {
    absence: Duration,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    slots: HashMap<ConnectionToken, Slot>,
    /// When slots lapse unless they are taken, the first in front.
    expiring: VecDeque<(Instant, ConnectionToken)>,
    closed: bool,
}

#[derive(Debug)]
struct Slot {
    id: ConnectionId,
    user_key: Option<String>,
    stateful: bool,
    used_by: User,
}

/// What uses a connection.
#[derive(Debug)]
enum User {
    /// Nothing yet.
    Nobody,
    /// A socket, which can be replaced if that was agreed.
    WebSocket(Option<Reattach>),
    ServerSentEvents(Posts),
    LongPolling(Posts, Arc<Polls>),
}

impl User {
    fn transport(&self) -> Option<Transport> {
        match self {
            Self::Nobody => None,
            Self::WebSocket(_) => Some(Transport::WebSockets),
            Self::ServerSentEvents(_) => Some(Transport::ServerSentEvents),
            Self::LongPolling(..) => Some(Transport::LongPolling),
        }
    }
}

/// Why a token cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClaimError {
    /// Never handed out, lapsed, or its connection is over.
    Unknown,
    /// A transport uses it.
    Taken,
    /// It was handed out to another user.
    OtherUser,
    /// Another transport uses it.
    OtherTransport,
}

/// What a client agrees on before it connects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Agreement {
    /// Only this user may take the connection up.
    pub(crate) user_key: Option<String>,
    /// Its id and its token differ.
    pub(crate) secret_token: bool,
    /// A broken socket can be replaced.
    pub(crate) stateful: bool,
}

/// The right to run one connection. The token is void once this is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) id: ConnectionId,
    held: Option<(Arc<Table>, ConnectionToken)>,
}

impl Claim {
    /// A connection that was not negotiated.
    pub(crate) fn unnegotiated(id: ConnectionId) -> Self {
        Self { id, held: None }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some((table, token)) = &self.held {
            table.inner.lock().slots.remove(token);
        }
    }
}

/// A WebSocket for a connection.
#[derive(Debug)]
pub(crate) enum Socket {
    /// It is the first one.
    First(Claim, Option<Again>),
    /// It takes the place of a broken one.
    Next(Reattach),
}

/// A poll for a connection.
#[derive(Debug)]
pub(crate) enum Poll {
    /// It opens the connection.
    First(Claim, Box<Link>),
    /// It is one of many.
    Next(Arc<Polls>),
}

/// Who uses a token.
#[derive(Debug, Clone)]
pub(crate) struct Visitor<'a> {
    pub(crate) token: ConnectionToken,
    pub(crate) user_key: Option<&'a str>,
}

impl Table {
    /// Tokens lapse after `absence` unless they are taken up.
    pub(crate) fn new(absence: Duration) -> Self {
        Self { absence, inner: Mutex::default() }
    }

    /// Hands out a connection.
    pub(crate) fn open(&self, now: Instant, id: ConnectionId, agreement: Agreement) -> ConnectionToken {
        let Agreement { user_key, secret_token, stateful } = agreement;
        let token = if secret_token { ConnectionToken::random() } else { ConnectionToken::same_as(&id) };
        let mut inner = self.inner.lock();
        inner.forget_lapsed(now);
        // A timeout beyond what the clock can tell is none.
        if let Some(until) = now.checked_add(self.absence) {
            inner.expiring.push_back((until, token.clone()));
        }
        inner.slots.insert(token.clone(), Slot { id, user_key, stateful, used_by: User::Nobody });
        token
    }

    /// Takes a connection up with a WebSocket, for the first time or again.
    pub(crate) fn socket(self: &Arc<Self>, now: Instant, visitor: Visitor<'_>) -> Result<Socket, ClaimError> {
        self.visit(now, visitor, |slot, claim| match &slot.used_by {
            User::Nobody => {
                let (reattach, again) = slot.stateful.then(reattaching).unzip();
                slot.used_by = User::WebSocket(reattach);
                Ok(Socket::First(claim(slot), again))
            }
            User::WebSocket(Some(reattach)) => Ok(Socket::Next(reattach.clone())),
            User::WebSocket(None) => Err(ClaimError::Taken),
            User::ServerSentEvents(_) | User::LongPolling(..) => Err(ClaimError::OtherTransport),
        })
    }

    /// Takes a connection up with server-sent events; also gives the body of the response.
    pub(crate) fn events(
        self: &Arc<Self>,
        now: Instant,
        visitor: Visitor<'_>,
    ) -> Result<(Claim, Link, mpsc::Receiver<Bytes>), ClaimError> {
        self.visit(now, visitor, |slot, claim| match slot.used_by {
            User::Nobody => {
                let (link, posts, response) = http::events();
                slot.used_by = User::ServerSentEvents(posts);
                Ok((claim(slot), link, response))
            }
            User::ServerSentEvents(_) => Err(ClaimError::Taken),
            User::WebSocket(_) | User::LongPolling(..) => Err(ClaimError::OtherTransport),
        })
    }

    /// Takes a connection up with a poll, or finds it for the next one.
    pub(crate) fn poll(self: &Arc<Self>, now: Instant, visitor: Visitor<'_>) -> Result<Poll, ClaimError> {
        self.visit(now, visitor, |slot, claim| match &slot.used_by {
            User::Nobody => {
                let (link, posts, polls) = http::polling(self.absence);
                slot.used_by = User::LongPolling(posts, polls);
                Ok(Poll::First(claim(slot), Box::new(link)))
            }
            User::LongPolling(_, polls) => Ok(Poll::Next(Arc::clone(polls))),
            User::WebSocket(_) | User::ServerSentEvents(_) => Err(ClaimError::OtherTransport),
        })
    }

    /// Where the posts for a connection go. A WebSocket takes none.
    pub(crate) fn posts(self: &Arc<Self>, now: Instant, visitor: Visitor<'_>) -> Result<Posts, ClaimError> {
        self.visit(now, visitor, |slot, _| match &slot.used_by {
            User::Nobody => Err(ClaimError::Unknown),
            User::ServerSentEvents(posts) | User::LongPolling(posts, _) => Ok(posts.clone()),
            User::WebSocket(_) => Err(ClaimError::OtherTransport),
        })
    }

    /// The polls of a connection that its client ends.
    pub(crate) fn polls(
        self: &Arc<Self>,
        now: Instant,
        visitor: Visitor<'_>,
    ) -> Result<Arc<Polls>, ClaimError> {
        self.visit(now, visitor, |slot, _| match &slot.used_by {
            User::LongPolling(_, polls) => Ok(Arc::clone(polls)),
            User::Nobody => Err(ClaimError::Unknown),
            User::WebSocket(_) | User::ServerSentEvents(_) => Err(ClaimError::OtherTransport),
        })
    }

    fn visit<T>(
        self: &Arc<Self>,
        now: Instant,
        visitor: Visitor<'_>,
        visit: impl FnOnce(&mut Slot, &dyn Fn(&Slot) -> Claim) -> Result<T, ClaimError>,
    ) -> Result<T, ClaimError> {
        let Visitor { token, user_key } = visitor;
        let mut inner = self.inner.lock();
        inner.forget_lapsed(now);
        let slot = inner.slots.get_mut(&token).ok_or(ClaimError::Unknown)?;
        if slot.user_key.as_deref() != user_key {
            return Err(ClaimError::OtherUser);
        }
        let claim =
            |slot: &Slot| Claim { id: slot.id.clone(), held: Some((Arc::clone(self), token.clone())) };
        visit(slot, &claim)
    }

    /// Hands nothing out any more, and lets nothing be taken up.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.lock().closed
    }

    /// How many tokens are out.
    pub(crate) fn len(&self) -> usize {
        let mut inner = self.inner.lock();
        inner.forget_lapsed(Instant::now());
        inner.slots.len()
    }
}

impl Inner {
    /// Cheap on average: every token is looked at once.
    fn forget_lapsed(&mut self, now: Instant) {
        while let Some((until, _)) = self.expiring.front()
            && *until <= now
        {
            let Some((_, token)) = self.expiring.pop_front() else { return };
            if self.slots.get(&token).is_some_and(|slot| slot.used_by.transport().is_none()) {
                self.slots.remove(&token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(15);

    fn table() -> (Arc<Table>, Instant) {
        (Arc::new(Table::new(TIMEOUT)), Instant::now())
    }

    fn open(table: &Table, now: Instant, agreement: Agreement) -> (ConnectionId, ConnectionToken) {
        let id = ConnectionId::random(None);
        let token = table.open(now, id.clone(), agreement);
        (id, token)
    }

    fn secret() -> Agreement {
        Agreement { secret_token: true, ..Agreement::default() }
    }

    fn by(token: &ConnectionToken) -> Visitor<'static> {
        Visitor { token: token.clone(), user_key: None }
    }

    #[test]
    fn a_token_serves_one_connection_and_is_void_afterwards() {
        let (table, now) = table();
        let (id, token) = open(&table, now, secret());
        let Ok(Socket::First(held, None)) = table.socket(now, by(&token)) else { panic!("not taken") };
        assert_eq!(held.id, id);
        assert_eq!(table.socket(now, by(&token)).unwrap_err(), ClaimError::Taken);
        drop(held);
        assert_eq!(table.socket(now, by(&token)).unwrap_err(), ClaimError::Unknown);
    }

    #[test]
    fn the_public_id_is_no_token_unless_agreed() {
        let (table, now) = table();
        let (id, _) = open(&table, now, secret());
        let public = by(&ConnectionToken::same_as(&id));
        assert_eq!(table.socket(now, public).unwrap_err(), ClaimError::Unknown);
        let (id, _) = open(&table, now, Agreement::default());
        assert!(table.socket(now, by(&ConnectionToken::same_as(&id))).is_ok());
    }

    #[test]
    fn another_user_cannot_take_the_connection_up() {
        let (table, now) = table();
        let (_, token) = open(&table, now, Agreement { user_key: Some("a".into()), ..secret() });
        let other = Visitor { token: token.clone(), user_key: Some("b") };
        assert_eq!(table.socket(now, other).unwrap_err(), ClaimError::OtherUser);
        assert_eq!(table.socket(now, by(&token)).unwrap_err(), ClaimError::OtherUser);
        assert!(table.socket(now, Visitor { token, user_key: Some("a") }).is_ok());
    }

    #[test]
    fn what_nobody_takes_up_lapses_and_is_forgotten() {
        let (table, now) = table();
        let (_, token) = open(&table, now, secret());
        assert_eq!(table.socket(now + TIMEOUT, by(&token)).unwrap_err(), ClaimError::Unknown);
        let inner = table.inner.lock();
        assert!(inner.slots.is_empty() && inner.expiring.is_empty());
    }

    #[test]
    fn a_connection_in_use_does_not_lapse() {
        let (table, now) = table();
        let (_, token) = open(&table, now, secret());
        let _held = table.socket(now, by(&token)).unwrap();
        assert_eq!(table.socket(now + 2 * TIMEOUT, by(&token)).unwrap_err(), ClaimError::Taken);
    }

    #[test]
    fn a_connection_keeps_its_transport() {
        let (table, now) = table();
        let (_, token) = open(&table, now, secret());
        assert_eq!(table.posts(now, by(&token)).unwrap_err(), ClaimError::Unknown);
        let _held = table.poll(now, by(&token)).unwrap();
        assert!(matches!(table.poll(now, by(&token)), Ok(Poll::Next(_))));
        assert!(table.posts(now, by(&token)).is_ok());
        assert_eq!(table.socket(now, by(&token)).unwrap_err(), ClaimError::OtherTransport);
        assert_eq!(table.events(now, by(&token)).unwrap_err(), ClaimError::OtherTransport);
    }

    #[test]
    fn a_socket_is_replaced_only_if_that_was_agreed() {
        let (table, now) = table();
        let (_, token) = open(&table, now, Agreement { stateful: true, ..secret() });
        let _held = table.socket(now, by(&token)).unwrap();
        assert!(matches!(table.socket(now, by(&token)), Ok(Socket::Next(_))));
    }
}
