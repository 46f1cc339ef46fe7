use std::time::Duration;

use futures_util::SinkExt;
use serde_json::json;
use signalr::{DisconnectReason, HubOptions};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::harness::{closed_with, event, start, start_with};

#[tokio::test]
async fn an_idle_client_is_pinged_again_and_again() {
    let options = HubOptions { keep_alive_interval: Duration::from_millis(20), ..HubOptions::default() };
    let server = start_with(options).await;
    let mut client = server.client().await;
    for _ in 0..3 {
        assert_eq!(client.next_with_pings().await, json!({"type": 6}));
    }
}

#[tokio::test]
async fn pings_go_on_while_a_method_runs() {
    let options = HubOptions { keep_alive_interval: Duration::from_millis(20), ..HubOptions::default() };
    let server = start_with(options).await;
    let mut client = server.client().await;
    client.send_record(json!({"type": 1, "invocationId": "1", "target": "wait", "arguments": []})).await;
    server.hub.hub().started.notified().await;
    for _ in 0..3 {
        assert_eq!(client.next_with_pings().await, json!({"type": 6}));
    }
    server.hub.hub().release.notify_one();
    assert_eq!(client.next().await["result"], "waited");
}

#[tokio::test]
async fn a_client_that_stops_pinging_is_closed_but_one_that_never_did_is_not() {
    let options = HubOptions { client_timeout: Duration::from_millis(50), ..HubOptions::default() };
    let mut server = start_with(options).await;
    let mut silent = server.client().await;
    let mut client = server.client().await;
    client.send_record(json!({"type": 6})).await;
    assert_eq!(client.next().await, closed_with("The client has been silent for too long."));
    assert_eq!(client.close_code().await, 1000);
    client.until_closed().await;
    assert_eq!(server.goodbye().await, DisconnectReason::ClientTimeout);
    assert_eq!(silent.invoke("echo", json!([1])).await["result"], 1);
}

#[tokio::test]
async fn a_method_that_takes_long_does_not_count_as_silence() {
    let options = HubOptions { client_timeout: Duration::from_millis(50), ..HubOptions::default() };
    let server = start_with(options).await;
    let mut client = server.client().await;
    let call = json!({"type": 1, "invocationId": "1", "target": "wait", "arguments": []});
    client.send(&format!("{}\u{1e}{call}\u{1e}", json!({"type": 6}))).await;
    server.hub.hub().started.notified().await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    server.hub.hub().release.notify_one();
    assert_eq!(client.next().await["result"], "waited");
}

#[tokio::test]
async fn a_farewell_of_the_client_ends_the_connection_quietly() {
    let mut server = start().await;
    let mut client = server.client().await;
    client.send_record(json!({"type": 7})).await;
    assert_eq!(client.close_code().await, 1000);
    client.until_closed().await;
    assert_eq!(server.goodbye().await, DisconnectReason::Client);
}

#[tokio::test]
async fn a_socket_that_closes_or_breaks_without_farewell_is_noticed_once() {
    let mut server = start().await;
    let mut closing = server.client().await;
    closing.socket.close(None).await.unwrap();
    assert_eq!(server.goodbye().await, DisconnectReason::TransportLost);

    let breaking = server.client().await;
    drop(breaking);
    assert_eq!(server.goodbye().await, DisconnectReason::TransportLost);
    assert_eq!(server.hub.connections(), 0);

    server.hub.shutdown().await;
    assert!(server.goodbyes.try_recv().is_err(), "one good-bye each");
}

#[tokio::test]
async fn a_websocket_ping_is_answered() {
    let server = start().await;
    let mut client = server.client().await;
    client.socket.send(Message::Ping("x".into())).await.unwrap();
    assert_eq!(client.next_frame().await, Some(Message::Pong("x".into())));
}

