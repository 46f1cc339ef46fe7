//! The hub that is tested.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::{Stream, StreamExt, stream};
use parking_lot::Mutex;
use serde_json::{Value, json};
use signalr::{
    Audience, Connection, ConnectionId, Credentials, DisconnectReason, Hub, HubError, InvokeError, Methods,
    Reconnect, Rejection, Upload,
};
use tokio::sync::{Notify, mpsc};

type Caller = Connection<TestHub>;

/// Tokens have the form `name` or `name:milliseconds the token is valid`; `nobody` is refused, `banned` may not
/// connect, `unwelcome` is let in but not greeted, and `greeted` is greeted with an event.
pub struct TestHub {
    pub started: Notify,
    pub release: Notify,
    pub seen: Mutex<Vec<u64>>,
    /// How many calls of `Busy` run, and how many did at most.
    pub busy: AtomicUsize,
    pub busiest: AtomicUsize,
    /// How many streams are being sent.
    pub streaming: AtomicUsize,
    /// What became of connections and uploads, by the name of the client that asks later.
    pub notes: Mutex<HashMap<String, String>>,
    goodbyes: mpsc::UnboundedSender<(ConnectionId, DisconnectReason)>,
}

pub struct TestUser {
    pub name: Option<String>,
    cookie: Option<String>,
    header: Option<String>,
    valid_for: Option<Duration>,
}

impl TestHub {
    pub fn new(goodbyes: mpsc::UnboundedSender<(ConnectionId, DisconnectReason)>) -> Self {
        Self {
            started: Notify::new(),
            release: Notify::new(),
            seen: Mutex::default(),
            busy: AtomicUsize::new(0),
            busiest: AtomicUsize::new(0),
            streaming: AtomicUsize::new(0),
            notes: Mutex::default(),
            goodbyes,
        }
    }

    fn note(&self, about: &str, text: impl Into<String>) {
        self.notes.lock().insert(about.to_owned(), text.into());
    }
}

impl Hub for TestHub {
    type User = TestUser;

    fn methods(methods: &mut Methods<Self>) {
        methods
            .call("Echo", async |_: Caller, value: Value| Ok(value))
            .call("Add", async |_: Caller, a: i64, b: i64| Ok(a + b))
            .call("Void", async |_: Caller| Ok(()))
            .call("Null", async |_: Caller| Ok(None::<u8>))
            .call("Id", async |caller: Caller| Ok(caller.id().clone()))
            .call("Join", join)
            .call("Leave", leave)
            .call("ToGroup", to_group)
            .call("ToGroups", to_groups)
            .call("ToOthers", to_others)
            .call("ToUser", to_user)
            .call("ToConnection", to_connection)
            .call("Record", record)
            .call("Recorded", async |caller: Caller| Ok(caller.hub().seen.lock().clone()))
            .call("Wait", wait)
            .call("Sleep", sleep)
            .call("Busy", busy)
            .call("Busiest", async |caller: Caller| Ok(caller.hub().busiest.load(Ordering::SeqCst)))
            .call("Abort", abort)
            .call("AbortAndAllow", async |caller: Caller| {
                caller.abort(Reconnect::Allow).await;
                Ok(())
            })
            .call("Forbidden", async |_: Caller| Err::<(), _>(HubError::Unauthorized))
            .call("Refuse", async |_: Caller| Err::<(), _>(HubError::client("no stock")))
            .call("Fail", async |_: Caller| Err::<(), _>(HubError::internal("the secret reason")))
            .call("Panic", panics)
            .call("Transport", async |caller: Caller| Ok(caller.transport().map(|t| t.name())))
            .call("User", async |caller: Caller| Ok(caller.user().name.clone()))
            .call("Cookie", async |caller: Caller| Ok(caller.user().cookie.clone()))
            .call("Header", async |caller: Caller| Ok(caller.user().header.clone()))
            .call("Note", async |caller: Caller, about: String| {
                Ok(caller.hub().notes.lock().get(&about).cloned())
            })
            .call("Concat", concat)
            .call("Sum", sum)
            .call("Collect", collect)
            .call("Watch", watch)
            .call("Ask", ask)
            .call("AskOther", ask_other)
            .call("Burst", burst)
            .call("Streaming", async |caller: Caller| Ok(caller.hub().streaming.load(Ordering::SeqCst)))
            .stream("Count", count)
            .stream("CountForEver", count_for_ever)
            .stream("BreakAt", break_at)
            .stream("FailFirst", fail_first)
            .stream("Double", double);
    }

    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<TestUser, Rejection> {
        let text = |name: &str| credentials.headers.get(name)?.to_str().ok().map(str::to_owned);
        let (cookie, header) = (text("cookie"), text("x-test"));
        let Some(token) = credentials.token.or(credentials.service_user) else {
            return Ok(TestUser { name: None, cookie, header, valid_for: None });
        };
        match token {
            "nobody" => return Err(Rejection::unauthorized()),
            "banned" => return Err(Rejection::forbidden()),
            _ => {}
        }
        let (name, millis) = token.split_once(':').map_or((token, None), |(n, m)| (n, m.parse().ok()));
        let valid_for = millis.map(Duration::from_millis);
        Ok(TestUser { name: Some(name.to_owned()), cookie, header, valid_for })
    }

