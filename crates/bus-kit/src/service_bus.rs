//! An emulator of Azure Service Bus.

mod broker;
mod connection;

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use broker::Broker;

/// Name and key that the emulator lets in.
const KEY_NAME: &str = "RootManageSharedAccessKey";
const KEY: &str = "SAS_KEY_VALUE";

/// What connections share.
#[derive(Clone)]
struct Shared {
    broker: Arc<Mutex<Broker>>,
    /// Rung when there is something new to send.
    news: watch::Sender<u64>,
    /// While true nothing is read and nothing is said.
    hung: watch::Sender<bool>,
}

/// The emulator. Its messages live as long as it does, whether it is up or down.
pub struct ServiceBus {
    shared: Shared,
    address: SocketAddr,
    running: Option<JoinHandle<()>>,
}

impl ServiceBus {
    /// With these queues and topics; a topic is given with its subscriptions.
    ///
    /// # Panics
    /// When no port can be opened.
    pub async fn start(queues: &[&str], topics: &[(&str, &[&str])]) -> ServiceBus {
        let shared = Shared {
            broker: Arc::new(Mutex::new(Broker::new(queues, topics))),
            news: watch::Sender::new(0),
            hung: watch::Sender::new(false),
        };
        let mut bus = ServiceBus { shared, address: SocketAddr::from(([127, 0, 0, 1], 0)), running: None };
        bus.go_up().await;
        bus
    }

    /// How clients find it.
    pub fn connection_string(&self) -> String {
        format!(
            "Endpoint=sb://{};SharedAccessKeyName={KEY_NAME};SharedAccessKey={KEY};UseDevelopmentEmulator=true;",
            self.address
        )
    }

    /// Hangs up on everybody and answers nobody.
    pub async fn go_down(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            let _ = running.await;
        }
    }

    /// Answers again, on the same port.
    ///
    /// # Panics
    /// When the port can't be opened.
    pub async fn go_up(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("a port");
        self.address = listener.local_addr().expect("its address");
        let shared = self.shared.clone();
        self.running = Some(tokio::spawn(async move {
            // They end with it.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while connections.try_join_next().is_some() {}
                connections.spawn(connection::serve(stream, shared.clone()));
            }
        }));
    }

    /// Holds its connections open and says nothing any more.
    pub fn hang(&self) {
        self.shared.hung.send_replace(true);
    }

    /// Goes on.
    pub fn go_on(&self) {
        self.shared.hung.send_replace(false);
    }

    /// So many more messages are taken, and their senders hung up on in the place of being told.
    pub fn lose_confirmations(&self, messages: u32) {
        self.shared.broker.lock().lose_confirmations = messages;
    }

    /// How many messages wait in a queue, `name/$deadletterqueue` or `topic/subscriptions/name`.
    pub fn waiting(&self, place: &str) -> usize {
        self.shared.broker.lock().waiting(place)
    }

    /// Puts a message into a queue that no client of ours would send.
    pub fn put(&self, queue: &str, body: &[u8]) {
        self.shared.broker.lock().put_raw(queue, body);
        self.shared.news.send_modify(|n| *n += 1);
    }
}

impl Drop for ServiceBus {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}
