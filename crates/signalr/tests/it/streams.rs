use serde_json::{Value, json};
use signalr::HubOptions;

use crate::harness::{Client, start, start_with};

fn call(id: &str, target: &str, arguments: Value) -> Value {
    json!({"type": 4, "invocationId": id, "target": target, "arguments": arguments})
}

/// Items until the completion of a stream, and that.
async fn until_completion(client: &mut Client, id: &str) -> (usize, Value) {
    let mut items = 0;
    loop {
        let message = client.next().await;
        assert_eq!(message["invocationId"], id, "{message}");
        match message["type"].as_u64() {
            Some(2) => items += 1,
            _ => return (items, message),
        }
    }
}

#[tokio::test]
async fn the_id_of_a_stream_can_be_used_again_only_after_its_end() {
    let server = start().await;
    let mut client = server.client().await;
    client.send_record(call("1", "CountForEver", json!([]))).await;
    assert_eq!(client.next().await["item"], 0);
    client.send_record(call("1", "Count", json!([1]))).await;
    let (_, refusal) = until_completion(&mut client, "1").await;
    assert_eq!(refusal["error"], "Invocation ID '1' is already in use.");
    client.send_record(json!({"type": 5, "invocationId": "1"})).await;
    let (_, end) = until_completion(&mut client, "1").await;
    assert_eq!(end, json!({"type": 3, "invocationId": "1"}));
    client.send_record(call("1", "Count", json!([2]))).await;
    assert_eq!(until_completion(&mut client, "1").await.0, 2);
}

#[tokio::test]
async fn a_client_opens_only_so_many_streams() {
    let server = start_with(HubOptions { max_streams: 2, ..HubOptions::default() }).await;
    let mut client = server.client().await;
    for id in ["1", "2", "3"] {
        client.send_record(call(id, "CountForEver", json!([]))).await;
    }
    loop {
        let message = client.next().await;
        if message["type"] == 3 {
            assert_eq!(message["invocationId"], "3");
            assert!(message["error"].as_str().unwrap().ends_with("Too many streams are open."));
            break;
        }
    }
}

#[tokio::test]
async fn the_number_of_streams_must_be_that_of_the_method() {
    let server = start().await;
    let mut client = server.client().await;
    for streams in [json!([]), json!(["5", "6"])] {
        client
            .send_record(
                json!({"type": 1, "invocationId": "1", "target": "Concat", "arguments": [], "streamIds": streams}),
            )
            .await;
        assert_eq!(client.next().await["error"], "Failed to invoke 'Concat' due to an error on the server.");
    }
    assert_eq!(client.invoke("add", json!([1, 2])).await["result"], 3);
}

#[tokio::test]
async fn items_after_the_end_of_a_call_are_ignored() {
    let server = start().await;
    let mut client = server.client().await;
    let concat =
        json!({"type": 1, "invocationId": "1", "target": "Concat", "arguments": [], "streamIds": ["9"]});
    client.send_record(concat).await;
    client.send_record(json!({"type": 2, "invocationId": "9", "item": "a"})).await;
    client.send_record(json!({"type": 3, "invocationId": "9"})).await;
    client.send_record(json!({"type": 2, "invocationId": "9", "item": "late"})).await;
    assert_eq!(client.next().await["result"], "a");
    client.send_record(json!({"type": 2, "invocationId": "9", "item": "later"})).await;
    assert_eq!(client.invoke("add", json!([1, 2])).await["result"], 3);
}

#[tokio::test]
async fn an_item_of_another_type_is_an_error_in_the_method() {
    let server = start().await;
    let mut client = server.client().await;
    let concat =
        json!({"type": 1, "invocationId": "1", "target": "Concat", "arguments": [], "streamIds": ["9"]});
    client.send_record(concat).await;
    client.send_record(json!({"type": 2, "invocationId": "9", "item": 5})).await;
    assert_eq!(client.next().await["error"], "Failed to invoke 'Concat' due to an error on the server.");
}

#[tokio::test]
async fn streams_end_on_the_server_when_the_client_goes() {
    use std::sync::atomic::Ordering;
    let mut server = start().await;
    let mut client = server.client().await;
    client.send_record(call("1", "CountForEver", json!([]))).await;
    assert_eq!(client.next().await["item"], 0);
    drop(client);
    server.goodbye().await;
    assert_eq!(server.hub.hub().streaming.load(Ordering::SeqCst), 0);
}
