//! Hands out the goods that settlements gave.

use db::{PgConnection, audit};
use domain::{DocumentId, TypedQuantity, WarehouseId};
use inventory::Reward;
use platform::{ApiResult, App, Caller};
use serde_json::json;

use crate::error::PromotionError;
use crate::model::OwedGoods;
use crate::store::{self, NewHandOut};

/// Goods to hand out.
pub(crate) struct Asked {
    /// The adjustment's id.
    pub id: DocumentId,
    /// Where they come from, when it is said.
    pub warehouse: Option<WarehouseId>,
    /// How many of the settlement's unit; all that is left when not said.
    pub quantity: Option<i64>,
    pub note: String,
}

/// Hands out goods that a customer is owed, never more than that: they leave stock by an adjustment. One at a time: the
/// settlement is locked before it is read, and before anything of stock.
///
/// # Errors
/// 404; 409 when nothing is left to hand out; 422 when less is left, or too little in the warehouse.
pub(crate) async fn hand_out(
    c: &mut PgConnection,
    app: &App,
    caller: &Caller,
    settlement: DocumentId,
    asked: &Asked,
) -> ApiResult<OwedGoods> {
    store::lock_settlement(c, settlement).await?;
    let owed = store::find_owed(c, settlement).await?.ok_or(PromotionError::NotFound)?;
    let quantity = asked.quantity.unwrap_or(owed.left);
    if owed.left == 0 {
        return Err(PromotionError::HandedOut.into());
    }
    if quantity > owed.left {
        return Err(PromotionError::MoreThanOwed(owed.left).into());
    }
    let distributor = owed.distributor_id;
    let reward = Reward {
        id: asked.id,
        distributor,
        warehouse: asked.warehouse,
        product: owed.product_id,
        quantity: TypedQuantity { quantity, unit: owed.unit },
        not_expiring_before: store::find_good_from(c, distributor, owed.customer_id, app.today()).await?,
        reason: format!("Trả thưởng khuyến mại {} cho {}", owed.promotion_code, owed.customer_code),
        note: asked.note.clone(),
    };
    let made = inventory::reward(c, app, caller, &reward).await?;
    let new = NewHandOut {
        distributor,
        id: asked.id,
        settlement,
        quantity,
        pieces: made.pieces,
        business_date: app.today(),
        at: app.now(),
        actor: caller.user_id,
    };
    store::insert_hand_out(c, &new).await?;
    let after = json!({ "adjustment": made.number, "customerId": owed.customer_id, "quantity": quantity });
    let entry = audit::Entry {
        action: "promotions.hand_out",
        entity: "promotion_settlement",
        entity_id: Some(settlement.uuid()),
        distributor: Some(distributor),
        before: None::<&()>,
        after: Some(&after),
    };
    audit::record(c, caller.context(), app.now(), entry).await?;
    Ok(store::find_owed(c, settlement).await?.ok_or(PromotionError::NotFound)?)
}
