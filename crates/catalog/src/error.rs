use platform::ApiError;

/// What the rules of the catalogue refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// There is none.
    #[error("no such thing in the catalogue")]
    NotFound,
    /// Somebody else changed it meanwhile.
    #[error("changed meanwhile")]
    Stale,
    /// Another product has the code.
    #[error("the product code is taken")]
    ProductCodeTaken,
    /// Documents and stock count in the product's units.
    #[error("the product's units are in use")]
    UnitsInUse,
    /// Another price list has the code.
    #[error("the price list's code is taken")]
    PriceListCodeTaken,
    /// A price list names a product that doesn't exist.
    #[error("the price list names an unknown product")]
    UnknownProduct,
    /// A rule names a distributor that doesn't exist.
    #[error("the rule names an unknown distributor")]
    UnknownDistributor,
    /// A price list is for a customer or distributor that doesn't exist.
    #[error("the price list is for nobody")]
    UnknownScope,
}

/// Why a product keeps its units, and what to do instead: Vietnamese, English.
pub(crate) const UNITS_IN_USE: (&str, &str) = (
    "Sản phẩm đã có tồn kho hoặc chứng từ nên không đổi được đơn vị tính và hệ số quy đổi; hãy tạo sản phẩm mới và khóa sản phẩm này",
    "The product is in stock or on documents, so its units and its conversion factor stay; make a new product and lock this one",
);

impl From<CatalogError> for ApiError {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::NotFound => ApiError::not_found(),
            CatalogError::Stale => ApiError::stale(),
            CatalogError::ProductCodeTaken => ApiError::conflict(
                "catalog.product_code_taken",
                "Mã sản phẩm này đã có. Hãy chọn mã khác.",
                "This product code is taken. Choose another one.",
            )
            .field("productCode", "Đã có", "Taken"),
            CatalogError::UnitsInUse => ApiError::unprocessable(
                "catalog.units_in_use",
                format!("{}.", UNITS_IN_USE.0),
                format!("{}.", UNITS_IN_USE.1),
            )
            .field("conversionRate", "Không đổi được", "Can't be changed"),
            CatalogError::PriceListCodeTaken => ApiError::conflict(
                "catalog.price_list_code_taken",
                "Mã bảng giá này đã có. Hãy chọn mã khác.",
                "This price list code is taken. Choose another one.",
            )
            .field("code", "Đã có", "Taken"),
            CatalogError::UnknownProduct => ApiError::unprocessable(
                "catalog.unknown_product",
                "Bảng giá có sản phẩm không tồn tại. Hãy tải lại danh mục sản phẩm.",
                "The price list names a product that doesn't exist. Load the products again.",
            ),
            CatalogError::UnknownDistributor => ApiError::unprocessable(
                "catalog.unknown_distributor",
                "Có nhà phân phối không tồn tại. Hãy tải lại danh sách nhà phân phối.",
                "A distributor doesn't exist. Load the distributors again.",
            )
            .field("distributorIds", "Không tồn tại", "Doesn't exist"),
            CatalogError::UnknownScope => ApiError::unprocessable(
                "catalog.unknown_scope",
                "Khách hàng hoặc nhà phân phối của bảng giá không tồn tại.",
                "The customer or distributor of the price list doesn't exist.",
            ),
        }
    }
}
