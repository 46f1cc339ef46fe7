//! Orders as examples; what holds for every order stands in `properties`.

mod properties;

use super::*;
use crate::buyer::Audience;
use crate::{
    Buyer, Conversion, Money, OrderType, Percent, ProductId, PromotionId, Quantity, TypedQuantity, Unit,
    UnitPrices,
};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use uuid::Uuid;

fn product(n: u128) -> ProductId {
    Uuid::from_u128(n).into()
}

fn promotion_id(n: u128) -> PromotionId {
    Uuid::from_u128(0x1000 + n).into()
}

fn percent(percent: i32) -> Percent {
    Percent::whole(percent).unwrap()
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 8, day).unwrap()
}

/// Product 1: 10,000 a piece, 110,000 a case of 12, 8 % VAT. Product 2: 5,000, 10 %. Product 3: 333, 0 %.
fn book() -> PriceBook {
    let entry = |whole, retail, vat, conversion| ProductPrice {
        prices: UnitPrices { whole: Money::new(whole), retail: Money::new(retail) },
        vat: percent(vat),
        conversion: Conversion::new(conversion).unwrap(),
    };
    PriceBook(
        [
            (product(1), entry(110_000, 10_000, 8, 12)),
            (product(2), entry(50_000, 5_000, 10, 10)),
            (product(3), entry(333, 333, 0, 1)),
        ]
        .into(),
    )
}

