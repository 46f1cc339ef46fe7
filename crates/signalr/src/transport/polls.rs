//! Long polling: the client asks again and again, and each request is held until there is something to say.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout},
};

/// The meeting place of a connection and the polls of its client.
#[derive(Debug)]
pub(crate) struct Polls {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    /// The number of the newest poll; only that one is answered with data.
    newest: u64,
    /// Since when nobody polls; `None` while somebody does.
    alone_since: Option<Instant>,
    body: Option<Bytes>,
    /// Nothing more will come.
    ended: bool,
    /// The client has been told so.
    told: bool,
    /// The client has ended the connection.
    left: bool,
}

/// What a poll is answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Polled {
    /// Messages.
    Data(Bytes),
    /// Nothing yet; poll again.
    Nothing,
    /// Do not poll again: the connection has ended, or a newer poll has taken over.
    Over,
}

impl Polls {
    pub(crate) fn new() -> Arc<Self> {
        let state = State {
            newest: 0,
            alone_since: Some(Instant::now()),
            body: None,
            ended: false,
            told: false,
            left: false,
        };
        Arc::new(Self { state: Mutex::new(state), changed: Notify::new() })
    }

    /// Waits until `look` finds what it looks for.
    async fn until<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            // Changes after this line are noticed, even before the first poll of the future.
            let changed = self.changed.notified();
            if let Some(found) = look(&mut self.state.lock()) {
                self.changed.notify_waiters();
                return found;
            }
            changed.await;
        }
    }

    /// One request of the client.
    pub(crate) async fn poll(&self, held: Duration) -> Polled {
        let mine = {
            let mut state = self.state.lock();
            state.newest += 1;
            state.alone_since = None;
            state.newest
        };
        self.changed.notify_waiters();
        // Also when the client hangs up, which drops this future.
        let _presence = Presence { polls: self, mine };
        let answer = self.until(|state| {
            if state.newest != mine {
                return Some(Polled::Over);
            }
            if let Some(body) = state.body.take() {
                return Some(Polled::Data(body));
            }
            state.told |= state.ended;
            state.ended.then_some(Polled::Over)
        });
        timeout(held, answer).await.unwrap_or(Polled::Nothing)
    }

    /// Hands messages over to the next poll, after those before have been fetched.
    pub(super) async fn put(&self, body: Bytes) {
        let mut body = Some(body);
        self.until(|state| {
            if state.body.is_some() && !state.left {
                return None;
            }
            state.body = body.take();
            Some(())
        })
        .await;
    }

    /// Tells the client, with its next poll, that it is over; returns once it knows.
    pub(super) async fn end(&self) {
        self.state.lock().ended = true;
        self.changed.notify_waiters();
        self.until(|state| (state.told || state.left).then_some(())).await;
    }

    /// The client ends the connection.
    pub(crate) fn leave(&self) {
        let mut state = self.state.lock();
        state.left = true;
        state.ended = true;
        drop(state);
        self.changed.notify_waiters();
    }

    /// Until the client has ended the connection.
    pub(super) async fn left(&self) {
        self.until(|state| state.left.then_some(())).await;
    }

    /// Until nobody has polled for `patience`.
    pub(super) async fn abandoned(&self, patience: Duration) {
        loop {
            let since = self.until(|state| state.alone_since).await;
            let back = self.until(|state| (state.alone_since != Some(since)).then_some(()));
            tokio::select! {
                () = back => {}
                () = sleep_until(since + patience) => return,
            }
        }
    }
}

struct Presence<'a> {
    polls: &'a Polls,
    mine: u64,
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        let mut state = self.polls.state.lock();
        if state.newest == self.mine {
            state.alone_since = Some(Instant::now());
            drop(state);
            self.polls.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_poll_gets_what_waits_and_the_writer_goes_on() {
        let polls = Polls::new();
        polls.put("a".into()).await;
        let second = polls.put("b".into());
        let (first, ()) = tokio::join!(polls.poll(LONG), second);
        assert_eq!(first, Polled::Data("a".into()));
        assert_eq!(polls.poll(LONG).await, Polled::Data("b".into()));
    }

    #[tokio::test]
    async fn a_newer_poll_ends_the_older() {
        let polls = Polls::new();
        let older = tokio::spawn({
            let polls = Arc::clone(&polls);
            async move { polls.poll(LONG).await }
        });
        polls.until(|state| (state.newest == 1).then_some(())).await;
        let newer = polls.poll(LONG);
        let (older, newer, ()) = tokio::join!(older, newer, async {
            polls.until(|state| (state.newest == 2).then_some(())).await;
            polls.put("x".into()).await;
        });
        assert_eq!(older.unwrap(), Polled::Over);
        assert_eq!(newer, Polled::Data("x".into()));
    }

    #[tokio::test]
    async fn nothing_to_say_is_an_empty_answer_after_a_while() {
        assert_eq!(Polls::new().poll(Duration::from_millis(5)).await, Polled::Nothing);
    }

    #[tokio::test]
    async fn the_end_comes_after_the_last_data_and_is_waited_for() {
        let polls = Polls::new();
        polls.put("bye".into()).await;
        let end = polls.end();
        let fetch = async {
            assert_eq!(polls.poll(LONG).await, Polled::Data("bye".into()));
            assert_eq!(polls.poll(LONG).await, Polled::Over);
        };
        tokio::join!(end, fetch);
    }

    #[tokio::test]
    async fn who_does_not_poll_any_more_is_missed_after_a_while() {
        let polls = Polls::new();
        let away = polls.abandoned(Duration::from_millis(20));
        let held = async {
            let started = Instant::now();
            assert_eq!(polls.poll(Duration::from_millis(50)).await, Polled::Nothing);
            started
        };
        let ((), started) = tokio::join!(away, held);
        assert!(started.elapsed() >= Duration::from_millis(70));
    }

    #[tokio::test]
    async fn who_leaves_is_noticed_at_once() {
        let polls = Polls::new();
        assert!(polls.left().now_or_never().is_none());
        polls.leave();
        polls.left().await;
        polls.end().await;
        assert_eq!(polls.poll(LONG).await, Polled::Over);
    }
}
