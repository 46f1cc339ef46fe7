//! The results, for people and for programs.

use std::path::Path;

use serde::Serialize;

use crate::measure::Sample;

/// One operation's result.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// What was done.
    pub operation: String,
    /// By the system.
    pub ours: Sample,
    /// What it is measured against, if anything.
    pub against: Option<Sample>,
    /// The least `ours / against` that satisfies.
    pub goal: Option<f64>,
}

pub fn print(rows: &[Row]) {
    println!(
        "{:<34} {:>9} {:>9} {:>6} {:>6} {:>8} {:>8} {:>8} {:>8} {:>9} {:>9}",
        "operation",
        "ours/s",
        "bare/s",
        "ratio",
        "goal",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "API µs",
        "PG µs",
        "bare µs"
    );
    for row in rows {
        let against = row.against.map(|s| s.per_second);
        let number =
            |value: Option<f64>, digits: usize| value.map_or("-".into(), |v| format!("{v:.digits$}"));
        println!(
            "{:<34} {:>9.0} {:>9} {:>6} {:>6} {:>8.2} {:>8.2} {:>8.2} {:>8.0} {:>9.0} {:>9}",
            row.operation,
            row.ours.per_second,
            number(against, 0),
            number(against.map(|a| row.ours.per_second / a), 2),
            number(row.goal, 2),
            row.ours.p50,
            row.ours.p95,
            row.ours.p99,
            row.ours.api_cpu,
            row.ours.postgres_cpu,
            number(row.against.map(|s| s.postgres_cpu), 0),
        );
    }
}

pub fn write(rows: &[Row], path: &str) -> anyhow::Result<()> {
    if let Some(folder) = Path::new(path).parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, serde_json::to_string_pretty(rows)? + "\n")?;
    println!("written to {path}");
    Ok(())
}
