//! The official JavaScript client, in Node and in Chromium, runs the cases of `tests/js/cases.mjs`.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path as Part, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::{any, get, post},
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use signalr::{HubOptions, HubServer, Transports};
use tokio::{
    net::TcpListener,
    process::Command,
    sync::{mpsc, oneshot},
    time::timeout,
};
use tower::ServiceExt;

use crate::{hub::TestHub, proxy::Proxy};

/// All cases of one client, on a machine that is busy with other tests.
const ALL_CASES: Duration = Duration::from_secs(400);

/// The hubs that come and go during the tests, and the proxies before them.
struct Site {
    port: u16,
    names: AtomicUsize,
    hubs: Mutex<HashMap<String, HubServer<TestHub>>>,
    proxies: Mutex<HashMap<u16, Proxy>>,
    results: Mutex<Option<oneshot::Sender<Value>>>,
}

fn hub(options: HubOptions) -> HubServer<TestHub> {
    HubServer::new(TestHub::new(mpsc::unbounded_channel().0), options).unwrap()
}

fn js_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/js")
}

async fn start(results: Option<oneshot::Sender<Value>>) -> Arc<Site> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = Arc::new(Site {
        port: listener.local_addr().unwrap().port(),
        names: AtomicUsize::new(0),
        hubs: Mutex::default(),
        proxies: Mutex::default(),
        results: Mutex::new(results),
    });
    let ms = Duration::from_millis;
    let default = HubOptions::default;
    let no_sockets = Transports { web_sockets: false, ..Transports::ALL };
    let fixed = [
        ("/hub", default()),
        ("/detailed", HubOptions { detailed_errors: true, ..default() }),
        ("/parallel", HubOptions { parallel_calls: 4, ..default() }),
        ("/one-by-one", default()),
        ("/streams", default()),
        ("/others", default()),
        ("/asking", HubOptions { answer_timeout: ms(400), ..default() }),
        ("/lively", HubOptions { keep_alive_interval: ms(100), ..default() }),
        ("/impatient", HubOptions { client_timeout: ms(400), ..default() }),
        ("/stateless", HubOptions { stateful_reconnect: false, ..default() }),
        ("/no-sockets", HubOptions { transports: no_sockets, ..default() }),
    ];
    let mut router = Router::new()
        .route("/redirect/{hop}/negotiate", post(redirect))
        .route("/volatile/{name}", any(volatile))
        .route("/volatile/{name}/negotiate", any(volatile))
        .route("/control/start", post(start_hub))
        .route("/control/replace/{name}", post(replace_hub))
        .route("/control/proxy", post(start_proxy))
        .route("/control/cut/{port}", post(cut))
        .route("/results", post(take_results))
        .route("/", get(|| async { Html(include_str!("../js/page.html")) }))
        .route("/js/{*path}", get(script))
        .with_state(Arc::clone(&site));
    for (path, options) in fixed {
        router = router.merge(hub(options).router(path));
    }
    let broken = hub(default()).router("/broken-sockets").layer(middleware::from_fn(no_upgrade));
    // Pages also speak to the ports of the proxies.
    let router = router.merge(broken).layer(middleware::from_fn(allow_all_origins));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    site
}

async fn no_upgrade(request: Request, next: Next) -> Response {
    if request.headers().contains_key(header::UPGRADE) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    next.run(request).await
}

async fn allow_all_origins(request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return next.run(request).await;
    };
    let asks = request.method() == axum::http::Method::OPTIONS;
    let mut response = if asks { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "x-requested-with,x-signalr-user-agent,authorization,content-type",
        ),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET,POST,DELETE"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    response
}