fn draft(lines: &[(u128, i64, Unit)]) -> OrderDraft {
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

fn pieces(lines: &[(u128, i64)]) -> OrderDraft {
    draft(&lines.iter().map(|(n, quantity)| (*n, *quantity, Unit::Retail)).collect::<Vec<_>>())
}

fn promotion(n: u128, kind: PromotionKind) -> Promotion {
    Promotion {
        id: promotion_id(n),
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

fn on_product(products: &[u128], basis: Basis, tiers: Vec<(i64, ProductReward)>) -> PromotionKind {
    let tiers: Vec<_> = tiers.into_iter().map(|(at_least, reward)| Tier { at_least, reward }).collect();
    PromotionKind::Product {
        products: products.iter().map(|n| product(*n)).collect(),
        basis,
        tiers: tiers.try_into().unwrap(),
    }
}

fn on_order(tiers: Vec<(i64, OrderReward)>) -> PromotionKind {
    let tiers: Vec<_> = tiers.into_iter().map(|(at_least, reward)| Tier { at_least, reward }).collect();
    PromotionKind::Order { tiers: tiers.try_into().unwrap() }
}

fn free(gift: Option<u128>, quantity: u32, unit: Unit, per_multiple: bool) -> ProductReward {
    let quantity = NonZeroU32::new(quantity).unwrap();
    ProductReward::FreeGoods { product_id: gift.map(product), quantity, unit, per_multiple }
}

fn off(n: i32) -> ProductReward {
    ProductReward::Percent { percent: percent(n) }
}

/// Buy 12 of product 1, get 1 of the same free, again for each 12.
fn twelve_plus_one() -> Promotion {
    promotion(1, on_product(&[1], Basis::Pieces, vec![(12, free(None, 1, Unit::Retail, true))]))
}

fn priced(draft: &OrderDraft, promotions: &[Promotion]) -> PricedOrder {
    price(draft, &book(), promotions, &Usage::default()).unwrap()
}

/// Promotion, product and quantity of the free goods.
fn gifts(order: &PricedOrder) -> Vec<(PromotionId, ProductId, i64)> {
    let free = order.lines.iter().filter_map(|line| Some((line.free?, line)));
    free.map(|(source, line)| (source.promotion_id, line.product_id, line.quantity)).collect()
}

fn discounts(order: &PricedOrder) -> Vec<(i64, i64)> {
    order.lines.iter().map(|line| (line.product_discount.dong(), line.order_discount.dong())).collect()
}

#[test]
fn without_promotions_a_line_is_quantity_times_the_price_of_its_unit_and_vat() {
    let order = priced(&draft(&[(1, 2, Unit::Whole), (1, 3, Unit::Retail), (2, 1, Unit::Retail)]), &[]);
    let lines: Vec<_> = order
        .lines
        .iter()
        .map(|line| (line.unit_price.dong(), line.gross.dong(), line.vat.dong(), line.pieces.pieces()))
        .collect();
    assert_eq!(lines, [(110_000, 220_000, 17_600, 24), (10_000, 30_000, 2_400, 3), (5_000, 5_000, 500, 1)]);
    let money = Money::new;
    assert_eq!(
        order.totals,
        OrderTotals {
            gross: money(255_000),
            product_discount: Money::ZERO,
            order_discount: Money::ZERO,
            net: money(255_000),
            vat: money(20_500),
            total: money(275_500),
        }
    );
    assert!(order.explanations.is_empty() && order.near_misses.is_empty());
}

#[test]
fn twelve_bought_give_one_free_and_twenty_four_give_two() {
    for (bought, given) in [(12, 1), (23, 1), (24, 2), (36, 3)] {
        let order = priced(&pieces(&[(1, bought)]), &[twelve_plus_one()]);
        assert_eq!(gifts(&order), [(promotion_id(1), product(1), given)], "{bought} bought");
    }
    let order = priced(&pieces(&[(1, 24)]), &[twelve_plus_one()]);
    let gift = &order.lines[1];
    assert_eq!((gift.unit, gift.pieces, gift.total), (Unit::Retail, Quantity::new(2), Money::ZERO));
    assert_eq!(gift.free, Some(FreeGoods { promotion_id: promotion_id(1), tier: 1 }));
    assert_eq!(order.totals.total, Money::new(259_200), "the gift costs nothing, not even VAT");
    assert_eq!(
        order.explanations,
        [Explanation {
            promotion_id: promotion_id(1),
            promotion_code: "KM01".into(),
            promotion_name: "Khuyến mại 1".into(),
            tier: 1,
            product_id: Some(product(1)),
            product_ids: Vec::new(),
            benefit: Benefit::FreeGoods { product_id: product(1), quantity: 2, unit: Unit::Retail },
            limited: false,
            choices: Vec::new(),
        }]
    );
    assert!(order.near_misses.is_empty());
}

#[test]
fn eleven_bought_give_nothing_but_the_word_that_one_more_would() {
    let order = priced(&pieces(&[(1, 11)]), &[twelve_plus_one()]);
    assert!(gifts(&order).is_empty() && order.explanations.is_empty());
    assert_eq!(
        order.near_misses,
        [NearMiss {
            promotion_id: promotion_id(1),
            promotion_code: "KM01".into(),
            promotion_name: "Khuyến mại 1".into(),
            tier: 1,
            product_id: Some(product(1)),
            missing: Missing::Pieces { quantity: Quantity::new(1) },
            gain: Gain::FreeGoods { product_id: product(1), quantity: 1, unit: Unit::Retail },
        }]
    );
    let far = priced(&pieces(&[(1, 5)]), &[twelve_plus_one()]);
    assert!(far.near_misses.is_empty(), "less than half the way is no near miss");
}

#[test]
fn cases_and_pieces_of_a_product_are_counted_together() {
    let order = priced(&draft(&[(1, 1, Unit::Whole), (1, 12, Unit::Retail)]), &[twelve_plus_one()]);
    assert_eq!(gifts(&order), [(promotion_id(1), product(1), 2)]);
}

#[test]
fn each_product_of_a_promotion_is_judged_by_itself_and_shared_gifts_are_one_line() {
    let kind = on_product(&[1, 2], Basis::Pieces, vec![(10, free(Some(3), 1, Unit::Retail, true))]);
    let order = priced(&pieces(&[(1, 9), (2, 9)]), &[promotion(1, kind.clone())]);
    assert!(gifts(&order).is_empty());
    let order = priced(&pieces(&[(1, 10), (2, 20)]), &[promotion(1, kind)]);
    assert_eq!(gifts(&order), [(promotion_id(1), product(3), 3)]);
    assert_eq!(order.explanations.len(), 2, "each product explains its own part");
}

#[test]
fn thresholds_and_gifts_may_be_cases() {
    let kind = on_product(&[1], Basis::Cases, vec![(2, free(Some(2), 1, Unit::Whole, false))]);
    let order = priced(&draft(&[(1, 1, Unit::Whole), (1, 11, Unit::Retail)]), &[promotion(1, kind.clone())]);
    assert_eq!(order.near_misses[0].missing, Missing::Pieces { quantity: Quantity::new(1) });
    let order = priced(&pieces(&[(1, 60)]), &[promotion(1, kind)]);
    let gift = order.lines.last().unwrap();
    assert_eq!(
        (gift.quantity, gift.unit, gift.pieces),
        (1, Unit::Whole, Quantity::new(10)),
        "once, not per multiple"
    );
}

#[test]
fn the_highest_tier_reached_gives_its_percentage() {
    let tiers = vec![(100_000, off(5)), (200_000, off(10))];
    let promotions = [promotion(1, on_product(&[1], Basis::Value, tiers))];
    let order = priced(&pieces(&[(1, 19), (2, 1)]), &promotions);
    assert_eq!(discounts(&order), [(9_500, 0), (0, 0)]);
    assert_eq!(order.near_misses[0].missing, Missing::Value { amount: Money::new(10_000) });
    assert_eq!(order.near_misses[0].gain, Gain::Percent { percent: percent(10) });
    let order = priced(&pieces(&[(1, 20)]), &promotions);
    assert_eq!(discounts(&order), [(20_000, 0)]);
    assert_eq!(order.lines[0].vat, Money::new(14_400), "VAT is on what remains");
}

#[test]
fn an_amount_per_unit_counts_full_cases_or_pieces_and_never_goes_below_nothing() {
    let amount = |amount, unit| {
        let reward = ProductReward::AmountPerUnit { amount: Money::new(amount), unit };
        [promotion(1, on_product(&[1], Basis::Pieces, vec![(1, reward)]))]
    };
    assert_eq!(discounts(&priced(&pieces(&[(1, 30)]), &amount(500, Unit::Retail))), [(15_000, 0)]);
    assert_eq!(discounts(&priced(&pieces(&[(1, 30)]), &amount(500, Unit::Whole))), [(1_000, 0)]);
    assert_eq!(discounts(&priced(&pieces(&[(1, 1)]), &amount(99_999, Unit::Retail))), [(10_000, 0)]);
}

#[test]
fn a_product_discount_is_shared_over_its_lines_to_the_dong() {
    let kind = on_product(&[1], Basis::Pieces, vec![(1, off(10))]);
    let order = priced(
        &draft(&[(1, 1, Unit::Whole), (2, 1, Unit::Retail), (1, 1, Unit::Retail)]),
        &[promotion(1, kind)],
    );
    assert_eq!(discounts(&order), [(11_000, 0), (0, 0), (1_000, 0)]);
    assert_eq!(order.explanations.len(), 1);
}

#[test]
fn an_order_discount_is_shared_by_largest_remainder_after_product_discounts() {
    let promotions = [
        promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(50))])),
        promotion(2, on_order(vec![(10_000, OrderReward::Amount { amount: Money::new(1_000) })])),
    ];
    let order = priced(&pieces(&[(1, 1), (2, 1), (3, 1)]), &promotions);
    // 5,000, 5,000 and 333 are left: shares of 1,000 are 483.89, 483.89 and 32.23.
    assert_eq!(discounts(&order), [(5_000, 484), (0, 484), (0, 32)]);
    assert_eq!(order.totals.net, Money::new(9_333));
    let parts: Vec<_> = order.lines[0].discounts.iter().map(|part| (part.promotion_id, part.level)).collect();
    assert_eq!(parts, [(promotion_id(1), DiscountLevel::Product), (promotion_id(2), DiscountLevel::Order)]);
}

