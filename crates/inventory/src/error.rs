use chrono::NaiveDate;
use domain::{Overflow, ProductId, Quantity};
use platform::ApiError;
use serde::Serialize;

use crate::model::{CountStatus, TransferStatus};
use crate::service::OutdatedLine;

/// A product of which there is less than is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shortage {
    /// The product.
    pub product_id: ProductId,
    /// Pieces wanted.
    pub wanted: Quantity,
    /// Pieces there, not counting what is reserved for others.
    pub available: Quantity,
    /// Set when only goods with enough remaining life count: those that expire on this day or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_expiring_before: Option<NaiveDate>,
}

impl Shortage {
    /// Of all goods, however long they are good.
    pub(crate) const fn of(product_id: ProductId, wanted: Quantity, available: Quantity) -> Self {
        Shortage { product_id, wanted, available, not_expiring_before: None }
    }
}

/// Why stock could not be moved or reserved. Nothing of the call is to be kept: the transaction rolls back.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    /// Not enough of these products.
    #[error("not enough stock of {} products", .0.len())]
    Short(Vec<Shortage>),
    /// The distributor has no such warehouse.
    #[error("no such warehouse")]
    UnknownWarehouse,
    /// The warehouse is no longer in use.
    #[error("the warehouse is closed")]
    WarehouseClosed,
    /// The warehouse is being counted; nothing moves until the count is closed or cancelled.
    #[error("the warehouse is being counted by {number}")]
    Counting {
        /// The count's number.
        number: String,
    },
    /// More was to be taken from a reservation than is reserved: the documents and the stock disagree.
    #[error("product {0} has less reserved than its documents say")]
    ReservationMissing(ProductId),
    /// A quantity or a value is out of range, or not above zero where it must be.
    #[error("a quantity or a value is out of range")]
    OutOfRange,
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<Overflow> for StockError {
    fn from(Overflow: Overflow) -> Self {
        StockError::OutOfRange
    }
}

impl From<StockError> for ApiError {
    fn from(error: StockError) -> Self {
        match error {
            StockError::Short(shortages) if shortages.iter().any(|s| s.not_expiring_before.is_some()) => {
                ApiError::unprocessable(
                    "inventory.short",
                    "Không đủ hàng còn đủ hạn dùng. Hãy giảm số lượng, chọn lô khác hoặc nhập thêm hàng.",
                    "There is not enough stock that is good long enough. Lower the quantities, pick other lots or receive more goods.",
                )
                .with("shortages", shortages)
            }
            StockError::Short(shortages) => ApiError::unprocessable(
                "inventory.short",
                "Không đủ tồn kho. Hãy giảm số lượng hoặc nhập thêm hàng.",
                "There is not enough stock. Lower the quantities or receive more goods.",
            )
            .with("shortages", shortages),
            StockError::UnknownWarehouse => ApiError::unprocessable(
                "inventory.unknown_warehouse",
                "Kho không tồn tại. Hãy chọn kho khác.",
                "The warehouse doesn't exist. Choose another.",
            ),
            StockError::WarehouseClosed => InventoryError::WarehouseClosed.into(),
            StockError::Counting { number } => ApiError::unprocessable(
                "inventory.counting",
                format!("Kho đang kiểm kê theo phiếu {number}. Hãy đóng hoặc hủy phiếu kiểm kê trước."),
                format!("The warehouse is being counted by {number}. Close or cancel the count first."),
            )
            .with("countNumber", number),
            StockError::OutOfRange => ApiError::unprocessable(
                "inventory.out_of_range",
                "Số lượng hoặc giá trị vượt quá phạm vi cho phép.",
                "A quantity or a value is out of range.",
            ),
            error @ StockError::ReservationMissing(_) => ApiError::internal(error),
            StockError::Database(e) => e.into(),
        }
    }
}

