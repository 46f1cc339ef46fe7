//! Budgets, and the parts of customers.

use crate::make::*;
use domain::pricing::*;
use domain::{Money, Quantity};

fn left(n: u128, budget_left: Limits) -> Usage {
    Usage([(pid(n), UsageFacts { budget_left, ..UsageFacts::default() })].into())
}

fn buy_12_get_1() -> Promotion {
    promotion(1, on_product(&[1], Basis::Pieces, vec![(12, free(None, 1, true))]))
}

#[test]
fn goods_are_given_in_whole_times_as_long_as_the_budget_lasts() {
    let order = |limits| price(&pieces(&[(1, 60)]), &book(), &[buy_12_get_1()], &left(1, limits)).unwrap();
    let three = order(Limits { quantity: Some(Quantity::new(3)), ..Limits::NONE });
    assert_eq!(gifts(&three), [(1, 1, 3)]);
    assert!(three.explanations[0].limited);
    let used = Used { times: 3, amount: Money::new(30_000), quantity: Quantity::new(3) };
    assert_eq!(three.uses, [PromotionUse { promotion_id: pid(1), used }]);
    assert_eq!(gifts(&order(Limits { amount: Some(dong(29_999)), ..Limits::NONE })), [(1, 1, 2)]);
    assert_eq!(gifts(&order(Limits { times: Some(1), ..Limits::NONE })), [(1, 1, 1)]);
    let none = order(Limits { times: Some(0), ..Limits::NONE });
    assert_eq!((gifts(&none), why_not(&none, 1)), (vec![], Some(WhyNot::UsedUp)));
    assert!(!order(Limits { times: Some(5), ..Limits::NONE }).explanations[0].limited);
}

#[test]
fn money_is_given_to_the_last_dong_of_the_budget() {
    let ten = promotion(1, on_product(&[1, 2], Basis::Pieces, vec![(1, off(10))]));
    let usage = left(1, Limits { amount: Some(dong(1_200)), ..Limits::NONE });
    let order = price(&pieces(&[(1, 1), (2, 1)]), &book(), &[ten], &usage).unwrap();
    let amounts: Vec<_> = order.lines.iter().map(|line| line.product_discount.dong()).collect();
    assert_eq!(amounts, [1_000, 200]);
    let limited: Vec<_> = order.explanations.iter().map(|explanation| explanation.limited).collect();
    assert_eq!(limited, [false, true]);
}

#[test]
fn the_tightest_of_budget_and_customers_part_holds() {
    let part = Limits { times: Some(2), ..Limits::NONE };
    let mine =
        Promotion { per_customer: part, budget: Limits { times: Some(9), ..Limits::NONE }, ..buy_12_get_1() };
    assert_eq!(
        gifts(&priced(&pieces(&[(1, 60)]), std::slice::from_ref(&mine))),
        [(1, 1, 2)],
        "without facts all is left"
    );
    let facts =
        UsageFacts { customer_left: Limits { times: Some(1), ..Limits::NONE }, ..UsageFacts::default() };
    let order = price(&pieces(&[(1, 60)]), &book(), &[mine], &Usage([(pid(1), facts)].into())).unwrap();
    assert_eq!(gifts(&order), [(1, 1, 1)]);
}

#[test]
fn sets_of_a_combo_are_limited_one_by_one() {
    let kind = combo(&[(1, 1), (2, 1)], vec![(1, ComboReward::BundlePrice { price: dong(14_000) })]);
    let usage = left(1, Limits { times: Some(2), ..Limits::NONE });
    let order = price(&pieces(&[(1, 5), (2, 5)]), &book(), &[promotion(1, kind)], &usage).unwrap();
    assert_eq!(discounts(&order).0, 2_000);
}

#[test]
fn a_used_up_promotion_leaves_its_group_to_the_next() {
    let in_group = |promotion: Promotion| Promotion { exclusive_group: Some("hè".into()), ..promotion };
    let promotions = [
        in_group(promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(20))]))),
        in_group(promotion(2, on_product(&[1], Basis::Pieces, vec![(1, off(10))]))),
    ];
    let usage = left(1, Limits { amount: Some(Money::ZERO), ..Limits::NONE });
    let order = price(&pieces(&[(1, 1)]), &book(), &promotions, &usage).unwrap();
    assert_eq!(discounts(&order).0, 1_000);
}

#[test]
fn what_can_give_nothing_more_is_not_offered() {
    let near = |n, promotion: &Promotion, limits| {
        let promotions = std::slice::from_ref(promotion);
        price(&pieces(&[(1, n)]), &book(), promotions, &left(1, limits)).unwrap().near_misses.len()
    };
    let gift = buy_12_get_1();
    assert_eq!(near(11, &gift, Limits::NONE), 1);
    assert_eq!(near(11, &gift, Limits { times: Some(0), ..Limits::NONE }), 0);
    assert_eq!(near(11, &gift, Limits { quantity: Some(Quantity::ZERO), ..Limits::NONE }), 0);
    assert_eq!(
        near(11, &gift, Limits { amount: Some(dong(9_999)), ..Limits::NONE }),
        0,
        "less than one gift"
    );
    assert_eq!(
        near(23, &gift, Limits { times: Some(1), ..Limits::NONE }),
        0,
        "this order takes the last one"
    );
    assert_eq!(near(23, &gift, Limits { times: Some(2), ..Limits::NONE }), 1);
    let ten = promotion(1, on_product(&[1], Basis::Pieces, vec![(10, off(5)), (20, off(10))]));
    assert_eq!(near(19, &ten, Limits { times: Some(1), ..Limits::NONE }), 1, "in place of the lower tier");
    assert_eq!(near(19, &ten, Limits { amount: Some(dong(9_000)), ..Limits::NONE }), 0, "cut short already");
    assert_eq!(near(9, &ten, Limits { quantity: Some(Quantity::ZERO), ..Limits::NONE }), 1, "of goods only");
    let bill = promotion(1, on_order(vec![(100_000, OrderReward::Amount { amount: dong(5_000) })]));
    assert_eq!(near(9, &bill, Limits::NONE), 1);
    assert_eq!(near(9, &bill, Limits { amount: Some(Money::ZERO), ..Limits::NONE }), 0);
}