#[test]
fn an_order_narrowly_below_a_tier_says_what_is_missing() {
    let promotions = [promotion(1, on_order(vec![(100_000, OrderReward::Percent { percent: percent(2) })]))];
    let order = priced(&pieces(&[(1, 9)]), &promotions);
    assert_eq!(order.near_misses[0].missing, Missing::Value { amount: Money::new(10_000) });
    assert_eq!(order.near_misses[0].product_id, None);
    let order = priced(&pieces(&[(1, 10)]), &promotions);
    assert_eq!(order.totals.order_discount, Money::new(2_000));
}

#[test]
fn stacked_percentages_take_from_what_the_higher_priority_left() {
    let first =
        Promotion { priority: 5, ..promotion(2, on_product(&[1], Basis::Pieces, vec![(1, off(50))])) };
    let second = promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(10))]));
    let order = priced(&pieces(&[(1, 1)]), &[second, first]);
    let amounts: Vec<_> =
        order.lines[0].discounts.iter().map(|part| (part.promotion_id, part.amount.dong())).collect();
    assert_eq!(amounts, [(promotion_id(2), 5_000), (promotion_id(1), 500)]);
}

#[test]
fn of_an_exclusive_group_only_the_best_takes_effect() {
    let in_group = |promotion: Promotion| Promotion { exclusive_group: Some("hè".into()), ..promotion };
    // One free piece is worth 10,000; 10 % of 12 pieces is 12,000, of 24 it is 24,000 against 20,000.
    let gift = in_group(Promotion { priority: 9, ..twelve_plus_one() });
    let ten = in_group(promotion(2, on_product(&[1], Basis::Pieces, vec![(12, off(10))])));
    let seven = in_group(promotion(3, on_order(vec![(1, OrderReward::Percent { percent: percent(7) })])));
    let all = [gift.clone(), ten, seven.clone()];
    let order = priced(&pieces(&[(1, 12)]), &all);
    assert_eq!((order.totals.product_discount.dong(), order.totals.order_discount.dong()), (12_000, 0));
    assert!(gifts(&order).is_empty());
    // 7 % of 12 pieces is 8,400: now the gift is worth more.
    let order = priced(&pieces(&[(1, 12)]), &[seven.clone(), gift.clone()]);
    assert_eq!(gifts(&order).len(), 1);
    assert!(order.totals.order_discount.is_zero());
    // Stacking promotions don't mind the group.
    let free_for_all = Promotion { exclusive_group: None, ..seven };
    let order = priced(&pieces(&[(1, 12)]), &[free_for_all, gift]);
    assert_eq!((gifts(&order).len(), order.totals.order_discount.dong()), (1, 8_400));
}