    fn user_key(&self, user: &TestUser) -> Option<String> {
        user.name.clone()
    }

    fn valid_for(&self, user: &TestUser) -> Option<Duration> {
        user.valid_for
    }

    async fn on_connected(&self, caller: &Caller) -> Result<(), HubError> {
        match caller.user().name.as_deref() {
            Some("unwelcome") => return Err(HubError::internal("the secret reason")),
            Some("greeted") => {
                caller.add_to_group("greeted").await?;
                caller.server().send_group("greeted", "Hello", ("you",)).await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn on_disconnected(&self, caller: &Caller, reason: DisconnectReason) {
        if let Some(name) = &caller.user().name {
            self.note(&format!("goodbye of {name}"), format!("{reason:?}"));
        }
        // Some tests do not listen.
        let _ = self.goodbyes.send((caller.id().clone(), reason));
    }
}

async fn join(caller: Caller, group: String) -> Result<(), HubError> {
    caller.add_to_group(&group).await
}

async fn leave(caller: Caller, group: String) -> Result<(), HubError> {
    caller.remove_from_group(&group).await
}

async fn to_group(
    caller: Caller,
    group: String,
    value: Value,
    except: Vec<ConnectionId>,
) -> Result<usize, HubError> {
    Ok(caller.server().send(&Audience::group(group), &except, "Event", (value,)).await?)
}

async fn to_groups(caller: Caller, groups: Vec<String>, value: Value) -> Result<usize, HubError> {
    Ok(caller.server().send(&Audience::Groups(groups), &[], "Event", (value,)).await?)
}

async fn to_others(caller: Caller, value: Value) -> Result<usize, HubError> {
    Ok(caller.server().send(&Audience::All, &[caller.id().clone()], "Event", (value,)).await?)
}

async fn to_user(caller: Caller, user: String, value: Value) -> Result<usize, HubError> {
    Ok(caller.server().send_user(&user, "Event", (value,)).await?)
}

async fn to_connection(caller: Caller, id: ConnectionId, value: Value) -> Result<usize, HubError> {
    Ok(caller.server().send_connection(&id, "Event", (value,)).await?)
}

async fn record(caller: Caller, number: u64) -> Result<(), HubError> {
    caller.hub().seen.lock().push(number);
    Ok(())
}

async fn wait(caller: Caller) -> Result<&'static str, HubError> {
    caller.hub().started.notify_one();
    caller.hub().release.notified().await;
    Ok("waited")
}

async fn sleep(_: Caller, millis: u64) -> Result<&'static str, HubError> {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    Ok("slept")
}

/// Returns once as many calls run at the same time as `until` says, or after a while.
async fn busy(caller: Caller, until: usize) -> Result<usize, HubError> {
    let hub = caller.hub();
    hub.busy.fetch_add(1, Ordering::SeqCst);
    for _ in 0..200 {
        let now = hub.busy.load(Ordering::SeqCst);
        hub.busiest.fetch_max(now, Ordering::SeqCst);
        if hub.busiest.load(Ordering::SeqCst) >= until {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(hub.busy.fetch_sub(1, Ordering::SeqCst))
}

async fn abort(caller: Caller) -> Result<(), HubError> {
    caller.abort(Reconnect::Forbid).await;
    Ok(())
}

async fn panics(_: Caller) -> Result<(), HubError> {
    panic!("the secret reason")
}

async fn concat(_: Caller, mut parts: Upload<String>) -> Result<String, HubError> {
    let mut all = String::new();
    while let Some(part) = parts.next().await {
        all.push_str(&part?);
    }
    Ok(all)
}

/// Two streams with plain arguments around them.
async fn sum(
    _: Caller,
    start: i64,
    mut a: Upload<i64>,
    factor: i64,
    mut b: Upload<i64>,
) -> Result<i64, HubError> {
    let mut sum = start;
    while let Some(n) = a.next().await {
        sum += n?;
    }
    while let Some(n) = b.next().await {
        sum += factor * n?;
    }
    Ok(sum)
}

/// Reads slowly, and checks the order.
async fn collect(_: Caller, mut numbers: Upload<u64>) -> Result<u64, HubError> {
    let mut next = 0;
    while let Some(number) = numbers.next().await {
        if number? != next {
            return Err(HubError::client("out of order"));
        }
        next += 1;
        if next % 500 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    Ok(next)
}

/// Notes how the stream ends.
async fn watch(caller: Caller, about: String, mut numbers: Upload<u64>) -> Result<(), HubError> {
    caller.hub().note(&about, "open");
    while let Some(number) = numbers.next().await {
        if let Err(error) = number {
            caller.hub().note(&about, error.to_string());
            return Ok(());
        }
    }
    caller.hub().note(&about, "ended");
    Ok(())
}

async fn ask(caller: Caller, target: String, value: Value) -> Result<Value, HubError> {
    answer(caller.ask(&target, (value,)).await)
}

async fn ask_other(
    caller: Caller,
    id: ConnectionId,
    target: String,
    value: Value,
) -> Result<Value, HubError> {
    answer(caller.server().ask(&id, &target, (value,)).await)
}

fn answer(answer: Result<Value, InvokeError>) -> Result<Value, HubError> {
    Ok(match answer {
        Ok(value) => json!({ "value": value }),
        Err(InvokeError::Client(text)) => json!({ "error": text }),
        Err(other) => json!({ "failed": other.to_string() }),
    })
}

/// Sends many events to the caller, as fast as it takes them.
async fn burst(caller: Caller, count: u32) -> Result<u32, HubError> {
    for n in 0..count {
        caller.send("Burst", (n,)).await?;
    }
    Ok(count)
}

/// Counts while it lives.
struct Alive(Caller);

impl Alive {
    fn new(caller: Caller) -> Self {
        caller.hub().streaming.fetch_add(1, Ordering::SeqCst);
        Self(caller)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.hub().streaming.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn count(_: Caller, to: u32) -> Result<impl Stream<Item = Result<u32, HubError>>, HubError> {
    Ok(stream::iter(0..to).map(Ok))
}

async fn count_for_ever(caller: Caller) -> Result<impl Stream<Item = Result<u32, HubError>>, HubError> {
    let alive = Alive::new(caller);
    Ok(stream::unfold((0, alive), async |(n, alive)| {
        tokio::time::sleep(Duration::from_millis(2)).await;
        Some((Ok(n), (n + 1, alive)))
    }))
}

async fn break_at(_: Caller, at: u32) -> Result<impl Stream<Item = Result<u32, HubError>>, HubError> {
    Ok(stream::iter(0..at).map(Ok).chain(stream::iter([Err(HubError::client("broken"))])))
}

async fn fail_first(_: Caller) -> Result<stream::Empty<Result<u8, HubError>>, HubError> {
    Err(HubError::client("no stream"))
}

async fn double(
    _: Caller,
    numbers: Upload<i64>,
) -> Result<impl Stream<Item = Result<i64, HubError>>, HubError> {
    Ok(numbers.map(|number| Ok(2 * number?)))
}
