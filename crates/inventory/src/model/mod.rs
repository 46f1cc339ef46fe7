mod adjustment;
mod count;
mod transfer;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    Conversion, DistributorId, DocumentId, GoodsReceiptId, LotId, Money, ProductId, Quantity, StockPostingId,
    Unit, UnitPrices, UserId, WarehouseId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use adjustment::{Issuer, StockAdjustment, StockAdjustmentLine, StockAdjustmentView};
pub use count::{CountStatus, StockCount, StockCountLine, StockCountView};
pub use transfer::{StockTransfer, StockTransferLine, StockTransferLot, StockTransferView, TransferStatus};

/// Why stock moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
#[schema(as = StockMovementReason)]
pub enum Reason {
    /// Stock taken over when the system started.
    Opening,
    /// Goods received.
    Receipt,
    /// Goods issued to a customer.
    Issue,
    /// Moved between warehouses.
    Transfer,
    /// Corrected, with a reason.
    Adjustment,
    /// The difference found by a count.
    Count,
    /// Goods that came back from a customer.
    Return,
}

/// What a warehouse is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum WarehouseKind {
    /// Orders are filled from it.
    Main,
    /// A rep's van.
    Van,
    /// Goods that came back.
    Return,
    /// Goods given away.
    Promotion,
    /// Goods shipped and not received yet; one per distributor, made by the first shipment. Only transfers post to it.
    Transit,
}

/// Whether a warehouse is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum WarehouseStatus {
    /// In use.
    Active,
    /// Closed.
    Inactive,
}

/// A warehouse or a van of a distributor.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Warehouse {
    /// Its id.
    pub warehouse_id: WarehouseId,
    /// Whose it is.
    pub distributor_id: DistributorId,
    /// Unique within the distributor.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub kind: WarehouseKind,
    /// The rep who drives it, for a van.
    pub rep_id: Option<UserId>,
    /// Whether its stock may go below zero.
    pub allow_negative: bool,
    /// Whether it is in use.
    pub status: WarehouseStatus,
    /// Grows with each change; send it back when you change something.
    pub version: i64,
}

/// A product's stock in a warehouse, in pieces.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductStock {
    /// The product.
    pub product_id: ProductId,
    /// Its code.
    pub product_code: String,
    /// Its name.
    pub product_name: String,
    /// The name of the case (ĐVT chẵn).
    pub unit_name: String,
    /// The name of the piece (ĐVT lẻ).
    pub sub_unit_name: String,
    /// Pieces per case.
    pub conversion_rate: Conversion,
    /// What is there.
    pub on_hand: Quantity,
    /// What of it is promised to approved orders.
    pub reserved: Quantity,
    /// What may still be promised.
    pub available: Quantity,
    /// What was shipped to this warehouse and is not received yet; not part of what is there.
    pub in_transit: Quantity,
    /// Whether no more is there than the product's warning threshold.
    pub low_stock: bool,
    /// The first date on which something of it expires.
    pub expiry: Option<NaiveDate>,
    /// Its lots, by first expiry.
    pub lots: Vec<WarehouseLot>,
}

/// A lot in a warehouse.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WarehouseLot {
    /// The lot.
    pub lot_id: LotId,
    /// The number printed on the goods; empty when unknown.
    pub lot_number: String,
    /// The expiry date, if the goods have one.
    pub expiry: Option<NaiveDate>,
    /// Pieces there.
    pub on_hand: Quantity,
}

/// A row of the stock ledger; negative quantities and values leave the warehouse.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockMovement {
    /// The row.
    pub movement_id: StockPostingId,
    /// The warehouse.
    pub warehouse_id: WarehouseId,
    /// Its code.
    pub warehouse_code: String,
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
    /// Pieces.
    pub pieces: Quantity,
    /// The same in the unit it was typed in.
    pub quantity: i64,
    /// That unit.
    pub unit: Unit,
    /// Value at the selling price of the moment, in đồng.
    pub selling_value: Money,
    /// Value at the purchase price of the moment, in đồng.
    pub cost_value: Money,
    /// Value at the price sold, before VAT, in đồng.
    pub sold_value: Money,
    /// Why it moved.
    pub reason: Reason,
    /// The document behind it.
    pub document_id: DocumentId,
    /// Its number.
    pub document_number: String,
    /// The business day it counts on.
    pub business_date: NaiveDate,
    /// The instant of the posting.
    pub posted_at: DateTime<Utc>,
    /// Who posted.
    pub actor_name: String,
}

/// A receipt of goods (phiếu nhập kho).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GoodsReceipt {
    /// Its id; the movements name it as their document.
    pub receipt_id: GoodsReceiptId,
    /// Whose it is.
    pub distributor_id: DistributorId,
    /// `PN-YYYYMMDD-NNNN`.
    pub number: String,
    /// Where the goods went.
    pub warehouse_id: WarehouseId,
    /// The warehouse's code.
    pub warehouse_code: String,
    /// The warehouse's name.
    pub warehouse_name: String,
    /// The business day.
    pub business_date: NaiveDate,
    /// A remark.
    pub note: String,
    /// Lines.
    pub line_count: i64,
    /// Value at purchase prices, in đồng.
    pub cost_value: Money,
    /// Who received.
    pub created_by_name: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// What postings need of a product.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProductValues {
    pub conversion: Conversion,
    pub selling: UnitPrices,
    pub purchase: UnitPrices,
}
