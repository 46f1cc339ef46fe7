use serde_json::{Value, json};
use signalr::HubOptions;

use crate::harness::{closed_with, event, start, start_with};

#[tokio::test]
async fn values_come_back_as_they_were_sent() {
    let server = start().await;
    let mut client = server.client().await;
    for value in [
        json!("Đơn hàng 🛒 \u{1e} \n \u{0}"),
        json!(9_007_199_254_740_993_i64),
        json!({"a": [null, {"b": [true, -1.5]}], "": {}}),
    ] {
        assert_eq!(client.invoke("echo", json!([value])).await["result"], value);
    }
}

#[tokio::test]
async fn void_has_no_result_and_null_is_one() {
    let server = start().await;
    let mut client = server.client().await;
    assert_eq!(client.invoke("void", json!([])).await, json!({"type": 3, "invocationId": "1"}));
    let null = client.invoke("echo", json!([null])).await;
    assert_eq!(null, json!({"type": 3, "invocationId": "1", "result": null}));
}

#[tokio::test]
async fn the_case_of_a_method_does_not_matter() {
    let server = start().await;
    let mut client = server.client().await;
    assert_eq!(client.invoke("ADD", json!([1, 2])).await["result"], 3);
}

#[tokio::test]
async fn failures_are_told_and_the_connection_stays() {
    let server = start().await;
    let mut client = server.client().await;
    let generic = |method: &str| format!("An unexpected error occurred invoking '{method}' on the server.");
    let binding = "Failed to invoke 'add' due to an error on the server.".to_owned();
    for (method, arguments, error) in [
        ("nope", json!([]), "Unknown hub method 'nope'".to_owned()),
        ("add", json!([1]), binding.clone()),
        ("add", json!([1, 2, 3]), binding.clone()),
        ("add", json!([1, "2"]), binding),
        ("forbidden", json!([]), "Failed to invoke 'forbidden' because user is unauthorized".to_owned()),
        ("refuse", json!([]), format!("{} HubException: no stock", generic("refuse"))),
        ("fail", json!([]), generic("fail")),
        ("panic", json!([]), generic("panic")),
    ] {
        let completion = client.invoke(method, arguments).await;
        assert_eq!(completion, json!({"type": 3, "invocationId": "1", "error": error}));
    }
    assert_eq!(client.invoke("echo", json!([1])).await["result"], 1);
}

#[tokio::test]
async fn details_are_told_when_asked_for() {
    let server = start_with(HubOptions { detailed_errors: true, ..HubOptions::default() }).await;
    let mut client = server.client().await;
    let completion = client.invoke("fail", json!([])).await;
    assert!(completion["error"].as_str().unwrap().ends_with("the secret reason"), "{completion}");
}

#[tokio::test]
async fn a_call_without_id_is_never_answered() {
    let server = start().await;
    let mut client = server.client().await;
    for (target, id) in [("fail", json!(null)), ("echo", json!("")), ("nope", json!(null))] {
        client.send_record(json!({"type": 1, "invocationId": id, "target": target, "arguments": [1]})).await;
    }
    // The next thing to come is the answer to this.
    assert_eq!(client.invoke("echo", json!(["next"])).await["result"], "next");
}

#[tokio::test]
async fn calls_run_in_the_order_they_were_sent() {
    let server = start().await;
    let mut client = server.client().await;
    let calls: String = (0..500).map(|n| format!("{}\u{1e}", event("record", json!([n])))).collect();
    client.send(&calls).await;
    let recorded = client.invoke("recorded", json!([])).await;
    assert_eq!(recorded["result"], json!((0..500).collect::<Vec<u64>>()));
}

#[tokio::test]
async fn many_calls_at_once_are_each_answered_once() {
    let options = HubOptions { max_queued_messages: 8, ..HubOptions::default() };
    let server = start_with(options).await;
    let mut client = server.client().await;
    let call =
        |n: usize| json!({"type": 1, "invocationId": n.to_string(), "target": "echo", "arguments": [n]});
    let calls: String = (0..5000).map(|n| format!("{}\u{1e}", call(n))).collect();
    client.send(&calls).await;
    for n in 0..5000 {
        assert_eq!(client.next().await, json!({"type": 3, "invocationId": n.to_string(), "result": n}));
    }
}

