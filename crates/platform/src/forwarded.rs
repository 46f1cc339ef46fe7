//! Where a request came from, behind proxies of ours.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

/// Layer around everything: puts the client's address in the place of the last proxy's. `proxies` of ours stand before us,
/// each of which adds whom it heard to the end of `X-Forwarded-For`; what stands before that, anybody may have written.
pub async fn forwarded(proxies: u8, mut request: Request, next: Next) -> Response {
    if let Some(address) = client(request.headers(), proxies) {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, 0)));
    }
    next.run(request).await
}

fn client(headers: &HeaderMap, proxies: u8) -> Option<IpAddr> {
    let nth = usize::from(proxies).checked_sub(1)?;
    let all: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let entry = *all.iter().rev().nth(nth)?;
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(values: &[&'static str], proxies: u8) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        client(&headers, proxies).map(|address| address.to_string())
    }

    #[test]
    fn only_what_our_own_proxies_wrote_is_believed() {
        let said = ["1.1.1.1, 203.0.113.7", "10.0.0.1"];
        assert_eq!(seen(&said, 0), None);
        assert_eq!(seen(&said, 1).as_deref(), Some("10.0.0.1"));
        assert_eq!(seen(&said, 2).as_deref(), Some("203.0.113.7"));
        assert_eq!(seen(&said, 4), None, "nobody wrote so much");
        assert_eq!(seen(&[], 1), None);
    }

    #[test]
    fn addresses_come_with_ports_and_brackets() {
        assert_eq!(seen(&["203.0.113.7:1234"], 1).as_deref(), Some("203.0.113.7"));
        assert_eq!(seen(&["[2001:db8::1]:443"], 1).as_deref(), Some("2001:db8::1"));
        assert_eq!(seen(&["2001:db8::1"], 1).as_deref(), Some("2001:db8::1"));
        assert_eq!(seen(&["unknown"], 1), None);
    }
}
