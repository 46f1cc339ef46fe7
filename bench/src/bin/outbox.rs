//! From the commit of an event to the commit of its effect: how many a second, and how long it takes.
//!
//! A private PostgreSQL as `dms serve` runs it, writers that commit events, and the way of events as the worker runs it, with a
//! consumer that writes one row for each, as notifications are written: for a batch at once. When an effect was committed
//! PostgreSQL says itself; when its event was, the writer.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use adapters::bus::{AmqpBus, Bus, BusSettings};
use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::Parser;
use db::embedded::Embedded;
use db::{Context, Db, PgConnection, PoolSizes, outbox};
use domain::EventId;
use jobs::{Consumer, Event, Events, Failure};
use platform::{BoxFuture, Clock as _, SystemClock, Wake};
use serde_json::json;
use sqlx::Connection as _;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Events from commit to effect, on a private PostgreSQL.
#[derive(Parser)]
struct Options {
    /// How long to write, each time.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// So many write at the same time.
    #[arg(long, default_value_t = 8)]
    writers: usize,
    /// Rates to hold, in events a second; after them as many as go.
    #[arg(long, value_delimiter = ',', default_value = "2000,5000")]
    rates: Vec<u64>,
    /// Events of a commit.
    #[arg(long, value_delimiter = ',', default_value = "1,10")]
    events: Vec<u32>,
    /// The consumer writes with a statement for each event, as one that can't write for many at once.
    #[arg(long)]
    each: bool,
    /// With this bus between.
    #[arg(long, value_name = "CONNECTION")]
    bus: Option<String>,
}

/// One row for each event, by a statement of its own.
struct Each;

/// The same, by a statement for all of them.
struct Together;

impl Consumer for Each {
    fn name(&self) -> &'static str {
        "orders"
    }

    fn wants(&self, _: &str) -> bool {
        true
    }

    fn handle<'a>(&'a self, c: &'a mut PgConnection, event: &'a Event) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            sqlx::query("insert into effects (event_id) values ($1)").bind(event.id).execute(c).await?;
            Ok(())
        })
    }
}

impl Consumer for Together {
    fn name(&self) -> &'static str {
        Each.name()
    }

    fn wants(&self, kind: &str) -> bool {
        Each.wants(kind)
    }

    fn handle<'a>(&'a self, c: &'a mut PgConnection, event: &'a Event) -> BoxFuture<'a, Result<(), Failure>> {
        Each.handle(c, event)
    }

    fn handle_all<'a>(
        &'a self,
        c: &'a mut PgConnection,
        events: &'a [Event],
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
            sqlx::query("insert into effects (event_id) select * from unnest($1::uuid[])")
                .bind(ids)
                .execute(c)
                .await?;
            Ok(())
        })
    }
}

#[derive(Clone)]
struct Bench {
    db: Db,
    wake: Wake,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let folder = tempfile::TempDir::with_prefix("dms-outbox-")?;
    set_open(folder.path())?;
    let server = Embedded::start(folder.path()).await?;
    run_sql(&server, "alter system set track_commit_timestamp = on").await?;
    server.stop().await;
    drop(server);
    let server = Embedded::start(folder.path()).await?;
    migrations::run(&server.options()).await?;
    run_sql(&server, "create unlogged table effects (event_id uuid)").await?;
    run_sql(&server, "alter table effects set logged; grant all on effects to dms_system").await?;
    let db = Db::connect(&server.options(), PoolSizes { app: 2, system: 20 }).await?;

    let bus = match &options.bus {
        Some(connection) => {
            Some(Arc::new(AmqpBus::new(BusSettings::parse(connection)?, "bench")) as Arc<dyn Bus>)
        }
        None => None,
    };
    let bench = Bench { db: db.clone(), wake: Wake::default() };
    let stop = CancellationToken::new();
    let events = Events {
        db: db.clone(),
        clock: Arc::new(SystemClock),
        wake: bench.wake.clone(),
        listeners: Vec::new(),
        consumers: vec![if options.each { Arc::new(Each) } else { Arc::new(Together) }],
        bus,
    };
    let work = tokio::spawn(events.run(stop.clone()));

    println!(
        "{:>12} {:>9} {:>12} {:>12} {:>9} {:>9} {:>9}",
        "asked ev/s", "ev/commit", "written/s", "handled/s", "p50 ms", "p99 ms", "max ms"
    );
    // Once for nothing: connections, plans, and the care after a start.
    measure(&bench, &server, Duration::from_secs(2), options.writers, 1, Some(200)).await?;
    for per_commit in &options.events {
        for rate in options.rates.iter().map(|rate| Some(*rate)).chain([None]) {
            let seconds = Duration::from_secs(options.seconds);
            let line = measure(&bench, &server, seconds, options.writers, *per_commit, rate).await?;
            println!("{line}");
        }
    }
    stop.cancel();
    work.await?;
    db.close().await;
    server.stop().await;
    Ok(())
}

