use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error as StdError;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use db::retry::{Stage, is_transient};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What a handler gives.
pub type ApiResult<T> = Result<T, ApiError>;

/// The languages errors are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Vietnamese, the first.
    #[default]
    Vi,
    /// English.
    En,
}

impl Language {
    /// English only when the client asks for it first.
    pub fn of(accept_language: Option<&str>) -> Self {
        match accept_language {
            Some(l) if l.trim_start().to_ascii_lowercase().starts_with("en") => Language::En,
            _ => Language::Vi,
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Text {
    vi: Cow<'static, str>,
    en: Cow<'static, str>,
}

impl Text {
    fn new(vi: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Text { vi: vi.into(), en: en.into() }
    }

    fn get(&self, language: Language) -> &str {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
        }
    }
}

/// One field of a request and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    field: String,
    text: Text,
}

/// An error as the client sees it: a status, a stable code, a text in the client's language, and what helps to mend it.
/// The cause inside is for the log only.
#[derive(Debug)]
pub struct ApiError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: StatusCode,
    code: Cow<'static, str>,
    text: Text,
    fields: Vec<FieldError>,
    extra: BTreeMap<&'static str, Value>,
    retry_after: Option<u32>,
    cause: Option<Cause>,
}

#[derive(Debug)]
enum Cause {
    Database(sqlx::Error),
    Other(Box<dyn StdError + Send + Sync>),
}

impl ApiError {
    /// Any status; prefer the named ones.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        vi: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        ApiError(Box::new(Inner {
            status,
            code: code.into(),
            text: Text::new(vi, en),
            fields: Vec::new(),
            extra: BTreeMap::new(),
            retry_after: None,
            cause: None,
        }))
    }

    /// 400: the request can't be understood.
    pub fn bad_request(
        code: &'static str,
        vi: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, vi, en)
    }

    /// 400 for one wrong field; add more with [`ApiError::field`].
    pub fn invalid_field(
        field: &str,
        vi: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::bad_request("validation", "Dữ liệu gửi lên chưa đúng.", "The request is not valid.")
            .field(field, vi, en)
    }

    /// 401: no token, or one that is forged, expired or revoked.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Bạn chưa đăng nhập hoặc phiên đã hết hạn. Hãy đăng nhập lại.",
            "You are not signed in, or the session has ended. Sign in again.",
        )
    }

    /// 403: the role doesn't grant the permission.
    pub fn forbidden(permission: &'static str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            format!("Bạn không có quyền thực hiện việc này ({permission})."),
            format!("You may not do this ({permission})."),
        )
    }

    /// 404: it doesn't exist, or the caller may not see it.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Không tìm thấy dữ liệu.", "Not found.")
    }

    /// 409: a duplicate, or the wrong state.
    pub fn conflict(
        code: &'static str,
        vi: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(StatusCode::CONFLICT, code, vi, en)
    }

    /// 412: somebody else changed it meanwhile.
    pub fn stale() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "stale_version",
            "Dữ liệu đã được người khác sửa. Hãy tải lại rồi làm lại.",
            "Somebody else changed this meanwhile. Load it again and repeat.",
        )
    }

    /// 422: understood, but a rule of the business forbids it.
    pub fn unprocessable(
        code: &'static str,
        vi: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, vi, en)
    }

    /// 500: our fault; the cause goes to the log, the trace id to the client.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut e = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Hệ thống gặp lỗi. Hãy thử lại; nếu vẫn lỗi, gửi mã vết (traceId) cho bộ phận hỗ trợ.",
            "Something went wrong. Try again; if it stays, give the trace id to support.",
        );
        e.0.cause = Some(Cause::Other(cause.into()));
        e
    }

    /// 503: try again later.
    pub fn unavailable() -> Self {
        let mut e = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Hệ thống đang bận. Hãy thử lại sau ít giây.",
            "The system is busy. Try again in a few seconds.",
        );
        e.0.retry_after = Some(2);
        e
    }

    /// Adds a wrong field, by its JSON name.
    #[must_use]
    pub fn field(
        mut self,
        field: &str,
        vi: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.0.fields.push(FieldError { field: field.to_owned(), text: Text::new(vi, en) });
        self
    }

    /// Adds data that helps to mend the error, beside the standard members (`shortages`, say).
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.0.extra.insert(name, value);
        }
        self
    }

    /// Says when to try again, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The text in a language.
    pub fn text(&self, language: Language) -> &str {
        self.0.text.get(language)
    }

    /// When to try again, in seconds.
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.0.retry_after
    }

    /// The database's error, when that was the cause.
    pub fn database(&self) -> Option<&sqlx::Error> {
        match &self.0.cause {
            Some(Cause::Database(e)) => Some(e),
            _ => None,
        }
    }

    /// The name of the constraint that refused the row, if one did.
    pub fn constraint(&self) -> Option<&str> {
        self.database().and_then(|e| e.as_database_error()).and_then(|e| e.constraint())
    }

    /// Replaces the error when this constraint was the cause: the capability that owns it knows what it means.
    #[must_use]
    pub fn on_constraint(self, constraint: &str, replacement: impl FnOnce() -> ApiError) -> Self {
        if self.constraint() == Some(constraint) { replacement() } else { self }
    }

    /// The cause and its causes, for the log.
    pub fn log_text(&self) -> Option<String> {
        let mut error: &dyn StdError = match &self.0.cause {
            Some(Cause::Database(e)) => e,
            Some(Cause::Other(e)) => &**e,
            None => return None,
        };
        let mut text = error.to_string();
        while let Some(source) = error.source() {
            text.push_str(": ");
            text.push_str(&source.to_string());
            error = source;
        }
        Some(text)
    }

    /// The body the client gets.
    pub fn problem(&self, language: Language, trace_id: &str) -> Problem {
        let mut errors: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for f in &self.0.fields {
            errors.entry(f.field.clone()).or_default().push(f.text.get(language).to_owned());
        }
        Problem {
            r#type: "about:blank".to_owned(),
            title: self.0.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.0.status.as_u16(),
            detail: self.0.text.get(language).to_owned(),
            code: self.0.code.clone().into_owned(),
            trace_id: trace_id.to_owned(),
            errors,
            extra: self.0.extra.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
        }
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        let state = match &error {
            sqlx::Error::Database(e) => e.code().map(Cow::into_owned),
            _ => None,
        };
        let mut e = match (&error, state.as_deref()) {
            // It was tried again, in vain.
            _ if is_transient(&error, Stage::Body) => Self::unavailable(),
            (_, Some("23505")) => Self::conflict("duplicate", "Dữ liệu này đã có.", "This already exists."),
            (_, Some("23503")) => Self::unprocessable(
                "unknown_reference",
                "Dữ liệu liên quan không tồn tại.",
                "Something this refers to doesn't exist.",
            ),
            (_, Some("23514" | "22003" | "23502")) => Self::unprocessable(
                "value_refused",
                "Giá trị nằm ngoài phạm vi cho phép.",
                "A value is outside of what is allowed.",
            ),
            // Our dates reach further into the past and the future than the database's.
            (_, Some("22008")) => Self::bad_request(
                "date_out_of_range",
                "Ngày hoặc giờ nằm ngoài phạm vi cho phép.",
                "A date or a time is outside of what is allowed.",
            ),
            // A zero byte in a text.
            (_, Some("22021" | "22P05")) => Self::bad_request(
                "malformed_text",
                "Văn bản chứa ký tự không hợp lệ.",
                "A text contains a character that is not allowed.",
            ),
            (_, Some("55P03" | "57014" | "53300"))
            | (sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_), _) => {
                Self::unavailable()
            }
            _ => Self::internal("database"),
        };
        e.0.cause = Some(Cause::Database(error));
        e
    }
}

