//! Logs and traces: how they are written, where they go, and how one trace goes on from process to process.
//!
//! Spans are those of the `tracing` library. One that has a field `otel.kind` is exported, if anything is; and [`join`]
//! ties it to the trace it goes on with. Those made in level `ERROR` are there also where the log is quiet: the level says
//! nothing of them.
//!
//! Only spans are exported, never lines of the log: these may name people.

mod export;
mod log;
mod statements;
mod trace;

use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Metadata;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, Layer, fmt};

pub use export::{collector, ingestion_endpoint};
pub use trace::{Trace, current, join};

/// At the end, each way of export gets so long for what it still has.
const FLUSH: Duration = Duration::from_secs(3);

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Lines for people.
    Lines,
    /// JSON, one object a line, with `trace_id` and `span_id`.
    Json,
}

/// Who exports spans, and where to, beside the collector that the environment names.
#[derive(Debug, Clone, Copy)]
pub struct Exports<'a> {
    /// The name of the service: `dms-api`.
    pub service: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Where it runs: `production`.
    pub environment: &'a str,
    /// The connection string of Application Insights.
    pub insights: Option<&'a str>,
}

/// Traces can't be exported as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The collector's settings are wrong.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT and its like: {0}")]
    Collector(String),
    /// The connection string is wrong.
    #[error(
        "ApplicationInsights__ConnectionString is not valid: InstrumentationKey=…;IngestionEndpoint=https://…"
    )]
    Insights,
    /// There is no way to make requests.
    #[error("no HTTP client for Application Insights: {0}")]
    Client(String),
}

/// Holds what is on its way out.
#[must_use = "what is on its way out is lost without stop()"]
#[derive(Debug)]
pub struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Sends what is still here, with a limit of time.
    pub fn stop(self) {
        if let Some(provider) = self.0
            && let Err(error) = provider.shutdown_with_timeout(FLUSH)
        {
            tracing::warn!(%error, "the last traces are lost");
        }
    }
}

/// Starts the log, on standard error, and the export of spans, if it is wanted and set up. Once a process, before there is a
/// runtime.
///
/// # Errors
/// When the export is set up wrongly; the log is running then.
pub fn start(filter: EnvFilter, style: Style, exports: Option<Exports<'_>>) -> Result<Telemetry, Error> {
    let provider = exports.map_or(Ok(None), |exports| export::provider(&exports));
    let tracer = provider.as_ref().ok().and_then(|found| found.as_ref()).map(|p| p.tracer("dms"));
    let log = fmt::layer().with_writer(std::io::stderr);
    let log = match style {
        Style::Lines => {
            let lines = filter.and(filter_fn(|metadata| metadata.is_event()));
            log.with_target(false).compact().with_filter(lines).boxed()
        }
        Style::Json => {
            log.fmt_fields(log::NoFields).event_format(log::JsonLines::new()).with_filter(filter).boxed()
        }
    };
    let spans = tracer.clone().map(|tracer| {
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_level(false)
            .with_filter(filter_fn(is_traced))
    });
    let statements = tracer.map(|tracer| {
        let wanted = filter_fn(|metadata| is_traced(metadata) || metadata.target() == statements::TARGET);
        statements::Statements(tracer).with_filter(wanted)
    });
    tracing_subscriber::registry().with(log).with(spans).with(statements).init();
    Ok(Telemetry(provider?))
}

/// Whether a span is one of those that are exported.
fn is_traced(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.fields().field("otel.kind").is_some()
}
