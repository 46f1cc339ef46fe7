//! Mistakes are found while a promotion is written.

use crate::make::*;
use domain::pricing::*;
use domain::{Quantity, Unit};

fn found(promotion: &Promotion, others: &[Promotion]) -> Vec<(Severity, FindingCode, String)> {
    let findings = lint(promotion, others, &book(), &Sellers::default());
    for finding in &findings {
        assert!(!finding.vi.is_empty() && !finding.en.is_empty());
    }
    findings.into_iter().map(|finding| (finding.severity, finding.code, finding.path)).collect()
}

fn errors(kind: PromotionKind) -> Vec<FindingCode> {
    let found = found(&promotion(1, kind), &[]);
    found.into_iter().filter(|(severity, ..)| *severity == Severity::Error).map(|(_, code, _)| code).collect()
}

#[test]
fn sound_promotions_are_not_criticised() {
    let sound = [
        on_product(&[1], Basis::Pieces, vec![(12, free(None, 1, true)), (60, free(None, 6, true))]),
        on_product(&[1, 2], Basis::Pieces, vec![(10, off(5)), (20, off(8))]),
        on_set(&[1, 2], Basis::Value, vec![(100_000, off(2)), (500_000, free(Some(4), 2, false))]),
        on_order(vec![
            (1_000_000, OrderReward::Percent { percent: percent(2) }),
            (5_000_000, OrderReward::Percent { percent: percent(3) }),
        ]),
        combo(&[(1, 1), (2, 1)], vec![(1, ComboReward::BundlePrice { price: dong(14_000) })]),
    ];
    for kind in sound {
        assert_eq!(found(&promotion(1, kind), &[]), []);
    }
}

#[test]
fn a_higher_tier_must_not_give_less() {
    use FindingCode::TierGivesLess;
    assert_eq!(errors(on_product(&[1], Basis::Pieces, vec![(10, off(8)), (20, off(2))])), [TierGivesLess]);
    // Five times one piece is more than four at 60.
    let repeating = vec![(12, free(None, 1, true)), (60, free(None, 4, false))];
    assert_eq!(errors(on_product(&[1], Basis::Pieces, repeating)), [TierGivesLess]);
    // A gift of 333 instead of 10 % of 200,000.
    assert_eq!(
        errors(on_product(&[1], Basis::Pieces, vec![(10, off(10)), (20, free(Some(3), 1, false))])),
        [TierGivesLess]
    );
    let bill = |amount| OrderReward::Amount { amount: dong(amount) };
    assert_eq!(errors(on_order(vec![(100_000, bill(5_000)), (200_000, bill(4_000))])), [TierGivesLess]);
    let sets = |price| ComboReward::BundlePrice { price: dong(price) };
    assert_eq!(errors(combo(&[(1, 1), (2, 1)], vec![(1, sets(12_000)), (2, sets(14_000))])), [TierGivesLess]);
    let rebate = |amount| RebateReward::Amount { amount: dong(amount), per_multiple: false };
    let rebates = tiers(vec![(10, rebate(9)), (20, rebate(8))]);
    let accumulation =
        PromotionKind::Accumulation { products: set(&[1]), basis: Basis::Pieces, tiers: rebates };
    assert_eq!(errors(accumulation), [TierGivesLess]);
}

#[test]
fn tiers_that_add_nothing_or_leave_odd_rests_are_warned_of() {
    let same = promotion(1, on_product(&[1], Basis::Pieces, vec![(10, off(5)), (20, off(5))]));
    assert_eq!(found(&same, &[]), [(Severity::Warning, FindingCode::TierGivesSame, "kind.tiers[1]".into())]);
    let odd = promotion(
        1,
        on_product(&[1], Basis::Pieces, vec![(5, free(None, 1, true)), (12, free(None, 3, true))]),
    );
    assert_eq!(
        found(&odd, &[]),
        [(Severity::Warning, FindingCode::OverlappingMultiples, "kind.tiers[1]".into())]
    );
}

#[test]
fn nothing_may_be_sold_for_nothing_or_above_its_price() {
    use FindingCode::{PriceAboveNormal, PriceNotPositive};
    let product_reward = |reward| errors(on_product(&[1], Basis::Pieces, vec![(1, reward)]));
    assert_eq!(product_reward(off(100)), [PriceNotPositive]);
    let each = |amount| ProductReward::AmountPerUnit { amount: dong(amount), unit: Unit::Retail };
    assert_eq!(product_reward(each(10_000)), [PriceNotPositive]);
    let fixed = |price| ProductReward::FixedPrice { price: dong(price), unit: Unit::Retail };
    assert_eq!(product_reward(fixed(0)), [PriceNotPositive]);
    assert_eq!(product_reward(fixed(10_000)), [PriceAboveNormal]);
    let bill = OrderReward::Amount { amount: dong(100_000) };
    assert_eq!(errors(on_order(vec![(100_000, bill)])), [PriceNotPositive]);
    let set = ComboReward::BundlePrice { price: dong(15_000) };
    assert_eq!(errors(combo(&[(1, 1), (2, 1)], vec![(1, set)])), [PriceAboveNormal]);
}

