//! Around every request: a trace id, one log line, the metrics the alert rules read, and errors as problem+json in the
//! client's language.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use adapters::redis::Verdict;
use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use parking_lot::Mutex;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::error::Carried;
use crate::{ApiError, Language, limit};

/// What is known of a request, for those who act on it.
#[derive(Debug, Clone, Default)]
pub struct RequestInfo {
    /// Names the request in logs and errors.
    pub trace_id: String,
    /// The address the request came from.
    pub address: Option<String>,
    user: Arc<Mutex<Option<String>>>,
    limit: Arc<Mutex<Option<Verdict>>>,
}

impl RequestInfo {
    /// Says who acts, for the log line.
    pub(crate) fn note_user(&self, username: &str) {
        *self.user.lock() = Some(username.to_owned());
    }

    /// Says where the sender stands, for the answer's headers.
    pub(crate) fn note_limit(&self, verdict: Verdict) {
        *self.limit.lock() = Some(verdict);
    }
}

/// Put on requests where errors may tell their cause to the caller.
#[derive(Debug, Clone, Copy)]
pub struct DetailedErrors;

/// The outermost layer.
pub async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // The pattern, never the path: ids would make a metric of each. Query strings may hold tokens: never logged.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |p| p.as_str().to_owned());
    let language = Language::of(request.headers().get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()));
    let is_api = request.uri().path().starts_with("/api/");
    let span = if is_api { request_span(&method, &route) } else { Span::none() };
    let trace =
        telemetry::join(&span, request.headers().get("traceparent").and_then(|value| value.to_str().ok()));
    let info = RequestInfo {
        trace_id: trace.id(),
        address: request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip().to_string()),
        user: Arc::default(),
        limit: Arc::default(),
    };
    request.extensions_mut().insert(info.clone());
    let detailed = request.extensions().get::<DetailedErrors>().is_some();

    let answer = async {
        let response = next.run(request).await;
        as_problem(response, language, &info.trace_id, is_api, detailed).await
    };
    let mut response = answer.instrument(span.clone()).await;
    for (name, value) in [("x-trace-id", Some(trace.id())), ("traceparent", trace.traceparent())] {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    if let Some(verdict) = *info.limit.lock() {
        limit::tell(response.headers_mut(), verdict);
    }
    if is_api {
        // What a caller may see must not stay in a cache between them and us.
        response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }

    let seconds = started.elapsed().as_secs_f64();
    let status = response.status();
    metrics::counter!("http_requests_total", "method" => method.to_string(), "route" => route.clone(), "status" => status.as_u16().to_string()).increment(1);
    metrics::histogram!("http_request_duration_seconds", "method" => method.to_string(), "route" => route.clone())
        .record(seconds);
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    let user = info.user.lock().clone();
    let _within = span.enter();
    tracing::info!(
        method = %method,
        route,
        status = status.as_u16(),
        ms = (seconds * 1000.0).round(),
        user,
        trace_id = info.trace_id,
        "request"
    );
    response
}

/// What traces keep of a request: nothing that names a person. Files and health checks are not worth a trace.
fn request_span(method: &Method, route: &str) -> Span {
    tracing::error_span!(
        parent: None,
        "request",
        otel.kind = "server",
        otel.name = format!("{method} {route}"),
        otel.status_code = Empty,
        http.request.method = method.as_str(),
        http.route = route,
        http.response.status_code = Empty,
        dms.distributor_id = Empty,
    )
}

async fn as_problem(
    response: Response,
    language: Language,
    trace_id: &str,
    is_api: bool,
    detailed: bool,
) -> Response {
    if let Some(Carried(error)) = response.extensions().get::<Carried>().cloned() {
        if let Some(cause) = error.log_text() {
            if error.status().is_server_error() {
                tracing::error!(trace_id, code = error.code(), cause, "request failed");
            } else {
                tracing::debug!(trace_id, code = error.code(), cause, "request refused");
            }
        }
        return render(&error, language, trace_id, detailed);
    }
    // Refusals of the framework itself: unknown path, wrong method, too large, a panic.
    let foreign = !response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("json") || v.contains("html"));
    let status = response.status();
    if is_api && foreign && (status.is_client_error() || status.is_server_error()) {
        let allow = response.headers().get("allow").cloned();
        let mut rendered = render(&from_status(status), language, trace_id, detailed);
        if let Some(allow) = allow {
            rendered.headers_mut().insert("allow", allow);
        }
        return rendered;
    }
    response
}

fn from_status(status: StatusCode) -> ApiError {
    match status {
        StatusCode::NOT_FOUND => ApiError::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => ApiError::new(
            status,
            "method_not_allowed",
            "Địa chỉ này không nhận phương thức đó.",
            "This path doesn't take that method.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(status, "too_large", "Nội dung gửi lên quá lớn.", "The body is too large.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ApiError::new(
            status,
            "unsupported_media_type",
            "Kiểu nội dung không được hỗ trợ.",
            "This type of content is not supported.",
        ),
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => ApiError::new(
            status,
            "timeout",
            "Yêu cầu mất quá nhiều thời gian. Hãy thử lại.",
            "The request took too long. Try again.",
        ),
        s if s.is_client_error() => {
            ApiError::new(s, "malformed", "Yêu cầu không hợp lệ.", "The request is not valid.")
        }
        s => {
            let e = ApiError::internal("a failure outside of the handlers");
            if s == StatusCode::INTERNAL_SERVER_ERROR {
                e
            } else {
                ApiError::new(
                    s,
                    "unavailable",
                    "Hệ thống đang bận. Hãy thử lại.",
                    "The system is busy. Try again.",
                )
            }
        }
    }
}

fn render(error: &ApiError, language: Language, trace_id: &str, detailed: bool) -> Response {
    let mut problem = error.problem(language, trace_id);
    if let Some(cause) = error.log_text().filter(|_| detailed && error.status().is_server_error()) {
        problem.detail = format!("{} ({cause})", problem.detail);
    }
    let body = serde_json::to_string(&problem).unwrap_or_default();
    let mut response =
        (error.status(), [(CONTENT_TYPE, "application/problem+json; charset=utf-8")], body).into_response();
    if let Some(seconds) = error.retry_after_seconds() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if error.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert("www-authenticate", HeaderValue::from_static("Bearer"));
    }
    response
}
