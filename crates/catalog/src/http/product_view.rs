use chrono::{DateTime, Utc};
use domain::ProductId;
use domain::permission::ReportsView;
use platform::{ApiResult, Caller, Checks};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::error::CatalogError;
use crate::model::{CatalogStatus, MAX_PRICE, Product, ProductData};
use crate::store;

/// A product. Prices are đồng before VAT.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductView {
    /// Its id.
    pub id: ProductId,
    /// SKU.
    pub product_code: String,
    /// Its name.
    pub name: String,
    /// Name of the brand, or empty.
    pub brand: String,
    /// Name of the category, or empty.
    pub category: String,
    /// Who makes it.
    pub supplier: String,
    /// The case.
    pub unit_name: String,
    /// The piece.
    pub sub_unit_name: String,
    /// Pieces per case.
    pub conversion_rate: i64,
    /// What a case is sold for, without a price list.
    pub selling_price: i64,
    /// What a piece is sold for, without a price list.
    pub selling_price_sub: i64,
    /// What a case costs the company; not for reps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_price: Option<i64>,
    /// What a piece costs the company; not for reps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_price_sub: Option<i64>,
    /// Per cent.
    pub vat: i16,
    /// Pieces; below it stock is low.
    pub low_stock_threshold: i64,
    /// May be empty.
    pub barcode: String,
    /// May be empty.
    pub description: String,
    /// Address of a picture that lies elsewhere, or empty.
    pub image: String,
    /// Where the picture that was uploaded is, under this API's root; `size=320` or `1080` may be added. It goes before
    /// `image`.
    pub image_url: Option<String>,
    /// Lists show the lowest first.
    pub display_order: i32,
    /// Whatever else the company keeps.
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
    /// Pieces that can be sold now, over the main warehouses that the caller may see.
    pub stock_quantity: i64,
    /// Whether it is sold.
    pub status: CatalogStatus,
    /// Grows with each change; send it back when you change something.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl ProductView {
    /// The product with this stock, as the caller may see it: who reads reports sees what goods cost, reps don't.
    pub fn new(product: Product, stock: i64, caller: &Caller) -> Self {
        let Product { id, data, image_sha256, version, created_at, updated_at } = product;
        let cost = |price: i64| caller.may::<ReportsView>().then_some(price);
        ProductView {
            id,
            product_code: data.product_code,
            name: data.name,
            brand: data.brand,
            category: data.category,
            supplier: data.supplier,
            unit_name: data.unit_name,
            sub_unit_name: data.sub_unit_name,
            conversion_rate: data.conversion_rate,
            selling_price: data.selling_price,
            selling_price_sub: data.selling_price_sub,
            purchase_price: cost(data.purchase_price),
            purchase_price_sub: cost(data.purchase_price_sub),
            vat: data.vat,
            low_stock_threshold: data.low_stock_threshold,
            barcode: data.barcode,
            description: data.description,
            image: data.image,
            image_url: image_sha256.map(|sha256| format!("/products/{id}/image?v={sha256}")),
            display_order: data.display_order,
            attributes: data.attributes,
            stock_quantity: stock,
            status: data.status,
            version,
            created_at,
            updated_at,
        }
    }
}

