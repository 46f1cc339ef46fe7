//! Many clients, slow ones, and ones that break.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use signalr::{DisconnectReason, HubOptions};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::MaybeTlsStream;

use crate::harness::{event, start, start_with};

/// Open files of this process.
fn files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connecting_and_leaving_again_and_again_leaves_nothing_behind() {
    let mut server = start().await;
    let before = files();
    for round in 0..20 {
        let clients = join_all((0..50).map(|_| server.client())).await;
        assert_eq!(server.hub.connections(), 50, "round {round}");
        for (n, mut client) in clients.into_iter().enumerate() {
            if n % 2 == 0 {
                client.send_record(json!({"type": 7})).await;
                client.until_closed().await;
            }
        }
        for _ in 0..50 {
            server.goodbye().await;
        }
        assert_eq!(server.hub.connections(), 0);
    }
    server.hub.shutdown().await;
    assert!(server.goodbyes.try_recv().is_err(), "one good-bye each");
    // The last sockets are closed by the tasks that served them; one that stays open fails by the time limit.
    while files() >= before + 20 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_is_negotiated_and_never_used_is_forgotten() {
    let options = HubOptions { absence_timeout: Duration::from_millis(30), ..HubOptions::default() };
    let server = start_with(options).await;
    for _ in 0..100 {
        server.negotiate(None).await;
    }
    assert!(server.hub.negotiated() > 0);
    tokio::time::sleep(Duration::from_millis(40)).await;
    assert_eq!(server.hub.negotiated(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_among_many_do_not_hold_up_the_others() {
    let options = HubOptions { close_timeout: Duration::from_millis(100), ..HubOptions::default() };
    let mut server = start_with(options).await;
    let mut slow = join_all((0..8).map(|_| server.client())).await;
    let mut quick = join_all((0..72).map(|_| server.client())).await;
    let text = "x".repeat(64 * 1024);
    let mut sent = 0_u32;
    // Until the buffers of the kernel and the queues of all slow clients are full.
    while server.hub.connections() > 72 {
        server.hub.send_all("E", (sent, &text)).await.unwrap();
        let received = join_all(quick.iter_mut().map(|client| client.next())).await;
        assert!(received.iter().all(|message| message["arguments"][0] == sent));
        sent += 1;
        assert!(sent < 10_000, "the queues are not bounded");
    }
    for _ in 0..8 {
        assert_eq!(server.goodbye().await, DisconnectReason::SlowConsumer);
    }
    for client in &mut slow {
        client.until_closed().await;
    }
}

#[tokio::test]
async fn a_client_that_stops_without_closing_is_found_out_by_its_silence() {
    let options = HubOptions { client_timeout: Duration::from_millis(60), ..HubOptions::default() };
    let mut server = start_with(options).await;
    let mut client = server.client().await;
    client.send_record(json!({"type": 6})).await;
    // The socket stays open; nobody reads or writes any more.
    assert_eq!(server.goodbye().await, DisconnectReason::ClientTimeout);
    assert_eq!(server.hub.connections(), 0);
    drop(client);
}

#[tokio::test]
async fn a_reset_in_the_middle_of_a_frame_is_one_good_bye() {
    let mut server = start().await;
    let mut client = server.client().await;
    let MaybeTlsStream::Plain(socket) = client.socket.get_mut() else { panic!("no plain socket") };
    // The head of a masked text frame of 100 bytes, and three of them.
    socket.write_all(&[0x81, 0x80 | 100, 1, 2, 3, 4, 5, 6, 7]).await.unwrap();
    socket.set_zero_linger().unwrap();
    drop(client);
    assert_eq!(server.goodbye().await, DisconnectReason::TransportLost);
    server.hub.shutdown().await;
    assert!(server.goodbyes.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_tells_a_thousand_clients_spread_over_time() {
    let options = HubOptions { shutdown_spread: Duration::from_millis(300), ..HubOptions::default() };
    let server = start_with(options).await;
    let mut clients = join_all((0..1000).map(|_| server.client())).await;
    let begun = std::time::Instant::now();
    let hub = server.hub.clone();
    let shutdown = tokio::spawn(async move { hub.shutdown().await });
    join_all(clients.iter_mut().map(async |client| {
        assert_eq!(client.next().await, json!({"type": 7, "allowReconnect": true}));
        client.until_closed().await;
    }))
    .await;
    shutdown.await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(290));
    assert_eq!(server.request("POST", "/negotiate", None).await.0, 503);
}

#[tokio::test]
async fn foreign_pages_are_refused_when_the_sites_are_named() {
    let options =
        HubOptions { allowed_origins: Some(vec!["https://dms.example.com".into()]), ..HubOptions::default() };
    let server = start_with(options).await;
    assert_eq!(server.open_from("https://evil.example.com").await.err(), Some(403));
    let mut client = server.open_from("https://DMS.example.com").await.unwrap();
    client.shake_hands().await;
    server.hub.send_all("E", (1,)).await.unwrap();
    assert_eq!(client.next().await, event("E", json!([1])));
    // What is not a browser names no site.
    server.client().await;
}

#[tokio::test]
async fn an_old_negotiation_is_refused_where_a_newer_one_is_needed() {
    let server = start_with(HubOptions { min_negotiate_version: 1, ..HubOptions::default() }).await;
    let (status, reply) = server.request("POST", "/negotiate", None).await;
    assert_eq!(status, 200);
    assert!(reply["error"].as_str().unwrap().contains("version '0'"), "{reply}");
}
