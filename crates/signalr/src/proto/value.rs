//! Values as they travel: written by one protocol, read once their type is known.

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::Protocol;

/// A value a client has sent, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawValue {
    protocol: Protocol,
    bytes: Bytes,
}

/// A value does not fit the type it is read as.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// A JSON value.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A MessagePack value.
    #[error(transparent)]
    MessagePack(#[from] rmp_serde::decode::Error),
    /// More or fewer values than expected.
    #[error("expected {expected} values, got {got}")]
    Count {
        /// How many the method takes.
        expected: usize,
        /// How many came.
        got: usize,
    },
}

/// A value cannot be written in a protocol.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// Not as JSON: for instance a map with keys that are not strings.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It was written in another protocol before.
    #[error("the value is written in another protocol")]
    Protocol,
    /// Not as MessagePack.
    #[error(transparent)]
    MessagePack(#[from] rmp_serde::encode::Error),
}

impl RawValue {
    pub(crate) fn new(protocol: Protocol, bytes: Bytes) -> Self {
        Self { protocol, bytes }
    }

    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        Ok(match self.protocol {
            Protocol::Json => serde_json::from_slice(&self.bytes)?,
            Protocol::MessagePack => rmp_serde::from_slice(&self.bytes)?,
        })
    }
}

/// What can be written in every protocol.
pub(crate) trait Encode {
    /// Appends the value.
    fn encode(&self, protocol: Protocol, out: &mut Vec<u8>) -> Result<(), EncodeError>;
}

impl<T: Serialize + ?Sized> Encode for T {
    fn encode(&self, protocol: Protocol, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match protocol {
            Protocol::Json => serde_json::to_writer(out, self)?,
            Protocol::MessagePack => {
                self.serialize(&mut rmp_serde::Serializer::new(out).with_struct_map())?;
            }
        }
        Ok(())
    }
}

/// A value that is written already; in another protocol it cannot be.
impl Encode for RawValue {
    fn encode(&self, protocol: Protocol, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if protocol != self.protocol {
            return Err(EncodeError::Protocol);
        }
        out.extend_from_slice(&self.bytes);
        Ok(())
    }
}

/// Writes a value by itself.
pub(crate) fn encoded(value: &dyn Encode, protocol: Protocol) -> Result<RawValue, EncodeError> {
    let mut bytes = Vec::new();
    value.encode(protocol, &mut bytes)?;
    Ok(RawValue::new(protocol, bytes.into()))
}
