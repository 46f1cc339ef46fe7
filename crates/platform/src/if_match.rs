use axum::extract::FromRequestParts;
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;

use crate::ApiError;

/// The version that the client saw last, from `If-Match: "3"` (a body may carry it as `version` too).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

impl IfMatch {
    /// The version to compare with: the header's, or else the body's.
    ///
    /// # Errors
    /// 400 when neither names one.
    pub fn version(self, body: Option<i64>) -> Result<i64, ApiError> {
        self.0.or(body).ok_or_else(|| {
            ApiError::invalid_field(
                "version",
                "Bắt buộc: phiên bản đã tải về (hoặc gửi If-Match)",
                "Required: the version you loaded (or send If-Match)",
            )
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(header) = parts.headers.get(IF_MATCH) else { return Ok(IfMatch(None)) };
        let tag = header.to_str().unwrap_or_default().trim();
        if tag == "*" {
            return Ok(IfMatch(None));
        }
        // A tag that is not one of ours can't be the present version.
        tag.trim_start_matches("W/")
            .trim_matches('"')
            .parse()
            .map(|v| IfMatch(Some(v)))
            .map_err(|_| ApiError::stale())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    async fn read(tag: &str) -> Result<IfMatch, ApiError> {
        let (mut parts, ()) = Request::builder().header(IF_MATCH, tag).body(()).unwrap().into_parts();
        IfMatch::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn quoted_weak_and_bare_versions_are_understood() {
        for tag in ["3", "\"3\"", "W/\"3\""] {
            assert_eq!(read(tag).await.unwrap(), IfMatch(Some(3)));
        }
        assert_eq!(read("\"abc\"").await.unwrap_err().status(), 412);
    }

    #[test]
    fn a_change_without_a_version_is_refused() {
        assert_eq!(IfMatch(None).version(None).unwrap_err().status(), 400);
        assert_eq!(IfMatch(Some(2)).version(Some(1)).unwrap(), 2);
    }
}
