//! Random orders and rule books from a seed: the same seed gives the same everywhere.

use domain::pricing::{
    Basis, ComboPart, ComboReward, DraftLine, Gift, GiftChoice, Limits, OrderDraft, OrderReward, PriceBook,
    ProductPrice, ProductReward, Promotion, PromotionKind, RebateReward, Tier, Tiers, Usage, UsageFacts,
    Weekday,
};
use domain::{
    Audience, Buyer, Conversion, Money, OrderType, Percent, ProductId, PromotionId, Quantity, TypedQuantity,
    Unit, UnitPrices,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// Everything an order is priced with.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    pub draft: OrderDraft,
    pub book: PriceBook,
    pub promotions: Vec<Promotion>,
    pub usage: Usage,
}

/// SplitMix64: tiny, and good enough to make examples.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From `low` to `high`, both included.
    pub fn range(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % ((high - low + 1) as u64)) as i64
    }

    /// Once in `n` times.
    pub fn one_in(&mut self, n: i64) -> bool {
        self.range(1, n) == 1
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.range(0, of.len() as i64 - 1) as usize]
    }
}

pub fn product(n: i64) -> ProductId {
    // Spread over the range of ids, so that their order is not that of the numbers.
    uuid::Uuid::from_u128((n as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)).into()
}

pub fn promotion_id(n: i64) -> PromotionId {
    uuid::Uuid::from_u128((n as u128 + 7).wrapping_mul(0xD134_2543_DE82_EF95_2545_F491_4F6C_DD1D)).into()
}

/// How big a case is.
#[derive(Clone, Copy)]
pub struct Size {
    pub products: i64,
    pub lines: (i64, i64),
    pub promotions: (i64, i64),
    /// Only what the naive oracle understands too.
    pub plain: bool,
}

pub const SMALL: Size = Size { products: 6, lines: (1, 6), promotions: (0, 8), plain: false };

pub fn case(seed: u64, size: Size) -> Case {
    let dice = &mut Dice::new(seed);
    let mut book: BTreeMap<ProductId, ProductPrice> =
        (1..=size.products).map(|n| (product(n), price(dice))).collect();
    let lines = dice.range(size.lines.0, size.lines.1);
    let promotions = dice.range(size.promotions.0, size.promotions.1);
    let promotions: Vec<Promotion> = (1..=promotions).map(|n| promotion(dice, n, size)).collect();
    let mut draft = OrderDraft {
        buyer: Buyer {
            customer_id: uuid::Uuid::from_u128(0x2000).into(),
            distributor_id: uuid::Uuid::from_u128(0x3000).into(),
            channel: Some(if dice.one_in(4) { "MT" } else { "GT" }.into()),
            customer_group: Some("A".into()),
            customer_type: None,
            area: None,
        },
        date: chrono::NaiveDate::from_ymd_opt(2026, 8, dice.range(1, 28) as u32).unwrap(),
        order_type: if dice.one_in(3) { OrderType::VanSales } else { OrderType::PreSales },
        lines: (0..lines)
            .map(|n| {
                // A big order has each product once, as real ones have; a small one repeats them.
                let product_id =
                    product(if size.products > 100 { n * 7 + 1 } else { dice.range(1, size.products) });
                let unit = dice.pick(Unit::ALL);
                let quantity = if unit == Unit::Whole { dice.range(1, 8) } else { dice.range(1, 60) };
                DraftLine { product_id, typed: TypedQuantity { quantity, unit } }
            })
            .collect(),
        promotion_ids: BTreeSet::new(),
        first_order: dice.one_in(4),
        choices: Vec::new(),
    };
    let mut usage = Usage::default();
    for promotion in &promotions {
        if dice.one_in(2) {
            draft.promotion_ids.insert(promotion.id);
        }
        if dice.one_in(3) {
            draft.choices.push(GiftChoice {
                promotion_id: promotion.id,
                tier: dice.range(1, 3) as u32,
                product_id: product(dice.range(1, size.products)),
            });
        }
        if !size.plain && dice.one_in(4) {
            let facts = UsageFacts {
                budget_left: limits(dice),
                customer_left: limits(dice),
                accumulated: Some(dice.range(0, 500)),
            };
            usage.0.insert(promotion.id, facts);
        }
    }
    if dice.one_in(3) {
        // Some of what is not bought is not sold either; it may be a gift.
        book.retain(|product, _| {
            draft.lines.iter().any(|line| line.product_id == *product) || dice.one_in(2)
        });
    }
    Case { draft, book: PriceBook(book), promotions, usage }
}