/// RFC 9457, with the members all our errors have. `detail` is in the language of `Accept-Language` (vi, en).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Always `about:blank`: the code says what it is.
    pub r#type: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: String,
    /// Stable, for programs: `orders.not_pending`.
    pub code: String,
    /// For support: the log lines of this request carry it.
    pub trace_id: String,
    /// Wrong fields by their JSON name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, Vec<String>>,
    /// Data that helps to mend the error.
    #[serde(flatten)]
    #[schema(ignore)]
    pub extra: BTreeMap<String, Value>,
}

/// Carries an [`ApiError`] to [`crate::observe`], which knows the client's language and the trace id.
#[derive(Clone)]
pub(crate) struct Carried(pub std::sync::Arc<ApiError>);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(Carried(std::sync::Arc::new(self)));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_only_for_those_who_ask_for_it_first() {
        assert_eq!(Language::of(None), Language::Vi);
        assert_eq!(Language::of(Some("vi-VN,en;q=0.8")), Language::Vi);
        assert_eq!(Language::of(Some("en-US,vi;q=0.8")), Language::En);
    }

    #[test]
    fn the_cause_never_reaches_the_client() {
        let body =
            serde_json::to_string(&ApiError::internal("secret cause").problem(Language::En, "t1")).unwrap();
        assert!(!body.contains("secret cause"));
        assert!(body.contains("\"traceId\":\"t1\""));
    }

    #[test]
    fn a_busy_database_is_a_reason_to_try_again() {
        for gone in
            [sqlx::Error::PoolTimedOut, sqlx::Error::BeginFailed, sqlx::Error::Protocol(String::new())]
        {
            let e = ApiError::from(gone);
            assert_eq!(e.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(e.retry_after_seconds().is_some());
        }
    }
}
