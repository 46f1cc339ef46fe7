//! Whatever a client sends: nothing panics, and what is valid is read however it is cut.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Protocol,
    framing::Framing,
    message::{ClientMessage, Outcome},
    tests::{BOTH, messages, packed},
    value::{RawValue, encoded},
};

/// Any JSON value of moderate size that both protocols can carry.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // Few digits: JSON's are not read to the last bit.
        any::<i16>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
        ".{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(".{0,8}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A valid message of every kind a client may send, in a protocol.
fn any_message() -> impl Strategy<Value = (Protocol, Vec<u8>)> {
    let parts = (
        prop::sample::select(BOTH.to_vec()),
        1..=9_u8,
        ".{0,6}",
        "[a-zA-Z]{1,12}",
        prop::collection::vec(any_value(), 0..4),
        prop::collection::vec("[0-9]{1,3}", 0..3),
        any::<u32>(),
    );
    parts.prop_map(|(protocol, kind, id, target, arguments, streams, number)| {
        let id = format!("i{id}");
        let item = arguments.first().cloned().unwrap_or_default();
        let bytes = match protocol {
            Protocol::Json => {
                let message = match kind {
                    1 | 4 => json!({"type": kind, "invocationId": id, "target": target,
                        "arguments": arguments, "streamIds": streams}),
                    2 => json!({"type": 2, "invocationId": id, "item": item}),
                    3 => json!({"type": 3, "invocationId": id, "result": item}),
                    5 => json!({"type": 5, "invocationId": id}),
                    8 | 9 => json!({"type": kind, "sequenceId": number}),
                    _ => json!({"type": kind}),
                };
                format!("{message}\u{1e}").into_bytes()
            }
            Protocol::MessagePack => {
                let message = match kind {
                    1 | 4 => json!([kind, {}, id, target, arguments, streams]),
                    2 => json!([2, {"h": "v"}, id, item]),
                    3 => json!([3, {}, id, 3, item]),
                    5 => json!([5, {}, id]),
                    7 => json!([7, null]),
                    8 | 9 => json!([kind, number]),
                    _ => json!([kind]),
                };
                let body = packed(&message);
                let mut bytes = Vec::new();
                let mut left = body.len();
                while left > 0x7f {
                    bytes.push(u8::try_from(left & 0x7f).unwrap() | 0x80);
                    left >>= 7;
                }
                bytes.push(u8::try_from(left).unwrap());
                bytes.extend_from_slice(&body);
                bytes
            }
        };
        (protocol, bytes)
    })
}

/// Reads all there is, as a connection would, and touches every value.
fn read_all(protocol: Protocol, chunks: &[&[u8]]) -> Result<Vec<String>, String> {
    let mut framing = Framing::new(1 << 16);
    framing.speak(protocol);
    let mut seen = Vec::new();
    for chunk in chunks {
        framing.push(Bytes::copy_from_slice(chunk));
        while let Some(message) = framing.next_message().map_err(|e| e.to_string())? {
            let message = protocol.parse(&message).map_err(|e| e.to_string())?;
            let touch = |value: &RawValue| drop(value.read::<Value>());
            match &message {
                ClientMessage::Invocation(call) | ClientMessage::StreamInvocation(call) => {
                    call.arguments.iter().for_each(touch);
                }
                ClientMessage::StreamItem { item, .. } => touch(item),
                ClientMessage::Completion { outcome: Outcome::Result(value), .. } => touch(value),
                _ => {}
            }
            seen.push(format!("{message:?}"));
        }
    }
    Ok(seen)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn arbitrary_bytes_never_panic(data in prop::collection::vec(any::<u8>(), 0..400)) {
        for protocol in BOTH {
            let _ = read_all(protocol, &[&data]);
            let _ = protocol.parse(&Bytes::copy_from_slice(&data));
        }
    }

    #[test]
    fn valid_messages_are_read_however_they_are_cut((protocol, bytes) in any_message()) {
        let whole = read_all(protocol, &[&bytes]);
        prop_assert!(whole.as_ref().is_ok_and(|seen| seen.len() == 1), "{whole:?}");
        let every_byte: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(&read_all(protocol, &every_byte), &whole);
        // Every place in short messages, some in long ones.
        for at in (0..=bytes.len()).step_by(bytes.len() / 100 + 1) {
            let (start, end) = bytes.split_at(at);
            prop_assert_eq!(&read_all(protocol, &[start, end]), &whole);
        }
    }

    #[test]
    fn mutated_messages_never_panic(
        (protocol, bytes) in any_message(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..6),
    ) {
        let mut bytes = bytes;
        for (place, byte, how) in changes {
            let at = place.index(bytes.len().max(1));
            match how {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.insert(at.min(bytes.len()), byte),
                2 if at < bytes.len() => { bytes.remove(at); }
                _ => bytes.truncate(at),
            }
        }
        for read_as in [protocol, BOTH[usize::from(protocol == Protocol::Json)]] {
            let _ = read_all(read_as, &[&bytes]);
        }
        let (start, end) = bytes.split_at(bytes.len() / 2);
        prop_assert_eq!(read_all(protocol, &[start, end]).is_ok(), read_all(protocol, &[&bytes]).is_ok());
    }

    #[test]
    fn messages_one_behind_the_other_come_out_in_order(
        list in prop::collection::vec(any_message(), 1..6),
    ) {
        for protocol in BOTH {
            let same: Vec<&Vec<u8>> =
                list.iter().filter(|(p, _)| *p == protocol).map(|(_, bytes)| bytes).collect();
            let joined: Vec<u8> = same.iter().flat_map(|bytes| bytes.iter().copied()).collect();
            prop_assert_eq!(read_all(protocol, &[&joined]).unwrap().len(), same.len());
        }
    }

    #[test]
    fn values_survive_the_way_there_and_back(value in any_value()) {
        for protocol in BOTH {
            prop_assert_eq!(&encoded(&value, protocol).unwrap().read::<Value>().unwrap(), &value);
        }
    }

    #[test]
    fn what_the_server_writes_is_one_whole_message(
        value in any_value(), id in ".{1,8}", target in ".{0,12}", error in prop::option::of(".{0,20}"),
    ) {
        for protocol in BOTH {
            let item = encoded(&value, protocol).unwrap();
            for bytes in [
                protocol.invocation(error.as_deref(), &target, &(&value, 1)).unwrap(),
                protocol.stream_item(&id, &item).unwrap(),
                protocol.completion(&id, &Outcome::Result(item.clone())).unwrap(),
                protocol.close(error.as_deref(), true).unwrap(),
            ] {
                let found = messages(protocol, &bytes);
                prop_assert_eq!(found.len(), 1);
                prop_assert!(protocol.parse(&found[0]).is_ok());
            }
        }
    }
}
