use chrono::{Days, NaiveDate};
use db::PgConnection;
use domain::{DistributorId, ProductId, Quantity, WarehouseId};

use super::{StockError, per_product};
use crate::store::{self, Missing, Purpose};

/// So many days back goods may be booked: those whose files for the ERP are made anew by tomorrow's run, which looks back
/// 31 days.
const DAYS_BACK: Days = Days::new(30);

/// The business day on which goods are booked that left a warehouse on a day and are told of only today: that day, while
/// its books are open. They are not once the warehouse was counted, or is being counted, for that day or a later one, for
/// the count found the goods gone; nor on a day on which, or after which, the lots of that day have fewer of them; nor after
/// 30 days. Then the goods are booked today. A day that is over for the company, as a month with a snapshot, stays open.
///
/// Of an earlier day the goods' balances are locked, as for leaving.
///
/// # Errors
/// [`StockError::Counting`] while nothing may be posted.
pub async fn day_of(
    c: &mut PgConnection,
    (distributor, warehouse): (DistributorId, WarehouseId),
    left_on: NaiveDate,
    today: NaiveDate,
    goods: impl IntoIterator<Item = (ProductId, Quantity)>,
) -> Result<NaiveDate, StockError> {
    if left_on >= today || left_on + DAYS_BACK < today {
        return Ok(today);
    }
    let goods = per_product(goods)?;
    let products: Vec<ProductId> = goods.keys().copied().collect();
    let items =
        store::lock_items(c, distributor, warehouse, &products, Missing::Leave, Purpose::Post).await?;
    if store::is_counted_since(c, distributor, warehouse, left_on, &products).await? {
        return Ok(today);
    }
    if !items.allow_negative {
        let lots = store::list_lots_since(c, distributor, warehouse, &products, left_on).await?;
        for (product, pieces) in goods {
            let of_product = lots.iter().filter(|lot| lot.product_id == product);
            if Quantity::sum(of_product.map(|lot| lot.on_hand))? < pieces {
                return Ok(today);
            }
        }
    }
    Ok(left_on)
}