#[test]
fn equals_in_an_exclusive_group_are_decided_by_priority_and_code() {
    let of = |n, priority| Promotion {
        exclusive_group: Some("hè".into()),
        priority,
        ..promotion(n, on_product(&[1], Basis::Pieces, vec![(1, off(10))]))
    };
    let winner =
        |promotions: &[Promotion]| priced(&pieces(&[(1, 1)]), promotions).explanations[0].promotion_id;
    assert_eq!(winner(&[of(1, 0), of(2, 1)]), promotion_id(2));
    assert_eq!(winner(&[of(2, 0), of(1, 0)]), promotion_id(1));
}

#[test]
fn a_promotion_of_another_day_buyer_or_order_type_gives_nothing() {
    let order = |promotion: Promotion| priced(&pieces(&[(1, 12)]), &[promotion]);
    let base = twelve_plus_one;
    let silent = [
        Promotion { valid_from: day(16), ..base() },
        Promotion { valid_to: Some(day(14)), ..base() },
        Promotion {
            audience: Audience { channels: ["MT".to_owned()].into(), ..Audience::default() },
            ..base()
        },
        Promotion { order_types: [OrderType::VanSales].into(), ..base() },
        Promotion { automatic: false, ..base() },
    ];
    for promotion in silent {
        assert!(gifts(&order(promotion)).is_empty());
    }
    for promotion in [
        Promotion { valid_from: day(15), valid_to: Some(day(15)), ..base() },
        Promotion { valid_to: None, ..base() },
        Promotion {
            audience: Audience { channels: ["GT".to_owned()].into(), ..Audience::default() },
            ..base()
        },
        Promotion { order_types: [OrderType::PreSales].into(), ..base() },
    ] {
        assert_eq!(gifts(&order(promotion)).len(), 1);
    }
}

