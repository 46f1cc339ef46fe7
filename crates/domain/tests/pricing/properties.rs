//! What holds for every order and every rule book.

use crate::oracle;
use crate::sample::{Case, SMALL, Size, case};
use domain::pricing::*;
use domain::{Money, ProductId};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn priced(case: &Case) -> PricedOrder {
    price(&case.draft, &case.book, &case.promotions, &case.usage).unwrap()
}

/// A line without its place: what must not depend on the order of lines.
fn bag(order: &PricedOrder) -> Vec<String> {
    let mut lines: Vec<String> =
        order.lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    lines.sort();
    lines
}

/// Only what the oracle understands.
const PLAIN: Size = Size { products: 4, lines: (1, 4), promotions: (0, 6), plain: true };

/// Each product once, because the oracle does not share within a product.
fn plain_case(seed: u64) -> Case {
    let mut case = case(seed, PLAIN);
    let mut seen = BTreeSet::new();
    case.draft.lines.retain(|line| seen.insert(line.product_id));
    case
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_priced_order_adds_up(seed: u64) {
        let case = case(seed, SMALL);
        let order = priced(&case);
        let sum = |of: fn(&PricedLine) -> Money| Money::sum(order.lines.iter().map(of)).unwrap();
        prop_assert_eq!(order.totals.gross, sum(|line| line.gross));
        prop_assert_eq!(order.totals.product_discount, sum(|line| line.product_discount));
        prop_assert_eq!(order.totals.order_discount, sum(|line| line.order_discount));
        prop_assert_eq!(order.totals.net, sum(|line| line.net));
        prop_assert_eq!(order.totals.vat, sum(|line| line.vat));
        prop_assert_eq!(order.totals.total, sum(|line| line.total));
        for line in &order.lines {
            let discount = line.product_discount.checked_add(line.order_discount).unwrap();
            prop_assert!(discount <= line.gross && !line.net.is_negative());
            prop_assert_eq!(line.gross.checked_sub(discount), Ok(line.net));
            prop_assert_eq!(Ok(discount), Money::sum(line.discounts.iter().map(|part| part.amount)));
            prop_assert_eq!(line.net.percent(line.vat_rate), Ok(line.vat));
        }
        for (line, typed) in order.lines.iter().zip(&case.draft.lines) {
            prop_assert_eq!((line.product_id, line.quantity, line.unit), (typed.product_id, typed.typed.quantity, typed.typed.unit));
        }
    }

    #[test]
    fn what_is_used_of_each_promotion_is_what_lines_and_gifts_show(seed: u64) {
        let case = case(seed, SMALL);
        let order = priced(&case);
        let mut shown: BTreeMap<_, i64> = BTreeMap::new();
        for line in &order.lines {
            for part in &line.discounts {
                *shown.entry(part.promotion_id).or_default() += part.amount.dong();
            }
        }
        for explanation in &order.explanations {
            if let Benefit::FreeGoods { product_id, quantity, unit } = explanation.benefit {
                let worth = case.book.0[&product_id].prices.of(unit).dong() * quantity;
                *shown.entry(explanation.promotion_id).or_default() += worth;
            }
        }
        let used: BTreeMap<_, i64> = order.uses.iter().map(|used| (used.promotion_id, used.used.amount.dong())).collect();
        prop_assert_eq!(shown, used);
        let gave: BTreeSet<_> = order.uses.iter().map(|used| used.promotion_id).collect();
        prop_assert!(order.not_applied.iter().all(|not| !gave.contains(&not.promotion_id)));
    }

    #[test]
    fn nothing_depends_on_the_order_of_lines_or_promotions(seed: u64, turn in 0..6_usize) {
        let case = case(seed, SMALL);
        let order = priced(&case);
        let mut other = case.clone();
        let turn = turn % other.draft.lines.len();
        other.draft.lines.rotate_left(turn);
        other.draft.choices.reverse();
        other.promotions.reverse();
        let turned = priced(&other);
        prop_assert_eq!(bag(&order), bag(&turned));
        prop_assert_eq!(order.totals, turned.totals);
        prop_assert_eq!(order.explanations, turned.explanations);
        prop_assert_eq!(order.near_misses, turned.near_misses);
        prop_assert_eq!(order.uses, turned.uses);
        prop_assert_eq!(order.not_applied, turned.not_applied);
    }

    #[test]
    fn no_budget_is_ever_exceeded(seed: u64) {
        let case = case(seed, SMALL);
        for used in priced(&case).uses {
            let promotion = case.promotions.iter().find(|promotion| promotion.id == used.promotion_id).unwrap();
            let facts = case.usage.0.get(&used.promotion_id).copied().unwrap_or_default();
            for limits in [promotion.budget, promotion.per_customer, facts.budget_left, facts.customer_left] {
                prop_assert!(limits.times.is_none_or(|most| used.used.times <= most));
                prop_assert!(limits.amount.is_none_or(|most| used.used.amount <= most));
                prop_assert!(limits.quantity.is_none_or(|most| used.used.quantity <= most));
            }
        }
    }

    #[test]
    fn at_most_one_of_an_exclusive_group_takes_effect(seed: u64) {
        let case = case(seed, SMALL);
        let mut groups = BTreeSet::new();
        for used in priced(&case).uses {
            let promotion = case.promotions.iter().find(|promotion| promotion.id == used.promotion_id).unwrap();
            if let Some(group) = &promotion.exclusive_group {
                prop_assert!(groups.insert(group.clone()), "{} twice", group);
            }
        }
    }

    #[test]
    fn free_goods_are_one_line_per_promotion_tier_and_product(seed: u64) {
        let order = priced(&case(seed, SMALL));
        let keys: Vec<_> = order
            .lines
            .iter()
            .filter_map(|line| Some((line.free?.promotion_id, line.free?.tier, line.product_id)))
            .collect();
        prop_assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    }

    #[test]
    fn a_naive_engine_that_tries_everything_agrees(seed: u64) {
        let case = plain_case(seed);
        let order = priced(&case);
        let applied: Vec<&Promotion> = case
            .promotions
            .iter()
            .filter(|promotion| order.uses.iter().any(|used| used.promotion_id == promotion.id))
            .collect();
        let verdict = oracle::apply(&case, &applied);
        let discount = order.totals.product_discount.checked_add(order.totals.order_discount).unwrap();
        prop_assert_eq!(i128::from(discount.dong()), verdict.discount);
        let mut gifts: BTreeMap<(uuid::Uuid, ProductId), i128> = BTreeMap::new();
        for line in &order.lines {
            if let Some(free) = line.free {
                *gifts.entry((free.promotion_id.uuid(), line.product_id)).or_default() += i128::from(line.pieces.pieces());
            }
        }
        prop_assert_eq!(gifts, verdict.gifts.clone());
        prop_assert_eq!(oracle::worth(&verdict), oracle::best_worth(&case), "no other choice gives more");
    }

    #[test]
    fn one_piece_more_never_raises_the_price_per_piece_of_a_pure_discount(
        percents in prop::collection::btree_set(1..60_i32, 1..4), gaps in prop::collection::vec(1..20_i64, 3), n in 1..80_i64,
    ) {
        let mut at = 0;
        let rewards: Vec<Tier<ProductReward>> = percents
            .into_iter()
            .zip(gaps)
            .map(|(percent, gap)| {
                at += gap;
                Tier { at_least: at, reward: crate::make::off(percent) }
            })
            .collect();
        let tiers = Tiers::try_from(rewards).unwrap();
        let kind = PromotionKind::Product { products: crate::make::set(&[1]), basis: Basis::Pieces, tiers };
        let promotions = [crate::make::promotion(1, kind)];
        let net = |n| crate::make::priced(&crate::make::pieces(&[(1, n)]), &promotions).totals.net.dong();
        // Half a đồng may be lost by rounding on either side.
        prop_assert!(net(n + 1) * n <= net(n) * (n + 1) + n + 1);
    }

    #[test]
    fn what_is_priced_survives_json(seed: u64) {
        let case = case(seed, Size { promotions: (3, 8), ..SMALL });
        let json = serde_json::to_string(&case.promotions).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Vec<Promotion>>(&json).unwrap(), &case.promotions);
        let order = priced(&case);
        let json = serde_json::to_string(&order).unwrap();
        prop_assert_eq!(serde_json::from_str::<PricedOrder>(&json).unwrap(), order);
    }
}
