//! Azure SignalR Service in serverless mode, against a fake that speaks its HTTP.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::any,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::Sha256;
use signalr::{
    Audience, AzureSettings, Connection, ConnectionId, Credentials, DisconnectReason, Hub, HubError,
    HubOptions, HubServer, HubSetupError, InvokeError, Methods, Reconnect, Rejection,
};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::hub::TestHub;

const KEY: &str = "a key that is long enough for the service==";
const OTHER_KEY: &str = "the key that comes next in rotation, also long";

/// A hub without streams.
#[derive(Default)]
struct Serverless {
    log: Mutex<Vec<String>>,
}

impl Hub for Serverless {
    type User = String;

    fn methods(methods: &mut Methods<Self>) {
        methods
            .call("Add", async |_: Connection<Self>, a: i64, b: i64| Ok(a + b))
            .call("Join", join)
            .call("Refuse", async |_: Connection<Self>| Err::<(), _>(HubError::client("no stock")))
            .call("Who", async |c: Connection<Self>| Ok(format!("{} at {}", c.user(), c.id())));
    }

    async fn authenticate(&self, credentials: Credentials<'_>) -> Result<String, Rejection> {
        credentials.token.or(credentials.service_user).map(str::to_owned).ok_or_else(Rejection::unauthorized)
    }

    fn user_key(&self, user: &String) -> Option<String> {
        Some(user.clone())
    }

    async fn on_connected(&self, connection: &Connection<Self>) -> Result<(), HubError> {
        self.log.lock().push(format!("hello {}", connection.user()));
        connection.add_to_group("everyone").await
    }

    async fn on_disconnected(&self, connection: &Connection<Self>, reason: DisconnectReason) {
        self.log.lock().push(format!("bye {} {reason:?}", connection.user()));
    }
}

async fn join(connection: Connection<Serverless>, group: String) -> Result<(), HubError> {
    connection.add_to_group(&group).await
}

/// What the service was told.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    method: String,
    path: String,
    query: String,
    token: Value,
    body: Value,
}

#[derive(Default)]
struct Service {
    told: Mutex<Vec<Told>>,
    /// What it answers next, before it says yes.
    answers: Mutex<Vec<u16>>,
}

struct Setup {
    hub: HubServer<Serverless>,
    service: Arc<Service>,
    endpoint: String,
}

