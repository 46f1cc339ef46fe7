//! Who hears what, by a client of the hub.

use std::collections::VecDeque;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use chrono::{DateTime, Utc};
use db::Tenants;
use domain::{SessionId, UserId};
use futures_util::{SinkExt as _, StreamExt as _};
use parking_lot::Mutex;
use platform::ApiError;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use super::*;

/// From the commit to the screen.
const LIMIT: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(20);

fn somebody(role: Role, distributor: u128, units: &[u128]) -> Identity {
    let distributor = DistributorId::new(Uuid::from_u128(distributor));
    let units: Vec<OrgUnitId> = units.iter().map(|u| OrgUnitId::new(Uuid::from_u128(*u))).collect();
    Identity {
        user_id: UserId::new(Uuid::from_u128(1)),
        session_id: SessionId::new(Uuid::from_u128(2)),
        username: "lan".to_owned(),
        full_name: "Lan".to_owned(),
        role,
        distributor_id: Some(distributor),
        distributor_name: None,
        tenants: Tenants::Distributors(vec![distributor]),
        primary_unit: units.first().copied(),
        unit_path: Vec::new(),
        units,
        must_change_password: false,
    }
}

fn group(kind: &str, id: u128) -> String {
    format!("{kind}:{}", Uuid::from_u128(id))
}

#[test]
fn a_supervisor_hears_their_teams_and_not_the_whole_distributor() {
    let supervisor = somebody(Role::Supervisor, 10, &[20, 21]);
    assert_eq!(own_groups(&supervisor), [group("user", 1), group("team", 20), group("team", 21)]);
    assert!(may_join(&supervisor, &group("team", 21)));
    assert!(!may_join(&supervisor, &group("team", 22)));
    assert!(!may_join(&supervisor, &group("distributor", 10)));
}

#[test]
fn a_distributors_office_hears_its_distributor_and_no_other() {
    let office = somebody(Role::DistributorAdmin, 10, &[20]);
    assert!(own_groups(&office).contains(&group("distributor", 10)));
    assert!(may_join(&office, &group("distributor", 10)));
    assert!(!may_join(&office, &group("distributor", 11)));
}

#[test]
fn a_rep_hears_only_themselves() {
    let rep = somebody(Role::SalesRep, 10, &[20]);
    assert_eq!(own_groups(&rep), [group("user", 1)]);
    for other in
        [group("team", 20), group("user", 3), group("distributor", 10), "user".to_owned(), "x:y".to_owned()]
    {
        assert!(!may_join(&rep, &other), "{other}");
    }
}

/// Knows everybody by one token, and their rights of the moment.
struct Rights(Mutex<Option<Identity>>);

impl Authenticator for Rights {
    fn authenticate<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Arc<Identity>, ApiError>> {
        let identity = self.0.lock().clone();
        Box::pin(async move { identity.map(Arc::new).ok_or_else(ApiError::unauthorized) })
    }
}

struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    records: VecDeque<Value>,
}

impl Client {
    async fn connect(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = server.router(PATH);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (socket, _) = connect_async(format!("ws://{address}{PATH}?access_token=x")).await.unwrap();
        let mut client = Self { socket, records: VecDeque::new() };
        client.say(&json!({"protocol": "json", "version": 1})).await;
        assert_eq!(client.next().await, json!({}));
        client
    }

    async fn say(&mut self, message: &Value) {
        self.socket.send(Message::text(format!("{message}\u{1e}"))).await.unwrap();
    }

    async fn next(&mut self) -> Value {
        loop {
            match self.records.pop_front() {
                Some(record) if record == json!({"type": 6}) => {}
                Some(record) => return record,
                None => {
                    let message = timeout(PATIENCE, self.socket.next()).await.unwrap().unwrap().unwrap();
                    let text = message.into_text().unwrap();
                    let records = text.split_terminator('\u{1e}');
                    self.records.extend(records.map(|record| serde_json::from_str::<Value>(record).unwrap()));
                }
            }
        }
    }

    /// Asks for a group; the error, if that is refused.
    async fn join(&mut self, group: &str) -> Option<String> {
        let call = json!({"type": 1, "invocationId": "1", "target": "JoinGroup", "arguments": [group]});
        self.say(&call).await;
        let answer = self.next().await;
        assert_eq!(answer["type"], 3, "{answer}");
        answer["error"].as_str().map(str::to_owned)
    }
}

