use std::time::Duration;

use serde_json::json;
use signalr::HubOptions;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Client, start, start_with};

const NORMAL: u16 = 1000;

async fn expect_refusal(client: &mut Client, error: &str) {
    assert_eq!(client.next().await, json!({ "error": error }));
    assert_eq!(client.close_code().await, NORMAL);
}

#[tokio::test]
async fn it_may_be_split_over_frames() {
    let server = start().await;
    let mut client = server.open("").await.unwrap();
    for part in ["{\"protocol\":", "\"json\",\"version\":1}", "\u{1e}"] {
        client.send(part).await;
    }
    assert_eq!(client.next().await, json!({}));
}

#[tokio::test]
async fn the_reply_is_a_text_frame_even_to_a_binary_request() {
    let server = start().await;
    let mut client = server.open("").await.unwrap();
    let request = b"{\"protocol\":\"json\",\"version\":1}\x1e".as_slice();
    futures_util::SinkExt::send(&mut client.socket, Message::binary(request)).await.unwrap();
    assert_eq!(client.next_frame().await, Some(Message::text("{}\u{1e}")));
}

#[tokio::test]
async fn messages_may_follow_in_the_same_frame() {
    let server = start().await;
    let mut client = server.open("").await.unwrap();
    let call = json!({"type": 1, "invocationId": "0", "target": "echo", "arguments": ["x"]});
    client.send(&format!("{{\"protocol\":\"json\",\"version\":1}}\u{1e}{call}\u{1e}")).await;
    assert_eq!(client.next().await, json!({}));
    assert_eq!(client.next().await, json!({"type": 3, "invocationId": "0", "result": "x"}));
}

#[tokio::test]
async fn version_2_is_accepted() {
    let server = start().await;
    let mut client = server.open("").await.unwrap();
    client.send_record(json!({"protocol": "json", "version": 2})).await;
    assert_eq!(client.next().await, json!({}));
}

#[tokio::test]
async fn an_unknown_protocol_or_version_is_refused() {
    let server = start().await;
    for (protocol, version, error) in [
        ("x", 1, "The protocol 'x' is not supported."),
        ("messagepack", 9, "The server does not support version 9 of the 'messagepack' protocol."),
        ("json", 3, "The server does not support version 3 of the 'json' protocol."),
    ] {
        let mut client = server.open("").await.unwrap();
        client.send_record(json!({"protocol": protocol, "version": version})).await;
        expect_refusal(&mut client, error).await;
    }
    assert_eq!(server.hub.connections(), 0);
}

#[tokio::test]
async fn what_is_not_a_handshake_is_refused() {
    let server = start().await;
    for text in ["{}\u{1e}", "\u{1e}", "null\u{1e}", "x\u{1e}", "{\"protocol\":\"json\"}\u{1e}"] {
        let mut client = server.open("").await.unwrap();
        client.send(text).await;
        expect_refusal(&mut client, "An unexpected error occurred during connection handshake.").await;
    }
}

#[tokio::test]
async fn a_client_that_says_nothing_is_not_waited_for() {
    let options = HubOptions { handshake_timeout: Duration::from_millis(30), ..HubOptions::default() };
    let server = start_with(options).await;
    let mut client = server.open("").await.unwrap();
    expect_refusal(&mut client, "Handshake was canceled.").await;
}

#[tokio::test]
async fn one_that_never_ends_is_canceled() {
    let server = start().await;
    let mut client = server.open("").await.unwrap();
    client.send(&"x".repeat(40 * 1024)).await;
    expect_refusal(&mut client, "Handshake was canceled.").await;
}
