//! `dms canary-check` against a real Prometheus that scrapes two real servers: the version that ran, and the new one, which is as
//! good, fails now and then, or is slow.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Output;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tempfile::TempDir;
use tokio::process::{Child, Command};

const PATIENCE: Duration = Duration::from_secs(60);

/// A server that answers as a version of the program does, and writes the same metrics.
struct Version {
    address: SocketAddr,
}

struct Inside {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    pause: Duration,
    fails: bool,
}

impl Version {
    async fn start(pause: Duration, fails: bool) -> Version {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(
                Matcher::Full("http_request_duration_seconds".to_owned()),
                &[0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0],
            )
            .unwrap()
            .build_recorder();
        let handle = recorder.handle();
        let inside = Arc::new(Inside { recorder, handle, pause, fails });
        let router = Router::new()
            .route("/work", get(work))
            .route("/metrics", get(|State(inside): State<Arc<Inside>>| async move { inside.handle.render() }))
            .with_state(inside);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Version { address }
    }

    async fn ask(&self, client: &reqwest::Client) {
        client.get(format!("http://{}/work", self.address)).send().await.unwrap().bytes().await.unwrap();
    }
}

async fn work(State(inside): State<Arc<Inside>>) -> StatusCode {
    let began = Instant::now();
    tokio::time::sleep(inside.pause).await;
    let status = if inside.fails { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
    metrics::with_local_recorder(&inside.recorder, || {
        metrics::counter!("http_requests_total", "method" => "GET", "route" => "/work", "status" => status.as_u16().to_string()).increment(1);
        metrics::histogram!("http_request_duration_seconds", "method" => "GET", "route" => "/work")
            .record(began.elapsed().as_secs_f64());
    });
    status
}

/// Debian's Prometheus, on a folder of its own; ends with the value.
struct Prometheus {
    _process: Child,
    _folder: TempDir,
    url: String,
}

impl Prometheus {
    async fn start(versions: &[(&str, &Version)]) -> Prometheus {
        let folder = tempfile::tempdir().unwrap();
        let mut config = "global: { scrape_interval: 200ms }\nscrape_configs:\n".to_owned();
        for (track, version) in versions {
            config += &format!(
                "  - job_name: {track}\n    static_configs: [{{ targets: [\"{}\"], labels: {{ track: {track} }} }}]\n",
                version.address
            );
        }
        std::fs::write(folder.path().join("prometheus.yml"), config).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", folder.path().join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("prometheus; install it: apt-get install prometheus");
        let url = format!("http://127.0.0.1:{port}");
        let prometheus = Prometheus { _process: process, _folder: folder, url };
        // Two looks at each server, so that there is something to subtract.
        let mut query = reqwest::Url::parse(&format!("{}/api/v1/query", prometheus.url)).unwrap();
        query.query_pairs_mut().append_pair("query", "min(count_over_time(up[1m]))");
        let end = Instant::now() + PATIENCE;
        while prometheus.number(&query).await.is_none_or(|looks| looks < 2.0) {
            assert!(Instant::now() < end, "Prometheus does not look at the servers");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        prometheus
    }

    async fn number(&self, query: &reqwest::Url) -> Option<f64> {
        let body = reqwest::get(query.clone()).await.ok()?.json::<serde_json::Value>().await.ok()?;
        body["data"]["result"][0]["value"][1].as_str()?.parse().ok()
    }

    /// Waits until Prometheus knows of so many requests.
    async fn knows_of(&self, track: &str, requests: f64) {
        let mut query = reqwest::Url::parse(&format!("{}/api/v1/query", self.url)).unwrap();
        query
            .query_pairs_mut()
            .append_pair("query", &format!("sum(http_requests_total{{track=\"{track}\"}})"));
        let end = Instant::now() + PATIENCE;
        while self.number(&query).await.is_none_or(|known| known < requests) {
            assert!(Instant::now() < end, "Prometheus does not see the requests");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// What the gate says of a new version that pauses and fails so, beside one that answers at once.
async fn gate(pause: Duration, fails_every: u16, requests: u16) -> Output {
    let stable = Version::start(Duration::ZERO, false).await;
    let (canary, failing) = (Version::start(pause, false).await, Version::start(pause, true).await);
    let prometheus =
        Prometheus::start(&[("stable", &stable), ("canary", &canary), ("failing", &failing)]).await;
    let client = reqwest::Client::new();
    // One request first, then a look: a counter that appears grown has not grown for Prometheus.
    for version in [&stable, &canary, &failing] {
        version.ask(&client).await;
    }
    for track in ["stable", "canary", "failing"] {
        prometheus.knows_of(track, 1.0).await;
    }
    let (mut good, mut bad) = (1.0, 1.0);
    for at in 1..=requests {
        let fails = fails_every > 0 && at % fails_every == 0;
        let version = if fails { &failing } else { &canary };
        if fails {
            bad += 1.0
        } else {
            good += 1.0
        }
        tokio::join!(stable.ask(&client), version.ask(&client));
    }
    let all = f64::from(requests) + 1.0;
    for (track, count) in [("stable", all), ("canary", good), ("failing", bad)] {
        prometheus.knows_of(track, count).await;
    }
    let tracks = if fails_every > 0 { "canary|failing" } else { "canary" };
    Command::new(env!("CARGO_BIN_EXE_dms"))
        .args(["canary-check", "--prometheus", &prometheus.url, "--window", "1m", "--min-requests", "100"])
        .args(["--canary", &format!("track=~\"{tracks}\""), "--stable", "track=\"stable\""])
        .current_dir(std::env::temp_dir())
        .output()
        .await
        .unwrap()
}

fn said(output: &Output) -> (Option<i32>, String) {
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

#[tokio::test]
async fn a_canary_that_is_as_good_is_promoted() {
    let (code, text) = said(&gate(Duration::ZERO, 0, 300).await);
    assert_eq!(code, Some(0), "{text}");
}

#[tokio::test]
async fn a_canary_that_fails_is_rolled_back() {
    let (code, text) = said(&gate(Duration::ZERO, 20, 300).await);
    assert_eq!(code, Some(10), "{text}");
    assert!(text.contains("of its answers are errors"), "{text}");
}

#[tokio::test]
async fn a_canary_that_is_slow_is_rolled_back() {
    let (code, text) = said(&gate(Duration::from_millis(120), 0, 150).await);
    assert_eq!(code, Some(10), "{text}");
    assert!(text.contains("its p95 is"), "{text}");
}

#[tokio::test]
async fn nothing_is_said_of_a_canary_that_nobody_asked() {
    let (code, text) = said(&gate(Duration::ZERO, 0, 20).await);
    assert_eq!(code, Some(11), "{text}");
}

#[tokio::test]
async fn without_prometheus_the_gate_stays_shut() {
    let output = Command::new(env!("CARGO_BIN_EXE_dms"))
        .args([
            "canary-check",
            "--prometheus",
            "http://127.0.0.1:1",
            "--canary",
            "a=\"b\"",
            "--stable",
            "a=\"c\"",
        ])
        .current_dir(PathBuf::from("/"))
        .output()
        .await
        .unwrap();
    let (code, text) = said(&output);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("Prometheus can't be asked"), "{text}");
}
