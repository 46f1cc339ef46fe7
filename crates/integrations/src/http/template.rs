use axum::body::Bytes;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use platform::{ApiError, ApiResult, Caller, Path, Problem};

use crate::ImportKind;
use crate::template::template;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// An empty XLSX file with the headers of a kind of import.
#[utoipa::path(
    get, path = "/imports/{kind}/template", tag = "imports", operation_id = "getImportTemplate",
    params(("kind" = String, Path, description = "org-units, distributors, products, customers, users, routes, price-lists, opening-stock, opening-receivables")),
    responses(
        (status = 200, description = "The file", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No such kind", body = Problem),
    )
)]
pub(crate) async fn import_template(_: Caller, Path(kind): Path<String>) -> ApiResult<impl IntoResponse> {
    let kind: ImportKind = kind.parse()?;
    let file = template(kind).map_err(ApiError::internal)?;
    let name = format!("attachment; filename=\"{}-template.xlsx\"", kind.as_str());
    Ok(([(CONTENT_TYPE, XLSX.to_owned()), (CONTENT_DISPOSITION, name)], Bytes::from(file)))
}
