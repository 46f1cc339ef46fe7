//! What prices and promotions need to know of the one who buys, and whom they are meant for.

use crate::{CustomerId, DistributorId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The customer as prices and promotions see it. Words are compared as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Buyer {
    /// The customer.
    pub customer_id: CustomerId,
    /// The distributor it buys from.
    pub distributor_id: DistributorId,
    /// GT, MT, OTC.
    pub channel: Option<String>,
    /// A–E.
    pub customer_group: Option<String>,
    /// Tạp hóa, Hiệu thuốc, …
    pub customer_type: Option<String>,
    /// Code of its area.
    pub area: Option<String>,
}

/// Whom a promotion is meant for: all who meet every criterion. A criterion left empty is met by all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Audience {
    /// Only these channels.
    pub channels: BTreeSet<String>,
    /// Only these customer groups.
    pub customer_groups: BTreeSet<String>,
    /// Only these customer types.
    pub customer_types: BTreeSet<String>,
    /// Only these areas.
    pub areas: BTreeSet<String>,
    /// Only these distributors.
    pub distributors: BTreeSet<DistributorId>,
    /// Only these customers.
    pub customers: BTreeSet<CustomerId>,
}

impl Audience {
    /// Whether the buyer belongs to it.
    pub fn includes(&self, buyer: &Buyer) -> bool {
        fn word(wanted: &BTreeSet<String>, actual: Option<&String>) -> bool {
            wanted.is_empty() || actual.is_some_and(|word| wanted.contains(word))
        }
        word(&self.channels, buyer.channel.as_ref())
            && word(&self.customer_groups, buyer.customer_group.as_ref())
            && word(&self.customer_types, buyer.customer_type.as_ref())
            && word(&self.areas, buyer.area.as_ref())
            && (self.distributors.is_empty() || self.distributors.contains(&buyer.distributor_id))
            && (self.customers.is_empty() || self.customers.contains(&buyer.customer_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn buyer() -> Buyer {
        Buyer {
            customer_id: Uuid::from_u128(1).into(),
            distributor_id: Uuid::from_u128(2).into(),
            channel: Some("GT".into()),
            customer_group: Some("A".into()),
            customer_type: Some("Tạp hóa".into()),
            area: None,
        }
    }

    fn words(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn no_criteria_means_everyone() {
        assert!(Audience::default().includes(&buyer()));
        assert_eq!(serde_json::from_str::<Audience>("{}").unwrap(), Audience::default());
    }

    #[test]
    fn all_criteria_must_be_met() {
        let gt = Audience { channels: words(&["GT", "MT"]), ..Audience::default() };
        assert!(gt.includes(&buyer()));
        let gt_b = Audience { customer_groups: words(&["B"]), ..gt.clone() };
        assert!(!gt_b.includes(&buyer()));
        let gt_in_area = Audience { areas: words(&["HN"]), ..gt.clone() };
        assert!(!gt_in_area.includes(&buyer()), "a customer without area is in no area");
        let others = Audience { customers: [Uuid::from_u128(9).into()].into(), ..gt.clone() };
        assert!(!others.includes(&buyer()));
        let ours = Audience { distributors: [Uuid::from_u128(2).into()].into(), ..gt };
        assert!(ours.includes(&buyer()));
    }
}
