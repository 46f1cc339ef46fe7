//! How many requests somebody may make: a quota a minute of each user, and of each address for requests without a valid
//! token. Addresses of mobile networks are shared by thousands, so signed-in users don't use up their address's.

use std::net::IpAddr;

use adapters::redis::{Quota, Verdict};
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::UserId;

use crate::observe::RequestInfo;
use crate::{ApiError, App};

/// Counts a request of the user.
pub(crate) async fn of_user(app: &App, info: &RequestInfo, user: UserId) -> Result<(), ApiError> {
    count(app, info, &format!("user:{user}")).await
}

/// Layer: counts requests without a token, and those whose token isn't good, against their address.
pub async fn by_address(State(app): State<App>, request: Request, next: Next) -> Response {
    let info = request.extensions().get::<RequestInfo>().cloned().unwrap_or_default();
    let key = format!("address:{}", network(info.address.as_deref().unwrap_or_default()));
    if !request.headers().contains_key(AUTHORIZATION) {
        if let Err(error) = count(&app, &info, &key).await {
            return error.into_response();
        }
        return next.run(request).await;
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED
        && let Err(error) = count(&app, &info, &key).await
    {
        return error.into_response();
    }
    response
}

async fn count(app: &App, info: &RequestInfo, key: &str) -> Result<(), ApiError> {
    let Some(limit) = app.config.rate_limit() else { return Ok(()) };
    let verdict = app.shared.take(key, Quota::per_minute(limit)).await;
    info.note_limit(verdict);
    match verdict.retry_after {
        None => Ok(()),
        Some(wait) => {
            metrics::counter!("http_requests_limited_total").increment(1);
            Err(ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "Bạn gửi quá nhiều yêu cầu. Hãy thử lại sau ít giây.",
                "Too many requests. Try again in a few seconds.",
            )
            .retry_after(u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX)))
        }
    }
}

/// What one household or server has of addresses: all of an IPv4 one, half of an IPv6 one.
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(six)) => match six.to_ipv4_mapped() {
            Some(four) => four.to_string(),
            None => six.segments().iter().take(4).map(|s| format!("{s:x}:")).collect(),
        },
        _ => address.to_owned(),
    }
}

/// Says in an answer where its sender stands.
pub(crate) fn tell(headers: &mut HeaderMap, verdict: Verdict) {
    let reset = u32::try_from(verdict.reset.as_secs_f64().ceil() as u64).unwrap_or(u32::MAX);
    headers.insert("x-ratelimit-limit", HeaderValue::from(verdict.limit));
    headers.insert("x-ratelimit-remaining", HeaderValue::from(verdict.remaining));
    headers.insert("x-ratelimit-reset", HeaderValue::from(reset));
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn an_address_is_counted_with_its_neighbours() {
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::9"), network("2001:db8:1:3::9"));
    }
}
