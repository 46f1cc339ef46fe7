use axum::Json;
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use platform::{ApiError, ApiResult, App, Caller, Language, Path, Problem, Query, body};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::error::ImportError;
use crate::report::ImportReport;
use crate::table::FileError;
use crate::{ImportKind, Mode, Options, run};

/// How a file is loaded.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct ImportQuery {
    /// Only try: change nothing, tell what would be.
    #[serde(default)]
    dry_run: bool,
    /// When some rows are bad: load nothing (`all`, when left out) or the good rows (`good`).
    #[serde(default)]
    #[param(inline)]
    mode: ImportMode,
    /// Code of the distributor whose customers, routes or stock the file holds; one's own when left out.
    distributor_code: Option<String>,
}

/// Which rows are loaded when some are bad.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ImportMode {
    /// All or nothing.
    #[default]
    All,
    /// The good ones.
    Good,
}

/// The form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the form to clients")]
pub(crate) struct ImportForm {
    /// CSV (UTF-8 or UTF-16; comma, semicolon or tab) or XLSX; at most 20 MB and 200,000 rows.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Loads a file of the company: as a form with the field `file`, or as the plain body. Loading it twice changes nothing.
#[utoipa::path(
    post, path = "/imports/{kind}", tag = "imports", operation_id = "importFile",
    params(
        ("kind" = String, Path, description = "org-units, distributors, products, customers, users, routes, price-lists, opening-stock, opening-receivables"),
        ImportQuery,
    ),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "What was done, and every bad row", body = ImportReport),
        (status = 400, description = "No file, or no distributor named", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No imports.run, or not the right of the kind", body = Problem),
        (status = 404, description = "No such kind", body = Problem),
        (status = 408, description = "The file came too slowly", body = Problem),
        (status = 413, description = "Over 20 MB", body = Problem),
        (status = 422, description = "The file can't be read, or required columns are missing", body = Problem),
    )
)]
pub(crate) async fn import_file(
    State(app): State<App>,
    caller: Caller,
    Path(kind): Path<String>,
    Query(query): Query<ImportQuery>,
    headers: HeaderMap,
    request: Request,
) -> ApiResult<Json<ImportReport>> {
    import(&app, &caller, kind.parse()?, query, &headers, request).await
}

/// Loads a file of outlets on routes: the same as `/imports/routes`.
#[utoipa::path(
    post, path = "/routes/import", tag = "imports", operation_id = "importRoutes",
    params(ImportQuery),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "What was done, and every bad row", body = ImportReport),
        (status = 400, description = "No file, or no distributor named", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No imports.run, or no routes.manage", body = Problem),
        (status = 408, description = "The file came too slowly", body = Problem),
        (status = 413, description = "Over 20 MB", body = Problem),
        (status = 422, description = "The file can't be read, or required columns are missing", body = Problem),
    )
)]
pub(crate) async fn import_routes(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ImportQuery>,
    headers: HeaderMap,
    request: Request,
) -> ApiResult<Json<ImportReport>> {
    import(&app, &caller, ImportKind::Routes, query, &headers, request).await
}

async fn import(
    app: &App,
    caller: &Caller,
    kind: ImportKind,
    query: ImportQuery,
    headers: &HeaderMap,
    request: Request,
) -> ApiResult<Json<ImportReport>> {
    for permission in kind.permissions() {
        if !caller.role.grants(permission) {
            return Err(ApiError::forbidden(permission));
        }
    }
    let bytes = received(headers, request).await?;
    let mode = query.mode.into();
    let options = Options { dry_run: query.dry_run, mode, distributor_code: query.distributor_code };
    let report = run(app, caller.context(), kind, bytes, &options).await?;
    Ok(Json(report.view(language_of(headers))))
}

/// The file, if it is not too large and comes fast enough.
pub(super) async fn received(headers: &HeaderMap, request: Request) -> Result<Bytes, ApiError> {
    body::fits(headers, super::LIMIT).map_err(|_| too_large())?;
    body::in_time(body::UPLOAD_TIME_LIMIT, file(request)).await?
}

pub(super) fn language_of(headers: &HeaderMap) -> Language {
    Language::of(headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

impl From<ImportMode> for Mode {
    fn from(mode: ImportMode) -> Self {
        match mode {
            ImportMode::All => Mode::All,
            ImportMode::Good => Mode::Good,
        }
    }
}

/// The file of the form, or the body.
async fn file(request: Request) -> Result<Bytes, ApiError> {
    let is_form = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("multipart/form-data"));
    if !is_form {
        let bytes = Bytes::from_request(request, &()).await.map_err(|e| unreadable(e.status()))?;
        return if bytes.is_empty() { Err(ImportError::NoFile.into()) } else { Ok(bytes) };
    }
    let mut form = Multipart::from_request(request, &()).await.map_err(|e| unreadable(e.status()))?;
    while let Some(field) = form.next_field().await.map_err(|e| unreadable(e.status()))? {
        if field.name() == Some("file") {
            return field.bytes().await.map_err(|e| unreadable(e.status()));
        }
    }
    Err(ImportError::NoFile.into())
}

fn too_large() -> ApiError {
    let error = ApiError::from(ImportError::from(FileError::TooLarge));
    let text = |language| error.text(language).to_owned();
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", text(Language::Vi), text(Language::En))
}

fn unreadable(status: StatusCode) -> ApiError {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        too_large()
    } else {
        ApiError::bad_request(
            "body_unreadable",
            "Không đọc được nội dung gửi lên.",
            "The body can't be read.",
        )
    }
}
