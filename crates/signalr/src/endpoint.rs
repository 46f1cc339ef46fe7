//! The HTTP side of a hub: negotiation and the opening of transports.

use axum::{
    Json, Router,
    extract::{
        Query, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    Credentials, Hub, HubServer, Rejection, connection,
    error::problem,
    id::ConnectionToken,
    negotiation::{Claim, ClaimError},
};

/// The newest version of the negotiation understood here.
const MAX_NEGOTIATE_VERSION: u32 = 1;

/// A socket reads and writes through buffers of this size; the library's own are far too large for
/// thousands of connections that are idle most of the time.
const SOCKET_BUFFER_BYTES: usize = 4096;

type QueryPairs = Query<Vec<(String, String)>>;

impl<H: Hub> HubServer<H> {
    /// The routes of the hub: `path` and `path/negotiate`. The query of a request may hold the access token:
    /// do not log it.
    ///
    /// # Panics
    /// As [`Router::route`]: the path must begin with a slash.
    pub fn router(&self, path: &str) -> Router {
        let base = path.trim_end_matches('/');
        Router::new()
            .route(&format!("{base}/negotiate"), post(negotiate::<H>))
            .route(if base.is_empty() { "/" } else { base }, get(connect::<H>))
            .with_state(self.clone())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Negotiated<'a> {
    negotiate_version: u32,
    connection_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_token: Option<&'a str>,
    available_transports: [Transport; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transport {
    transport: &'static str,
    transfer_formats: [&'static str; 1],
}

const WEB_SOCKETS: Transport = Transport { transport: "WebSockets", transfer_formats: ["Text"] };

/// Clients send no body to negotiate with; none is read, and a large one is refused.
const NEGOTIATE_BODY_BYTES: u64 = 64 * 1024;

async fn negotiate<H: Hub>(
    State(server): State<HubServer<H>>,
    Query(query): QueryPairs,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > NEGOTIATE_BODY_BYTES) {
        let refused = problem(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.");
        return Err(Rejection::response(refused));
    }
    let user = let_in(&server, &query, &headers).await?;
    let asked = parameter(&query, "negotiateVersion").unwrap_or("0");
    // The token must not stay in caches.
    let uncached = [(header::CACHE_CONTROL, "no-store")];
    let Ok(version) = asked.parse::<u32>() else {
        let error = format!("The client requested an invalid protocol version '{asked}'");
        return Ok((uncached, Json(json!({ "error": error }))).into_response());
    };
    let version = version.min(MAX_NEGOTIATE_VERSION);
    let has_token = version >= 1;
    let (id, token) = server.negotiations().open(Instant::now(), server.hub().user_key(&user), has_token);
    let reply = Negotiated {
        negotiate_version: version,
        connection_id: id.as_str(),
        connection_token: has_token.then_some(token.reveal()),
        available_transports: [WEB_SOCKETS],
    };
    Ok((uncached, Json(reply)).into_response())
}

async fn connect<H: Hub>(
    State(server): State<HubServer<H>>,
    Query(query): QueryPairs,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Rejection> {
    let user = let_in(&server, &query, &headers).await?;
    let upgrade = upgrade.map_err(Rejection::response)?;
    let claim = match parameter(&query, "id") {
        None => Claim::unnegotiated(),
        Some(token) => {
            let user_key = server.hub().user_key(&user);
            let token = ConnectionToken::from_client(token);
            let claim = server.negotiations().claim(Instant::now(), token, user_key.as_deref());
            claim.map_err(|error| match error {
                ClaimError::Unknown => Rejection::response(problem(
                    StatusCode::NOT_FOUND,
                    "There is no such connection. Negotiate a new one.",
                )),
                ClaimError::Taken => {
                    Rejection::response(problem(StatusCode::CONFLICT, "The connection is in use."))
                }
                ClaimError::OtherUser => Rejection::forbidden(),
            })?
        }
    };
    let limit = server.options().max_frame_bytes;
    Ok(upgrade
        .read_buffer_size(SOCKET_BUFFER_BYTES)
        .write_buffer_size(SOCKET_BUFFER_BYTES)
        .max_message_size(limit)
        .max_frame_size(limit)
        .on_upgrade(move |socket| {
            let tasks = server.tasks().clone();
            tasks.track_future(connection::serve(server, claim, user, socket))
        }))
}

async fn let_in<H: Hub>(
    server: &HubServer<H>,
    query: &[(String, String)],
    headers: &HeaderMap,
) -> Result<H::User, Rejection> {
    if server.closing().is_cancelled() {
        return Err(Rejection::unavailable());
    }
    // Browsers cannot set headers when they open a WebSocket.
    let token =
        bearer(headers).or_else(|| parameter(query, "access_token")).filter(|token| !token.is_empty());
    server.hub().authenticate(Credentials::new(token, headers)).await
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// A parameter of the query; the case of its name does not matter.
fn parameter<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
