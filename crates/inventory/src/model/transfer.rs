use chrono::{DateTime, NaiveDate, Utc};
use domain::{DistributorId, LotId, ProductId, Quantity, StockTransferId, Unit, WarehouseId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a transfer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[sqlx(type_name = "text")]
#[schema(as = StockTransferStatus)]
pub enum TransferStatus {
    /// Shipped, not received yet: the goods are in neither warehouse.
    InTransit,
    /// In the receiving warehouse.
    Received,
    /// The goods are back where they came from.
    Cancelled,
}

/// A transfer of goods between warehouses (phiếu chuyển kho).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockTransfer {
    /// Its id; the movements name it as their document.
    pub transfer_id: StockTransferId,
    /// Whose it is.
    pub distributor_id: DistributorId,
    /// `CK-YYYYMMDD-NNNN`.
    pub number: String,
    /// Where it stands.
    pub status: TransferStatus,
    /// Whether it is shipped first and received later.
    pub two_step: bool,
    /// The sending warehouse.
    pub from_warehouse_id: WarehouseId,
    /// Its code.
    pub from_warehouse_code: String,
    /// Its name.
    pub from_warehouse_name: String,
    /// The receiving warehouse.
    pub to_warehouse_id: WarehouseId,
    /// Its code.
    pub to_warehouse_code: String,
    /// Its name.
    pub to_warehouse_name: String,
    /// The business day the goods left.
    pub business_date: NaiveDate,
    /// A remark.
    pub note: String,
    /// Lines.
    pub line_count: i64,
    /// Who sent.
    pub created_by_name: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// The business day the goods arrived, or came back.
    pub closed_on: Option<NaiveDate>,
    /// Who received or cancelled.
    pub closed_by_name: Option<String>,
    /// When.
    pub closed_at: Option<DateTime<Utc>>,
    /// Grows with each change.
    pub version: i64,
}

/// A transfer with its lines, ready to be printed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockTransferView {
    /// Its head.
    #[serde(flatten)]
    pub head: StockTransfer,
    /// Its lines.
    pub lines: Vec<StockTransferLine>,
}

/// A line of a transfer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockTransferLine {
    /// Its place, from 1.
    pub line_no: i32,
    /// The product.
    pub product_id: ProductId,
    /// Its code.
    pub product_code: String,
    /// Its name.
    pub product_name: String,
    /// How many of the unit.
    pub quantity: i64,
    /// Cases or pieces.
    pub unit: Unit,
    /// The unit's name.
    pub unit_name: String,
    /// The same in pieces.
    pub pieces: Quantity,
    /// The lots it was filled from, by first expiry.
    pub lots: Vec<StockTransferLot>,
}

/// A lot of a line of a transfer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockTransferLot {
    /// The lot.
    pub lot_id: LotId,
    /// Its number; empty when unknown.
    pub lot_number: String,
    /// Its expiry date, if the goods have one.
    pub expiry: Option<NaiveDate>,
    /// Pieces sent.
    pub pieces: Quantity,
    /// Pieces that arrived; null until it is received.
    pub received: Option<Quantity>,
    /// Why other than what was sent arrived; empty when all did.
    pub reason: String,
}
