//! The schemes that distributors run, one by one.
//!
//! Not here because no order is priced by them: bonuses of the rep on focus products (a KPI), clearance of a lot (the lot is
//! known when goods are issued), manual discounts (a right, not a scheme). A payment-term discount is one the rep picks.

use crate::make::*;
use domain::pricing::*;
use domain::{Money, Unit};

#[test]
fn n_of_a_gives_m_of_a_once_or_per_multiple() {
    let order = |per_multiple| {
        let kind = on_product(&[1], Basis::Pieces, vec![(12, free(None, 1, per_multiple))]);
        gifts(&priced(&pieces(&[(1, 36)]), &[promotion(1, kind)]))
    };
    assert_eq!(order(false), [(1, 1, 1)]);
    assert_eq!(order(true), [(1, 1, 3)]);
}

#[test]
fn n_of_a_gives_m_of_b() {
    let kind = on_product(&[1], Basis::Cases, vec![(2, free(Some(2), 3, true))]);
    assert_eq!(gifts(&priced(&typed(&[(1, 5, Unit::Whole)]), &[promotion(1, kind)])), [(1, 2, 6)]);
}

#[test]
fn n_of_any_in_a_set_give_a_gift_and_repeat() {
    let kind = on_set(&[1, 2, 4], Basis::Pieces, vec![(10, free(Some(3), 1, true))]);
    let promotions = [promotion(1, kind)];
    assert_eq!(gifts(&priced(&pieces(&[(1, 4), (2, 7), (4, 10)]), &promotions)), [(1, 3, 2)]);
    let near = priced(&pieces(&[(1, 4), (2, 4)]), &promotions);
    assert_eq!(near.near_misses[0].missing, Missing::Pieces { quantity: domain::Quantity::new(2) });
    assert_eq!(near.near_misses[0].product_id, None);
}

#[test]
fn the_same_product_as_gift_of_a_set_is_the_one_bought_most() {
    let kind = on_set(&[1, 2], Basis::Pieces, vec![(10, free(None, 1, false))]);
    assert_eq!(gifts(&priced(&pieces(&[(1, 4), (2, 7)]), &[promotion(1, kind)])), [(1, 2, 1)]);
}

#[test]
fn slabs_of_quantity_give_percentages_with_inclusive_bounds() {
    let kind = || on_product(&[1], Basis::Pieces, vec![(10, off(5)), (20, off(8))]);
    let discount = |n| discounts(&priced(&pieces(&[(1, n)]), &[promotion(1, kind())])).0;
    assert_eq!((discount(9), discount(10), discount(19), discount(20)), (0, 5_000, 9_500, 16_000));
}

#[test]
fn slabs_of_quantity_give_amounts_per_unit() {
    let each = |amount| ProductReward::AmountPerUnit { amount: dong(amount), unit: Unit::Retail };
    let kind = on_set(&[1, 2], Basis::Pieces, vec![(10, each(100)), (20, each(300))]);
    let order = priced(&pieces(&[(1, 15), (2, 6)]), &[promotion(1, kind)]);
    let amounts: Vec<_> = order.lines.iter().map(|line| line.product_discount.dong()).collect();
    assert_eq!(amounts, [4_500, 1_800], "each product by its own pieces");
}

#[test]
fn slabs_of_value_give_percentages_amounts_or_gifts() {
    let amount = ProductReward::Amount { amount: dong(15_000), per_multiple: false };
    let kind = || {
        on_set(
            &[1, 2],
            Basis::Value,
            vec![(50_000, off(5)), (100_000, amount.clone()), (200_000, free(Some(4), 1, false))],
        )
    };
    let order = |n| priced(&pieces(&[(1, n), (2, 2)]), &[promotion(1, kind())]);
    assert_eq!(discounts(&order(4)).0, 2_500);
    assert_eq!(discounts(&order(9)).0, 15_000);
    assert_eq!((discounts(&order(19)).0, gifts(&order(19))), (0, vec![(1, 4, 1)]));
}

