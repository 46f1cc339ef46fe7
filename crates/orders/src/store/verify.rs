use domain::DistributorId;
use sqlx::PgConnection;

use crate::verify::Finding;

/// Every figure that differs from what its rule says.
pub async fn list_findings(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        r#"
        select 'orders.total' as "rule!", o.distributor_id as "distributor_id!: DistributorId", o.number as "subject!",
          coalesce(l.total, 0)::bigint as "expected!", o.total as "found!"
        from orders o left join (
          select distributor_id, order_id, sum(gross) gross, sum(product_discount) product_discount,
            sum(order_discount) order_discount, sum(vat) vat, sum(total) total
          from order_lines group by 1, 2
        ) l on l.distributor_id = o.distributor_id and l.order_id = o.id
        where (o.gross, o.product_discount, o.order_discount, o.vat, o.total)
          is distinct from (l.gross, l.product_discount, l.order_discount, l.vat, l.total)
        union all
        select 'orders.vat', l.distributor_id, o.number || ' #' || l.line_no,
          (((l.gross - l.product_discount - l.order_discount) * l.vat_percent + 50) / 100)::bigint, l.vat
        from order_lines l join orders o on o.distributor_id = l.distributor_id and o.id = l.order_id
        where l.vat <> ((l.gross - l.product_discount - l.order_discount) * l.vat_percent + 50) / 100
        union all
        select 'invoices.total', i.distributor_id, i.number, coalesce(l.total, 0)::bigint, i.total
        from invoices i left join (
          select distributor_id, invoice_id, sum(gross) gross, sum(product_discount) product_discount,
            sum(order_discount) order_discount, sum(vat) vat, sum(total) total
          from invoice_lines group by 1, 2
        ) l on l.distributor_id = i.distributor_id and l.invoice_id = i.id
        where (i.gross, i.product_discount, i.order_discount, i.vat, i.total)
          is distinct from (l.gross, l.product_discount, l.order_discount, l.vat, l.total)
        union all
        select 'invoices.issued', i.distributor_id, i.number || ' #' || l.line_no,
          case i.status when 'Issued' then l.pieces else 0 end, coalesce(g.pieces, 0)::bigint
        from invoices i
        join invoice_lines l on l.distributor_id = i.distributor_id and l.invoice_id = i.id
        left join (
          select distributor_id, invoice_id, invoice_line_no, sum(pieces) pieces from goods_issue_lines group by 1, 2, 3
        ) g on g.distributor_id = l.distributor_id and g.invoice_id = l.invoice_id and g.invoice_line_no = l.line_no
        where coalesce(g.pieces, 0) <> case i.status when 'Issued' then l.pieces else 0 end
        union all
        select 'numbers.gap', dc.distributor_id, dc.kind || ' ' || dc.day, dc.last_number::bigint, coalesce(n.count, 0)
        from document_counters dc left join (
          select distributor_id, left(number, 2) as kind, to_date(substr(number, 4, 8), 'YYYYMMDD') as day, count(distinct number) as count
          from (
            select distributor_id, number from orders
            union all select distributor_id, number from invoices
            union all select distributor_id, number from goods_issues
            union all select distributor_id, number from goods_receipts
            union all select distributor_id, number from receipts
          ) d group by 1, 2, 3
        ) n on n.distributor_id = dc.distributor_id and n.kind = dc.kind and n.day = dc.day
        where dc.last_number <> coalesce(n.count, 0)
        order by 1, 2, 3"#
    )
    .fetch_all(c)
    .await
}
