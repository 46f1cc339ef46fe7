//! The JSON hub protocol.

use std::fmt;

use bytes::Bytes;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue as RawJson;

use super::{
    Protocol, RECORD_SEPARATOR,
    message::{Call, ClientMessage, Malformed, Outcome},
    value::{Encode, EncodeError, RawValue},
};

/// The keep-alive message.
pub(crate) const PING: &[u8] = b"{\"type\":6}\x1e";

/// Reads one record, without its separator.
///
/// Keys may come in any order, so values stay raw until the type is known. The last of equal keys counts.
pub(crate) fn parse(record: &Bytes) -> Result<ClientMessage, Malformed> {
    let fields: Fields<'_> = serde_json::from_slice(record)?;
    let reader = Reader { record, fields: &fields };
    Ok(match reader.number("type", fields.kind)? {
        1 => ClientMessage::Invocation(reader.call()?),
        2 => {
            let item = fields.item.ok_or(Malformed::Missing("item"))?;
            ClientMessage::StreamItem { id: reader.id()?, item: reader.raw(item) }
        }
        3 => ClientMessage::Completion { id: reader.id()?, outcome: reader.outcome()? },
        4 => {
            let call = reader.call()?;
            if call.id.is_none() {
                return Err(Malformed::Missing("invocationId"));
            }
            ClientMessage::StreamInvocation(call)
        }
        5 => ClientMessage::CancelInvocation { id: reader.id()? },
        6 => ClientMessage::Ping,
        7 => ClientMessage::Close,
        8 => ClientMessage::Ack(reader.number("sequenceId", fields.sequence_id)?),
        9 => ClientMessage::Sequence(reader.number("sequenceId", fields.sequence_id)?),
        _ => ClientMessage::Ignored,
    })
}

/// The values of a message, unread.
#[derive(Default)]
struct Fields<'a> {
    kind: Option<&'a RawJson>,
    target: Option<&'a RawJson>,
    arguments: Option<&'a RawJson>,
    invocation_id: Option<&'a RawJson>,
    stream_ids: Option<&'a RawJson>,
    item: Option<&'a RawJson>,
    result: Option<&'a RawJson>,
    error: Option<&'a RawJson>,
    sequence_id: Option<&'a RawJson>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Key {
    Type,
    Target,
    Arguments,
    InvocationId,
    StreamIds,
    Item,
    Result,
    Error,
    SequenceId,
    #[serde(other)]
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Fields::default();
        while let Some(key) = map.next_key::<Key>()? {
            let field = match key {
                Key::Type => &mut fields.kind,
                Key::Target => &mut fields.target,
                Key::Arguments => &mut fields.arguments,
                Key::InvocationId => &mut fields.invocation_id,
                Key::StreamIds => &mut fields.stream_ids,
                Key::Item => &mut fields.item,
                Key::Result => &mut fields.result,
                Key::Error => &mut fields.error,
                Key::SequenceId => &mut fields.sequence_id,
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *field = Some(map.next_value()?);
        }
        Ok(fields)
    }
}

struct Reader<'a> {
    record: &'a Bytes,
    fields: &'a Fields<'a>,
}

