//! The arguments of a call, on their way to a method.

use std::{
    collections::VecDeque,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::Stream;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use crate::{
    HubError,
    proto::{
        Protocol,
        value::{DecodeError, RawValue},
    },
};

/// What a method can take: anything `serde` reads, and [`Upload`].
pub trait Argument: Sized + Send + 'static {
    #[doc(hidden)]
    const UPLOADS: usize = 0;
    #[doc(hidden)]
    fn take(given: &mut Given) -> Result<Self, HubError>;
}

/// What a client has given for one call.
#[derive(Debug)]
#[doc(hidden)]
pub struct Given {
    protocol: Protocol,
    count: usize,
    values: VecDeque<RawValue>,
    uploads: VecDeque<mpsc::Receiver<UploadEvent>>,
}

/// What happens on a stream that a client sends.
#[derive(Debug)]
pub(crate) enum UploadEvent {
    Item(RawValue),
    /// The client has ended it, with a text if it has failed.
    End(Option<String>),
}

impl Given {
    pub(crate) fn new(
        protocol: Protocol,
        values: Vec<RawValue>,
        uploads: Vec<mpsc::Receiver<UploadEvent>>,
    ) -> Self {
        Self { protocol, count: values.len(), values: values.into(), uploads: uploads.into() }
    }

    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }

    fn miscounted(&self, expected: usize) -> HubError {
        HubError::Arguments(DecodeError::Count { expected, got: self.count })
    }

    /// Nothing may be left over.
    pub(crate) fn finish(&mut self) -> Result<(), HubError> {
        if self.values.is_empty() && self.uploads.is_empty() {
            return Ok(());
        }
        Err(self.miscounted(self.count - self.values.len()))
    }
}

impl<T: DeserializeOwned + Send + 'static> Argument for T {
    fn take(given: &mut Given) -> Result<Self, HubError> {
        let value = given.values.pop_front().ok_or_else(|| given.miscounted(given.count + 1))?;
        value.read().map_err(HubError::Arguments)
    }
}

/// A stream of items that the client sends while the method runs. It ends with the client's stream, with an
/// error when that fails or the client goes.
#[derive(Debug)]
pub struct Upload<T> {
    events: mpsc::Receiver<UploadEvent>,
    ended: bool,
    items: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned + 'static> Argument for Upload<T> {
    const UPLOADS: usize = 1;

    fn take(given: &mut Given) -> Result<Self, HubError> {
        let events = given.uploads.pop_front().ok_or_else(|| given.miscounted(given.count))?;
        Ok(Self { events, ended: false, items: PhantomData })
    }
}

impl<T: DeserializeOwned> Stream for Upload<T> {
    type Item = Result<T, HubError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let event = ready!(self.events.poll_recv(cx));
        let item = match event {
            Some(UploadEvent::Item(value)) => {
                return Poll::Ready(Some(value.read().map_err(HubError::Arguments)));
            }
            Some(UploadEvent::End(None)) => None,
            Some(UploadEvent::End(Some(error))) => Some(Err(HubError::Client(error))),
            None => Some(Err(HubError::client("The client has gone before the end of its stream."))),
        };
        self.ended = true;
        Poll::Ready(item)
    }
}
