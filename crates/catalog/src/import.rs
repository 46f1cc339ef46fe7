//! Many products at once, from a file. A product is known by its code; a cell that is empty leaves what is known as it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use db::audit::{self, Change};
use db::{Context, PgConnection};
use domain::ProductId;
use platform::{Loaded, RowError};
use uuid::Uuid;

use crate::error::UNITS_IN_USE;
use crate::model::{CatalogStatus, MAX_PRICE, ProductData};
use crate::store::{self, bulk};

/// A row of the file.
#[derive(Debug, Clone, Default)]
pub struct ProductRow {
    /// Its number in the file.
    pub row: u32,
    /// SKU, unique in the company.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where lists show it.
    pub display_order: Option<i32>,
    /// Name of the brand.
    pub brand: Option<String>,
    /// Code of the category.
    pub category_code: Option<String>,
    /// Name of the category.
    pub category_name: Option<String>,
    /// Who makes it.
    pub supplier: Option<String>,
    /// The case.
    pub unit_name: Option<String>,
    /// The piece.
    pub sub_unit_name: Option<String>,
    /// Pieces per case.
    pub conversion_rate: Option<i64>,
    /// Pieces; below it stock is low.
    pub low_stock_threshold: Option<i64>,
    /// đồng per case.
    pub purchase_price: Option<i64>,
    /// đồng per piece.
    pub purchase_price_sub: Option<i64>,
    /// đồng per case.
    pub selling_price: Option<i64>,
    /// đồng per piece.
    pub selling_price_sub: Option<i64>,
    /// Per cent: 0, 5, 8 or 10.
    pub vat: Option<i16>,
    /// Any text.
    pub description: Option<String>,
    /// Address of a picture.
    pub image: Option<String>,
    /// Whether it is no longer sold.
    pub locked: Option<bool>,
}

impl ProductRow {
    /// What is known now, with what the row says; or what a new product lacks.
    fn over(&self, before: Option<&ProductData>, labels: &Labels) -> Result<ProductData, RowError> {
        fn set(target: &mut String, value: Option<&String>) {
            if let Some(value) = value {
                target.clone_from(value);
            }
        }
        let mut data = before.cloned().unwrap_or_else(ProductData::blank);
        data.product_code.clone_from(&self.code);
        data.name.clone_from(&self.name);
        data.display_order = self.display_order.unwrap_or(data.display_order);
        set(&mut data.brand, self.brand.as_ref());
        if let Some(name) = labels.category(self) {
            data.category = name;
        }
        set(&mut data.supplier, self.supplier.as_ref());
        // One unit that is missing is as the other.
        let units = [self.unit_name.as_ref(), self.sub_unit_name.as_ref()];
        let (no_unit, no_sub_unit) = (data.unit_name.is_empty(), data.sub_unit_name.is_empty());
        set(&mut data.unit_name, units[0].or(units[1].filter(|_| no_unit)));
        set(&mut data.sub_unit_name, units[1].or(units[0].filter(|_| no_sub_unit)));
        if data.unit_name.is_empty() {
            return Err(self.lacks("ĐVT chẵn", "Sản phẩm mới cần đơn vị tính", "A new product needs a unit"));
        }
        data.conversion_rate = match (self.conversion_rate, before) {
            (Some(rate), _) => rate,
            (None, Some(before)) => before.conversion_rate,
            (None, None) => return Err(self.lacks("Hệ số quy đổi", "Bắt buộc", "Required")),
        };
        data.low_stock_threshold = self.low_stock_threshold.unwrap_or(data.low_stock_threshold);
        data.purchase_price = self.purchase_price.unwrap_or(data.purchase_price);
        data.purchase_price_sub = self.purchase_price_sub.unwrap_or(data.purchase_price_sub);
        data.selling_price = match (self.selling_price, before) {
            (Some(price), _) => price,
            (None, Some(before)) => before.selling_price,
            (None, None) => self
                .selling_price_sub
                .and_then(|price| price.checked_mul(data.conversion_rate))
                .filter(|price| *price <= MAX_PRICE)
                .ok_or_else(|| self.lacks("Giá", "Bắt buộc", "Required"))?,
        };
        data.selling_price_sub = match self.selling_price_sub {
            Some(price) => price,
            None if data.conversion_rate == 1 => data.selling_price,
            None if data.selling_price_sub == 0 && data.selling_price % data.conversion_rate == 0 => {
                data.selling_price / data.conversion_rate
            }
            None if data.selling_price_sub == 0 => {
                return Err(self.lacks(
                    "Giá lẻ",
                    "Thiếu giá của đơn vị lẻ",
                    "The price of the piece is missing",
                ));
            }
            None => data.selling_price_sub,
        };
        data.vat = self.vat.unwrap_or(data.vat);
        set(&mut data.description, self.description.as_ref());
        set(&mut data.image, self.image.as_ref());
        data.status = match self.locked {
            Some(true) => CatalogStatus::Inactive,
            Some(false) => CatalogStatus::Active,
            None => data.status,
        };
        Ok(data)
    }