#[tokio::test]
async fn keys_may_be_reversed_unknown_or_doubled() {
    let server = start().await;
    let mut client = server.client().await;
    client
        .send(
            "{\"headers\":{\"a\":\"b\"},\"arguments\":[\"x\"],\"new\":[[]],\"target\":\"nope\",\
             \"target\":\"echo\",\"invocationId\":\"5\",\"type\":1}\u{1e}",
        )
        .await;
    assert_eq!(client.next().await, json!({"type": 3, "invocationId": "5", "result": "x"}));
}

#[tokio::test]
async fn what_concerns_no_call_is_ignored() {
    let server = start().await;
    let mut client = server.client().await;
    for message in [
        json!({"type": 42}),
        json!({"type": 2, "invocationId": "9", "item": 1}),
        json!({"type": 3, "invocationId": "9"}),
        json!({"type": 5, "invocationId": "9"}),
        json!({"type": 8, "sequenceId": 9}),
        json!({"type": 9, "sequenceId": 9}),
    ] {
        client.send_record(message).await;
    }
    assert_eq!(client.invoke("echo", json!([1])).await["result"], 1);
}

#[tokio::test]
async fn streaming_calls_are_refused_one_by_one() {
    let server = start().await;
    let mut client = server.client().await;
    client.send_record(json!({"type": 4, "invocationId": "1", "target": "echo", "arguments": []})).await;
    let refused = client.next().await;
    assert_eq!(
        refused["error"],
        "The client attempted to invoke the non-streaming 'echo' method with a streaming invocation."
    );
    client
        .send_record(
            json!({"type": 1, "invocationId": "2", "target": "echo", "arguments": [1], "streamIds": ["3"]}),
        )
        .await;
    assert_eq!(client.next().await["error"], "Failed to invoke 'echo' due to an error on the server.");
    assert_eq!(client.invoke("echo", json!([1])).await["result"], 1);
}

#[tokio::test]
async fn deep_nesting_is_an_error_of_the_call_only() {
    let server = start().await;
    let mut client = server.client().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    client
        .send(&format!(
            "{{\"type\":1,\"invocationId\":\"1\",\"target\":\"echo\",\"arguments\":{deep}}}\u{1e}"
        ))
        .await;
    assert_eq!(client.next().await["error"], "Failed to invoke 'echo' due to an error on the server.");
    assert_eq!(client.invoke("echo", json!([1])).await["result"], 1);
}

#[tokio::test]
async fn malformed_messages_close_this_connection_and_no_other() {
    let server = start().await;
    let mut bystander = server.client().await;
    for (text, error) in [
        ("{\"type\":1", "The message is not valid JSON."),
        ("", "The message is not valid JSON."),
        ("null", "The message is not valid JSON."),
        ("[1]", "The message is not valid JSON."),
        ("{}", "Missing required property 'type'."),
        ("{\"type\":\"1\"}", "Expected 'type' to be of type number."),
        ("{\"type\":1,\"arguments\":[]}", "Missing required property 'target'."),
        ("{\"type\":1,\"target\":\"echo\",\"arguments\":5}", "Expected 'arguments' to be of type array."),
    ] {
        let mut client = server.client().await;
        client.send(&format!("{text}\u{1e}")).await;
        assert_eq!(client.next().await, closed_with(error), "{text}");
        assert_eq!(client.close_code().await, 1000);
    }
    assert_eq!(bystander.invoke("echo", json!([1])).await["result"], 1);
}

/// A call of `echo` that takes exactly `bytes` bytes with its separator.
fn call_of(bytes: usize) -> String {
    let call = |text: &str| {
        format!("{{\"type\":1,\"invocationId\":\"1\",\"target\":\"echo\",\"arguments\":[\"{text}\"]}}\u{1e}")
    };
    let text = "x".repeat(bytes - call("").len());
    call(&text)
}

#[tokio::test]
async fn a_message_of_the_longest_size_is_taken_and_a_longer_one_closes() {
    let server = start().await;
    let mut client = server.client().await;
    client.send(&call_of(32 * 1024)).await;
    assert_eq!(client.next().await["type"], 3);
    client.send(&call_of(32 * 1024 + 1)).await;
    assert_eq!(client.next().await, closed_with("The maximum message size of 32768 bytes was exceeded."));
    assert_eq!(client.close_code().await, 1000);
}

#[tokio::test]
async fn a_long_frame_of_short_messages_is_taken() {
    let server = start().await;
    let mut client = server.client().await;
    let ping = "{\"type\":6}\u{1e}";
    client.send(&ping.repeat(1024 * 1024 / ping.len())).await;
    assert_eq!(client.invoke("echo", json!([1])).await["result"], Value::from(1));
}