/// Why a warehouse, a receipt or an adjustment is refused.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// Another warehouse of the distributor has the code.
    #[error("the warehouse code {0:?} is taken")]
    CodeTaken(String),
    /// A van needs its rep.
    #[error("a van without a rep")]
    VanWithoutRep,
    /// Only a van has a rep.
    #[error("a rep for a warehouse that is no van")]
    RepWithoutVan,
    /// The user is no active rep of the distributor.
    #[error("not a rep of the distributor")]
    NotARep,
    /// The warehouse is not in use.
    #[error("the warehouse is closed")]
    WarehouseClosed,
    /// The warehouse of goods in transit belongs to transfers.
    #[error("the warehouse of goods in transit")]
    TransitOnly,
    /// A transfer goes from a warehouse to another one of the same distributor.
    #[error("a transfer to the same warehouse, or to another distributor")]
    NoWay,
    /// The lots picked by hand are not what the line says.
    #[error("line {line} has {line_pieces} pieces, its lots {lots}")]
    LotsDiffer {
        /// The line's place, from 1.
        line: i32,
        /// Pieces of the lots.
        lots: Quantity,
        /// Pieces of the line.
        line_pieces: Quantity,
    },
    /// The transfer has no such lot on that line.
    #[error("line {line} of the transfer has no such lot")]
    UnknownTransferLot {
        /// The line.
        line: i32,
    },
    /// The transfer was received or cancelled before.
    #[error("the transfer is closed")]
    TransferClosed(TransferStatus),
    /// Another count is open in the warehouse.
    #[error("the warehouse is being counted by {number}")]
    CountOpen {
        /// That count's number.
        number: String,
    },
    /// The count was closed or cancelled before.
    #[error("the count is closed")]
    CountClosed(CountStatus),
    /// No product has the id, code or barcode of this entry.
    #[error("entry {index} names no product")]
    UnknownCounted {
        /// Its place, from 0.
        index: usize,
    },
    /// Several products have the barcode of this entry.
    #[error("entry {index} names several products")]
    AmbiguousBarcode {
        /// Its place, from 0.
        index: usize,
    },
    /// The product has no such lot.
    #[error("entry {index} names no lot of its product")]
    UnknownLot {
        /// Its place, from 0.
        index: usize,
    },
    /// The count has several lots of the product, and the entry names none.
    #[error("entry {index} must name its lot")]
    LotNeeded {
        /// Its place, from 0.
        index: usize,
    },
    /// Stock moved after these were counted, and nobody decided which figure counts.
    #[error("stock of {} counted lines moved", .0.len())]
    CountOutdated(Vec<OutdatedLine>),
    /// Less was counted than is promised to orders.
    #[error("less was counted than is reserved")]
    CountBelowReserved(Vec<Shortage>),
    /// Goods are in the warehouse, or on their way.
    #[error("the warehouse is in use")]
    WarehouseInUse,
    /// Something in the warehouse is below zero.
    #[error("stock of the warehouse is below zero")]
    WarehouseBelowZero,
    /// A line names a product that is not in the catalogue.
    #[error("unknown product {0}")]
    UnknownProduct(ProductId),
    /// The id of the new thing is in use.
    #[error("the id is taken")]
    IdTaken,
}

