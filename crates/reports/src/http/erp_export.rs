use adapters::blob::BlobId;
use axum::extract::State;
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use db::Tenants;
use domain::permission::ReportsView;
use platform::{ApiError, ApiResult, App, Authorized, Caller, Problem, Query, Scope};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::erp;
use crate::store;

/// Which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ErpExportQuery {
    /// The business day, not after today.
    date: NaiveDate,
}

/// Whether the caller sees all of the company, and not a part of it.
pub(super) fn sees_the_company(caller: &Caller) -> bool {
    caller.tenants == Tenants::Company && caller.scope() == Scope::All
}

/// The sales and stock movements of a day as an Excel file for the ERP, of what the caller sees.
///
/// Sheet `Bán hàng` has a row per line of goods issued and of goods that came back, sheet `Nhập xuất kho` one per stock
/// posting, sheet `Đối chiếu` their numbers, sums and fingerprints. Who sees the whole company gets the file that was
/// made in the night, as long as no document came later.
#[utoipa::path(
    get,
    path = "/exports/erp",
    tag = "exports",
    operation_id = "exportErp",
    params(ErpExportQuery),
    responses(
        (status = 200, description = "The file; `ETag` is the SHA-256 of its bytes", body = Vec<u8>,
         content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 304, description = "The client has it"),
        (status = 400, description = "The date is missing, malformed or in the future", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to read reports", body = Problem),
    )
)]
pub(crate) async fn export_erp(
    State(app): State<App>,
    caller: Authorized<ReportsView>,
    Query(query): Query<ErpExportQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let day = query.date;
    if day > app.today() {
        return Err(ApiError::invalid_field("date", "Ngày này chưa đến", "This day is yet to come"));
    }
    if sees_the_company(&caller)
        && let Some(answer) = stored(&app, &caller, day, &headers).await?
    {
        return Ok(answer);
    }
    let mut tx = app.db.snapshot(caller.context()).await?;
    let export = erp::build(&mut tx, day, caller.scope()).await?;
    drop(tx);
    let etag = etag(BlobId::of(&export.bytes).as_str())?;
    if known(&headers, &etag) {
        return Ok(not_modified(etag));
    }
    file(day, etag, export.bytes)
}

/// The file that was made of the day, when it still has all there is and wasn't removed.
async fn stored(
    app: &App,
    caller: &Caller,
    day: NaiveDate,
    headers: &HeaderMap,
) -> ApiResult<Option<Response>> {
    let mut tx = app.db.snapshot(caller.context()).await?;
    let newest = store::list_newest(&mut tx, day, day).await?;
    let Some(newest) = newest.first() else { return Ok(None) };
    let marks = store::list_marks(&mut tx, day, day).await?;
    drop(tx);
    if marks.iter().all(|mark| mark.mark != newest.mark) {
        return Ok(None);
    }
    let etag = etag(&newest.content)?;
    if known(headers, &etag) {
        return Ok(Some(not_modified(etag)));
    }
    let Some(content) = BlobId::parse(&newest.content) else { return Ok(None) };
    let bytes = app.blobs.get(&content).await.map_err(ApiError::internal)?;
    bytes.map(|bytes| file(day, etag, bytes)).transpose()
}

fn etag(content: &str) -> ApiResult<HeaderValue> {
    HeaderValue::from_str(&format!("\"{content}\"")).map_err(ApiError::internal)
}

fn known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let (Some(known), Ok(etag)) = (headers.get(IF_NONE_MATCH), etag.to_str()) else { return false };
    known.to_str().is_ok_and(|known| known.contains(etag))
}

fn not_modified(etag: HeaderValue) -> Response {
    (StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response()
}

fn file(day: NaiveDate, etag: HeaderValue, bytes: impl Into<axum::body::Body>) -> ApiResult<Response> {
    let headers = sheets::download_headers(&format!("erp_{day}.xlsx"))?;
    Ok(([(ETAG, etag)], headers, bytes.into()).into_response())
}
