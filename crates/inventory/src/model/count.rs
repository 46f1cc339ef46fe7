use chrono::{DateTime, NaiveDate, Utc};
use domain::{DistributorId, LotId, ProductId, Quantity, StockCountId, WarehouseId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a count stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[sqlx(type_name = "text")]
#[schema(as = StockCountStatus)]
pub enum CountStatus {
    /// Being counted.
    Open,
    /// The differences are posted.
    Closed,
    /// Given up; nothing was posted.
    Cancelled,
}

/// A count of stock (phiếu kiểm kê).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockCount {
    /// Its id; the movements name it as their document.
    pub count_id: StockCountId,
    /// Whose it is.
    pub distributor_id: DistributorId,
    /// `KK-YYYYMMDD-NNNN`.
    pub number: String,
    /// Where it stands.
    pub status: CountStatus,
    /// The warehouse that is counted.
    pub warehouse_id: WarehouseId,
    /// Its code.
    pub warehouse_code: String,
    /// Its name.
    pub warehouse_name: String,
    /// The day of the count.
    pub date: NaiveDate,
    /// Whether nothing may be posted in the warehouse while the count is open.
    pub freeze: bool,
    /// Whether only some products are counted.
    pub partial: bool,
    /// A remark.
    pub note: String,
    /// Lines.
    pub line_count: i64,
    /// Lines of them that were counted.
    pub counted_lines: i64,
    /// Who opened it.
    pub created_by_name: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Who closed or cancelled it.
    pub closed_by_name: Option<String>,
    /// When.
    pub closed_at: Option<DateTime<Utc>>,
    /// Grows with each change.
    pub version: i64,
}

/// A count with its lines.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockCountView {
    /// Its head.
    #[serde(flatten)]
    pub head: StockCount,
    /// Products in the catalogue's order, their lots by first expiry.
    pub lines: Vec<StockCountLine>,
}

/// A product and lot of a count, in pieces.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockCountLine {
    /// The product.
    pub product_id: ProductId,
    /// Its code.
    pub product_code: String,
    /// Its name.
    pub product_name: String,
    /// The name of the piece.
    #[serde(default)]
    pub unit_name: String,
    /// The lot.
    pub lot_id: LotId,
    /// Its number; empty when unknown.
    pub lot_number: String,
    /// Its expiry date, if the goods have one.
    pub expiry: Option<NaiveDate>,
    /// On hand when the count was opened, or at the end of its day when that is over.
    pub system: Quantity,
    /// What was counted; null until someone counts.
    pub counted: Option<Quantity>,
    /// On hand when it was counted, or at the end of the count's day when that is over.
    pub system_at_count: Option<Quantity>,
    /// Counted less `systemAtCount`.
    pub difference: Option<Quantity>,
    /// On hand now.
    pub current: Quantity,
    /// Whether stock moved after it was counted: closing needs a decision.
    pub outdated: bool,
    /// Who counted.
    pub counted_by_name: Option<String>,
    /// When.
    pub counted_at: Option<DateTime<Utc>>,
    /// What closing the count posted.
    pub posted: Option<Quantity>,
}
