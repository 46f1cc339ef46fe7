use db::PgConnection;
use domain::DistributorId;

use crate::verify::Finding;

/// Every balance that differs from what the ledger and the orders say.
pub(crate) async fn list_findings(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        r#"with ledger as materialized (
             select distributor_id, warehouse_id, product_id, lot_id, sum(quantity)::bigint as pieces
             from stock_movements group by 1, 2, 3, 4
           ), promised as (
             select o.distributor_id, o.warehouse_id, l.product_id, sum(l.reserved)::bigint as pieces
             from orders o join order_lines l on l.distributor_id = o.distributor_id and l.order_id = o.id
             where l.reserved <> 0 group by 1, 2, 3
           ), shipped as (
             select x.distributor_id, x.product_id, x.lot_id, sum(x.pieces)::bigint as pieces
             from stock_transfers t
             join stock_transfer_lots x on x.distributor_id = t.distributor_id and x.transfer_id = t.id
             where t.status = 'InTransit' group by 1, 2, 3
           ), in_transit as (
             select s.distributor_id, s.warehouse_id, s.product_id, s.lot_id, s.on_hand
             from stock_lots s join warehouses w on w.distributor_id = s.distributor_id and w.id = s.warehouse_id
             where w.kind = 'transit'
           ), findings as (
             select 'stock.on_hand' as rule, distributor_id, warehouse_id, product_id, null::uuid as lot_id,
                    coalesce(s.pieces, 0) as expected, coalesce(i.on_hand, 0) as found
             from (select distributor_id, warehouse_id, product_id, sum(pieces)::bigint as pieces from ledger
                   group by 1, 2, 3) s
             full join stock_items i using (distributor_id, warehouse_id, product_id)
             where coalesce(s.pieces, 0) <> coalesce(i.on_hand, 0)
           union all
             select 'stock.lot', distributor_id, warehouse_id, product_id, lot_id,
                    coalesce(s.pieces, 0), coalesce(b.on_hand, 0)
             from ledger s full join stock_lots b using (distributor_id, warehouse_id, product_id, lot_id)
             where coalesce(s.pieces, 0) <> coalesce(b.on_hand, 0)
           union all
             select 'stock.sum_of_lots', distributor_id, warehouse_id, product_id, null,
                    coalesce(b.pieces, 0), coalesce(i.on_hand, 0)
             from (select distributor_id, warehouse_id, product_id, sum(on_hand)::bigint as pieces from stock_lots
                   group by 1, 2, 3) b
             full join stock_items i using (distributor_id, warehouse_id, product_id)
             where coalesce(b.pieces, 0) <> coalesce(i.on_hand, 0)
           union all
             select 'stock.reserved', distributor_id, warehouse_id, product_id, null,
                    coalesce(r.pieces, 0), coalesce(i.reserved, 0)
             from promised r full join stock_items i using (distributor_id, warehouse_id, product_id)
             where coalesce(r.pieces, 0) <> coalesce(i.reserved, 0)
           union all
             select 'stock.transit', distributor_id, b.warehouse_id, product_id, lot_id,
                    coalesce(x.pieces, 0), coalesce(b.on_hand, 0)
             from shipped x full join in_transit b using (distributor_id, product_id, lot_id)
             where coalesce(x.pieces, 0) <> coalesce(b.on_hand, 0)
           union all
             select 'stock.transfer', t.distributor_id, null, m.product_id, m.lot_id, 0, sum(m.quantity)::bigint
             from stock_transfers t
             join stock_movements m on m.distributor_id = t.distributor_id and m.document_id = t.id
               and m.reason = 'transfer'
             group by t.distributor_id, t.id, m.product_id, m.lot_id having sum(m.quantity) <> 0
           union all
             select 'stock.negative', i.distributor_id, i.warehouse_id, i.product_id, null, 0, i.on_hand
             from stock_items i
             join warehouses w on w.distributor_id = i.distributor_id and w.id = i.warehouse_id
             where i.on_hand < 0 and not w.allow_negative
           union all
             select 'stock.negative', s.distributor_id, s.warehouse_id, s.product_id, s.lot_id, 0, s.on_hand
             from stock_lots s
             join warehouses w on w.distributor_id = s.distributor_id and w.id = s.warehouse_id
             where s.on_hand < 0 and not w.allow_negative
           union all
             select 'stock.over_reserved', i.distributor_id, i.warehouse_id, i.product_id, null,
                    i.on_hand, i.reserved
             from stock_items i
             join warehouses w on w.distributor_id = i.distributor_id and w.id = i.warehouse_id
             where i.reserved > i.on_hand and not w.allow_negative
           union all
             select 'stock.unit', distributor_id, warehouse_id, product_id, lot_id, typed_quantity, quantity
             from stock_movements
             where (typed_unit = 'retail' and quantity <> typed_quantity)
               or (typed_unit = 'whole'
                   and (sign(quantity) <> sign(typed_quantity) or quantity % nullif(typed_quantity, 0) is distinct from 0))
           union all
             select 'stock.sold_value', distributor_id, warehouse_id, product_id, lot_id, 0, sold_value
             from stock_movements where reason not in ('issue', 'return') and sold_value <> 0
           union all
             -- A frozen count finds what was there when it began, and posts the difference.
             select 'stock.count', k.distributor_id, k.warehouse_id, l.product_id, l.lot_id, l.system, l.seen
             from stock_counts k
             join stock_count_lines l on l.distributor_id = k.distributor_id and l.count_id = k.id
             where k.frozen and l.seen <> l.system
           union all
             select 'stock.count', k.distributor_id, k.warehouse_id, l.product_id, l.lot_id,
                    l.counted - l.system, coalesce(l.posted, 0)
             from stock_counts k
             join stock_count_lines l on l.distributor_id = k.distributor_id and l.count_id = k.id
             where k.frozen and k.status = 'Closed' and l.counted is not null
               and l.counted - l.system <> coalesce(l.posted, 0)
           union all
             select 'stock.count', k.distributor_id, k.warehouse_id, x.product_id, x.lot_id,
                    sum(x.moved)::bigint, sum(x.posted)::bigint
             from stock_counts k
             join (
               select distributor_id, count_id, product_id, lot_id, coalesce(posted, 0) as posted, 0::bigint as moved
               from stock_count_lines
               union all
               select distributor_id, document_id, product_id, lot_id, 0, quantity from stock_movements
               where reason = 'count'
             ) x on x.distributor_id = k.distributor_id and x.count_id = k.id
             group by k.distributor_id, k.id, k.warehouse_id, x.product_id, x.lot_id
             having sum(x.moved) <> sum(x.posted)
           union all
             -- Goods leave the sender with the values that the transfer says.
             select 'stock.transfer_value', t.distributor_id, t.from_warehouse_id, x.product_id, x.lot_id,
                    sum(x.stated)::bigint, sum(x.moved)::bigint
             from stock_transfers t
             join (
               select distributor_id, transfer_id, product_id, lot_id, selling_value + cost_value as stated,
                      0::bigint as moved, null::uuid as warehouse_id
               from stock_transfer_lots
               union all
               select distributor_id, document_id, product_id, lot_id, 0, -(selling_value + cost_value), warehouse_id
               from stock_movements where reason = 'transfer' and quantity < 0
             ) x on x.distributor_id = t.distributor_id and x.transfer_id = t.id
               and coalesce(x.warehouse_id, t.from_warehouse_id) = t.from_warehouse_id
             where t.status <> 'Cancelled'
             group by t.distributor_id, t.id, t.from_warehouse_id, x.product_id, x.lot_id
             having sum(x.stated) <> sum(x.moved)
           union all
             select 'stock.issue', g.distributor_id, g.warehouse_id, x.product_id, x.lot_id,
                    sum(x.issued)::bigint, sum(x.moved)::bigint
             from goods_issues g
             join (
               select distributor_id, issue_id, product_id, lot_id, pieces as issued, 0::bigint as moved
               from goods_issue_lines
               union all
               select distributor_id, document_id, product_id, lot_id, 0, -quantity from stock_movements
             ) x on x.distributor_id = g.distributor_id and x.issue_id = g.id
             group by g.distributor_id, g.id, x.product_id, x.lot_id
             having sum(x.issued) <> sum(x.moved)
           )
           select f.rule as "rule!", f.distributor_id as "distributor_id!: DistributorId",
             concat_ws(' ', coalesce(w.code, f.warehouse_id::text, '-'), coalesce(p.code, f.product_id::text),
               case when f.lot_id is not null
                    then format('lot %s (%s)', coalesce(nullif(l.lot_number, ''), '-'), f.lot_id) end) as "subject!",
             f.expected as "expected!", f.found as "found!"
           from findings f
           left join warehouses w on w.distributor_id = f.distributor_id and w.id = f.warehouse_id
           left join products p on p.id = f.product_id
           left join lots l on l.distributor_id = f.distributor_id and l.id = f.lot_id
           order by 1, 2, 3"#,
    )
    .fetch_all(c)
    .await
}
