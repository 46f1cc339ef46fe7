//! What the catalogue keeps.

use chrono::{DateTime, NaiveDate, Utc};
use domain::price::PriceScope;
use domain::{DistributorId, PriceListId, ProductId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgTypeInfo, PgValueRef};
use utoipa::ToSchema;

/// The most a unit may cost, in đồng: far above any real price, far below overflow.
pub(crate) const MAX_PRICE: i64 = 1_000_000_000_000;

/// Whether something is used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CatalogStatus {
    /// Used.
    Active,
    /// Kept for past documents only.
    Inactive,
}

impl CatalogStatus {
    /// The spelling in the database and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            CatalogStatus::Active => "active",
            CatalogStatus::Inactive => "inactive",
        }
    }
}

impl sqlx::Type<sqlx::Postgres> for CatalogStatus {
    fn type_info() -> PgTypeInfo {
        <str as sqlx::Type<sqlx::Postgres>>::type_info()
    }

    fn compatible(ty: &PgTypeInfo) -> bool {
        <str as sqlx::Type<sqlx::Postgres>>::compatible(ty)
    }
}

impl<'r> sqlx::Decode<'r, sqlx::Postgres> for CatalogStatus {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        match <&str as sqlx::Decode<'r, sqlx::Postgres>>::decode(value)? {
            "active" => Ok(CatalogStatus::Active),
            "inactive" => Ok(CatalogStatus::Inactive),
            other => Err(format!("unknown status {other:?}").into()),
        }
    }
}

/// What people edit of a product. Prices are đồng before VAT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductData {
    /// SKU, unique in the company.
    pub product_code: String,
    /// Its name.
    pub name: String,
    /// Name of the brand, or empty.
    pub brand: String,
    /// Name of the category (ngành hàng), or empty.
    pub category: String,
    /// Who makes it.
    pub supplier: String,
    /// The case.
    pub unit_name: String,
    /// The piece.
    pub sub_unit_name: String,
    /// Pieces per case, at least 1.
    pub conversion_rate: i64,
    /// What a case costs the company.
    pub purchase_price: i64,
    /// What a piece costs the company.
    pub purchase_price_sub: i64,
    /// What a case is sold for.
    pub selling_price: i64,
    /// What a piece is sold for.
    pub selling_price_sub: i64,
    /// Per cent: 0, 5, 8 or 10.
    pub vat: i16,
    /// Pieces; below it stock is low.
    pub low_stock_threshold: i64,
    /// May be empty.
    pub barcode: String,
    /// May be empty.
    pub description: String,
    /// Address of a picture that lies elsewhere, or empty.
    pub image: String,
    /// Lists show the lowest first.
    pub display_order: i32,
    /// Whatever else the company keeps.
    pub attributes: Map<String, Value>,
    /// Whether it is sold.
    pub status: CatalogStatus,
}

impl ProductData {
    /// Whether other units are meant: more or fewer pieces in a case, or other names than the same spelt otherwise.
    pub fn has_other_units(&self, before: &ProductData) -> bool {
        let names =
            |data: &ProductData| [&data.unit_name, &data.sub_unit_name].map(|name| domain::search_key(name));
        self.conversion_rate != before.conversion_rate || names(self) != names(before)
    }

    /// Nothing known yet.
    pub fn blank() -> Self {
        ProductData {
            product_code: String::new(),
            name: String::new(),
            brand: String::new(),
            category: String::new(),
            supplier: String::new(),
            unit_name: String::new(),
            sub_unit_name: String::new(),
            conversion_rate: 1,
            purchase_price: 0,
            purchase_price_sub: 0,
            selling_price: 0,
            selling_price_sub: 0,
            vat: 0,
            low_stock_threshold: 0,
            barcode: String::new(),
            description: String::new(),
            image: String::new(),
            display_order: 0,
            attributes: Map::new(),
            status: CatalogStatus::Active,
        }
    }

    /// The key under which it is found: code, name, barcode.
    pub fn search_key(&self) -> String {
        domain::search_key(&format!("{} {} {}", self.product_code, self.name, self.barcode))
    }
}

/// A product as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// What people edit.
    pub data: ProductData,
    /// The digest of the picture that was uploaded.
    pub image_sha256: Option<String>,
    /// Grows with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// The prices of one product in a list, in đồng before VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriceListItem {
    /// The product.
    pub product_id: ProductId,
    /// Per case.
    pub price: i64,
    /// Per piece.
    pub price_sub: i64,
}

/// What people edit of a price list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceListData {
    /// Unique in the company.
    pub code: String,
    /// Its name.
    pub name: String,
    /// For whom it holds.
    pub scope: PriceScope,
    /// Among lists of the same scope the highest wins.
    pub priority: i32,
    /// The first business day on which it holds.
    pub valid_from: NaiveDate,
    /// The last one; none is without end.
    pub valid_to: Option<NaiveDate>,
    /// Whether it is used.
    pub status: CatalogStatus,
    /// By product id.
    pub items: Vec<PriceListItem>,
}

/// A price list as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceListRecord {
    /// Its id.
    pub id: PriceListId,
    /// What people edit.
    pub data: PriceListData,
    /// Grows with each change.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Who may sell a product, or what is in a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sellers {
    /// Only these; when there are none, those of the category.
    pub named: Vec<DistributorId>,
    /// Of a product: those its category names; when there are none either, everybody.
    pub category: Vec<DistributorId>,
    /// Of the product or the category itself; grows with each change.
    pub version: i64,
}

/// A distributor as rules show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedDistributor {
    /// Its id.
    pub id: DistributorId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}
