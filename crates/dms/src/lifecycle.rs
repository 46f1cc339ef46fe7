use platform::Config;
use platform::config::Environment;
use telemetry::{Exports, Style, Telemetry};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Logs to standard error: lines for people in development, JSON elsewhere. A command whose `long_work` is expected to
/// take its time doesn't warn of slow statements. The traces of a `service` go where the settings say.
pub fn start_telemetry(
    config: &Config,
    long_work: bool,
    service: Option<&str>,
) -> Result<Telemetry, telemetry::Error> {
    let mut filter = EnvFilter::try_new(config.log_filter()).unwrap_or_else(|_| EnvFilter::new("info"));
    if long_work {
        filter = EnvFilter::try_new(format!("{filter},sqlx=error")).unwrap_or(filter);
    }
    let style = match config.environment {
        Environment::Development => Style::Lines,
        Environment::Staging | Environment::Production => Style::Json,
    };
    let exports = service.map(|service| Exports {
        service,
        version: env!("CARGO_PKG_VERSION"),
        environment: config.environment.name(),
        insights: config.application_insights.connection_string.as_deref(),
    });
    telemetry::start(filter, style, exports)
}

/// Returns at the first SIGTERM or Ctrl-C.
pub async fn told_to_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
