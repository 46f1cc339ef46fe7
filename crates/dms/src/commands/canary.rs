//! `dms canary-check`: asks Prometheus whether a new version may have more of the requests.

use std::fmt;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::Url;
use serde_json::Value;
use tokio::time::Instant;

/// How often Prometheus is asked.
const LOOK: Duration = Duration::from_secs(10);
const ANSWER_LIMIT: Duration = Duration::from_secs(15);
/// What nobody waits for, however much slower it has become.
const UNNOTICED_SECONDS: f64 = 0.05;

/// Exit codes: 0 promote, 10 roll back, 11 too little is known to say; 1 when Prometheus can't be asked.
#[derive(clap::Args)]
pub struct CanaryCheck {
    /// Where Prometheus answers.
    #[arg(long, value_name = "URL", env = "PROMETHEUS_URL")]
    prometheus: String,
    /// The labels of the new version, as PromQL writes them: app="core-api",track="canary".
    #[arg(long, value_name = "LABELS")]
    canary: String,
    /// The labels of the version that ran before.
    #[arg(long, value_name = "LABELS")]
    stable: String,
    /// What of the past counts (30s, 10m, 1h).
    #[arg(long, default_value = "5m")]
    window: Span,
    /// Watch for so long; a reason to roll back ends it at once.
    #[arg(long, default_value = "0s")]
    watch: Span,
    #[command(flatten)]
    limits: Limits,
}

/// What a new version may do.
#[derive(clap::Args, Clone, Copy)]
pub struct Limits {
    /// With fewer requests within the window nothing is said about a version.
    #[arg(long, value_name = "N", default_value_t = 200.0)]
    min_requests: f64,
    /// The share of answers 5xx that is too much in any case.
    #[arg(long, value_name = "SHARE", default_value_t = 0.01)]
    max_error_rate: f64,
    /// How much larger than the stable version's the share may be.
    #[arg(long, value_name = "SHARE", default_value_t = 0.002)]
    max_error_increase: f64,
    /// The 95th percentile of the answers' times that is too much in any case, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0)]
    max_p95: f64,
    /// How many times the stable version's the percentile may be.
    #[arg(long, value_name = "TIMES", default_value_t = 1.5)]
    max_slowdown: f64,
}

/// A length of time as Prometheus writes it.
#[derive(Debug, Clone, Copy)]
pub struct Span(Duration);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is no length of time (30s, 10m, 1h)");
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &text[number.len()..] {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return Err(wrong()),
        };
        let count: u64 = number.parse().map_err(|_| wrong())?;
        count.checked_mul(unit).map(|s| Span(Duration::from_secs(s))).ok_or_else(wrong)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0.as_secs())
    }
}

/// What is known of a version within the window.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Figures {
    requests: f64,
    /// The share of answers 5xx.
    errors: f64,
    /// Seconds; none without requests.
    p95: Option<f64>,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} requests, {:.2} % errors", self.requests, self.errors * 100.0)?;
        match self.p95 {
            Some(p95) => write!(f, ", p95 {:.0} ms", p95 * 1000.0),
            None => write!(f, ", no p95"),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    Promote,
    RollBack(String),
    /// Neither can be said: too few requests, or both versions are ill.
    Unclear(String),
}

impl CanaryCheck {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let prometheus = Prometheus::new(&self.prometheus)?;
        let end = Instant::now() + self.watch.0;
        let verdict = loop {
            let canary = prometheus.figures(&self.canary, self.window).await?;
            let stable = prometheus.figures(&self.stable, self.window).await?;
            println!("canary: {canary}; stable: {stable}");
            let verdict = judge(canary, stable, &self.limits);
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || matches!(verdict, Verdict::RollBack(_)) {
                break verdict;
            }
            tokio::time::sleep(LOOK.min(left)).await;
        };
        Ok(match verdict {
            Verdict::Promote => {
                println!("promote");
                ExitCode::SUCCESS
            }
            Verdict::RollBack(why) => {
                println!("roll back: {why}");
                ExitCode::from(10)
            }
            Verdict::Unclear(why) => {
                println!("unclear: {why}");
                ExitCode::from(11)
            }
        })
    }
}

fn judge(canary: Figures, stable: Figures, limits: &Limits) -> Verdict {
    if canary.requests < limits.min_requests {
        return Verdict::Unclear(format!(
            "the canary got {:.0} requests, {:.0} are needed",
            canary.requests, limits.min_requests
        ));
    }
    // Without requests to the stable version only the limits that hold in any case are left.
    let compare = stable.requests >= limits.min_requests;
    if compare && canary.errors > stable.errors + limits.max_error_increase {
        return Verdict::RollBack(format!(
            "{:.2} % of its answers are errors, {:.2} % of the stable version's",
            canary.errors * 100.0,
            stable.errors * 100.0
        ));
    }
    if canary.errors > limits.max_error_rate {
        let text = format!("{:.2} % of its answers are errors", canary.errors * 100.0);
        // Something else is broken: no time to promote, and no reason to blame the new version.
        return if compare {
            Verdict::Unclear(format!("{text}, and no fewer of the stable version's"))
        } else {
            Verdict::RollBack(text)
        };
    }
    let Some(p95) = canary.p95 else { return Verdict::Unclear("it has no p95".to_owned()) };
    if let (true, Some(before)) = (compare, stable.p95)
        && p95 > before * limits.max_slowdown
        && p95 > UNNOTICED_SECONDS
    {
        return Verdict::RollBack(format!(
            "its p95 is {:.0} ms, the stable version's {:.0} ms",
            p95 * 1000.0,
            before * 1000.0
        ));
    }
    if p95 > limits.max_p95 {
        let text = format!("its p95 is {p95:.1} s");
        return if compare {
            Verdict::Unclear(format!("{text}, and the stable version is no faster"))
        } else {
            Verdict::RollBack(text)
        };
    }
    Verdict::Promote
}

