//! Defects that other systems had with free goods and slabs, and the edges where they lie.

use crate::make::*;
use domain::pricing::*;
use domain::{Money, Quantity, Unit};

fn buy_12_get_1() -> Promotion {
    promotion(1, on_product(&[1], Basis::Pieces, vec![(12, free(None, 1, true))]))
}

#[test]
fn the_same_product_on_two_lines_earns_by_both_together() {
    let order = priced(&pieces(&[(1, 10), (1, 14)]), &[buy_12_get_1()]);
    assert_eq!(gifts(&order), [(1, 1, 2)]);
}

#[test]
fn a_changed_slab_replaces_the_gift_instead_of_adding_one() {
    let kind =
        on_product(&[1], Basis::Pieces, vec![(5, free(Some(2), 1, false)), (10, free(Some(2), 3, false))]);
    let order = |n| gifts(&priced(&pieces(&[(1, n)]), &[promotion(1, kind.clone())]));
    assert_eq!((order(5), order(10)), (vec![(1, 2, 1)], vec![(1, 2, 3)]));
}

#[test]
fn the_gift_follows_the_quantity_up_and_down() {
    let order = |n| gifts(&priced(&pieces(&[(1, n)]), &[buy_12_get_1()]));
    assert_eq!((order(36), order(24), order(11)), (vec![(1, 1, 3)], vec![(1, 1, 2)], vec![]));
}

#[test]
fn two_schemes_that_give_the_same_product_both_give_it() {
    let other = promotion(2, on_product(&[2], Basis::Pieces, vec![(1, free(Some(1), 2, false))]));
    let order = priced(&pieces(&[(1, 12), (2, 1)]), &[buy_12_get_1(), other]);
    assert_eq!(gifts(&order), [(1, 1, 1), (2, 1, 2)]);
}

#[test]
fn a_condition_over_a_set_discounts_once_and_goes_when_the_quantity_does() {
    let kind = on_set(&[1, 2], Basis::Pieces, vec![(10, off(10))]);
    let discount = |a, b| discounts(&priced(&pieces(&[(1, a), (2, b)]), &[promotion(1, kind.clone())])).0;
    assert_eq!(discount(5, 5), 7_500);
    assert_eq!(discount(5, 4), 0);
}

#[test]
fn thresholds_of_value_are_not_ignored() {
    let kind = on_product(&[1], Basis::Value, vec![(100_000, off(10)), (200_000, off(20))]);
    let discount = |n| discounts(&priced(&pieces(&[(1, n)]), &[promotion(1, kind.clone())])).0;
    assert_eq!((discount(9), discount(10), discount(19), discount(20)), (0, 10_000, 19_000, 40_000));
}

#[test]
fn every_product_of_a_scheme_earns_its_gift_not_only_the_first() {
    let kind = on_product(&[1, 2, 4], Basis::Pieces, vec![(5, free(None, 1, false))]);
    let order = priced(&pieces(&[(4, 5), (1, 5), (2, 6)]), &[promotion(1, kind)]);
    assert_eq!(gifts(&order), [(1, 1, 1), (1, 2, 1), (1, 4, 1)]);
}

#[test]
fn pricing_again_changes_nothing() {
    let promotions =
        [buy_12_get_1(), promotion(2, on_order(vec![(1, OrderReward::Percent { percent: percent(3) })]))];
    let rules = RuleBook::new(&promotions[..]);
    let draft = pieces(&[(1, 25), (2, 3)]);
    let once = rules.price(&draft, &book(), &Usage::default()).unwrap();
    assert_eq!(rules.price(&draft, &book(), &Usage::default()).unwrap(), once);
    assert_eq!(priced(&draft, &promotions), once, "and the rule book is as good as its promotions");
}

#[test]
fn goods_that_are_bought_and_given_stand_on_two_lines() {
    let order = priced(&pieces(&[(1, 12)]), &[buy_12_get_1()]);
    assert_eq!(order.lines.len(), 2);
    assert!(order.lines[0].free.is_none() && order.lines[1].free.is_some());
    assert_eq!(order.totals.gross, Money::new(120_000), "what is given costs nothing");
}

#[test]
fn free_goods_never_count_towards_a_threshold() {
    let kind = on_product(&[2], Basis::Pieces, vec![(1, free(Some(1), 12, false))]);
    let order = priced(&pieces(&[(2, 1)]), &[promotion(2, kind), buy_12_get_1()]);
    assert_eq!(gifts(&order), [(2, 1, 12)]);
}

