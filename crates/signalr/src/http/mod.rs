//! The HTTP side of a hub: negotiation, and the requests that transports consist of.

mod negotiate;
mod transports;

use axum::{
    Router,
    extract::Query,
    http::{HeaderMap, StatusCode, header},
    routing::{get, post},
};

use crate::{
    Credentials, Hub, HubServer, Rejection,
    error::problem,
    id::ConnectionToken,
    table::{ClaimError, Visitor},
};

type QueryPairs = Query<Vec<(String, String)>>;

impl<H: Hub> HubServer<H> {
    /// The routes of the hub: `path` and `path/negotiate`. The query of a request may hold the access token:
    /// do not log it.
    ///
    /// # Panics
    /// As [`Router::route`]: the path must begin with a slash.
    pub fn router(&self, path: &str) -> Router {
        let base = path.trim_end_matches('/');
        let negotiate = Router::new().route(&format!("{base}/negotiate"), post(negotiate::negotiate::<H>));
        #[cfg(feature = "azure")]
        if let crate::scale::Scale::Azure(_) = &self.inner.scale {
            return negotiate
                .route(&format!("{base}/upstream"), post(crate::azure::upstream::receive::<H>))
                .with_state(self.clone());
        }
        let methods = get(transports::open::<H>).post(transports::post::<H>).delete(transports::end::<H>);
        negotiate.route(if base.is_empty() { "/" } else { base }, methods).with_state(self.clone())
    }
}

/// A client that is let in.
pub(crate) async fn let_in<H: Hub>(
    server: &HubServer<H>,
    query: &[(String, String)],
    headers: &HeaderMap,
) -> Result<H::User, Rejection> {
    if server.closing().is_cancelled() || server.table().is_closed() {
        return Err(Rejection::unavailable());
    }
    known(server, query, headers).await
}

/// A client that may go on.
async fn known<H: Hub>(
    server: &HubServer<H>,
    query: &[(String, String)],
    headers: &HeaderMap,
) -> Result<H::User, Rejection> {
    // Browsers cannot set headers when they open a WebSocket or listen to events.
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

fn visitor<'a>(token: &str, user_key: Option<&'a str>) -> Visitor<'a> {
    Visitor { token: ConnectionToken::from_client(token), user_key }
}

impl From<ClaimError> for Rejection {
    fn from(error: ClaimError) -> Self {
        let (status, text) = match error {
            ClaimError::Unknown => {
                (StatusCode::NOT_FOUND, "There is no such connection. Negotiate a new one.")
            }
            ClaimError::Taken => (StatusCode::CONFLICT, "The connection is in use."),
            ClaimError::OtherUser => return Self::forbidden(),
            ClaimError::OtherTransport => {
                (StatusCode::BAD_REQUEST, "The connection uses another transport, which cannot be changed.")
            }
        };
        Self::response(problem(status, text))
    }
}
