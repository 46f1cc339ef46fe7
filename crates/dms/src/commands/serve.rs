use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use axum::routing::get;
use axum::{Extension, Router};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use platform::Config;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::database::Database;
use crate::health::Health;
use crate::server::{self, HEADER_LIMIT};
use crate::{lifecycle, parts, web};

/// After the signal to stop, work in hand gets this long.
const DRAIN_LIMIT: Duration = Duration::from_secs(25);
const BUCKETS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 3.0, 5.0, 10.0];

/// What one process does.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// The API and the web apps.
    Api,
    /// The live hub.
    Hub,
    /// Events, jobs, thumbnails.
    Worker,
}

#[derive(clap::Args)]
pub struct Serve {
    #[command(flatten)]
    ports: Ports,
    /// Only these parts, where others run the rest on the same database.
    #[arg(long, value_name = "PART,…", value_delimiter = ',', default_value = "api,hub,worker")]
    parts: Vec<Part>,
    /// Fill an empty database with a made-up company first.
    #[arg(long, value_name = "SCALE")]
    demo: Option<super::demo::Scale>,
}

#[derive(clap::Args)]
pub struct Ports {
    /// The port of the API, the hub and the web apps [default: 8080].
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// The port of /metrics and health [default: 9090].
    #[arg(long, value_name = "N")]
    metrics_port: Option<u16>,
}

impl Part {
    /// What traces call a process that does this only.
    pub fn service(self) -> &'static str {
        match self {
            Part::Api => "dms-api",
            Part::Hub => "dms-hub",
            Part::Worker => "dms-worker",
        }
    }
}

impl Ports {
    /// `dms serve` with one part.
    pub fn serve(self, part: Part) -> Serve {
        Serve { ports: self, parts: vec![part], demo: None }
    }
}

impl Serve {
    /// What traces call this process.
    pub fn service(&self) -> &'static str {
        match self.parts[..] {
            [part] => part.service(),
            _ => "dms",
        }
    }

    pub async fn run(self, mut config: Config) -> anyhow::Result<()> {
        config.port = self.ports.port.unwrap_or(config.port);
        config.metrics_port = self.ports.metrics_port.unwrap_or(config.metrics_port);
        let does = |part| self.parts.contains(&part);
        let metrics = start_metrics()?;
        // Ports first: a port that is taken should be said before anything else is started.
        let main = match does(Part::Api) || does(Part::Hub) {
            true => Some(listen(config.port).await?),
            false => None,
        };
        let side = listen(config.metrics_port).await?;

        let database = Database::open(&config).await?;
        let app = parts::app(config, &database)?;
        if let Some(scale) = self.demo {
            super::demo::fill_if_empty(&app, scale).await?;
        }

        let stop = CancellationToken::new();
        let work = TaskTracker::new();
        // The worker needs it too: what happens is told through it, to the processes that hold the connections.
        let hub = parts::hub(&app)?;
        if does(Part::Worker) != does(Part::Hub) && app.config.redis.connection_string.is_none() {
            tracing::warn!(
                "live screens stay still: a hub apart from the worker needs Redis__ConnectionString"
            );
        }
        if does(Part::Worker) {
            let bell = notifications::sender::Bell::default();
            let providers = parts::providers(&app.config)?;
            work.spawn(notifications::sender::run(app.clone(), providers, bell.clone(), stop.clone()));
            let events = parts::events(&app, &hub, &bell).await?;
            work.spawn(events.run(stop.clone()));
            work.spawn(jobs::runner::run(app.clone(), worker::jobs(), stop.clone()));
            work.spawn(files::worker::run(app.clone(), stop.clone()));
        }

        let health = Health::new(app.db.clone());
        if let Some(listener) = main {
            let mut inner = Router::new().merge(health.clone().router());
            if does(Part::Api) {
                inner = inner.merge(api::router(&app)).merge(web::router(&app.config.web_dir));
            }
            let mut router = api::around(inner);
            if app.config.detailed_errors() {
                router = router.layer(Extension(platform::observe::DetailedErrors));
            }
            if does(Part::Hub) {
                router = router.merge(hub.router(hub::PATH));
            }
            let router = api::behind(router, app.config.trusted_proxies);
            work.spawn(server::serve(listener, router, HEADER_LIMIT, stop.clone()));
        }
        let side_router = health.clone().router().merge(metrics_router(metrics, app.db.clone(), hub.clone()));
        let side_stop = CancellationToken::new();
        let side = tokio::spawn(server::serve(side, side_router, HEADER_LIMIT, side_stop.clone()));
        say_where(&app.config, &database, &self.parts);

        lifecycle::told_to_stop().await?;
        tracing::info!("stopping: finishing the work in hand");
        health.drain();
        hub.shutdown().await;
        stop.cancel();
        work.close();
        if tokio::time::timeout(DRAIN_LIMIT, work.wait()).await.is_err() {
            tracing::warn!("some work did not finish in time");
        }
        side_stop.cancel();
        drop(side);
        database.close().await;
        tracing::info!("stopped");
        Ok(())
    }
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))).await.with_context(|| {
        format!(
            "port {port} can't be opened; another program may use it (choose with --port, --metrics-port)"
        )
    })
}

fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full("http_request_duration_seconds".to_owned()), BUCKETS)?
        .install_recorder()
        .context("metrics can't be set up")
}

fn metrics_router(metrics: PrometheusHandle, db: db::Db, hub: hub::Server) -> Router {
    Router::new().route(
        "/metrics",
        get(move || async move {
            for usage in db.usage() {
                metrics::gauge!("db_connections_open", "pool" => usage.pool).set(usage.open);
                metrics::gauge!("db_connections_idle", "pool" => usage.pool).set(usage.idle);
                metrics::gauge!("db_connections_max", "pool" => usage.pool).set(usage.max);
            }
            metrics::gauge!("hub_connections").set(u32::try_from(hub.connections()).unwrap_or(u32::MAX));
            metrics.run_upkeep();
            metrics.render()
        }),
    )
}

fn say_where(config: &Config, database: &Database, parts: &[Part]) {
    let port = config.port;
    println!("DILIGO DMS is up.");
    if parts.contains(&Part::Api) {
        println!("  back office   http://localhost:{port}/");
        println!("  phone app     http://localhost:{port}/field/");
        println!("  API           http://localhost:{port}/swagger");
    }
    println!("  metrics       http://localhost:{}/metrics", config.metrics_port);
    if let Some(socket) = database.socket() {
        println!("  database      psql -h {} -U dms_app dms", socket.display());
    }
}
