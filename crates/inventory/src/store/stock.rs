use std::collections::BTreeMap;

use chrono::NaiveDate;
use db::PgConnection;
use domain::{Conversion, LotId, Money, ProductId, Quantity, UnitPrices};
use platform::Page;
use uuid::Uuid;

use crate::model::{ProductStock, ProductValues, Warehouse, WarehouseLot};

/// Which products of a warehouse to list.
#[derive(Debug, Default)]
pub(crate) struct StockFilter {
    /// Only those at or below their warning threshold.
    pub low: bool,
    /// Only those with something that expires up to this day.
    pub expires_by: Option<NaiveDate>,
}

/// The products that are or were in the warehouse, in the catalogue's order, each with the lots it is there in.
pub(crate) async fn list_stock(
    c: &mut PgConnection,
    warehouse: &Warehouse,
    filter: &StockFilter,
    page: &Page,
) -> Result<(Vec<ProductStock>, i64), sqlx::Error> {
    let hits = sqlx::query!(
        r#"with hits as (
             select p.id, p.display_order, p.code
             from stock_items i join products p on p.id = i.product_id
             where i.distributor_id = $1 and i.warehouse_id = $2
               and ($3::text is null or p.search_key like $3)
               and (not $4 or i.on_hand <= p.low_stock_threshold)
               and ($5::date is null or exists (
                 select from stock_lots s join lots l on l.distributor_id = s.distributor_id and l.id = s.lot_id
                 where s.distributor_id = $1 and s.warehouse_id = $2 and s.product_id = i.product_id
                   and s.on_hand > 0 and l.expiry <= $5))
           )
           select (select count(*) from hits) as "total!",
             array(select id from hits order by display_order, code limit $6 offset $7) as "ids!""#,
        warehouse.distributor_id.uuid(),
        warehouse.warehouse_id.uuid(),
        page.search,
        filter.low,
        filter.expires_by,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    let rows = sqlx::query!(
        r#"select p.id as "product_id: ProductId", p.code, p.name, p.unit_name, p.sub_unit_name,
             p.conversion_rate as "conversion: Conversion", i.on_hand as "on_hand: Quantity",
             i.reserved as "reserved: Quantity", i.on_hand - i.reserved as "available!: Quantity",
             coalesce((select sum(x.pieces)::bigint from stock_transfers t
               join stock_transfer_lots x on x.distributor_id = t.distributor_id and x.transfer_id = t.id
               where t.distributor_id = $1 and t.to_warehouse_id = $2 and t.status = 'InTransit'
                 and x.product_id = i.product_id), 0) as "in_transit!: Quantity",
             i.on_hand <= p.low_stock_threshold as "low!"
           from stock_items i join products p on p.id = i.product_id
           where i.distributor_id = $1 and i.warehouse_id = $2 and i.product_id = any ($3)
           order by p.display_order, p.code"#,
        warehouse.distributor_id.uuid(),
        warehouse.warehouse_id.uuid(),
        &hits.ids,
    )
    .fetch_all(&mut *c)
    .await?;
    let mut lots = list_lots_of(c, warehouse, &hits.ids).await?;
    let stock = rows
        .into_iter()
        .map(|r| {
            let lots = lots.remove(&r.product_id).unwrap_or_default();
            ProductStock {
                product_id: r.product_id,
                product_code: r.code,
                product_name: r.name,
                unit_name: r.unit_name,
                sub_unit_name: r.sub_unit_name,
                conversion_rate: r.conversion,
                on_hand: r.on_hand,
                reserved: r.reserved,
                available: r.available,
                in_transit: r.in_transit,
                low_stock: r.low,
                expiry: lots.iter().filter(|lot| lot.on_hand.is_positive()).find_map(|lot| lot.expiry),
                lots,
            }
        })
        .collect();
    Ok((stock, hits.total))
}

async fn list_lots_of(
    c: &mut PgConnection,
    warehouse: &Warehouse,
    products: &[Uuid],
) -> Result<BTreeMap<ProductId, Vec<WarehouseLot>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select s.product_id as "product_id: ProductId", s.lot_id as "lot_id: LotId", l.lot_number, l.expiry,
             s.on_hand as "on_hand: Quantity"
           from stock_lots s join lots l on l.distributor_id = s.distributor_id and l.id = s.lot_id
           where s.distributor_id = $1 and s.warehouse_id = $2 and s.product_id = any ($3) and s.on_hand <> 0
           order by l.expiry nulls last, l.received_at, l.id"#,
        warehouse.distributor_id.uuid(),
        warehouse.warehouse_id.uuid(),
        products,
    )
    .fetch_all(c)
    .await?;
    let mut lots: BTreeMap<ProductId, Vec<WarehouseLot>> = BTreeMap::new();
    for r in rows {
        let lot =
            WarehouseLot { lot_id: r.lot_id, lot_number: r.lot_number, expiry: r.expiry, on_hand: r.on_hand };
        lots.entry(r.product_id).or_default().push(lot);
    }
    Ok(lots)
}

/// The products' factors and prices; unknown ones are left out.
pub(crate) async fn list_product_values(
    c: &mut PgConnection,
    products: &[ProductId],
) -> Result<BTreeMap<ProductId, ProductValues>, sqlx::Error> {
    load_values(c, products, false).await
}

/// Like [`list_product_values`], also of products that were taken out of the catalogue: their stock is still counted.
pub(crate) async fn list_values_ever(
    c: &mut PgConnection,
    products: &[ProductId],
) -> Result<BTreeMap<ProductId, ProductValues>, sqlx::Error> {
    load_values(c, products, true).await
}

async fn load_values(
    c: &mut PgConnection,
    products: &[ProductId],
    deleted_too: bool,
) -> Result<BTreeMap<ProductId, ProductValues>, sqlx::Error> {
    let products: Vec<Uuid> = products.iter().map(|p| p.uuid()).collect();
    let rows = sqlx::query!(
        r#"select id as "product_id: ProductId", conversion_rate as "conversion: Conversion",
             selling_price as "selling_price: Money", selling_price_sub as "selling_price_sub: Money",
             purchase_price as "purchase_price: Money", purchase_price_sub as "purchase_price_sub: Money"
           from products where id = any ($1) and ($2 or deleted_at is null)"#,
        &products,
        deleted_too,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let values = ProductValues {
                conversion: r.conversion,
                selling: UnitPrices { whole: r.selling_price, retail: r.selling_price_sub },
                purchase: UnitPrices { whole: r.purchase_price, retail: r.purchase_price_sub },
            };
            (r.product_id, values)
        })
        .collect())
}