#[test]
fn what_can_never_be_earned_is_refused() {
    use FindingCode::{ChoiceGifts, ComboParts, EmptyProducts, GivesNothing, UnreachableTier};
    assert_eq!(errors(on_product(&[], Basis::Pieces, vec![(1, off(1))])), [EmptyProducts]);
    assert_eq!(errors(on_product(&[1], Basis::Pieces, vec![(1, off(0))])), [GivesNothing]);
    assert_eq!(errors(on_product(&[1], Basis::Cases, vec![(i64::MAX, off(1))])), [UnreachableTier]);
    let price = ComboReward::BundlePrice { price: dong(9_000) };
    assert_eq!(errors(combo(&[(1, 1)], vec![(1, price.clone())])), [ComboParts]);
    assert_eq!(errors(combo(&[(1, 1), (1, 2)], vec![(1, price)])), [ComboParts]);
    let choice = ProductReward::Choice { gifts: vec![gift(2, 1)], pick: some(2), per_multiple: false };
    assert_eq!(errors(on_product(&[1], Basis::Pieces, vec![(12, choice)])), [ChoiceGifts]);
    let few = PromotionKind::Assortment {
        products: set(&[1, 2]),
        basis: Basis::Pieces,
        min_distinct: 3,
        discounted: Default::default(),
        tiers: tiers(vec![(1, off(5))]),
    };
    assert_eq!(errors(few), [UnreachableTier]);
    let kind = on_product(&[1], Basis::Pieces, vec![(12, free(None, 2, true))]);
    let stingy =
        Promotion { budget: Limits { amount: Some(dong(15_000)), ..Limits::NONE }, ..promotion(1, kind) };
    assert_eq!(found(&stingy, &[])[0].1, UnreachableTier);
}

#[test]
fn empty_periods_audiences_and_limits_are_refused() {
    let base = || promotion(1, on_product(&[1], Basis::Pieces, vec![(1, off(5))]));
    let code = |promotion: Promotion| found(&promotion, &[])[0].1;
    assert_eq!(
        code(Promotion { valid_to: Some(day(1)), valid_from: day(2), ..base() }),
        FindingCode::EmptyPeriod
    );
    // 15 and 16 August 2026 are a weekend.
    let weekend = Promotion {
        valid_from: day(15),
        valid_to: Some(day(16)),
        weekdays: [Weekday::Monday].into(),
        ..base()
    };
    assert_eq!(code(weekend), FindingCode::EmptyPeriod);
    let mut nobody = base();
    nobody.audience.channels.insert(" ".into());
    assert_eq!(code(nobody), FindingCode::EmptyAudience);
    let none = Promotion { per_customer: Limits { times: Some(0), ..Limits::NONE }, ..base() };
    assert_eq!(code(none), FindingCode::LimitTooSmall);
}

#[test]
fn a_limit_of_goods_is_for_promotions_that_give_goods() {
    let goods = || Limits { quantity: Some(Quantity::new(100)), ..Limits::NONE };
    let refused = |path: &str| vec![(Severity::Error, FindingCode::LimitsNothing, path.to_owned())];
    let money = || on_product(&[1], Basis::Pieces, vec![(10, off(5)), (20, off(8))]);
    let budget = Promotion { budget: goods(), ..promotion(1, money()) };
    assert_eq!(found(&budget, &[]), refused("budget.quantity"));
    let each = Promotion { per_customer: goods(), ..promotion(1, money()) };
    assert_eq!(found(&each, &[]), refused("perCustomer.quantity"));
    // One tier of goods is enough; and how often or how much money limits everything.
    let mixed = on_product(&[1], Basis::Pieces, vec![(10, off(5)), (100, free(Some(4), 20, false))]);
    assert_eq!(found(&Promotion { budget: goods(), ..promotion(1, mixed) }, &[]), []);
    let limits = Limits { times: Some(10), amount: Some(dong(1_000_000)), quantity: None };
    assert_eq!(found(&Promotion { budget: limits, per_customer: limits, ..promotion(1, money()) }, &[]), []);
}

