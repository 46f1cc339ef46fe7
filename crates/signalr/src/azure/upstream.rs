//! What the service tells us: who comes and goes, and what clients call.

use axum::{
    body::to_bytes,
    extract::{Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue as RawJson;

use super::{AzureSettings, jwt};
use crate::{
    Connection, ConnectionId, Credentials, DisconnectReason, Hub, HubError, HubServer, Rejection,
    arguments::Given,
    error::problem,
    methods::{Answer, Kind, Reply},
    proto::{
        Protocol,
        value::{RawValue, encoded},
    },
    scale::Scale,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JsonCall {
    #[serde(alias = "invocationId")]
    invocation_id: Option<String>,
    #[serde(alias = "target")]
    target: String,
    #[serde(alias = "arguments", default)]
    arguments: Vec<Box<RawJson>>,
}

/// The same as MessagePack.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PackCall {
    #[serde(default)]
    invocation_id: Option<String>,
    target: String,
    #[serde(default)]
    arguments: Vec<serde_json::Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    error: String,
}

/// One request of the service.
pub(crate) async fn receive<H: Hub>(
    State(server): State<HubServer<H>>,
    Query(query): Query<Vec<(String, String)>>,
    request: Request,
) -> Result<Response, Rejection> {
    let Scale::Azure(service) = &server.inner.scale else { return Err(Rejection::forbidden()) };
    let (parts, body) = request.into_parts();
    let headers = &parts.headers;
    let id = text(headers, "x-asrs-connection-id").unwrap_or_default();
    let code = query.iter().find(|(name, _)| name == "code").map(|(_, value)| value.as_str());
    check(&service.settings, id, code, text(headers, "x-asrs-signature").unwrap_or_default())?;
    if !text(headers, "x-asrs-hub").is_some_and(|hub| hub.eq_ignore_ascii_case(&service.hub)) {
        return Err(refused(StatusCode::NOT_FOUND, "This is another hub."));
    }
    let credentials = Credentials { token: None, headers, service_user: text(headers, "x-asrs-user-id") };
    let user = server.hub().authenticate(credentials).await?;
    let connection = Connection::at_service(server.clone(), ConnectionId::from_text(id), user);
    let limit = server.options().max_frame_bytes;
    let body = to_bytes(body, limit)
        .await
        .map_err(|_| refused(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."))?;
    match (text(headers, "x-asrs-category"), text(headers, "x-asrs-event")) {
        (Some("connections"), Some("connected")) => match server.hub().on_connected(&connection).await {
            Ok(()) => Ok(StatusCode::OK.into_response()),
            Err(error) => {
                tracing::error!(connection = %id, %error, "a connection is not greeted");
                connection.abort(crate::Reconnect::Forbid).await;
                Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response())
            }
        },
        (Some("connections"), Some("disconnected")) => {
            let reason = disconnect_reason(&body);
            server.hub().on_disconnected(&connection, reason).await;
            Ok(StatusCode::OK.into_response())
        }
        (Some("messages"), Some(_)) => {
            let packed = text(headers, header::CONTENT_TYPE.as_str()) == Some("application/x-msgpack");
            call(connection, &body, if packed { Protocol::MessagePack } else { Protocol::Json }).await
        }
        _ => Err(refused(StatusCode::BAD_REQUEST, "This event is not known.")),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn refused(status: StatusCode, text: &str) -> Rejection {
    Rejection::response(problem(status, text))
}

/// The signature covers the id of the connection only, so that it could be used again: hence the secret.
fn check(settings: &AzureSettings, id: &str, code: Option<&str>, signatures: &str) -> Result<(), Rejection> {
    let knows_secret = settings.upstream_secret.as_deref().is_none_or(|secret| {
        let code = code.unwrap_or_default();
        // As long for every code of the right length.
        code.len() == secret.len() && code.bytes().zip(secret.bytes()).fold(0, |d, (a, b)| d | (a ^ b)) == 0
    });
    if id.is_empty() || !knows_secret || !jwt::is_signed(&settings.keys, id, signatures) {
        return Err(Rejection::unauthorized());
    }
    Ok(())
}

fn disconnect_reason(body: &Bytes) -> DisconnectReason {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Left {
        error: Option<String>,
    }
    match serde_json::from_slice::<Left>(body) {
        Ok(Left { error: Some(error) }) if !error.is_empty() => DisconnectReason::TransportLost,
        _ => DisconnectReason::Client,
    }
}

async fn call<H: Hub>(
    connection: Connection<H>,
    body: &Bytes,
    protocol: Protocol,
) -> Result<Response, Rejection> {
    let malformed = || refused(StatusCode::BAD_REQUEST, "The body is not a call.");
    // Values of either kind are read as JSON: what they may hold beyond that cannot be answered either.
    let (id, target, arguments) = match protocol {
        Protocol::Json => {
            let call: JsonCall = serde_json::from_slice(body).map_err(|_| malformed())?;
            let values = call.arguments.into_iter().map(|value| {
                RawValue::new(Protocol::Json, Bytes::from(Box::<str>::from(value).into_string()))
            });
            (call.invocation_id, call.target, values.collect())
        }
        Protocol::MessagePack => {
            let call: PackCall = rmp_serde::from_slice(body).map_err(|_| malformed())?;
            let values: Result<Vec<RawValue>, _> =
                call.arguments.iter().map(|value| encoded(value, Protocol::MessagePack)).collect();
            (call.invocation_id, call.target, values.map_err(|_| malformed())?)
        }
    };
    let outcome = run(connection.clone(), &target, arguments, protocol).await;
    let waits = id.is_some_and(|id| !id.is_empty());
    let kind = match protocol {
        Protocol::Json => "application/json",
        Protocol::MessagePack => "application/x-msgpack",
    };
    let answer =
        |status: StatusCode, value: Bytes| (status, [(header::CONTENT_TYPE, kind)], value).into_response();
    match outcome {
        Ok(Reply(Answer::Value(value))) if waits => Ok(answer(StatusCode::OK, value.bytes().clone())),
        Ok(_) => Ok(StatusCode::OK.into_response()),
        Err(error) => {
            tracing::debug!(connection = %connection.id(), ?target, %error, "hub method failed");
            let text = error.completion_text(&target, connection.server().options().detailed_errors);
            let failure = encoded(&Failure { error: text }, protocol).map_err(|_| malformed())?;
            Ok(answer(StatusCode::BAD_REQUEST, failure.bytes().clone()))
        }
    }
}

async fn run<H: Hub>(
    connection: Connection<H>,
    target: &str,
    arguments: Vec<RawValue>,
    protocol: Protocol,
) -> Result<Reply, HubError> {
    let server = connection.server().clone();
    let method = server.methods().find(target).filter(|method| method.kind == Kind::Once);
    let method = method.ok_or(HubError::UnknownMethod)?;
    crate::connection::caught(method.run(connection, Given::new(protocol, arguments, Vec::new()))).await
}
