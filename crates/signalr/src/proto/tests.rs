//! Both protocols: what is read and written.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    Protocol,
    framing::{Framing, FramingError},
    message::{Call, ClientMessage, Malformed, Outcome},
    value::encoded,
};

pub(super) const BOTH: [Protocol; 2] = [Protocol::Json, Protocol::MessagePack];

fn json_message(text: &str) -> Result<ClientMessage, Malformed> {
    Protocol::Json.parse(&Bytes::copy_from_slice(text.as_bytes()))
}

pub(super) fn packed(value: &Value) -> Bytes {
    rmp_serde::to_vec(value).unwrap().into()
}

fn pack_message(value: &Value) -> Result<ClientMessage, Malformed> {
    Protocol::MessagePack.parse(&packed(value))
}

fn call(message: Result<ClientMessage, Malformed>) -> Call {
    match message.unwrap() {
        ClientMessage::Invocation(call) | ClientMessage::StreamInvocation(call) => call,
        other => panic!("not a call: {other:?}"),
    }
}

fn values(call: &Call) -> Vec<Value> {
    call.arguments.iter().map(|value| value.read().unwrap()).collect()
}

/// The messages in bytes that the server has written.
pub(super) fn messages(protocol: Protocol, bytes: &[u8]) -> Vec<Bytes> {
    let mut framing = Framing::new(1 << 20);
    framing.speak(protocol);
    framing.push(Bytes::copy_from_slice(bytes));
    let mut found = Vec::new();
    while let Some(message) = framing.next_message().unwrap() {
        found.push(message);
    }
    found
}

