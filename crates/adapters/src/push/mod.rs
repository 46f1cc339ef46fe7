//! Messages that make a phone ring.

mod fcm;
mod token;

use std::time::Duration;

pub use fcm::{Fcm, FcmError};

use crate::Attempt;

/// A message to one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushMessage {
    /// What the device registered with.
    pub token: String,
    /// Its first line.
    pub title: String,
    /// The rest.
    pub body: String,
    /// It replaces an earlier one with the same key on the screen.
    pub collapse: String,
    /// For the app.
    pub data: Vec<(&'static str, String)>,
    /// After so long nobody wants it any more.
    pub valid: Duration,
}

/// Sends push messages.
pub trait Push: Send + Sync + 'static {
    /// Hands the message over.
    fn send<'a>(&'a self, message: &'a PushMessage) -> Attempt<'a>;
}
