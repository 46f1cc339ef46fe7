//! Accumulations and displays.

use crate::make::*;
use domain::pricing::*;
use domain::{Conversion, Money, ProductId, Unit};
use std::collections::BTreeMap;

fn bought(of: &[(u128, i64, i64)]) -> BTreeMap<ProductId, Bought> {
    let conversion = Conversion::new(12).unwrap();
    of.iter()
        .map(|(n, pieces, value)| (product(*n), Bought { pieces: *pieces, value: dong(*value), conversion }))
        .collect()
}

fn rebate(amount: i64, per_multiple: bool) -> RebateReward {
    RebateReward::Amount { amount: dong(amount), per_multiple }
}

fn accumulation(products: &[u128], basis: Basis, rewards: Vec<(i64, RebateReward)>) -> Promotion {
    promotion(1, PromotionKind::Accumulation { products: set(products), basis, tiers: tiers(rewards) })
}

fn settled(promotion: &Promotion, of: &[(u128, i64, i64)]) -> Option<(u32, i64)> {
    let rebate = settle_accumulation(promotion, &bought(of), Limits::NONE).unwrap()?;
    Some((rebate.tier, rebate.amount.dong()))
}

#[test]
fn the_highest_tier_reached_in_the_period_is_credited() {
    let two = RebateReward::Percent { percent: percent(2) };
    let volume = accumulation(&[1], Basis::Cases, vec![(5, rebate(50_000, false)), (10, two)]);
    assert_eq!(settled(&volume, &[(1, 59, 590_000)]), None);
    assert_eq!(
        accumulated(&volume, &bought(&[(1, 59, 590_000), (2, 99, 1)])),
        Ok(4),
        "whole cases of what counts"
    );
    assert_eq!(settled(&volume, &[(1, 60, 600_000), (2, 999, 9_999_999)]), Some((1, 50_000)));
    assert_eq!(settled(&volume, &[(1, 120, 1_200_000), (2, 999, 9_999_999)]), Some((2, 24_000)));
}

#[test]
fn a_rebate_may_repeat_and_an_empty_set_is_every_product() {
    let each = accumulation(&[], Basis::Value, vec![(1_000_000, rebate(10_000, true))]);
    assert_eq!(settled(&each, &[(1, 1, 1_500_000), (2, 1, 2_000_000)]), Some((1, 30_000)));
}

#[test]
fn a_settlement_stays_within_what_is_left() {
    let promotion = accumulation(&[], Basis::Value, vec![(1, rebate(10_000, false))]);
    let settle = |amount| {
        let left = Limits { amount: Some(Money::new(amount)), ..Limits::NONE };
        settle_accumulation(&promotion, &bought(&[(1, 1, 5)]), left).unwrap()
    };
    assert_eq!(settle(4_000), Some(Rebate { tier: 1, amount: dong(4_000), limited: true }));
    assert_eq!(settle(0), None);
}

#[test]
fn passed_displays_give_a_credit_or_goods() {
    let goods = DisplayReward::FreeGoods { product_id: product(2), quantity: some(1), unit: Unit::Whole };
    let rewards = vec![(1, DisplayReward::Amount { amount: dong(200_000) }), (3, goods)];
    let promotion = promotion(1, PromotionKind::Display { program: String::new(), tiers: tiers(rewards) });
    assert_eq!(settle_display(&promotion, 0, Limits::NONE), None);
    let credit = Rebate { tier: 1, amount: dong(200_000), limited: false };
    assert_eq!(settle_display(&promotion, 2, Limits::NONE), Some(Settled::Credit(credit)));
    let goods = Settled::Goods { tier: 2, product_id: product(2), quantity: 1, unit: Unit::Whole };
    assert_eq!(settle_display(&promotion, 3, Limits::NONE), Some(goods));
    assert_eq!(priced(&pieces(&[(2, 99)]), &[promotion]).explanations, []);
}
