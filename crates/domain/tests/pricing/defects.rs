//! Defects that other systems had with free goods and slabs, and the edges where they lie.

use crate::make::*;
use domain::pricing::*;
use domain::{Money, Unit};

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