fn order_created(audience: &[String]) -> Event {
    Event {
        seq: 1,
        id: Uuid::from_u128(7),
        kind: "OrderCreated".to_owned(),
        aggregate_id: Uuid::from_u128(8),
        distributor_id: None,
        audience: audience.to_vec(),
        payload: json!({"orderNumber": "DH-1"}),
        trace_id: None,
        created_at: DateTime::<Utc>::UNIX_EPOCH,
    }
}

fn rights(identity: Identity) -> Arc<Rights> {
    Arc::new(Rights(Mutex::new(Some(identity))))
}

#[tokio::test]
async fn who_joins_is_asked_for_the_rights_of_the_moment() {
    let auth = rights(somebody(Role::Supervisor, 10, &[20, 21]));
    let server = checking(auth.clone(), None, PATIENCE).unwrap();
    let mut client = Client::connect(&server).await;
    assert_eq!(client.join(&group("team", 21)).await, None);
    let refused = "Failed to invoke 'JoinGroup' because user is unauthorized";
    assert_eq!(client.join(&group("team", 22)).await.as_deref(), Some(refused));
    *auth.0.lock() = Some(somebody(Role::Supervisor, 10, &[20]));
    assert_eq!(client.join(&group("team", 21)).await.as_deref(), Some(refused));
    assert_eq!(client.next().await, json!({"type": 7, "allowReconnect": true}));
}

#[tokio::test]
async fn whose_rights_change_is_sent_away_and_comes_back_with_the_new_ones() {
    let auth = rights(somebody(Role::Supervisor, 10, &[20, 21]));
    let server = checking(auth.clone(), None, Duration::from_millis(20)).unwrap();
    let mut client = Client::connect(&server).await;
    *auth.0.lock() = Some(somebody(Role::Supervisor, 10, &[20]));
    assert_eq!(client.next().await, json!({"type": 7, "allowReconnect": true}));
    let mut client = Client::connect(&server).await;
    let broadcast = Broadcast(server.clone());
    broadcast.handle(&order_created(&[group("team", 21)])).await;
    broadcast.handle(&order_created(&[group("team", 20), group("user", 1)])).await;
    let event = client.next().await;
    assert_eq!(event["target"], "OrderCreated");
    // It is in both groups, but hears the event once; of the other team it hears nothing.
    assert_eq!(client.join(&group("team", 20)).await, None);
    *auth.0.lock() = None;
    assert_eq!(client.next().await, json!({"type": 7, "allowReconnect": true}));
}

struct Redis {
    folder: tempfile::TempDir,
    process: Child,
}

impl Redis {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"])
            .arg(folder.path().join("redis.sock"))
            .stdout(Stdio::null())
            .spawn()
            .expect("run scripts/setup test, which installs redis-server");
        Redis { folder, process }
    }

    fn client(&self) -> redis::Client {
        redis::Client::open(format!("redis+unix://{}/redis.sock", self.folder.path().display())).unwrap()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[tokio::test]
async fn an_event_of_one_process_is_heard_at_another_within_a_second() {
    let redis = Redis::start();
    let auth = rights(somebody(Role::Supervisor, 10, &[20]));
    let process = || checking(auth.clone(), Some(redis.client()), PATIENCE).unwrap();
    let (here, there) = (process(), process());
    let mut client = Client::connect(&there).await;
    let broadcast = Broadcast(here);
    let event = order_created(&[group("team", 20), group("user", 1)]);
    // The processes have found each other when the first one arrives.
    let until = Instant::now() + PATIENCE;
    loop {
        broadcast.handle(&event).await;
        if timeout(Duration::from_millis(100), client.next()).await.is_ok() {
            break;
        }
        assert!(Instant::now() < until, "the processes do not find each other");
    }
    sleep(Duration::from_millis(200)).await;
    while timeout(Duration::from_millis(50), client.next()).await.is_ok() {}
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let sent = Instant::now();
        broadcast.handle(&event).await;
        assert_eq!(client.next().await["arguments"][0]["orderNumber"], "DH-1");
        slowest = slowest.max(sent.elapsed());
    }
    assert!(slowest < LIMIT, "the slowest took {slowest:?}");
    println!("the slowest of 100 took {slowest:?}");
}
