//! What a sale reads of the catalogue.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::price::{PriceList, PriceScope, choose};
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

/// Where a price is from: this version of it is what a document was priced with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceSource {
    /// The price list; none is the catalogue itself.
    pub price_list: Option<(PriceListId, String)>,
    /// The version of the list, or of the product.
    pub version: i64,
}

/// What a sale needs of the products: prices with where they are from, and names.
#[derive(Debug, Clone, Default)]
pub struct SaleBook {
    /// As the engine reads them.
    pub prices: PriceBook,
    /// Where each is from.
    pub sources: BTreeMap<ProductId, PriceSource>,
    /// What documents call the products.
    pub names: BTreeMap<ProductId, ProductName>,
    /// Products that are sold, but not by the buyer's distributor: they are in none of the above.
    pub not_here: BTreeMap<ProductId, ProductName>,
}

/// What the products cost this buyer on this day: the catalogue's prices, or those of the price list that holds.
/// Products that are unknown or not sold now are missing, and those that its distributor may not sell stand apart.
///
/// # Errors
/// When the database refuses.
pub async fn sale_book(
    c: &mut PgConnection,
    buyer: &Buyer,
    products: &[ProductId],
    day: NaiveDate,
) -> Result<SaleBook, sqlx::Error> {
    // A row per product and list that names it; a product that no list names has one row.
    let rows = sqlx::query!(
        r#"select p.id as "id: ProductId", p.code, p.name, p.unit_name, p.sub_unit_name,
             p.conversion_rate as "conversion: Conversion", p.vat_percent, p.version,
             p.purchase_price as "purchase_price: Money", p.purchase_price_sub as "purchase_price_sub: Money",
             p.selling_price as "selling_price: Money", p.selling_price_sub as "selling_price_sub: Money",
             l.id as "list_id?: PriceListId", l.code as "list_code?", l.version as "list_version?", l.scope as "scope?",
             l.priority as "priority?", l.valid_from as "valid_from?", l.valid_to as "valid_to?",
             i.price as "whole?: Money", i.price_sub as "retail?: Money",
             ($3 = any (coalesce(p.distributors, k.distributors))) is not false as "here!"
           from products p
           left join categories k on k.id = p.category_id
           left join (price_list_items i join price_lists l on l.id = i.price_list_id
             and l.status = 'active' and l.valid_from <= $2 and (l.valid_to is null or l.valid_to >= $2)
             and (l.distributor_id is null or l.distributor_id = $3)
             and (l.scope = 'company'
               or (l.scope = 'distributor' and l.distributor_id = $3)
               or (l.scope = 'channel' and l.scope_value = $4)
               or (l.scope = 'customer_group' and l.scope_value = $5)
               or (l.scope = 'customer' and l.scope_value = $6)))
             on i.product_id = p.id
           where p.id = any ($1) and p.status = 'active' and p.deleted_at is null"#,
        &uuids(products),
        day,
        buyer.distributor_id.uuid(),
        buyer.channel.as_deref(),
        buyer.customer_group.as_deref(),
        buyer.customer_id.to_string(),
    )
    .fetch_all(c)
    .await?;
    let mut book = SaleBook::default();
    let mut lists: BTreeMap<PriceListId, (PriceList, String, i64)> = BTreeMap::new();
    for r in rows {
        if let (
            Some(id),
            Some(code),
            Some(version),
            Some(scope),
            Some(priority),
            Some(valid_from),
            Some(whole),
            Some(retail),
        ) = (r.list_id, r.list_code, r.list_version, r.scope, r.priority, r.valid_from, r.whole, r.retail)
        {
            let (list, ..) = lists.entry(id).or_insert_with(|| {
                let scope = scope_of(&scope, buyer);
                (
                    PriceList {
                        id,
                        scope,
                        priority,
                        valid_from,
                        valid_to: r.valid_to,
                        prices: BTreeMap::new(),
                    },
                    code,
                    version,
                )
            });
            list.prices.insert(r.id, UnitPrices { whole, retail });
        }
        if book.names.contains_key(&r.id) {
            continue;
        }
        let vat = Percent::whole(i32::from(r.vat_percent)).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
        let selling = UnitPrices { whole: r.selling_price, retail: r.selling_price_sub };
        let name = ProductName {
            id: r.id,
            code: r.code,
            name: r.name,
            unit_name: r.unit_name,
            sub_unit_name: r.sub_unit_name,
            conversion: r.conversion,
            purchase: UnitPrices { whole: r.purchase_price, retail: r.purchase_price_sub },
            selling,
            active: true,
        };
        if !r.here {
            book.not_here.insert(r.id, name);
            continue;
        }
        book.prices.0.insert(r.id, ProductPrice { prices: selling, vat, conversion: r.conversion });
        book.sources.insert(r.id, PriceSource { price_list: None, version: r.version });
        book.names.insert(r.id, name);
    }
    let (lists, pins): (Vec<PriceList>, BTreeMap<PriceListId, (String, i64)>) = lists
        .into_values()
        .map(|(list, code, version)| {
            let id = list.id;
            (list, (id, (code, version)))
        })
        .unzip();
    for (product, price) in &mut book.prices.0 {
        let Some((list, prices)) = choose(&lists, *product, buyer, day) else { continue };
        price.prices = prices;
        if let Some((code, version)) = pins.get(&list.id) {
            let source = PriceSource { price_list: Some((list.id, code.clone())), version: *version };
            book.sources.insert(*product, source);
        }
    }
    Ok(book)
}

/// The query lets only the buyer's own scopes through.
fn scope_of(word: &str, buyer: &Buyer) -> PriceScope {
    match word {
        "customer" => PriceScope::Customer { customer_id: buyer.customer_id },
        "customer_group" => {
            PriceScope::CustomerGroup { customer_group: buyer.customer_group.clone().unwrap_or_default() }
        }
        "channel" => PriceScope::Channel { channel: buyer.channel.clone().unwrap_or_default() },
        "distributor" => PriceScope::Distributor { distributor_id: buyer.distributor_id },
        _ => PriceScope::Company,
    }
}

pub(crate) fn uuids(ids: &[ProductId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}
