//! Tiers that can't be reached, give less than lower ones, or sell for nothing.

use super::super::draft::{PriceBook, ProductPrice};
use super::super::promotion::{Basis, Promotion, PromotionKind};
use super::super::reward::{DisplayReward, Give, RebateReward, Reward};
use super::super::tiers::{Repeats, Tier, Tiers, climb};
use super::super::usage::Limits;
use super::{FindingCode, Findings};
use crate::{Percent, ProductId, Unit};

pub(super) fn check(promotion: &Promotion, prices: &PriceBook, findings: &mut Findings) {
    let tightest = promotion.budget.tighter(promotion.per_customer);
    match &promotion.kind {
        PromotionKind::Product { products, basis, tiers } => {
            for product in products {
                let goods = Goods::of_product(prices, *product, *basis);
                rewards(tiers, goods.as_ref(), prices, tightest, findings);
            }
            if products.iter().all(|product| !prices.0.contains_key(product)) {
                rewards(tiers, None, prices, tightest, findings);
            }
        }
        PromotionKind::Assortment { products, basis, tiers, discounted, .. } => {
            // What is taken off other goods is not judged by the price of those that earn it, but by their own.
            let judged = products.iter().filter(|_| discounted.is_empty());
            for product in judged {
                let goods = Goods::of_product(prices, *product, *basis);
                rewards(tiers, goods.as_ref(), prices, tightest, findings);
            }
            for product in discounted.iter().filter_map(|product| Some((*product, prices.0.get(product)?))) {
                let goods = Goods { product: Some(product), pieces_per_step: 0, value_per_step: 0 };
                for (index, tier) in tiers.iter().enumerate() {
                    let path = format!("kind.tiers[{index}]");
                    price_result(tier.reward.give(), tier.at_least, Some(&goods), &path, findings);
                }
            }
            rewards(tiers, None, prices, tightest, findings);
        }
        PromotionKind::Order { tiers } => {
            let goods = Goods { product: None, pieces_per_step: 0, value_per_step: 1 };
            rewards(tiers, Some(&goods), prices, tightest, findings);
        }
        PromotionKind::Combo { parts, tiers } => {
            let mut set = Goods { product: None, pieces_per_step: 0, value_per_step: 0 };
            let mut known = true;
            for part in parts {
                let Some(price) = prices.0.get(&part.product_id) else {
                    known = false;
                    continue;
                };
                set.value_per_step +=
                    i128::from(price.prices.of(part.unit).dong()) * i128::from(part.quantity.get());
            }
            rewards(tiers, Some(&set).filter(|_| known), prices, tightest, findings);
        }
        PromotionKind::Accumulation { tiers, .. } => settled(
            tiers,
            |reward| match reward {
                RebateReward::Percent { percent } => i64::from(percent.basis_points()),
                RebateReward::Amount { amount, .. } => amount.dong(),
            },
            |a, b| std::mem::discriminant(a) == std::mem::discriminant(b) && a.repeats() == b.repeats(),
            findings,
        ),
        PromotionKind::Display { tiers, .. } => {
            for (index, tier) in tiers.iter().enumerate() {
                if let DisplayReward::FreeGoods { product_id, .. } = tier.reward {
                    gifts_sold(&[Some(product_id)], prices, &format!("kind.tiers[{index}]"), findings);
                }
            }
            settled(
                tiers,
                |reward| match reward {
                    DisplayReward::Amount { amount } => amount.dong(),
                    DisplayReward::FreeGoods { quantity, .. } => i64::from(quantity.get()),
                },
                |a, b| match (a, b) {
                    (DisplayReward::Amount { .. }, DisplayReward::Amount { .. }) => true,
                    (
                        DisplayReward::FreeGoods { product_id: a, unit: u, .. },
                        DisplayReward::FreeGoods { product_id: b, unit: v, .. },
                    ) => (a, u) == (b, v),
                    _ => false,
                },
                findings,
            );
        }
    }
}

/// What one step of the thresholds consists of.
struct Goods<'a> {
    product: Option<(ProductId, &'a ProductPrice)>,
    pieces_per_step: i64,
    /// In đồng; for thresholds in pieces the price of a piece.
    value_per_step: i128,
}

impl<'a> Goods<'a> {
    fn of_product(prices: &'a PriceBook, product: ProductId, basis: Basis) -> Option<Self> {
        let price = prices.0.get(&product)?;
        let (retail, whole) = (i128::from(price.prices.retail.dong()), i128::from(price.prices.whole.dong()));
        let (pieces_per_step, value_per_step) = match basis {
            Basis::Pieces => (1, retail),
            Basis::Cases => (price.conversion.pieces_per_case(), whole),
            Basis::Value => (0, 1),
        };
        Some(Self { product: Some((product, price)), pieces_per_step, value_per_step })
    }

    /// Pieces and value of so many steps.
    fn of(&self, steps: i64) -> (i128, i128) {
        let value = self.value_per_step * i128::from(steps);
        let pieces = match self.product {
            Some((_, price)) if self.pieces_per_step == 0 => {
                value / i128::from(price.prices.retail.dong().max(1))
            }
            _ => i128::from(self.pieces_per_step) * i128::from(steps),
        };
        (pieces, value)
    }
}