struct Prometheus {
    client: reqwest::Client,
    query: Url,
}

impl Prometheus {
    fn new(address: &str) -> anyhow::Result<Self> {
        let base = if address.ends_with('/') { address.to_owned() } else { format!("{address}/") };
        let query = Url::parse(&base)
            .and_then(|url| url.join("api/v1/query"))
            .with_context(|| format!("--prometheus {address} is no address"))?;
        let client = reqwest::Client::builder().timeout(ANSWER_LIMIT).build()?;
        Ok(Prometheus { client, query })
    }

    async fn figures(&self, labels: &str, window: Span) -> anyhow::Result<Figures> {
        // Probes come all the time and say nothing of the work.
        let labels = format!("{labels},route!~\"/health/.*\"");
        let requests = self
            .number(&format!("sum(increase(http_requests_total{{{labels}}}[{window}]))"))
            .await?
            .unwrap_or(0.0);
        let errors = self
            .number(&format!("sum(increase(http_requests_total{{{labels},status=~\"5..\"}}[{window}]))"))
            .await?
            .unwrap_or(0.0);
        let p95 = self
            .number(&format!(
                "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{{{labels}}}[{window}])))"
            ))
            .await?;
        let share = if requests > 0.0 { errors / requests } else { 0.0 };
        Ok(Figures { requests, errors: share, p95 })
    }

    /// The one value of an expression; none when there is no series.
    async fn number(&self, expression: &str) -> anyhow::Result<Option<f64>> {
        let mut url = self.query.clone();
        url.query_pairs_mut().append_pair("query", expression);
        let answer = self.client.get(url).send().await.context("Prometheus can't be asked")?;
        let status = answer.status();
        let body: Value = answer.json().await.context("what answers there is no Prometheus")?;
        if body["status"] != "success" {
            bail!("Prometheus answers {status}: {}", body["error"].as_str().unwrap_or("no reason given"));
        }
        let Some(value) = body["data"]["result"].get(0) else { return Ok(None) };
        let number: f64 = value["value"][1]
            .as_str()
            .and_then(|text| text.parse().ok())
            .context("what answers there is no Prometheus")?;
        Ok((!number.is_nan()).then_some(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        min_requests: 200.0,
        max_error_rate: 0.01,
        max_error_increase: 0.002,
        max_p95: 3.0,
        max_slowdown: 1.5,
    };
    const GOOD: Figures = Figures { requests: 5000.0, errors: 0.001, p95: Some(0.2) };

    fn says(canary: Figures, stable: Figures) -> &'static str {
        match judge(canary, stable, &LIMITS) {
            Verdict::Promote => "promote",
            Verdict::RollBack(_) => "roll back",
            Verdict::Unclear(_) => "unclear",
        }
    }

    #[test]
    fn a_version_that_is_as_good_is_promoted() {
        assert_eq!(says(GOOD, GOOD), "promote");
        assert_eq!(says(Figures { errors: 0.002, p95: Some(0.29), ..GOOD }, GOOD), "promote");
        assert_eq!(
            says(Figures { p95: Some(0.04), ..GOOD }, Figures { p95: Some(0.01), ..GOOD }),
            "promote",
            "four times slower, and nobody notices"
        );
    }

    #[test]
    fn a_version_that_is_worse_is_rolled_back() {
        assert_eq!(says(Figures { errors: 0.004, ..GOOD }, GOOD), "roll back");
        assert_eq!(says(Figures { p95: Some(0.31), ..GOOD }, GOOD), "roll back");
        let none = Figures { requests: 0.0, errors: 0.0, p95: None };
        assert_eq!(says(Figures { errors: 0.02, ..GOOD }, none), "roll back");
        assert_eq!(says(Figures { p95: Some(3.5), ..GOOD }, none), "roll back");
    }

    #[test]
    fn nothing_is_said_of_few_requests_or_when_both_are_ill() {
        assert_eq!(says(Figures { requests: 150.0, errors: 0.5, ..GOOD }, GOOD), "unclear");
        let ill = Figures { errors: 0.3, ..GOOD };
        assert_eq!(says(ill, ill), "unclear");
        let slow = Figures { p95: Some(6.0), ..GOOD };
        assert_eq!(says(slow, slow), "unclear");
    }

    #[test]
    fn spans_are_written_as_prometheus_does() {
        assert_eq!("10m".parse::<Span>().unwrap().to_string(), "600s");
        for wrong in ["", "10", "m", "1d", "-5s", "99999999999999999999s"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
