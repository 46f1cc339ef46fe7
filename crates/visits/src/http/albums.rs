use axum::Json;
use axum::extract::State;
use db::Tenants;
use domain::permission::RoutesManage;
use platform::{ApiError, ApiResult, App, Authorized, Caller, Command, Problem, transaction};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::{self, Album, SetAlbum};
use crate::store;

/// The albums in their order.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlbumList {
    data: Vec<Album>,
}

/// The albums that photos of visits go into.
#[utoipa::path(
    get,
    path = "/photo-albums",
    tag = "visits",
    operation_id = "listPhotoAlbums",
    responses(
        (status = 200, description = "The albums", body = AlbumList),
        (status = 401, description = "Not signed in", body = Problem),
    )
)]
pub async fn list_albums(State(app): State<App>, caller: Caller) -> ApiResult<Json<AlbumList>> {
    let mut tx = app.db.lookup(caller.context()).await?;
    Ok(Json(AlbumList { data: store::list_albums(&mut tx).await? }))
}

/// The albums to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetAlbums {
    /// In their order; those left out take no new photos.
    #[schema(min_items = 1, max_items = 100)]
    albums: Vec<SetAlbum>,
}

/// Sets the company's albums. Those that rules know (closed door, display) stay.
#[utoipa::path(
    put,
    path = "/photo-albums",
    tag = "visits",
    operation_id = "setPhotoAlbums",
    request_body = SetAlbums,
    responses(
        (status = 200, description = "The albums as they are now", body = AlbumList),
        (status = 400, description = "A name is not valid, or an album is missing that must stay", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No routes.manage, or not of the company", body = Problem),
    )
)]
pub async fn set_albums(
    State(app): State<App>,
    caller: Authorized<RoutesManage>,
    cmd: Command<SetAlbums>,
) -> ApiResult<Json<AlbumList>> {
    if caller.tenants != Tenants::Company {
        return Err(ApiError::forbidden("visits.albums"));
    }
    let data = transaction!(app.db, caller.context(), "visits.albums", |tx| {
        service::set_albums(tx, &app, &caller, &cmd.body.albums).await
    })?;
    Ok(Json(AlbumList { data }))
}
