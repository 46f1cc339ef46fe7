use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::PriceListId;
use domain::permission::CatalogManage;
use platform::{
    ApiResult, App, Authorized, Checks, Command, IfMatch, Path, Problem, transaction, transaction_once,
};
use uuid::Uuid;

use super::price_list_view::{PriceListBody, PriceListView, present};
use crate::service;

/// Adds a price list with its items.
#[utoipa::path(
    post, path = "/price-lists", tag = "catalog", operation_id = "createPriceList",
    request_body = PriceListBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repeat harmless")),
    responses(
        (status = 201, description = "Added", body = PriceListView),
        (status = 400, description = "Wrong fields", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No catalog.manage", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
        (status = 422, description = "An unknown product, customer or distributor", body = Problem),
    )
)]
pub(crate) async fn create_price_list(
    State(app): State<App>,
    caller: Authorized<CatalogManage>,
    command: Command<PriceListBody>,
) -> ApiResult<(StatusCode, Json<PriceListView>)> {
    let once = command.once(command.body.id.map(|id| id.uuid()));
    let id = command.body.id.unwrap_or_else(|| Uuid::now_v7().into());
    let mut checks = Checks::default();
    let data = command.body.data(&mut checks);
    checks.done()?;
    let view = transaction_once!(app, caller.context(), once, "price_lists.create", |tx| {
        service::create_price_list(tx, caller.context(), app.now(), id, &data).await?;
        present(tx, id).await
    })?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Replaces a price list with its items.
#[utoipa::path(
    put, path = "/price-lists/{id}", tag = "catalog", operation_id = "updatePriceList",
    request_body = PriceListBody,
    params(
        ("id" = PriceListId, Path, description = "The list"),
        ("If-Match" = Option<String>, Header, description = "The version that was loaded, unless the body has it"),
    ),
    responses(
        (status = 200, description = "As it is now", body = PriceListView),
        (status = 400, description = "Wrong fields", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "No catalog.manage", body = Problem),
        (status = 404, description = "None", body = Problem),
        (status = 409, description = "The code is taken", body = Problem),
        (status = 412, description = "Changed meanwhile", body = Problem),
        (status = 422, description = "An unknown product, customer or distributor", body = Problem),
    )
)]
pub(crate) async fn update_price_list(
    State(app): State<App>,
    caller: Authorized<CatalogManage>,
    Path(id): Path<PriceListId>,
    if_match: IfMatch,
    command: Command<PriceListBody>,
) -> ApiResult<Json<PriceListView>> {
    let version = if_match.version(command.body.version)?;
    let mut checks = Checks::default();
    let data = command.body.data(&mut checks);
    checks.done()?;
    let view = transaction!(app.db, caller.context(), "price_lists.update", |tx| {
        service::update_price_list(tx, caller.context(), app.now(), id, version, &data).await?;
        present(tx, id).await
    })?;
    Ok(Json(view))
}
