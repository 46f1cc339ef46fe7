//! Period, audience, products, limits, parts and choices.

use super::super::promotion::{Promotion, PromotionKind, Weekday};
use super::super::reward::{Give, Reward};
use super::super::usage::Limits;
use super::{FindingCode, Findings};
use crate::Quantity;
use std::collections::BTreeSet;

pub(super) fn check(promotion: &Promotion, findings: &mut Findings) {
    period(promotion, findings);
    audience(promotion, findings);
    let gives_goods = promotion.kind.gives_goods();
    limits(promotion.budget, gives_goods, "budget", findings);
    limits(promotion.per_customer, gives_goods, "perCustomer", findings);
    if !promotion.kind.is_priced() {
        no_single_orders(promotion, findings);
    }
    match &promotion.kind {
        PromotionKind::Product { products, tiers, .. } => {
            no_products(products.is_empty(), findings);
            choices(tiers.iter().map(|tier| tier.reward.give()), findings);
        }
        PromotionKind::Assortment { products, min_distinct, tiers, .. } => {
            no_products(products.is_empty(), findings);
            choices(tiers.iter().map(|tier| tier.reward.give()), findings);
            if usize::try_from(*min_distinct).is_ok_and(|least| least > products.len()) {
                findings.error(
                    FindingCode::UnreachableTier,
                    "kind.minDistinct",
                    format!("Đòi {min_distinct} mặt hàng khác nhau nhưng chỉ có {}. Hãy giảm số này hoặc thêm sản phẩm.", products.len()),
                    format!("It asks for {min_distinct} different products but names {}. Ask for fewer, or name more.", products.len()),
                );
            }
        }
        PromotionKind::Order { tiers } => choices(tiers.iter().map(|tier| tier.reward.give()), findings),
        PromotionKind::Combo { parts, tiers } => {
            choices(tiers.iter().map(|tier| tier.reward.give()), findings);
            let different: BTreeSet<_> = parts.iter().map(|part| part.product_id).collect();
            let units: u64 = parts.iter().map(|part| u64::from(part.quantity.get())).sum();
            if units < 2 {
                findings.error(
                    FindingCode::ComboParts,
                    "kind.parts",
                    "Một bộ cần ít nhất 2 đơn vị hàng. Hãy thêm sản phẩm hoặc dùng khuyến mại theo sản phẩm.",
                    "A set needs at least 2 units of goods. Add products, or use a product promotion.",
                );
            }
            if different.len() < parts.len() {
                findings.error(
                    FindingCode::ComboParts,
                    "kind.parts",
                    "Một sản phẩm được nêu hai lần trong bộ. Hãy gộp lại thành một dòng.",
                    "The set names a product twice. Put it on one line.",
                );
            }
        }
        PromotionKind::Accumulation { .. } | PromotionKind::Display { .. } => {}
    }
}

fn period(promotion: &Promotion, findings: &mut Findings) {
    let Some(last) = promotion.valid_to else { return };
    if last < promotion.valid_from {
        findings.error(
            FindingCode::EmptyPeriod,
            "validTo",
            "Chương trình kết thúc trước khi bắt đầu. Hãy sửa thời gian.",
            "The promotion ends before it starts. Correct its period.",
        );
    } else if !promotion.weekdays.is_empty() {
        let mut days = promotion.valid_from.iter_days().take_while(|day| *day <= last).take(7);
        if !days.any(|day| promotion.weekdays.contains(&Weekday::of(day))) {
            findings.error(
                FindingCode::EmptyPeriod,
                "weekdays",
                "Không có ngày nào trong thời gian chương trình rơi vào các thứ đã chọn.",
                "None of the chosen weekdays falls into the promotion's period.",
            );
        }
    }
}

fn audience(promotion: &Promotion, findings: &mut Findings) {
    let audience = &promotion.audience;
    let words = [
        ("channels", &audience.channels),
        ("customerGroups", &audience.customer_groups),
        ("customerTypes", &audience.customer_types),
        ("areas", &audience.areas),
    ];
    for (name, words) in words {
        if !words.is_empty() && words.iter().all(|word| word.trim().is_empty()) {
            findings.error(
                FindingCode::EmptyAudience,
                format!("audience.{name}"),
                "Điều kiện này không khách hàng nào thoả. Hãy bỏ trống hoặc nhập giá trị.",
                "No customer meets this criterion. Leave it empty, or enter values.",
            );
        }
    }
}

fn limits(limits: Limits, gives_goods: bool, path: &str, findings: &mut Findings) {
    let wrong = limits.times.is_some_and(|times| times < 1)
        || limits.amount.is_some_and(|amount| !amount.is_positive())
        || limits.quantity.is_some_and(|quantity| quantity <= Quantity::ZERO);
    if wrong {
        findings.error(
            FindingCode::LimitTooSmall,
            path,
            "Giới hạn phải lớn hơn 0. Bỏ trống nếu không giới hạn.",
            "A limit must be more than 0. Leave it empty for none.",
        );
    }
    if limits.quantity.is_some() && !gives_goods {
        findings.error(
            FindingCode::LimitsNothing,
            format!("{path}.quantity"),
            "Chương trình chỉ giảm tiền, không tặng hàng, nên giới hạn số lượng hàng tặng không có tác dụng. Hãy giới hạn số lần hoặc số tiền.",
            "The promotion gives money and no goods, so a limit of free goods limits nothing. Limit how often or how much money it gives.",
        );
    }
}

/// What is settled after its period knows no first order and no picks, and displays no orders at all.
fn no_single_orders(promotion: &Promotion, findings: &mut Findings) {
    let is_display = matches!(promotion.kind, PromotionKind::Display { .. });
    let conditions = [
        ("firstOrderOnly", promotion.first_order_only),
        ("automatic", !promotion.automatic),
        ("orderTypes", is_display && !promotion.order_types.is_empty()),
    ];
    for (path, _) in conditions.into_iter().filter(|(_, set)| *set) {
        findings.error(
            FindingCode::CannotApply,
            path,
            "Chương trình tích luỹ và trưng bày quyết toán sau kỳ, không dùng được điều kiện này. Hãy bỏ điều kiện.",
            "Accumulations and displays are settled after their period and can't look at this. Remove the condition.",
        );
    }
}

fn no_products(none: bool, findings: &mut Findings) {
    if none {
        findings.error(
            FindingCode::EmptyProducts,
            "kind.products",
            "Chưa chọn sản phẩm nào.",
            "No product is named.",
        );
    }
}

fn choices<'p>(gives: impl Iterator<Item = Give<'p>>, findings: &mut Findings) {
    for (index, give) in gives.enumerate() {
        let Give::Choice { gifts, pick } = give else { continue };
        let different: BTreeSet<_> = gifts.iter().map(|gift| gift.product_id).collect();
        let path = format!("kind.tiers[{index}].reward.gifts");
        if usize::try_from(pick.get()).is_ok_and(|pick| pick > different.len()) {
            findings.error(
                FindingCode::ChoiceGifts,
                path,
                format!("Được chọn {pick} quà nhưng chỉ có {} quà. Hãy thêm quà.", different.len()),
                format!("{pick} may be picked of only {}. Add goods to choose among.", different.len()),
            );
        } else if different.len() < gifts.len() {
            findings.error(
                FindingCode::ChoiceGifts,
                path,
                "Một quà được nêu hai lần. Hãy bỏ bớt.",
                "The choice names a product twice. Remove one.",
            );
        }
    }
}
