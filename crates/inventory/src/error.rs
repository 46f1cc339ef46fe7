use domain::stock::PickError;
use domain::{Overflow, ProductId, Quantity};
use platform::ApiError;
use serde::Serialize;

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

impl From<PickError> for StockError {
    fn from(error: PickError) -> Self {
        match error {
            PickError::Overflow(overflow) => overflow.into(),
            PickError::Shortage(shortage) => StockError::Short(
                shortage
                    .lines
                    .iter()
                    .map(|l| Shortage { product_id: l.product_id, wanted: l.wanted, available: l.available })
                    .collect(),
            ),
        }
    }
}

impl From<StockError> for ApiError {
    fn from(error: StockError) -> Self {
        match error {
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
