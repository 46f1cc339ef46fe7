//! The least SQL for the same work, through PostgreSQL's own pgbench.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::measure::Sample;

/// Makes the tables of the bare statements, in a schema of their own.
pub fn prepare(socket: &Path) -> anyhow::Result<()> {
    psql(socket, &["-f", "bench/sql/schema.sql"]).map(drop)
}

/// Runs psql as the database's owner; gives what it prints.
pub fn psql(socket: &Path, what: &[&str]) -> anyhow::Result<String> {
    let out = Command::new("psql")
        .args(["-qAt", "-v", "ON_ERROR_STOP=1", "-U", "dms", "-d", "dms", "-h"])
        .arg(socket)
        .args(what)
        .env("PGOPTIONS", "-c client_min_messages=warning")
        .output()
        .context("psql")?;
    ensure!(out.status.success(), "psql {what:?}: {}", String::from_utf8_lossy(&out.stderr));
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Runs a script of `bench/sql` with so many clients for so many seconds; `acting` are settings of its sessions (`-c
/// role=dms_app`).
pub fn run(
    socket: &Path,
    script: &str,
    acting: &str,
    clients: usize,
    seconds: u64,
) -> anyhow::Result<Sample> {
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
        .env("PGOPTIONS", acting)
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

/// Settings of a session that acts for a rep of the orders' sources, as the server's sessions do.
pub fn as_rep(socket: &Path) -> anyhow::Result<String> {
    let who = "select '-c app.user_id=' || (select rep_id from b.order_sources where n = 1) || ' -c app.distributors='
        || (select string_agg(distinct distributor_id::text, ',') from b.order_sources)";
    let who = psql(socket, &["-c", who])?;
    Ok(format!("-c role=dms_app -c plan_cache_mode=force_generic_plan -c jit=off {}", who.trim()))
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