#[test]
fn a_call_is_read() {
    for message in [
        json_message(r#"{"arguments":[1,"x"],"invocationId":"7","target":"Add","type":1,"streamIds":["2"]}"#),
        pack_message(&json!([1, {}, "7", "Add", [1, "x"], ["2"]])),
    ] {
        let call = call(message);
        assert_eq!((call.id.as_deref(), call.target.as_str()), (Some("7"), "Add"));
        assert_eq!(values(&call), [json!(1), json!("x")]);
        assert_eq!(call.stream_ids, ["2"]);
    }
}

#[test]
fn a_messagepack_call_may_leave_the_streams_out_and_have_further_items() {
    let short = call(pack_message(&json!([1, {}, null, "T", []])));
    assert!(short.id.is_none() && short.stream_ids.is_empty());
    let long = call(pack_message(&json!([1, {"a": "b"}, "1", "T", [], [], "new", {}])));
    assert_eq!(long.id.as_deref(), Some("1"));
}

#[test]
fn keys_may_come_in_any_order_and_unknown_ones_are_ignored() {
    let call = call(json_message(r#"{"type":1,"headers":{"a":"b"},"new":[{}],"target":"T","arguments":[]}"#));
    assert_eq!((call.target.as_str(), call.id), ("T", None));
}

#[test]
fn the_last_of_equal_keys_counts() {
    let text = r#"{"type":6,"target":"A","target":"B","arguments":[],"type":1}"#;
    assert_eq!(call(json_message(text)).target, "B");
}

#[test]
fn an_empty_or_null_id_is_none() {
    for id in [r#""""#, "null"] {
        let text = format!(r#"{{"type":1,"invocationId":{id},"target":"T","arguments":[]}}"#);
        assert_eq!(call(json_message(&text)).id, None);
    }
    assert_eq!(call(pack_message(&json!([1, {}, "", "T", [], []]))).id, None);
}

#[test]
fn completions_are_told_apart() {
    let outcome = |message: Result<ClientMessage, Malformed>| match message.unwrap() {
        ClientMessage::Completion { outcome, .. } => match outcome {
            Outcome::Void => json!("void"),
            Outcome::Result(value) => json!({ "result": value.read::<Value>().unwrap() }),
            Outcome::Error(text) => json!({ "error": text }),
        },
        other => panic!("not a completion: {other:?}"),
    };
    for (text, pack, expected) in [
        (r#"{"type":3,"invocationId":"1"}"#, json!([3, {}, "1", 2]), json!("void")),
        (
            r#"{"type":3,"invocationId":"1","result":null}"#,
            json!([3, {}, "1", 3, null]),
            json!({ "result": null }),
        ),
        (
            r#"{"type":3,"invocationId":"1","error":"no"}"#,
            json!([3, {}, "1", 1, "no"]),
            json!({ "error": "no" }),
        ),
    ] {
        assert_eq!(outcome(json_message(text)), expected);
        assert_eq!(outcome(pack_message(&pack)), expected);
    }
    assert!(matches!(
        json_message(r#"{"type":3,"invocationId":"1","error":"no","result":1}"#),
        Err(Malformed::ResultAndError)
    ));
}

#[test]
fn the_other_messages_are_told_apart() {
    let pairs = [
        (r#"{"type":2,"invocationId":"1","item":5}"#, json!([2, {}, "1", 5]), "StreamItem"),
        (r#"{"type":5,"invocationId":"1"}"#, json!([5, {}, "1"]), "CancelInvocation"),
        (r#"{"type":6}"#, json!([6]), "Ping"),
        (r#"{"type":7,"error":"x"}"#, json!([7, "x", false]), "Close"),
        (r#"{"type":8,"sequenceId":3}"#, json!([8, 3]), "Ack(3)"),
        (r#"{"type":9,"sequenceId":70000}"#, json!([9, 70000]), "Sequence(70000)"),
        (r#"{"type":42,"target":1}"#, json!([42, 1]), "Ignored"),
    ];
    for (text, pack, name) in pairs {
        for message in [json_message(text), pack_message(&pack)] {
            let shown = format!("{:?}", message.unwrap());
            assert!(shown.starts_with(name), "{shown} should be {name}");
        }
    }
}

#[test]
fn what_is_not_a_json_message_is_malformed() {
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
        r#"{"type":2,"invocationId":"1"}"#,
        r#"{"type":3}"#,
        r#"{"type":4,"target":"T","arguments":[]}"#,
        r#"{"type":5}"#,
        r#"{"type":8}"#,
        r#"{"type":6} {"type":6}"#,
    ] {
        assert!(json_message(text).is_err(), "{text}");
    }
    assert!(
        Protocol::Json
            .parse(&Bytes::from_static(b"{\"type\":1,\"arguments\":[],\"target\":\"\xff\"}"))
            .is_err()
    );
}

#[test]
fn what_is_not_a_messagepack_message_is_malformed() {
    for value in [
        json!({}),
        json!([]),
        json!(1),
        json!("x"),
        json!([-1]),
        json!(["1"]),
        json!([1]),
        json!([1, null, null, "T", [], []]),
        json!([1, {"a": 1}, null, "T", [], []]),
        json!([1, {}, null, null, [], []]),
        json!([1, {}, null, "T", {}, []]),
        json!([1, {}, null, "T", [], [1]]),
        json!([4, {}, null, "T", [], []]),
        json!([3, {}, "1", 9]),
        json!([3, {}, "1", 3]),
        json!([3, {}, "", 2]),
        json!([8]),
    ] {
        assert!(pack_message(&value).is_err(), "{value}");
    }
    // The reserved byte, an extension cut short, a list longer than the message.
    for tail in [&[0x91, 0xc1][..], &[0x91, 0xc7, 5, 0, 1], &[0xdd, 0xff, 0xff, 0xff, 0xff]] {
        let mut bytes = vec![0x96, 1, 0x80, 0xc0, 0xa1, b'T'];
        bytes.extend_from_slice(tail);
        assert!(Protocol::MessagePack.parse(&bytes.into()).is_err());
    }
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let deep = format!("{}{}", "[".repeat(15_000), "]".repeat(15_000));
    let call = call(json_message(&format!(r#"{{"type":1,"target":"T","arguments":[{deep}]}}"#)));
    assert!(call.arguments[0].read::<Value>().is_err());

    let mut pack = vec![0x96, 1, 0x80, 0xc0, 0xa1, b'T', 0x91];
    pack.extend(vec![0x91; 15_000]);
    pack.extend([0xc0, 0x90]);
    assert!(Protocol::MessagePack.parse(&pack.into()).is_err());
}

#[test]
fn a_void_result_has_no_key_but_a_null_one_has() {
    let json = Protocol::Json;
    assert_eq!(json.completion("1", &Outcome::Void).unwrap(), "{\"type\":3,\"invocationId\":\"1\"}\u{1e}");
    let null = Outcome::Result(encoded(&(), json).unwrap());
    assert_eq!(
        json.completion("1", &null).unwrap(),
        "{\"type\":3,\"invocationId\":\"1\",\"result\":null}\u{1e}"
    );
    assert_eq!(
        json.completion("1", &Outcome::Error("no".into())).unwrap(),
        "{\"type\":3,\"invocationId\":\"1\",\"error\":\"no\"}\u{1e}"
    );
}

#[test]
fn messagepack_is_written_as_clients_expect() {
    let pack = Protocol::MessagePack;
    let read = |bytes: &Bytes| -> Value {
        let found = messages(pack, bytes);
        assert_eq!(found.len(), 1);
        rmp_serde::from_slice(&found[0]).unwrap()
    };
    assert_eq!(
        read(&pack.invocation(None, "t", &(1, "x")).unwrap()),
        json!([1, {}, null, "t", [1, "x"], []])
    );
    assert_eq!(
        read(&pack.invocation(Some("5"), "t", &Vec::<u8>::new()).unwrap()),
        json!([1, {}, "5", "t", [], []])
    );
    let item = encoded(&json!({"a": null}), pack).unwrap();
    assert_eq!(read(&pack.stream_item("1", &item).unwrap()), json!([2, {}, "1", {"a": null}]));
    assert_eq!(read(&pack.completion("1", &Outcome::Void).unwrap()), json!([3, {}, "1", 2]));
    assert_eq!(
        read(&pack.completion("1", &Outcome::Result(item)).unwrap()),
        json!([3, {}, "1", 3, {"a": null}])
    );
    assert_eq!(
        read(&pack.completion("1", &Outcome::Error("no".into())).unwrap()),
        json!([3, {}, "1", 1, "no"])
    );
    assert_eq!(read(&pack.close(None, true).unwrap()), json!([7, null, true]));
    assert_eq!(read(&pack.close(Some("x"), false).unwrap()), json!([7, "x", false]));
    assert_eq!(read(&pack.ping()), json!([6]));
    assert_eq!(read(&pack.ack(300)), json!([8, 300]));
    assert_eq!(read(&pack.sequence(1)), json!([9, 1]));
}

#[test]
fn structures_are_maps_in_both_protocols() {
    #[derive(serde::Serialize)]
    struct Point {
        x: i32,
    }
    for protocol in BOTH {
        let value: Value = encoded(&Point { x: 1 }, protocol).unwrap().read().unwrap();
        assert_eq!(value, json!({ "x": 1 }));
    }
}

#[test]
fn a_separator_inside_a_string_is_escaped() {
    assert_eq!(
        Protocol::Json.invocation(None, "t", &("a\u{1e}b",)).unwrap(),
        "{\"type\":1,\"target\":\"t\",\"arguments\":[\"a\\u001eb\"]}\u{1e}"
    );
}

#[test]
fn reconnecting_is_only_mentioned_when_allowed() {
    let json = Protocol::Json;
    assert_eq!(json.close(None, true).unwrap(), "{\"type\":7,\"allowReconnect\":true}\u{1e}");
    assert_eq!(json.close(Some("x"), false).unwrap(), "{\"type\":7,\"error\":\"x\"}\u{1e}");
}

#[test]
fn lengths_that_are_none_are_refused_and_long_ones_too() {
    let read = |bytes: &[u8]| {
        let mut framing = Framing::new(100);
        framing.speak(Protocol::MessagePack);
        framing.push(Bytes::copy_from_slice(bytes));
        framing.next_message()
    };
    assert_eq!(read(&[0]), Err(FramingError::BadLength));
    assert_eq!(read(&[0x80, 0x80, 0x80, 0x80, 0x80]), Err(FramingError::BadLength));
    assert_eq!(read(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x01]), Err(FramingError::BadLength));
    assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x7f]), Err(FramingError::TooLong { limit: 100 }));
    assert_eq!(read(&[101]), Err(FramingError::TooLong { limit: 100 }));
    assert_eq!(read(&[100]), Ok(None));
    assert_eq!(read(&[0x82]), Ok(None));
}
