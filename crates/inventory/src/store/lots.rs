use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::{DistributorId, LotId, ProductId, Quantity, WarehouseId};
use uuid::Uuid;

use crate::stock::ReceiveLine;

/// What tells a distributor's lots apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LotKey {
    pub product_id: ProductId,
    pub lot_number: String,
    pub expiry: Option<NaiveDate>,
}

impl LotKey {
    /// The lot of goods without number and date.
    pub fn unknown(product_id: ProductId) -> Self {
        LotKey { product_id, lot_number: String::new(), expiry: None }
    }

    /// Whether it is the lot of goods without number and date.
    pub fn is_unknown(&self) -> bool {
        self.lot_number.is_empty() && self.expiry.is_none()
    }

    /// The lot of the line.
    pub fn of(line: &ReceiveLine) -> Self {
        LotKey { product_id: line.product_id, lot_number: line.lot_number.clone(), expiry: line.expiry }
    }
}

/// A lot, and how much of it is in the warehouse.
#[derive(Debug, Clone)]
pub(crate) struct LotInfo {
    pub product_id: ProductId,
    pub lot_id: LotId,
    pub lot_number: String,
    pub expiry: Option<NaiveDate>,
    pub received_at: DateTime<Utc>,
    pub on_hand: Quantity,
}

impl LotInfo {
    /// What tells it apart.
    pub fn key(&self) -> LotKey {
        LotKey { product_id: self.product_id, lot_number: self.lot_number.clone(), expiry: self.expiry }
    }
}

/// The products' lots of which something is in the warehouse. The products' balances must be locked: whoever changes
/// a lot locks its product first.
pub(crate) async fn list_lots(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    products: &[ProductId],
) -> Result<Vec<LotInfo>, sqlx::Error> {
    let products: Vec<Uuid> = products.iter().map(|p| p.uuid()).collect();
    sqlx::query_as!(
        LotInfo,
        r#"with wanted as materialized (
             select distinct $1::uuid as distributor_id, $2::uuid as warehouse_id, unnest($3::uuid[]) as product_id
           )
           select s.product_id as "product_id: ProductId", s.lot_id as "lot_id: LotId", l.lot_number, l.expiry,
                  l.received_at, s.on_hand as "on_hand: Quantity"
           from wanted
           join stock_lots s using (distributor_id, warehouse_id, product_id)
           join lots l on l.distributor_id = s.distributor_id and l.id = s.lot_id
           where s.on_hand > 0"#,
        distributor.uuid(),
        warehouse.uuid(),
        &products,
    )
    .fetch_all(c)
    .await
}

/// Like [`list_lots`], of goods that left on an earlier day: of each lot the least that was there at the end of that day and
/// of each day since.
pub(crate) async fn list_lots_since(
    c: &mut PgConnection,
    distributor: DistributorId,
    warehouse: WarehouseId,
    products: &[ProductId],
    day: NaiveDate,
) -> Result<Vec<LotInfo>, sqlx::Error> {
    let mut lots = list_lots(&mut *c, distributor, warehouse, products).await?;
    let products: Vec<Uuid> = products.iter().map(|p| p.uuid()).collect();
    let came = sqlx::query!(
        r#"select lot_id as "lot_id: LotId", max(came)::bigint as "came!" from (
             select lot_id, sum(sum(quantity)) over (partition by lot_id order by business_date desc) as came
             from stock_movements
             where distributor_id = $1 and warehouse_id = $2 and product_id = any ($3) and business_date > $4
             group by lot_id, business_date) x
           group by lot_id having max(came) > 0"#,
        distributor.uuid(),
        warehouse.uuid(),
        &products,
        day,
    )
    .fetch_all(c)
    .await?;
    let came: BTreeMap<LotId, i64> = came.into_iter().map(|r| (r.lot_id, r.came)).collect();
    for lot in &mut lots {
        let came = came.get(&lot.lot_id).copied().unwrap_or_default();
        lot.on_hand = Quantity::new(lot.on_hand.pieces().saturating_sub(came).max(0));
    }
    Ok(lots)
}

/// The lots with these keys; those not seen before are made. A lot's age is that of its first arrival.
pub(crate) async fn find_or_insert_lots(
    c: &mut PgConnection,
    distributor: DistributorId,
    at: DateTime<Utc>,
    keys: &BTreeSet<LotKey>,
) -> Result<Vec<LotInfo>, sqlx::Error> {
    let ids: Vec<Uuid> = keys.iter().map(|_| Uuid::now_v7()).collect();
    let products: Vec<Uuid> = keys.iter().map(|k| k.product_id.uuid()).collect();
    let numbers: Vec<String> = keys.iter().map(|k| k.lot_number.clone()).collect();
    let expiries: Vec<Option<NaiveDate>> = keys.iter().map(|k| k.expiry).collect();
    sqlx::query_as!(
        LotInfo,
        r#"insert into lots (distributor_id, id, product_id, lot_number, expiry, received_at)
           select $1, id, product_id, lot_number, expiry, $2
           from unnest($3::uuid[], $4::uuid[], $5::text[], $6::date[]) k (id, product_id, lot_number, expiry)
           on conflict on constraint lots_number_uniq
           do update set received_at = least(lots.received_at, excluded.received_at)
           returning product_id as "product_id: ProductId", id as "lot_id: LotId", lot_number, expiry, received_at,
                     0::bigint as "on_hand!: Quantity""#,
        distributor.uuid(),
        at,
        &ids,
        &products,
        &numbers,
        &expiries as &[Option<NaiveDate>],
    )
    .fetch_all(c)
    .await
}
