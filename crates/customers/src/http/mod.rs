//! The endpoints.

pub(crate) mod create;
pub(crate) mod decide;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod location;
pub(crate) mod orders;
pub(crate) mod photos;
pub(crate) mod show;
pub(crate) mod update;
pub(crate) mod view;
pub(crate) mod visits;

use domain::CustomerId;
use platform::{ApiResult, App, Caller};
use sqlx::PgConnection;

use crate::error::CustomerError;
use crate::store::{self, Viewer};
use view::CustomerView;

/// The viewer that this caller is today.
pub(crate) fn viewer(app: &App, caller: &Caller) -> Viewer {
    Viewer::new(caller.scope(), app.today())
}

/// The outlet as the caller gets it, or 404.
pub(crate) async fn present(
    c: &mut PgConnection,
    viewer: &Viewer,
    id: CustomerId,
) -> ApiResult<CustomerView> {
    Ok(store::find(c, viewer, id).await?.ok_or(CustomerError::NotFound)?.into())
}
