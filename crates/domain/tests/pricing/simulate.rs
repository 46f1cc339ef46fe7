//! A draft promotion over past orders.

use crate::make::*;
use domain::pricing::*;
use domain::{Money, OrderId};

#[test]
fn a_replay_tells_cost_reach_and_uplift_beside_the_promotions_of_then() {
    let active = [promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(5))]))];
    let new = Promotion {
        valid_from: day(31),
        exclusive_group: None,
        ..promotion(2, on_product(&[1], Basis::Pieces, vec![(12, free(None, 1, false))]))
    };
    let drafts = [pieces(&[(1, 12)]), pieces(&[(1, 8)]), pieces(&[(2, 1)]), pieces(&[(9, 1)])];
    let book = book();
    let id = |n: usize| OrderId::new(uuid::Uuid::from_u128(n as u128));
    let orders = drafts.iter().enumerate().map(|(n, draft)| PastOrder {
        id: id(n),
        draft,
        book: &book,
        active: &active,
    });
    let simulation = simulate(&new, orders).unwrap();
    assert_eq!(
        (simulation.orders, simulation.skipped, simulation.reached, simulation.near_misses),
        (4, 1, 1, 1)
    );
    assert_eq!((simulation.given, simulation.cost), (dong(10_000), dong(10_000)));
    assert_eq!(simulation.sales, dong(114_000), "net of what the other promotion took off");
    assert_eq!(simulation.uplift, dong(40_000), "four pieces more");
    let orders: Vec<_> =
        simulation.differences.iter().map(|effect| (effect.order_id, effect.near_miss)).collect();
    assert_eq!(orders, [(id(0), false), (id(1), true)]);
}

#[test]
fn cost_is_what_is_given_beyond_the_promotion_it_displaces() {
    let in_group = |promotion: Promotion| Promotion { exclusive_group: Some("hè".into()), ..promotion };
    let active = [in_group(promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(5))])))];
    let new = in_group(promotion(2, on_product(&[1], Basis::Pieces, vec![(1, off(8))])));
    let (draft, book) = (pieces(&[(1, 10)]), book());
    let order =
        PastOrder { id: OrderId::new(uuid::Uuid::nil()), draft: &draft, book: &book, active: &active };
    let simulation = simulate(&new, [order]).unwrap();
    assert_eq!((simulation.given, simulation.cost), (dong(8_000), dong(3_000)));
}

#[test]
fn the_budget_is_shared_by_the_orders_and_an_earlier_version_is_replaced() {
    let budget = Limits { amount: Some(Money::new(1_500)), ..Limits::NONE };
    let new = Promotion { budget, ..promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(10))])) };
    let active = [promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(50))]))];
    let (draft, book) = (pieces(&[(1, 1)]), book());
    let order =
        PastOrder { id: OrderId::new(uuid::Uuid::nil()), draft: &draft, book: &book, active: &active };
    let simulation = simulate(&new, [order, order, order]).unwrap();
    assert_eq!((simulation.reached, simulation.given), (2, dong(1_500)));
}

#[test]
fn a_promotion_that_reps_pick_is_replayed_as_if_they_always_had() {
    let kind = on_product(&[1], Basis::Pieces, vec![(1, off(10))]);
    let new = Promotion { automatic: false, ..promotion(1, kind) };
    let (draft, book) = (pieces(&[(1, 1)]), book());
    let order = PastOrder { id: OrderId::new(uuid::Uuid::nil()), draft: &draft, book: &book, active: &[] };
    assert_eq!(simulate(&new, [order]).unwrap().cost, dong(1_000));
}

#[test]
fn a_customer_gets_its_part_once_over_all_its_orders() {
    let per_customer = Limits { times: Some(1), ..Limits::NONE };
    let new = Promotion { per_customer, ..promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(10))])) };
    let (mine, book) = (pieces(&[(1, 1)]), book());
    let mut other = mine.clone();
    other.buyer.customer_id = uuid::Uuid::from_u128(0x2001).into();
    let order = |draft| PastOrder { id: OrderId::new(uuid::Uuid::nil()), draft, book: &book, active: &[] };
    let simulation = simulate(&new, [order(&mine), order(&mine), order(&other), order(&mine)]).unwrap();
    assert_eq!((simulation.reached, simulation.given), (2, dong(2_000)));
}
