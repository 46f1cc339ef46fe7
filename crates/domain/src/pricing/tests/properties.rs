//! What holds for every order and every set of promotions.

use super::*;
use proptest::prelude::*;

fn any_promotion() -> impl Strategy<Value = Promotion> {
    let reward = prop_oneof![
        (0..=100_i32).prop_map(off),
        (0..20_000_i64, prop::sample::select(Unit::ALL))
            .prop_map(|(amount, unit)| ProductReward::AmountPerUnit { amount: Money::new(amount), unit }),
        (1..4_u32, prop::option::of(1..=3_u128), prop::sample::select(Unit::ALL), any::<bool>())
            .prop_map(|(quantity, gift, unit, multiple)| free(gift, quantity, unit, multiple)),
    ];
    let order_reward = prop_oneof![
        (0..=100_i32).prop_map(|n| OrderReward::Percent { percent: percent(n) }),
        (0..500_000_i64).prop_map(|amount| OrderReward::Amount { amount: Money::new(amount) }),
    ];
    let kind = prop_oneof![
        (
            prop::collection::btree_set(1..=3_u128, 1..=3),
            prop::sample::select(Basis::ALL),
            prop::collection::btree_map(1..60_i64, reward, 1..4),
        )
            .prop_map(|(products, basis, tiers)| {
                on_product(&products.into_iter().collect::<Vec<_>>(), basis, tiers.into_iter().collect())
            }),
        prop::collection::btree_map(1..1_000_000_i64, order_reward, 1..4)
            .prop_map(|tiers| on_order(tiers.into_iter().collect())),
    ];
    let group = prop::option::of(prop::sample::select(vec!["a".to_owned(), "b".to_owned()]));
    (1..1_000_u128, kind, -2..3_i32, group).prop_map(|(n, kind, priority, exclusive_group)| Promotion {
        priority,
        exclusive_group,
        ..promotion(n, kind)
    })
}

fn any_draft() -> impl Strategy<Value = OrderDraft> {
    let line =
        (1..=3_u128, 1..100_i64, prop::sample::select(Unit::ALL)).prop_map(|(n, q, unit)| (n, q, unit));
    prop::collection::vec(line, 1..6).prop_map(|lines| draft(&lines))
}

proptest! {
    #[test]
    fn every_priced_order_adds_up(draft in any_draft(), promotions in prop::collection::vec(any_promotion(), 0..6)) {
        let order = priced(&draft, &promotions);
        let sum = |of: fn(&PricedLine) -> Money| Money::sum(order.lines.iter().map(of)).unwrap();
        prop_assert_eq!(order.totals.net, sum(|line| line.net));
        prop_assert_eq!(order.totals.vat, sum(|line| line.vat));
        prop_assert_eq!(order.totals.total, sum(|line| line.total));
        for line in &order.lines {
            let discount = line.product_discount.checked_add(line.order_discount).unwrap();
            prop_assert_eq!(line.gross.checked_sub(discount), Ok(line.net));
            prop_assert!(!line.net.is_negative());
            prop_assert_eq!(Ok(discount), Money::sum(line.discounts.iter().map(|part| part.amount)));
            prop_assert_eq!(line.net.percent(line.vat_rate), Ok(line.vat));
            prop_assert_eq!(line.net.checked_add(line.vat), Ok(line.total));
        }
        let explained = order.explanations.iter().filter_map(|explanation| match explanation.benefit {
            Benefit::Discount { amount } => Some(amount),
            Benefit::FreeGoods { .. } => None,
        });
        let taken_off = order.totals.product_discount.checked_add(order.totals.order_discount).unwrap();
        prop_assert_eq!(Money::sum(explained), Ok(taken_off), "every đồng off is explained");
    }

    #[test]
    fn free_goods_are_one_line_per_promotion_tier_and_product(
        draft in any_draft(), promotions in prop::collection::btree_map(1..1_000_u128, any_promotion(), 0..6),
    ) {
        let promotions: Vec<_> =
            promotions.into_iter().map(|(n, promotion)| Promotion { id: promotion_id(n), ..promotion }).collect();
        let order = priced(&draft, &promotions);
        let keys: Vec<_> = order
            .lines
            .iter()
            .filter_map(|line| Some((line.free?.promotion_id, line.free?.tier, line.product_id)))
            .collect();
        prop_assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
        prop_assert_eq!(order.lines.len() - keys.len(), draft.lines.len());
    }

    #[test]
    fn the_order_in_which_promotions_are_given_does_not_matter(
        draft in any_draft(), promotions in prop::collection::btree_map(1..1_000_u128, any_promotion(), 0..6),
    ) {
        let mut promotions: Vec<_> =
            promotions.into_iter().map(|(n, promotion)| Promotion { id: promotion_id(n), ..promotion }).collect();
        let order = priced(&draft, &promotions);
        promotions.reverse();
        prop_assert_eq!(priced(&draft, &promotions), order);
    }
}
