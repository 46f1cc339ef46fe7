//! Prices an order: discounts, free goods, VAT and totals, each explained. Pure and deterministic, so that an order
//! priced on a phone without network has the server's totals to the đồng.
//!
//! The order of things:
//! 1. Each line's gross is its quantity times the price of the unit it was typed in. Lines are worked on in a canonical
//!    order, so that nothing depends on the order in which they were typed.
//! 2. Promotions that are valid on the day, meant for the buyer and automatic or picked are sorted: those on products
//!    before those on orders, then the highest priority first, then by code and id. Of each exclusive group one stays,
//!    so that the customer gets most in all.
//! 3. Promotions on products judge what they look at by its bare quantity or gross, so that they never depend on each
//!    other to be earned: a product by itself, an assortment together, a combo by its complete sets. Percentages are
//!    taken of what earlier promotions have left, and shared over the lines by largest remainder.
//! 4. Promotions on orders judge the order by its value after product discounts, and are shared over the lines by what
//!    is left of each.
//! 5. No promotion gives more than is left of its budget and for the customer: money to the đồng, goods only in whole
//!    times.
//! 6. VAT is reckoned per line on what remains after both, rounded half up.
//!
//! Thresholds are inclusive. Free goods are lines with price 0 and without VAT that name their promotion; they never
//! count towards thresholds. Accumulations and displays are not priced in an order but settled after their period.

mod cart;
mod choose;
mod draft;
mod engine;
mod finish;
mod lint;
mod measure;
mod prepare;
mod priced;
mod promotion;
mod reward;
mod rules;
mod run;
mod settle;
mod simulate;
#[cfg(test)]
mod tests;
mod tiers;
mod usage;

pub use draft::{DraftLine, GiftChoice, OrderDraft, PriceBook, ProductPrice};
pub use engine::{PricingError, price};
pub use lint::{Finding, FindingCode, Sellers, Severity, lint};
pub use measure::Bought;
pub use priced::{
    Benefit, DiscountLevel, Explanation, FreeGoods, Gain, GiftOption, LineDiscount, Missing, MissingPart,
    NearMiss, NotApplied, OrderTotals, PricedLine, PricedOrder, PromotionUse, WhyNot, is_earned_by,
};
pub use promotion::{Basis, ComboPart, Promotion, PromotionKind, Weekday};
pub use reward::{ComboReward, DisplayReward, Gift, OrderReward, ProductReward, RebateReward};
pub use rules::RuleBook;
pub use settle::{Rebate, Settled, accumulated, settle_accumulation, settle_display};
pub use simulate::{OrderEffect, PastOrder, Simulation, simulate};
pub use tiers::{InvalidTiers, Tier, Tiers};
pub use usage::{Limits, Usage, UsageFacts, Used};
