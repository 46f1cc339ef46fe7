//! Reads the outer structure of MessagePack without building values.

use bytes::Bytes;

use super::message::Malformed;

/// How deep values may be nested, as in JSON.
const MAX_DEPTH: usize = 128;

/// A place in a message.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a Bytes,
    at: usize,
}

const TRUNCATED: Malformed = Malformed::MessagePack("it ends too early");

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a Bytes) -> Self {
        Self { bytes, at: 0 }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(count).ok_or(TRUNCATED)?;
        let taken = self.bytes.get(self.at..end).ok_or(TRUNCATED)?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        match self.take(1)? {
            [byte] => Ok(*byte),
            _ => Err(TRUNCATED),
        }
    }

    fn big_endian(&mut self, width: usize) -> Result<u64, Malformed> {
        Ok(self.take(width)?.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    fn length(&mut self, width: usize) -> Result<usize, Malformed> {
        usize::try_from(self.big_endian(width)?).map_err(|_| TRUNCATED)
    }

    /// The first byte of the next value, which stays.
    fn peek(&self) -> Result<u8, Malformed> {
        self.bytes.get(self.at).copied().ok_or(TRUNCATED)
    }

    pub(super) fn array(&mut self, name: &'static str) -> Result<usize, Malformed> {
        match self.byte()? {
            head @ 0x90..=0x9f => Ok(usize::from(head & 0x0f)),
            0xdc => self.length(2),
            0xdd => self.length(4),
            _ => Err(Malformed::WrongType(name, "array")),
        }
    }

    fn map(&mut self, name: &'static str) -> Result<usize, Malformed> {
        match self.byte()? {
            head @ 0x80..=0x8f => Ok(usize::from(head & 0x0f)),
            0xde => self.length(2),
            0xdf => self.length(4),
            _ => Err(Malformed::WrongType(name, "map")),
        }
    }

    pub(super) fn number(&mut self, name: &'static str) -> Result<u64, Malformed> {
        let wrong = Malformed::WrongType(name, "number");
        // A sender may write a number that is not negative as a signed one.
        let (width, signed) = match self.byte()? {
            head @ 0x00..=0x7f => return Ok(u64::from(head)),
            0xcc => (1, false),
            0xcd => (2, false),
            0xce => (4, false),
            0xcf => (8, false),
            0xd0 => (1, true),
            0xd1 => (2, true),
            0xd2 => (4, true),
            0xd3 => (8, true),
            _ => return Err(wrong),
        };
        let number = self.big_endian(width)?;
        let negative = signed && (number >> (width * 8 - 1)) & 1 == 1;
        if negative { Err(wrong) } else { Ok(number) }
    }

    /// A text, or `None` for nil.
    pub(super) fn optional_text(&mut self, name: &'static str) -> Result<Option<String>, Malformed> {
        let wrong = Malformed::WrongType(name, "string");
        let length = match self.byte()? {
            0xc0 => return Ok(None),
            head @ 0xa0..=0xbf => usize::from(head & 0x1f),
            0xd9 => self.length(1)?,
            0xda => self.length(2)?,
            0xdb => self.length(4)?,
            _ => return Err(wrong),
        };
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| wrong)?;
        Ok(Some(text.to_owned()))
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<String, Malformed> {
        self.optional_text(name)?.ok_or(Malformed::Missing(name))
    }

    /// A map of texts; its content is of no interest.
    pub(super) fn headers(&mut self) -> Result<(), Malformed> {
        for _ in 0..self.map("headers")? {
            self.text("headers")?;
            self.text("headers")?;
        }
        Ok(())
    }

    /// The bytes of the next value, whatever it is.
    pub(super) fn value(&mut self) -> Result<Bytes, Malformed> {
        let start = self.at;
        // How many values are still to come at each level of nesting: no recursion, so no depth can hurt.
        let mut open = vec![1_u64];
        while let Some(left) = open.last_mut() {
            if *left == 0 {
                open.pop();
                continue;
            }
            *left -= 1;
            let inside = self.skip_head()?;
            if inside > 0 {
                if open.len() >= MAX_DEPTH {
                    return Err(Malformed::MessagePack("it is nested too deeply"));
                }
                open.push(inside);
            }
        }
        Ok(self.bytes.slice(start..self.at))
    }

    /// Passes over a value up to its content, and tells how many values that consists of.
    fn skip_head(&mut self) -> Result<u64, Malformed> {
        let head = self.peek()?;
        match head {
            0x80..=0x8f | 0xde | 0xdf => return Ok(2 * self.map("value")? as u64),
            0x90..=0x9f | 0xdc | 0xdd => return Ok(self.array("value")? as u64),
            _ => self.at += 1,
        }
        let length = match head {
            0xa0..=0xbf => usize::from(head & 0x1f),
            0xc4 | 0xd9 => self.length(1)?,
            0xc5 | 0xda => self.length(2)?,
            0xc6 | 0xdb => self.length(4)?,
            // An extension has its kind before its content.
            0xc7 => self.length(1)?.saturating_add(1),
            0xc8 => self.length(2)?.saturating_add(1),
            0xc9 => self.length(4)?.saturating_add(1),
            0xcc | 0xd0 => 1,
            0xcd | 0xd1 => 2,
            0xce | 0xd2 | 0xca => 4,
            0xcf | 0xd3 | 0xcb => 8,
            0xd4 => 2,
            0xd5 => 3,
            0xd6 => 5,
            0xd7 => 9,
            0xd8 => 17,
            0xc1 => return Err(Malformed::MessagePack("it holds the reserved byte")),
            _ => 0,
        };
        self.take(length)?;
        Ok(0)
    }
}
