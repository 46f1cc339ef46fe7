//! Connections that outlive their sockets.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use signalr::{DisconnectReason, HubOptions};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Client, TestServer, event, start, start_with};

impl TestServer {
    /// A connection that may lose its socket, and the query for the next one.
    pub async fn stateful(&self) -> (Client, String) {
        let path = "/negotiate?negotiateVersion=1&useStatefulReconnect=true";
        let (status, reply) = self.request("POST", path, None).await;
        assert_eq!((status, &reply["useStatefulReconnect"]), (200, &json!(true)), "{reply}");
        let query = format!("?id={}", reply["connectionToken"].as_str().unwrap());
        let mut client = self.open(&query).await.unwrap();
        client.send_record(json!({"protocol": "json", "version": 2})).await;
        assert_eq!(client.next().await, json!({}));
        (client, query)
    }
}

fn sequence(number: u64) -> Value {
    json!({"type": 9, "sequenceId": number})
}

fn ack(number: u64) -> Value {
    json!({"type": 8, "sequenceId": number})
}

/// A call that is counted.
fn record(number: u64) -> Value {
    event("record", json!([number]))
}

#[tokio::test]
async fn the_first_thing_on_a_new_socket_is_the_number_of_the_first_unacknowledged_message() {
    let server = start().await;
    let (mut client, query) = server.stateful().await;
    for n in 1..=3 {
        server.hub.send_all("E", (n,)).await.unwrap();
        assert_eq!(client.next().await, event("E", json!([n])));
    }
    client.send_record(ack(1)).await;
    assert_eq!(client.invoke("add", json!([1, 2])).await["result"], 3);
    drop(client);
    let mut client = server.open(&query).await.unwrap();
    assert_eq!(client.next().await, sequence(2));
    assert_eq!(client.next().await, event("E", json!([2])));
    assert_eq!(client.next().await, event("E", json!([3])));
    assert_eq!(client.next().await["result"], 3);
    server.hub.send_all("E", (4,)).await.unwrap();
    assert_eq!(client.next().await, event("E", json!([4])));

    client.send_record(sequence(1)).await;
    client.send_record(ack(5)).await;
    // What was received before the cut: the call, which is not run again.
    client.send_record(json!({"type": 1, "invocationId": "1", "target": "add", "arguments": [1, 2]})).await;
    client.send_record(record(7)).await;
    let recorded = client.invoke("recorded", json!([])).await;
    assert_eq!(recorded["result"], json!([7]));
    drop(client);
    let mut client = server.open(&query).await.unwrap();
    assert_eq!(client.next().await, sequence(6), "all but the last answer was acknowledged");
}

#[tokio::test]
async fn messages_that_are_repeated_run_once() {
    let server = start().await;
    let (mut client, query) = server.stateful().await;
    for n in 1..=3 {
        client.send_record(record(n)).await;
    }
    assert_eq!(client.invoke("recorded", json!([])).await["result"], json!([1, 2, 3]));
    drop(client);
    let mut client = server.open(&query).await.unwrap();
    assert_eq!(client.next().await, sequence(1));
    client.next().await;
    client.send_record(sequence(2)).await;
    for n in [2, 3] {
        client.send_record(record(n)).await;
    }
    client.send_record(record(99)).await;
    client.send_record(record(5)).await;
    // 99 has the number of the call of `recorded`; 5 is new.
    assert_eq!(client.invoke("recorded", json!([])).await["result"], json!([1, 2, 3, 5]));
}

#[tokio::test]
async fn what_arrives_is_acknowledged_within_about_a_second() {
    let server = start().await;
    let (mut client, _) = server.stateful().await;
    client.send_record(record(1)).await;
    client.send_record(record(2)).await;
    assert_eq!(client.next().await, ack(2));
}

#[tokio::test]
async fn acknowledging_too_much_is_ignored_and_skipping_messages_closes() {
    let server = start().await;
    let (mut client, _) = server.stateful().await;
    client.send_record(ack(1_000_000)).await;
    client.send_record(ack(u64::MAX)).await;
    assert_eq!(client.invoke("add", json!([1, 2])).await["result"], 3);
    client.send_record(sequence(1_000_000)).await;
    let farewell = client.next().await;
    assert_eq!((&farewell["type"], &farewell["allowReconnect"]), (&json!(7), &json!(true)));
    client.until_closed().await;
}

#[tokio::test]
async fn who_does_not_come_back_in_time_is_gone() {
    let options = HubOptions { absence_timeout: Duration::from_millis(50), ..HubOptions::default() };
    let mut server = start_with(options).await;
    let (client, query) = server.stateful().await;
    drop(client);
    assert_eq!(server.goodbye().await, DisconnectReason::TransportLost);
    while server.hub.negotiated() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.open(&query).await.err(), Some(404));
}

#[tokio::test]
async fn a_new_socket_takes_over_even_while_the_old_one_seems_open() {
    let server = start().await;
    let (mut old, query) = server.stateful().await;
    let id = old.id().await;
    let mut new = server.open(&query).await.unwrap();
    assert_eq!(new.next().await, sequence(1));
    new.next().await;
    old.until_closed().await;
    new.send_record(sequence(2)).await;
    assert_eq!(new.id().await, id);
}

#[tokio::test]
async fn a_call_that_runs_outlives_the_socket() {
    let server = start().await;
    let (mut client, query) = server.stateful().await;
    client.send_record(json!({"type": 1, "invocationId": "1", "target": "wait", "arguments": []})).await;
    server.hub.hub().started.notified().await;
    drop(client);
    let mut client = server.open(&query).await.unwrap();
    assert_eq!(client.next().await, sequence(1));
    server.hub.hub().release.notify_one();
    assert_eq!(client.next().await["result"], "waited");
}

#[tokio::test]
async fn half_a_message_is_forgotten_with_its_socket() {
    let server = start().await;
    let (mut client, query) = server.stateful().await;
    client.send("{\"type\":1,\"target\":\"rec").await;
    drop(client);
    let mut client = server.open(&query).await.unwrap();
    assert_eq!(client.next().await, sequence(1));
    client.send_record(sequence(1)).await;
    assert_eq!(client.invoke("add", json!([1, 2])).await["result"], 3);
}

#[tokio::test]
async fn it_is_not_offered_unasked_nor_where_it_is_switched_off() {
    let server = start().await;
    assert!(server.negotiate(None).await.get("useStatefulReconnect").is_none());
    let server = start_with(HubOptions { stateful_reconnect: false, ..HubOptions::default() }).await;
    let (_, reply) =
        server.request("POST", "/negotiate?negotiateVersion=1&useStatefulReconnect=true", None).await;
    assert!(reply.get("useStatefulReconnect").is_none());
}

#[tokio::test]
async fn a_client_that_says_good_bye_is_not_waited_for() {
    let mut server = start().await;
    let (mut client, _) = server.stateful().await;
    client.send_record(json!({"type": 7})).await;
    assert_eq!(server.goodbye().await, DisconnectReason::Client);
    assert!(matches!(client.socket.next().await, Some(Ok(Message::Close(_)))));
}
