//! What each promotion finds in the bare order: tiers reached and missed. Only promotions on orders wait for the run,
//! because their thresholds look at what others have left.

use super::cart::Cart;
use super::draft::GiftChoice;
use super::engine::PricingError;
use super::measure::{Bought, Measure};
use super::priced::{DiscountLevel, Gain, GiftOption, Missing, MissingPart};
use super::promotion::{Basis, ComboPart, Promotion, PromotionKind};
use super::reward::{ComboReward, Gift, Give, OrderReward, ProductReward, RebateReward, Reward};
use super::tiers::{Climb, Missed, Reached, Tiers, climb, climb_given};
use super::usage::{Limits, Usage, Used};
use crate::{Money, Overflow, ProductId, PromotionId, Quantity, TypedQuantity};
use std::collections::{BTreeMap, BTreeSet};

/// A promotion, and what it found in the cart.
#[derive(Debug)]
pub(super) struct Prepared<'p> {
    pub promotion: &'p Promotion,
    /// The groups of the cart that earn it together; of an assortment or a combo.
    pub set: Vec<usize>,
    /// What it does to the order; for promotions on orders nothing yet.
    pub effects: Vec<Effect<'p>>,
    pub misses: Vec<Miss>,
    /// Whether a tier was passed by because its gift is not sold.
    pub unsold: bool,
    /// How much of it may be given in this order.
    pub room: Limits,
}

/// A tier that was reached, and what it does.
#[derive(Debug)]
pub(super) struct Effect<'p> {
    /// 1 is the lowest.
    pub tier: u32,
    pub times: i64,
    /// The product that earned it, where it is one.
    pub earned_by: Option<ProductId>,
    pub level: DiscountLevel,
    pub on: On,
    pub give: Give<'p>,
    /// The goods it gives each time.
    pub parcels: Vec<Parcel>,
    /// What the buyer may choose among.
    pub options: Vec<GiftOption>,
}

/// What a discount falls upon.
#[derive(Debug)]
pub(super) enum On {
    /// All lines of these groups of the cart.
    Groups(Vec<usize>),
    /// So many pieces of each of these groups, for each set.
    Sets(Vec<(usize, i64)>),
    /// The whole order.
    All,
}

/// Free goods, for one time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parcel {
    pub product_id: ProductId,
    pub typed: TypedQuantity,
    pub pieces: Quantity,
    /// What it would have cost.
    pub worth: Money,
}

/// A tier that was narrowly missed.
#[derive(Debug, Clone)]
pub(super) struct Miss {
    pub tier: u32,
    pub product_id: Option<ProductId>,
    pub missing: Missing,
    pub gain: Gain,
    /// What giving it uses at least.
    pub least: Used,
}

impl Effect<'_> {
    /// The groups of the cart that it takes money off.
    pub fn takes_off(&self) -> impl Iterator<Item = usize> {
        let (groups, sets): (&[usize], &[(usize, i64)]) = match (&self.give, &self.on) {
            (Give::Gift(_) | Give::Choice { .. }, _) | (_, On::All) => (&[], &[]),
            (_, On::Groups(groups)) => (groups, &[]),
            (_, On::Sets(sets)) => (&[], sets),
        };
        groups.iter().copied().chain(sets.iter().map(|(group, _)| *group))
    }
}

impl<'p> Prepared<'p> {
    /// Whether it looks at what others have left, and so waits for the run.
    pub const fn is_on_order(&self) -> bool {
        matches!(self.promotion.kind, PromotionKind::Order { .. })
    }

    /// Looks at these groups of the cart.
    pub fn new(
        cart: &Cart<'_>,
        promotion: &'p Promotion,
        groups: Vec<usize>,
        usage: &Usage,
    ) -> Result<Self, PricingError> {
        let facts = usage.0.get(&promotion.id).copied().unwrap_or_default();
        let room = promotion.budget.tighter(promotion.per_customer);
        let room = room.tighter(facts.budget_left).tighter(facts.customer_left);
        let set = match &promotion.kind {
            PromotionKind::Assortment { .. } | PromotionKind::Combo { .. } => {
                let mut set = groups.clone();
                set.dedup();
                set
            }
            _ => Vec::new(),
        };
        let mut prepared =
            Self { promotion, set, effects: Vec::new(), misses: Vec::new(), unsold: false, room };
        match &promotion.kind {
            PromotionKind::Product { basis, tiers, .. } => {
                for group in groups {
                    prepared.product(cart, group, *basis, tiers)?;
                }
            }
            PromotionKind::Assortment { basis, min_distinct, discounted, tiers, .. } => {
                prepared.assortment(cart, groups, *basis, *min_distinct, discounted, tiers)?;
            }
            PromotionKind::Combo { parts, tiers } => prepared.combo(cart, parts, tiers)?,
            PromotionKind::Accumulation { basis, tiers, .. } => {
                let groups = if groups.is_empty() { (0..cart.groups.len()).collect() } else { groups };
                if let Some(before) = facts.accumulated {
                    prepared.accumulation(cart, &groups, *basis, tiers, before)?;
                }
            }
            PromotionKind::Order { .. } | PromotionKind::Display { .. } => {}
        }
        Ok(prepared)
    }