#[test]
fn cases_and_pieces_of_a_product_count_together() {
    let order = priced(&typed(&[(1, 1, Unit::Whole), (1, 12, Unit::Retail)]), &[buy_12_get_1()]);
    assert_eq!(gifts(&order), [(1, 1, 2)]);
}

#[test]
fn a_scheme_that_ended_between_the_phone_and_the_server_gives_nothing_there() {
    let ended = Promotion { valid_to: Some(day(14)), ..buy_12_get_1() };
    assert!(gifts(&priced(&pieces(&[(1, 12)]), &[ended])).is_empty());
    // Priced as of the day of the phone it still gives.
    let then = OrderDraft { date: day(14), ..pieces(&[(1, 12)]) };
    assert_eq!(
        gifts(&priced(&then, &[Promotion { valid_to: Some(day(14)), ..buy_12_get_1() }])),
        [(1, 1, 1)]
    );
}

/// The prices of products 1 to 4 are known; this one is not sold.
const UNSOLD: u128 = 9;

#[test]
fn a_gift_that_is_not_sold_any_more_is_not_given_and_the_order_is_priced() {
    let gone = promotion(1, on_product(&[1], Basis::Pieces, vec![(12, free(Some(UNSOLD), 1, true))]));
    let order = priced(&pieces(&[(1, 24)]), std::slice::from_ref(&gone));
    assert_eq!((order.totals.gross, gifts(&order)), (dong(240_000), vec![]));
    assert_eq!((order.explanations.len(), why_not(&order, 1)), (0, Some(WhyNot::GiftNotSold)));
    let near = priced(&pieces(&[(1, 11)]), &[gone]);
    assert_eq!(near.near_misses, [], "nor is it offered");
}

#[test]
fn a_choice_among_goods_that_are_all_not_sold_gives_nothing() {
    let choice = |gifts| ProductReward::Choice { gifts, pick: some(1), per_multiple: false };
    let with = |gifts| promotion(1, on_product(&[1], Basis::Pieces, vec![(12, choice(gifts))]));
    let order = priced(&pieces(&[(1, 12)]), &[with(vec![gift(UNSOLD, 1)])]);
    assert_eq!((gifts(&order), why_not(&order, 1)), (vec![], Some(WhyNot::GiftNotSold)));
    let near = priced(&pieces(&[(1, 11)]), &[with(vec![gift(UNSOLD, 1), gift(2, 1)])]);
    let gain = Gain::FreeGoods { product_id: product(2), quantity: 1, unit: Unit::Retail };
    assert_eq!(near.near_misses[0].gain, gain, "what is sold is offered");
}

#[test]
fn a_tier_whose_gift_is_not_sold_takes_nothing_from_those_below() {
    let gone = |at, repeats| (at, free(Some(UNSOLD), 1, repeats));
    let with = |tiers| promotion(1, on_product(&[1], Basis::Pieces, tiers));
    let once = with(vec![(6, off(5)), gone(12, false), (24, off(10)), gone(48, true)]);
    for (bought, percent) in [(5, 0), (6, 5), (12, 5), (23, 5), (24, 10), (100, 10)] {
        let order = priced(&pieces(&[(1, bought)]), std::slice::from_ref(&once));
        assert_eq!(discounts(&order).0, bought * 10_000 * percent / 100, "{bought} pieces");
    }
    let near = priced(&pieces(&[(1, 20)]), std::slice::from_ref(&once));
    assert_eq!(near.near_misses[0].tier, 3, "what can't be given is no step on the way");
    let repeating = with(vec![(5, free(Some(2), 1, true)), gone(12, true)]);
    let order = priced(&pieces(&[(1, 24)]), &[repeating]);
    assert_eq!(gifts(&order), [(1, 2, 4)], "all of it counts for the tier below");

    let bill = |product| OrderReward::FreeGoods {
        product_id: product,
        quantity: some(1),
        unit: Unit::Retail,
        per_multiple: false,
    };
    let by_value =
        promotion(1, on_order(vec![(100_000, bill(product(2))), (200_000, bill(product(UNSOLD)))]));
    assert_eq!(gifts(&priced(&pieces(&[(1, 30)]), &[by_value])), [(1, 2, 1)]);
    let set = |product| ComboReward::FreeGoods {
        product_id: product,
        quantity: some(1),
        unit: Unit::Retail,
        per_multiple: false,
    };
    let sets = promotion(1, combo(&[(1, 1), (2, 1)], vec![(1, set(product(3))), (5, set(product(UNSOLD)))]));
    assert_eq!(gifts(&priced(&pieces(&[(1, 9), (2, 9)]), &[sets])), [(1, 3, 1)]);
}

