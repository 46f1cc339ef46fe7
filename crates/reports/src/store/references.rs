use db::PgConnection;
use domain::DistributorId;
use uuid::Uuid;

/// Rows that name something that isn't there.
pub(crate) struct DanglingRow {
    pub distributor_id: DistributorId,
    pub reference: String,
    pub id: Uuid,
    pub rows: i64,
}

/// What documents name of master data without the database watching over it; see the decision about references.
pub(crate) async fn list_dangling(c: &mut PgConnection) -> Result<Vec<DanglingRow>, sqlx::Error> {
    sqlx::query_as!(
        DanglingRow,
        r#"select distributor_id as "distributor_id!: DistributorId", reference as "reference!", id as "id!", count(*) as "rows!" from (
           select 'order_lines.product_id' as reference, t.distributor_id, t.product_id as id
           from order_lines t where t.product_id is not null and not exists (select from products m where m.id = t.product_id)
           union all
           select 'order_lines.price_list_id' as reference, t.distributor_id, t.price_list_id as id
           from order_lines t where t.price_list_id is not null and not exists (select from price_lists m where m.id = t.price_list_id)
           union all
           select 'order_lines.promotion_id' as reference, t.distributor_id, t.promotion_id as id
           from order_lines t where t.promotion_id is not null and not exists (select from promotions m where m.id = t.promotion_id)
           union all
           select 'orders.rep_id' as reference, t.distributor_id, t.rep_id as id
           from orders t where t.rep_id is not null and not exists (select from users m where m.id = t.rep_id)
           union all
           select 'orders.created_by' as reference, t.distributor_id, t.created_by as id
           from orders t where t.created_by is not null and not exists (select from users m where m.id = t.created_by)
           union all
           select 'orders.decided_by' as reference, t.distributor_id, t.decided_by as id
           from orders t where t.decided_by is not null and not exists (select from users m where m.id = t.decided_by)
           union all
           select 'orders.warehouse_id' as reference, t.distributor_id, t.warehouse_id as id
           from orders t where t.warehouse_id is not null and not exists (select from warehouses m where m.distributor_id = t.distributor_id and m.id = t.warehouse_id)
           union all
           select 'invoices.rep_id' as reference, t.distributor_id, t.rep_id as id
           from invoices t where t.rep_id is not null and not exists (select from users m where m.id = t.rep_id)
           union all
           select 'invoices.created_by' as reference, t.distributor_id, t.created_by as id
           from invoices t where t.created_by is not null and not exists (select from users m where m.id = t.created_by)
           union all
           select 'invoices.warehouse_id' as reference, t.distributor_id, t.warehouse_id as id
           from invoices t where t.warehouse_id is not null and not exists (select from warehouses m where m.distributor_id = t.distributor_id and m.id = t.warehouse_id)
           union all
           select 'invoice_lines.product_id' as reference, t.distributor_id, t.product_id as id
           from invoice_lines t where t.product_id is not null and not exists (select from products m where m.id = t.product_id)
           union all
           select 'invoice_lines.promotion_id' as reference, t.distributor_id, t.promotion_id as id
           from invoice_lines t where t.promotion_id is not null and not exists (select from promotions m where m.id = t.promotion_id)
           union all
           select 'goods_issues.created_by' as reference, t.distributor_id, t.created_by as id
           from goods_issues t where t.created_by is not null and not exists (select from users m where m.id = t.created_by)
           union all
           select 'goods_issues.warehouse_id' as reference, t.distributor_id, t.warehouse_id as id
           from goods_issues t where t.warehouse_id is not null and not exists (select from warehouses m where m.distributor_id = t.distributor_id and m.id = t.warehouse_id)
           union all
           select 'goods_issue_lines.product_id' as reference, t.distributor_id, t.product_id as id
           from goods_issue_lines t where t.product_id is not null and not exists (select from products m where m.id = t.product_id)
           union all
           select 'goods_issue_lines.lot_id' as reference, t.distributor_id, t.lot_id as id
           from goods_issue_lines t where t.lot_id is not null and not exists (select from lots m where m.distributor_id = t.distributor_id and m.id = t.lot_id)
           union all
           select 'stock_items.product_id' as reference, t.distributor_id, t.product_id as id
           from stock_items t where t.product_id is not null and not exists (select from products m where m.id = t.product_id)
           union all
           select 'stock_items.warehouse_id' as reference, t.distributor_id, t.warehouse_id as id
           from stock_items t where t.warehouse_id is not null and not exists (select from warehouses m where m.distributor_id = t.distributor_id and m.id = t.warehouse_id)
           union all
           select 'stock_lots.warehouse_id' as reference, t.distributor_id, t.warehouse_id as id
           from stock_lots t where t.warehouse_id is not null and not exists (select from warehouses m where m.distributor_id = t.distributor_id and m.id = t.warehouse_id)
           union all
           select 'stock_lots.lot_id' as reference, t.distributor_id, t.lot_id as id
           from stock_lots t where t.lot_id is not null and not exists (select from lots m where m.distributor_id = t.distributor_id and m.id = t.lot_id)
           union all
           select 'receipts.collected_by' as reference, t.distributor_id, t.collected_by as id
           from receipts t where t.collected_by is not null and not exists (select from users m where m.id = t.collected_by)
           union all
           select 'receipts.cancelled_by' as reference, t.distributor_id, t.cancelled_by as id
           from receipts t where t.cancelled_by is not null and not exists (select from users m where m.id = t.cancelled_by)
           union all
           select 'visits.user_id' as reference, t.distributor_id, t.user_id as id
           from visits t where t.user_id is not null and not exists (select from users m where m.id = t.user_id)
           union all
           select 'clock_events.user_id' as reference, t.distributor_id, t.user_id as id
           from clock_events t where t.user_id is not null and not exists (select from users m where m.id = t.user_id)
         ) dangling group by 1, 2, 3 order by 2, 1, 3"#,
    )
    .fetch_all(c)
    .await
}