impl From<InventoryError> for ApiError {
    fn from(error: InventoryError) -> Self {
        match error {
            InventoryError::CodeTaken(code) => ApiError::conflict(
                "inventory.code_taken",
                format!("Mã kho {code} đã có. Hãy chọn mã khác."),
                format!("The warehouse code {code} is taken. Choose another."),
            )
            .field("code", "Đã có", "Taken"),
            InventoryError::VanWithoutRep => {
                ApiError::invalid_field("repId", "Kho xe cần có nhân viên", "A van needs its rep")
            }
            InventoryError::RepWithoutVan => {
                ApiError::invalid_field("repId", "Chỉ kho xe mới có nhân viên", "Only a van has a rep")
            }
            InventoryError::NotARep => ApiError::unprocessable(
                "inventory.not_a_rep",
                "Người này không phải nhân viên bán hàng đang hoạt động của nhà phân phối. Hãy chọn người khác.",
                "This user is no active sales rep of the distributor. Choose another.",
            )
            .field("repId", "Không hợp lệ", "Not valid"),
            InventoryError::WarehouseClosed => ApiError::unprocessable(
                "inventory.warehouse_closed",
                "Kho đã ngừng hoạt động. Hãy chọn kho khác.",
                "The warehouse is closed. Choose another.",
            ),
            InventoryError::TransitOnly => ApiError::unprocessable(
                "inventory.transit_only",
                "Kho hàng đang chuyển do phiếu chuyển kho quản lý. Hãy chọn kho khác.",
                "The warehouse of goods in transit belongs to transfers. Choose another.",
            ),
            InventoryError::NoWay => ApiError::unprocessable(
                "inventory.same_warehouse",
                "Kho nhận phải khác kho chuyển và thuộc cùng nhà phân phối.",
                "The receiving warehouse must be another one of the same distributor.",
            )
            .field("toWarehouseId", "Hãy chọn kho khác", "Choose another"),
            InventoryError::LotsDiffer { line, lots, line_pieces } => ApiError::unprocessable(
                "inventory.lots_differ",
                format!("Dòng {line}: tổng các lô là {lots}, cần đúng {line_pieces} (đơn vị lẻ)."),
                format!("Line {line}: the lots sum up to {lots} pieces, {line_pieces} are needed."),
            )
            .with("lineNo", line),
            InventoryError::UnknownTransferLot { line } => ApiError::unprocessable(
                "inventory.unknown_transfer_lot",
                format!("Dòng {line} của phiếu chuyển không có lô này."),
                format!("Line {line} of the transfer has no such lot."),
            )
            .with("lineNo", line),
            InventoryError::TransferClosed(status) => ApiError::conflict(
                "inventory.transfer_closed",
                "Phiếu chuyển kho đã nhận hoặc đã hủy.",
                "The transfer was received or cancelled before.",
            )
            .with("transferStatus", status),
            InventoryError::CountOpen { number } => ApiError::conflict(
                "inventory.count_open",
                format!("Kho đang có phiếu kiểm kê {number}. Hãy đóng hoặc hủy phiếu đó trước."),
                format!("The warehouse has the open count {number}. Close or cancel it first."),
            )
            .with("countNumber", number),
            InventoryError::CountClosed(status) => ApiError::conflict(
                "inventory.count_closed",
                "Phiếu kiểm kê đã đóng hoặc đã hủy.",
                "The count was closed or cancelled before.",
            )
            .with("countStatus", status),
            InventoryError::UnknownCounted { index } => ApiError::unprocessable(
                "inventory.unknown_product",
                format!("Dòng {}: không có sản phẩm với mã hoặc mã vạch này.", index + 1),
                format!("Line {}: no product has this code or barcode.", index + 1),
            )
            .field(&format!("lines[{index}].code"), "Không tìm thấy", "Not found"),
            InventoryError::AmbiguousBarcode { index } => ApiError::unprocessable(
                "inventory.ambiguous_barcode",
                format!("Dòng {}: nhiều sản phẩm có mã vạch này, hãy dùng mã hàng.", index + 1),
                format!("Line {}: several products have this barcode, use the code.", index + 1),
            )
            .field(&format!("lines[{index}].barcode"), "Không rõ sản phẩm", "Not clear which product"),
            InventoryError::UnknownLot { index } => ApiError::unprocessable(
                "inventory.unknown_lot",
                format!("Dòng {}: sản phẩm không có lô này.", index + 1),
                format!("Line {}: the product has no such lot.", index + 1),
            )
            .field(&format!("lines[{index}].lotId"), "Không tìm thấy", "Not found"),
            InventoryError::LotNeeded { index } => ApiError::unprocessable(
                "inventory.lot_needed",
                format!("Dòng {}: sản phẩm có nhiều lô, hãy chọn lô.", index + 1),
                format!("Line {}: the product has several lots, name one.", index + 1),
            )
            .field(&format!("lines[{index}].lotId"), "Hãy chọn lô", "Name the lot"),
            InventoryError::CountOutdated(lines) => ApiError::unprocessable(
                "inventory.count_outdated",
                "Tồn kho đã thay đổi sau khi đếm. Hãy chọn giữ số đã đếm hoặc tính lại cho từng dòng.",
                "Stock moved after it was counted. Decide for each line whether to keep what was counted or to recompute.",
            )
            .with("lines", lines),
            InventoryError::CountBelowReserved(shortages) => ApiError::unprocessable(
                "inventory.count_below_reserved",
                "Số đếm được ít hơn số đã giữ cho đơn hàng. Hãy hủy hoặc sửa đơn để nhả hàng giữ, rồi đóng phiếu kiểm kê.",
                "Less was counted than is reserved for orders. Cancel or change orders to release it, then close the count.",
            )
            .with("shortages", shortages),
            InventoryError::WarehouseInUse => ApiError::unprocessable(
                "inventory.warehouse_in_use",
                "Kho còn hàng, còn phiếu chuyển đang đi hoặc đang kiểm kê nên chưa thể ngừng dùng.",
                "The warehouse still has goods, a transfer on its way or an open count, so it can't be closed.",
            )
            .field("status", "Kho chưa trống", "Not empty"),
            InventoryError::WarehouseBelowZero => ApiError::unprocessable(
                "inventory.warehouse_below_zero",
                "Kho đang có hàng tồn âm hoặc giữ vượt tồn. Hãy nhập hàng hoặc điều chỉnh trước.",
                "Stock in the warehouse is below zero or promised beyond what is there. Receive or correct it first.",
            )
            .field("allowNegative", "Đang có tồn âm", "Stock is below zero"),
            InventoryError::UnknownProduct(product) => ApiError::unprocessable(
                "inventory.unknown_product",
                "Có sản phẩm không tồn tại. Hãy tải lại danh mục.",
                "A product doesn't exist. Load the catalogue again.",
            )
            .with("productId", product),
            InventoryError::IdTaken => {
                ApiError::conflict("inventory.id_taken", "Mã (id) này đã dùng.", "This id is taken.")
            }
        }
    }
}
