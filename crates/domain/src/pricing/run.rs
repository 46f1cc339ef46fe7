//! A run of promotions over a cart: what they have taken off and given so far, never more than there is left of them.

use super::cart::Cart;
use super::engine::PricingError;
use super::prepare::{Effect, Miss, On, OnOrder, Parcel, Prepared, on_order};
use super::priced::{Benefit, DiscountLevel, GiftOption, WhyNot};
use super::promotion::PromotionKind;
use super::reward::Give;
use super::usage::Used;
use crate::{Money, Overflow, ProductId, Quantity, TypedQuantity};

#[derive(Debug)]
pub(super) struct Run<'a, 'p> {
    pub cart: &'a Cart<'a>,
    pub rules: &'a [Prepared<'p>],
    /// Of each line what is left after discounts; never below zero. In a trial promotions on orders are not shared over
    /// the lines, because nothing comes after them that would look at single lines.
    pub left: Vec<Money>,
    /// What promotions on orders have taken off so far.
    order_off: Money,
    /// All that was taken off and given.
    worth: Money,
    /// The rules that have used something or fallen short, to clear just those.
    touched: Vec<usize>,
    /// By rule.
    pub used: Vec<Used>,
    /// By rule: why it gave less than was earned, where it did.
    pub short: Vec<Option<WhyNot>>,
    /// Whether what happens is kept; not in a trial.
    telling: bool,
    pub offs: Vec<Off>,
    pub gifts: Vec<Given>,
    pub told: Vec<Told>,
    pub misses: Vec<(usize, Miss)>,
    /// Lines and what may be taken off each; kept only to spare allocations.
    parts: Vec<(usize, Money)>,
}

/// Where a run stood before some rules took effect, each of which had not done so before.
#[derive(Debug)]
pub(super) struct Mark {
    left: Vec<Money>,
    order_off: Money,
    worth: Money,
    touched: usize,
}

/// A rule's part in the discount of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Off {
    pub line: usize,
    pub rule: usize,
    pub level: DiscountLevel,
    pub amount: Money,
}

/// Free goods of a rule's tier.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub rule: usize,
    pub tier: u32,
    pub product_id: ProductId,
    pub typed: TypedQuantity,
    pub pieces: Quantity,
}

/// What a rule gave, for its explanation.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub rule: usize,
    pub tier: u32,
    pub product_id: Option<ProductId>,
    pub benefit: Benefit,
    pub limited: bool,
    pub choices: Vec<GiftOption>,
}

