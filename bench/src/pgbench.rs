//! The least SQL for the same work, through PostgreSQL's own pgbench.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::measure::Sample;

/// Makes the tables of the bare statements, in a schema of their own.
pub fn prepare(socket: &Path) -> anyhow::Result<()> {
    psql(socket, &["-f", "bench/sql/schema.sql"])
}

fn psql(socket: &Path, what: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("psql")
        .args(["-q", "-v", "ON_ERROR_STOP=1", "-U", "dms", "-d", "dms", "-h"])
        .arg(socket)
        .args(what)
        .env("PGOPTIONS", "-c client_min_messages=warning")
        .status()
        .context("psql")?;
    if status.success() { Ok(()) } else { bail!("psql {what:?} failed") }
}

/// Runs a script of `bench/sql` with so many clients for so many seconds.
pub fn run(socket: &Path, script: &str, clients: usize, seconds: u64) -> anyhow::Result<Sample> {
    // The tables have grown since the last run; autovacuum may not have seen it yet.
    psql(socket, &["-c", "analyze b.orders, b.order_lines, b.stock_balances, b.stock_movements"])?;
    let log = std::env::temp_dir().join(format!("dms-pgbench-{}", std::process::id()));
    let out = Command::new(program())
        .args(["-n", "-M", "prepared", "-j", "1", "-U", "dms", "--log", "--sampling-rate=0.1"])
        .arg(format!("--log-prefix={}", log.display()))
        .args(["-c", &clients.to_string(), "-T", &seconds.to_string()])
        .args(["-f", &format!("bench/sql/{script}.sql"), "-h"])
        .arg(socket)
        .arg("dms")
        .output()
        .context("pgbench; it comes with Debian's postgresql")?;
    let text = String::from_utf8_lossy(&out.stdout);
    let micros = latencies(&log)?;
    let tps = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    let Some(per_second) = tps.filter(|_| out.status.success()) else {
        bail!("pgbench {script}: {text}{}", String::from_utf8_lossy(&out.stderr));
    };
    Ok(Sample::new(per_second, micros))
}

fn program() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin/pgbench"))
        .filter(|program| program.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| "pgbench".into())
}

/// Reads and removes the logs of one run: one line a transaction, its third word the time in µs.
fn latencies(prefix: &Path) -> anyhow::Result<Vec<u64>> {
    let mut micros = Vec::new();
    let folder = prefix.parent().context("a folder")?;
    let name = prefix.file_name().context("a name")?.to_string_lossy().into_owned();
    for entry in std::fs::read_dir(folder)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&name) {
            let text = std::fs::read_to_string(entry.path())?;
            micros.extend(text.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<u64>().ok()));
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(micros)
}
