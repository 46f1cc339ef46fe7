//! Agreeing on a connection.

use axum::{
    Json,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;

use super::{QueryPairs, let_in, parameter};
use crate::{Hub, HubServer, Rejection, Transport, Transports, error::problem, table::Agreement};

/// The newest version of the negotiation understood here.
const MAX_VERSION: u32 = 1;

/// Clients send no body to negotiate with; none is read, and a large one is refused.
const MAX_BODY_BYTES: u64 = 64 * 1024;

/// The token must not stay in caches.
const UNCACHED: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    negotiate_version: u32,
    connection_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_token: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    use_stateful_reconnect: bool,
    available_transports: Vec<Offer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Offer {
    transport: &'static str,
    transfer_formats: &'static [&'static str],
}

pub(super) async fn negotiate<H: Hub>(
    State(server): State<HubServer<H>>,
    Query(query): QueryPairs,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Err(Rejection::response(problem(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.")));
    }
    let user = let_in(&server, &query, &headers).await?;
    let user_key = server.hub().user_key(&user);
    #[cfg(feature = "azure")]
    if let crate::scale::Scale::Azure(service) = &server.inner.scale {
        let redirect = service.redirect(user_key.as_deref(), server.hub().valid_for(&user));
        return Ok((UNCACHED, Json(redirect)).into_response());
    }
    let options = server.options();
    let version = match agree_on_version(parameter(&query, "negotiateVersion"), options.min_negotiate_version)
    {
        Ok(version) => version,
        Err(error) => return Ok((UNCACHED, Json(json!({ "error": error }))).into_response()),
    };
    let asks = parameter(&query, "useStatefulReconnect").is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let agreement = Agreement {
        user_key,
        secret_token: version >= 1,
        stateful: asks && options.stateful_reconnect && options.transports.web_sockets,
    };
    let (stateful, has_token) = (agreement.stateful, agreement.secret_token);
    let id = server.new_id();
    let token = server.table().open(Instant::now(), id.clone(), agreement);
    let reply = Reply {
        negotiate_version: version,
        connection_id: id.as_str(),
        connection_token: has_token.then_some(token.reveal()),
        use_stateful_reconnect: stateful,
        available_transports: offers(options.transports),
    };
    Ok((UNCACHED, Json(reply)).into_response())
}

fn agree_on_version(asked: Option<&str>, min: u32) -> Result<u32, String> {
    let asked = asked.unwrap_or("0");
    let Ok(version) = asked.parse::<u32>() else {
        return Err(format!("The client requested an invalid protocol version '{asked}'"));
    };
    if version < min {
        return Err(format!(
            "The client requested version '{version}', but the server does not support this version."
        ));
    }
    Ok(version.min(MAX_VERSION))
}

fn offers(transports: Transports) -> Vec<Offer> {
    let all = [
        (transports.web_sockets, Transport::WebSockets),
        (transports.server_sent_events, Transport::ServerSentEvents),
        (transports.long_polling, Transport::LongPolling),
    ];
    let offered = all.into_iter().filter(|(on, _)| *on);
    offered
        .map(|(_, transport)| Offer {
            transport: transport.name(),
            transfer_formats: if transport.is_binary() { &["Text", "Binary"] } else { &["Text"] },
        })
        .collect()
}
