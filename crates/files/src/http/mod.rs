//! The endpoints.

mod content;
mod duplicates;
mod link;
mod upload;

use adapters::blob::BlobId;
use axum::extract::DefaultBodyLimit;
use domain::DistributorId;
use platform::{ApiResult, App, Caller};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use crate::MAX_BYTES;
use crate::error::FileError;

/// All endpoints of files.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(link::make_link))
        .routes(routes!(link::take_linked))
        .routes(routes!(duplicates::list_duplicates))
        .routes(
            routes!(upload::put_file, content::get_file, content::head_file)
                .layer(DefaultBodyLimit::max(MAX_BYTES)),
        )
}

fn digest(text: &str) -> ApiResult<BlobId> {
    Ok(BlobId::parse(text).ok_or(FileError::NotADigest)?)
}

/// The distributor whose content it becomes: the one asked for, else the caller's own, else the only one they work for.
fn distributor(caller: &Caller, asked: Option<DistributorId>) -> ApiResult<DistributorId> {
    match (asked, caller.distributor_id) {
        (None, Some(own)) => Ok(own),
        (asked, _) => caller.distributor(asked),
    }
}
