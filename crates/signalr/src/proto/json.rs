//! The JSON hub protocol.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    RECORD_SEPARATOR,
    message::{ClientMessage, InvocationMessage, Malformed, Outcome},
};

const INVOCATION: u64 = 1;
const COMPLETION: u64 = 3;
const STREAM_INVOCATION: u64 = 4;
const PING: u64 = 6;
const CLOSE: u64 = 7;

/// The keep-alive message.
pub(crate) const PING_RECORD: &str = "{\"type\":6}\u{1e}";

/// Reads one record, without its separator.
///
/// Keys may come in any order, so values stay raw until the type is known. The last of equal keys counts.
pub(crate) fn parse(record: &[u8]) -> Result<ClientMessage, Malformed> {
    let fields = Fields(serde_json::from_slice(record)?);
    Ok(match fields.number("type")? {
        INVOCATION => ClientMessage::Invocation(fields.invocation()?),
        STREAM_INVOCATION => {
            let InvocationMessage { invocation_id, target, .. } = fields.invocation()?;
            let invocation_id = invocation_id.ok_or(Malformed::Missing("invocationId"))?;
            ClientMessage::StreamInvocation { invocation_id, target }
        }
        PING => ClientMessage::Ping,
        CLOSE => ClientMessage::Close,
        _ => ClientMessage::Ignored,
    })
}

struct Fields<'a>(HashMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    fn get<T: Deserialize<'a>>(
        &self,
        name: &'static str,
        kind: &'static str,
    ) -> Result<Option<T>, Malformed> {
        let Some(raw) = self.0.get(name) else { return Ok(None) };
        serde_json::from_str::<Option<T>>(raw.get()).map_err(|_| Malformed::WrongType(name, kind))
    }

    fn number(&self, name: &'static str) -> Result<u64, Malformed> {
        self.get(name, "number")?.ok_or(Malformed::Missing(name))
    }

    fn invocation(&self) -> Result<InvocationMessage, Malformed> {
        let arguments = *self.0.get("arguments").ok_or(Malformed::Missing("arguments"))?;
        if !arguments.get().starts_with('[') {
            return Err(Malformed::WrongType("arguments", "array"));
        }
        Ok(InvocationMessage {
            // An empty id is as good as none.
            invocation_id: self.get::<String>("invocationId", "string")?.filter(|id| !id.is_empty()),
            target: self.get("target", "string")?.ok_or(Malformed::Missing("target"))?,
            arguments: arguments.to_owned(),
            has_streams: self.get::<Vec<String>>("streamIds", "array")?.is_some_and(|ids| !ids.is_empty()),
        })
    }
}

#[derive(Serialize)]
struct Invocation<'a, A> {
    r#type: u64,
    target: &'a str,
    arguments: &'a A,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Completion<'a> {
    r#type: u64,
    invocation_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Close<'a> {
    r#type: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    allow_reconnect: bool,
}

