//! Totals that a phone has reckoned, beside the server's.

use crate::Money;
use crate::pricing::OrderTotals;
use serde::{Deserialize, Serialize};

/// The totals of an order as they were shown to the buyer, in đồng.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// A figure that is another one on the phone than at the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TotalsDifference {
    /// Which: `subTotal`, `discountAmount`, `taxAmount`, `totalAmount`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub field: TotalsField,
    /// The phone's.
    pub client: Money,
    /// The server's.
    pub server: Money,
}

text_enum! {
    /// A figure of [`StatedTotals`].
    pub enum TotalsField as "field of totals" {
        /// Gross.
        SubTotal = "subTotal",
        /// All discounts.
        DiscountAmount = "discountAmount",
        /// VAT.
        TaxAmount = "taxAmount",
        /// What the buyer pays.
        TotalAmount = "totalAmount",
    }
}

impl StatedTotals {
    /// The server's totals in this form. None when they are out of range, which priced totals never are.
    pub fn of(totals: &OrderTotals) -> Option<Self> {
        Some(Self {
            sub_total: totals.gross,
            discount_amount: totals.product_discount.checked_add(totals.order_discount).ok()?,
            tax_amount: totals.vat,
            total_amount: totals.total,
        })
    }

    /// Every figure that differs from the server's; none when all are alike.
    pub fn differences(&self, server: &Self) -> Vec<TotalsDifference> {
        [
            (TotalsField::SubTotal, self.sub_total, server.sub_total),
            (TotalsField::DiscountAmount, self.discount_amount, server.discount_amount),
            (TotalsField::TaxAmount, self.tax_amount, server.tax_amount),
            (TotalsField::TotalAmount, self.total_amount, server.total_amount),
        ]
        .into_iter()
        .filter(|(_, client, server)| client != server)
        .map(|(field, client, server)| TotalsDifference { field, client, server })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let server = StatedTotals {
            sub_total: Money::new(100),
            discount_amount: Money::ZERO,
            tax_amount: Money::new(8),
            total_amount: Money::new(108),
        };
        assert_eq!(server.differences(&server), []);
        let phone = StatedTotals { tax_amount: Money::new(10), total_amount: Money::new(110), ..server };
        let fields: Vec<_> = phone
            .differences(&server)
            .iter()
            .map(|d| (d.field.as_str(), d.client.dong(), d.server.dong()))
            .collect();
        assert_eq!(fields, [("taxAmount", 10, 8), ("totalAmount", 110, 108)]);
    }
}
