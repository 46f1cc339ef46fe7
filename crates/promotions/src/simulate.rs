//! What a promotion would have cost, over past orders.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use db::PgConnection;
use domain::pricing::{self, PastOrder, PriceBook, Promotion, Simulation};
use domain::{DistributorId, OrderId, ProductId, PromotionId};
use platform::ApiError;
use uuid::Uuid;

use crate::error::PromotionError;
use crate::model::PromotionStatus;
use crate::store::{self, KeptOrder};

/// More orders than this are not replayed at once.
const MOST_ORDERS: i64 = 20_000;

/// What is replayed.
pub(crate) struct Replay {
    promotion: Promotion,
    orders: Vec<KeptOrder>,
    others: Vec<Promotion>,
    prices: PriceBook,
}

/// What came of it.
pub(crate) struct Outcome {
    pub simulation: Simulation,
    pub numbers: BTreeMap<OrderId, String>,
    /// Whether there were more orders than are replayed at once.
    pub truncated: bool,
}

/// Reads the promotion, and the orders and other promotions of the period. Which promotions were paused at the time is
/// not known: all that are no drafts count on the days for which they were meant.
///
/// # Errors
/// 404; 409 when orders don't earn it.
pub(crate) async fn prepare(
    c: &mut PgConnection,
    id: PromotionId,
    from: NaiveDate,
    to: NaiveDate,
    distributor: Option<DistributorId>,
) -> Result<Replay, ApiError> {
    let promotion = store::find(c, id).await?.ok_or(PromotionError::NotFound)?.into_rule();
    if !promotion.kind.is_priced() {
        return Err(PromotionError::NothingToSimulate.into());
    }
    let statuses = [PromotionStatus::Active, PromotionStatus::Paused, PromotionStatus::Ended];
    let others = store::list_rules(c, &statuses, from, to).await?;
    let orders = store::list_orders(c, from, to, distributor, MOST_ORDERS + 1).await?;
    let mut products: BTreeSet<ProductId> = promotion.gifts();
    products.extend(others.iter().flat_map(Promotion::gifts));
    products.extend(orders.iter().flat_map(|order| order.draft.lines.iter().map(|line| line.product_id)));
    let products: Vec<Uuid> = products.into_iter().map(|product| product.uuid()).collect();
    let prices = store::price_book(c, &products).await?;
    Ok(Replay { promotion, orders, others, prices })
}

impl Replay {
    /// Replays the orders; takes a while when they are many.
    pub fn run(mut self) -> Result<Outcome, ApiError> {
        let most = usize::try_from(MOST_ORDERS).unwrap_or(usize::MAX);
        let truncated = self.orders.len() > most;
        self.orders.truncate(most);
        // Each order needs only the prices of its own goods and of what may be given.
        let given: BTreeSet<ProductId> =
            self.others.iter().chain([&self.promotion]).flat_map(Promotion::gifts).collect();
        let books: Vec<PriceBook> = self
            .orders
            .iter()
            .map(|order| {
                let own = order.draft.lines.iter().map(|line| line.product_id);
                let prices = own.chain(given.iter().copied());
                let known = prices.filter_map(|product| Some((product, *self.prices.0.get(&product)?)));
                order.book(&PriceBook(known.collect()))
            })
            .collect();
        let past = self.orders.iter().zip(&books).map(|(order, book)| PastOrder {
            id: order.id,
            draft: &order.draft,
            book,
            active: &self.others,
        });
        // The engine looks at the dates of the others itself.
        let simulation = pricing::simulate(&self.promotion, past).map_err(ApiError::internal)?;
        let numbers = self.orders.iter().map(|order| (order.id, order.number.clone())).collect();
        Ok(Outcome { simulation, numbers, truncated })
    }
}
