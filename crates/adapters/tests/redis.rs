//! What processes share, on a real redis-server that is killed, started again, and hangs.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that fails is a test that fails")]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use adapters::redis::{Keep, Latest, Quota, Shared, client};
use tempfile::TempDir;
use uuid::Uuid;

/// A redis-server of the test's own. It ends with the test.
struct Server {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Server {
    async fn start() -> Server {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Server { folder: TempDir::new().unwrap(), port, child: None };
        server.go_on().await;
        server
    }

    /// Starts it again, empty.
    async fn go_on(&mut self) {
        let log = self.folder.path().join("log");
        let child = Command::new("redis-server")
            .args([
                "--port",
                &self.port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ])
            .args([Path::new("--dir"), self.folder.path(), Path::new("--logfile"), &log])
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is needed for this test: run scripts/setup test, or install it");
        self.child = Some(child);
        let client = client(&self.address()).unwrap();
        until("the server answers", async || {
            let Ok(mut c) = client.get_multiplexed_async_connection().await else { return false };
            redis::cmd("PING").query_async::<String>(&mut c).await.is_ok()
        })
        .await;
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn shared(&self) -> Shared {
        Shared::by(client(&self.address()).unwrap()).unwrap()
    }

    fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may be stopped; this end is certain.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}: never");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether the process reaches the server now.
async fn reaches(shared: &Shared) -> bool {
    let ping = |mut c| async move { redis::cmd("PING").query_async::<String>(&mut c).await };
    shared.link().unwrap().ask(ping).await.is_ok()
}

fn forever() -> Keep {
    Keep { fresh: Duration::from_secs(600), stale: Duration::from_secs(1200) }
}

/// An answer that takes its time, and how often it was made.
async fn dear(made: &AtomicU32, takes: Duration) -> Result<u32, String> {
    tokio::time::sleep(takes).await;
    Ok(made.fetch_add(1, Ordering::SeqCst) + 1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_ask_at_once_on_several_servers_one_makes_the_answer() {
    let server = Server::start().await;
    let made = Arc::new(AtomicU32::new(0));
    let mut asking = Vec::new();
    for _process in 0..3 {
        let shared = server.shared();
        for _ in 0..20 {
            let (shared, made) = (shared.clone(), made.clone());
            asking.push(tokio::spawn(async move {
                shared.cached("board", forever(), dear(&made, Duration::from_millis(300))).await
            }));
        }
    }
    for one in asking {
        assert_eq!(one.await.unwrap(), Ok(1));
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_older_answer_is_given_while_one_makes_a_new_one() {
    let server = Server::start().await;
    let (one, other) = (server.shared(), server.shared());
    let made = Arc::new(AtomicU32::new(0));
    let keep = Keep { fresh: Duration::ZERO, stale: Duration::from_secs(600) };
    assert_eq!(one.cached("board", keep, dear(&made, Duration::ZERO)).await, Ok(1));
    let (begun, told) = tokio::sync::oneshot::channel();
    let (go_on, wait) = tokio::sync::oneshot::channel::<()>();
    let making = tokio::spawn({
        let made = made.clone();
        async move {
            let slow = async {
                begun.send(()).unwrap();
                wait.await.unwrap();
                dear(&made, Duration::ZERO).await
            };
            one.cached("board", keep, slow).await
        }
    });
    told.await.unwrap();
    for _ in 0..5 {
        let never = async { Err::<u32, _>("made by two".to_owned()) };
        assert_eq!(other.cached("board", keep, never).await, Ok(1));
    }
    go_on.send(()).unwrap();
    assert_eq!(making.await.unwrap(), Ok(2));
    let keep = Keep { fresh: keep.stale, ..keep };
    let latest = other.cached("board", keep, async { Err::<u32, _>("made again".to_owned()) }).await;
    assert_eq!(latest, Ok(2));
    other.forget("board").await;
    assert_eq!(other.cached("board", keep, dear(&made, Duration::ZERO)).await, Ok(3));
}

#[tokio::test]
async fn an_error_is_not_kept_and_does_not_hold_up_the_next() {
    let server = Server::start().await;
    let shared = server.shared();
    let failed = shared.cached("board", forever(), async { Err::<u32, _>("broken".to_owned()) }).await;
    assert_eq!(failed, Err("broken".to_owned()));
    let began = Instant::now();
    assert_eq!(shared.cached("board", forever(), async { Ok::<_, String>(7) }).await, Ok(7));
    assert!(began.elapsed() < Duration::from_secs(3), "nobody waits for the end of a lease");
}

#[tokio::test]
async fn servers_count_requests_together() {
    let server = Server::start().await;
    let servers = [server.shared(), server.shared()];
    let quota = Quota::per_minute(10);
    let mut allowed = 0;
    for n in 0..20 {
        let verdict = servers[n % 2].take("u:1", quota).await;
        allowed += u32::from(verdict.retry_after.is_none());
        assert_eq!(verdict.limit, 10);
        if let Some(after) = verdict.retry_after {
            assert!(after <= Duration::from_secs(6), "{after:?}");
        }
    }
    // One more comes free every six seconds.
    assert!((10..=12).contains(&allowed), "{allowed}");
    assert!(servers[0].take("u:2", quota).await.retry_after.is_none(), "each has their own");
}

fn seen(member: u128, at: i64, text: &str) -> Latest {
    Latest { member: Uuid::from_u128(member), at, text: text.to_owned() }
}

#[tokio::test]
async fn the_newest_of_each_is_known_to_all() {
    let server = Server::start().await;
    let (one, other) = (server.shared(), server.shared());
    let group = Uuid::from_u128(9);
    one.tell(group, &[seen(1, 20, "second")]).await;
    assert_eq!(other.latest(group).await, None, "nobody has said who else there is");
    other.fill(group, &[seen(1, 10, "first"), seen(2, 5, "{\"a b\": 1}")], Duration::from_secs(600)).await;
    one.tell(group, &[seen(1, 15, "late")]).await;
    let mut all = one.latest(group).await.unwrap();
    all.sort_by_key(|latest| latest.member);
    assert_eq!(all, [seen(1, 20, "second"), seen(2, 5, "{\"a b\": 1}")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_killed_is_done_without_and_found_again() {
    let mut server = Server::start().await;
    let shared = server.shared();
    assert!(reaches(&shared).await);
    server.kill();
    everything_works_without(&shared).await;
    server.go_on().await;
    until("the link is back", async || reaches(&shared).await).await;
    // It is shared again.
    let other = server.shared();
    assert_eq!(shared.cached("later", forever(), async { Ok::<_, String>(1) }).await, Ok(1));
    assert_eq!(other.cached("later", forever(), async { Ok::<_, String>(2) }).await, Ok(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_is_done_without_and_found_again() {
    let server = Server::start().await;
    let shared = server.shared();
    assert!(reaches(&shared).await);
    server.signal("-STOP");
    everything_works_without(&shared).await;
    server.signal("-CONT");
    until("the link is back", async || reaches(&shared).await).await;
}

#[tokio::test]
async fn a_redis_that_was_never_there_is_found_when_it_comes() {
    let mut server = Server::start().await;
    server.kill();
    let shared = server.shared();
    everything_works_without(&shared).await;
    server.go_on().await;
    until("the link is there", async || reaches(&shared).await).await;
}

/// Each thing does its work for this process alone. Once the fuse is out, nobody waits at all.
async fn everything_works_without(shared: &Shared) {
    let quota = Quota::per_minute(3);
    let mut allowed = 0;
    for _ in 0..6 {
        allowed += u32::from(shared.take("u:1", quota).await.retry_after.is_none());
    }
    assert_eq!(allowed, 3);
    let made = AtomicU32::new(0);
    for _ in 0..5 {
        assert_eq!(shared.cached("board", forever(), dear(&made, Duration::ZERO)).await, Ok(1));
    }
    let group = Uuid::from_u128(9);
    shared.tell(group, &[seen(1, 1, "here")]).await;
    assert_eq!(shared.latest(group).await, None);
    let began = Instant::now();
    for n in 0..1000 {
        shared.take(&format!("u:{n}"), quota).await;
    }
    // A probe now and then, of 150 ms at most; a thousand waits would be 150 s.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