#[test]
fn a_gift_that_is_not_sold_leaves_its_group_to_the_next() {
    let in_group = |promotion: Promotion| Promotion { exclusive_group: Some("hè".into()), ..promotion };
    let promotions = [
        in_group(promotion(1, on_product(&[1], Basis::Pieces, vec![(1, free(Some(UNSOLD), 1, false))]))),
        in_group(promotion(2, on_product(&[1], Basis::Pieces, vec![(1, off(10))]))),
    ];
    let order = priced(&pieces(&[(1, 1)]), &promotions);
    assert_eq!((discounts(&order).0, why_not(&order, 1)), (1_000, Some(WhyNot::GiftNotSold)));
}

#[test]
fn of_a_group_one_takes_effect_even_when_all_give_goods_without_a_price() {
    let mut book = book();
    let sample = book.0.get_mut(&product(3)).unwrap();
    (sample.prices.whole, sample.prices.retail) = (Money::ZERO, Money::ZERO);
    let in_group = |n, gift| Promotion {
        exclusive_group: Some("hè".into()),
        ..promotion(n, on_product(&[1], Basis::Pieces, vec![(1, free(Some(3), gift, false))]))
    };
    let order = price(&pieces(&[(1, 1)]), &book, &[in_group(1, 1), in_group(2, 2)], &Usage::default());
    let order = order.unwrap();
    assert_eq!((gifts(&order), why_not(&order, 2)), (vec![(1, 3, 1)], Some(WhyNot::Excluded)));
}

#[test]
fn of_a_group_one_takes_effect_even_when_none_would_on_the_bare_order() {
    // There is not enough left of the upper tier of each; others' discounts take the order down to the lower one.
    let bill = |n: u128, off: i64| {
        let two = OrderReward::FreeGoods {
            product_id: product(2),
            quantity: some(2),
            unit: Unit::Retail,
            per_multiple: false,
        };
        let kind = on_order(vec![(50_000, OrderReward::Amount { amount: dong(off) }), (100_000, two)]);
        let budget = Limits { quantity: Some(Quantity::new(1)), ..Limits::NONE };
        Promotion { exclusive_group: Some("hè".into()), budget, ..promotion(n, kind) }
    };
    let first = promotion(3, on_product(&[1], Basis::Pieces, vec![(1, off(10))]));
    let order = priced(&pieces(&[(1, 10)]), &[first, bill(1, 1_000), bill(2, 2_000)]);
    assert_eq!((discounts(&order).1, why_not(&order, 2)), (1_000, Some(WhyNot::Excluded)));
}

#[test]
fn prices_and_amounts_below_nothing_take_off_at_most_all_and_never_add() {
    let kinds = [
        on_product(
            &[1],
            Basis::Pieces,
            vec![(1, ProductReward::FixedPrice { price: dong(-500), unit: Unit::Retail })],
        ),
        on_product(
            &[1],
            Basis::Pieces,
            vec![(1, ProductReward::AmountPerUnit { amount: dong(-500), unit: Unit::Retail })],
        ),
        on_product(
            &[1],
            Basis::Pieces,
            vec![(1, ProductReward::Amount { amount: dong(-500), per_multiple: false })],
        ),
        combo(&[(1, 1)], vec![(1, ComboReward::BundlePrice { price: dong(-500) })]),
    ];
    let off: Vec<_> = kinds
        .into_iter()
        .map(|kind| {
            let bill = on_order(vec![(1, OrderReward::Percent { percent: percent(10) })]);
            let order = priced(&pieces(&[(1, 2), (1, 3)]), &[promotion(1, kind), promotion(2, bill)]);
            assert!(order.lines.iter().all(|line| !line.net.is_negative() && line.net <= line.gross));
            order.totals.product_discount.dong()
        })
        .collect();
    assert_eq!(off, [50_000, 0, 0, 50_000]);
}
