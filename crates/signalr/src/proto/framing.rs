//! Cuts the bytes a client sends into messages.
//!
//! Framing follows the byte stream, not the transport's messages: a message may be spread over several of
//! them, and one may hold many messages (the JavaScript client joins what it has queued).

use bytes::{Buf, Bytes, BytesMut};

use super::{Protocol, RECORD_SEPARATOR};

/// The end of the stream of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FramingError {
    /// A message is longer than allowed.
    #[error("The maximum message size of {limit} bytes was exceeded.")]
    TooLong {
        /// The limit in bytes, separator included.
        limit: usize,
    },
    /// The length before a message is no length.
    #[error("The length of a message is not valid.")]
    BadLength,
}

/// A length takes at most five bytes, and at most 31 bits.
const MAX_LENGTH_BYTES: usize = 5;

/// Collects chunks and gives back whole messages.
#[derive(Debug)]
pub(crate) struct Framing {
    protocol: Protocol,
    limit: usize,
    /// The beginning of a message whose end has not arrived; of a record, without its separator.
    partial: BytesMut,
    /// What is left of the newest chunk.
    chunk: Bytes,
}

impl Framing {
    /// Accepts messages of up to `limit` bytes, a separator included. The handshake is read as JSON.
    pub(crate) fn new(limit: usize) -> Self {
        Self { protocol: Protocol::Json, limit, partial: BytesMut::new(), chunk: Bytes::new() }
    }

    /// What comes from here on is of this protocol.
    pub(crate) fn speak(&mut self, protocol: Protocol) {
        self.protocol = protocol;
    }

    /// Forgets what has arrived in part: the client has come back and begins with a whole message.
    pub(crate) fn start_anew(&mut self) {
        self.partial.clear();
        self.chunk.clear();
    }

    /// Takes the next chunk. The messages of the one before must have been taken out.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else {
            let mut joined = BytesMut::from(std::mem::take(&mut self.chunk));
            joined.extend_from_slice(&chunk);
            self.chunk = joined.freeze();
        }
    }

    /// The next whole message without its separator or length; `None` when more bytes are needed.
    pub(crate) fn next_message(&mut self) -> Result<Option<Bytes>, FramingError> {
        match self.protocol {
            Protocol::Json => self.next_record(),
            Protocol::MessagePack => self.next_prefixed(),
        }
    }

    fn next_record(&mut self) -> Result<Option<Bytes>, FramingError> {
        let too_long = FramingError::TooLong { limit: self.limit };
        let Some(end) = self.chunk.iter().position(|&byte| byte == RECORD_SEPARATOR) else {
            // Its separator is still to come, hence `>=`.
            if self.partial.len() + self.chunk.len() >= self.limit {
                return Err(too_long);
            }
            self.partial.extend_from_slice(&std::mem::take(&mut self.chunk));
            return Ok(None);
        };
        if self.partial.len() + end >= self.limit {
            return Err(too_long);
        }
        let tail = self.chunk.split_to(end);
        self.chunk.advance(1);
        if self.partial.is_empty() {
            return Ok(Some(tail));
        }
        self.partial.extend_from_slice(&tail);
        Ok(Some(std::mem::take(&mut self.partial).freeze()))
    }

    fn next_prefixed(&mut self) -> Result<Option<Bytes>, FramingError> {
        if self.partial.is_empty() {
            let Some((prefix, length)) = self.length(&self.chunk)? else {
                self.partial.extend_from_slice(&std::mem::take(&mut self.chunk));
                return Ok(None);
            };
            if self.chunk.len() >= prefix + length {
                self.chunk.advance(prefix);
                return Ok(Some(self.chunk.split_to(length)));
            }
        }
        // A message in pieces: the prefix first, then no more than what belongs to it.
        loop {
            let missing = match self.length(&self.partial)? {
                None => 1,
                Some((prefix, length)) if self.partial.len() >= prefix + length => {
                    let mut message = std::mem::take(&mut self.partial).freeze();
                    message.advance(prefix);
                    return Ok(Some(message));
                }
                Some((prefix, length)) => prefix + length - self.partial.len(),
            };
            if self.chunk.is_empty() {
                return Ok(None);
            }
            let piece = self.chunk.split_to(missing.min(self.chunk.len()));
            self.partial.extend_from_slice(&piece);
        }
    }

    /// How long the prefix is and the message behind it; `None` when the prefix is not complete.
    fn length(&self, bytes: &[u8]) -> Result<Option<(usize, usize)>, FramingError> {
        let mut length = 0_u64;
        for (index, byte) in bytes.iter().take(MAX_LENGTH_BYTES).enumerate() {
            length |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return match usize::try_from(length) {
                    Ok(length) if length > self.limit => Err(FramingError::TooLong { limit: self.limit }),
                    Ok(length) if length > 0 => Ok(Some((index + 1, length))),
                    _ => Err(FramingError::BadLength),
                };
            }
        }
        if bytes.len() >= MAX_LENGTH_BYTES { Err(FramingError::BadLength) } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records(limit: usize, chunks: &[&[u8]]) -> Result<Vec<Bytes>, FramingError> {
        let mut reader = Framing::new(limit);
        let mut found = Vec::new();
        for chunk in chunks {
            reader.push(Bytes::copy_from_slice(chunk));
            while let Some(record) = reader.next_message()? {
                found.push(record);
            }
        }
        Ok(found)
    }

    #[test]
    fn many_records_in_one_chunk_come_out_in_order() {
        assert_eq!(records(64, &[b"a\x1ebc\x1e\x1ed"]).unwrap(), ["a", "bc", ""]);
    }

    #[test]
    fn a_record_split_over_chunks_comes_out_whole() {
        assert_eq!(records(64, &[b"ab", b"c", b"", b"d\x1ee", b"\x1e"]).unwrap(), ["abcd", "e"]);
    }

    #[test]
    fn the_limit_counts_the_separator() {
        assert_eq!(records(4, &[b"abc\x1e"]).unwrap(), ["abc"]);
        assert_eq!(records(4, &[b"a", b"bc\x1e"]).unwrap(), ["abc"]);
        assert_eq!(records(4, &[b"abcd\x1e"]), Err(FramingError::TooLong { limit: 4 }));
        assert_eq!(records(4, &[b"abc", b"d"]), Err(FramingError::TooLong { limit: 4 }));
    }

    #[test]
    fn short_records_may_together_exceed_the_limit() {
        assert_eq!(records(4, &[b"abc\x1edef\x1eghi\x1e"]).unwrap(), ["abc", "def", "ghi"]);
    }

    #[test]
    fn a_chunk_pushed_before_the_last_one_is_used_up_is_kept() {
        let mut reader = Framing::new(64);
        reader.push(Bytes::from_static(b"a\x1eb"));
        reader.push(Bytes::from_static(b"c\x1e"));
        assert_eq!(reader.next_message().unwrap().unwrap(), "a");
        assert_eq!(reader.next_message().unwrap().unwrap(), "bc");
        assert_eq!(reader.next_message().unwrap(), None);
    }

    proptest! {
        #[test]
        fn where_chunks_are_cut_makes_no_difference(
            data in prop::collection::vec(prop_oneof![Just(RECORD_SEPARATOR), any::<u8>()], 0..200),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(data.len() + 1)).collect();
            cuts.extend([0, data.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &data[pair[0]..pair[1]]).collect();

            let whole = records(1000, &[&data]).unwrap();
            prop_assert_eq!(&records(1000, &chunks).unwrap(), &whole);
            prop_assert_eq!(whole.len(), data.iter().filter(|&&byte| byte == RECORD_SEPARATOR).count());
        }
    }
}
