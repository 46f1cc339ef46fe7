use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{ProductId, Quantity, StockCheckId, TypedQuantity, Unit, VisitId};
use platform::{ApiError, App, Caller, Flag, Mode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::error::VisitError;
use crate::model::{ShelfCount, device_time};
use crate::store::{self, NewShelfLine};

/// A product that was counted on the shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CountedProduct {
    /// The product.
    pub product_id: ProductId,
    /// How many, in the unit; 0 is none left.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub quantity: i64,
    /// Cases or pieces.
    pub unit: Unit,
    /// When they expire, where the rep looked.
    #[serde(default)]
    pub expiry: Option<NaiveDate>,
}

/// A count of the shelf.
#[derive(Debug, Clone)]
pub struct StockCheck {
    /// Made by whoever counts, so that a repeat is known.
    pub id: StockCheckId,
    /// By the device; now when it says none.
    pub at: Option<DateTime<Utc>>,
    /// What was there; a product may be there with several expiry dates.
    pub lines: Vec<CountedProduct>,
}

/// Adds a count of the shelf; the latest of a visit holds. One that came before is answered as it was.
///
/// # Errors
/// 404 for a visit that isn't the caller's; 422 for an unknown product; live, 409 after the visit's end.
pub async fn record_stock_check(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    id: VisitId,
    check: &StockCheck,
    mode: Mode,
) -> Result<(ShelfCount, Vec<Flag>), ApiError> {
    let (visit, mut flags) = (super::lock_own(c, caller, id).await?, Vec::new());
    if let Some(known) = store::find_shelf_count(c, visit.distributor, id, Some(check.id)).await? {
        return Ok((known, flags));
    }
    super::still_open(&visit, mode, &mut flags)?;
    let at = device_time(check.at, app.now(), mode, &mut flags)?;
    let ids: Vec<_> = check.lines.iter().map(|line| line.product_id.uuid()).collect();
    let conversions: BTreeMap<_, _> = store::list_conversions(c, &ids).await?.into_iter().collect();
    let mut lines = Vec::with_capacity(check.lines.len());
    for line in &check.lines {
        let conversion = *conversions.get(&line.product_id).ok_or(VisitError::UnknownProduct)?;
        let typed = TypedQuantity { quantity: line.quantity, unit: line.unit };
        let pieces: Quantity = typed.to_pieces(conversion).map_err(|_| VisitError::Overflow)?;
        lines.push(NewShelfLine { counted: line, pieces });
    }
    store::insert_shelf_count(c, &visit, check.id, at, app.now(), &lines).await?;
    let after = json!({ "stockCheckId": check.id, "lines": check.lines });
    super::audit_visit(c, app, caller, &visit, "visits.stock_check", None::<&()>, &after).await?;
    super::keep_flags(c, &visit, &flags).await?;
    let count = store::find_shelf_count(c, visit.distributor, id, Some(check.id)).await?;
    Ok((count.ok_or_else(|| ApiError::internal("a count that is not there"))?, flags))
}
