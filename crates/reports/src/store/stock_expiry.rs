use chrono::NaiveDate;
use db::PgConnection;
use domain::{DistributorId, LotId, ProductId, Quantity, WarehouseId};
use platform::Scope;

/// A lot in a warehouse that expires.
#[derive(Debug)]
pub(crate) struct ExpiringLot {
    pub warehouse_id: WarehouseId,
    pub warehouse_code: String,
    pub warehouse_name: String,
    pub product_id: ProductId,
    pub product_code: String,
    pub product_name: String,
    pub sub_unit_name: String,
    pub lot_id: LotId,
    pub lot_number: String,
    pub expiry: NaiveDate,
    pub days_left: i32,
    pub on_hand: Quantity,
}

/// The lots that expire up to a day, by warehouse and expiry, at most `limit`. A rep sees no other reps' vans.
pub(crate) async fn list_expiring(
    c: &mut PgConnection,
    scope: Scope<'_>,
    (distributor, warehouse): (Option<DistributorId>, Option<WarehouseId>),
    (today, until): (NaiveDate, NaiveDate),
    limit: i64,
) -> Result<Vec<ExpiringLot>, sqlx::Error> {
    sqlx::query_as!(
        ExpiringLot,
        r#"select w.id as "warehouse_id: WarehouseId", w.code as warehouse_code, w.name as warehouse_name,
             p.id as "product_id: ProductId", p.code as product_code, p.name as product_name, p.sub_unit_name,
             l.id as "lot_id: LotId", l.lot_number, l.expiry as "expiry!", l.expiry - $4 as "days_left!",
             s.on_hand as "on_hand: Quantity"
           from stock_lots s
           join warehouses w on w.distributor_id = s.distributor_id and w.id = s.warehouse_id
           join lots l on l.distributor_id = s.distributor_id and l.id = s.lot_id
           join products p on p.id = s.product_id
           where s.on_hand > 0 and l.expiry <= $5
             and ($1::uuid is null or w.rep_id is null or w.rep_id = $1)
             and ($2::uuid is null or s.distributor_id = $2)
             and ($3::uuid is null or s.warehouse_id = $3)
           order by w.distributor_id, w.code, l.expiry, p.display_order, p.code, l.id
           limit $6"#,
        scope.user(),
        distributor.map(|x| x.uuid()),
        warehouse.map(|x| x.uuid()),
        today,
        until,
        limit,
    )
    .fetch_all(c)
    .await
}
