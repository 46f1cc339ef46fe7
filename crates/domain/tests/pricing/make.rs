//! Short ways to write orders and promotions.
//!
//! Product 1: 10,000 a piece, 110,000 a case of 12, 8 % VAT. Product 2: 5,000, case of 10, 10 %. Product 3: 333, no VAT.
//! Product 4: 20,000, case of 24, 8 %.

use domain::pricing::*;
use domain::{
    Audience, Buyer, Conversion, Money, OrderType, Percent, ProductId, PromotionId, TypedQuantity, Unit,
    UnitPrices,
};
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use uuid::Uuid;

pub fn product(n: u128) -> ProductId {
    Uuid::from_u128(n).into()
}

pub fn pid(n: u128) -> PromotionId {
    Uuid::from_u128(0x1000 + n).into()
}

pub fn percent(percent: i32) -> Percent {
    Percent::whole(percent).unwrap()
}

pub fn dong(amount: i64) -> Money {
    Money::new(amount)
}

pub fn day(day: u32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 8, day).unwrap()
}

pub fn book() -> PriceBook {
    let entry = |whole, retail, vat, conversion| ProductPrice {
        prices: UnitPrices { whole: dong(whole), retail: dong(retail) },
        vat: percent(vat),
        conversion: Conversion::new(conversion).unwrap(),
    };
    PriceBook(
        [
            (product(1), entry(110_000, 10_000, 8, 12)),
            (product(2), entry(50_000, 5_000, 10, 10)),
            (product(3), entry(333, 333, 0, 1)),
            (product(4), entry(480_000, 20_000, 8, 24)),
        ]
        .into(),
    )
}

pub fn typed(lines: &[(u128, i64, Unit)]) -> OrderDraft {
    OrderDraft {
        buyer: Buyer {
            customer_id: Uuid::from_u128(0x2000).into(),
            distributor_id: Uuid::from_u128(0x3000).into(),
            channel: Some("GT".into()),
            customer_group: Some("A".into()),
            customer_type: None,
            area: None,
        },
        date: day(15),
        order_type: OrderType::PreSales,
        lines: lines
            .iter()
            .map(|(n, quantity, unit)| DraftLine {
                product_id: product(*n),
                typed: TypedQuantity { quantity: *quantity, unit: *unit },
            })
            .collect(),
        promotion_ids: BTreeSet::new(),
        first_order: false,
        choices: Vec::new(),
    }
}

pub fn pieces(lines: &[(u128, i64)]) -> OrderDraft {
    typed(&lines.iter().map(|(n, quantity)| (*n, *quantity, Unit::Retail)).collect::<Vec<_>>())
}

pub fn promotion(n: u128, kind: PromotionKind) -> Promotion {
    Promotion {
        id: pid(n),
        code: format!("KM{n:02}"),
        name: format!("Khuyến mại {n}"),
        valid_from: day(1),
        valid_to: Some(day(31)),
        priority: 0,
        exclusive_group: None,
        automatic: true,
        audience: Audience::default(),
        order_types: BTreeSet::new(),
        weekdays: BTreeSet::new(),
        first_order_only: false,
        budget: Limits::NONE,
        per_customer: Limits::NONE,
        kind,
    }
}

pub fn tiers<R>(tiers: Vec<(i64, R)>) -> Tiers<R> {
    let tiers: Vec<_> = tiers.into_iter().map(|(at_least, reward)| Tier { at_least, reward }).collect();
    tiers.try_into().unwrap()
}

pub fn set(products: &[u128]) -> BTreeSet<ProductId> {
    products.iter().map(|n| product(*n)).collect()
}

pub fn on_product(products: &[u128], basis: Basis, rewards: Vec<(i64, ProductReward)>) -> PromotionKind {
    PromotionKind::Product { products: set(products), basis, tiers: tiers(rewards) }
}

pub fn on_set(products: &[u128], basis: Basis, rewards: Vec<(i64, ProductReward)>) -> PromotionKind {
    PromotionKind::Assortment {
        products: set(products),
        basis,
        min_distinct: 0,
        discounted: BTreeSet::new(),
        tiers: tiers(rewards),
    }
}

pub fn on_order(rewards: Vec<(i64, OrderReward)>) -> PromotionKind {
    PromotionKind::Order { tiers: tiers(rewards) }
}

pub fn combo(parts: &[(u128, u32)], rewards: Vec<(i64, ComboReward)>) -> PromotionKind {
    let part = |(n, quantity): &(u128, u32)| ComboPart {
        product_id: product(*n),
        quantity: some(*quantity),
        unit: Unit::Retail,
    };
    PromotionKind::Combo { parts: parts.iter().map(part).collect(), tiers: tiers(rewards) }
}

pub fn some(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

/// So many pieces for nothing: once, or for each multiple.
pub fn free(gift: Option<u128>, quantity: u32, per_multiple: bool) -> ProductReward {
    ProductReward::FreeGoods {
        product_id: gift.map(product),
        quantity: some(quantity),
        unit: Unit::Retail,
        per_multiple,
    }
}

pub fn gift(n: u128, quantity: u32) -> Gift {
    Gift { product_id: Some(product(n)), quantity: some(quantity), unit: Unit::Retail }
}

pub fn off(n: i32) -> ProductReward {
    ProductReward::Percent { percent: percent(n) }
}

pub fn priced(draft: &OrderDraft, promotions: &[Promotion]) -> PricedOrder {
    price(draft, &book(), promotions, &Usage::default()).unwrap()
}

/// Promotion, product and pieces of each free line.
pub fn gifts(order: &PricedOrder) -> Vec<(u128, u128, i64)> {
    order
        .lines
        .iter()
        .filter_map(|line| {
            let from = line.free?.promotion_id.uuid().as_u128() - 0x1000;
            Some((from, line.product_id.uuid().as_u128(), line.pieces.pieces()))
        })
        .collect()
}

/// Product and order discount in all.
pub fn discounts(order: &PricedOrder) -> (i64, i64) {
    (order.totals.product_discount.dong(), order.totals.order_discount.dong())
}

pub fn why_not(order: &PricedOrder, n: u128) -> Option<WhyNot> {
    order.not_applied.iter().find(|not| not.promotion_id == pid(n)).map(|not| not.reason)
}
