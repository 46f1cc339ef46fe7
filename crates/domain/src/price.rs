//! Which price list holds for a buyer on a day.

use crate::{Buyer, CustomerId, DistributorId, PriceListId, ProductId, UnitPrices};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// For whom a price list holds, from the least to the most specific.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PriceScope {
    /// Everyone.
    Company,
    /// The customers of one distributor.
    #[serde(rename_all = "camelCase")]
    Distributor {
        /// The distributor.
        distributor_id: DistributorId,
    },
    /// The customers of one channel.
    Channel {
        /// GT, MT, OTC.
        channel: String,
    },
    /// The customers of one group.
    #[serde(rename_all = "camelCase")]
    CustomerGroup {
        /// A–E.
        customer_group: String,
    },
    /// One customer.
    #[serde(rename_all = "camelCase")]
    Customer {
        /// The customer.
        customer_id: CustomerId,
    },
}

impl PriceScope {
    fn includes(&self, buyer: &Buyer) -> bool {
        match self {
            Self::Company => true,
            Self::Distributor { distributor_id } => *distributor_id == buyer.distributor_id,
            Self::Channel { channel } => buyer.channel.as_ref() == Some(channel),
            Self::CustomerGroup { customer_group } => buyer.customer_group.as_ref() == Some(customer_group),
            Self::Customer { customer_id } => *customer_id == buyer.customer_id,
        }
    }

    const fn specificity(&self) -> u8 {
        match self {
            Self::Company => 0,
            Self::Distributor { .. } => 1,
            Self::Channel { .. } => 2,
            Self::CustomerGroup { .. } => 3,
            Self::Customer { .. } => 4,
        }
    }
}

/// A price list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceList {
    /// Its id; decides last, so that the choice never depends on the order of a query.
    pub id: PriceListId,
    /// For whom it holds.
    pub scope: PriceScope,
    /// Among lists of the same scope the highest wins.
    pub priority: i32,
    /// The first business day on which it holds.
    pub valid_from: NaiveDate,
    /// The last one; none is without end.
    pub valid_to: Option<NaiveDate>,
    /// The prices; a product that is not named has its price from another list.
    pub prices: BTreeMap<ProductId, UnitPrices>,
}

impl PriceList {
    fn holds(&self, buyer: &Buyer, on: NaiveDate) -> bool {
        self.valid_from <= on && self.valid_to.is_none_or(|last| on <= last) && self.scope.includes(buyer)
    }
}

/// The prices of a product for a buyer on a day: of the lists that hold and name the product, the most specific scope
/// wins (customer, customer group, channel, distributor, company), then the highest priority, then the latest start.
pub fn resolve(lists: &[PriceList], product: ProductId, buyer: &Buyer, on: NaiveDate) -> Option<UnitPrices> {
    choose(lists, product, buyer, on).map(|(_, prices)| prices)
}

/// Like [`resolve`], and tells from which list the prices are.
pub fn choose<'l>(
    lists: impl IntoIterator<Item = &'l PriceList>,
    product: ProductId,
    buyer: &Buyer,
    on: NaiveDate,
) -> Option<(&'l PriceList, UnitPrices)> {
    lists
        .into_iter()
        .filter(|list| list.holds(buyer, on))
        .filter_map(|list| Some((list, *list.prices.get(&product)?)))
        .max_by_key(|(list, _)| (list.scope.specificity(), list.priority, list.valid_from, Reverse(list.id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Money;
    use uuid::Uuid;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 8, day).unwrap()
    }

    fn product() -> ProductId {
        Uuid::from_u128(7).into()
    }

    fn buyer() -> Buyer {
        Buyer {
            customer_id: Uuid::from_u128(1).into(),
            distributor_id: Uuid::from_u128(2).into(),
            channel: Some("GT".into()),
            customer_group: Some("A".into()),
            customer_type: None,
            area: None,
        }
    }

    fn list(id: u128, scope: PriceScope, priority: i32, from: u32, to: Option<u32>) -> PriceList {
        // The id doubles as the price, to see which list was chosen.
        let price = Money::new(i64::try_from(id).unwrap());
        PriceList {
            id: Uuid::from_u128(id).into(),
            scope,
            priority,
            valid_from: day(from),
            valid_to: to.map(day),
            prices: [(product(), UnitPrices { whole: price, retail: price })].into(),
        }
    }

    fn chosen(lists: &[PriceList], on: u32) -> Option<i64> {
        resolve(lists, product(), &buyer(), day(on)).map(|prices| prices.retail.dong())
    }

    #[test]
    fn the_most_specific_scope_wins_whatever_the_priority() {
        let mut lists = vec![
            list(1, PriceScope::Company, 99, 1, None),
            list(2, PriceScope::Distributor { distributor_id: buyer().distributor_id }, 9, 1, None),
            list(3, PriceScope::Channel { channel: "GT".into() }, 5, 1, None),
            list(4, PriceScope::CustomerGroup { customer_group: "A".into() }, 3, 1, None),
            list(5, PriceScope::Customer { customer_id: buyer().customer_id }, 0, 1, None),
        ];
        for expected in (1..=5).rev() {
            assert_eq!(chosen(&lists, 10), Some(expected));
            lists.pop();
        }
        assert_eq!(chosen(&lists, 10), None);
    }

    #[test]
    fn then_priority_then_the_latest_start_then_the_id_decide() {
        let company = || PriceScope::Company;
        assert_eq!(chosen(&[list(1, company(), 1, 9, None), list(2, company(), 2, 1, None)], 10), Some(2));
        assert_eq!(chosen(&[list(1, company(), 1, 9, None), list(2, company(), 1, 1, None)], 10), Some(1));
        let twins = [list(2, company(), 1, 1, None), list(1, company(), 1, 1, None)];
        assert_eq!(chosen(&twins, 10), Some(1));
    }

    #[test]
    fn lists_of_others_or_of_other_days_do_not_hold() {
        let lists = [
            list(1, PriceScope::Company, 0, 5, Some(6)),
            list(2, PriceScope::Channel { channel: "MT".into() }, 0, 1, None),
        ];
        assert_eq!(
            (chosen(&lists, 4), chosen(&lists, 5), chosen(&lists, 6), chosen(&lists, 7)),
            (None, Some(1), Some(1), None)
        );
    }

    #[test]
    fn a_list_without_the_product_leaves_it_to_the_next() {
        let mut special = list(2, PriceScope::Customer { customer_id: buyer().customer_id }, 0, 1, None);
        special.prices.clear();
        assert_eq!(chosen(&[special, list(1, PriceScope::Company, 0, 1, None)], 10), Some(1));
    }
}