fn rewards<R: Reward>(
    tiers: &Tiers<R>,
    goods: Option<&Goods<'_>>,
    prices: &PriceBook,
    tightest: Limits,
    findings: &mut Findings,
) {
    for (index, tier) in tiers.iter().enumerate() {
        let path = format!("kind.tiers[{index}]");
        let give = tier.reward.give();
        gives_nothing(give, &path, findings);
        if let Some(goods) = goods
            && goods.pieces_per_step > 1
            && tier.at_least.checked_mul(goods.pieces_per_step).is_none()
        {
            unreachable(&path, findings);
        }
        price_result(give, tier.at_least, goods, &path, findings);
        let gifts: Vec<_> = give.gifts().as_slice().iter().map(|gift| gift.product_id).collect();
        gifts_sold(&gifts, prices, &path, findings);
        for gift in give.gifts().as_slice() {
            let price = gift.product_id.and_then(|product| prices.0.get(&product));
            let price = price.or(goods.and_then(|goods| goods.product).map(|(_, price)| price));
            let Some(price) = price else { continue };
            let pieces =
                i64::from(gift.quantity.get()).saturating_mul(price.conversion.pieces_per(gift.unit));
            let worth = i64::from(gift.quantity.get()).saturating_mul(price.prices.of(gift.unit).dong());
            let too_many = tightest.quantity.is_some_and(|most| most.is_positive() && most.pieces() < pieces);
            let too_dear = tightest.amount.is_some_and(|most| most.is_positive() && most.dong() < worth);
            if too_many || too_dear {
                unreachable(&path, findings);
            }
        }
        let Some(below) = index.checked_sub(1).map(|below| &tiers.as_slice()[below]) else { continue };
        if below.reward.give() == give && !(below.reward.repeats() && tier.reward.repeats()) {
            findings.warning(
                FindingCode::TierGivesSame,
                path.clone(),
                "Mức này cho như mức dưới nó. Hãy bỏ một mức.",
                "This tier gives what the one below it gives. Remove one.",
            );
        }
        if below.reward.repeats() && tier.reward.repeats() && tier.at_least % below.at_least != 0 {
            findings.warning(
                FindingCode::OverlappingMultiples,
                path.clone(),
                format!("Mức {} không phải bội số của mức {} bên dưới, phần dư khó đoán. Hãy chọn bội số.", tier.at_least, below.at_least),
                format!("{} is no multiple of {} below it, so that the rest is hard to foresee. Choose a multiple.", tier.at_least, below.at_least),
            );
        }
        let less = match goods {
            Some(goods) => {
                let worth = |tiers| worth_at(tiers, tier.at_least, goods, prices);
                let (without, with) = (&tiers.as_slice()[..index], &tiers.as_slice()[..=index]);
                matches!((worth(without), worth(with)), (Some(without), Some(with)) if with < without)
            }
            None => plainly_less(below.reward.give(), give),
        };
        if less {
            gives_less(&path, findings);
        }
    }
}

/// What so many steps earn by these tiers, in đồng; none when a gift has no price.
fn worth_at<R: Reward>(tiers: &[Tier<R>], steps: i64, goods: &Goods<'_>, prices: &PriceBook) -> Option<i128> {
    let (pieces, value) = goods.of(steps);
    let mut sum = 0;
    for reached in climb(tiers, steps, 1).reached {
        let times = i128::from(reached.times);
        let per = |unit| goods.product.map(|(_, price)| i128::from(price.conversion.pieces_per(unit)));
        let give = reached.reward.give();
        sum += match give {
            Give::Percent(percent) => value * i128::from(percent.basis_points()) / 10_000,
            Give::AmountPerUnit(amount, unit) => {
                (i128::from(amount.dong()) * (pieces / per(unit)?)).min(value)
            }
            Give::Amount(amount) => (i128::from(amount.dong()) * times).min(value),
            Give::FixedPrice(price, unit) => (value - i128::from(price.dong()) * pieces / per(unit)?).max(0),
            Give::BundlePrice(price) => (value - i128::from(price.dong()) * i128::from(steps)).max(0),
            Give::Gift(_) | Give::Choice { .. } => {
                let pick = match give {
                    Give::Choice { pick, .. } => usize::try_from(pick.get()).unwrap_or(usize::MAX),
                    _ => 1,
                };
                let mut worth = 0;
                for gift in give.gifts().as_slice().iter().take(pick) {
                    let price = match gift.product_id {
                        Some(product) => prices.0.get(&product)?,
                        None => goods.product?.1,
                    };
                    worth += i128::from(price.prices.of(gift.unit).dong()) * i128::from(gift.quantity.get());
                }
                worth * times
            }
        };
    }
    Some(sum)
}

/// Rewards of the same kind can be compared without prices.
fn plainly_less(below: Give<'_>, above: Give<'_>) -> bool {
    match (below, above) {
        (Give::Percent(below), Give::Percent(above)) => above < below,
        (Give::AmountPerUnit(below, a), Give::AmountPerUnit(above, b)) => a == b && above < below,
        (Give::FixedPrice(below, a), Give::FixedPrice(above, b)) => a == b && above > below,
        (Give::BundlePrice(below), Give::BundlePrice(above)) => above > below,
        _ => false,
    }
}

