use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use uuid::Uuid;

/// A signed-in client with one connection that it keeps open, as a phone or a browser tab does.
pub struct Client {
    address: SocketAddr,
    host: String,
    token: String,
    connection: Option<SendRequest<Full<Bytes>>>,
}

/// An account that is signed in.
#[derive(Clone)]
pub struct Session(String);

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The JSON body; null when it isn't JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// No answer came: the connection broke, or could not be made. Whether the request took effect is not known.
#[derive(Debug)]
pub struct Lost(pub String);

impl Client {
    /// A client of the server on this port, not signed in.
    pub fn new(port: u16) -> Client {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Client { address, host: address.to_string(), token: String::new(), connection: None }
    }

    /// Another client with the same account and a connection of its own.
    #[must_use]
    pub fn twin(&self) -> Client {
        Client { address: self.address, host: self.host.clone(), token: self.token.clone(), connection: None }
    }

    /// What the client is signed in as.
    pub fn session(&self) -> Session {
        Session(self.token.clone())
    }

    /// Speaks for another account from now on, on the same connection.
    pub fn act_as(&mut self, session: &Session) {
        self.token.clone_from(&session.0);
    }

    /// Signs in.
    ///
    /// # Panics
    /// When the server doesn't answer or refuses.
    pub async fn login(&mut self, username: &str, password: &str) -> Value {
        let body = serde_json::json!({"username": username, "password": password});
        let answer = self.post("/api/v1/auth/login", None, &body).await.expect("an answer to the login");
        assert_eq!(answer.status, 200, "login of {username}: {:?}", answer.body);
        let session = answer.json();
        self.token = session["accessToken"].as_str().expect("an access token").to_owned();
        session
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn get(&mut self, path: &str) -> Result<Answer, Lost> {
        self.send(Method::GET, path, None, Bytes::new()).await
    }

    /// Sends JSON, under an idempotency key if there is one.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn post(&mut self, path: &str, key: Option<Uuid>, body: &Value) -> Result<Answer, Lost> {
        self.send_json(path, key, Bytes::from(body.to_string())).await
    }

    /// Puts JSON in the place of what is there.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn put(&mut self, path: &str, body: &Value) -> Result<Answer, Lost> {
        self.send(Method::PUT, path, None, Bytes::from(body.to_string())).await
    }

    /// Like [`Client::post`], for JSON that was written before.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn send_json(&mut self, path: &str, key: Option<Uuid>, body: Bytes) -> Result<Answer, Lost> {
        self.send(Method::POST, path, key, body).await
    }

    /// One attempt on the open connection, or on a new one when there is none.
    ///
    /// # Errors
    /// When no answer comes; the next attempt makes a new connection.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        key: Option<Uuid>,
        body: Bytes,
    ) -> Result<Answer, Lost> {
        let answer = self.attempt(method, path, key, body).await;
        if answer.is_err() {
            self.connection = None;
        }
        answer
    }

    async fn attempt(
        &mut self,
        method: Method,
        path: &str,
        key: Option<Uuid>,
        body: Bytes,
    ) -> Result<Answer, Lost> {
        if self.connection.as_ref().is_none_or(SendRequest::is_closed) {
            self.connection = Some(self.connect().await?);
        }
        let connection = self.connection.as_mut().ok_or_else(|| Lost("no connection".into()))?;
        let mut request = Request::builder().method(method).uri(path).header("host", &self.host);
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key.to_string());
        }
        let request = request.body(Full::new(body)).map_err(lost)?;
        connection.ready().await.map_err(lost)?;
        let response = connection.send_request(request).await.map_err(lost)?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(lost)?.to_bytes();
        Ok(Answer { status, body })
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Lost> {
        let stream = TcpStream::connect(self.address).await.map_err(lost)?;
        stream.set_nodelay(true).map_err(lost)?;
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        // It ends by itself when the connection does; what it has to say reaches the request.
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender)
    }
}

fn lost(error: impl std::fmt::Display) -> Lost {
    Lost(error.to_string())
}
