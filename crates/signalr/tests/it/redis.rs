//! Two processes that tell each other by a real Redis.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use signalr::{Audience, ConnectionId, DisconnectReason, HubOptions, HubServer, InvokeError, Reconnect};
use tempfile::TempDir;
use tokio::{net::UnixStream, sync::mpsc, time::sleep};

use crate::{
    harness::{Client, PATIENCE, TestServer, event, serve},
    hub::TestHub,
};

struct Redis {
    folder: TempDir,
    process: Option<Child>,
}

impl Redis {
    async fn start() -> Self {
        let mut redis = Self { folder: tempfile::tempdir().unwrap(), process: None };
        redis.run().await;
        redis
    }

    fn socket(&self) -> String {
        self.folder.path().join("redis.sock").display().to_string()
    }

    async fn run(&mut self) {
        let process = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket", &self.socket()])
            .stdout(Stdio::null())
            .spawn()
            .expect("run scripts/setup test, which installs redis-server");
        self.process = Some(process);
        let until = Instant::now() + PATIENCE;
        while UnixStream::connect(self.socket()).await.is_err() {
            assert!(Instant::now() < until, "Redis does not start");
            sleep(Duration::from_millis(10)).await;
        }
    }

    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// A process of the hub that hears the others.
    async fn pod(&self) -> TestServer {
        self.pod_with(HubOptions::default()).await
    }

