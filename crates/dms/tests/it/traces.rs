//! Traces of the real program at collectors that speak the real protocols, and at one that says nothing.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::routing::post;
use bytes::Bytes;
use live_kit::{Client, Server};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use parking_lot::Mutex;
use prost::Message as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";
const KEY: &str = "0fdcec70-0ce5-4085-89d9-9ae8ead9af66";

/// What has come to the collector.
#[derive(Default)]
struct Received {
    /// By OTLP: the service's name and the span.
    spans: Vec<(String, Span)>,
    /// At Application Insights.
    items: Vec<Value>,
}

type Shelf = Arc<Mutex<Received>>;

struct Collector {
    address: String,
    received: Shelf,
    server: JoinHandle<()>,
}

impl Collector {
    async fn start() -> Collector {
        let received = Shelf::default();
        let router = Router::new()
            .route("/v1/traces", post(take_spans))
            .fallback(post(take_items))
            .with_state(received.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Collector { address, received, server }
    }

    /// The first answer that is one.
    async fn wait<T>(&self, what: &str, mut find: impl FnMut(&Received) -> Option<T>) -> T {
        let found = async {
            loop {
                if let Some(found) = find(&self.received.lock()) {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(120), found).await {
            Ok(found) => found,
            Err(_) => {
                let received = self.received.lock();
                let names: Vec<&str> = received.spans.iter().map(|(_, span)| span.name.as_str()).collect();
                panic!("{what} never came; {names:?}; {} items", received.items.len())
            }
        }
    }

    /// The first span of this name and kind.
    async fn span(&self, kind: SpanKind, name: &str) -> Span {
        self.wait(name, |received| {
            let mut spans = received.spans.iter().map(|(_, span)| span);
            spans.find(|span| span.name == name && span.kind() == kind).cloned()
        })
        .await
    }

    fn children(&self, parent: &Span, kind: SpanKind) -> Vec<Span> {
        let received = self.received.lock();
        let spans = received.spans.iter().map(|(_, span)| span);
        spans.filter(|s| s.parent_span_id == parent.span_id && s.kind() == kind).cloned().collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take_spans(State(shelf): State<Shelf>, headers: HeaderMap, body: Bytes) {
    assert_eq!(headers[header::CONTENT_TYPE], "application/x-protobuf");
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    for from in request.resource_spans {
        let service = text(&from.resource.unwrap_or_default().attributes, "service.name").unwrap_or_default();
        let spans = from.scope_spans.into_iter().flat_map(|scope| scope.spans);
        shelf.lock().spans.extend(spans.map(|span| (service.clone(), span)));
    }
}

async fn take_items(State(shelf): State<Shelf>, headers: HeaderMap, body: Bytes) -> axum::Json<Value> {
    assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
    let mut plain = String::new();
    flate2::read::GzDecoder::new(body.as_ref()).read_to_string(&mut plain).unwrap();
    let items: Vec<Value> = serde_json::from_str(&plain).unwrap();
    let count = items.len();
    shelf.lock().items.extend(items);
    axum::Json(json!({"itemsReceived": count, "itemsAccepted": count, "errors": []}))
}

/// An attribute as text.
fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let value = attributes.iter().find(|a| a.key == key)?.value.as_ref()?.value.as_ref()?;
    Some(match value {
        any_value::Value::StringValue(text) => text.clone(),
        any_value::Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Places an order as a caller who has a trace of their own; gives the answer's `traceparent`.
async fn place_order(server: &Server) -> String {
    let mut office = Client::new(server.port());
    let session = office.login("npp01", "Diligo@2026").await;
    let customers = office.get("/api/v1/customers?status=active&pageSize=1").await.unwrap().json();
    let products = office.get("/api/v1/products?pageSize=1").await.unwrap().json();
    let answer = reqwest::Client::new()
        .post(format!("http://127.0.0.1:{}/api/v1/orders", server.port()))
        .bearer_auth(session["accessToken"].as_str().unwrap())
        .header("traceparent", format!("00-{TRACE}-{CALLER}-01"))
        .header("idempotency-key", uuid::Uuid::now_v7().to_string())
        .json(&json!({
            "orderType": "PreSales", "customerId": customers["data"][0]["id"], "notes": "",
            "items": [{"productId": products["data"][0]["id"], "quantity": 1, "unit": "retail"}],
        }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["x-trace-id"], TRACE);
    let traceparent = answer.headers()["traceparent"].to_str().unwrap().to_owned();
    let status = answer.status();
    assert_eq!(status, 201, "{}", answer.text().await.unwrap());
    traceparent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_goes_from_a_request_over_its_statements_and_its_event_to_the_worker_and_the_hub() {
    let collector = Collector::start().await;
    let insights = format!("InstrumentationKey={KEY};IngestionEndpoint={}/", collector.address);
    let settings = [
        // Where it isn't a developer's machine the log is JSON.
        ("DMS_ENVIRONMENT", "staging"),
        ("LogLevel", "info"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.address),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("ApplicationInsights__ConnectionString", &insights),
    ];
    let mut server = Server::start_with(env!("CARGO_BIN_EXE_dms"), &settings).await;
    let traceparent = place_order(&server).await;

    let request = collector.span(SpanKind::Server, "POST /api/v1/orders").await;
    assert_eq!(hex(&request.trace_id), TRACE);
    assert_eq!(hex(&request.parent_span_id), CALLER);
    assert_eq!(traceparent, format!("00-{TRACE}-{}-01", hex(&request.span_id)));
    let said = |key: &str| text(&request.attributes, key);
    assert_eq!(said("http.route").as_deref(), Some("/api/v1/orders"));
    assert_eq!(said("http.response.status_code").as_deref(), Some("201"));
    assert!(said("dms.distributor_id").is_some_and(|id| id.parse::<uuid::Uuid>().is_ok()));
    assert!(!format!("{request:?}").contains("npp01"), "people are not named: {request:?}");

    let live = collector.span(SpanKind::Producer, "live OrderCreated").await;
    let told = collector.span(SpanKind::Consumer, "notifications OrderCreated").await;
    for event in [&live, &told] {
        assert_eq!(event.trace_id, request.trace_id, "{event:?}");
        assert_eq!(event.parent_span_id, request.span_id, "{event:?}");
        assert_ne!(event.status.as_ref().map(|s| s.code()), Some(StatusCode::Error), "{event:?}");
    }
    // They end before the spans around them, so they have come by now.
    let statements = collector.children(&request, SpanKind::Client);
    let written = statements
        .iter()
        .find(|s| text(&s.attributes, "db.query.text").is_some_and(|sql| sql.contains("insert into outbox")))
        .unwrap_or_else(|| panic!("{statements:?}"));
    assert!(written.start_time_unix_nano >= request.start_time_unix_nano, "{written:?}");
    assert!(written.end_time_unix_nano <= request.end_time_unix_nano, "{written:?}");
    for statement in statements.iter().chain(&collector.children(&told, SpanKind::Client)) {
        assert_eq!(statement.trace_id, request.trace_id);
        let sql = text(&statement.attributes, "db.query.text").unwrap();
        assert!(!sql.contains('\'') && !sql.contains("npp01"), "values are not part of it: {sql}");
    }
    assert!(!collector.children(&told, SpanKind::Client).is_empty(), "the worker's statements");

    let (request_item, statement_item) = collector
        .wait("the request at Application Insights", |received| {
            let ours = |kind: &str| {
                let of_trace = received.items.iter().filter(|i| i["tags"]["ai.operation.id"] == TRACE);
                of_trace.into_iter().find(|i| i["data"]["baseType"] == kind).cloned()
            };
            Some((ours("RequestData")?, ours("RemoteDependencyData")?))
        })
        .await;
    assert_eq!(request_item["iKey"], KEY);
    assert_eq!(statement_item["data"]["baseData"]["type"], "postgresql", "{statement_item}");

    let line =
        server.log().lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find(|line| {
            line["fields"]["message"] == "request" && line["fields"]["route"] == "/api/v1/orders"
        });
    let line = line.unwrap_or_else(|| panic!("{}", server.log()));
    assert_eq!(line["trace_id"], TRACE);
    assert_eq!(line["span_id"], hex(&request.span_id));
    assert!(!server.log().contains(KEY));

    // A process that ends sends what it still has; jobs have traces of their own.
    server.stop();
    let run = server.command(&["jobs", "run", "stock-alerts"]);
    assert!(run.status.success(), "{run:?}");
    let job = collector.span(SpanKind::Internal, "job stock-alerts").await;
    assert!(job.parent_span_id.is_empty(), "{job:?}");
    assert!(!collector.children(&job, SpanKind::Client).is_empty(), "its statements");
    let services: Vec<String> =
        collector.received.lock().spans.iter().map(|(name, _)| name.clone()).collect();
    assert!(services.iter().any(|name| name == "dms") && services.iter().any(|name| name == "dms-worker"));
}

/// A process of ours or a neighbour that ends with the test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A client of the hub at this port, by long polling, that has been let in; the address of its connection.
async fn listen(http: &reqwest::Client, hub: u16, token: &str) -> String {
    let hub = format!("http://127.0.0.1:{hub}/hubs/dms");
    let negotiate = http.post(format!("{hub}/negotiate?negotiateVersion=1")).bearer_auth(token);
    let negotiated: Value = negotiate.send().await.unwrap().json().await.unwrap();
    let here = format!("{hub}?id={}", negotiated["connectionToken"].as_str().unwrap());
    // The first poll only opens the connection.
    assert_eq!(http.get(&here).bearer_auth(token).send().await.unwrap().status(), 200);
    let hello = "{\"protocol\":\"json\",\"version\":1}\u{1e}";
    assert_eq!(http.post(&here).bearer_auth(token).body(hello).send().await.unwrap().status(), 200);
    here
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trace_goes_on_in_a_hub_of_its_own() {
    let collector = Collector::start().await;
    let redis_port = free_port();
    let redis = Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &redis_port.to_string(), "--save", "", "--appendonly", "no"])
        .stdout(Stdio::null())
        .spawn()
        .expect("run scripts/setup test, which installs redis-server");
    let _redis = Ends(redis);
    let redis = format!("127.0.0.1:{redis_port}");
    let settings = [
        ("Jwt__SigningKey", "only-for-this-test-0123456789abcdef"),
        ("Redis__ConnectionString", redis.as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.address),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ];
    let server = Server::start_with(env!("CARGO_BIN_EXE_dms"), &settings).await;
    let database = format!("postgres:///dms?host={}&user=dms", server.socket().unwrap().display());
    let (port, metrics) = (free_port(), free_port());
    let hub = Command::new(env!("CARGO_BIN_EXE_dms"))
        .args(["hub", "--port", &port.to_string(), "--metrics-port", &metrics.to_string(), "--data"])
        .arg(server.data().join("hub"))
        .env("ConnectionStrings__DefaultConnection", database)
        .env("LogLevel", "warn")
        .envs(settings)
        .spawn()
        .unwrap();
    let _hub = Ends(hub);
    let mut ready = Client::new(metrics);
    while !ready.get("/health/ready").await.is_ok_and(|answer| answer.status == 200) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let session = Client::new(server.port()).login("npp01", "Diligo@2026").await;
    let http = reqwest::Client::new();
    let token = session["accessToken"].as_str().unwrap();
    let here = listen(&http, port, token).await;
    // The answer to the handshake, and with it that the groups are heard.
    http.get(&here).bearer_auth(token).send().await.unwrap();

    place_order(&server).await;
    let sent = collector.span(SpanKind::Producer, "live OrderCreated").await;
    let heard = collector.span(SpanKind::Consumer, "live hub").await;
    assert_eq!(hex(&heard.trace_id), TRACE);
    assert_eq!(heard.parent_span_id, sent.span_id);
    let service = collector.received.lock().spans.iter().find(|(_, s)| s.span_id == heard.span_id).cloned();
    assert_eq!(service.map(|(name, _)| name).as_deref(), Some("dms-hub"));
    let said = http.get(&here).bearer_auth(token).send().await.unwrap().text().await.unwrap();
    assert!(said.contains("OrderCreated"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn collectors_that_say_nothing_or_are_away_hold_nothing_up() {
    // It takes connections and whatever is sent, and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", silent.local_addr().unwrap());
    let away = format!("InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:1/");
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", nobody.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "10"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "16"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8"),
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", away.as_str()),
    ];
    let mut server = Server::start_with(env!("CARGO_BIN_EXE_dms"), &settings).await;
    let traceparent = place_order(&server).await;
    assert!(traceparent.starts_with(&format!("00-{TRACE}-")));
    // Far more than fits into the queue.
    let mut client = Client::new(server.port());
    client.login("npp01", "Diligo@2026").await;
    for _ in 0..200 {
        assert_eq!(client.get("/api/v1/customers?pageSize=1").await.unwrap().status, 200);
    }
    assert!(!server.log().contains(KEY));
    // Ends although nobody takes what it still has.
    server.stop();
    drop(silent);
}
