use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::header::ACCEPT_LANGUAGE;
use platform::{ApiError, ApiResult, App, Caller, Language, Problem, body};

use crate::upload::{self, UploadDocument, Uploaded};

/// The largest batch, in bytes.
const LIMIT: usize = body::LIMIT;

/// Takes what a phone did. Each operation takes effect once, however often it is sent; nothing that comes is lost: what is
/// refused can be read under `/sync/operations`, and what a person must settle is a case under `/sync/exceptions`.
#[utoipa::path(
    post,
    path = "/sync/upload",
    tag = "sync",
    operation_id = "syncUpload",
    request_body = UploadDocument,
    params(("X-App-Version" = Option<String>, Header, description = "The app's version")),
    responses(
        (status = 200, description = "What became of each operation, in the order in which they were sent", body = Uploaded),
        (status = 400, description = "The batch can't be read; it was kept", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 413, description = "The batch is too large", body = Problem),
        (status = 503, description = "Try again", body = Problem),
    )
)]
pub(crate) async fn sync_upload(
    State(app): State<App>,
    caller: Caller,
    request: Request,
) -> ApiResult<Json<Uploaded>> {
    let headers = request.headers();
    body::fits(headers, LIMIT)?;
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let (version, language) = (text("x-app-version"), text(ACCEPT_LANGUAGE.as_str()));
    let bytes = body::in_time(body::TIME_LIMIT, Bytes::from_request(request, &app)).await?.map_err(|e| {
        ApiError::new(
            e.status(),
            "body_unreadable",
            "Không đọc được nội dung gửi lên.",
            "The body can't be read.",
        )
    })?;
    let language = Language::of(language.as_deref());
    Ok(Json(upload::take(&app, &caller, &bytes, version.as_deref(), language).await?))
}
