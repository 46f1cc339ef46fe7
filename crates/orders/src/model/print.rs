use chrono::NaiveDate;
use domain::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OrderItem;

/// Everything that stands on a printed form.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrintForm {
    /// PHIẾU ĐẶT HÀNG or PHIẾU BÁN HÀNG.
    pub title: &'static str,
    /// The document's number.
    pub number: String,
    /// Its business day.
    pub date: NaiveDate,
    /// Who sells.
    pub seller: Seller,
    /// Who buys.
    pub buyer: BuyerBlock,
    /// Who took the order.
    pub rep_name: String,
    /// The orders of an invoice.
    pub order_numbers: Vec<String>,
    /// The lines.
    pub items: Vec<OrderItem>,
    /// Gross, before discounts and VAT.
    pub sub_total: Money,
    /// All discounts.
    pub discount_amount: Money,
    /// Before VAT.
    pub net_amount: Money,
    /// VAT.
    pub tax_amount: Money,
    /// What the customer pays.
    pub total_amount: Money,
    /// Net and VAT per rate.
    pub vat_by_rate: Vec<VatOfRate>,
    /// The total in Vietnamese words.
    pub amount_in_words: String,
    /// For the office.
    pub notes: String,
}

/// The seller's block.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Seller {
    /// As on VAT invoices.
    pub name: String,
    /// As on VAT invoices.
    pub address: String,
    /// Mã số thuế.
    pub tax_code: String,
    /// Telephone.
    pub phone: String,
    /// The bank.
    pub bank_name: String,
    /// The account there.
    pub bank_account: String,
}

/// The buyer's block.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuyerBlock {
    /// The customer's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Whom to ask for.
    pub contact_person: String,
    /// Where the goods go.
    pub address: String,
    /// Telephone.
    pub phone: String,
}

/// What is taxed at a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VatOfRate {
    /// Percent.
    pub vat: i16,
    /// Before VAT.
    pub net_amount: Money,
    /// VAT.
    pub tax_amount: Money,
}
