use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Client, TestServer, start};

fn framed(value: &Value) -> Vec<u8> {
    let body = rmp_serde::to_vec(value).unwrap();
    let mut bytes = vec![u8::try_from(body.len()).unwrap()];
    assert!(bytes[0] < 0x80);
    bytes.extend(body);
    bytes
}

impl TestServer {
    async fn msgpack_client(&self) -> Client {
        let mut client = self.open("").await.unwrap();
        client.send("{\"protocol\":\"messagepack\",\"version\":1}\u{1e}").await;
        assert_eq!(client.next_frame().await, Some(Message::binary(&b"{}\x1e"[..])));
        client
    }
}

async fn send(client: &mut Client, bytes: &[u8]) {
    client.socket.send(Message::binary(bytes.to_vec())).await.unwrap();
}

async fn next(client: &mut Client) -> Option<Value> {
    match client.next_frame().await {
        Some(Message::Binary(bytes)) => Some(rmp_serde::from_slice(&bytes[1..]).unwrap()),
        Some(Message::Close(_)) | None => None,
        other => panic!("expected a binary message, got {other:?}"),
    }
}

#[tokio::test]
async fn calls_of_five_items_and_of_more_than_six_are_answered() {
    let server = start().await;
    let mut client = server.msgpack_client().await;
    for call in [
        json!([1, {}, "1", "Add", [1, 2]]),
        json!([1, {"header": "x"}, "1", "Add", [1, 2], []]),
        json!([1, {}, "1", "Add", [1, 2], [], "new", {"a": [1]}]),
    ] {
        send(&mut client, &framed(&call)).await;
        assert_eq!(next(&mut client).await, Some(json!([3, {}, "1", 3, 3])));
    }
}

#[tokio::test]
async fn a_message_may_come_byte_by_byte_and_many_together() {
    let server = start().await;
    let mut client = server.msgpack_client().await;
    let call = framed(&json!([1, {}, "1", "Echo", ["x"], []]));
    for byte in &call {
        send(&mut client, &[*byte]).await;
    }
    assert_eq!(next(&mut client).await, Some(json!([3, {}, "1", 3, "x"])));
    send(&mut client, &[framed(&json!([6])), framed(&json!([42, 1])), call].concat()).await;
    assert_eq!(next(&mut client).await, Some(json!([3, {}, "1", 3, "x"])));
}

#[tokio::test]
async fn what_is_no_message_closes_the_connection_and_no_other() {
    let server = start().await;
    let mut bystander = server.client().await;
    for (bytes, error) in [
        (vec![0], "The length of a message is not valid."),
        (vec![0xff, 0xff, 0xff, 0xff, 0xff, 0x01], "The length of a message is not valid."),
        (vec![0xff, 0xff, 0xff, 0xff, 0x07], "The maximum message size of 32768 bytes was exceeded."),
        (framed(&json!({"type": 6})), "Expected 'message' to be of type array."),
        (framed(&json!([])), "Missing required property 'type'."),
        (framed(&json!([1, null, "1", "Add", [1, 2], []])), "Expected 'headers' to be of type map."),
        (vec![3, 0x91, 0xd4, 1], "Expected 'type' to be of type number."),
        (vec![2, 0x91, 0xc1], "Expected 'type' to be of type number."),
        (
            vec![7, 0x96, 1, 0x80, 0xc0, 0xa1, b'T', 0x9f],
            "The message is not valid MessagePack: it ends too early.",
        ),
    ] {
        let mut client = server.msgpack_client().await;
        send(&mut client, &bytes).await;
        let text = format!("Connection closed with an error. {error}");
        assert_eq!(next(&mut client).await, Some(json!([7, text, true])), "{bytes:?}");
        client.until_closed().await;
    }
    // A message that is cut off by the end of the connection.
    let mut client = server.msgpack_client().await;
    send(&mut client, &[100, 0x96]).await;
    drop(client);
    assert_eq!(bystander.invoke("add", json!([1, 2])).await["result"], 3);
}

#[tokio::test]
async fn extensions_as_arguments_are_an_error_of_the_call_only() {
    let server = start().await;
    let mut client = server.msgpack_client().await;
    // A timestamp where a number is expected.
    let mut body = vec![0x96, 1, 0x80, 0xa1, b'1', 0xa3];
    body.extend(b"Add");
    body.extend([0x92, 0xd6, 0xff, 0, 0, 0, 1, 2, 0x90]);
    body.insert(0, u8::try_from(body.len()).unwrap());
    send(&mut client, &body).await;
    let text = "Failed to invoke 'Add' due to an error on the server.";
    assert_eq!(next(&mut client).await, Some(json!([3, {}, "1", 1, text])));
}
