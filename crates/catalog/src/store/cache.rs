//! The catalogue with its price lists, kept in memory between orders.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use db::{Db, PgConnection};
use domain::price::{PriceList, PriceScope, choose};
use domain::pricing::ProductPrice;
use domain::{
    Buyer, Conversion, CustomerId, DistributorId, Money, Percent, PriceListId, ProductId, UnitPrices,
};
use platform::Kept;
use uuid::Uuid;

use super::sale::{PriceSource, ProductName, SaleBook};

/// What is sold, and for how much, at one moment; price lists of all days.
#[derive(Debug)]
pub struct Catalogue {
    /// What `master_versions` said then.
    pub version: Uuid,
    products: BTreeMap<ProductId, Product>,
    lists: Vec<List>,
}

#[derive(Debug)]
struct Product {
    name: ProductName,
    price: ProductPrice,
    version: i64,
    /// Only they may sell it; none is everybody.
    sellers: Option<BTreeSet<DistributorId>>,
}

#[derive(Debug)]
struct List {
    /// Only for this distributor's customers, whatever its scope.
    distributor: Option<DistributorId>,
    code: String,
    version: i64,
    list: PriceList,
}

impl Catalogue {
    /// As [`super::sale_book`], from memory.
    pub fn sale_book(&self, buyer: &Buyer, products: &[ProductId], day: NaiveDate) -> SaleBook {
        let mut book = SaleBook::default();
        let theirs = || {
            let open = |l: &&List| l.distributor.is_none_or(|d| d == buyer.distributor_id);
            self.lists.iter().filter(open).map(|l| &l.list)
        };
        for id in products {
            let Some(product) = self.products.get(id) else { continue };
            if product.sellers.as_ref().is_some_and(|sellers| !sellers.contains(&buyer.distributor_id)) {
                book.not_here.insert(*id, product.name.clone());
                continue;
            }
            let mut price = product.price;
            let mut source = PriceSource { price_list: None, version: product.version };
            if let Some((list, prices)) = choose(theirs(), *id, buyer, day)
                && let Some(list) = self.lists.iter().find(|l| l.list.id == list.id)
            {
                price.prices = prices;
                source = PriceSource {
                    price_list: Some((list.list.id, list.code.clone())),
                    version: list.version,
                };
            }
            book.prices.0.insert(*id, price);
            book.sources.insert(*id, source);
            book.names.insert(*id, product.name.clone());
        }
        book
    }
}

static KEPT: Kept<Catalogue> = Kept::nothing();

/// The catalogue, if this process has it in this version.
pub fn kept_catalogue(version: Uuid) -> Option<Arc<Catalogue>> {
    KEPT.latest().filter(|catalogue| catalogue.version == version)
}

/// Reads the catalogue anew, for the orders to come.
pub fn refresh_catalogue(db: &Db) {
    KEPT.refresh(db, "catalogue", |c| Box::pin(read_catalogue(c)));
}

/// The catalogue as the connection sees it: several statements, so in a transaction that keeps one picture of the data.
///
/// # Errors
/// When the database refuses.
pub async fn read_catalogue(c: &mut PgConnection) -> Result<Catalogue, sqlx::Error> {
    let version = sqlx::query_scalar!("select version from master_versions where name = 'catalogue'")
        .fetch_one(&mut *c)
        .await?;
    let rows = sqlx::query!(
        r#"select p.id as "id: ProductId", p.code, p.name, p.unit_name, p.sub_unit_name, p.vat_percent, p.version,
             p.conversion_rate as "conversion: Conversion", p.purchase_price as "purchase_price: Money",
             p.purchase_price_sub as "purchase_price_sub: Money", p.selling_price as "selling_price: Money",
             p.selling_price_sub as "selling_price_sub: Money",
             coalesce(p.distributors, k.distributors) as sellers
           from products p left join categories k on k.id = p.category_id
           where p.status = 'active' and p.deleted_at is null"#
    )
    .fetch_all(&mut *c)
    .await?;
    let mut products = BTreeMap::new();
    for r in rows {
        let vat = Percent::whole(i32::from(r.vat_percent)).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
        let selling = UnitPrices { whole: r.selling_price, retail: r.selling_price_sub };
        let product = Product {
            price: ProductPrice { prices: selling, vat, conversion: r.conversion },
            version: r.version,
            sellers: r.sellers.map(|ids| ids.into_iter().map(DistributorId::new).collect()),
            name: ProductName {
                id: r.id,
                code: r.code,
                name: r.name,
                unit_name: r.unit_name,
                sub_unit_name: r.sub_unit_name,
                conversion: r.conversion,
                purchase: UnitPrices { whole: r.purchase_price, retail: r.purchase_price_sub },
                selling,
                active: true,
            },
        };
        products.insert(r.id, product);
    }
    let rows = sqlx::query!(
        r#"select l.id as "id: PriceListId", l.code, l.version, l.scope, l.scope_value,
             l.distributor_id as "distributor: DistributorId", l.priority, l.valid_from, l.valid_to,
             i.product_id as "product_id: ProductId", i.price as "whole: Money", i.price_sub as "retail: Money"
           from price_lists l join price_list_items i on i.price_list_id = l.id
           where l.status = 'active' order by l.id"#
    )
    .fetch_all(c)
    .await?;
    let mut lists: Vec<List> = Vec::new();
    for r in rows {
        let prices = UnitPrices { whole: r.whole, retail: r.retail };
        if let Some(last) = lists.last_mut().filter(|last| last.list.id == r.id) {
            last.list.prices.insert(r.product_id, prices);
            continue;
        }
        // A list whose scope names nobody holds for nobody.
        let Some(scope) = scope(&r.scope, &r.scope_value, r.distributor) else { continue };
        let prices = BTreeMap::from([(r.product_id, prices)]);
        let list = PriceList {
            id: r.id,
            scope,
            priority: r.priority,
            valid_from: r.valid_from,
            valid_to: r.valid_to,
            prices,
        };
        lists.push(List { distributor: r.distributor, code: r.code, version: r.version, list });
    }
    Ok(Catalogue { version, products, lists })
}

fn scope(word: &str, value: &str, distributor: Option<DistributorId>) -> Option<PriceScope> {
    match word {
        "customer" => Some(PriceScope::Customer { customer_id: CustomerId::new(value.parse().ok()?) }),
        "customer_group" => Some(PriceScope::CustomerGroup { customer_group: value.to_owned() }),
        "channel" => Some(PriceScope::Channel { channel: value.to_owned() }),
        "distributor" => Some(PriceScope::Distributor { distributor_id: distributor? }),
        _ => Some(PriceScope::Company),
    }
}
