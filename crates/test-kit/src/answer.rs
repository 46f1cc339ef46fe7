use axum::http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub(crate) async fn read(response: Response<axum::body::Body>) -> Answer {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a readable body").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    /// The JSON body; null when it isn't JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// Checks the status, showing the body when it is another one; gives the JSON.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "body: {}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// Checks that it is a page to print, which may run nothing; gives its text.
    #[track_caller]
    pub fn page(&self) -> String {
        self.expect(200);
        let header = |name: &str| self.headers[name].to_str().unwrap_or_default().to_owned();
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert!(header("content-security-policy").starts_with("default-src 'none'"));
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Checks that it is a problem with this status and code; gives the JSON.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "body: {body}");
        assert!(
            self.headers["content-type"].to_str().is_ok_and(|t| t.starts_with("application/problem+json"))
        );
        assert!(body["traceId"].as_str().is_some_and(|t| !t.is_empty()), "no traceId: {body}");
        body
    }
}