/// The product as the caller gets it, or 404.
pub(crate) async fn present(c: &mut PgConnection, caller: &Caller, id: ProductId) -> ApiResult<ProductView> {
    let product = store::find_product(c, id).await?.ok_or(CatalogError::NotFound)?;
    let stock = store::available(c, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(ProductView::new(product, stock, caller))
}

/// A product as the client sends it. What is left out stays as it is; a new one needs code, name, units and prices.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct ProductBody {
    /// For a new one: the id that the client made.
    pub id: Option<ProductId>,
    /// For a change: the version that was loaded (or send `If-Match`).
    pub version: Option<i64>,
    /// SKU, unique in the company.
    pub product_code: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Name or code of the brand; made when there is none.
    pub brand: Option<String>,
    /// Name or code of the category; made when there is none.
    pub category: Option<String>,
    /// Who makes it.
    pub supplier: Option<String>,
    /// The case.
    pub unit_name: Option<String>,
    /// The piece; as the case when left out.
    pub sub_unit_name: Option<String>,
    /// Pieces per case, at least 1.
    pub conversion_rate: Option<i64>,
    /// What a case is sold for.
    pub selling_price: Option<i64>,
    /// What a piece is sold for.
    pub selling_price_sub: Option<i64>,
    /// What a case costs the company.
    pub purchase_price: Option<i64>,
    /// What a piece costs the company.
    pub purchase_price_sub: Option<i64>,
    /// Per cent: 0, 5, 8 or 10.
    pub vat: Option<i16>,
    /// Pieces; below it stock is low.
    pub low_stock_threshold: Option<i64>,
    /// May be empty.
    pub barcode: Option<String>,
    /// May be empty.
    pub description: Option<String>,
    /// Address of a picture that lies elsewhere.
    pub image: Option<String>,
    /// Lists show the lowest first.
    pub display_order: Option<i32>,
    /// Whatever else the company keeps; replaces what was there.
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<Map<String, Value>>,
    /// Whether it is sold.
    pub status: Option<CatalogStatus>,
}

impl ProductBody {
    /// The data with these changes.
    pub fn apply(self, mut data: ProductData, checks: &mut Checks) -> ProductData {
        let mut set = |field: &str, target: &mut String, value: Option<String>, max: usize| {
            if let Some(value) = value {
                *target = checks.text(field, &value, max);
            }
        };
        set("productCode", &mut data.product_code, self.product_code, 50);
        set("name", &mut data.name, self.name, 300);
        set("brand", &mut data.brand, self.brand, 200);
        set("category", &mut data.category, self.category, 200);
        set("supplier", &mut data.supplier, self.supplier, 300);
        set("unitName", &mut data.unit_name, self.unit_name, 50);
        set("subUnitName", &mut data.sub_unit_name, self.sub_unit_name, 50);
        set("barcode", &mut data.barcode, self.barcode, 50);
        set("description", &mut data.description, self.description, 5000);
        set("image", &mut data.image, self.image, 500);
        if data.sub_unit_name.is_empty() {
            data.sub_unit_name.clone_from(&data.unit_name);
        }
        for (field, value) in
            [("productCode", &data.product_code), ("name", &data.name), ("unitName", &data.unit_name)]
        {
            if value.is_empty() {
                checks.wrong(field, "Bắt buộc", "Required");
            }
        }
        data.conversion_rate = self.conversion_rate.unwrap_or(data.conversion_rate);
        checks.range("conversionRate", data.conversion_rate, 1..=1_000_000);
        let mut price = |field: &str, target: &mut i64, value: Option<i64>| {
            *target = checks.range(field, value.unwrap_or(*target), 0..=MAX_PRICE);
        };
        price("sellingPrice", &mut data.selling_price, self.selling_price);
        price("sellingPriceSub", &mut data.selling_price_sub, self.selling_price_sub);
        price("purchasePrice", &mut data.purchase_price, self.purchase_price);
        price("purchasePriceSub", &mut data.purchase_price_sub, self.purchase_price_sub);
        price("lowStockThreshold", &mut data.low_stock_threshold, self.low_stock_threshold);
        data.vat = self.vat.unwrap_or(data.vat);
        if !matches!(data.vat, 0 | 5 | 8 | 10) {
            checks.wrong("vat", "Phải là 0, 5, 8 hoặc 10", "Must be 0, 5, 8 or 10");
        }
        data.display_order = self.display_order.unwrap_or(data.display_order);
        if let Some(attributes) = self.attributes {
            if attributes.len() > 50 {
                checks.wrong("attributes", "Tối đa 50 thuộc tính", "At most 50 attributes");
            }
            data.attributes = attributes;
        }
        data.status = self.status.unwrap_or(data.status);
        data
    }
}