    async fn pod_with(&self, options: HubOptions) -> TestServer {
        let (sender, goodbyes) = mpsc::unbounded_channel();
        let client = redis::Client::open(format!("redis+unix://{}", self.socket())).unwrap();
        let hub = HubServer::with_redis(TestHub::new(sender), options, client, "test").unwrap();
        let pod = serve(hub, goodbyes).await;
        heard(&pod, &pod).await;
        pod
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Until what one pod says is heard by the other: the other has a connection that the first can ask.
async fn heard(from: &TestServer, by: &TestServer) {
    let mut client = by.client().await;
    let id = ConnectionId::from_text(&client.id().await);
    let until = Instant::now() + PATIENCE;
    while !matches!(from.hub.add_to_group(&id, "probe").await, Ok(true)) {
        assert!(Instant::now() < until, "the pods do not hear each other");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn two_pods(redis: &Redis) -> (TestServer, TestServer) {
    let (a, b) = (redis.pod().await, redis.pod().await);
    // Each hears itself at once; that they hear each other needs Redis.
    heard(&a, &b).await;
    heard(&b, &a).await;
    (a, b)
}

async fn nothing_more(client: &mut Client) {
    assert_eq!(client.invoke("echo", json!(["next"])).await["result"], "next");
}

#[tokio::test]
async fn events_reach_the_connections_of_both_pods_once() {
    let redis = Redis::start().await;
    let (a, b) = two_pods(&redis).await;
    let (mut on_a, mut on_b) = (a.client_of("an").await, b.client_of("an").await);
    for client in [&mut on_a, &mut on_b] {
        client.invoke("join", json!(["g"])).await;
        client.invoke("join", json!(["h"])).await;
    }
    let ids = [on_a.id().await, on_b.id().await].map(|id| ConnectionId::from_text(&id));
    let both = Audience::Groups(vec!["g".into(), "h".into(), "nobody".into()]);
    a.hub.send_all("E", ("all",)).await.unwrap();
    a.hub.send(&both, &[], "E", ("groups",)).await.unwrap();
    a.hub.send_user("an", "E", ("user",)).await.unwrap();
    a.hub.send(&Audience::Connections(ids.to_vec()), &[], "E", ("connections",)).await.unwrap();
    a.hub.send(&both, &ids[1..], "E", ("except b",)).await.unwrap();
    a.hub.send_all("E", ("end",)).await.unwrap();
    for expected in ["all", "groups", "user", "connections", "end"] {
        assert_eq!(on_b.next().await, event("E", json!([expected])));
    }
    for expected in ["all", "groups", "user", "connections", "except b", "end"] {
        assert_eq!(on_a.next().await, event("E", json!([expected])));
    }
    nothing_more(&mut on_a).await;
    nothing_more(&mut on_b).await;
}

#[tokio::test]
async fn a_connection_of_the_other_pod_joins_and_leaves_groups() {
    let redis = Redis::start().await;
    let (a, b) = two_pods(&redis).await;
    let mut client = b.client().await;
    let id = ConnectionId::from_text(&client.id().await);
    assert!(a.hub.add_to_group(&id, "g").await.unwrap());
    a.hub.send_group("g", "E", (1,)).await.unwrap();
    assert_eq!(client.next().await, event("E", json!([1])));
    assert!(a.hub.remove_from_group(&id, "g").await.unwrap());
    assert!(!a.hub.remove_from_group(&id, "g").await.unwrap());
    a.hub.send_group("g", "E", (2,)).await.unwrap();
    a.hub.send_connection(&id, "E", (3,)).await.unwrap();
    assert_eq!(client.next().await, event("E", json!([3])));
    assert!(!a.hub.add_to_group(&ConnectionId::from_text("nobody"), "g").await.unwrap());
}

#[tokio::test]
async fn a_client_of_the_other_pod_is_asked() {
    let redis = Redis::start().await;
    let (a, b) = two_pods(&redis).await;
    let mut client = b.client().await;
    let id = ConnectionId::from_text(&client.id().await);
    let ask = || {
        let (hub, id) = (a.hub.clone(), id.clone());
        tokio::spawn(async move { hub.ask::<i64>(&id, "Double", (21,)).await })
    };
    let asked = ask();
    let question = client.next().await;
    assert_eq!((&question["target"], &question["arguments"]), (&json!("Double"), &json!([21])));
    client.send_record(json!({"type": 3, "invocationId": question["invocationId"], "result": 42})).await;
    assert_eq!(asked.await.unwrap().unwrap(), 42);

    let asked = ask();
    let question = client.next().await;
    client.send_record(json!({"type": 3, "invocationId": question["invocationId"], "error": "no"})).await;
    assert!(matches!(asked.await.unwrap(), Err(InvokeError::Client(text)) if text == "no"));

    let asked = ask();
    client.next().await;
    drop(client);
    assert!(matches!(asked.await.unwrap(), Err(InvokeError::Gone)));
    assert!(matches!(ask().await.unwrap(), Err(InvokeError::Gone)));
}

#[tokio::test]
async fn a_user_is_disconnected_everywhere() {
    let redis = Redis::start().await;
    let (mut a, mut b) = two_pods(&redis).await;
    let (mut on_a, mut on_b) = (a.client_of("an").await, b.client_of("an").await);
    let mut other = b.client_of("binh").await;
    while a.goodbyes.try_recv().is_ok() || b.goodbyes.try_recv().is_ok() {}
    a.hub.disconnect_user("an", Reconnect::Allow).await.unwrap();
    for client in [&mut on_a, &mut on_b] {
        assert_eq!(client.next().await, json!({"type": 7, "allowReconnect": true}));
        client.until_closed().await;
    }
    assert_eq!(a.goodbye().await, DisconnectReason::Aborted);
    assert_eq!(b.goodbye().await, DisconnectReason::Aborted);
    let id = ConnectionId::from_text(&other.id().await);
    a.hub.disconnect(&id, Reconnect::Forbid).await.unwrap();
    assert_eq!(other.next().await, json!({"type": 7}));
}

#[tokio::test]
async fn while_redis_is_away_each_pod_serves_its_own_and_afterwards_all() {
    let mut redis = Redis::start().await;
    let (a, b) = two_pods(&redis).await;
    let (mut on_a, mut on_b) = (a.client().await, b.client().await);
    on_b.invoke("join", json!(["before"])).await;
    redis.stop();
    // Joining does not depend on Redis, nor does connecting.
    on_a.invoke("join", json!(["while"])).await;
    let mut new_on_b = b.client().await;
    new_on_b.invoke("join", json!(["while"])).await;
    a.hub.send_group("while", "E", ("here",)).await.unwrap();
    assert_eq!(on_a.next().await, event("E", json!(["here"])));

    redis.run().await;
    let until = Instant::now() + PATIENCE;
    let mut number = 0;
    let reached = loop {
        number += 1;
        a.hub
            .send(&Audience::Groups(vec!["before".into(), "while".into()]), &[], "Back", (number,))
            .await
            .unwrap();
        let back = tokio::time::timeout(Duration::from_millis(100), on_b.next()).await;
        if let Ok(back) = back {
            break back;
        }
        assert!(Instant::now() < until, "the pods do not find each other again");
    };
    // What was said before may come too, but nothing comes twice.
    let mut seen: Vec<Value> = vec![reached];
    a.hub.send_all("End", (0,)).await.unwrap();
    loop {
        let message = on_b.next().await;
        if message["target"] == "End" {
            break;
        }
        seen.push(message);
    }
    let mut numbers: Vec<i64> = seen.iter().map(|m| m["arguments"][0].as_i64().unwrap()).collect();
    let all = numbers.len();
    numbers.dedup();
    assert_eq!(numbers.len(), all);
    assert!(numbers.is_sorted());
    loop {
        let message = new_on_b.next().await;
        if message["target"] == "Back" {
            break;
        }
    }
}

#[tokio::test]
async fn what_another_pod_sends_is_counted_for_a_client_that_comes_back() {
    let redis = Redis::start().await;
    let (a, b) = two_pods(&redis).await;
    let (mut client, query) = b.stateful().await;
    for n in 1..=3 {
        a.hub.send_all("E", (n,)).await.unwrap();
        assert_eq!(client.next().await, event("E", json!([n])));
    }
    client.send_record(json!({"type": 8, "sequenceId": 2})).await;
    assert_eq!(client.invoke("add", json!([1, 2])).await["result"], 3);
    drop(client);
    a.hub.send_all("E", (4,)).await.unwrap();
    let mut client = b.open(&query).await.unwrap();
    assert_eq!(client.next().await, json!({"type": 9, "sequenceId": 3}));
    assert_eq!(client.next().await, event("E", json!([3])));
    assert_eq!(client.next().await["result"], 3);
    assert_eq!(client.next().await, event("E", json!([4])));
}
