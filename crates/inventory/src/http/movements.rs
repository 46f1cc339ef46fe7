use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::permission::InventoryManage;
use domain::{DistributorId, DocumentId, ProductId, WarehouseId};
use platform::{ApiError, ApiResult, App, Authorized, Checks, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::model::{Reason, StockMovement};
use crate::store::{self, MovementFilter};

/// Which movements, and from where on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct MovementQuery {
    /// Only this distributor's.
    distributor_id: Option<DistributorId>,
    /// Only in this warehouse.
    warehouse_id: Option<WarehouseId>,
    /// Only of this product.
    product_id: Option<ProductId>,
    /// Only of this document.
    document_id: Option<DocumentId>,
    /// Only for this reason.
    reason: Option<Reason>,
    /// From this business day.
    from: Option<NaiveDate>,
    /// To this business day.
    to: Option<NaiveDate>,
    /// `nextCursor` of the answer before.
    cursor: Option<String>,
    /// Rows, 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// A part of the feed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MovementFeed {
    data: Vec<StockMovement>,
    /// Where the next part begins; null when this is the last.
    next_cursor: Option<String>,
}

/// The stock ledger, newest first.
#[utoipa::path(
    get,
    path = "/inventory/movements",
    tag = "inventory",
    operation_id = "listStockMovements",
    params(MovementQuery),
    responses(
        (status = 200, description = "A part of the ledger", body = MovementFeed),
        (status = 400, description = "A parameter is not valid", body = Problem),
        (status = 401, description = "Not signed in", body = Problem),
        (status = 403, description = "Not allowed to manage stock", body = Problem),
    )
)]
pub(crate) async fn list_movements(
    State(app): State<App>,
    caller: Authorized<InventoryManage>,
    Query(query): Query<MovementQuery>,
) -> ApiResult<Json<MovementFeed>> {
    let mut checks = Checks::default();
    let limit = checks.range("limit", query.limit.unwrap_or(50), 1..=100);
    checks.done()?;
    let after = query.cursor.as_deref().map(read_cursor).transpose()?;
    let filter = MovementFilter {
        distributor: query.distributor_id,
        warehouse: query.warehouse_id,
        product: query.product_id,
        document: query.document_id,
        reason: query.reason,
        from: query.from,
        to: query.to,
    };
    let mut tx = app.db.read(caller.context()).await?;
    // One more row than asked tells whether there is a next part.
    let mut data = store::list_movements(&mut tx, &filter, after, limit + 1).await?;
    let asked = usize::try_from(limit).map_err(ApiError::internal)?;
    let more = data.len() > asked;
    data.truncate(asked);
    let next_cursor = if more {
        data.last().map(|m| format!("{}.{}", m.business_date, m.movement_id.uuid().simple()))
    } else {
        None
    };
    Ok(Json(MovementFeed { data, next_cursor }))
}

fn read_cursor(cursor: &str) -> ApiResult<(NaiveDate, Uuid)> {
    cursor
        .split_once('.')
        .and_then(|(day, id)| Some((day.parse().ok()?, id.parse().ok()?)))
        .ok_or_else(|| ApiError::invalid_field("cursor", "Không hợp lệ", "Not valid"))
}