#[test]
fn an_amount_off_a_set_may_repeat() {
    let amount = ProductReward::Amount { amount: dong(7_000), per_multiple: true };
    let kind = on_set(&[1, 2], Basis::Pieces, vec![(5, amount)]);
    let order = priced(&pieces(&[(1, 8), (2, 4)]), &[promotion(1, kind)]);
    // 80,000 and 20,000 bear 14,000.
    let amounts: Vec<_> = order.lines.iter().map(|line| line.product_discount.dong()).collect();
    assert_eq!(amounts, [11_200, 2_800]);
}

#[test]
fn a_fixed_price_replaces_the_normal_one_where_it_is_lower() {
    let fixed = |price, unit| {
        let reward = ProductReward::FixedPrice { price: dong(price), unit };
        [promotion(1, on_product(&[1], Basis::Pieces, vec![(1, reward)]))]
    };
    let draft = typed(&[(1, 2, Unit::Whole), (1, 3, Unit::Retail)]);
    // 24 pieces at 9,000 are 216,000 instead of 220,000; 3 are 27,000 instead of 30,000.
    assert_eq!(discounts(&priced(&draft, &fixed(9_000, Unit::Retail))).0, 7_000);
    // A case at 100,000: two are 200,000, three pieces a quarter of one.
    assert_eq!(discounts(&priced(&draft, &fixed(100_000, Unit::Whole))).0, 25_000);
    let dear = priced(&draft, &fixed(50_000, Unit::Retail));
    assert_eq!((discounts(&dear).0, why_not(&dear, 1)), (0, Some(WhyNot::NotReached)));
}

#[test]
fn bills_get_percentages_amounts_or_gifts() {
    let bill =
        |reward| priced(&pieces(&[(1, 10), (2, 20)]), &[promotion(1, on_order(vec![(200_000, reward)]))]);
    assert_eq!(discounts(&bill(OrderReward::Percent { percent: percent(3) })), (0, 6_000));
    assert_eq!(discounts(&bill(OrderReward::Amount { amount: dong(9_999) })), (0, 9_999));
    let gift = OrderReward::FreeGoods {
        product_id: product(3),
        quantity: some(2),
        unit: Unit::Retail,
        per_multiple: false,
    };
    assert_eq!(gifts(&bill(gift)), [(1, 3, 2)]);
}

#[test]
fn a_combo_costs_its_bundle_price_for_each_complete_set() {
    let kind = combo(&[(1, 2), (2, 1), (4, 1)], vec![(1, ComboReward::BundlePrice { price: dong(40_000) })]);
    let promotions = [promotion(1, kind)];
    // A set is 2 × 10,000 + 5,000 + 20,000 = 45,000. Two sets; a piece of 1 and two of 4 stay outside.
    let order = priced(&pieces(&[(1, 5), (2, 2), (4, 4)]), &promotions);
    let amounts: Vec<_> = order.lines.iter().map(|line| line.product_discount.dong()).collect();
    // 10,000 over 40,000, 10,000 and 40,000.
    assert_eq!(amounts, [4_445, 1_111, 4_444]);
    assert_eq!(order.uses[0].used.times, 2);
    let near = priced(&pieces(&[(1, 2), (4, 1)]), &promotions);
    let short = vec![MissingPart { product_id: product(2), quantity: domain::Quantity::new(1) }];
    assert_eq!(near.near_misses[0].missing, Missing::Parts { parts: short });
    assert_eq!(near.near_misses[0].gain, Gain::BundlePrice { price: dong(40_000) });
    assert!(priced(&pieces(&[(1, 1)]), &promotions).near_misses.is_empty(), "one of four pieces is not near");
}

#[test]
fn more_sets_of_a_combo_may_cost_less_each_or_give_a_gift() {
    let gift = ComboReward::FreeGoods {
        product_id: product(3),
        quantity: some(1),
        unit: Unit::Retail,
        per_multiple: true,
    };
    let kind =
        combo(&[(1, 1), (2, 1)], vec![(1, ComboReward::BundlePrice { price: dong(14_000) }), (3, gift)]);
    let order = |sets| priced(&pieces(&[(1, sets), (2, sets)]), &[promotion(1, kind.clone())]);
    assert_eq!(discounts(&order(2)).0, 2_000);
    assert_eq!((discounts(&order(7)).0, gifts(&order(7))), (0, vec![(1, 3, 2)]));
}

