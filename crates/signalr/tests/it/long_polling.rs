use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use http_body_util::BodyExt;
use serde_json::json;
use signalr::{DisconnectReason, HubOptions, Transports};
use tower::ServiceExt;

use crate::harness::{TestServer, event, start, start_with};

const HANDSHAKE: &str = "{\"protocol\":\"json\",\"version\":1}\u{1e}";
const READY: &str = "{}\u{1e}";

impl TestServer {
    /// A request of a transport: status and body.
    async fn transport(&self, method: &str, token: &str, body: &str) -> (u16, Bytes) {
        let request = Request::builder().method(method).uri(format!("/hub?id={token}"));
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.hub.router("/hub").oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes())
    }

    async fn token(&self) -> String {
        self.negotiate(None).await["connectionToken"].as_str().unwrap().to_owned()
    }

    /// A connection that polls and has shaken hands.
    async fn polling(&self) -> String {
        let token = self.token().await;
        assert_eq!(self.transport("GET", &token, "").await, (200, Bytes::new()));
        assert_eq!(self.transport("POST", &token, HANDSHAKE).await, (200, Bytes::new()));
        assert_eq!(self.transport("GET", &token, "").await, (200, READY.into()));
        token
    }
}

#[tokio::test]
async fn the_first_poll_is_answered_at_once_and_empty_and_later_ones_with_data() {
    let server = start().await;
    let token = server.polling().await;
    let call = json!({"type": 1, "invocationId": "1", "target": "add", "arguments": [1, 2]});
    let poll = server.transport("GET", &token, "");
    let post = format!("{call}\u{1e}");
    let (poll, post) = tokio::join!(poll, server.transport("POST", &token, &post));
    assert_eq!(post.0, 200);
    assert_eq!(poll, (200, "{\"type\":3,\"invocationId\":\"1\",\"result\":3}\u{1e}".into()));
}

#[tokio::test]
async fn a_poll_with_nothing_to_say_ends_empty_and_the_connection_goes_on() {
    let options = HubOptions { poll_timeout: Duration::from_millis(20), ..HubOptions::default() };
    let server = start_with(options).await;
    let token = server.polling().await;
    assert_eq!(server.transport("GET", &token, "").await, (200, Bytes::new()));
    server.hub.send_all("E", (1,)).await.unwrap();
    let expected = "{\"type\":1,\"target\":\"E\",\"arguments\":[1]}\u{1e}";
    assert_eq!(server.transport("GET", &token, "").await, (200, expected.into()));
}

#[tokio::test]
async fn a_newer_poll_takes_over_from_the_older() {
    let server = start().await;
    let token = server.polling().await;
    let older = server.transport("GET", &token, "");
    let newer = async {
        tokio::task::yield_now().await;
        let newer = server.transport("GET", &token, "");
        let send = async {
            tokio::task::yield_now().await;
            server.hub.send_all("E", (1,)).await.unwrap();
        };
        tokio::join!(newer, send).0
    };
    let (older, newer) = tokio::join!(older, newer);
    assert_eq!(older, (204, Bytes::new()));
    assert_eq!(newer.0, 200);
}

#[tokio::test]
async fn two_posts_at_once_keep_their_order() {
    let server = start().await;
    let token = server.polling().await;
    let record = |n: u32| format!("{}\u{1e}", event("record", json!([n])));
    let (one, two) = (record(1), record(2));
    let posts = tokio::join!(server.transport("POST", &token, &one), server.transport("POST", &token, &two));
    assert_eq!((posts.0.0, posts.1.0), (200, 200));
    let ask = "{\"type\":1,\"invocationId\":\"1\",\"target\":\"recorded\",\"arguments\":[]}\u{1e}";
    server.transport("POST", &token, ask).await;
    let (_, answer) = server.transport("GET", &token, "").await;
    assert_eq!(answer, "{\"type\":3,\"invocationId\":\"1\",\"result\":[1,2]}\u{1e}");
}

#[tokio::test]
async fn who_does_not_poll_any_more_is_gone_after_a_while() {
    let options = HubOptions { absence_timeout: Duration::from_millis(50), ..HubOptions::default() };
    let mut server = start_with(options).await;
    let token = server.polling().await;
    assert_eq!(server.goodbye().await, DisconnectReason::TransportLost);
    assert_eq!(server.hub.connections(), 0);
    while server.hub.negotiated() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.transport("GET", &token, "").await.0, 404);
}

