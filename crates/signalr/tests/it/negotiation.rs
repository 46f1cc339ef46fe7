use std::time::Duration;

use serde_json::json;
use signalr::HubOptions;
use tower::ServiceExt as _;

use crate::harness::{start, start_with};

#[tokio::test]
async fn version_1_gives_an_id_and_a_separate_secret_token() {
    let server = start().await;
    let reply = server.negotiate(None).await;
    let (id, token) = (&reply["connectionId"], &reply["connectionToken"]);
    assert!(id.is_string() && token.is_string() && id != token);
    assert_eq!(
        reply,
        json!({
            "negotiateVersion": 1,
            "connectionId": id,
            "connectionToken": token,
            "availableTransports": [
                {"transport": "WebSockets", "transferFormats": ["Text", "Binary"]},
                {"transport": "ServerSentEvents", "transferFormats": ["Text"]},
                {"transport": "LongPolling", "transferFormats": ["Text", "Binary"]},
            ],
        })
    );
}

#[tokio::test]
async fn version_0_uses_the_id_to_connect() {
    let server = start().await;
    let (status, reply) = server.request("POST", "/negotiate", None).await;
    assert_eq!((status, &reply["negotiateVersion"]), (200, &json!(0)));
    assert!(reply.get("connectionToken").is_none());

    let id = reply["connectionId"].as_str().unwrap();
    let mut client = server.open(&format!("?id={id}")).await.unwrap();
    client.shake_hands().await;
    assert_eq!(client.id().await, id);
}

#[tokio::test]
async fn a_newer_version_is_answered_with_the_newest_known() {
    let server = start().await;
    let (_, reply) = server.request("POST", "/negotiate?NegotiateVersion=7", None).await;
    assert_eq!(reply["negotiateVersion"], 1);
}

#[tokio::test]
async fn a_version_that_is_no_number_is_an_error_in_a_good_answer() {
    let server = start().await;
    for version in ["abc", "-1", "", "99999999999999999999"] {
        let (status, reply) =
            server.request("POST", &format!("/negotiate?negotiateVersion={version}"), None).await;
        assert_eq!(status, 200);
        assert!(reply["error"].is_string() && reply.get("connectionId").is_none(), "{reply}");
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let server = start().await;
    assert_eq!(server.request("GET", "/negotiate", None).await.0, 405);
    assert_eq!(server.request("PUT", "", None).await.0, 405);
}

#[tokio::test]
async fn a_request_without_id_is_told_that_it_needs_one() {
    let server = start().await;
    assert_eq!(server.request("GET", "", None).await.0, 400);
}

#[tokio::test]
async fn the_negotiated_token_opens_the_connection_with_its_public_id() {
    let server = start().await;
    let reply = server.negotiate(None).await;
    let mut client =
        server.open(&format!("?id={}", reply["connectionToken"].as_str().unwrap())).await.unwrap();
    client.shake_hands().await;
    assert_eq!(client.id().await, reply["connectionId"].as_str().unwrap());
}

#[tokio::test]
async fn neither_an_unknown_token_nor_the_public_id_opens_a_connection() {
    let server = start().await;
    let reply = server.negotiate(None).await;
    for token in ["unknown", "", "%ff%00", "%"] {
        assert_eq!(server.open(&format!("?id={token}")).await.err(), Some(404), "{token}");
    }
    let id = reply["connectionId"].as_str().unwrap();
    assert_eq!(server.open(&format!("?id={id}")).await.err(), Some(404));
}

#[tokio::test]
async fn a_second_socket_is_refused_and_the_first_goes_on() {
    let server = start().await;
    let reply = server.negotiate(None).await;
    let query = format!("?id={}", reply["connectionToken"].as_str().unwrap());
    let mut first = server.open(&query).await.unwrap();
    assert_eq!(server.open(&query).await.err(), Some(409));
    first.shake_hands().await;
    assert_eq!(first.invoke("echo", json!(["still here"])).await["result"], "still here");
}

#[tokio::test]
async fn a_negotiated_connection_lapses_when_nobody_opens_it() {
    let server =
        start_with(HubOptions { absence_timeout: Duration::from_millis(1), ..HubOptions::default() }).await;
    let reply = server.negotiate(None).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let query = format!("?id={}", reply["connectionToken"].as_str().unwrap());
    assert_eq!(server.open(&query).await.err(), Some(404));
}

#[tokio::test]
async fn a_large_body_is_refused_unread() {
    let server = start().await;
    for (length, status) in [(64 * 1024, 200), (64 * 1024 + 1, 413)] {
        let request = axum::http::Request::post("/hub/negotiate")
            .header("content-length", length)
            .body(axum::body::Body::empty())
            .unwrap();
        let response = server.hub.router("/hub").oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
    }
}
