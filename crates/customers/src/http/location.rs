use axum::Json;
use axum::extract::State;
use domain::permission::CustomersEdit;
use domain::{Coordinates, CustomerId};
use platform::{ApiError, ApiResult, App, Authorized, Command, IfMatch, Path, Problem, transaction};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::CustomerView;
use super::{present, viewer};
use crate::service;

/// A new place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewLocation {
    /// Degrees north.
    latitude: f64,
    /// Degrees east.
    longitude: f64,
    /// The version that was loaded, if it matters.
    version: Option<i64>,
}

/// Moves an outlet; a locked location stays.
#[utoipa::path(
    put, path = "/customers/{id}/location", tag = "customers", operation_id = "relocateCustomer",
    request_body = NewLocation,
    params(("id" = CustomerId, Path, description = "The outlet")),
    responses(
        (status = 200, description = "As it is now", body = CustomerView),
        (status = 400, description = "Not a place on earth", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No customers.edit", body = Problem),
        (status = 404, description = "None, or not the caller's to see", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
        (status = 422, description = "The location is locked", body = Problem),
    )
)]
pub(crate) async fn relocate_customer(
    State(app): State<App>,
    caller: Authorized<CustomersEdit>,
    Path(id): Path<CustomerId>,
    IfMatch(if_match): IfMatch,
    command: Command<NewLocation>,
) -> ApiResult<Json<CustomerView>> {
    let body = command.body;
    let place = Coordinates::new(body.latitude, body.longitude)
        .map_err(|e| ApiError::invalid_field("latitude", "Tọa độ không hợp lệ", e.to_string()))?;
    let version = if_match.or(body.version);
    let viewer = viewer(&app, &caller);
    let view = transaction!(app.db, caller.context(), "customers.relocate", |tx| {
        service::relocate(tx, caller.context(), app.now(), &viewer, id, version, place).await?;
        present(tx, &viewer, id).await
    })?;
    Ok(Json(view))
}