fn price(dice: &mut Dice) -> ProductPrice {
    let retail = dice.range(0, 40) * dice.pick(&[0, 333, 1_000, 2_500, 2_500]);
    let pieces = dice.pick(&[1, 6, 10, 12, 24, 48]);
    // Cases are a little cheaper than their pieces.
    let whole = retail * pieces * dice.range(90, 100) / 100;
    ProductPrice {
        prices: UnitPrices { whole: Money::new(whole), retail: Money::new(retail) },
        vat: Percent::whole(dice.pick(&[0, 5, 8, 10])).unwrap(),
        conversion: Conversion::new(pieces).unwrap(),
    }
}

fn limits(dice: &mut Dice) -> Limits {
    Limits {
        times: dice.one_in(4).then(|| dice.range(0, 5)),
        amount: dice.one_in(4).then(|| Money::new(dice.range(0, 200_000))),
        quantity: dice.one_in(4).then(|| Quantity::new(dice.range(0, 50))),
    }
}

fn promotion(dice: &mut Dice, n: i64, size: Size) -> Promotion {
    let group = dice.range(1, if size.products > 100 { 40 } else { 6 });
    let mut audience = Audience::default();
    if dice.one_in(4) {
        audience.channels.insert("GT".into());
    }
    Promotion {
        id: promotion_id(n),
        code: format!("KM{:03}", dice.range(1, 999)),
        name: format!("Khuyến mại số {n}"),
        valid_from: chrono::NaiveDate::from_ymd_opt(2026, 8, dice.range(1, 5) as u32).unwrap(),
        valid_to: chrono::NaiveDate::from_ymd_opt(2026, 8, dice.range(20, 31) as u32),
        priority: dice.range(-2, 2) as i32,
        exclusive_group: (group <= if size.products > 100 { 12 } else { 2 }).then(|| format!("nhóm {group}")),
        automatic: !dice.one_in(6),
        audience,
        order_types: if dice.one_in(6) { [OrderType::VanSales].into() } else { BTreeSet::new() },
        weekdays: if dice.one_in(8) {
            (0..4).map(|_| dice.pick(Weekday::ALL)).collect()
        } else {
            BTreeSet::new()
        },
        first_order_only: dice.one_in(12),
        budget: if !size.plain && dice.one_in(5) { limits(dice) } else { Limits::NONE },
        per_customer: if !size.plain && dice.one_in(5) { limits(dice) } else { Limits::NONE },
        kind: kind(dice, size),
    }
}

