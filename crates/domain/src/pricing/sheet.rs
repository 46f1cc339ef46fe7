//! The working sheet: the lines of an order with what promotions have taken off and given so far.

use super::draft::{OrderDraft, PriceBook, ProductPrice};
use super::engine::PricingError;
use super::priced::{
    Benefit, DiscountLevel, Explanation, FreeGoods, Gain, LineDiscount, Missing, NearMiss, OrderTotals,
    PricedLine, PricedOrder,
};
use super::promotion::{Basis, OrderReward, ProductReward, Promotion, PromotionKind};
use super::tiers::{Tiers, climb};
use crate::{Money, Overflow, Percent, ProductId, PromotionId, Quantity, TypedQuantity};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub(super) struct Sheet<'a> {
    book: &'a PriceBook,
    lines: Vec<Line>,
    gifts: BTreeMap<(PromotionId, u32, ProductId), Gift>,
    explanations: Vec<Explanation>,
    near_misses: Vec<NearMiss>,
}

/// A line that is paid for.
#[derive(Debug, Clone)]
struct Line {
    product_id: ProductId,
    typed: TypedQuantity,
    pieces: Quantity,
    unit_price: Money,
    gross: Money,
    vat_rate: Percent,
    discounts: Vec<LineDiscount>,
    /// Gross less the discounts so far; never below zero.
    left: Money,
}

impl Line {
    fn discount(&self, level: DiscountLevel) -> Result<Money, Overflow> {
        Money::sum(self.discounts.iter().filter(|part| part.level == level).map(|part| part.amount))
    }
}

/// Free goods; a promotion's tier gives a product in one unit only.
#[derive(Debug, Clone, Copy)]
struct Gift {
    given: TypedQuantity,
    pieces: Quantity,
    /// What it would have cost.
    worth: Money,
}

/// Where a discount comes from and what it falls upon.
struct Source<'p> {
    promotion: &'p Promotion,
    tier: u32,
    product_id: Option<ProductId>,
}

impl Source<'_> {
    fn explain(&self, benefit: Benefit) -> Explanation {
        Explanation {
            promotion_id: self.promotion.id,
            promotion_code: self.promotion.code.clone(),
            promotion_name: self.promotion.name.clone(),
            tier: self.tier,
            product_id: self.product_id,
            benefit,
        }
    }

    fn near_miss(&self, missing: Missing, gain: Gain) -> NearMiss {
        NearMiss {
            promotion_id: self.promotion.id,
            promotion_code: self.promotion.code.clone(),
            promotion_name: self.promotion.name.clone(),
            tier: self.tier,
            product_id: self.product_id,
            missing,
            gain,
        }
    }
}

impl<'a> Sheet<'a> {
    /// The bare order.
    pub fn new(draft: &OrderDraft, book: &'a PriceBook) -> Result<Self, PricingError> {
        let lines = draft.lines.iter().zip(1..).map(|(line, number)| {
            let (product_id, typed) = (line.product_id, line.typed);
            if typed.quantity < 1 {
                return Err(PricingError::Quantity { line: number, quantity: typed.quantity });
            }
            let price = find(book, product_id)?;
            let unit_price = price.prices.of(typed.unit);
            let gross = unit_price.checked_mul(typed.quantity)?;
            Ok(Line {
                product_id,
                typed,
                pieces: typed.to_pieces(price.conversion)?,
                unit_price,
                gross,
                vat_rate: price.vat,
                discounts: Vec::new(),
                left: gross,
            })
        });
        Ok(Self {
            book,
            lines: lines.collect::<Result<_, _>>()?,
            gifts: BTreeMap::new(),
            explanations: Vec::new(),
            near_misses: Vec::new(),
        })
    }

    /// Lets a promotion take effect.
    pub fn apply(&mut self, promotion: &Promotion) -> Result<(), PricingError> {
        match &promotion.kind {
            PromotionKind::Product { products, basis, tiers } => {
                for product in products {
                    self.apply_to_product(promotion, *product, *basis, tiers)?;
                }
                Ok(())
            }
            PromotionKind::Order { tiers } => self.apply_to_order(promotion, tiers),
        }
    }

