use std::{
    io::{self, Write},
    sync::Arc,
};

use parking_lot::Mutex;
use serde_json::json;
use signalr::{DisconnectReason, Reconnect};

use crate::harness::start;

#[tokio::test]
async fn who_is_refused_gets_the_answer_of_the_hub_everywhere() {
    let server = start().await;
    let (status, problem) = server.request("POST", "/negotiate?negotiateVersion=1", Some("nobody")).await;
    assert_eq!((status, &problem["status"]), (401, &json!(401)));
    assert_eq!(server.request("POST", "/negotiate", Some("banned")).await.0, 403);
    assert_eq!(server.request("POST", "/negotiate?access_token=nobody", None).await.0, 401);
    assert_eq!(server.open("?access_token=nobody").await.err(), Some(401));
    assert_eq!(server.open_with("", Some("banned")).await.err(), Some(403));
}

#[tokio::test]
async fn the_header_counts_before_the_query() {
    let server = start().await;
    assert_eq!(server.open_with("?access_token=an", Some("nobody")).await.err(), Some(401));
    let mut client = server.open_with("?access_token=nobody", Some("an")).await.unwrap();
    client.shake_hands().await;
    assert_eq!(server.hub.send_user("an", "E", (1,)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_connection_belongs_to_the_user_who_negotiated_it() {
    let server = start().await;
    let reply = server.negotiate(Some("an")).await;
    let query = format!("?id={}", reply["connectionToken"].as_str().unwrap());
    assert_eq!(server.open_with(&query, Some("binh")).await.err(), Some(403));
    assert_eq!(server.open(&query).await.err(), Some(403));
    let mut client = server.open_with(&query, Some("an")).await.unwrap();
    client.shake_hands().await;
}

#[tokio::test]
async fn who_is_not_greeted_is_sent_away_for_good_without_the_reason() {
    let mut server = start().await;
    let mut client = server.client_of("unwelcome").await;
    assert_eq!(client.next().await, json!({"type": 7, "error": "Connection closed with an error."}));
    assert_eq!(client.close_code().await, 1000);
    assert_eq!(server.goodbye().await, DisconnectReason::NotGreeted);
}

#[tokio::test]
async fn a_token_that_expires_ends_the_connection_until_it_is_renewed() {
    let mut server = start().await;
    let mut client = server.client_of("an:30").await;
    assert_eq!(client.next().await, json!({"type": 7, "allowReconnect": true}));
    assert_eq!(client.close_code().await, 1000);
    assert_eq!(server.goodbye().await, DisconnectReason::Expired);
}

#[tokio::test]
async fn a_user_can_be_disconnected_with_or_without_a_way_back() {
    let mut server = start().await;
    let mut other = server.client_of("binh").await;
    for (reconnect, farewell) in [
        (Reconnect::Allow, json!({"type": 7, "allowReconnect": true})),
        (Reconnect::Forbid, json!({"type": 7})),
    ] {
        let (mut one, mut two) = (server.client_of("an").await, server.client_of("an").await);
        server.hub.disconnect_user("an", reconnect).await.unwrap();
        for client in [&mut one, &mut two] {
            assert_eq!(client.next().await, farewell);
            assert_eq!(client.close_code().await, 1000);
            client.until_closed().await;
            assert_eq!(server.goodbye().await, DisconnectReason::Aborted);
        }
        assert_eq!(other.invoke("echo", json!([1])).await["result"], 1);
    }
}

#[tokio::test]
async fn a_method_can_close_its_connection_after_its_answer() {
    let server = start().await;
    let mut client = server.client().await;
    client.invoke("abort", json!([])).await;
    assert_eq!(client.next().await, json!({"type": 7}));
    assert_eq!(client.close_code().await, 1000);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_kind_of_token_reaches_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // For the whole process: other tests may run beside this one, and what they log does no harm here.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let mut server = start().await;
    let reply = server.negotiate(Some("topsecret")).await;
    let token = reply["connectionToken"].as_str().unwrap();
    let query = format!("?id={token}&access_token=topsecret");
    let mut client = server.open(&query).await.unwrap();
    assert_eq!(server.open(&query).await.err(), Some(409));
    client.shake_hands().await;
    client.invoke("fail", json!([])).await;
    client.send("no message\u{1e}").await;
    client.until_closed().await;
    server.goodbye().await;

    let log = String::from_utf8(log.0.lock().clone()).unwrap();
    assert!(log.contains(reply["connectionId"].as_str().unwrap()), "{log}");
    assert!(!log.contains("topsecret") && !log.contains(token), "{log}");
}
