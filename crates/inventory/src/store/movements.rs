use chrono::NaiveDate;
use db::PgConnection;
use domain::{
    DistributorId, DocumentId, LotId, Money, ProductId, Quantity, StockPostingId, Unit, WarehouseId,
};
use uuid::Uuid;

use crate::model::{Reason, StockMovement};

/// Which movements to list; what is not set doesn't limit.
#[derive(Debug, Default)]
pub(crate) struct MovementFilter {
    pub distributor: Option<DistributorId>,
    pub warehouse: Option<WarehouseId>,
    pub product: Option<ProductId>,
    pub document: Option<DocumentId>,
    pub reason: Option<Reason>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// The newest movements first, after the given one.
pub(crate) async fn list_movements(
    c: &mut PgConnection,
    filter: &MovementFilter,
    after: Option<(NaiveDate, Uuid)>,
    limit: i64,
) -> Result<Vec<StockMovement>, sqlx::Error> {
    sqlx::query_as!(
        StockMovement,
        r#"select m.id as "movement_id: StockPostingId", m.warehouse_id as "warehouse_id: WarehouseId",
             w.code as warehouse_code, m.product_id as "product_id: ProductId", p.code as product_code,
             p.name as product_name, m.lot_id as "lot_id: LotId", l.lot_number, l.expiry,
             m.quantity as "pieces: Quantity", m.typed_quantity as quantity, m.typed_unit as "unit: Unit",
             m.selling_value as "selling_value: Money", m.cost_value as "cost_value: Money",
             m.sold_value as "sold_value: Money", m.reason as "reason: Reason",
             m.document_id as "document_id: DocumentId", m.document_number, m.business_date, m.posted_at,
             coalesce(u.full_name, '') as "actor_name!"
           from stock_movements m
           join warehouses w on w.distributor_id = m.distributor_id and w.id = m.warehouse_id
           join products p on p.id = m.product_id
           join lots l on l.distributor_id = m.distributor_id and l.id = m.lot_id
           left join users u on u.id = m.actor_id
           where ($1::uuid is null or m.distributor_id = $1)
             and ($2::uuid is null or m.warehouse_id = $2)
             and ($3::uuid is null or m.product_id = $3)
             and ($4::uuid is null or m.document_id = $4)
             and ($5::text is null or m.reason = $5)
             and ($6::date is null or m.business_date >= $6)
             and ($7::date is null or m.business_date <= $7)
             and ($8::date is null or (m.business_date, m.id) < ($8, $9))
           order by m.business_date desc, m.id desc
           limit $10"#,
        filter.distributor.map(|x| x.uuid()),
        filter.warehouse.map(|x| x.uuid()),
        filter.product.map(|x| x.uuid()),
        filter.document.map(|x| x.uuid()),
        filter.reason as Option<Reason>,
        filter.from,
        filter.to,
        after.map(|(day, _)| day),
        after.map(|(_, id)| id),
        limit,
    )
    .fetch_all(c)
    .await
}