    fn apply_to_product(
        &mut self,
        promotion: &Promotion,
        product_id: ProductId,
        basis: Basis,
        tiers: &Tiers<ProductReward>,
    ) -> Result<(), PricingError> {
        let places: Vec<usize> =
            (0..self.lines.len()).filter(|place| self.lines[*place].product_id == product_id).collect();
        if places.is_empty() {
            return Ok(());
        }
        let conversion = find(self.book, product_id)?.conversion;
        let pieces = Quantity::sum(places.iter().map(|place| self.lines[*place].pieces))?.pieces();
        let (measured, unit) = match basis {
            Basis::Pieces => (pieces, 1),
            Basis::Cases => (pieces, conversion.pieces_per_case()),
            Basis::Value => (Money::sum(places.iter().map(|place| self.lines[*place].gross))?.dong(), 1),
        };
        let climb = climb(tiers, measured, unit);
        for reached in climb.reached {
            let source = Source { promotion, tier: reached.tier, product_id: Some(product_id) };
            match reached.reward {
                ProductReward::Percent { percent } => {
                    let amount = self.left(&places)?.percent(*percent)?;
                    self.take_off(&source, DiscountLevel::Product, &places, amount)?;
                }
                ProductReward::AmountPerUnit { amount, unit } => {
                    let amount = amount.checked_mul(pieces / conversion.pieces_per(*unit))?;
                    self.take_off(&source, DiscountLevel::Product, &places, amount)?;
                }
                ProductReward::FreeGoods { product_id: gift, quantity, unit, .. } => {
                    let quantity = i64::from(quantity.get()).checked_mul(reached.times).ok_or(Overflow)?;
                    self.give(&source, gift.unwrap_or(product_id), TypedQuantity { quantity, unit: *unit })?;
                }
            }
        }
        if let Some(missed) = climb.missed {
            let source = Source { promotion, tier: missed.tier, product_id: Some(product_id) };
            let missing = match basis {
                Basis::Pieces | Basis::Cases => Missing::Pieces { quantity: Quantity::new(missed.by) },
                Basis::Value => Missing::Value { amount: Money::new(missed.by) },
            };
            let gain = match missed.reward {
                ProductReward::Percent { percent } => Gain::Percent { percent: *percent },
                ProductReward::AmountPerUnit { amount, unit } => {
                    Gain::AmountPerUnit { amount: *amount, unit: *unit }
                }
                ProductReward::FreeGoods { product_id: gift, quantity, unit, .. } => Gain::FreeGoods {
                    product_id: gift.unwrap_or(product_id),
                    quantity: i64::from(quantity.get()),
                    unit: *unit,
                },
            };
            self.near_misses.push(source.near_miss(missing, gain));
        }
        Ok(())
    }

    fn apply_to_order(
        &mut self,
        promotion: &Promotion,
        tiers: &Tiers<OrderReward>,
    ) -> Result<(), PricingError> {
        let mut value = Money::ZERO;
        for line in &self.lines {
            let net_of_products = line.left.checked_add(line.discount(DiscountLevel::Order)?)?;
            value = value.checked_add(net_of_products)?;
        }
        let places: Vec<usize> = (0..self.lines.len()).collect();
        let climb = climb(tiers, value.dong(), 1);
        for reached in climb.reached {
            let source = Source { promotion, tier: reached.tier, product_id: None };
            let amount = match reached.reward {
                OrderReward::Percent { percent } => self.left(&places)?.percent(*percent)?,
                OrderReward::Amount { amount } => *amount,
            };
            self.take_off(&source, DiscountLevel::Order, &places, amount)?;
        }
        if let Some(missed) = climb.missed {
            let source = Source { promotion, tier: missed.tier, product_id: None };
            let gain = match missed.reward {
                OrderReward::Percent { percent } => Gain::Percent { percent: *percent },
                OrderReward::Amount { amount } => Gain::Amount { amount: *amount },
            };
            let missing = Missing::Value { amount: Money::new(missed.by) };
            self.near_misses.push(source.near_miss(missing, gain));
        }
        Ok(())
    }

    /// What is left of these lines.
    fn left(&self, places: &[usize]) -> Result<Money, Overflow> {
        Money::sum(places.iter().map(|place| self.lines[*place].left))
    }