impl Reader<'_> {
    fn raw(&self, value: &RawJson) -> RawValue {
        RawValue::new(Protocol::Json, self.record.slice_ref(value.get().as_bytes()))
    }

    fn number(&self, name: &'static str, field: Option<&RawJson>) -> Result<u64, Malformed> {
        get(name, "number", field)?.ok_or(Malformed::Missing(name))
    }

    /// An id that must be there. An empty one is as good as none.
    fn id(&self) -> Result<String, Malformed> {
        self.optional_id()?.ok_or(Malformed::Missing("invocationId"))
    }

    fn optional_id(&self) -> Result<Option<String>, Malformed> {
        let id: Option<String> = get("invocationId", "string", self.fields.invocation_id)?;
        Ok(id.filter(|id| !id.is_empty()))
    }

    fn outcome(&self) -> Result<Outcome, Malformed> {
        let error: Option<String> = get("error", "string", self.fields.error)?;
        match (error, self.fields.result) {
            (Some(_), Some(_)) => Err(Malformed::ResultAndError),
            (Some(error), None) => Ok(Outcome::Error(error)),
            (None, Some(result)) => Ok(Outcome::Result(self.raw(result))),
            (None, None) => Ok(Outcome::Void),
        }
    }

    fn call(&self) -> Result<Call, Malformed> {
        let arguments = self.fields.arguments.ok_or(Malformed::Missing("arguments"))?;
        let arguments: Vec<&RawJson> =
            serde_json::from_str(arguments.get()).map_err(|_| Malformed::WrongType("arguments", "array"))?;
        let target = get("target", "string", self.fields.target)?;
        let stream_ids: Option<Vec<String>> = get("streamIds", "array", self.fields.stream_ids)?;
        Ok(Call {
            id: self.optional_id()?,
            target: target.ok_or(Malformed::Missing("target"))?,
            // They borrow from the record, as the list does.
            arguments: arguments.into_iter().map(|value| self.raw(value)).collect(),
            stream_ids: stream_ids.unwrap_or_default(),
        })
    }
}

/// A field, `null` counting as absent.
fn get<'a, T: Deserialize<'a>>(
    name: &'static str,
    kind: &'static str,
    field: Option<&'a RawJson>,
) -> Result<Option<T>, Malformed> {
    let Some(raw) = field else { return Ok(None) };
    serde_json::from_str::<Option<T>>(raw.get()).map_err(|_| Malformed::WrongType(name, kind))
}

/// A message begun by its head, for instance `{"type":3,"invocationId":`.
struct Writer(Vec<u8>);

impl Writer {
    fn new(head: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(head);
        Self(bytes)
    }

    fn text(&mut self, key: &[u8], value: &str) -> Result<&mut Self, EncodeError> {
        self.0.extend_from_slice(key);
        serde_json::to_writer(&mut self.0, value)?;
        Ok(self)
    }

    fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn finish(mut self) -> Bytes {
        self.0.extend_from_slice(&[b'}', RECORD_SEPARATOR]);
        self.0.into()
    }
}

pub(crate) fn invocation(
    id: Option<&str>,
    target: &str,
    arguments: &dyn Encode,
) -> Result<Bytes, EncodeError> {
    let mut message = Writer::new(b"{\"type\":1");
    if let Some(id) = id {
        message.text(b",\"invocationId\":", id)?;
    }
    message.text(b",\"target\":", target)?.raw(b",\"arguments\":");
    arguments.encode(Protocol::Json, &mut message.0)?;
    Ok(message.finish())
}

pub(crate) fn completion(id: &str, outcome: &Outcome) -> Result<Bytes, EncodeError> {
    let mut message = Writer::new(b"{\"type\":3");
    message.text(b",\"invocationId\":", id)?;
    match outcome {
        Outcome::Void => {}
        Outcome::Result(value) => {
            message.raw(b",\"result\":").raw(value.bytes());
        }
        Outcome::Error(text) => {
            message.text(b",\"error\":", text)?;
        }
    }
    Ok(message.finish())
}

pub(crate) fn stream_item(id: &str, item: &RawValue) -> Result<Bytes, EncodeError> {
    let mut message = Writer::new(b"{\"type\":2");
    message.text(b",\"invocationId\":", id)?.raw(b",\"item\":").raw(item.bytes());
    Ok(message.finish())
}

pub(crate) fn close(error: Option<&str>, allow_reconnect: bool) -> Result<Bytes, EncodeError> {
    let mut message = Writer::new(b"{\"type\":7");
    if let Some(error) = error {
        message.text(b",\"error\":", error)?;
    }
    if allow_reconnect {
        message.raw(b",\"allowReconnect\":true");
    }
    Ok(message.finish())
}

/// A record of the handshake. Strings cannot smuggle a separator in: JSON escapes control characters.
pub(super) fn record<T: Serialize>(message: &T) -> Result<Bytes, serde_json::Error> {
    let mut bytes = serde_json::to_vec(message)?;
    bytes.push(RECORD_SEPARATOR);
    Ok(bytes.into())
}
