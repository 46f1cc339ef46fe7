//! Finds mistakes in a promotion while it is written, instead of at the till.

mod others;
mod sellers;
mod terms;
mod tiers;

use super::draft::PriceBook;
use super::promotion::Promotion;
use crate::{DistributorId, ProductId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A mistake, or what looks like one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// Whether the promotion must not be used like this.
    pub severity: Severity,
    /// What is wrong.
    pub code: FindingCode,
    /// Where: `kind.tiers[1].reward`.
    pub path: String,
    /// What is wrong and what to do, in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
}

text_enum! {
    /// How bad a finding is.
    pub enum Severity as "severity" {
        /// It must be corrected.
        Error = "error",
        /// It may be meant.
        Warning = "warning",
    }
}

text_enum! {
    /// What is wrong with a promotion.
    pub enum FindingCode as "finding" {
        /// It ends before it starts, or none of its weekdays falls into its period.
        EmptyPeriod = "emptyPeriod",
        /// A criterion of its audience that no customer meets.
        EmptyAudience = "emptyAudience",
        /// No product to look at.
        EmptyProducts = "emptyProducts",
        /// A reward of nothing.
        GivesNothing = "givesNothing",
        /// A tier that gives less than the one below it.
        TierGivesLess = "tierGivesLess",
        /// A tier that gives the same as the one below it.
        TierGivesSame = "tierGivesSame",
        /// A tier that no order can reach, or of which the limits never allow a single time.
        UnreachableTier = "unreachableTier",
        /// Repeating tiers that are no multiples of each other.
        OverlappingMultiples = "overlappingMultiples",
        /// Goods would cost nothing, or less.
        PriceNotPositive = "priceNotPositive",
        /// The special price is not below the normal one.
        PriceAboveNormal = "priceAboveNormal",
        /// Its gift earns, by another promotion, a gift that earns this one.
        GiftCycle = "giftCycle",
        /// Another promotion of the same priority takes money off the same goods: which comes first is by chance.
        AmbiguousPriority = "ambiguousPriority",
        /// A combo of fewer than two pieces, or one that names a product twice.
        ComboParts = "comboParts",
        /// A choice among fewer goods than may be picked, or one that names a product twice.
        ChoiceGifts = "choiceGifts",
        /// A limit of nothing, or less.
        LimitTooSmall = "limitTooSmall",
        /// A limit of goods on a promotion that gives money only.
        LimitsNothing = "limitsNothing",
        /// A gift that is not sold, or a choice of which none is.
        GiftNotSold = "giftNotSold",
        /// A gift that not every distributor may sell whose customers can earn it.
        GiftNotEverywhere = "giftNotEverywhere",
        /// A condition that a promotion of its kind can't look at.
        CannotApply = "cannotApply",
    }
}

/// The distributors that may sell a product; everybody may sell one that isn't here.
#[derive(Debug, Clone, Default)]
pub struct Sellers(pub BTreeMap<ProductId, BTreeSet<DistributorId>>);

impl Sellers {
    fn of(&self, product: ProductId) -> Option<&BTreeSet<DistributorId>> {
        self.0.get(&product)
    }
}

/// What is wrong with a promotion, given the others that are or will be active, the prices of what is sold and who may
/// sell it. Products without a price can't be given, and are not judged otherwise.
pub fn lint(
    promotion: &Promotion,
    others: &[Promotion],
    prices: &PriceBook,
    sellers: &Sellers,
) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    terms::check(promotion, &mut findings);
    tiers::check(promotion, prices, &mut findings);
    sellers::check(promotion, sellers, &mut findings);
    others::check(promotion, others, &mut findings);
    findings.0
}

struct Findings(Vec<Finding>);

impl Findings {
    fn error(
        &mut self,
        code: FindingCode,
        path: impl Into<String>,
        vi: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.push(Severity::Error, code, path.into(), vi.into(), en.into());
    }

    fn warning(
        &mut self,
        code: FindingCode,
        path: impl Into<String>,
        vi: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.push(Severity::Warning, code, path.into(), vi.into(), en.into());
    }

    fn push(&mut self, severity: Severity, code: FindingCode, path: String, vi: String, en: String) {
        // Many products may have the same mistake; it is told once.
        if !self.0.iter().any(|finding| finding.code == code && finding.path == path) {
            self.0.push(Finding { severity, code, path, vi, en });
        }
    }
}