    /// Takes an amount off these lines, in proportion to what is left of them and never more than that.
    fn take_off(
        &mut self,
        source: &Source<'_>,
        level: DiscountLevel,
        places: &[usize],
        amount: Money,
    ) -> Result<(), Overflow> {
        let amount = amount.clamp(Money::ZERO, self.left(places)?);
        if amount.is_zero() {
            return Ok(());
        }
        let weights: Vec<Money> = places.iter().map(|place| self.lines[*place].left).collect();
        for (place, share) in places.iter().zip(amount.share(&weights)) {
            if !share.is_zero() {
                let line = &mut self.lines[*place];
                line.left = line.left.checked_sub(share)?;
                line.discounts.push(LineDiscount { promotion_id: source.promotion.id, level, amount: share });
            }
        }
        self.explanations.push(source.explain(Benefit::Discount { amount }));
        Ok(())
    }

    fn give(
        &mut self,
        source: &Source<'_>,
        product_id: ProductId,
        given: TypedQuantity,
    ) -> Result<(), PricingError> {
        let price = find(self.book, product_id)?;
        let pieces = given.to_pieces(price.conversion)?;
        let worth = price.prices.of(given.unit).checked_mul(given.quantity)?;
        let key = (source.promotion.id, source.tier, product_id);
        // Two products of a promotion may earn the same gift.
        let gift = match self.gifts.get(&key) {
            None => Gift { given, pieces, worth },
            Some(earlier) => Gift {
                given: TypedQuantity {
                    quantity: earlier.given.quantity.checked_add(given.quantity).ok_or(Overflow)?,
                    unit: given.unit,
                },
                pieces: earlier.pieces.checked_add(pieces)?,
                worth: earlier.worth.checked_add(worth)?,
            },
        };
        self.gifts.insert(key, gift);
        let TypedQuantity { quantity, unit } = given;
        self.explanations.push(source.explain(Benefit::FreeGoods { product_id, quantity, unit }));
        Ok(())
    }

    /// All that promotions have taken off and given.
    pub fn worth(&self) -> Result<Money, Overflow> {
        let discounts = self.lines.iter().flat_map(|line| &line.discounts).map(|part| part.amount);
        Money::sum(discounts.chain(self.gifts.values().map(|gift| gift.worth)))
    }

    /// Adds VAT and totals.
    pub fn finish(self) -> Result<PricedOrder, PricingError> {
        let mut lines = Vec::with_capacity(self.lines.len() + self.gifts.len());
        for line in self.lines {
            let vat = line.left.percent(line.vat_rate)?;
            lines.push(PricedLine {
                product_id: line.product_id,
                quantity: line.typed.quantity,
                unit: line.typed.unit,
                pieces: line.pieces,
                unit_price: line.unit_price,
                gross: line.gross,
                product_discount: line.discount(DiscountLevel::Product)?,
                order_discount: line.discount(DiscountLevel::Order)?,
                net: line.left,
                vat_rate: line.vat_rate,
                vat,
                total: line.left.checked_add(vat)?,
                discounts: line.discounts,
                free: None,
            });
        }
        let free = self.gifts.into_iter().map(|((promotion_id, tier, product_id), gift)| {
            free_line(product_id, gift, FreeGoods { promotion_id, tier })
        });
        lines.extend(free);
        let sum = |of: fn(&PricedLine) -> Money| Money::sum(lines.iter().map(of));
        let totals = OrderTotals {
            gross: sum(|line| line.gross)?,
            product_discount: sum(|line| line.product_discount)?,
            order_discount: sum(|line| line.order_discount)?,
            net: sum(|line| line.net)?,
            vat: sum(|line| line.vat)?,
            total: sum(|line| line.total)?,
        };
        Ok(PricedOrder { lines, totals, explanations: self.explanations, near_misses: self.near_misses })
    }
}

fn find(book: &PriceBook, product_id: ProductId) -> Result<&ProductPrice, PricingError> {
    book.0.get(&product_id).ok_or(PricingError::UnknownProduct { product_id })
}

fn free_line(product_id: ProductId, gift: Gift, source: FreeGoods) -> PricedLine {
    PricedLine {
        product_id,
        quantity: gift.given.quantity,
        unit: gift.given.unit,
        pieces: gift.pieces,
        unit_price: Money::ZERO,
        gross: Money::ZERO,
        product_discount: Money::ZERO,
        order_discount: Money::ZERO,
        discounts: Vec::new(),
        net: Money::ZERO,
        vat_rate: Percent::ZERO,
        vat: Money::ZERO,
        total: Money::ZERO,
        free: Some(source),
    }
}