#[test]
fn a_range_needs_a_number_of_different_products() {
    let kind = PromotionKind::Assortment {
        products: set(&[1, 2, 3, 4]),
        basis: Basis::Value,
        min_distinct: 3,
        discounted: Default::default(),
        tiers: tiers(vec![(100_000, off(5))]),
    };
    let promotions = [promotion(1, kind)];
    let two = priced(&pieces(&[(1, 10), (2, 10)]), &promotions);
    assert_eq!(discounts(&two).0, 0);
    assert_eq!(two.near_misses[0].missing, Missing::Products { count: 1 });
    assert_eq!(discounts(&priced(&pieces(&[(1, 10), (2, 10), (3, 1)]), &promotions)).0, 7_517);
}

#[test]
fn buying_a_takes_something_off_b() {
    let kind = PromotionKind::Assortment {
        products: set(&[1]),
        basis: Basis::Cases,
        min_distinct: 0,
        discounted: set(&[2]),
        tiers: tiers(vec![(1, off(20))]),
    };
    let order = priced(&typed(&[(1, 1, Unit::Whole), (2, 4, Unit::Retail)]), &[promotion(1, kind.clone())]);
    let amounts: Vec<_> = order.lines.iter().map(|line| line.product_discount.dong()).collect();
    assert_eq!(amounts, [0, 4_000]);
    let alone = priced(&typed(&[(1, 1, Unit::Whole)]), &[promotion(1, kind)]);
    assert_eq!(discounts(&alone), (0, 0));
}

#[test]
fn the_buyer_chooses_among_gifts_and_else_gets_the_first() {
    let choice = ProductReward::Choice {
        gifts: vec![gift(4, 1), gift(2, 3), gift(3, 9)],
        pick: some(1),
        per_multiple: true,
    };
    let promotions = [promotion(1, on_product(&[1], Basis::Pieces, vec![(12, choice)]))];
    let order = priced(&pieces(&[(1, 24)]), &promotions);
    assert_eq!(gifts(&order), [(1, 4, 2)]);
    let offered: Vec<_> = order.explanations[0].choices.iter().map(|option| option.quantity).collect();
    assert_eq!(offered, [1, 3, 9], "the possible choices are told, for one time");
    let choice = |n| GiftChoice { promotion_id: pid(1), tier: 1, product_id: product(n) };
    let chosen = OrderDraft { choices: vec![choice(2)], ..pieces(&[(1, 24)]) };
    assert_eq!(gifts(&priced(&chosen, &promotions)), [(1, 2, 6)]);
    let unknown = OrderDraft { choices: vec![choice(9)], ..pieces(&[(1, 24)]) };
    assert_eq!(gifts(&priced(&unknown, &promotions)), [(1, 4, 2)], "what is not offered is not given");
}

#[test]
fn several_gifts_may_be_chosen() {
    let reward = OrderReward::Choice {
        gifts: vec![gift(4, 1), gift(2, 1), gift(3, 1)],
        pick: some(2),
        per_multiple: false,
    };
    let promotions = [promotion(1, on_order(vec![(10_000, reward)]))];
    assert_eq!(gifts(&priced(&pieces(&[(1, 1)]), &promotions)), [(1, 2, 1), (1, 4, 1)]);
    let choices = vec![GiftChoice { promotion_id: pid(1), tier: 1, product_id: product(3) }];
    let order = priced(&OrderDraft { choices, ..pieces(&[(1, 1)]) }, &promotions);
    assert_eq!(gifts(&order), [(1, 3, 1), (1, 4, 1)], "the rest is filled up in the order of the rule");
}

#[test]
fn a_welcome_scheme_is_for_the_first_order_only() {
    let welcome = Promotion {
        first_order_only: true,
        ..promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(10))]))
    };
    assert_eq!(discounts(&priced(&pieces(&[(1, 1)]), std::slice::from_ref(&welcome))).0, 0);
    let first = OrderDraft { first_order: true, ..pieces(&[(1, 1)]) };
    assert_eq!(discounts(&priced(&first, &[welcome])).0, 1_000);
}