    fn product(
        &mut self,
        cart: &Cart<'_>,
        group: usize,
        basis: Basis,
        tiers: &'p Tiers<ProductReward>,
    ) -> Result<(), PricingError> {
        let bought = Some(cart.groups[group].product_id);
        let measure = Measure::of(basis, std::iter::once(bought_of(cart, group)))?;
        let Climb { reached, missed, passed_by } =
            climb_given(tiers.as_slice(), measure.amount, measure.unit, can_give(cart, bought));
        self.unsold |= passed_by;
        for reached in reached {
            let on = On::Groups(vec![group]);
            let effect = effect(cart, self.promotion.id, &reached, DiscountLevel::Product, on, bought)?;
            self.effects.push(Effect { earned_by: bought, ..effect });
        }
        if let Some(missed) = missed {
            let missing = match basis {
                Basis::Pieces | Basis::Cases => Missing::Pieces { quantity: Quantity::new(missed.by) },
                Basis::Value => Missing::Value { amount: Money::new(missed.by) },
            };
            self.miss(cart, &missed, missing, bought, bought)?;
        }
        Ok(())
    }

    fn assortment(
        &mut self,
        cart: &Cart<'_>,
        groups: Vec<usize>,
        basis: Basis,
        min_distinct: u32,
        discounted: &BTreeSet<ProductId>,
        tiers: &'p Tiers<ProductReward>,
    ) -> Result<(), PricingError> {
        let measure = Measure::of(basis, groups.iter().map(|group| bought_of(cart, *group)))?;
        let most = cart.most_bought(groups.iter().copied());
        let Climb { reached, missed, passed_by } =
            climb_given(tiers.as_slice(), measure.amount, measure.unit, can_give(cart, most));
        // A cart of more than 2³² products does not exist.
        let distinct = u32::try_from(groups.len()).unwrap_or(u32::MAX);
        if let Some(count) = min_distinct.checked_sub(distinct).filter(|count| *count > 0) {
            if let Some(first) = reached.first().filter(|_| count <= min_distinct / 2) {
                let missed = Missed { tier: first.tier, reward: first.reward, by: i64::from(count) };
                self.miss(cart, &missed, Missing::Products { count }, None, most)?;
            }
            return Ok(());
        }
        self.unsold = passed_by;
        let on: Vec<usize> = if discounted.is_empty() {
            groups
        } else {
            discounted.iter().filter_map(|product| cart.group(*product)).collect()
        };
        for reached in reached {
            let on = On::Groups(on.clone());
            self.effects.push(effect(cart, self.promotion.id, &reached, DiscountLevel::Product, on, most)?);
        }
        if let Some(missed) = missed {
            let missing = missing_of_several(basis, missed.by, measure.unit);
            self.miss(cart, &missed, missing, None, most)?;
        }
        Ok(())
    }

