//! What a phone has reckoned and promised, beside what the server reckons.

use crate::pricing::OrderTotals;
use crate::{Money, ProductId, Quantity};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The totals of an order as they were shown to the buyer, in đồng, and the goods promised for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatedTotals {
    /// Gross, before discounts and VAT.
    pub sub_total: Money,
    /// All discounts.
    pub discount_amount: Money,
    /// VAT.
    pub tax_amount: Money,
    /// What the buyer pays.
    pub total_amount: Money,
    /// How many pieces of each product were promised for nothing; not compared when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, i64>>))]
    pub free_goods: Option<FreeGoods>,
}

/// Pieces given for nothing, of each product.
pub type FreeGoods = BTreeMap<ProductId, Quantity>;

/// What is another thing on the phone than at the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TotalsDifference {
    /// Gross.
    SubTotal(Figures),
    /// All discounts.
    DiscountAmount(Figures),
    /// VAT.
    TaxAmount(Figures),
    /// What the buyer pays.
    TotalAmount(Figures),
    /// How much of a product is given for nothing, in pieces.
    #[serde(rename_all = "camelCase")]
    FreeGoods {
        /// The product.
        product_id: ProductId,
        /// What the phone promised.
        client: Quantity,
        /// What the server gives.
        server: Quantity,
    },
}

/// A figure that differs, in đồng.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figures {
    /// The phone's.
    pub client: Money,
    /// The server's.
    pub server: Money,
}

impl StatedTotals {
    /// The server's totals in this form. None when they are out of range, which priced totals never are.
    pub fn of(totals: &OrderTotals, free_goods: FreeGoods) -> Option<Self> {
        Some(Self {
            sub_total: totals.gross,
            discount_amount: totals.product_discount.checked_add(totals.order_discount).ok()?,
            tax_amount: totals.vat,
            total_amount: totals.total,
            free_goods: Some(free_goods),
        })
    }

    /// All that differs from the server's; none when all is alike.
    pub fn differences(&self, server: &Self) -> Vec<TotalsDifference> {
        let mut all = Vec::new();
        let mut figure = |kind: fn(Figures) -> TotalsDifference, client: Money, server: Money| {
            if client != server {
                all.push(kind(Figures { client, server }));
            }
        };
        figure(TotalsDifference::SubTotal, self.sub_total, server.sub_total);
        figure(TotalsDifference::DiscountAmount, self.discount_amount, server.discount_amount);
        figure(TotalsDifference::TaxAmount, self.tax_amount, server.tax_amount);
        figure(TotalsDifference::TotalAmount, self.total_amount, server.total_amount);
        if let (Some(ours), Some(theirs)) = (&self.free_goods, &server.free_goods) {
            let products: BTreeSet<ProductId> = ours.keys().chain(theirs.keys()).copied().collect();
            let of = |goods: &FreeGoods, id: &ProductId| goods.get(id).copied().unwrap_or(Quantity::ZERO);
            for product_id in products {
                let (client, server) = (of(ours, &product_id), of(theirs, &product_id));
                if client != server {
                    all.push(TotalsDifference::FreeGoods { product_id, client, server });
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_told() {
        let id = |n| ProductId::new(uuid::Uuid::from_u128(n));
        let goods =
            |goods: &[(u128, i64)]| goods.iter().map(|(n, of)| (id(*n), Quantity::new(*of))).collect();
        let server = StatedTotals {
            sub_total: Money::new(100),
            discount_amount: Money::ZERO,
            tax_amount: Money::new(8),
            total_amount: Money::new(108),
            free_goods: Some(goods(&[(1, 2), (2, 3)])),
        };
        assert_eq!(server.differences(&server), []);
        let phone = StatedTotals {
            tax_amount: Money::new(10),
            total_amount: Money::new(110),
            free_goods: Some(goods(&[(2, 3), (3, 1), (4, 0)])),
            ..server
        };
        assert_eq!(
            json!(phone.differences(&server)),
            json!([
                {"field": "taxAmount", "client": 10, "server": 8},
                {"field": "totalAmount", "client": 110, "server": 108},
                {"field": "freeGoods", "productId": id(1), "client": 0, "server": 2},
                {"field": "freeGoods", "productId": id(3), "client": 1, "server": 0},
            ])
        );
        let silent = StatedTotals { free_goods: None, ..server.clone() };
        assert_eq!(silent.differences(&server), [], "who says nothing of goods has promised none");
    }
}