async fn redirect(State(site): State<Arc<Site>>, Part(hop): Part<String>, headers: HeaderMap) -> Response {
    let base = format!("http://127.0.0.1:{}", site.port);
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match hop.as_str() {
        "1" => Json(json!({"url": format!("{base}/redirect/2"), "accessToken": "hop"})).into_response(),
        "2" if token == Some("Bearer hop") => {
            Json(json!({"url": format!("{base}/hub"), "accessToken": "redirected"})).into_response()
        }
        "loop" => Json(json!({"url": format!("{base}/redirect/loop")})).into_response(),
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// A hub that does not last; which one, is found for each request.
async fn volatile(
    State(site): State<Arc<Site>>,
    Part(parts): Part<HashMap<String, String>>,
    request: Request,
) -> Response {
    let name = &parts["name"];
    let hub = site.hubs.lock().get(name).cloned();
    match hub {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(hub) => hub.router(&format!("/volatile/{name}")).oneshot(request).await.into_response(),
    }
}

async fn start_hub(State(site): State<Arc<Site>>) -> Json<String> {
    let name = format!("h{}", site.names.fetch_add(1, Ordering::Relaxed));
    site.hubs.lock().insert(name.clone(), hub(HubOptions::default()));
    Json(name)
}

/// Another server takes the place of one that shuts down.
async fn replace_hub(State(site): State<Arc<Site>>, Part(name): Part<String>) -> Json<Value> {
    let old = site.hubs.lock().insert(name, hub(HubOptions::default()));
    if let Some(old) = old {
        tokio::spawn(async move { old.shutdown().await });
    }
    Json(Value::Null)
}

async fn start_proxy(State(site): State<Arc<Site>>) -> Json<u16> {
    let proxy = Proxy::start(site.port).await;
    let port = proxy.port;
    site.proxies.lock().insert(port, proxy);
    Json(port)
}

/// Breaks what goes through a proxy.
async fn cut(State(site): State<Arc<Site>>, Part(port): Part<u16>) -> Json<Value> {
    site.proxies.lock()[&port].cut();
    Json(Value::Null)
}

async fn take_results(State(site): State<Arc<Site>>, body: String) -> Json<Value> {
    if let Some(sender) = site.results.lock().take() {
        sender.send(serde_json::from_str(&body).unwrap()).unwrap();
    }
    Json(Value::Null)
}

async fn script(Part(path): Part<String>) -> Response {
    let file = js_folder().join(&path);
    match tokio::fs::read(&file).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, "text/javascript")], Body::from(bytes)).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What is not passed, and the number of what is. With `SIGNALR_RESULTS` the results are kept in that folder.
fn check(client: &str, results: &Value) {
    let results = results.as_array().unwrap();
    if let Some(folder) = std::env::var_os("SIGNALR_RESULTS") {
        std::fs::create_dir_all(&folder).unwrap();
        let file = Path::new(&folder).join(format!("{client}.json"));
        std::fs::write(file, serde_json::to_vec_pretty(results).unwrap()).unwrap();
    }
    let failed: Vec<String> = results
        .iter()
        .filter(|result| result["pass"] != true)
        .map(|result| {
            format!(
                "{} {} ({} {}): {}",
                result["case"], result["name"], result["transport"], result["protocol"], result["error"]
            )
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} failed:\n{}", failed.len(), results.len(), failed.join("\n"));
    assert!(results.len() > 100 || only().is_some(), "only {} cases have run", results.len());
}

/// Numbers of cases, for a short run: `SIGNALR_CASES=38,39`.
fn only() -> Option<String> {
    std::env::var("SIGNALR_CASES").ok()
}

fn need_packages() {
    assert!(
        js_folder().join("node_modules/@microsoft/signalr/package.json").exists(),
        "the official client is missing: run scripts/setup test"
    );
}

async fn output(command: &mut Command) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let child = child.spawn().expect("run scripts/setup test, which installs node and chromium");
    timeout(ALL_CASES, child.wait_with_output()).await.expect("the cases take too long").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_client_in_node_passes_its_cases() {
    need_packages();
    let site = start(None).await;
    let mut command = Command::new("node");
    command.arg(js_folder().join("node.mjs")).arg(format!("http://127.0.0.1:{}", site.port)).args(only());
    let output = output(&mut command).await;
    let text = String::from_utf8_lossy(&output.stdout);
    let Some(results) = text.lines().last() else {
        panic!("no results: {}", String::from_utf8_lossy(&output.stderr));
    };
    check("node", &serde_json::from_str(results).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_client_in_chromium_passes_its_cases() {
    need_packages();
    let (sender, results) = oneshot::channel();
    let site = start(Some(sender)).await;
    let profile = std::env::temp_dir().join(format!("signalr-chromium-{}", std::process::id()));
    let only = only().map(|only| format!("?only={only}")).unwrap_or_default();
    let browser = Command::new("chromium")
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("http://127.0.0.1:{}/{only}", site.port))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("run scripts/setup test, which installs chromium");
    let results = timeout(ALL_CASES, results).await;
    drop(browser);
    // Chromium may still write into it, which is no concern of the test.
    let _ = std::fs::remove_dir_all(&profile);
    check("chromium", &results.expect("the cases take too long").unwrap());
}