fn gives_nothing(give: Give<'_>, path: &str, findings: &mut Findings) {
    let nothing = match give {
        Give::Percent(percent) => percent == Percent::ZERO,
        Give::AmountPerUnit(amount, _) | Give::Amount(amount) => !amount.is_positive(),
        Give::FixedPrice(..) | Give::BundlePrice(_) | Give::Gift(_) => false,
        Give::Choice { gifts, .. } => gifts.is_empty(),
    };
    if nothing {
        findings.error(
            FindingCode::GivesNothing,
            format!("{path}.reward"),
            "Mức này không cho gì. Hãy nhập giá trị lớn hơn 0.",
            "This tier gives nothing. Enter more than 0.",
        );
    }
}

/// Whether any of the goods to give can be had; none is the product that was bought.
fn gifts_sold(gifts: &[Option<ProductId>], prices: &PriceBook, path: &str, findings: &mut Findings) {
    let is_sold = |gift: &Option<ProductId>| gift.is_none_or(|product| prices.0.contains_key(&product));
    if !gifts.is_empty() && !gifts.iter().any(is_sold) {
        findings.error(
            FindingCode::GiftNotSold,
            format!("{path}.reward"),
            "Hàng tặng không còn bán nên không ai nhận được. Hãy chọn hàng khác.",
            "The gift is not sold, so that nobody would get it. Choose other goods.",
        );
    }
}

/// Whether anything is left of the price at the threshold, as far as the goods are known.
fn price_result(
    give: Give<'_>,
    at_least: i64,
    goods: Option<&Goods<'_>>,
    path: &str,
    findings: &mut Findings,
) {
    let product = goods.and_then(|goods| goods.product);
    let normal = |unit: Unit| product.map(|(_, price)| price.prices.of(unit).dong());
    let step = goods.map(|goods| goods.value_per_step);
    let value = step.map_or(0, |step| step * i128::from(at_least));
    let (zero, above) = match give {
        Give::Percent(percent) => (percent == Percent::HUNDRED, false),
        Give::AmountPerUnit(amount, unit) => {
            (normal(unit).is_some_and(|price| amount.dong() >= price), false)
        }
        Give::Amount(amount) => (value > 0 && i128::from(amount.dong()) >= value, false),
        Give::FixedPrice(price, unit) => {
            (!price.is_positive(), normal(unit).is_some_and(|normal| price.dong() >= normal))
        }
        Give::BundlePrice(price) => {
            (!price.is_positive(), step.is_some_and(|step| i128::from(price.dong()) >= step))
        }
        Give::Gift(_) | Give::Choice { .. } => (false, false),
    };
    if zero {
        findings.error(
            FindingCode::PriceNotPositive,
            format!("{path}.reward"),
            "Hàng sẽ có giá 0 hoặc âm. Hãy giảm bớt, hoặc dùng hàng tặng.",
            "The goods would cost nothing or less. Take less off, or give them for nothing.",
        );
    } else if above {
        findings.error(
            FindingCode::PriceAboveNormal,
            format!("{path}.reward"),
            "Giá khuyến mại không thấp hơn giá thường. Hãy kiểm tra lại giá.",
            "The special price is not below the normal price. Check it.",
        );
    }
}

/// Tiers of promotions that are settled: each must give more than the one below it.
fn settled<R: Repeats + PartialEq>(
    tiers: &Tiers<R>,
    size: impl Fn(&R) -> i64,
    comparable: impl Fn(&R, &R) -> bool,
    findings: &mut Findings,
) {
    for (index, tier) in tiers.iter().enumerate() {
        let path = format!("kind.tiers[{index}]");
        if size(&tier.reward) < 1 {
            findings.error(
                FindingCode::GivesNothing,
                format!("{path}.reward"),
                "Mức này không cho gì. Hãy nhập giá trị lớn hơn 0.",
                "This tier gives nothing. Enter more than 0.",
            );
        }
        let Some(below) = index.checked_sub(1).map(|below| &tiers.as_slice()[below]) else { continue };
        if comparable(&below.reward, &tier.reward) && size(&tier.reward) < size(&below.reward) {
            gives_less(&path, findings);
        }
    }
}

fn gives_less(path: &str, findings: &mut Findings) {
    findings.error(
        FindingCode::TierGivesLess,
        path,
        "Mức này cho ít hơn mức dưới nó. Khách mua nhiều hơn lại được ít hơn; hãy sửa lại.",
        "This tier gives less than the one below it: who buys more would get less. Correct it.",
    );
}

fn unreachable(path: &str, findings: &mut Findings) {
    findings.error(
        FindingCode::UnreachableTier,
        path,
        "Không đơn hàng nào được hưởng mức này: ngưỡng quá lớn, hoặc ngân sách không đủ cho một lần.",
        "No order can ever get this tier: its threshold is too high, or the budget does not allow a single time.",
    );
}