    /// That the units it would change are in use.
    fn keeps_units(&self, before: &ProductData, data: &ProductData) -> RowError {
        let (column, value) = if data.conversion_rate != before.conversion_rate {
            ("Hệ số quy đổi", data.conversion_rate.to_string())
        } else if data.unit_name != before.unit_name {
            ("ĐVT chẵn", data.unit_name.clone())
        } else {
            ("ĐVT lẻ", data.sub_unit_name.clone())
        };
        RowError::new(self.row, column, value, UNITS_IN_USE.0, UNITS_IN_USE.1)
    }

    fn lacks(&self, column: &'static str, vi: &'static str, en: &'static str) -> RowError {
        RowError::new(self.row, column, "", vi, en)
    }
}

/// Brands and categories of the file, as they will be called.
struct Labels {
    /// By code, the file's names over those that are known.
    categories: BTreeMap<String, String>,
}

impl Labels {
    /// Makes the brands and categories that are missing, and gives categories the names of the file.
    async fn make(c: &mut PgConnection, rows: &[ProductRow]) -> Result<Self, sqlx::Error> {
        let mut categories = bulk::categories(c).await?;
        let mut named: BTreeMap<String, String> = BTreeMap::new();
        for row in rows {
            let Some(code) = row.category_code.as_ref().or(row.category_name.as_ref()) else { continue };
            match &row.category_name {
                Some(name) => named.insert(code.clone(), name.clone()),
                None if !categories.contains_key(code) => {
                    Some(named.entry(code.clone()).or_insert(code.clone()).clone())
                }
                None => None,
            };
        }
        bulk::upsert_categories(c, &named).await?;
        categories.extend(named);
        let brands = rows.iter().filter_map(|row| row.brand.clone()).collect();
        bulk::insert_brands(c, &brands).await?;
        Ok(Labels { categories })
    }

    fn category(&self, row: &ProductRow) -> Option<String> {
        let code = row.category_code.as_ref().or(row.category_name.as_ref())?;
        self.categories.get(code).cloned()
    }
}

/// Writes the rows of a file into the catalogue; tells how many were new, changed and unchanged. Codes must be
/// distinct. Rows that lack what a new product needs, and those that would change units in use, go to `errors`.
///
/// # Errors
/// When the database refuses.
pub async fn load(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    rows: &[ProductRow],
    errors: &mut Vec<RowError>,
) -> Result<Loaded, sqlx::Error> {
    let labels = Labels::make(c, rows).await?;
    let codes: Vec<String> = rows.iter().map(|row| row.code.clone()).collect();
    let mut known: HashMap<String, (ProductId, ProductData, bool)> = bulk::lock(c, &codes)
        .await?
        .into_iter()
        .map(|(id, data, deleted)| (data.product_code.clone(), (id, data, deleted)))
        .collect();
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    let (mut created, mut updated) = (Vec::new(), Vec::new());
    let mut loaded = Loaded::default();
    let mut read = Vec::with_capacity(rows.len());
    for row in rows {
        let before = known.remove(&row.code);
        match row.over(before.as_ref().map(|(_, data, _)| data), &labels) {
            Ok(data) => read.push((row, before, data)),
            Err(error) => errors.push(error),
        }
    }
    let other_units: Vec<ProductId> = read
        .iter()
        .filter_map(|(_, before, data)| before.as_ref().filter(|(_, before, _)| data.has_other_units(before)))
        .map(|(id, ..)| *id)
        .collect();
    let in_use =
        if other_units.is_empty() { BTreeSet::new() } else { store::list_in_use(c, &other_units).await? };
    for (row, before, data) in read {
        if let Some((_, before, _)) = before.as_ref().filter(|(id, ..)| in_use.contains(id)) {
            errors.push(row.keeps_units(before, &data));
            continue;
        }
        match before {
            Some((id, before, deleted)) => match audit::changes(&before, &data)? {
                None if !deleted => loaded.unchanged += 1,
                change => {
                    let (before, after) = change.unzip();
                    let after = after.unwrap_or_default();
                    updated.push(Change { entity_id: id.uuid(), before, after });
                    changed.push((id, data));
                    loaded.updated += 1;
                }
            },
            None => {
                let id = ProductId::new(Uuid::now_v7());
                let after = serde_json::to_value(&data).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
                created.push(Change { entity_id: id.uuid(), before: None, after });
                new.push((id, data));
                loaded.created += 1;
            }
        }
    }
    bulk::insert(c, &new, at).await?;
    bulk::update(c, &changed, at).await?;
    audit::record_many(c, cx, at, "products.import", "product", None, &created).await?;
    audit::record_many(c, cx, at, "products.import", "product", None, &updated).await?;
    Ok(loaded)
}
