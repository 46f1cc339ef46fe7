//! The server around the hub that is tested, and a client that sends what it is told to.

use std::{collections::VecDeque, time::Duration};

use futures_util::{SinkExt, StreamExt};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use signalr::{ConnectionId, DisconnectReason, HubOptions, HubServer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};
use tower::ServiceExt;

use crate::hub::TestHub;

/// Long enough for anything that is bound to happen.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct TestServer {
    pub hub: HubServer<TestHub>,
    pub address: String,
    pub goodbyes: mpsc::UnboundedReceiver<(ConnectionId, DisconnectReason)>,
}

pub async fn start() -> TestServer {
    start_with(HubOptions::default()).await
}

pub async fn start_with(options: HubOptions) -> TestServer {
    let (sender, goodbyes) = mpsc::unbounded_channel();
    let hub = HubServer::new(TestHub::new(sender), options).unwrap();
    serve(hub, goodbyes).await
}

pub async fn serve(
    hub: HubServer<TestHub>,
    goodbyes: mpsc::UnboundedReceiver<(ConnectionId, DisconnectReason)>,
) -> TestServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router = hub.router("/hub");
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    TestServer { hub, address, goodbyes }
}

impl TestServer {
    /// A request without a body to the hub's routes; `path` begins behind `/hub`.
    pub async fn request(&self, method: &str, path: &str, token: Option<&str>) -> (u16, Value) {
        let mut request = axum::http::Request::builder().method(method).uri(format!("/hub{path}"));
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let request = request.body(axum::body::Body::empty()).unwrap();
        let response = self.hub.router("/hub").oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// Negotiates in version 1.
    pub async fn negotiate(&self, token: Option<&str>) -> Value {
        let (status, body) = self.request("POST", "/negotiate?negotiateVersion=1", token).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Opens a WebSocket with a query; the status if that is refused.
    pub async fn open(&self, query: &str) -> Result<Client, u16> {
        self.open_with(query, None).await
    }

    pub async fn open_with(&self, query: &str, token: Option<&str>) -> Result<Client, u16> {
        let token = token.map(|token| format!("Bearer {token}"));
        self.open_by(query, token.as_deref().map(|token| ("Authorization", token))).await
    }

    /// Opens a WebSocket as a page of a site does.
    pub async fn open_from(&self, site: &str) -> Result<Client, u16> {
        self.open_by("", Some(("Origin", site))).await
    }

    async fn open_by(&self, query: &str, header: Option<(&'static str, &str)>) -> Result<Client, u16> {
        let mut request = format!("ws://{}/hub{query}", self.address).into_client_request().unwrap();
        if let Some((name, value)) = header {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Client { socket, records: VecDeque::new() }),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Connects without negotiation and shakes hands.
    pub async fn client(&self) -> Client {
        self.greet("").await
    }

    /// The same as a user.
    pub async fn client_of(&self, token: &str) -> Client {
        self.greet(&format!("?access_token={token}")).await
    }

    async fn greet(&self, query: &str) -> Client {
        let mut client = self.open(query).await.unwrap();
        client.shake_hands().await;
        client
    }

    pub async fn goodbye(&mut self) -> DisconnectReason {
        timeout(PATIENCE, self.goodbyes.recv()).await.unwrap().unwrap().1
    }
}

pub struct Client {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    records: VecDeque<Value>,
}

impl Client {
    pub async fn shake_hands(&mut self) {
        self.send("{\"protocol\":\"json\",\"version\":1}\u{1e}").await;
        assert_eq!(self.next().await, json!({}));
    }

    pub async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub async fn send_record(&mut self, message: Value) {
        self.send(&format!("{message}\u{1e}")).await;
    }

    /// Calls a method and waits for its completion; other messages meanwhile are an error.
    pub async fn invoke(&mut self, target: &str, arguments: Value) -> Value {
        self.send_record(json!({"type": 1, "invocationId": "1", "target": target, "arguments": arguments}))
            .await;
        let completion = self.next().await;
        assert_eq!(completion["type"], 3, "{completion}");
        assert_eq!(completion["invocationId"], "1");
        completion
    }

    pub async fn id(&mut self) -> String {
        self.invoke("id", json!([])).await["result"].as_str().unwrap().to_owned()
    }

    /// The next WebSocket message; `None` when the socket is closed or lost.
    pub async fn next_frame(&mut self) -> Option<Message> {
        match timeout(PATIENCE, self.socket.next()).await.unwrap() {
            Some(Ok(message)) => Some(message),
            Some(Err(_)) | None => None,
        }
    }

    /// The next record, pings included.
    pub async fn next_with_pings(&mut self) -> Value {
        loop {
            if let Some(record) = self.records.pop_front() {
                return record;
            }
            match self.next_frame().await {
                Some(Message::Text(text)) => {
                    let text = text.strip_suffix('\u{1e}').unwrap();
                    self.records.extend(text.split('\u{1e}').map(|r| serde_json::from_str(r).unwrap()));
                }
                other => panic!("expected a record, got {other:?}"),
            }
        }
    }

    pub async fn next(&mut self) -> Value {
        loop {
            let record = self.next_with_pings().await;
            if record != json!({"type": 6}) {
                return record;
            }
        }
    }

    /// The code with which the server closes the socket; nothing may come before.
    pub async fn close_code(&mut self) -> u16 {
        match self.next_frame().await {
            Some(Message::Close(Some(frame))) => frame.code.into(),
            other => panic!("expected a close frame, got {other:?}"),
        }
    }

    /// Reads until the socket is closed, whatever comes.
    pub async fn until_closed(&mut self) {
        while self.next_frame().await.is_some() {}
    }
}

pub fn closed_with(text: &str) -> Value {
    json!({"type": 7, "error": format!("Connection closed with an error. {text}"), "allowReconnect": true})
}

pub fn event(target: &str, arguments: Value) -> Value {
    json!({"type": 1, "target": target, "arguments": arguments})
}
