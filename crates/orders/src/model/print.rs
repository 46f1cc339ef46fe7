use chrono::NaiveDate;
use domain::{CustomerId, DistributorId, Money, OrgUnitId, Unit, UserId};
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
    /// What must not be overlooked on paper: that it is a draft, rejected, cancelled or closed short.
    pub stamp: Option<String>,
}

/// What stands on a goods issue's paper.
#[derive(Debug, Clone)]
pub struct IssueForm {
    /// Its head.
    pub head: IssueHead,
    /// Who sells.
    pub seller: Seller,
    /// Who gets the goods.
    pub buyer: BuyerBlock,
    /// What left.
    pub lines: Vec<IssueFormLine>,
}

/// The head of a goods issue's paper.
#[derive(Debug, Clone)]
pub struct IssueHead {
    /// Whose it is.
    pub distributor_id: DistributorId,
    /// PX-YYYYMMDD-NNNN
    pub number: String,
    /// Its business day.
    pub date: NaiveDate,
    /// The invoice it delivers.
    pub invoice_number: String,
    /// The orders of the invoice.
    pub order_numbers: Vec<String>,
    /// Who buys.
    pub customer_id: CustomerId,
    /// Whose sale it is.
    pub rep_id: UserId,
    /// Their name.
    pub rep_name: String,
    /// The unit whose sale it is.
    pub unit_id: Option<OrgUnitId>,
    /// Where the goods left.
    pub warehouse_code: String,
    /// Its name.
    pub warehouse_name: String,
    /// Who issued.
    pub created_by_name: String,
}

/// What left of a lot for a line of the invoice.
#[derive(Debug, Clone)]
pub struct IssueFormLine {
    /// The line of the invoice.
    pub invoice_line_no: i32,
    /// The product's code.
    pub product_code: String,
    /// Its name.
    pub product_name: String,
    /// The lot's number; empty when unknown.
    pub lot_number: String,
    /// When it expires.
    pub expiry: Option<NaiveDate>,
    /// Cases or pieces, as it was sold.
    pub unit: Unit,
    /// The case's name.
    pub unit_name: String,
    /// The piece's name.
    pub sub_unit_name: String,
    /// Sold on the line, in its unit.
    pub sold: i64,
    /// The same in pieces.
    pub sold_pieces: i64,
    /// What earlier issues left of that, in pieces.
    pub asked_pieces: i64,
    /// What left, in pieces.
    pub pieces: i64,
    /// Before discounts and VAT.
    pub gross: Money,
    /// Its discounts.
    pub discount: Money,
    /// VAT.
    pub vat: Money,
    /// Whether it is given.
    pub is_free: bool,
}

impl IssueFormLine {
    /// How much was asked for and how much left, in the unit it was sold in or, where part of a case left, in pieces.
    pub fn quantities(&self) -> (i64, i64, &str) {
        let per_unit = self.sold_pieces.checked_div(self.sold).unwrap_or(1);
        let whole = |pieces: i64| pieces.checked_rem(per_unit) == Some(0);
        if self.unit == Unit::Whole && whole(self.asked_pieces) && whole(self.pieces) {
            (self.asked_pieces / per_unit, self.pieces / per_unit, &self.unit_name)
        } else {
            (self.asked_pieces, self.pieces, &self.sub_unit_name)
        }
    }
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
