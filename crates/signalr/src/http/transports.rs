//! The requests that transports consist of.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::{
        Query, Request, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use tokio::{sync::mpsc, time::Instant};

use super::{QueryPairs, known, let_in, parameter, visitor};
use crate::{
    Hub, HubServer, Rejection,
    connection::{HubTask, serve},
    error::problem,
    table::{Claim, ClaimError, Poll, Socket},
    transport::{Link, polls::Polled},
};

/// A socket reads and writes through buffers of these sizes; the library's own are far too large for
/// thousands of connections that are idle most of the time.
/// The one to read is there all the time, and clients say little.
const READ_BUFFER_BYTES: usize = 1024;
const WRITE_BUFFER_BYTES: usize = 4096;

/// `GET`: a WebSocket, a stream of events, or a poll.
pub(super) async fn open<H: Hub>(
    State(server): State<HubServer<H>>,
    Query(query): QueryPairs,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Rejection> {
    let user = let_in(&server, &query, &headers).await?;
    let id = parameter(&query, "id");
    if headers.get(header::UPGRADE).is_some() {
        let upgrade = upgrade.map_err(Rejection::response)?;
        return web_socket(server, user, id, &headers, upgrade);
    }
    let accepts_events = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.to_ascii_lowercase().contains("text/event-stream"));
    let Some(id) = id else {
        return Err(Rejection::response(problem(
            StatusCode::BAD_REQUEST,
            "The id of a connection is needed.",
        )));
    };
    if accepts_events { events(server, user, id) } else { poll(server, user, id).await }
}

fn switched_off() -> Rejection {
    Rejection::response(problem(StatusCode::NOT_FOUND, "This transport is not available."))
}

fn web_socket<H: Hub>(
    server: HubServer<H>,
    user: H::User,
    id: Option<&str>,
    headers: &HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Rejection> {
    let options = server.options();
    if !options.transports.web_sockets {
        return Err(switched_off());
    }
    if let (Some(allowed), Some(origin)) = (&options.allowed_origins, headers.get(header::ORIGIN))
        && !allowed.iter().any(|site| origin.as_bytes().eq_ignore_ascii_case(site.as_bytes()))
    {
        return Err(Rejection::forbidden());
    }
    let socket = match id {
        None => Socket::First(Claim::unnegotiated(server.new_id()), None),
        Some(id) => {
            let user_key = server.hub().user_key(&user);
            server.table().socket(Instant::now(), visitor(id, user_key.as_deref()))?
        }
    };
    let limit = options.max_frame_bytes;
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(limit)
        .max_frame_size(limit);
    let tasks = server.tasks().clone();
    Ok(match socket {
        Socket::First(claim, again) => upgrade.on_upgrade(move |socket| {
            let link = Link::web_socket(socket, again);
            tasks.track_future(serve(HubTask { server, claim, user, link }))
        }),
        Socket::Next(reattach) => upgrade.on_upgrade(move |socket| async move {
            reattach.attach(socket).await;
        }),
    })
}

fn events<H: Hub>(server: HubServer<H>, user: H::User, id: &str) -> Result<Response, Rejection> {
    if !server.options().transports.server_sent_events {
        return Err(switched_off());
    }
    let user_key = server.hub().user_key(&user);
    let (claim, link, events) = server.table().events(Instant::now(), visitor(id, user_key.as_deref()))?;
    let tasks = server.tasks().clone();
    tasks.spawn(serve(HubTask { server, claim, user, link }));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache,no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
        // Neither compression nor a proxy's buffer may hold events back.
        (header::CONTENT_ENCODING, HeaderValue::from_static("identity")),
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(body(events))).into_response())
}

/// A comment first: it sends the headers off, which clients wait for.
fn body(events: mpsc::Receiver<Bytes>) -> impl stream::Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold((true, events), async |(first, mut events)| {
        let event = if first { Bytes::from_static(b":\r\n\r\n") } else { events.recv().await? };
        Some((Ok(event), (false, events)))
    })
}

async fn poll<H: Hub>(server: HubServer<H>, user: H::User, id: &str) -> Result<Response, Rejection> {
    if !server.options().transports.long_polling {
        return Err(switched_off());
    }
    let user_key = server.hub().user_key(&user);
    let polled = match server.table().poll(Instant::now(), visitor(id, user_key.as_deref()))? {
        Poll::First(claim, link) => {
            let tasks = server.tasks().clone();
            tasks.spawn(serve(HubTask { server, claim, user, link: *link }));
            Polled::Nothing
        }
        Poll::Next(polls) => polls.poll(server.options().poll_timeout).await,
    };
    let (status, body) = match polled {
        Polled::Data(body) => (StatusCode::OK, body),
        Polled::Nothing => (StatusCode::OK, Bytes::new()),
        Polled::Over => (StatusCode::NO_CONTENT, Bytes::new()),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "no-cache,no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    Ok((status, headers, body).into_response())
}

/// `POST`: what a client says that listens to events or polls.
pub(super) async fn post<H: Hub>(
    State(server): State<HubServer<H>>,
    Query(query): QueryPairs,
    request: Request,
) -> Result<Response, Rejection> {
    let user = known(&server, &query, request.headers()).await?;
    let Some(id) = parameter(&query, "id") else {
        return Err(Rejection::response(problem(
            StatusCode::BAD_REQUEST,
            "The id of a connection is needed.",
        )));
    };
    let user_key = server.hub().user_key(&user);
    let posts = match server.table().posts(Instant::now(), visitor(id, user_key.as_deref())) {
        Err(ClaimError::OtherTransport) => {
            let text = "Messages travel over the WebSocket of this connection.";
            return Err(Rejection::response(problem(StatusCode::METHOD_NOT_ALLOWED, text)));
        }
        posts => posts?,
    };
    let body = axum::body::to_bytes(request.into_body(), server.options().max_frame_bytes).await;
    let Ok(body) = body else {
        return Err(Rejection::response(problem(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.")));
    };
    // Held while the connection is busy, which slows the client down.
    if !body.is_empty() && posts.send(body).await.is_err() {
        return Err(ClaimError::Unknown.into());
    }
    Ok(([(header::CONTENT_TYPE, "text/plain")], ()).into_response())
}

/// `DELETE`: a client that polls says good-bye.
pub(super) async fn end<H: Hub>(
    State(server): State<HubServer<H>>,
    Query(query): QueryPairs,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let user = known(&server, &query, &headers).await?;
    let Some(id) = parameter(&query, "id") else {
        return Err(Rejection::response(problem(
            StatusCode::BAD_REQUEST,
            "The id of a connection is needed.",
        )));
    };
    let user_key = server.hub().user_key(&user);
    server.table().polls(Instant::now(), visitor(id, user_key.as_deref()))?.leave();
    Ok(StatusCode::ACCEPTED.into_response())
}
