//! What waits to be written to one client.

use std::collections::VecDeque;

use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// How much the writer takes at once: enough to save system calls, little enough to stay bounded.
const BATCH_BYTES: usize = 64 * 1024;

/// How many places an empty queue may keep.
const KEPT_CAPACITY: usize = 16;

/// Bounded queue between everyone who sends and the one writer of a connection.
#[derive(Debug)]
pub(crate) struct Outbox {
    max_messages: usize,
    max_bytes: usize,
    queue: Mutex<Queue>,
    /// Wakes the writer.
    filled: Notify,
    /// Wakes the sender of answers.
    drained: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Utf8Bytes>,
    bytes: usize,
    ended: bool,
}

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The client does not keep up.
    Full,
    /// The connection is ending.
    Ended,
}

impl Outbox {
    /// See [`HubOptions`](crate::HubOptions) for the meaning of the limits.
    pub(crate) fn new(max_messages: usize, max_bytes: usize) -> Self {
        Self {
            max_messages,
            max_bytes,
            queue: Mutex::default(),
            filled: Notify::new(),
            drained: Notify::new(),
        }
    }

    /// Queues an event, which never waits for the client.
    pub(crate) fn try_push(&self, message: Utf8Bytes) -> Result<(), Refused> {
        self.push_within(message, self.max_messages, self.max_bytes)
    }

    /// Queues an answer. It waits while the queue is half full, which in turn keeps the client from asking:
    /// one that asks much at once is slowed down, not closed.
    pub(crate) async fn push(&self, message: Utf8Bytes) -> Result<(), Refused> {
        loop {
            match self.push_within(message.clone(), self.max_messages.div_ceil(2), self.max_bytes / 2) {
                Err(Refused::Full) => self.drained.notified().await,
                done => return done,
            }
        }
    }

    fn push_within(&self, message: Utf8Bytes, max_messages: usize, max_bytes: usize) -> Result<(), Refused> {
        let mut queue = self.queue.lock();
        if queue.ended {
            return Err(Refused::Ended);
        }
        let bytes = queue.bytes + message.len();
        if !queue.messages.is_empty() && (queue.messages.len() >= max_messages || bytes > max_bytes) {
            return Err(Refused::Full);
        }
        queue.bytes = bytes;
        queue.messages.push_back(message);
        drop(queue);
        self.filled.notify_one();
        Ok(())
    }

    /// Takes no more messages than `farewell`. Those waiting are still written, unless they are discarded.
    pub(crate) fn end(&self, farewell: Option<Utf8Bytes>, discard: bool) {
        let mut queue = self.queue.lock();
        if discard {
            queue.messages.clear();
        }
        queue.ended = true;
        queue.messages.extend(farewell);
        drop(queue);
        self.filled.notify_one();
        self.drained.notify_one();
    }

    /// Waits for messages and moves some of them to `batch`; `false` when no more will come.
    /// Loses nothing when dropped while waiting.
    pub(crate) async fn next_batch(&self, batch: &mut Vec<Utf8Bytes>) -> bool {
        loop {
            {
                let mut queue = self.queue.lock();
                let mut size = 0;
                while size < BATCH_BYTES
                    && let Some(message) = queue.messages.pop_front()
                {
                    size += message.len();
                    batch.push(message);
                }
                queue.bytes = queue.bytes.saturating_sub(size);
                if !batch.is_empty() {
                    drop(queue);
                    self.drained.notify_one();
                    return true;
                }
                if queue.ended {
                    return false;
                }
                // A burst should not cost an idle connection memory for ever.
                if queue.messages.capacity() > KEPT_CAPACITY {
                    queue.messages.shrink_to_fit();
                }
            }
            self.filled.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;

    use super::*;

    async fn batch(outbox: &Outbox) -> Vec<Utf8Bytes> {
        let mut batch = Vec::new();
        outbox.next_batch(&mut batch).await;
        batch
    }

    #[tokio::test]
    async fn messages_leave_in_order_and_together() {
        let outbox = Outbox::new(4, 100);
        outbox.try_push("a".into()).unwrap();
        outbox.try_push("b".into()).unwrap();
        assert_eq!(batch(&outbox).await, ["a", "b"]);
    }

    #[test]
    fn events_are_refused_beyond_either_limit() {
        let few = Outbox::new(2, 100);
        few.try_push("a".into()).unwrap();
        few.try_push("b".into()).unwrap();
        assert_eq!(few.try_push("c".into()), Err(Refused::Full));

        let small = Outbox::new(10, 3);
        small.try_push("ab".into()).unwrap();
        assert_eq!(small.try_push("cd".into()), Err(Refused::Full));
        small.try_push("c".into()).unwrap();
    }

    #[test]
    fn a_message_beyond_the_byte_limit_is_taken_when_it_is_alone() {
        let outbox = Outbox::new(10, 3);
        outbox.try_push("abcdef".into()).unwrap();
        assert_eq!(outbox.try_push("g".into()), Err(Refused::Full));
    }

    #[tokio::test]
    async fn answers_leave_room_for_events_and_wait_for_the_writer() {
        let outbox = Outbox::new(4, 100);
        outbox.push("1".into()).await.unwrap();
        outbox.push("2".into()).await.unwrap();
        let mut third = pin!(outbox.push("3".into()));
        assert!(third.as_mut().now_or_never().is_none());
        outbox.try_push("event".into()).unwrap();

        assert_eq!(batch(&outbox).await, ["1", "2", "event"]);
        assert_eq!(third.as_mut().now_or_never(), Some(Ok(())));
    }

    #[tokio::test]
    async fn the_farewell_comes_last_and_nothing_after_it() {
        let outbox = Outbox::new(4, 100);
        outbox.try_push("a".into()).unwrap();
        outbox.end(Some("bye".into()), false);
        assert_eq!(outbox.try_push("b".into()), Err(Refused::Ended));
        assert_eq!(outbox.push("c".into()).await, Err(Refused::Ended));

        assert_eq!(batch(&outbox).await, ["a", "bye"]);
        assert!(!outbox.next_batch(&mut Vec::new()).await);
    }

    #[tokio::test]
    async fn ending_wakes_an_answer_that_waits() {
        let outbox = Outbox::new(1, 100);
        outbox.try_push("a".into()).unwrap();
        let mut waiting = pin!(outbox.push("b".into()));
        assert!(waiting.as_mut().now_or_never().is_none());
        outbox.end(None, false);
        assert_eq!(waiting.await, Err(Refused::Ended));
    }

    #[tokio::test]
    async fn ending_may_discard_what_waits() {
        let outbox = Outbox::new(4, 100);
        outbox.try_push("a".into()).unwrap();
        outbox.end(Some("bye".into()), true);
        assert_eq!(batch(&outbox).await, ["bye"]);
    }
}
