//! Price lists from a file: a row is a product in a list. A list is known by its code, a product by its own; products
//! of a list that the file doesn't name stay as they are, unless they were deleted meanwhile.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use db::{Context, PgConnection};
use domain::price::PriceScope;
use domain::{CustomerId, DistributorId, PriceListId, ProductId};
use platform::{ApiError, Loaded, RowError};
use uuid::Uuid;

use crate::model::{CatalogStatus, MAX_PRICE, PriceListData, PriceListItem};
use crate::{service, store};

/// For whom a list holds, as a file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeCode {
    /// Everyone.
    Company,
    /// A channel.
    Channel(String),
    /// A customer group.
    CustomerGroup(String),
    /// A distributor, by its code.
    Distributor(String),
    /// A customer: `code of the distributor/code of the customer`.
    Customer(String),
}

/// A row of the file. List and product together must be distinct.
#[derive(Debug, Clone)]
pub struct PriceRow {
    /// Its number in the file.
    pub row: u32,
    /// The list's code.
    pub list_code: String,
    /// The list's name; its code when a new list has none.
    pub list_name: Option<String>,
    /// For whom the list holds; everyone when a new list doesn't say.
    pub scope: Option<ScopeCode>,
    /// Among lists of one scope the highest wins.
    pub priority: Option<i32>,
    /// The first business day on which the list holds.
    pub valid_from: Option<NaiveDate>,
    /// The last one.
    pub valid_to: Option<NaiveDate>,
    /// The product's code.
    pub product_code: String,
    /// đồng per case; worked out of the piece's when absent.
    pub price: Option<i64>,
    /// đồng per piece; worked out of the case's when absent.
    pub price_sub: Option<i64>,
}

/// The headers that errors name.
#[derive(Debug, Clone, Copy)]
pub struct Headers {
    /// Of the list's code.
    pub list: &'static str,
    /// Of the first day.
    pub valid_from: &'static str,
    /// Of the last day.
    pub valid_to: &'static str,
    /// Of whom it holds for.
    pub scope_value: &'static str,
    /// Of the product's code.
    pub product: &'static str,
    /// Of the price of a case.
    pub price: &'static str,
    /// Of the price of a piece.
    pub price_sub: &'static str,
}

/// Writes the rows of a file into price lists; tells how many prices were new, changed and so already. Rows with
/// unknown products, or of lists whose head can't be, go to `errors`.
///
/// # Errors
/// When the database refuses.
pub async fn load(
    c: &mut PgConnection,
    cx: &Context,
    at: DateTime<Utc>,
    today: NaiveDate,
    rows: &[PriceRow],
    headers: Headers,
    errors: &mut Vec<RowError>,
) -> Result<Loaded, ApiError> {
    let codes: Vec<String> = rows.iter().map(|row| row.product_code.clone()).collect();
    let products: HashMap<String, (ProductId, i64)> = store::list_conversions(c, &codes)
        .await?
        .into_iter()
        .map(|(code, id, rate)| (code, (id, rate)))
        .collect();
    let mut lists: BTreeMap<&str, Vec<&PriceRow>> = BTreeMap::new();
    for row in rows {
        lists.entry(&row.list_code).or_default().push(row);
    }
    let mut loaded = Loaded::default();
    for (code, rows) in lists {
        let known = match store::find_price_list_id(c, code).await? {
            Some(id) => store::lock_price_list(c, id).await?,
            None => None,
        };
        let before = known.as_ref().map(|known| known.data.clone());
        let Some(mut data) = head(c, code, &rows, before, today, headers, errors).await? else { continue };
        let mut items: BTreeMap<ProductId, PriceListItem> =
            data.items.iter().map(|item| (item.product_id, *item)).collect();
        // A product that was deleted keeps its old prices, with which the list would be refused.
        let kept: Vec<ProductId> = items.keys().copied().collect();
        let there = store::find_products(c, &kept).await?;
        items.retain(|product, _| there.contains_key(product));
        for row in rows {
            match item(row, &products, headers) {
                Ok(item) => match items.insert(item.product_id, item) {
                    None => loaded.created += 1,
                    Some(before) if before == item => loaded.unchanged += 1,
                    Some(_) => loaded.updated += 1,
                },
                Err(error) => errors.push(error),
            }
        }
        data.items = items.into_values().collect();
        match known {
            Some(known) => service::update_price_list(c, cx, at, known.id, known.version, &data).await?,
            None if data.items.is_empty() => {}
            None => service::create_price_list(c, cx, at, PriceListId::new(Uuid::now_v7()), &data).await?,
        }
    }
    Ok(loaded)
}