fn kind(dice: &mut Dice, size: Size) -> PromotionKind {
    let products = |dice: &mut Dice, most: i64| -> BTreeSet<ProductId> {
        let count = dice.range(1, most);
        (0..count).map(|_| product(dice.range(1, size.products))).collect()
    };
    let most = if size.products > 100 { 12 } else { 3 };
    let basis = dice.pick(Basis::ALL);
    match dice.range(1, if size.plain { 4 } else { 8 }) {
        1 | 2 => PromotionKind::Product {
            products: products(dice, most),
            basis,
            tiers: tiers(dice, basis, |dice| product_reward(dice, size)),
        },
        3 => PromotionKind::Assortment {
            products: products(dice, most),
            basis,
            min_distinct: if dice.one_in(3) { 2 } else { 0 },
            discounted: if dice.one_in(4) { products(dice, 2) } else { BTreeSet::new() },
            tiers: tiers(dice, basis, |dice| product_reward(dice, size)),
        },
        4 => PromotionKind::Order { tiers: tiers(dice, Basis::Value, |dice| order_reward(dice, size)) },
        5 | 6 => {
            let parts: BTreeMap<ProductId, ComboPart> = products(dice, 3)
                .into_iter()
                .map(|product_id| {
                    let quantity = quantity(dice, 4);
                    (product_id, ComboPart { product_id, quantity, unit: Unit::Retail })
                })
                .collect();
            let tiers = tiers(dice, Basis::Cases, |dice| match dice.range(1, 4) {
                1 | 2 => ComboReward::BundlePrice { price: Money::new(dice.range(1, 60) * 1_000) },
                3 => ComboReward::Percent {
                    percent: Percent::from_basis_points(dice.range(1, 3_000) as i32).unwrap(),
                },
                _ => ComboReward::FreeGoods {
                    product_id: product(dice.range(1, size.products)),
                    quantity: quantity(dice, 2),
                    unit: Unit::Retail,
                    per_multiple: !dice.one_in(2),
                },
            });
            PromotionKind::Combo { parts: parts.into_values().collect(), tiers }
        }
        7 => PromotionKind::Accumulation {
            products: if dice.one_in(2) { BTreeSet::new() } else { products(dice, most) },
            basis,
            tiers: tiers(dice, basis, |dice| RebateReward::Amount {
                amount: Money::new(dice.range(1, 100_000)),
                per_multiple: dice.one_in(2),
            }),
        },
        _ => PromotionKind::Assortment {
            products: products(dice, most),
            basis: Basis::Pieces,
            min_distinct: dice.range(0, 3) as u32,
            discounted: BTreeSet::new(),
            tiers: tiers(dice, Basis::Pieces, |dice| ProductReward::Choice {
                gifts: (0..dice.range(1, 4))
                    .map(|_| Gift {
                        product_id: (!dice.one_in(5)).then(|| product(dice.range(1, size.products))),
                        quantity: quantity(dice, 3),
                        unit: dice.pick(Unit::ALL),
                    })
                    .collect(),
                pick: quantity(dice, 2),
                per_multiple: dice.one_in(2),
            }),
        },
    }
}

fn tiers<R>(dice: &mut Dice, basis: Basis, mut reward: impl FnMut(&mut Dice) -> R) -> Tiers<R> {
    let scale = match basis {
        Basis::Pieces => 24,
        Basis::Cases => 3,
        Basis::Value => 400_000,
    };
    let mut at = 0;
    let tiers: Vec<Tier<R>> = (0..dice.range(1, 3))
        .map(|_| {
            at += dice.range(1, scale);
            Tier { at_least: at, reward: reward(dice) }
        })
        .collect();
    tiers.try_into().ok().unwrap()
}

fn quantity(dice: &mut Dice, most: i64) -> NonZeroU32 {
    NonZeroU32::new(dice.range(1, most) as u32).unwrap()
}

fn product_reward(dice: &mut Dice, size: Size) -> ProductReward {
    match dice.range(1, if size.plain { 4 } else { 6 }) {
        1 => ProductReward::Percent {
            percent: Percent::from_basis_points(dice.range(1, 5_000) as i32).unwrap(),
        },
        2 => ProductReward::AmountPerUnit {
            amount: Money::new(dice.range(1, 3_000)),
            unit: dice.pick(Unit::ALL),
        },
        3 | 4 => ProductReward::FreeGoods {
            product_id: dice.one_in(2).then(|| product(dice.range(1, size.products))),
            quantity: quantity(dice, 3),
            unit: dice.pick(Unit::ALL),
            per_multiple: dice.one_in(2),
        },
        5 => {
            ProductReward::Amount { amount: Money::new(dice.range(1, 40_000)), per_multiple: dice.one_in(2) }
        }
        _ => ProductReward::FixedPrice {
            price: Money::new(dice.range(1, 40) * 900),
            unit: dice.pick(Unit::ALL),
        },
    }
}

fn order_reward(dice: &mut Dice, size: Size) -> OrderReward {
    match dice.range(1, 3) {
        1 => {
            OrderReward::Percent { percent: Percent::from_basis_points(dice.range(1, 1_500) as i32).unwrap() }
        }
        2 => OrderReward::Amount { amount: Money::new(dice.range(1, 60_000)) },
        _ => OrderReward::FreeGoods {
            product_id: product(dice.range(1, size.products)),
            quantity: quantity(dice, 3),
            unit: dice.pick(Unit::ALL),
            per_multiple: dice.one_in(3),
        },
    }
}