#[tokio::test]
async fn a_client_leaves_by_deleting_and_what_comes_later_is_quietly_refused() {
    let mut server = start().await;
    let token = server.polling().await;
    let poll = server.transport("GET", &token, "");
    let leave = async {
        tokio::task::yield_now().await;
        server.transport("DELETE", &token, "").await
    };
    let (poll, leave) = tokio::join!(poll, leave);
    assert_eq!((poll.0, leave.0), (204, 202));
    assert_eq!(server.goodbye().await, DisconnectReason::Client);
    while server.hub.negotiated() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.transport("POST", &token, "{\"type\":7}\u{1e}").await.0, 404);
}

#[tokio::test]
async fn the_farewell_comes_with_a_poll_and_the_next_one_ends() {
    let server = start().await;
    let token = server.polling().await;
    let abort = "{\"type\":1,\"target\":\"abort\",\"arguments\":[]}\u{1e}";
    server.transport("POST", &token, abort).await;
    assert_eq!(server.transport("GET", &token, "").await, (200, "{\"type\":7}\u{1e}".into()));
    assert_eq!(server.transport("GET", &token, "").await, (204, Bytes::new()));
}

#[tokio::test]
async fn a_connection_keeps_its_transport() {
    let server = start().await;
    let token = server.token().await;
    let mut socket = server.open(&format!("?id={token}")).await.unwrap();
    socket.shake_hands().await;
    assert_eq!(server.transport("GET", &token, "").await.0, 400);
    assert_eq!(server.transport("POST", &token, "x").await.0, 405);
    assert_eq!(server.transport("DELETE", &token, "").await.0, 400);
    assert_eq!(server.transport("PUT", &token, "").await.0, 405);
    assert_eq!(server.open(&format!("?id={}", server.polling().await)).await.err(), Some(400));
    assert_eq!(socket.invoke("add", json!([1, 2])).await["result"], 3);
}

#[tokio::test]
async fn posts_need_a_connection_that_listens() {
    let server = start().await;
    let token = server.token().await;
    assert_eq!(server.transport("POST", &token, "x").await.0, 404, "nobody listens yet");
    assert_eq!(server.transport("POST", "unknown", "x").await.0, 404);
    assert_eq!(server.request("POST", "", None).await.0, 400);
    assert_eq!(server.request("DELETE", "", None).await.0, 400);
}

#[tokio::test]
async fn a_transport_that_is_switched_off_is_not_there() {
    let none = Transports { web_sockets: false, server_sent_events: false, long_polling: false };
    let server = start_with(HubOptions { transports: none, ..HubOptions::default() }).await;
    assert_eq!(server.negotiate(None).await["availableTransports"], json!([]));
    let token = server.token().await;
    assert_eq!(server.transport("GET", &token, "").await.0, 404);
    assert_eq!(server.open(&format!("?id={token}")).await.err(), Some(404));
}

#[tokio::test]
async fn a_stream_of_events_begins_with_its_headers_and_carries_text_only() {
    let server = start().await;
    let token = server.token().await;
    let request = Request::get(format!("/hub?id={token}"))
        .header("accept", "text/event-stream")
        .body(Body::empty())
        .unwrap();
    let response = server.hub.router("/hub").oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/event-stream");
    assert_eq!(header("cache-control"), "no-cache,no-store");
    assert_eq!(header("content-encoding"), "identity");
    let mut body = response.into_body();
    let mut next = async || body.frame().await.map(|frame| frame.unwrap().into_data().unwrap());
    assert_eq!(next().await.unwrap(), ":\r\n\r\n");
    server.transport("POST", &token, "{\"protocol\":\"messagepack\",\"version\":1}\u{1e}").await;
    let refusal = String::from_utf8(next().await.unwrap().to_vec()).unwrap();
    assert!(refusal.starts_with("data: {\"error\":\"Cannot use the 'messagepack' protocol"), "{refusal}");
    assert!(refusal.ends_with("\u{1e}\r\n\r\n"));
    assert_eq!(next().await, None);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let server = start_with(HubOptions { max_frame_bytes: 100, ..HubOptions::default() }).await;
    let token = server.polling().await;
    assert_eq!(server.transport("POST", &token, &"x".repeat(101)).await.0, 413);
}