#[test]
fn a_promotion_that_is_not_automatic_applies_when_picked() {
    let picked = OrderDraft { promotion_ids: [promotion_id(1)].into(), ..pieces(&[(1, 12)]) };
    let order = priced(&picked, &[Promotion { automatic: false, ..twelve_plus_one() }]);
    assert_eq!(gifts(&order).len(), 1);
}

#[test]
fn bad_drafts_are_refused_with_the_reason() {
    let error = |draft: &OrderDraft| price(draft, &book(), &[], &Usage::default()).unwrap_err();
    assert_eq!(error(&pieces(&[(1, 1), (2, 0)])), PricingError::Quantity { line: 2, quantity: 0 });
    assert_eq!(error(&pieces(&[(9, 1)])), PricingError::UnknownProduct { product_id: product(9) });
    assert!(matches!(error(&pieces(&[(1, i64::MAX)])), PricingError::Overflow(_)));
}

#[test]
fn price_lists_replace_the_catalogues_prices() {
    let draft = pieces(&[(1, 1), (2, 1)]);
    let prices = UnitPrices { whole: Money::new(100_000), retail: Money::new(9_000) };
    let list = crate::price::PriceList {
        id: Uuid::from_u128(1).into(),
        scope: crate::price::PriceScope::Channel { channel: "GT".into() },
        priority: 0,
        valid_from: day(1),
        valid_to: None,
        prices: [(product(1), prices)].into(),
    };
    let book = book().with_price_lists(&[list], &draft.buyer, draft.date);
    assert_eq!(price(&draft, &book, &[], &Usage::default()).unwrap().totals.gross, Money::new(14_000));
}

#[test]
fn the_json_is_the_same_on_server_and_phone() {
    let json = serde_json::json!({
        "id": promotion_id(1), "code": "KM01", "name": "Khuyến mại 1",
        "validFrom": "2026-08-01", "validTo": "2026-08-31",
        "kind": {
            "type": "product", "products": [product(1)], "basis": "pieces",
            "tiers": [{"atLeast": 12, "reward": {"type": "freeGoods", "quantity": 1, "unit": "retail", "perMultiple": true}}],
        },
    });
    let promotion: Promotion = serde_json::from_value(json).unwrap();
    assert_eq!(promotion, twelve_plus_one());
    let draft: OrderDraft = serde_json::from_value(serde_json::json!({
        "buyer": {"customerId": Uuid::from_u128(0x2000), "distributorId": Uuid::from_u128(0x3000), "channel": "GT", "customerGroup": "A"},
        "date": "2026-08-15", "orderType": "PreSales",
        "lines": [{"productId": product(1), "quantity": 1, "unit": "whole"}],
    }))
    .unwrap();
    assert_eq!(draft, self::draft(&[(1, 1, Unit::Whole)]));
    let book: PriceBook = serde_json::from_value(serde_json::json!({
        product(1).to_string(): {"whole": 110_000, "retail": 10_000, "vat": 8, "conversion": 12},
    }))
    .unwrap();
    let order = serde_json::to_value(price(&draft, &book, &[promotion], &Usage::default()).unwrap()).unwrap();
    assert_eq!(order["lines"][0]["vatRate"], 8);
    assert_eq!(order["lines"][1]["free"]["promotionId"], serde_json::json!(promotion_id(1)));
    assert_eq!(order["explanations"][0]["benefit"]["type"], "freeGoods");
    assert_eq!(order["totals"]["total"], 118_800);
}
