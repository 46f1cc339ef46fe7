//! The MessagePack hub protocol: arrays, each with its length before it.

use bytes::Bytes;

use super::{
    Protocol,
    message::{Call, ClientMessage, Malformed, Outcome},
    msgpack_read::Cursor,
    value::{Encode, EncodeError, RawValue},
};

/// The keep-alive message.
pub(crate) const PING: &[u8] = &[0x02, 0x91, 0x06];

/// Kinds of completions.
const FAILED: u8 = 1;
const VOID: u8 = 2;
const RESULT: u8 = 3;

/// Reads one message, without its length. Further items at the end are left alone.
pub(crate) fn parse(message: &Bytes) -> Result<ClientMessage, Malformed> {
    let mut cursor = Cursor::new(message);
    let items = cursor.array("message")?;
    if items == 0 {
        return Err(Malformed::Missing("type"));
    }
    let at_least = |count: usize| {
        if items < count { Err(Malformed::MessagePack("it has too few items")) } else { Ok(()) }
    };
    Ok(match cursor.number("type")? {
        kind @ (1 | 4) => {
            at_least(5)?;
            cursor.headers()?;
            let id = cursor.optional_text("invocationId")?.filter(|id| !id.is_empty());
            let target = cursor.text("target")?;
            let arguments = list(&mut cursor, "arguments", |cursor| {
                Ok(RawValue::new(Protocol::MessagePack, cursor.value()?))
            })?;
            // Old clients leave the streams out.
            let stream_ids = if items >= 6 {
                list(&mut cursor, "streamIds", |cursor| cursor.text("streamIds"))?
            } else {
                Vec::new()
            };
            let call = Call { id, target, arguments, stream_ids };
            if kind == 1 {
                ClientMessage::Invocation(call)
            } else if call.id.is_none() {
                return Err(Malformed::Missing("invocationId"));
            } else {
                ClientMessage::StreamInvocation(call)
            }
        }
        2 => {
            at_least(4)?;
            cursor.headers()?;
            let id = id(&mut cursor)?;
            let item = RawValue::new(Protocol::MessagePack, cursor.value()?);
            ClientMessage::StreamItem { id, item }
        }
        3 => {
            at_least(4)?;
            cursor.headers()?;
            let id = id(&mut cursor)?;
            let outcome = match cursor.number("resultKind")? {
                1 => {
                    at_least(5)?;
                    Outcome::Error(cursor.text("error")?)
                }
                3 => {
                    at_least(5)?;
                    Outcome::Result(RawValue::new(Protocol::MessagePack, cursor.value()?))
                }
                2 => Outcome::Void,
                _ => return Err(Malformed::MessagePack("its kind of result is unknown")),
            };
            ClientMessage::Completion { id, outcome }
        }
        5 => {
            at_least(3)?;
            cursor.headers()?;
            ClientMessage::CancelInvocation { id: id(&mut cursor)? }
        }
        6 => ClientMessage::Ping,
        7 => ClientMessage::Close,
        8 => {
            at_least(2)?;
            ClientMessage::Ack(cursor.number("sequenceId")?)
        }
        9 => {
            at_least(2)?;
            ClientMessage::Sequence(cursor.number("sequenceId")?)
        }
        _ => ClientMessage::Ignored,
    })
}

fn id(cursor: &mut Cursor<'_>) -> Result<String, Malformed> {
    let id = cursor.text("invocationId")?;
    if id.is_empty() { Err(Malformed::Missing("invocationId")) } else { Ok(id) }
}

/// The length a sender claims is not believed: memory grows with what really comes.
fn list<T>(
    cursor: &mut Cursor<'_>,
    name: &'static str,
    mut item: impl FnMut(&mut Cursor<'_>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let mut items = Vec::new();
    for _ in 0..cursor.array(name)? {
        items.push(item(cursor)?);
    }
    Ok(items)
}

pub(crate) fn invocation(
    id: Option<&str>,
    target: &str,
    arguments: &dyn Encode,
) -> Result<Bytes, EncodeError> {
    let mut body = vec![0x96, 1, 0x80];
    match id {
        Some(id) => text(&mut body, id)?,
        None => body.push(0xc0),
    }
    text(&mut body, target)?;
    arguments.encode(Protocol::MessagePack, &mut body)?;
    // No streams; some clients count on the item all the same.
    body.push(0x90);
    Ok(framed(&body))
}

pub(crate) fn completion(id: &str, outcome: &Outcome) -> Result<Bytes, EncodeError> {
    let items = if matches!(outcome, Outcome::Void) { 0x94 } else { 0x95 };
    let mut body = vec![items, 3, 0x80];
    text(&mut body, id)?;
    match outcome {
        Outcome::Void => body.push(VOID),
        Outcome::Result(value) => {
            body.push(RESULT);
            body.extend_from_slice(value.bytes());
        }
        Outcome::Error(error) => {
            body.push(FAILED);
            text(&mut body, error)?;
        }
    }
    Ok(framed(&body))
}

pub(crate) fn stream_item(id: &str, item: &RawValue) -> Result<Bytes, EncodeError> {
    let mut body = vec![0x94, 2, 0x80];
    text(&mut body, id)?;
    body.extend_from_slice(item.bytes());
    Ok(framed(&body))
}

pub(crate) fn close(error: Option<&str>, allow_reconnect: bool) -> Result<Bytes, EncodeError> {
    let mut body = vec![0x93, 7];
    match error {
        Some(error) => text(&mut body, error)?,
        None => body.push(0xc0),
    }
    body.push(if allow_reconnect { 0xc3 } else { 0xc2 });
    Ok(framed(&body))
}

pub(crate) fn numbered(kind: u8, number: u64) -> Bytes {
    let mut body = vec![0x92, kind, 0xcf];
    body.extend_from_slice(&number.to_be_bytes());
    framed(&body)
}

fn text(body: &mut Vec<u8>, text: &str) -> Result<(), EncodeError> {
    text.encode(Protocol::MessagePack, body)
}

/// The length as seven bits per byte, the lowest first; then the message.
fn framed(body: &[u8]) -> Bytes {
    let mut bytes = Vec::with_capacity(body.len() + 5);
    let mut left = body.len();
    loop {
        let low = u8::try_from(left & 0x7f).unwrap_or_default();
        left >>= 7;
        if left == 0 {
            bytes.push(low);
            break;
        }
        bytes.push(low | 0x80);
    }
    bytes.extend_from_slice(body);
    bytes.into()
}
