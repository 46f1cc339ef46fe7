//! Cuts the bytes a client sends into records.
//!
//! Framing follows the byte stream, not the transport's messages: a record may be spread over several of
//! them, and one may hold many records (the JavaScript client joins what it has queued).

use bytes::{Buf, Bytes, BytesMut};

use super::RECORD_SEPARATOR;

/// A record is longer than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The maximum message size of {limit} bytes was exceeded.")]
pub(crate) struct RecordTooLong {
    /// The limit in bytes, separator included.
    pub(crate) limit: usize,
}

/// Collects chunks and gives back whole records.
#[derive(Debug)]
pub(crate) struct RecordReader {
    limit: usize,
    /// The beginning of a record whose end has not arrived; never holds a separator.
    partial: BytesMut,
    /// What is left of the newest chunk.
    chunk: Bytes,
}

impl RecordReader {
    /// Accepts records of up to `limit` bytes, their separator included.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, partial: BytesMut::new(), chunk: Bytes::new() }
    }

    /// Takes the next chunk. The records of the one before must have been taken out.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else {
            let mut joined = BytesMut::from(std::mem::take(&mut self.chunk));
            joined.extend_from_slice(&chunk);
            self.chunk = joined.freeze();
        }
    }

    /// The next whole record without its separator; `None` when more bytes are needed.
    pub(crate) fn next_record(&mut self) -> Result<Option<Bytes>, RecordTooLong> {
        let Some(end) = self.chunk.iter().position(|&byte| byte == RECORD_SEPARATOR) else {
            // Its separator is still to come, hence `>=`.
            if self.partial.len() + self.chunk.len() >= self.limit {
                return Err(RecordTooLong { limit: self.limit });
            }
            self.partial.extend_from_slice(&std::mem::take(&mut self.chunk));
            return Ok(None);
        };
        if self.partial.len() + end >= self.limit {
            return Err(RecordTooLong { limit: self.limit });
        }
        let tail = self.chunk.split_to(end);
        self.chunk.advance(1);
        if self.partial.is_empty() {
            return Ok(Some(tail));
        }
        self.partial.extend_from_slice(&tail);
        Ok(Some(std::mem::take(&mut self.partial).freeze()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records(limit: usize, chunks: &[&[u8]]) -> Result<Vec<Bytes>, RecordTooLong> {
        let mut reader = RecordReader::new(limit);
        let mut found = Vec::new();
        for chunk in chunks {
            reader.push(Bytes::copy_from_slice(chunk));
            while let Some(record) = reader.next_record()? {
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
        assert_eq!(records(4, &[b"abcd\x1e"]), Err(RecordTooLong { limit: 4 }));
        assert_eq!(records(4, &[b"abc", b"d"]), Err(RecordTooLong { limit: 4 }));
    }

    #[test]
    fn short_records_may_together_exceed_the_limit() {
        assert_eq!(records(4, &[b"abc\x1edef\x1eghi\x1e"]).unwrap(), ["abc", "def", "ghi"]);
    }

    #[test]
    fn a_chunk_pushed_before_the_last_one_is_used_up_is_kept() {
        let mut reader = RecordReader::new(64);
        reader.push(Bytes::from_static(b"a\x1eb"));
        reader.push(Bytes::from_static(b"c\x1e"));
        assert_eq!(reader.next_record().unwrap().unwrap(), "a");
        assert_eq!(reader.next_record().unwrap().unwrap(), "bc");
        assert_eq!(reader.next_record().unwrap(), None);
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
