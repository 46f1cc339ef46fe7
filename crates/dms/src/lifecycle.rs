use platform::Config;
use platform::config::Environment;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Logs to standard error: lines for people in development, JSON elsewhere. A command whose `long_work` is expected to
/// take its time doesn't warn of slow statements.
pub fn start_log(config: &Config, long_work: bool) {
    let mut filter = EnvFilter::try_new(config.log_filter()).unwrap_or_else(|_| EnvFilter::new("info"));
    if long_work {
        filter = EnvFilter::try_new(format!("{filter},sqlx=error")).unwrap_or(filter);
    }
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config.environment == Environment::Development {
        log.with_target(false).compact().init();
    } else {
        log.json().init();
    }
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