    fn combo(
        &mut self,
        cart: &Cart<'_>,
        parts: &[ComboPart],
        tiers: &'p Tiers<ComboReward>,
    ) -> Result<(), PricingError> {
        let mut needed: BTreeMap<ProductId, i64> = BTreeMap::new();
        for part in parts {
            // A product that nobody can buy here makes no sets.
            let Some(price) = cart.book.0.get(&part.product_id) else { return Ok(()) };
            let typed = TypedQuantity { quantity: i64::from(part.quantity.get()), unit: part.unit };
            let pieces = typed.to_pieces(price.conversion)?.pieces();
            let sum = needed.entry(part.product_id).or_default();
            *sum = sum.checked_add(pieces).ok_or(Overflow)?;
        }
        let has = |product: &ProductId| cart.group(*product).map_or(0, |group| cart.groups[group].pieces);
        let sets = needed.iter().map(|(product, pieces)| has(product) / pieces).min().unwrap_or(0);
        let used: Vec<(usize, i64)> =
            needed.iter().filter_map(|(product, pieces)| Some((cart.group(*product)?, *pieces))).collect();
        let most = cart.most_bought(used.iter().map(|(group, _)| *group));
        let Climb { reached, passed_by, .. } = climb_given(tiers.as_slice(), sets, 1, can_give(cart, most));
        self.unsold = passed_by;
        for reached in &reached {
            let on = On::Sets(used.clone());
            let mut effect = effect(cart, self.promotion.id, reached, DiscountLevel::Product, on, most)?;
            if !effect.give.is_goods() {
                effect.times = sets;
            }
            self.effects.push(effect);
        }
        let one_more = sets.checked_add(1).ok_or(Overflow)?;
        let more = climb_given(tiers.as_slice(), one_more, 1, can_give(cart, most)).reached;
        let Some(next) = more.first() else { return Ok(()) };
        let same =
            |earlier: &Reached<'_, ComboReward>| (earlier.tier, earlier.times) == (next.tier, next.times);
        let repeats = matches!(next.reward, ComboReward::BundlePrice { .. } | ComboReward::Percent { .. });
        if reached.first().is_some_and(same) && !repeats {
            return Ok(());
        }
        let (mut lacking, mut short, mut whole) = (Vec::new(), 0_i64, 0_i64);
        for (product, pieces) in &needed {
            let lacks = pieces - (has(product) - sets * pieces).min(*pieces);
            short = short.checked_add(lacks).ok_or(Overflow)?;
            whole = whole.checked_add(*pieces).ok_or(Overflow)?;
            if lacks > 0 {
                lacking.push(MissingPart { product_id: *product, quantity: Quantity::new(lacks) });
            }
        }
        if short <= whole / 2 {
            let missed = Missed { tier: next.tier, reward: next.reward, by: short };
            self.miss(cart, &missed, Missing::Parts { parts: lacking }, None, most)?;
        }
        Ok(())
    }

    fn accumulation(
        &mut self,
        cart: &Cart<'_>,
        groups: &[usize],
        basis: Basis,
        tiers: &'p Tiers<RebateReward>,
        before: i64,
    ) -> Result<(), PricingError> {
        let bought = groups.iter().map(|group| bought_of(cart, *group));
        let now = Measure::of(basis, bought)?;
        let measured = before.checked_add(now.amount / now.unit).ok_or(Overflow)?;
        if let Some(missed) = climb(tiers.as_slice(), measured, 1).missed {
            let gain = match missed.reward {
                RebateReward::Percent { percent } => Gain::Percent { percent: *percent },
                RebateReward::Amount { amount, .. } => Gain::Amount { amount: *amount },
            };
            let missing = missing_of_several(basis, missed.by, 1);
            self.misses.push(Miss { tier: missed.tier, product_id: None, missing, gain, least: A_LITTLE });
        }
        Ok(())
    }

    fn miss<R: Reward>(
        &mut self,
        cart: &Cart<'_>,
        missed: &Missed<'_, R>,
        missing: Missing,
        product_id: Option<ProductId>,
        bought: Option<ProductId>,
    ) -> Result<(), PricingError> {
        if let Some((gain, least)) = gain(cart, missed.reward.give(), bought)? {
            self.misses.push(Miss { tier: missed.tier, product_id, missing, gain, least });
        }
        Ok(())
    }
}

/// What a promotion on orders does to an order.
#[derive(Debug)]
pub(super) struct OnOrder<'p> {
    pub effects: Vec<Effect<'p>>,
    pub missed: Option<Miss>,
    /// Whether a tier was passed by because its gift is not sold.
    pub unsold: bool,
}

/// What a promotion on orders does to one of this value, and what it narrowly misses.
pub(super) fn on_order<'p>(
    cart: &Cart<'_>,
    promotion: PromotionId,
    tiers: &'p Tiers<OrderReward>,
    value: Money,
) -> Result<OnOrder<'p>, PricingError> {
    let most = cart.most;
    let Climb { reached, missed, passed_by: unsold } =
        climb_given(tiers.as_slice(), value.dong(), 1, can_give(cart, most));
    let effects =
        reached.iter().map(|reached| effect(cart, promotion, reached, DiscountLevel::Order, On::All, most));
    let effects = effects.collect::<Result<_, _>>()?;
    let Some(missed) = missed else { return Ok(OnOrder { effects, missed: None, unsold }) };
    let missing = Missing::Value { amount: Money::new(missed.by) };
    let gain = gain(cart, missed.reward.give(), most)?;
    let missed = gain.map(|(gain, least)| Miss { tier: missed.tier, product_id: None, missing, gain, least });
    Ok(OnOrder { effects, missed, unsold })
}

