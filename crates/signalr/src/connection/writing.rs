//! Messages on their way out.

use std::pin::pin;

use axum::extract::ws::close_code;
use bytes::Bytes;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    HubOptions,
    close::CloseReason,
    registry::Member,
    transport::{Transport, WriteError, Writer},
};

/// Writes what waits, and pings when nothing does; goes on with the writers that come through `again`.
pub(super) async fn write_messages<U>(
    writer: Writer,
    again: Option<mpsc::Receiver<Writer>>,
    member: &Member<U>,
    options: &HubOptions,
) {
    let mut out = Out { writer, again, member, options };
    let mut batch = Vec::new();
    let mut ping_at = pin!(sleep_until(Instant::now() + options.keep_alive_interval));
    loop {
        let more = tokio::select! {
            biased;
            writer = out.replacement() => {
                if out.go_on_with(writer).await.is_err() {
                    return;
                }
                continue;
            }
            more = member.outbox.next_batch(&mut batch) => more,
            () = &mut ping_at, if member.transport.needs_pings() => {
                batch.push(member.protocol.ping());
                true
            }
        };
        if !more {
            break;
        }
        if out.write(&mut batch).await.is_err() {
            return;
        }
        ping_at.as_mut().reset(Instant::now() + options.keep_alive_interval);
    }
    let code = match member.close_reason() {
        CloseReason::NotUtf8 => close_code::INVALID,
        _ => close_code::NORMAL,
    };
    if out.writer.close(code).await.is_err() {
        tracing::debug!(connection = %member.id, "closing has failed");
    }
}

struct Out<'a, U> {
    writer: Writer,
    again: Option<mpsc::Receiver<Writer>>,
    member: &'a Member<U>,
    options: &'a HubOptions,
}

impl<U> Out<'_, U> {
    /// Waits for the writer that takes the place of this one, for ever if none can come.
    async fn replacement(&mut self) -> Writer {
        let Some(again) = &mut self.again else { return std::future::pending().await };
        let Some(mut newest) = again.recv().await else { return std::future::pending().await };
        while let Ok(newer) = again.try_recv() {
            newest = newer;
        }
        newest
    }

    /// Writes; when the transport breaks and another can come, waits for that one. What is not acknowledged
    /// by then is written again.
    async fn write(&mut self, batch: &mut Vec<Bytes>) -> Result<(), WriteError> {
        if self.write_once(batch).await.is_ok() {
            return Ok(());
        }
        if self.again.is_none() || self.member.closing.is_cancelled() {
            return Err(WriteError);
        }
        let next = self.replacement().await;
        self.go_on_with(next).await
    }

    async fn go_on_with(&mut self, writer: Writer) -> Result<(), WriteError> {
        let mut next = Some(writer);
        while let Some(writer) = next.take() {
            self.writer = writer;
            let (first, mut missed) = self.member.outbox.unacknowledged();
            missed.insert(0, self.member.protocol.sequence(first));
            if self.write_once(&mut missed).await.is_err() {
                next = Some(self.replacement().await);
            }
        }
        Ok(())
    }

    async fn write_once(&mut self, batch: &mut Vec<Bytes>) -> Result<(), WriteError> {
        let write = self.writer.write(self.member.protocol, batch);
        // How long a client may take between two polls is watched elsewhere.
        if self.member.transport == Transport::LongPolling {
            return write.await;
        }
        match timeout(self.options.send_timeout, write).await {
            Ok(written) => written,
            // A connection that may be taken up again is broken, not slow.
            Err(_) if self.again.is_some() => Err(WriteError),
            Err(_) => {
                self.member.close(CloseReason::SlowConsumer);
                Err(WriteError)
            }
        }
    }
}
