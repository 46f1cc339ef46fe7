//! Calls of the server that wait for the answer of a client.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use crate::proto::message::Outcome;

/// The unanswered calls to one client.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    newest: u64,
    waiting: HashMap<String, oneshot::Sender<Outcome>>,
    ended: bool,
}

/// One call. Forgotten when this is dropped.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pending: &'a Pending,
    pub(crate) id: String,
    answer: oneshot::Receiver<Outcome>,
}

impl Pending {
    /// Opens a call; `None` when the connection is over.
    pub(crate) fn ask(&self) -> Option<Asked<'_>> {
        let mut inner = self.inner.lock();
        if inner.ended {
            return None;
        }
        inner.newest += 1;
        // Not mistaken for a stream of the client, whose names are plain numbers.
        let id = format!("s{}", inner.newest);
        let (sender, answer) = oneshot::channel();
        inner.waiting.insert(id.clone(), sender);
        Some(Asked { pending: self, id, answer })
    }

    /// Hands an answer over; nothing happens when nobody waits for it.
    pub(crate) fn answer(&self, id: &str, outcome: Outcome) {
        if let Some(sender) = self.inner.lock().waiting.remove(id) {
            // Whoever has asked may have given up just now.
            let _ = sender.send(outcome);
        }
    }

    /// No answers will come any more.
    pub(crate) fn end(&self) {
        let mut inner = self.inner.lock();
        inner.ended = true;
        inner.waiting.clear();
    }
}

impl Asked<'_> {
    /// The answer; `None` when the client is gone.
    pub(crate) async fn answer(&mut self) -> Option<Outcome> {
        (&mut self.answer).await.ok()
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.pending.inner.lock().waiting.remove(&self.id);
    }
}

/// How many calls of one client may run, and do.
///
/// A method that waits for a client gives its place to the next call: the answer it waits for may be
/// behind that call.
#[derive(Debug)]
pub(crate) struct Places {
    limit: usize,
    taken: AtomicUsize,
    pub(crate) freed: Notify,
}

tokio::task_local! {
    static PLACES: Arc<Places>;
}

impl Places {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit: limit.max(1), taken: AtomicUsize::new(0), freed: Notify::new() })
    }

    pub(crate) fn is_free(&self) -> bool {
        self.taken.load(Ordering::Relaxed) < self.limit
    }

    pub(crate) fn are_empty(&self) -> bool {
        self.taken.load(Ordering::Relaxed) == 0
    }

    /// Takes a place, even beyond the limit.
    pub(crate) fn take(self: &Arc<Self>) -> Place {
        self.add();
        Place(Arc::clone(self))
    }

    /// Waits for something outside, leaving the place of the method that waits, if any, to others.
    pub(crate) async fn leave<T>(waiting: impl Future<Output = T>) -> T {
        let Ok(places) = PLACES.try_with(Arc::clone) else { return waiting.await };
        let _left = Left::leave(&places);
        waiting.await
    }

    fn add(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    fn free(&self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
        self.freed.notify_one();
    }
}

/// A place, free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Places>);

impl Place {
    /// Runs a method in this place.
    pub(crate) async fn hold<T>(self, method: impl Future<Output = T>) -> T {
        PLACES.scope(Arc::clone(&self.0), method).await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.free();
    }
}

/// A place that is left, taken again when this is dropped, even beyond the limit.
struct Left<'a>(&'a Places);

impl<'a> Left<'a> {
    fn leave(places: &'a Places) -> Self {
        places.free();
        Self(places)
    }
}

impl Drop for Left<'_> {
    fn drop(&mut self) {
        self.0.add();
    }
}
