use chrono::{DateTime, NaiveDate, Utc};
use domain::{DistributorId, DocumentId, LotId, Money, ProductId, Quantity, Unit, WarehouseId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A correction of stock (phiếu điều chỉnh kho).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockAdjustment {
    /// Its id; the movements name it as their document.
    pub adjustment_id: DocumentId,
    /// Whose it is.
    pub distributor_id: DistributorId,
    /// `DC-YYYYMMDD-NNNN`.
    pub number: String,
    /// The warehouse.
    pub warehouse_id: WarehouseId,
    /// Its code.
    pub warehouse_code: String,
    /// Its name.
    pub warehouse_name: String,
    /// The business day.
    pub business_date: NaiveDate,
    /// Why.
    pub reason: String,
    /// A remark.
    pub note: String,
    /// Lines.
    pub line_count: i64,
    /// What came in less what went out at selling prices, in đồng.
    pub selling_value: Money,
    /// The same at purchase prices.
    pub cost_value: Money,
    /// Who corrected.
    pub created_by_name: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// An adjustment with its lines, ready to be printed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockAdjustmentView {
    /// Its head.
    #[serde(flatten)]
    pub head: StockAdjustment,
    /// Whose paper it is.
    pub issuer: Issuer,
    /// Its lines.
    pub lines: Vec<StockAdjustmentLine>,
    /// The value at purchase prices in Vietnamese words.
    pub cost_in_words: String,
}

/// The head of a paper of stock.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StockPaperIssuer)]
pub struct Issuer {
    /// The distributor's code.
    pub code: String,
    /// As on VAT invoices.
    pub name: String,
    /// Mã số thuế.
    pub tax_code: String,
    /// As on VAT invoices.
    pub address: String,
    /// Telephone.
    pub phone: String,
}

/// A line of an adjustment; below zero goes out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockAdjustmentLine {
    /// The product.
    pub product_id: ProductId,
    /// Its code.
    pub product_code: String,
    /// Its name.
    pub product_name: String,
    /// The lot.
    pub lot_id: LotId,
    /// Its number; empty when unknown.
    pub lot_number: String,
    /// Its expiry date, if the goods have one.
    pub expiry: Option<NaiveDate>,
    /// How many of the unit.
    pub quantity: i64,
    /// Cases or pieces.
    pub unit: Unit,
    /// The unit's name.
    pub unit_name: String,
    /// The same in pieces.
    pub pieces: Quantity,
    /// Value at the selling price of the moment, in đồng.
    pub selling_value: Money,
    /// Value at the purchase price of the moment, in đồng.
    pub cost_value: Money,
}
