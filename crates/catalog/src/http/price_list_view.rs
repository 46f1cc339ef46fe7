use chrono::{DateTime, NaiveDate, Utc};
use domain::price::PriceScope;
use domain::{PriceListId, ProductId};
use platform::{ApiResult, Checks};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use utoipa::ToSchema;

use crate::error::CatalogError;
use crate::model::{CatalogStatus, MAX_PRICE, PriceListData, PriceListItem};
use crate::store;

/// The prices of one product in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceListItemView {
    /// The product.
    product_id: ProductId,
    /// Its code.
    product_code: String,
    /// Its name.
    product_name: String,
    /// Per case, in đồng before VAT.
    price: i64,
    /// Per piece, in đồng before VAT.
    price_sub: i64,
}

/// A price list with its items.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceListView {
    /// Its id.
    id: PriceListId,
    /// Unique in the company.
    code: String,
    /// Its name.
    name: String,
    /// For whom it holds.
    scope: PriceScope,
    /// Among lists of the same scope the highest wins.
    priority: i32,
    /// The first business day on which it holds.
    valid_from: NaiveDate,
    /// The last one; null is without end.
    valid_to: Option<NaiveDate>,
    /// Whether it is used.
    status: CatalogStatus,
    /// Prices by product code; products that have been deleted are left out.
    items: Vec<PriceListItemView>,
    /// Grows with each change; send it back when you change something.
    version: i64,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// The list as the caller gets it, or 404.
pub(crate) async fn present(c: &mut PgConnection, id: PriceListId) -> ApiResult<PriceListView> {
    let list = store::find_price_list(c, id).await?.ok_or(CatalogError::NotFound)?;
    let products: Vec<ProductId> = list.data.items.iter().map(|item| item.product_id).collect();
    let names = store::find_products(c, &products).await?;
    let mut items: Vec<PriceListItemView> = list
        .data
        .items
        .iter()
        .filter_map(|item| {
            let product = names.get(&item.product_id)?;
            Some(PriceListItemView {
                product_id: item.product_id,
                product_code: product.code.clone(),
                product_name: product.name.clone(),
                price: item.price,
                price_sub: item.price_sub,
            })
        })
        .collect();
    items.sort_by(|a, b| a.product_code.cmp(&b.product_code));
    Ok(PriceListView {
        id: list.id,
        code: list.data.code,
        name: list.data.name,
        scope: list.data.scope,
        priority: list.data.priority,
        valid_from: list.data.valid_from,
        valid_to: list.data.valid_to,
        status: list.data.status,
        items,
        version: list.version,
        updated_at: list.updated_at,
    })
}

/// A price list as the client sends it, whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PriceListBody {
    /// For a new one: the id that the client made.
    pub id: Option<PriceListId>,
    /// For a change: the version that was loaded (or send `If-Match`).
    pub version: Option<i64>,
    /// Unique in the company.
    pub code: String,
    /// Its name.
    pub name: String,
    /// For whom it holds.
    pub scope: PriceScope,
    /// Among lists of the same scope the highest wins; 0 when left out.
    #[serde(default)]
    pub priority: i32,
    /// The first business day on which it holds.
    pub valid_from: NaiveDate,
    /// The last one; null is without end.
    pub valid_to: Option<NaiveDate>,
    /// Whether it is used; `active` when left out.
    pub status: Option<CatalogStatus>,
    /// At most 5000, each product once.
    pub items: Vec<PriceListItem>,
}

impl PriceListBody {
    /// The checked data.
    pub fn data(&self, checks: &mut Checks) -> PriceListData {
        let mut items = self.items.clone();
        items.sort_by_key(|item| item.product_id);
        if items.len() > 5000 {
            checks.wrong("items", "Tối đa 5000 sản phẩm", "At most 5000 products");
        }
        if items.iter().map(|item| item.product_id).collect::<BTreeSet<_>>().len() != items.len() {
            checks.wrong("items", "Mỗi sản phẩm chỉ một dòng", "Each product only once");
        }
        if items
            .iter()
            .any(|i| !(0..=MAX_PRICE).contains(&i.price) || !(0..=MAX_PRICE).contains(&i.price_sub))
        {
            checks.wrong("items", "Giá không hợp lệ", "A price is out of range");
        }
        if self.valid_to.is_some_and(|last| last < self.valid_from) {
            checks.wrong("validTo", "Không được trước ngày bắt đầu", "Must not be before the start");
        }
        PriceListData {
            code: checks.required("code", &self.code, 50),
            name: checks.required("name", &self.name, 300),
            scope: self.scope.clone(),
            priority: self.priority,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            status: self.status.unwrap_or(CatalogStatus::Active),
            items,
        }
    }
}
