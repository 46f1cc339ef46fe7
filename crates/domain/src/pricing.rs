//! Prices an order: discounts, free goods, VAT and totals, each explained. Pure and deterministic, so that an order
//! priced on a phone without network has the server's totals to the đồng.
//!
//! The order of things:
//! 1. Each line's gross is its quantity times the price of the unit it was typed in.
//! 2. Promotions that are valid on the day, meant for the buyer and automatic or picked are sorted: the highest
//!    priority first, then by code and id. Of an exclusive group only the one that gives most on the bare order stays.
//! 3. Product promotions judge each of their products by the quantity or gross of all its lines. Percentages are taken
//!    of what earlier promotions have left, and shared over the lines of the product by largest remainder.
//! 4. Order promotions judge the order by its value after product discounts, and are shared over the lines by what is
//!    left of each.
//! 5. VAT is reckoned per line on what remains after both, rounded half up.
//!
//! Free goods are lines with price 0 and without VAT that name their promotion.

mod draft;
mod engine;
mod priced;
mod promotion;
mod sheet;
#[cfg(test)]
mod tests;
mod tiers;

pub use draft::{DraftLine, OrderDraft, PriceBook, ProductPrice};
pub use engine::{PricingError, price};
pub use priced::{
    Benefit, DiscountLevel, Explanation, FreeGoods, Gain, LineDiscount, Missing, NearMiss, OrderTotals,
    PricedLine, PricedOrder,
};
pub use promotion::{Basis, OrderReward, ProductReward, Promotion, PromotionKind};
pub use tiers::{InvalidTiers, Tier, Tiers};