#[test]
fn two_discounts_of_the_same_goods_need_different_priorities() {
    let base = |n, kind| promotion(n, kind);
    let mine = base(1, on_product(&[1], Basis::Pieces, vec![(1, off(5))]));
    let other = base(2, on_set(&[1, 2], Basis::Pieces, vec![(1, off(5))]));
    let ambiguous = |mine: &Promotion, other: &Promotion| {
        found(mine, std::slice::from_ref(other))
            .iter()
            .any(|(_, code, _)| *code == FindingCode::AmbiguousPriority)
    };
    assert!(ambiguous(&mine, &other));
    assert!(!ambiguous(&mine, &Promotion { priority: 1, ..other.clone() }));
    let grouped =
        |promotion: &Promotion| Promotion { exclusive_group: Some("hè".into()), ..promotion.clone() };
    assert!(!ambiguous(&grouped(&mine), &grouped(&other)), "the better one of a group wins");
    assert!(ambiguous(&grouped(&mine), &other));
    assert!(
        !ambiguous(&mine, &Promotion { valid_from: day(31), valid_to: None, ..other.clone() })
            || mine.valid_to >= Some(day(31))
    );
    let later = chrono::NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
    assert!(!ambiguous(&mine, &Promotion { valid_from: later, valid_to: None, ..other.clone() }));
    let mut elsewhere = other.clone();
    elsewhere.audience.channels.insert("MT".into());
    let mut here = mine.clone();
    here.audience.channels.insert("GT".into());
    assert!(!ambiguous(&here, &elsewhere), "no buyer gets both");
    let gift = base(2, on_product(&[1], Basis::Pieces, vec![(12, free(None, 1, true))]));
    assert!(!ambiguous(&mine, &gift), "a gift changes no price");
    let bill = base(2, on_order(vec![(1_000, OrderReward::Percent { percent: percent(1) })]));
    assert!(!ambiguous(&mine, &bill), "bills come after products");
    assert!(ambiguous(&bill, &base(3, bill.kind.clone())));
    assert!(!ambiguous(&mine, &mine.clone()), "an earlier version of itself is no other");
}

#[test]
fn gifts_that_earn_each_other_are_warned_of() {
    let gives = |n, product, gift| {
        promotion(n, on_product(&[product], Basis::Pieces, vec![(12, free(Some(gift), 1, true))]))
    };
    let cycle = found(&gives(1, 1, 2), &[gives(2, 2, 4), gives(3, 4, 1)]);
    assert_eq!(cycle, [(Severity::Warning, FindingCode::GiftCycle, "kind.tiers".into())]);
    assert_eq!(found(&gives(1, 1, 2), &[gives(2, 2, 4)]), []);
    assert_eq!(found(&gives(1, 1, 1), &[gives(2, 2, 2)]), []);
}

#[test]
fn what_is_taken_off_other_goods_is_judged_by_their_prices() {
    use FindingCode::{PriceAboveNormal, PriceNotPositive};
    let off_2 = |reward| {
        errors(PromotionKind::Assortment {
            products: set(&[1]),
            basis: Basis::Pieces,
            min_distinct: 0,
            discounted: set(&[2, 4]),
            tiers: tiers(vec![(1, reward)]),
        })
    };
    let fixed = |price| ProductReward::FixedPrice { price: dong(price), unit: Unit::Retail };
    let each = |amount| ProductReward::AmountPerUnit { amount: dong(amount), unit: Unit::Retail };
    assert_eq!(off_2(fixed(-1)), [PriceNotPositive]);
    assert_eq!(off_2(fixed(0)), [PriceNotPositive]);
    assert_eq!(off_2(fixed(5_000)), [PriceAboveNormal]);
    assert_eq!(off_2(fixed(4_999)), []);
    assert_eq!(off_2(each(5_000)), [PriceNotPositive]);
    assert_eq!(off_2(each(4_999)), []);
    assert_eq!(off_2(off(100)), [PriceNotPositive]);
    assert_eq!(off_2(off(99)), []);
}

#[test]
fn a_price_of_nothing_is_refused_for_goods_without_a_price_too() {
    use FindingCode::PriceNotPositive;
    let fixed = ProductReward::FixedPrice { price: dong(-1), unit: Unit::Retail };
    assert_eq!(errors(on_product(&[9], Basis::Pieces, vec![(1, fixed.clone())])), [PriceNotPositive]);
    assert_eq!(errors(on_set(&[8, 9], Basis::Pieces, vec![(1, fixed)])), [PriceNotPositive]);
    let set = ComboReward::BundlePrice { price: dong(0) };
    assert_eq!(errors(combo(&[(1, 1), (9, 1)], vec![(1, set)])), [PriceNotPositive]);
}

