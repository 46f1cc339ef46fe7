use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use platform::Config;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::database::Database;
use crate::health::Health;
use crate::server::{self, HEADER_LIMIT};
use crate::{lifecycle, parts, web};

/// After the signal to stop, work in hand gets this long.
const DRAIN_LIMIT: Duration = Duration::from_secs(25);
const BUCKETS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 3.0, 5.0, 10.0];

#[derive(clap::Args)]
pub struct Serve {
    /// The port of the API, the hub and the web apps [default: 8080].
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// The port of /metrics and health [default: 9090].
    #[arg(long, value_name = "N")]
    metrics_port: Option<u16>,
    /// Fill an empty database with a made-up company first.
    #[arg(long, value_name = "SCALE")]
    demo: Option<super::demo::Scale>,
}

impl Serve {
    pub async fn run(self, mut config: Config) -> anyhow::Result<()> {
        config.port = self.port.unwrap_or(config.port);
        config.metrics_port = self.metrics_port.unwrap_or(config.metrics_port);
        let metrics = start_metrics()?;
        // Ports first: a port that is taken should be said before anything else is started.
        let main = listen(config.port).await?;
        let side = listen(config.metrics_port).await?;

        let database = Database::open(&config).await?;
        let app = parts::app(config, &database)?;
        if let Some(scale) = self.demo {
            super::demo::fill_if_empty(&app, scale).await?;
        }

        let stop = CancellationToken::new();
        let hub = hub::server(app.auth.clone());
        let relay = tokio::spawn(jobs::relay::run(
            app.db.clone(),
            app.clock.clone(),
            app.wake.clone(),
            vec![Arc::new(hub::Broadcast(hub.clone()))],
            stop.clone(),
        ));
        let images = tokio::spawn(files::worker::run(app.clone(), stop.clone()));
        let tracker = tokio::spawn(tracking::worker::run(app.clone(), stop.clone()));
        let sweeper = tokio::spawn(jobs::housekeeping::run(app.db.clone(), app.clock.clone(), stop.clone()));

        let health = Health::new(app.db.clone());
        let router = api::around(
            Router::new()
                .merge(api::router(&app))
                .merge(health.clone().router())
                .merge(web::router(&app.config.web_dir)),
        )
        .merge(hub.router(hub::PATH));
        let side_router = health.clone().router().merge(metrics_router(metrics, app.db.clone(), hub.clone()));

        let main = tokio::spawn(server::serve(main, router, HEADER_LIMIT, stop.clone()));
        let side_stop = CancellationToken::new();
        let side = tokio::spawn(server::serve(side, side_router, HEADER_LIMIT, side_stop.clone()));
        say_where(&app.config, &database);

        lifecycle::told_to_stop().await?;
        tracing::info!("stopping: finishing the work in hand");
        health.drain();
        hub.shutdown().await;
        stop.cancel();
        if tokio::time::timeout(DRAIN_LIMIT, async {
            (main.await, relay.await, sweeper.await, images.await, tracker.await)
        })
        .await
        .is_err()
        {
            tracing::warn!("some requests did not finish in time");
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
            let (open, idle) = db.usage();
            metrics::gauge!("db_connections_open").set(open);
            metrics::gauge!("db_connections_idle").set(u32::try_from(idle).unwrap_or(u32::MAX));
            metrics::gauge!("hub_connections").set(u32::try_from(hub.connections()).unwrap_or(u32::MAX));
            metrics.run_upkeep();
            metrics.render()
        }),
    )
}

fn say_where(config: &Config, database: &Database) {
    let port = config.port;
    println!("DILIGO DMS is up.");
    println!("  back office   http://localhost:{port}/");
    println!("  phone app     http://localhost:{port}/field/");
    println!("  API           http://localhost:{port}/swagger");
    println!("  metrics       http://localhost:{}/metrics", config.metrics_port);
    if let Some(socket) = database.socket() {
        println!("  database      psql -h {} -U dms_app dms", socket.display());
    }
}
