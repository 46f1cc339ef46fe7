//! The bus over AMQP 1.0, on an emulator of Service Bus and on a real RabbitMQ: the same promises.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails is a test that fails")]

use std::time::Duration;

use adapters::bus::{AmqpBus, Bus as _, BusSettings, Error, Message, Outcome, Place, Received, Receiver};
use bus_kit::{Rabbit, ServiceBus};
use uuid::Uuid;

const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(10);

fn client(connection: &str) -> AmqpBus {
    AmqpBus::new(BusSettings::parse(connection).unwrap(), "test")
}

fn message(n: u32) -> Message {
    Message {
        id: Uuid::now_v7(),
        subject: "OrderCreated".to_owned(),
        group: Uuid::nil(),
        body: format!("{{\"n\":{n},\"text\":\"đồng\"}}").into(),
    }
}

fn messages(range: std::ops::Range<u32>) -> Vec<Message> {
    range.map(message).collect()
}

/// Receives until there are so many.
async fn collect(receiver: &mut dyn Receiver, count: usize) -> Vec<Received> {
    let mut all = Vec::new();
    while all.len() < count {
        let some = receiver.next(100, LONG).await.unwrap();
        assert!(!some.is_empty(), "only {} of {count} came", all.len());
        all.extend(some);
    }
    all
}

/// What both servers must do alike.
async fn keeps_its_promises(connection: &str) {
    let bus = client(connection);
    bus.check(&[Place::Queue("orders"), Place::Topic("events")]).await.unwrap();

    // Everything arrives, whole and in order.
    let sent = messages(0..300);
    let outcomes = bus.send(Place::Queue("orders"), &sent).await.unwrap();
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Taken), "{outcomes:?}");
    let mut receiver = bus.receive("orders").await.unwrap();
    let came = collect(receiver.as_mut(), 300).await;
    for (sent, came) in sent.iter().zip(&came) {
        assert_eq!(came.id.as_deref(), Some(sent.id.to_string().as_str()));
        assert_eq!(came.subject.as_deref(), Some("OrderCreated"));
        assert_eq!(came.body, sent.body);
    }
    receiver.complete(&came).await.unwrap();

    // What isn't completed comes again, to the next; what is doesn't.
    let second = messages(300..310);
    bus.send(Place::Queue("orders"), &second).await.unwrap();
    let came = collect(receiver.as_mut(), 10).await;
    receiver.complete(&came[..4]).await.unwrap();
    receiver.close().await;
    let mut receiver = bus.receive("orders").await.unwrap();
    let again = collect(receiver.as_mut(), 6).await;
    let ids: Vec<Option<String>> = again.iter().map(|message| message.id.clone()).collect();
    let expected: Vec<Option<String>> =
        second[4..].iter().map(|message| Some(message.id.to_string())).collect();
    assert_eq!(ids, expected);
    receiver.complete(&again).await.unwrap();
    assert!(receiver.next(10, SECOND).await.unwrap().is_empty());

    // A topic takes what nobody has subscribed to.
    assert_eq!(bus.send(Place::Topic("events"), &messages(0..1)).await.unwrap(), [Outcome::Taken]);

    // A queue that isn't there loses nothing: it is an error.
    let lost = bus.send(Place::Queue("nowhere"), &messages(0..1)).await.unwrap_err();
    assert!(matches!(lost, Error::NoSuchPlace(_) | Error::Broken { .. }), "{lost}");
    let missing = bus.check(&[Place::Queue("nowhere")]).await.unwrap_err();
    assert!(matches!(&missing, Error::NoSuchPlace(name) if name == "nowhere"), "{missing}");
    // And doesn't spoil what is.
    assert_eq!(bus.send(Place::Queue("orders"), &messages(0..1)).await.unwrap(), [Outcome::Taken]);
    let last = collect(receiver.as_mut(), 1).await;
    receiver.complete(&last).await.unwrap();
    receiver.close().await;
}

#[tokio::test]
async fn service_bus_keeps_its_promises() {
    let server = ServiceBus::start(&["orders"], &[("events", &[])]).await;
    keeps_its_promises(&server.connection_string()).await;
    assert_eq!(server.waiting("orders"), 0);
}

#[tokio::test]
async fn rabbit_keeps_its_promises_and_what_it_confirmed_survives_its_death() {
    let mut rabbit = Rabbit::start(&["orders"]);
    keeps_its_promises(&rabbit.connection_string()).await;

    let bus = client(&rabbit.connection_string());
    let sent = messages(0..50);
    bus.send(Place::Queue("orders"), &sent).await.unwrap();
    rabbit.kill();
    let down = bus.send(Place::Queue("orders"), &messages(0..1)).await.unwrap_err();
    assert!(matches!(down, Error::Broken { .. } | Error::Silent(_)), "{down}");
    rabbit.go_up();
    let mut receiver = retry(|| bus.receive("orders")).await;
    let came = collect(receiver.as_mut(), 50).await;
    assert_eq!(came.len(), 50);
    receiver.complete(&came).await.unwrap();

    // One that hangs is left, in time.
    rabbit.hang();
    let began = tokio::time::Instant::now();
    let hung = bus.send(Place::Queue("orders"), &messages(0..1)).await.unwrap_err();
    assert!(matches!(hung, Error::Silent(_)), "{hung}");
    assert!(began.elapsed() < 12 * SECOND);
    rabbit.go_on();
}

/// The server listens before it is ready.
async fn retry<T, F: Future<Output = Result<T, Error>>>(mut attempt: impl FnMut() -> F) -> T {
    for _ in 0..100 {
        match attempt().await {
            Ok(done) => return done,
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
    panic!("the server doesn't come back");
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused_and_the_others_are_not() {
    let server = ServiceBus::start(&["orders"], &[]).await;
    let bus = client(&server.connection_string());
    let mut three = messages(0..3);
    three[1].body = vec![b'x'; 300_000].into();
    let outcomes = bus.send(Place::Queue("orders"), &three).await.unwrap();
    assert!(
        matches!(outcomes.as_slice(), [Outcome::Taken, Outcome::Refused(_), Outcome::Taken]),
        "{outcomes:?}"
    );
    assert_eq!(server.waiting("orders"), 2);
}

#[tokio::test]
async fn a_wrong_key_is_not_let_in_and_not_told() {
    let server = ServiceBus::start(&["orders"], &[]).await;
    let bus = client(&server.connection_string().replace("SharedAccessKey=", "SharedAccessKey=wrong"));
    let error = bus.send(Place::Queue("orders"), &messages(0..1)).await.unwrap_err().to_string();
    assert!(error.contains("let in"), "{error}");
    assert!(!error.contains("SAS_KEY_VALUE"), "{error}");
}

#[tokio::test]
async fn a_server_that_comes_back_is_found_again() {
    let mut server = ServiceBus::start(&["orders"], &[]).await;
    let bus = client(&server.connection_string());
    bus.send(Place::Queue("orders"), &messages(0..1)).await.unwrap();
    server.go_down().await;
    assert!(bus.send(Place::Queue("orders"), &messages(0..1)).await.is_err());
    server.go_up().await;
    bus.send(Place::Queue("orders"), &messages(0..1)).await.unwrap();
    assert_eq!(server.waiting("orders"), 2);
}