#[test]
fn a_gift_that_is_not_sold_is_refused() {
    use FindingCode::GiftNotSold;
    assert_eq!(errors(on_product(&[1], Basis::Pieces, vec![(12, free(Some(9), 1, true))])), [GiftNotSold]);
    let bill = |gifts| OrderReward::Choice { gifts, pick: some(1), per_multiple: false };
    assert_eq!(errors(on_order(vec![(100_000, bill(vec![gift(8, 1), gift(9, 1)]))])), [GiftNotSold]);
    assert_eq!(errors(on_order(vec![(100_000, bill(vec![gift(9, 1), gift(2, 1)]))])), [], "one of them is");
    let shown = DisplayReward::FreeGoods { product_id: product(9), quantity: some(1), unit: Unit::Whole };
    let kind = PromotionKind::Display { program: String::new(), tiers: tiers(vec![(1, shown)]) };
    assert_eq!(errors(kind), [GiftNotSold]);
}

#[test]
fn a_gift_that_not_every_distributor_may_sell_is_warned_of() {
    let names = |names: &[u128]| names.iter().map(|n| uuid::Uuid::from_u128(*n).into()).collect();
    // Product 2 is sold by distributors 1 and 2 only, product 4 by distributor 1.
    let sellers = Sellers([(product(2), names(&[1, 2])), (product(4), names(&[1]))].into());
    let warned = |kind: PromotionKind, meant: &[u128]| {
        let mut promotion = promotion(1, kind);
        promotion.audience.distributors = names(meant);
        let findings = lint(&promotion, &[], &book(), &sellers);
        assert!(
            findings
                .iter()
                .all(|f| f.code != FindingCode::GiftNotEverywhere || f.path == "kind.tiers[0].reward")
        );
        findings.iter().any(|f| f.code == FindingCode::GiftNotEverywhere)
    };
    let gives = |bought: &[u128], gift| on_product(bought, Basis::Pieces, vec![(12, free(gift, 1, true))]);
    assert!(warned(gives(&[1], Some(2)), &[]), "everybody sells product 1");
    assert!(warned(gives(&[1], Some(2)), &[2, 3]));
    assert!(!warned(gives(&[1], Some(2)), &[2, 1]), "meant for those who may");
    assert!(!warned(gives(&[4], Some(2)), &[]), "who sells product 4 sells product 2");
    assert!(warned(gives(&[2], Some(4)), &[]));
    assert!(!warned(gives(&[2], None), &[]), "what is bought is sold there");
    let choice = |gifts| ProductReward::Choice { gifts, pick: some(1), per_multiple: false };
    assert!(!warned(on_set(&[1], Basis::Pieces, vec![(1, choice(vec![gift(2, 1), gift(3, 1)]))]), &[]));
    let set = ComboReward::FreeGoods {
        product_id: product(4),
        quantity: some(1),
        unit: Unit::Retail,
        per_multiple: false,
    };
    assert!(!warned(combo(&[(1, 1), (4, 1)], vec![(1, set.clone())]), &[]), "a set needs all of its parts");
    assert!(warned(combo(&[(1, 1), (2, 1)], vec![(1, set)]), &[]));
    assert!(!warned(on_product(&[1], Basis::Pieces, vec![(12, off(5))]), &[]));
}

#[test]
fn what_is_settled_after_its_period_can_t_look_at_single_orders() {
    let rebate = RebateReward::Amount { amount: dong(5_000), per_multiple: false };
    let bought = || {
        let tiers = tiers(vec![(10, rebate)]);
        promotion(1, PromotionKind::Accumulation { products: set(&[1]), basis: Basis::Pieces, tiers })
    };
    let shown = || {
        let tiers = tiers(vec![(1, DisplayReward::Amount { amount: dong(5_000) })]);
        promotion(1, PromotionKind::Display { program: String::new(), tiers })
    };
    let van = || [domain::OrderType::VanSales].into();
    let refused = |promotion: Promotion| -> Vec<String> {
        found(&promotion, &[])
            .into_iter()
            .map(|(_, code, path)| format!("{}: {path}", code.as_str()))
            .collect()
    };
    for base in [&bought as &dyn Fn() -> Promotion, &shown] {
        assert_eq!(refused(base()), Vec::<String>::new());
        assert_eq!(refused(Promotion { weekdays: [Weekday::Monday].into(), ..base() }), Vec::<String>::new());
        assert_eq!(refused(Promotion { first_order_only: true, ..base() }), ["cannotApply: firstOrderOnly"]);
        assert_eq!(refused(Promotion { automatic: false, ..base() }), ["cannotApply: automatic"]);
    }
    assert_eq!(refused(Promotion { order_types: van(), ..bought() }), Vec::<String>::new());
    assert_eq!(refused(Promotion { order_types: van(), ..shown() }), ["cannotApply: orderTypes"]);
}
