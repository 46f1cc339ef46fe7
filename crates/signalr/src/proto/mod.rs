//! The hub protocol as bytes: no I/O, no clock, no state beyond a partly received record.

pub(crate) mod framing;
pub(crate) mod handshake;
pub(crate) mod json;
pub(crate) mod message;

/// Ends every record of the handshake and of the JSON hub protocol (ASCII "record separator").
pub(crate) const RECORD_SEPARATOR: u8 = 0x1e;