/// A call of the client's handlers named `target`; nothing is answered. `arguments` must be a list.
pub(crate) fn invocation<A: Serialize>(target: &str, arguments: &A) -> Result<String, serde_json::Error> {
    record(&Invocation { r#type: INVOCATION, target, arguments })
}

/// The answer to the call `invocation_id`.
pub(crate) fn completion(invocation_id: &str, outcome: &Outcome) -> Result<String, serde_json::Error> {
    let (result, error) = match outcome {
        Outcome::Void => (None, None),
        Outcome::Result(value) => (Some(value), None),
        Outcome::Error(text) => (None, Some(text.as_str())),
    };
    record(&Completion { r#type: COMPLETION, invocation_id, result, error })
}

/// The server's farewell.
pub(crate) fn close(error: Option<&str>, allow_reconnect: bool) -> Result<String, serde_json::Error> {
    record(&Close { r#type: CLOSE, error, allow_reconnect })
}

/// Strings cannot smuggle a separator in: JSON escapes control characters.
pub(super) fn record<T: Serialize>(message: &T) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string(message)?;
    text.push(char::from(RECORD_SEPARATOR));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn call(text: &str) -> InvocationMessage {
        match parse(text.as_bytes()).unwrap() {
            ClientMessage::Invocation(message) => message,
            other => panic!("not an invocation: {other:?}"),
        }
    }

    #[test]
    fn an_invocation_is_read() {
        let message = call(r#"{"arguments":[1,"x"],"invocationId":"7","target":"Add","type":1}"#);
        assert_eq!(message.invocation_id.as_deref(), Some("7"));
        assert_eq!(message.target, "Add");
        assert_eq!(message.arguments.get(), r#"[1,"x"]"#);
        assert!(!message.has_streams);
    }

    #[test]
    fn keys_may_come_in_any_order_and_unknown_ones_are_ignored() {
        let message = call(r#"{"type":1,"headers":{"a":"b"},"new":[{}],"target":"T","arguments":[]}"#);
        assert_eq!((message.target.as_str(), message.invocation_id), ("T", None));
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        assert_eq!(call(r#"{"type":6,"target":"A","target":"B","arguments":[],"type":1}"#).target, "B");
    }

    #[test]
    fn an_empty_or_null_id_is_none() {
        for id in [r#""""#, "null"] {
            let text = format!(r#"{{"type":1,"invocationId":{id},"target":"T","arguments":[]}}"#);
            assert_eq!(call(&text).invocation_id, None);
        }
    }

    #[test]
    fn stream_arguments_are_noticed() {
        assert!(call(r#"{"type":1,"target":"T","arguments":[],"streamIds":["1"]}"#).has_streams);
        assert!(!call(r#"{"type":1,"target":"T","arguments":[],"streamIds":[]}"#).has_streams);
    }

    #[test]
    fn pings_closes_and_stream_invocations_are_told_apart() {
        assert!(matches!(parse(br#"{"type":6}"#), Ok(ClientMessage::Ping)));
        assert!(matches!(parse(br#"{"type":7,"error":"x"}"#), Ok(ClientMessage::Close)));
        let stream = parse(br#"{"type":4,"invocationId":"1","target":"S","arguments":[]}"#);
        assert!(matches!(stream, Ok(ClientMessage::StreamInvocation { target, .. }) if target == "S"));
    }

    #[test]
    fn unknown_types_are_ignored() {
        assert!(matches!(parse(br#"{"type":42,"target":1}"#), Ok(ClientMessage::Ignored)));
    }

    #[test]
    fn what_is_not_a_message_is_malformed() {
        for text in [
            "",
            "null",
            "[]",
            "{",
            "{}",
            "1",
            "x",
            r#"{"type":"1"}"#,
            r#"{"type":-1}"#,
            r#"{"type":1.5}"#,
            r#"{"type":null}"#,
            r#"{"type":1}"#,
            r#"{"type":1,"target":"T"}"#,
            r#"{"type":1,"arguments":[]}"#,
            r#"{"type":1,"target":5,"arguments":[]}"#,
            r#"{"type":1,"target":"T","arguments":{}}"#,
            r#"{"type":1,"target":"T","arguments":[],"invocationId":5}"#,
            r#"{"type":1,"target":"T","arguments":[],"streamIds":[1]}"#,
            r#"{"type":4,"target":"T","arguments":[]}"#,
            r#"{"type":6} {"type":6}"#,
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse(b"{\"type\":6,\"x\":\"\xff\"}").is_err(), "invalid UTF-8");
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let deep = format!("{}{}", "[".repeat(15_000), "]".repeat(15_000));
        let message = call(&format!(r#"{{"type":1,"target":"T","arguments":{deep}}}"#));
        assert!(serde_json::from_str::<serde_json::Value>(message.arguments.get()).is_err());
    }

    #[test]
    fn a_void_result_has_no_key_but_a_null_one_has() {
        assert_eq!(completion("1", &Outcome::Void).unwrap(), "{\"type\":3,\"invocationId\":\"1\"}\u{1e}");
        assert_eq!(
            completion("1", &Outcome::Result(json!(null))).unwrap(),
            "{\"type\":3,\"invocationId\":\"1\",\"result\":null}\u{1e}"
        );
        assert_eq!(
            completion("1", &Outcome::Error("no".into())).unwrap(),
            "{\"type\":3,\"invocationId\":\"1\",\"error\":\"no\"}\u{1e}"
        );
    }

    #[test]
    fn a_separator_inside_a_string_is_escaped() {
        let text = invocation("t", &("a\u{1e}b",)).unwrap();
        assert_eq!(text, "{\"type\":1,\"target\":\"t\",\"arguments\":[\"a\\u001eb\"]}\u{1e}");
    }

    #[test]
    fn reconnecting_is_only_mentioned_when_allowed() {
        assert_eq!(close(None, true).unwrap(), "{\"type\":7,\"allowReconnect\":true}\u{1e}");
        assert_eq!(close(Some("x"), false).unwrap(), "{\"type\":7,\"error\":\"x\"}\u{1e}");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(data in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&data);
        }

        #[test]
        fn arbitrary_values_under_known_keys_never_panic(
            kind in 0..12u8,
            values in prop::collection::vec(prop::sample::select(vec![
                "null", "1", "-1", "1e999", "\"\"", "\"\\ud800\"", "\"x\"", "[]", "[1]", "{}", "true", "[", "}",
            ]), 5),
        ) {
            let text = format!(
                r#"{{"arguments":{},"target":{},"invocationId":{},"streamIds":{},"headers":{},"type":{kind}}}"#,
                values[0], values[1], values[2], values[3], values[4],
            );
            let _ = parse(text.as_bytes());
        }
    }
}