#[tokio::test]
async fn a_message_in_fragments_is_put_together() {
    let server = start().await;
    let mut client = server.client().await;
    let call =
        format!("{}\u{1e}", json!({"type": 1, "invocationId": "1", "target": "void", "arguments": []}));
    let (start, end) = call.split_at(10);
    let first = Frame::message(start.to_owned(), OpCode::Data(Data::Text), false);
    let last = Frame::message(end.to_owned(), OpCode::Data(Data::Continue), true);
    client.socket.send(Message::Frame(first)).await.unwrap();
    client.socket.send(Message::Frame(last)).await.unwrap();
    assert_eq!(client.next().await, json!({"type": 3, "invocationId": "1"}));
}

#[tokio::test]
async fn text_that_is_not_utf8_closes_the_socket_with_its_code() {
    let mut server = start().await;
    let mut client = server.client().await;
    let frame = Frame::message(vec![0xff, 0xfe, 0x1e], OpCode::Data(Data::Text), true);
    client.socket.send(Message::Frame(frame)).await.unwrap();
    assert_eq!(client.next().await, closed_with("The message is not valid UTF-8."));
    assert_eq!(client.close_code().await, 1007);
    assert_eq!(server.goodbye().await, DisconnectReason::BadMessage);
}

#[tokio::test]
async fn a_frame_beyond_the_limit_of_the_socket_closes_it() {
    let mut server = start_with(HubOptions { max_frame_bytes: 1000, ..HubOptions::default() }).await;
    let mut client = server.client().await;
    client.send(&"x".repeat(1001)).await;
    assert_eq!(server.goodbye().await, DisconnectReason::BadMessage);
    client.until_closed().await;
}

#[tokio::test]
async fn shutting_down_asks_everyone_to_reconnect_and_lets_nobody_in() {
    let mut server = start().await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(server.client().await);
    }
    server.hub.send_all("Last", (1,)).await.unwrap();
    let hub = server.hub.clone();
    let shutdown = tokio::spawn(async move { hub.shutdown().await });
    for client in &mut clients {
        assert_eq!(client.next().await, event("Last", json!([1])));
        assert_eq!(client.next().await, json!({"type": 7, "allowReconnect": true}));
        assert_eq!(client.close_code().await, 1000);
        client.until_closed().await;
    }
    shutdown.await.unwrap();
    for _ in 0..20 {
        assert_eq!(server.goodbye().await, DisconnectReason::Shutdown);
    }
    assert_eq!(server.hub.connections(), 0);
    assert_eq!(server.request("POST", "/negotiate", None).await.0, 503);
    assert_eq!(server.open("").await.err(), Some(503));
}

#[tokio::test]
async fn shutting_down_lets_a_running_method_finish() {
    let server = start().await;
    let mut client = server.client().await;
    client.send_record(json!({"type": 1, "invocationId": "1", "target": "wait", "arguments": []})).await;
    server.hub.hub().started.notified().await;
    let hub = server.hub.clone();
    let shutdown = tokio::spawn(async move { hub.shutdown().await });
    while server.request("POST", "/negotiate", None).await.0 != 503 {
        tokio::task::yield_now().await;
    }
    server.hub.hub().release.notify_one();
    assert_eq!(client.next().await["result"], "waited");
    assert_eq!(client.next().await, json!({"type": 7, "allowReconnect": true}));
    client.until_closed().await;
    shutdown.await.unwrap();
}

#[tokio::test]
async fn shutting_down_waits_neither_for_a_stuck_method_nor_for_a_deaf_client() {
    let options = HubOptions { close_timeout: Duration::from_millis(50), ..HubOptions::default() };
    let mut server = start_with(options).await;
    let mut client = server.client().await;
    client.send_record(json!({"type": 1, "invocationId": "1", "target": "wait", "arguments": []})).await;
    server.hub.hub().started.notified().await;
    server.hub.shutdown().await;
    assert_eq!(server.goodbye().await, DisconnectReason::Shutdown);
}
