use adapters::blob::BlobId;
use axum::Json;
use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use domain::ProductId;
use domain::permission::CatalogManage;
use files::Picture;
use files::form::Form;
use files::send::{ASK_AGAIN, FOR_EVER, Outgoing, SizeQuery};
use platform::{ApiError, ApiResult, App, Authorized, Caller, IfMatch, Path, Problem, Query, transaction};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::product_view::{ProductView, present};
use crate::error::CatalogError;
use crate::{service, store};

/// A picture.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only tells clients what the form holds")]
pub(crate) struct ImageForm {
    /// JPEG, PNG or WebP, at most 15 MB.
    #[schema(value_type = String, format = Binary)]
    photo: Bytes,
}

/// Gives a product its picture, in place of the one it has. It goes before one that lies elsewhere (`image`).
#[utoipa::path(
    put, path = "/products/{id}/image", tag = "catalog", operation_id = "setProductImage",
    params(
        ("id" = ProductId, Path, description = "The product"),
        ("If-Match" = Option<String>, Header, description = "The version that was loaded, if it matters"),
    ),
    request_body(content = ImageForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The product as it is now", body = ProductView),
        (status = 400, description = "The form is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No catalog.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
        (status = 413, description = "The picture has more than 15 MB", body = Problem),
        (status = 422, description = "The file is no picture", body = Problem),
    )
)]
pub(crate) async fn set_product_image(
    State(app): State<App>,
    caller: Authorized<CatalogManage>,
    Path(id): Path<ProductId>,
    IfMatch(version): IfMatch,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<Json<ProductView>> {
    let form = Form::read(&headers, form, &[]).await?;
    // Before the work is done, which is much.
    let mut tx = app.db.lookup(caller.context()).await?;
    service::as_loaded(store::find_product(&mut tx, id).await?, version)?;
    drop(tx);
    let picture = Picture::read(form.photo).await?;
    picture.store(&app, caller.context()).await?;
    let view = transaction!(app.db, caller.context(), "products.set_image", |tx| {
        service::set_image(tx, caller.context(), app.now(), id, version, Some(&picture)).await?;
        present(tx, &caller, id).await
    })?;
    Ok(Json(view))
}

/// Takes the picture that was uploaded away.
#[utoipa::path(
    delete, path = "/products/{id}/image", tag = "catalog", operation_id = "removeProductImage",
    params(
        ("id" = ProductId, Path, description = "The product"),
        ("If-Match" = Option<String>, Header, description = "The version that was loaded, if it matters"),
    ),
    responses(
        (status = 204, description = "It has none now"),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No catalog.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
    )
)]
pub(crate) async fn remove_product_image(
    State(app): State<App>,
    caller: Authorized<CatalogManage>,
    Path(id): Path<ProductId>,
    IfMatch(version): IfMatch,
) -> ApiResult<StatusCode> {
    transaction!(app.db, caller.context(), "products.remove_image", |tx| {
        service::set_image(tx, caller.context(), app.now(), id, version, None).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which picture is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImageQuery {
    /// The picture's digest, as `imageUrl` has it: then the answer may be kept for ever.
    v: Option<String>,
}

/// The picture that was uploaded for a product, or a smaller one of it.
#[utoipa::path(
    get, path = "/products/{id}/image", tag = "catalog", operation_id = "getProductImage",
    params(("id" = ProductId, Path, description = "The product"), ImageQuery, SizeQuery),
    responses(
        (status = 200, description = "The bytes", body = Vec<u8>, content_type = "image/*"),
        (status = 304, description = "The client has them"),
        (status = 400, description = "No such size", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 404, description = "No product, or it has no picture here", body = Problem),
    )
)]
pub(crate) async fn get_product_image(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ProductId>,
    Query(query): Query<ImageQuery>,
    Query(size): Query<SizeQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let size = size.checked()?;
    let mut tx = app.db.lookup(caller.context()).await?;
    let (sha256, content_type) = store::find_image(&mut tx, id).await?.ok_or(CatalogError::NotFound)?;
    drop(tx);
    let cache = if query.v.as_ref() == Some(&sha256) { FOR_EVER } else { ASK_AGAIN };
    let content = BlobId::parse(&sha256).ok_or_else(|| ApiError::internal("an image without a digest"))?;
    let outgoing = match size {
        Some(size) => Outgoing::thumbnail(&content, size, cache),
        None => Outgoing::whole(&content, content_type, cache),
    };
    outgoing.send(&app, &headers).await
}
