//! What a sale reads of the catalogue.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::price::{PriceList, PriceScope};
use domain::pricing::{PriceBook, ProductPrice};
use domain::{Buyer, Conversion, Money, Percent, PriceListId, ProductId, UnitPrices};
use sqlx::PgConnection;
use uuid::Uuid;

/// A product as documents name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductName {
    /// The product.
    pub id: ProductId,
    /// Its code (SKU).
    pub code: String,
    /// Its name.
    pub name: String,
    /// The case: Thùng, …
    pub unit_name: String,
    /// The piece: Chai, Gói, …
    pub sub_unit_name: String,
    /// Pieces per case.
    pub conversion: Conversion,
    /// What the company pays for a case and a piece, in đồng.
    pub purchase: UnitPrices,
    /// What a case and a piece are sold for without a price list, in đồng.
    pub selling: UnitPrices,
    /// Whether it is sold now.
    pub active: bool,
}

/// The products by id; unknown and deleted ones are missing.
///
/// # Errors
/// When the database refuses.
pub async fn find_products(
    c: &mut PgConnection,
    ids: &[ProductId],
) -> Result<BTreeMap<ProductId, ProductName>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: ProductId", code, name, unit_name, sub_unit_name,
             conversion_rate as "conversion: Conversion", purchase_price as "purchase_price: Money",
             purchase_price_sub as "purchase_price_sub: Money", selling_price as "selling_price: Money",
             selling_price_sub as "selling_price_sub: Money", status = 'active' as "active!"
           from products where id = any ($1) and deleted_at is null"#,
        &uuids(ids),
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let product = ProductName {
                id: r.id,
                code: r.code,
                name: r.name,
                unit_name: r.unit_name,
                sub_unit_name: r.sub_unit_name,
                conversion: r.conversion,
                purchase: UnitPrices { whole: r.purchase_price, retail: r.purchase_price_sub },
                selling: UnitPrices { whole: r.selling_price, retail: r.selling_price_sub },
                active: r.active,
            };
            (r.id, product)
        })
        .collect())
}

/// What the products cost this buyer on this day: the catalogue's prices, or those of the price list that holds.
/// Products that are unknown or not sold now are missing.
///
/// # Errors
/// When the database refuses.
pub async fn price_book(
    c: &mut PgConnection,
    buyer: &Buyer,
    products: &[ProductId],
    day: NaiveDate,
) -> Result<PriceBook, sqlx::Error> {
    let ids = uuids(products);
    let rows = sqlx::query!(
        r#"select id as "id: ProductId", selling_price as "whole: Money", selling_price_sub as "retail: Money",
             vat_percent, conversion_rate as "conversion: Conversion"
           from products where id = any ($1) and status = 'active' and deleted_at is null"#,
        &ids,
    )
    .fetch_all(&mut *c)
    .await?;
    let mut book = BTreeMap::new();
    for r in rows {
        let vat = Percent::whole(i32::from(r.vat_percent)).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
        let prices = UnitPrices { whole: r.whole, retail: r.retail };
        book.insert(r.id, ProductPrice { prices, vat, conversion: r.conversion });
    }
    let lists = price_lists(c, buyer, &ids, day).await?;
    Ok(PriceBook(book).with_price_lists(&lists, buyer, day))
}

/// The lists that hold for the buyer on the day and name one of the products, with the prices of those.
async fn price_lists(
    c: &mut PgConnection,
    buyer: &Buyer,
    products: &[Uuid],
    day: NaiveDate,
) -> Result<Vec<PriceList>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select l.id as "id: PriceListId", l.scope, l.priority, l.valid_from, l.valid_to,
             i.product_id as "product_id: ProductId", i.price as "whole: Money", i.price_sub as "retail: Money"
           from price_lists l join price_list_items i on i.price_list_id = l.id
           where l.status = 'active' and l.valid_from <= $1 and (l.valid_to is null or l.valid_to >= $1)
             and (l.distributor_id is null or l.distributor_id = $2)
             and (l.scope = 'company'
               or (l.scope = 'distributor' and l.distributor_id = $2)
               or (l.scope = 'channel' and l.scope_value = $3)
               or (l.scope = 'customer_group' and l.scope_value = $4)
               or (l.scope = 'customer' and l.scope_value = $5))
             and i.product_id = any ($6)
           order by l.id"#,
        day,
        buyer.distributor_id.uuid(),
        buyer.channel.as_deref(),
        buyer.customer_group.as_deref(),
        buyer.customer_id.to_string(),
        products,
    )
    .fetch_all(c)
    .await?;
    let mut lists: Vec<PriceList> = Vec::new();
    for r in rows {
        let prices = UnitPrices { whole: r.whole, retail: r.retail };
        if let Some(list) = lists.last_mut().filter(|list| list.id == r.id) {
            list.prices.insert(r.product_id, prices);
            continue;
        }
        // The query let only the buyer's own scopes through.
        let scope = match r.scope.as_str() {
            "customer" => PriceScope::Customer { customer_id: buyer.customer_id },
            "customer_group" => {
                PriceScope::CustomerGroup { customer_group: buyer.customer_group.clone().unwrap_or_default() }
            }
            "channel" => PriceScope::Channel { channel: buyer.channel.clone().unwrap_or_default() },
            "distributor" => PriceScope::Distributor { distributor_id: buyer.distributor_id },
            _ => PriceScope::Company,
        };
        lists.push(PriceList {
            id: r.id,
            scope,
            priority: r.priority,
            valid_from: r.valid_from,
            valid_to: r.valid_to,
            prices: [(r.product_id, prices)].into(),
        });
    }
    Ok(lists)
}

pub(crate) fn uuids(ids: &[ProductId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}
