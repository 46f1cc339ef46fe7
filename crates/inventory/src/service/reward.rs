//! Goods that a customer gets for nothing, outside of any order.

use chrono::NaiveDate;
use db::{PgConnection, numbers};
use domain::document::DocumentKind;
use domain::{DistributorId, DocumentId, ProductId, Quantity, TypedQuantity, WarehouseId};
use platform::{ApiError, ApiResult, App, Caller};

use super::{TypedLine, open_warehouse, record, with_values};
use crate::error::InventoryError;
use crate::stock::{self, Posting};
use crate::store;

/// Goods to give.
#[derive(Debug, Clone)]
pub struct Reward {
    /// The document's id.
    pub id: DocumentId,
    /// Whose goods they are.
    pub distributor: DistributorId,
    /// Where they come from; the distributor's warehouse for promotions, or else the main one, when not said.
    pub warehouse: Option<WarehouseId>,
    /// What is given.
    pub product: ProductId,
    /// How much, above zero.
    pub quantity: TypedQuantity,
    /// Goods that expire before this day stay.
    pub not_expiring_before: NaiveDate,
    /// Why, as the document says it.
    pub reason: String,
    /// A remark.
    pub note: String,
}

/// What was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewarded {
    /// The adjustment's number.
    pub number: String,
    /// In pieces.
    pub pieces: Quantity,
}

/// Takes goods that a customer gets out of stock, by an adjustment under the next `DC` number. Whoever calls has locked
/// what it is given for.
///
/// # Errors
/// 404 for a warehouse that is not the caller's or the distributor's; 409 when the id is taken; 422 when there is too little.
pub async fn reward(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    reward: &Reward,
) -> ApiResult<Rewarded> {
    let named = match reward.warehouse {
        None => store::find_reward_warehouse(c, reward.distributor).await?,
        named => named,
    };
    let warehouse = open_warehouse(c, caller, named.ok_or_else(ApiError::not_found)?).await?;
    if warehouse.distributor_id != reward.distributor {
        return Err(ApiError::not_found());
    }
    let typed = TypedLine {
        product_id: reward.product,
        lot_number: String::new(),
        expiry: None,
        typed: reward.quantity,
    };
    let lines = with_values(c, &[typed]).await?;
    let number = numbers::next(c, reward.distributor, DocumentKind::StockAdjustment, app.today()).await?;
    let posting = Posting {
        distributor: reward.distributor,
        warehouse: warehouse.warehouse_id,
        document_id: reward.id,
        number: &number,
        business_date: app.today(),
        at: app.now(),
        actor: caller.user_id,
    };
    store::insert_adjustment(c, &posting, &reward.reason, &reward.note).await.map_err(|e| {
        ApiError::from(e).on_constraint("stock_adjustments_pkey", || InventoryError::IdTaken.into())
    })?;
    stock::give(c, &posting, &lines, reward.not_expiring_before).await?;
    let made = store::find_adjustment(c, reward.id).await?.ok_or_else(ApiError::not_found)?;
    let action = ("inventory.adjust", "stock_adjustment");
    record(c, app, caller, action, reward.id.uuid(), reward.distributor, &made.head).await?;
    let pieces = Quantity::sum(lines.iter().map(|line| line.pieces)).map_err(crate::StockError::from)?;
    Ok(Rewarded { number, pieces })
}