fn hmac(key: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The claims of a token that was signed with the key.
fn claims(token: &str) -> Value {
    let (text, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(signature, BASE64_URL_SAFE_NO_PAD.encode(hmac(KEY, text)));
    let (head, claims) = text.split_once('.').unwrap();
    assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(head).unwrap(), br#"{"alg":"HS256","typ":"JWT"}"#);
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

async fn take(State(service): State<Arc<Service>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let token = parts.headers["authorization"].to_str().unwrap().strip_prefix("Bearer ").unwrap();
    let told = Told {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        token: claims(token),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    service.told.lock().push(told);
    let answer = service.answers.lock().pop().unwrap_or(202);
    let status = StatusCode::from_u16(answer).unwrap();
    (status, [("retry-after", "0")]).into_response()
}

async fn start() -> Setup {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let service = Arc::new(Service::default());
    let router = Router::new().fallback(any(take)).with_state(Arc::clone(&service));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let settings =
        AzureSettings::parse(&format!("Endpoint={endpoint};AccessKey={KEY};Version=1.0;")).unwrap();
    let settings = settings.other_key(OTHER_KEY).upstream_secret("a secret code");
    let hub = HubServer::with_azure(Serverless::default(), HubOptions::default(), settings, "Chat").unwrap();
    Setup { hub, service, endpoint }
}

impl Setup {
    fn told(&self) -> Vec<Told> {
        std::mem::take(&mut self.service.told.lock())
    }

    /// A request of the service: its event, who signs it, and the answer.
    async fn upstream(&self, event: (&str, &str), key: &str, body: &str) -> (u16, Value) {
        let signature = format!("sha256={},sha256=00", hex::encode(hmac(key, "c1")));
        let headers = [
            ("x-asrs-connection-id", "c1"),
            ("x-asrs-hub", "chat"),
            ("x-asrs-category", event.0),
            ("x-asrs-event", event.1),
            ("x-asrs-user-id", "lan"),
            ("x-asrs-signature", &signature),
            ("content-type", "application/json"),
        ];
        self.raw_upstream("/hub/upstream?code=a%20secret%20code", &headers, body).await
    }

    async fn raw_upstream(&self, uri: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let mut request = Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.hub.router("/hub").oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes: Bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

#[tokio::test]
async fn clients_are_let_in_and_redirected_with_a_token_for_the_service() {
    let setup = start().await;
    let negotiate = |token: Option<&str>| {
        let mut request = Request::post("/hub/negotiate?negotiateVersion=1");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        setup.hub.router("/hub").oneshot(request.body(Body::empty()).unwrap())
    };
    assert_eq!(negotiate(None).await.unwrap().status(), 401);
    let response = negotiate(Some("lan")).await.unwrap();
    assert_eq!(response.status(), 200);
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let Json(redirect): Json<Value> = Json::from_bytes(&bytes).unwrap();
    let address = format!("{}/client/?hub=chat", setup.endpoint);
    assert_eq!(redirect["url"], address);
    let token = redirect["accessToken"].as_str().unwrap();
    assert!(token.len() <= 4096);
    let claims = claims(token);
    assert_eq!((&claims["aud"], &claims["nameid"]), (&json!(address), &json!("lan")));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3600);
}

#[tokio::test]
async fn events_and_memberships_are_told_to_the_service() {
    let setup = start().await;
    let (hub, id) = (&setup.hub, ConnectionId::from_text("c/1"));
    let except = [ConnectionId::from_text("x"), ConnectionId::from_text("y")];
    hub.send(&Audience::All, &except, "E", (1, "ô")).await.unwrap();
    hub.send_group("a b", "E", (1, "ô")).await.unwrap();
    hub.send_user("lan", "E", (1, "ô")).await.unwrap();
    hub.send_connection(&id, "E", (1, "ô")).await.unwrap();
    let sent = setup.told();
    assert!(
        sent.iter()
            .all(|told| told.method == "POST" && told.body == json!({"target": "E", "arguments": [1, "ô"]}))
    );
    assert!(hub.add_to_group(&id, "g").await.unwrap());
    assert!(hub.remove_from_group(&id, "g").await.unwrap());
    hub.disconnect(&id, Reconnect::Forbid).await.unwrap();
    hub.disconnect_user("lan", Reconnect::Allow).await.unwrap();
    let told: Vec<Told> = sent.into_iter().chain(setup.told()).collect();
    let seen: Vec<(&str, &str)> = told.iter().map(|t| (t.method.as_str(), t.path.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("POST", "/api/hubs/chat/:send"),
            ("POST", "/api/hubs/chat/groups/a%20b/:send"),
            ("POST", "/api/hubs/chat/users/lan/:send"),
            ("POST", "/api/hubs/chat/connections/c%2F1/:send"),
            ("PUT", "/api/hubs/chat/groups/g/connections/c%2F1"),
            ("DELETE", "/api/hubs/chat/groups/g/connections/c%2F1"),
            ("DELETE", "/api/hubs/chat/connections/c%2F1"),
            ("POST", "/api/hubs/chat/users/lan/:closeConnections"),
        ]
    );
    assert_eq!(told[0].query, "api-version=2022-06-01&excluded=x&excluded=y");
    for one in &told {
        assert_eq!(one.token["aud"], format!("{}{}", setup.endpoint, one.path));
        assert!(one.query.starts_with("api-version=2022-06-01"));
    }
}

#[tokio::test]
async fn a_service_that_is_busy_or_broken_is_asked_again_but_not_for_ever() {
    let setup = start().await;
    *setup.service.answers.lock() = vec![503, 429, 500];
    setup.hub.send_all("E", (1,)).await.unwrap();
    assert_eq!(setup.told().len(), 4);
    *setup.service.answers.lock() = vec![429; 10];
    setup.hub.send_all("E", (1,)).await.unwrap_err();
    assert_eq!(setup.told().len(), 4);
    *setup.service.answers.lock() = vec![401];
    setup.hub.send_all("E", (1,)).await.unwrap_err();
    assert_eq!(setup.told().len(), 1, "who is refused does not insist");
    *setup.service.answers.lock() = vec![404];
    assert!(!setup.hub.add_to_group(&ConnectionId::from_text("gone"), "g").await.unwrap());
}

#[tokio::test]
async fn who_comes_and_goes_is_told_to_the_hub() {
    let setup = start().await;
    assert_eq!(setup.upstream(("connections", "connected"), KEY, "").await.0, 200);
    assert_eq!(setup.told()[0].path, "/api/hubs/chat/groups/everyone/connections/c1");
    let left = json!({"Error": "the line broke"}).to_string();
    assert_eq!(setup.upstream(("connections", "disconnected"), KEY, &left).await.0, 200);
    assert_eq!(setup.upstream(("connections", "disconnected"), KEY, "{}").await.0, 200);
    assert_eq!(*setup.hub.hub().log.lock(), ["hello lan", "bye lan TransportLost", "bye lan Client"]);
}

#[tokio::test]
async fn what_clients_call_is_run_and_answered() {
    let setup = start().await;
    let call = |id: Option<&str>, target: &str, arguments: Value| {
        json!({"InvocationId": id, "Target": target, "Arguments": arguments}).to_string()
    };
    let event = ("messages", "any");
    assert_eq!(setup.upstream(event, KEY, &call(Some("1"), "add", json!([1, 2]))).await, (200, json!(3)));
    assert_eq!(setup.upstream(event, KEY, &call(Some("1"), "Who", json!([]))).await.1, "lan at c1");
    assert_eq!(setup.upstream(event, KEY, &call(None, "add", json!([1, 2]))).await, (200, Value::Null));
    assert_eq!(setup.upstream(event, KEY, &call(None, "Join", json!(["g"]))).await.0, 200);
    assert_eq!(setup.told()[0].path, "/api/hubs/chat/groups/g/connections/c1");
    for (target, arguments, error) in [
        ("nope", json!([]), "Unknown hub method 'nope'"),
        ("Add", json!(["x"]), "Failed to invoke 'Add' due to an error on the server."),
        (
            "Refuse",
            json!([]),
            "An unexpected error occurred invoking 'Refuse' on the server. HubException: no stock",
        ),
    ] {
        let answer = setup.upstream(event, KEY, &call(Some("1"), target, arguments)).await;
        assert_eq!(answer, (400, json!({ "Error": error })));
    }
    assert_eq!(setup.upstream(event, KEY, "no call").await.0, 400);
    assert_eq!(setup.upstream(("other", "any"), KEY, "{}").await.0, 400);
}

#[tokio::test]
async fn only_the_service_is_listened_to() {
    let setup = start().await;
    let event = ("connections", "connected");
    assert_eq!(setup.upstream(event, OTHER_KEY, "").await.0, 200, "the key that comes next");
    assert_eq!(setup.upstream(event, "another key", "").await.0, 401);
    let good = format!("sha256={}", hex::encode(hmac(KEY, "c1")));
    let headers = |id: &'static str, hub: &'static str, signature: Option<&str>| {
        let mut map = HeaderMap::new();
        for (name, value) in [
            ("x-asrs-connection-id", Some(id)),
            ("x-asrs-hub", Some(hub)),
            ("x-asrs-category", Some("connections")),
            ("x-asrs-event", Some("connected")),
            ("x-asrs-user-id", Some("lan")),
            ("x-asrs-signature", signature),
        ] {
            if let Some(value) = value {
                map.insert(name, value.parse().unwrap());
            }
        }
        map
    };
    let coded = "/hub/upstream?code=a%20secret%20code";
    for (uri, headers, status) in [
        (coded, headers("c1", "chat", Some(&good)), 200),
        (coded, headers("c1", "chat", None), 401),
        (coded, headers("c2", "chat", Some(&good)), 401),
        (coded, headers("", "chat", Some(&good)), 401),
        (coded, headers("c1", "other", Some(&good)), 404),
        ("/hub/upstream", headers("c1", "chat", Some(&good)), 401),
        ("/hub/upstream?code=a%20secret%20kode", headers("c1", "chat", Some(&good)), 401),
    ] {
        let mut request = Request::post(uri).body(Body::empty()).unwrap();
        *request.headers_mut() = headers;
        let response = setup.hub.router("/hub").oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{uri}");
    }
}

#[tokio::test]
async fn what_needs_a_connection_to_this_process_is_refused_at_the_start_or_at_once() {
    let settings = AzureSettings::parse(&format!("Endpoint=http://x;AccessKey={KEY}")).unwrap();
    let (sender, _goodbyes) = tokio::sync::mpsc::unbounded_channel();
    let refused = HubServer::with_azure(TestHub::new(sender), HubOptions::default(), settings, "chat");
    assert!(matches!(refused, Err(HubSetupError::Streams)));
    let setup = start().await;
    let asked = setup.hub.ask::<i32>(&ConnectionId::from_text("c"), "Double", (1,)).await;
    assert!(matches!(asked, Err(InvokeError::Unsupported)));
}
