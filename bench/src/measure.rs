//! What was measured.

use std::time::Duration;

use serde::Serialize;

/// One round.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// Operations a second.
    pub per_second: f64,
    /// Median latency in ms.
    pub p50: f64,
    /// 95 of 100 are at least as fast, in ms.
    pub p95: f64,
    /// 99 of 100 are.
    pub p99: f64,
    /// CPU of the API process per operation, in µs.
    pub api_cpu: f64,
    /// CPU of PostgreSQL per operation, in µs.
    pub postgres_cpu: f64,
}

impl Sample {
    /// From the rate and the latencies in µs.
    pub fn new(per_second: f64, mut micros: Vec<u64>) -> Sample {
        micros.sort_unstable();
        let at = |percent: usize| {
            let place = (micros.len() * percent / 100).min(micros.len().saturating_sub(1));
            micros.get(place).map_or(0.0, |us| Duration::from_micros(*us).as_secs_f64() * 1000.0)
        };
        Sample { per_second, p50: at(50), p95: at(95), p99: at(99), ..Sample::default() }
    }
}

/// The median of each figure.
pub fn median(samples: &[Sample]) -> Sample {
    let of = |figure: fn(&Sample) -> f64| {
        let mut values: Vec<f64> = samples.iter().map(figure).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    Sample {
        per_second: of(|s| s.per_second),
        p50: of(|s| s.p50),
        p95: of(|s| s.p95),
        p99: of(|s| s.p99),
        api_cpu: of(|s| s.api_cpu),
        postgres_cpu: of(|s| s.postgres_cpu),
    }
}