/// What the rows say of the list itself, over what is known of it; none when it can't be.
async fn head(
    c: &mut PgConnection,
    code: &str,
    rows: &[&PriceRow],
    before: Option<PriceListData>,
    today: NaiveDate,
    headers: Headers,
    errors: &mut Vec<RowError>,
) -> Result<Option<PriceListData>, ApiError> {
    let Some(first) = rows.first() else { return Ok(None) };
    if let Some(other) = rows.iter().find(|row| {
        (&row.list_name, &row.scope, row.priority, row.valid_from, row.valid_to)
            != (&first.list_name, &first.scope, first.priority, first.valid_from, first.valid_to)
    }) {
        errors.push(RowError::new(
            other.row,
            headers.list,
            code,
            format!("Tên, phạm vi, ưu tiên và ngày phải giống dòng {} của cùng bảng giá", first.row),
            format!("Name, scope, priority and dates must be as in row {} of the same list", first.row),
        ));
        return Ok(None);
    }
    let new = before.is_none();
    let mut data = before.unwrap_or_else(|| PriceListData {
        code: code.to_owned(),
        name: code.to_owned(),
        scope: PriceScope::Company,
        priority: 0,
        valid_from: today,
        valid_to: None,
        status: CatalogStatus::Active,
        items: Vec::new(),
    });
    if let Some(name) = &first.list_name {
        data.name.clone_from(name);
    }
    data.priority = first.priority.unwrap_or(data.priority);
    data.valid_from = match first.valid_from {
        Some(day) => day,
        None if new => {
            errors.push(RowError::new(
                first.row,
                headers.valid_from,
                "",
                "Bắt buộc với bảng giá mới",
                "Required for a new list",
            ));
            return Ok(None);
        }
        None => data.valid_from,
    };
    data.valid_to = first.valid_to.or(data.valid_to);
    if let Some(last) = data.valid_to
        && last < data.valid_from
    {
        let (vi, en) = ("Phải sau hoặc bằng ngày bắt đầu", "Must not be before the first day");
        errors.push(RowError::new(first.row, headers.valid_to, last.to_string(), vi, en));
        return Ok(None);
    }
    if let Some(scope) = &first.scope {
        match find_scope(c, scope).await? {
            Ok(scope) => data.scope = scope,
            Err(value) => {
                let (vi, en) = ("Không tìm thấy mã này", "Nothing has this code");
                errors.push(RowError::new(first.row, headers.scope_value, value, vi, en));
                return Ok(None);
            }
        }
    }
    Ok(Some(data))
}

/// The scope with its ids; the code that nothing has when there is none.
async fn find_scope(
    c: &mut PgConnection,
    scope: &ScopeCode,
) -> Result<Result<PriceScope, String>, sqlx::Error> {
    Ok(match scope {
        ScopeCode::Company => Ok(PriceScope::Company),
        ScopeCode::Channel(channel) => Ok(PriceScope::Channel { channel: channel.clone() }),
        ScopeCode::CustomerGroup(group) => Ok(PriceScope::CustomerGroup { customer_group: group.clone() }),
        ScopeCode::Distributor(code) => store::find_distributor_id(c, code)
            .await?
            .map(|distributor_id: DistributorId| PriceScope::Distributor { distributor_id })
            .ok_or_else(|| code.clone()),
        ScopeCode::Customer(code) => {
            let found = match code.split_once('/') {
                Some((distributor, customer)) => {
                    store::find_customer_id(c, distributor.trim(), customer.trim()).await?
                }
                None => None,
            };
            found
                .map(|customer_id: CustomerId| PriceScope::Customer { customer_id })
                .ok_or_else(|| code.clone())
        }
    })
}

/// The row's prices; one that is missing is worked out of the other, half up to the đồng.
fn item(
    row: &PriceRow,
    products: &HashMap<String, (ProductId, i64)>,
    headers: Headers,
) -> Result<PriceListItem, RowError> {
    let Some(&(product_id, rate)) = products.get(&row.product_code) else {
        let (vi, en) = ("Không có sản phẩm mã này", "No product has this code");
        return Err(RowError::new(row.row, headers.product, row.product_code.clone(), vi, en));
    };
    let rate = rate.max(1);
    let prices = match (row.price, row.price_sub) {
        (Some(case), Some(piece)) => Some((case, piece)),
        (Some(case), None) => Some((case, case.saturating_add(rate / 2) / rate)),
        (None, Some(piece)) => match piece.checked_mul(rate).filter(|case| *case <= MAX_PRICE) {
            Some(case) => Some((case, piece)),
            None => {
                let vi = format!("Giá chẵn ({rate} × giá lẻ) vượt quá {MAX_PRICE} đồng");
                let en =
                    format!("The price of the case ({rate} × the piece's) is more than {MAX_PRICE} đồng");
                return Err(RowError::new(row.row, headers.price_sub, piece.to_string(), vi, en));
            }
        },
        (None, None) => None,
    };
    match prices {
        Some((price, price_sub)) => Ok(PriceListItem { product_id, price, price_sub }),
        None => {
            let (vi, en) = ("Cần giá chẵn hoặc giá lẻ", "A price of the case or the piece is needed");
            Err(RowError::new(row.row, headers.price, "", vi, en))
        }
    }
}