fn set_open(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    // The database server runs as another user when we are root.
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}

async fn run_sql(server: &Embedded, sql: &'static str) -> anyhow::Result<()> {
    let mut c = sqlx::PgConnection::connect_with(&server.options()).await?;
    sqlx::raw_sql(sql).execute(&mut c).await?;
    c.close().await?;
    Ok(())
}

async fn measure(
    bench: &Bench,
    server: &Embedded,
    time: Duration,
    writers: usize,
    per_commit: u32,
    rate: Option<u64>,
) -> anyhow::Result<String> {
    run_sql(server, "truncate effects").await?;
    let over = Arc::new(AtomicBool::new(false));
    let commits = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|_| tokio::spawn(write(bench.clone(), per_commit, rate, over.clone(), commits.clone(), began)))
        .collect();
    tokio::time::sleep(time).await;
    over.store(true, Ordering::SeqCst);
    let mut committed: HashMap<Uuid, DateTime<Utc>> = HashMap::new();
    for task in tasks {
        committed.extend(task.await??);
    }
    let writing = began.elapsed();
    let mut c = sqlx::PgConnection::connect_with(&server.options()).await?;
    let mut waited = Instant::now();
    let mut before = 0;
    loop {
        let count: i64 = sqlx::query_scalar("select count(*) from effects").fetch_one(&mut c).await?;
        if usize::try_from(count)? >= committed.len() {
            break;
        }
        if count > before {
            (before, waited) = (count, Instant::now());
        }
        anyhow::ensure!(
            waited.elapsed() < Duration::from_secs(30),
            "{count} of {} events were handled",
            committed.len()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let effects: Vec<(Uuid, DateTime<Utc>)> =
        sqlx::query_as("select event_id, pg_xact_commit_timestamp(xmin) from effects")
            .fetch_all(&mut c)
            .await?;
    c.close().await?;
    anyhow::ensure!(
        effects.len() == committed.len(),
        "{} effects of {} events",
        effects.len(),
        committed.len()
    );
    let mut ages: Vec<f64> = Vec::with_capacity(effects.len());
    for (event, handled) in &effects {
        let at = committed.get(event).context("an effect of no event")?;
        ages.push((*handled - *at).as_seconds_f64() * 1e3);
    }
    ages.sort_by(f64::total_cmp);
    let first = committed.values().min().context("no events")?;
    let last = effects.iter().map(|(_, at)| at).max().context("no effects")?;
    let handled = committed.len() as f64 / (*last - *first).as_seconds_f64();
    let written = committed.len() as f64 / writing.as_secs_f64();
    let at = |share: f64| ages[((ages.len() - 1) as f64 * share) as usize];
    let asked = rate.map_or("max".to_owned(), |rate| rate.to_string());
    Ok(format!(
        "{asked:>12} {per_commit:>9} {written:>12.0} {handled:>12.0} {:>9.1} {:>9.1} {:>9.1}",
        at(0.5),
        at(0.99),
        at(1.0)
    ))
}

/// Commits events until it is over; gives when each was committed.
async fn write(
    bench: Bench,
    per_commit: u32,
    rate: Option<u64>,
    over: Arc<AtomicBool>,
    commits: Arc<AtomicU64>,
    began: Instant,
) -> anyhow::Result<Vec<(Uuid, DateTime<Utc>)>> {
    let cx = Context::system("bench");
    let payload = json!({
        "orderId": Uuid::now_v7(), "orderNumber": "DH2608-000123", "customerName": "Tạp hoá Cô Lan", "status": "Pending",
        "totalAmount": 1_234_000,
    });
    let mut written = Vec::new();
    while !over.load(Ordering::SeqCst) {
        let turn = commits.fetch_add(1, Ordering::SeqCst);
        if let Some(rate) = rate {
            let due = Duration::from_secs_f64(turn as f64 * f64::from(per_commit) / rate as f64);
            tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
        }
        let mut tx = bench.db.begin(&cx).await?;
        let mut ids = Vec::new();
        for _ in 0..per_commit {
            let id = Uuid::now_v7();
            let event = outbox::Event {
                id: EventId::new(id),
                kind: "OrderCreated",
                aggregate: id,
                distributor: None,
                unit: None,
                user: None,
                payload: &payload,
            };
            outbox::push(&mut tx, &cx, SystemClock.now(), event).await?;
            ids.push(id);
        }
        tx.commit().await?;
        bench.wake.now();
        let now = SystemClock.now();
        written.extend(ids.into_iter().map(|id| (id, now)));
    }
    Ok(written)
}