fn effect<'p, R: Reward>(
    cart: &Cart<'_>,
    promotion: PromotionId,
    reached: &Reached<'p, R>,
    level: DiscountLevel,
    on: On,
    bought: Option<ProductId>,
) -> Result<Effect<'p>, PricingError> {
    let give = reached.reward.give();
    let (mut parcels, mut options) = (Vec::new(), Vec::new());
    match give {
        Give::Gift(gift) => {
            if let Some(product_id) = gift.product_id.or(bought) {
                parcels.extend(parcel(cart, gift, product_id)?);
            }
        }
        Give::Choice { gifts, pick } => {
            let offered = offered(cart, gifts, bought)?;
            options.extend(offered.iter().map(|parcel| GiftOption {
                product_id: parcel.product_id,
                quantity: parcel.typed.quantity,
                unit: parcel.typed.unit,
            }));
            let wanted = |parcel: &&Parcel| {
                let choice =
                    GiftChoice { promotion_id: promotion, tier: reached.tier, product_id: parcel.product_id };
                cart.draft.choices.contains(&choice)
            };
            let pick = usize::try_from(pick.get()).unwrap_or(usize::MAX);
            parcels.extend(offered.iter().filter(wanted).take(pick));
            let rest = offered.iter().filter(|parcel| !wanted(parcel)).take(pick - parcels.len());
            parcels.extend(rest.copied().collect::<Vec<_>>());
        }
        _ => {}
    }
    let times = reached.times;
    Ok(Effect { tier: reached.tier, times, earned_by: None, level, on, give, parcels, options })
}

/// Whether a reward can be given here: money always, goods when any of them are sold.
fn can_give<R: Reward>(cart: &Cart<'_>, bought: Option<ProductId>) -> impl Fn(&R) -> bool {
    move |reward| {
        let give = reward.give();
        let gifts = give.gifts();
        let is_sold =
            |gift: &Gift| gift.product_id.or(bought).is_some_and(|id| cart.book.0.contains_key(&id));
        !give.is_goods() || gifts.as_slice().iter().any(is_sold)
    }
}

/// The goods of a choice that can be had here, each product once.
fn offered(cart: &Cart<'_>, gifts: &[Gift], bought: Option<ProductId>) -> Result<Vec<Parcel>, Overflow> {
    let mut offered: Vec<Parcel> = Vec::new();
    for gift in gifts {
        let Some(product_id) = gift.product_id.or(bought) else { continue };
        if !offered.iter().any(|parcel| parcel.product_id == product_id) {
            offered.extend(parcel(cart, *gift, product_id)?);
        }
    }
    Ok(offered)
}

/// None when the product is not sold here: it can't be given either.
fn parcel(cart: &Cart<'_>, gift: Gift, product_id: ProductId) -> Result<Option<Parcel>, Overflow> {
    let Some(price) = cart.book.0.get(&product_id) else { return Ok(None) };
    let typed = TypedQuantity { quantity: i64::from(gift.quantity.get()), unit: gift.unit };
    Ok(Some(Parcel {
        product_id,
        typed,
        pieces: typed.to_pieces(price.conversion)?,
        worth: price.prices.of(typed.unit).checked_mul(typed.quantity)?,
    }))
}

/// What any reward in money uses at least.
const A_LITTLE: Used = Used { times: 1, amount: Money::new(1), quantity: Quantity::ZERO };

/// What a reward promises, and the least that it uses; of goods the first that are sold.
fn gain(
    cart: &Cart<'_>,
    give: Give<'_>,
    bought: Option<ProductId>,
) -> Result<Option<(Gain, Used)>, Overflow> {
    let gain = match give {
        Give::Percent(percent) => Gain::Percent { percent },
        Give::AmountPerUnit(amount, unit) => Gain::AmountPerUnit { amount, unit },
        Give::Amount(amount) => Gain::Amount { amount },
        Give::FixedPrice(price, unit) => Gain::FixedPrice { price, unit },
        Give::BundlePrice(price) => Gain::BundlePrice { price },
        Give::Gift(_) | Give::Choice { .. } => {
            let first = offered(cart, give.gifts().as_slice(), bought)?.into_iter().next();
            return Ok(first.map(|Parcel { product_id, typed, pieces, worth }| {
                let gain = Gain::FreeGoods { product_id, quantity: typed.quantity, unit: typed.unit };
                (gain, Used { times: 1, amount: worth, quantity: pieces })
            }));
        }
    };
    Ok(Some((gain, A_LITTLE)))
}

fn bought_of(cart: &Cart<'_>, group: usize) -> Bought {
    let group = &cart.groups[group];
    Bought { pieces: group.pieces, value: group.gross, conversion: group.price.conversion }
}

fn missing_of_several(basis: Basis, by: i64, unit: i64) -> Missing {
    match basis {
        Basis::Pieces => Missing::Pieces { quantity: Quantity::new(by) },
        Basis::Cases => Missing::Cases { quantity: by / unit + i64::from(by % unit != 0) },
        Basis::Value => Missing::Value { amount: Money::new(by) },
    }
}