impl<'a, 'p> Run<'a, 'p> {
    pub fn new(cart: &'a Cart<'a>, rules: &'a [Prepared<'p>]) -> Self {
        let mut run = Self {
            cart,
            rules,
            left: Vec::with_capacity(cart.lines.len()),
            order_off: Money::ZERO,
            worth: Money::ZERO,
            touched: Vec::new(),
            used: vec![Used::default(); rules.len()],
            short: vec![None; rules.len()],
            telling: false,
            offs: Vec::new(),
            gifts: Vec::new(),
            told: Vec::new(),
            misses: Vec::new(),
            parts: Vec::with_capacity(cart.lines.len()),
        };
        run.reset(false);
        run
    }

    /// Back to the bare order.
    pub fn reset(&mut self, telling: bool) {
        self.left.clear();
        self.left.extend(self.cart.lines.iter().map(|line| line.gross));
        self.order_off = Money::ZERO;
        self.worth = Money::ZERO;
        self.forget(0);
        self.telling = telling;
    }

    /// Where the run stands, to come back to.
    pub fn mark(&self) -> Mark {
        let Self { order_off, worth, .. } = *self;
        Mark { left: self.left.clone(), order_off, worth, touched: self.touched.len() }
    }

    /// The same into a mark that is not needed any more.
    pub fn mark_again(&self, mark: &mut Mark) {
        mark.left.copy_from_slice(&self.left);
        (mark.order_off, mark.worth, mark.touched) = (self.order_off, self.worth, self.touched.len());
    }

    /// Back to where the run stood.
    pub fn back_to(&mut self, mark: &Mark) {
        self.left.copy_from_slice(&mark.left);
        self.order_off = mark.order_off;
        self.worth = mark.worth;
        self.forget(mark.touched);
    }

    fn forget(&mut self, touched: usize) {
        for rule in self.touched.drain(touched..) {
            self.used[rule] = Used::default();
            self.short[rule] = None;
        }
    }

    /// All that was taken off and given.
    pub const fn worth(&self) -> Money {
        self.worth
    }

    fn use_up(&mut self, rule: usize, used: Used) -> Result<(), Overflow> {
        self.touched.push(rule);
        self.worth = self.worth.checked_add(used.amount)?;
        self.used[rule] = self.used[rule].checked_add(used)?;
        Ok(())
    }

    fn fall_short(&mut self, rule: usize, reason: WhyNot) {
        self.touched.push(rule);
        self.short[rule] = Some(reason);
    }

    /// Lets a rule take effect.
    pub fn apply(&mut self, rule: usize) -> Result<(), PricingError> {
        let prepared = &self.rules[rule];
        if let PromotionKind::Order { tiers } = &prepared.promotion.kind {
            let value = Money::sum(self.left.iter().copied())?;
            let value = if self.telling { value.checked_add(self.order_off)? } else { value };
            let OnOrder { effects, missed, unsold } =
                on_order(self.cart, prepared.promotion.id, tiers, value)?;
            if unsold {
                self.fall_short(rule, WhyNot::GiftNotSold);
            }
            for effect in &effects {
                self.take_effect(rule, effect)?;
            }
            return Ok(self.tell_misses(rule, missed.as_slice())?);
        }
        if prepared.unsold {
            self.fall_short(rule, WhyNot::GiftNotSold);
        }
        for effect in &prepared.effects {
            self.take_effect(rule, effect)?;
        }
        Ok(self.tell_misses(rule, &prepared.misses)?)
    }

    /// Keeps what was narrowly missed, unless there is not enough left of the rule to give it.
    fn tell_misses(&mut self, rule: usize, misses: &[Miss]) -> Result<(), Overflow> {
        if !self.telling || self.short[rule] == Some(WhyNot::UsedUp) {
            return Ok(());
        }
        let before = self.rules[rule].room;
        let left = before.less(&self.used[rule])?;
        // A higher tier takes the place of what a lower one gave.
        let open = |miss: &&Miss| if miss.tier > 1 { before } else { left }.allow(&miss.least);
        self.misses.extend(misses.iter().filter(open).map(|miss| (rule, miss.clone())));
        Ok(())
    }

    fn take_effect(&mut self, rule: usize, effect: &Effect<'_>) -> Result<(), Overflow> {
        match effect.give {
            Give::Gift(_) | Give::Choice { .. } => self.give(rule, effect),
            _ => self.discount(rule, effect),
        }
    }

    /// Takes money off.
    fn discount(&mut self, rule: usize, effect: &Effect<'_>) -> Result<(), Overflow> {
        let room = self.rules[rule].room.less(&self.used[rule])?;
        let times = room.times.map_or(effect.times, |left| left.min(effect.times));
        let mut parts = std::mem::take(&mut self.parts);
        parts.clear();
        let wanted = self.parts(effect, times, &mut parts)?;
        let amount = room.amount.map_or(wanted, |left| left.min(wanted));
        let limited = amount < wanted || times < effect.times;
        if limited {
            self.fall_short(rule, WhyNot::UsedUp);
        }
        if amount.is_positive() && times > 0 {
            self.take_off(rule, effect.level, amount, &parts)?;
            let used = Used { times, amount, quantity: Quantity::ZERO };
            self.use_up(rule, used)?;
            if self.telling {
                let (tier, product_id) = (effect.tier, effect.earned_by);
                let benefit = Benefit::Discount { amount };
                self.told.push(Told { rule, tier, product_id, benefit, limited, choices: Vec::new() });
            }
        }
        self.parts = parts;
        Ok(())
    }

    /// How much an effect would take off, and the lines with the weights by which it is shared; never more than the
    /// weights together, and no weight more than what is left of its line.
    fn parts(
        &self,
        effect: &Effect<'_>,
        times: i64,
        parts: &mut Vec<(usize, Money)>,
    ) -> Result<Money, Overflow> {
        match &effect.on {
            On::All => parts.extend(self.left.iter().copied().enumerate()),
            On::Groups(groups) => {
                for group in groups {
                    let before = parts.len();
                    let group = &self.cart.groups[*group];
                    parts.extend(group.lines.clone().map(|line| (line, self.left[line])));
                    match effect.give {
                        Give::AmountPerUnit(amount, unit) => {
                            let units = group.pieces / group.price.conversion.pieces_per(unit);
                            let here = &mut parts[before..];
                            let amount = amount.checked_mul(units)?.min(sum(here)?).max(Money::ZERO);
                            share(amount, here)?;
                        }
                        Give::FixedPrice(price, unit) => {
                            let per_unit = group.price.conversion.pieces_per(unit);
                            for (line, left) in &mut parts[before..] {
                                let pieces = self.cart.lines[*line].pieces.pieces();
                                // Rounded half up; a price is never negative.
                                let fixed = price.max(Money::ZERO).checked_mul(pieces)?.dong();
                                let fixed =
                                    Money::new(fixed.checked_add(per_unit / 2).ok_or(Overflow)? / per_unit);
                                *left = left.checked_sub(fixed)?.max(Money::ZERO);
                            }
                        }
                        _ => {}
                    }
                }
            }
            On::Sets(sets) => {
                for (group, pieces) in sets {
                    let group = &self.cart.groups[*group];
                    let (used, all) = (i128::from(*pieces) * i128::from(times), i128::from(group.pieces));
                    for line in group.lines.clone() {
                        let part = i128::from(self.left[line].dong()) * used / all;
                        let part = i64::try_from(part).map_err(|_| Overflow)?;
                        parts.push((line, Money::new(part)));
                    }
                }
            }
        }
        let mut all = sum(parts)?;
        if matches!(effect.on, On::All) && !self.telling {
            all = all.checked_sub(self.order_off)?;
        }
        let wanted = match effect.give {
            Give::Percent(percent) => all.percent(percent)?,
            Give::Amount(amount) => amount.checked_mul(times)?,
            Give::BundlePrice(price) => all.checked_sub(price.checked_mul(times)?)?,
            Give::AmountPerUnit(..) | Give::FixedPrice(..) => all,
            Give::Gift(_) | Give::Choice { .. } => Money::ZERO,
        };
        Ok(wanted.min(all).max(Money::ZERO))
    }

    fn take_off(
        &mut self,
        rule: usize,
        level: DiscountLevel,
        amount: Money,
        parts: &[(usize, Money)],
    ) -> Result<(), Overflow> {
        if level == DiscountLevel::Order {
            self.order_off = self.order_off.checked_add(amount)?;
            if !self.telling {
                return Ok(());
            }
        }
        let mut take = |line: usize, amount: Money| {
            if !amount.is_zero() {
                self.left[line] = self.left[line].checked_sub(amount)?;
                if self.telling {
                    self.offs.push(Off { line, rule, level, amount });
                }
            }
            Ok(())
        };
        if let [(line, _)] = parts {
            return take(*line, amount);
        }
        let weights: Vec<Money> = parts.iter().map(|(_, weight)| *weight).collect();
        for ((line, _), share) in parts.iter().zip(amount.share(&weights)) {
            take(*line, share)?;
        }
        Ok(())
    }

    /// Gives goods for nothing, as often as there is enough left for a whole time.
    fn give(&mut self, rule: usize, effect: &Effect<'_>) -> Result<(), Overflow> {
        let each = Used {
            times: 1,
            amount: Money::sum(effect.parcels.iter().map(|parcel| parcel.worth))?,
            quantity: Quantity::sum(effect.parcels.iter().map(|parcel| parcel.pieces))?,
        };
        let room = self.rules[rule].room.less(&self.used[rule])?;
        let fits =
            |left: Option<i64>, each: i64| left.filter(|_| each > 0).map_or(i64::MAX, |left| left / each);
        let times = effect
            .times
            .min(fits(room.times, 1))
            .min(fits(room.amount.map(Money::dong), each.amount.dong()))
            .min(fits(room.quantity.map(Quantity::pieces), each.quantity.pieces()));
        let limited = times < effect.times;
        if limited {
            self.fall_short(rule, WhyNot::UsedUp);
        }
        if times == 0 {
            return Ok(());
        }
        let used = Used {
            times,
            amount: each.amount.checked_mul(times)?,
            quantity: Quantity::new(each.quantity.pieces().checked_mul(times).ok_or(Overflow)?),
        };
        self.use_up(rule, used)?;
        if self.telling {
            for parcel in &effect.parcels {
                self.hand_over(rule, effect, parcel, times, limited)?;
            }
        }
        Ok(())
    }

    fn hand_over(
        &mut self,
        rule: usize,
        effect: &Effect<'_>,
        parcel: &Parcel,
        times: i64,
        limited: bool,
    ) -> Result<(), Overflow> {
        let (product_id, unit) = (parcel.product_id, parcel.typed.unit);
        let quantity = parcel.typed.quantity.checked_mul(times).ok_or(Overflow)?;
        let pieces = Quantity::new(parcel.pieces.pieces().checked_mul(times).ok_or(Overflow)?);
        let typed = TypedQuantity { quantity, unit };
        self.gifts.push(Given { rule, tier: effect.tier, product_id, typed, pieces });
        self.told.push(Told {
            rule,
            tier: effect.tier,
            product_id: effect.earned_by,
            benefit: Benefit::FreeGoods { product_id, quantity, unit },
            limited,
            choices: effect.options.clone(),
        });
        Ok(())
    }
}

fn sum(parts: &[(usize, Money)]) -> Result<Money, Overflow> {
    Money::sum(parts.iter().map(|(_, part)| *part))
}

/// Replaces the weights by their shares of the amount.
fn share(amount: Money, parts: &mut [(usize, Money)]) -> Result<(), Overflow> {
    if let [(_, part)] = parts {
        *part = amount;
        return Ok(());
    }
    let weights: Vec<Money> = parts.iter().map(|(_, weight)| *weight).collect();
    for ((_, part), share) in parts.iter_mut().zip(amount.share(&weights)) {
        *part = share;
    }
    Ok(())
}
