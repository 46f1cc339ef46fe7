use std::time::Duration;

use serde_json::json;
use signalr::{DisconnectReason, HubOptions};

use crate::harness::{event, start, start_with};

#[tokio::test]
async fn a_group_reaches_its_members_only() {
    let server = start().await;
    let (mut member, mut other) = (server.client().await, server.client().await);
    member.invoke("join", json!(["g"])).await;
    member.invoke("join", json!(["g"])).await;

    assert_eq!(server.hub.send_group("g", "E", (1, "x")).await.unwrap(), 1);
    assert_eq!(server.hub.send_all("End", (2,)).await.unwrap(), 2);
    assert_eq!(member.next().await, event("E", json!([1, "x"])));
    assert_eq!(member.next().await, event("End", json!([2])));
    assert_eq!(other.next().await, event("End", json!([2])));
}

#[tokio::test]
async fn who_has_left_a_group_gets_nothing_more() {
    let server = start().await;
    let mut client = server.client().await;
    client.invoke("leave", json!(["never joined"])).await;
    client.invoke("join", json!(["g"])).await;
    client.invoke("leave", json!(["g"])).await;
    assert_eq!(server.hub.send_group("g", "E", (1,)).await.unwrap(), 0);
    assert_eq!(client.invoke("echo", json!(["next"])).await["result"], "next");
}

#[tokio::test]
async fn joining_while_being_greeted_is_in_time_for_the_next_event() {
    let server = start().await;
    let mut client = server.client_of("greeted").await;
    assert_eq!(client.next().await, event("Hello", json!(["you"])));
}

#[tokio::test]
async fn a_user_is_reached_on_every_connection() {
    let server = start().await;
    let (mut one, mut two) = (server.client_of("an").await, server.client_of("an").await);
    let mut other = server.client_of("binh").await;
    assert_eq!(server.hub.send_user("an", "E", (1,)).await.unwrap(), 2);
    assert_eq!(server.hub.send_user("nobody", "E", (1,)).await.unwrap(), 0);
    assert_eq!(one.next().await, event("E", json!([1])));
    assert_eq!(two.next().await, event("E", json!([1])));
    assert_eq!(other.invoke("echo", json!(["next"])).await["result"], "next");
}

#[tokio::test]
async fn arguments_may_be_a_list_of_any_length() {
    let server = start().await;
    let mut client = server.client().await;
    server.hub.send_all("E", Vec::<u8>::new()).await.unwrap();
    server.hub.send_all("E", [1, 2, 3].as_slice()).await.unwrap();
    assert_eq!(client.next().await, event("E", json!([])));
    assert_eq!(client.next().await, event("E", json!([1, 2, 3])));
}

#[tokio::test]
async fn what_is_not_json_is_an_error_of_the_sender() {
    let server = start().await;
    let keyed_by_list = std::collections::BTreeMap::from([(vec![1], 1)]);
    let error = server.hub.send_all("E", (keyed_by_list,)).await.unwrap_err();
    assert_eq!(error.to_string(), "the event 'E' cannot be serialised");
}

#[tokio::test]
async fn sending_to_a_connection_that_is_gone_is_harmless() {
    let mut server = start().await;
    let mut client = server.client().await;
    client.invoke("join", json!(["g"])).await;
    client.send_record(json!({"type": 7})).await;
    client.until_closed().await;
    let (id, reason) = server.goodbyes.recv().await.unwrap();
    assert_eq!(reason, DisconnectReason::Client);
    assert_eq!(server.hub.send_connection(&id, "E", (1,)).await.unwrap(), 0);
    assert_eq!(server.hub.send_group("g", "E", (1,)).await.unwrap(), 0);
    assert!(!server.hub.add_to_group(&id, "g").await.unwrap());
    assert_eq!(server.hub.connections(), 0);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed_and_the_others_get_everything() {
    let options = HubOptions {
        max_queued_messages: 64,
        close_timeout: Duration::from_millis(100),
        ..HubOptions::default()
    };
    let mut server = start_with(options).await;
    let (mut slow, mut quick) = (server.client().await, server.client().await);
    slow.invoke("join", json!(["g"])).await;
    quick.invoke("join", json!(["g"])).await;

    let text = "x".repeat(16 * 1024);
    let mut sent = 0_u32;
    loop {
        let reached = server.hub.send_group("g", "E", (sent, &text)).await.unwrap();
        assert_eq!(quick.next().await["arguments"][0], sent);
        if reached == 1 {
            break;
        }
        sent += 1;
        assert!(sent < 100_000, "the queue is not bounded");
    }
    assert_eq!(server.goodbye().await, DisconnectReason::SlowConsumer);
    assert_eq!(server.hub.connections(), 1);
    slow.until_closed().await;
}

#[tokio::test]
async fn a_slow_client_that_reads_again_learns_that_it_may_reconnect() {
    let options = HubOptions { max_queued_messages: 2, ..HubOptions::default() };
    let server = start_with(options).await;
    let mut client = server.client().await;
    // Without a pause in between the writer has no chance to take one.
    for n in 0..3 {
        server.hub.send_all("E", (n,)).await.unwrap();
    }
    let mut last = client.next().await;
    while last["type"] == 1 {
        last = client.next().await;
    }
    assert_eq!(last["type"], 7);
    assert_eq!(last["allowReconnect"], true);
    assert_eq!(client.close_code().await, 1000);
}