#[test]
fn a_weekday_scheme_holds_on_its_days() {
    // 15 August 2026 is a Saturday.
    let on = |weekday| Promotion {
        weekdays: [weekday].into(),
        ..promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(10))]))
    };
    assert_eq!(discounts(&priced(&pieces(&[(1, 1)]), &[on(Weekday::Saturday)])).0, 1_000);
    assert_eq!(discounts(&priced(&pieces(&[(1, 1)]), &[on(Weekday::Sunday)])).0, 0);
}

#[test]
fn what_the_rep_does_not_pick_is_told() {
    let picked = Promotion {
        automatic: false,
        ..promotion(1, on_order(vec![(1, OrderReward::Percent { percent: percent(1) })]))
    };
    let order = priced(&pieces(&[(1, 1)]), &[picked]);
    assert_eq!((discounts(&order), why_not(&order, 1)), ((0, 0), Some(WhyNot::NotPicked)));
}

#[test]
fn of_two_groups_the_pair_that_gives_most_in_all_is_chosen() {
    let in_group =
        |n, group: &str, kind| Promotion { exclusive_group: Some(group.into()), ..promotion(n, kind) };
    let bill = |at, amount| on_order(vec![(at, OrderReward::Amount { amount: dong(amount) })]);
    let promotions = [
        // By itself 12 % gives most of its group: 12,000. But then only 88,000 are left, too little for the bill.
        in_group(1, "a", on_product(&[1], Basis::Pieces, vec![(1, off(12))])),
        in_group(2, "a", on_product(&[1], Basis::Pieces, vec![(1, off(10))])),
        in_group(3, "b", bill(90_000, 5_000)),
        in_group(4, "b", bill(1, 1_000)),
    ];
    let order = priced(&pieces(&[(1, 10)]), &promotions);
    assert_eq!(discounts(&order), (10_000, 5_000));
    assert_eq!(why_not(&order, 1), Some(WhyNot::Excluded));
    let better = order.not_applied.iter().find(|not| not.promotion_id == pid(4)).and_then(|not| not.better);
    assert_eq!(better, Some(pid(3)));
}

#[test]
fn cases_of_different_sizes_add_up_in_a_set() {
    let kind = on_set(&[1, 2], Basis::Cases, vec![(2, off(10))]);
    let promotions = [promotion(1, kind)];
    // Half a case of 12, a whole one of 10 and half of one.
    let order =
        priced(&typed(&[(1, 6, Unit::Retail), (2, 1, Unit::Whole), (2, 5, Unit::Retail)]), &promotions);
    assert_eq!(discounts(&order).0, 13_500);
    let near = priced(&typed(&[(1, 1, Unit::Whole)]), &promotions);
    assert_eq!(near.near_misses[0].missing, Missing::Cases { quantity: 1 });
}

#[test]
fn an_accumulation_takes_nothing_off_an_order_but_tells_how_near_it_is() {
    let rebate = RebateReward::Percent { percent: percent(2) };
    let kind = PromotionKind::Accumulation {
        products: set(&[1]),
        basis: Basis::Pieces,
        tiers: tiers(vec![(100, rebate)]),
    };
    let usage = |bought| {
        let facts = UsageFacts { accumulated: Some(bought), ..UsageFacts::default() };
        Usage([(pid(1), facts)].into())
    };
    let order =
        |bought| price(&pieces(&[(1, 12)]), &book(), &[promotion(1, kind.clone())], &usage(bought)).unwrap();
    assert_eq!(order(80).near_misses[0].missing, Missing::Pieces { quantity: domain::Quantity::new(8) });
    assert_eq!(order(80).near_misses[0].gain, Gain::Percent { percent: percent(2) });
    assert_eq!(discounts(&order(500)), (0, 0));
    assert!(order(500).near_misses.is_empty() && order(10).near_misses.is_empty());
}

#[test]
fn bundle_prices_come_from_what_earlier_promotions_left() {
    let first =
        Promotion { priority: 5, ..promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(50))])) };
    let set =
        promotion(2, combo(&[(1, 1), (2, 1)], vec![(1, ComboReward::BundlePrice { price: dong(9_000) })]));
    let order = priced(&pieces(&[(1, 1), (2, 1)]), &[set, first]);
    assert_eq!(order.totals.net, Money::new(9_000));
}
