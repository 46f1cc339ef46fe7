//! What waits to be written to one client.

use std::collections::VecDeque;

use bytes::Bytes;
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
    /// Wakes one who waits with an answer; who is woken wakes the next.
    drained: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Bytes>,
    bytes: usize,
    ended: bool,
    /// The newest acknowledgement; it goes before everything else.
    ack: Option<Bytes>,
    /// Good-bye; it comes last and is not numbered.
    farewell: Option<Bytes>,
    kept: Option<Box<Kept>>,
}

/// What a client that may come back has not acknowledged.
#[derive(Debug)]
struct Kept {
    messages: VecDeque<Bytes>,
    /// The number of the first of them, or of the next message.
    first: u64,
    bytes: usize,
    max_bytes: usize,
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

    /// From now on keeps up to about `max_bytes` of what was written until the client acknowledges it.
    pub(crate) fn keep(&self, max_bytes: usize) {
        let kept = Kept { messages: VecDeque::new(), first: 1, bytes: 0, max_bytes };
        self.queue.lock().kept = Some(Box::new(kept));
    }

    /// Queues an event, which never waits for the client.
    pub(crate) fn try_push(&self, message: Bytes) -> Result<(), Refused> {
        self.push_within(message, self.max_messages, self.max_bytes)
    }

    /// Queues an answer. It waits while the queue is half full, which in turn keeps the client from asking:
    /// one that asks much at once is slowed down, not closed.
    pub(crate) async fn push(&self, message: Bytes) -> Result<(), Refused> {
        let mut waited = false;
        loop {
            match self.push_within(message.clone(), self.max_messages.div_ceil(2), self.max_bytes / 2) {
                Err(Refused::Full) => {
                    self.drained.notified().await;
                    waited = true;
                }
                done => {
                    if waited {
                        self.drained.notify_one();
                    }
                    return done;
                }
            }
        }
    }

    fn push_within(&self, message: Bytes, max_messages: usize, max_bytes: usize) -> Result<(), Refused> {
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

    /// Tells the client what has arrived, in the place of an acknowledgement that has not left yet.
    pub(crate) fn push_ack(&self, ack: Bytes) {
        self.queue.lock().ack = Some(ack);
        self.filled.notify_one();
    }

    /// The client has received all messages up to `number`, which may be beyond what was sent.
    pub(crate) fn acknowledged(&self, number: u64) {
        if let Some(kept) = &mut self.queue.lock().kept {
            while kept.first <= number
                && let Some(message) = kept.messages.pop_front()
            {
                kept.first += 1;
                kept.bytes = kept.bytes.saturating_sub(message.len());
            }
        }
        self.filled.notify_one();
    }

    /// What the client may have missed, and the number of its first message.
    pub(crate) fn unacknowledged(&self) -> (u64, Vec<Bytes>) {
        match &self.queue.lock().kept {
            Some(kept) => (kept.first, kept.messages.iter().cloned().collect()),
            None => (1, Vec::new()),
        }
    }

    /// Takes no more messages than `farewell`. Those waiting are still written, unless they are discarded.
    pub(crate) fn end(&self, farewell: Option<Bytes>, discard: bool) {
        let mut queue = self.queue.lock();
        if discard {
            queue.messages.clear();
        }
        queue.ended = true;
        queue.farewell = farewell;
        drop(queue);
        self.filled.notify_one();
        self.drained.notify_one();
    }

    /// Waits for messages and moves some of them to `batch`; `false` when no more will come.
    /// Loses nothing when dropped while waiting.
    pub(crate) async fn next_batch(&self, batch: &mut Vec<Bytes>) -> bool {
        loop {
            {
                let mut queue = self.queue.lock();
                if queue.take(batch) {
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

impl Queue {
    fn take(&mut self, batch: &mut Vec<Bytes>) -> bool {
        batch.extend(self.ack.take());
        let mut size = 0;
        // A client that comes back gets everything, so no more is sent than can be kept.
        while size < BATCH_BYTES
            && (self.ended || self.kept.as_ref().is_none_or(|kept| kept.bytes < kept.max_bytes))
            && let Some(message) = self.messages.pop_front()
        {
            size += message.len();
            if let Some(kept) = &mut self.kept {
                kept.bytes += message.len();
                kept.messages.push_back(message.clone());
            }
            batch.push(message);
        }
        self.bytes = self.bytes.saturating_sub(size);
        if self.messages.is_empty() {
            batch.extend(self.farewell.take());
        }
        !batch.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt;

    use super::*;

    async fn batch(outbox: &Outbox) -> Vec<Bytes> {
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

    #[tokio::test]
    async fn several_answers_that_wait_all_get_their_turn() {
        let outbox = std::sync::Arc::new(Outbox::new(2, 100));
        let mut waiting = tokio::task::JoinSet::new();
        for n in 0..20_u8 {
            let outbox = std::sync::Arc::clone(&outbox);
            waiting.spawn(async move { outbox.push(vec![n].into()).await });
        }
        let mut seen = 0;
        while seen < 20 {
            seen += batch(&outbox).await.len();
        }
        assert!(waiting.join_all().await.into_iter().all(|done| done.is_ok()));
    }

    #[tokio::test]
    async fn what_is_not_acknowledged_is_kept_and_counted_from_one() {
        let outbox = Outbox::new(10, 100);
        outbox.keep(100);
        for text in ["a", "b", "c"] {
            outbox.try_push(text.into()).unwrap();
        }
        assert_eq!(outbox.unacknowledged(), (1, Vec::new()), "nothing has been written");
        batch(&outbox).await;
        outbox.acknowledged(1);
        assert_eq!(outbox.unacknowledged(), (2, vec!["b".into(), "c".into()]));
        outbox.acknowledged(99);
        assert_eq!(outbox.unacknowledged(), (4, Vec::new()));
        outbox.acknowledged(1);
        assert_eq!(outbox.unacknowledged(), (4, Vec::new()));
    }

    #[tokio::test]
    async fn no_more_is_sent_than_can_be_kept_but_acknowledgements_are() {
        let outbox = Outbox::new(10, 100);
        outbox.keep(2);
        for text in ["ab", "cd", "ef"] {
            outbox.try_push(text.into()).unwrap();
        }
        assert_eq!(batch(&outbox).await, ["ab"]);
        assert!(outbox.next_batch(&mut Vec::new()).now_or_never().is_none());
        outbox.push_ack("ack".into());
        assert_eq!(batch(&outbox).await, ["ack"]);
        outbox.acknowledged(1);
        assert_eq!(batch(&outbox).await, ["cd"]);
        outbox.end(Some("bye".into()), false);
        assert_eq!(batch(&outbox).await, ["ef", "bye"]);
    }
}
