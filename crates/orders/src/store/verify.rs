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
        select 'orders.reserved', l.distributor_id, o.number || ' #' || l.line_no,
          case o.status when 'Approved' then l.pieces else 0 end, l.reserved
        from order_lines l join orders o on o.distributor_id = l.distributor_id and o.id = l.order_id
        where o.status <> 'Invoiced' and l.reserved <> case o.status when 'Approved' then l.pieces else 0 end
        union all
        select 'orders.invoiced', o.distributor_id, o.number || ' #' || l.line_no,
          case when o.status in ('Invoiced', 'Issued') then 1 else 0 end, coalesce(x.times, 0)
        from order_lines l
        join orders o on o.distributor_id = l.distributor_id and o.id = l.order_id
        left join (
          select l.distributor_id, l.order_id, l.order_line_no, count(*) as times
          from invoice_lines l join invoices i on i.distributor_id = l.distributor_id and i.id = l.invoice_id
          where not l.void and i.status <> 'Cancelled' group by 1, 2, 3
        ) x on x.distributor_id = l.distributor_id and x.order_id = l.order_id and x.order_line_no = l.line_no
        where coalesce(x.times, 0) <> case when o.status in ('Invoiced', 'Issued') then 1 else 0 end
        union all
        select 'ledgers.document', e.distributor_id, e.document_number, 0, e.amount
        from receivable_entries e
        where case e.kind
          when 'invoice' then not exists (select from invoices i where i.distributor_id = e.distributor_id and i.id = e.document_id)
          when 'return' then not exists (select from sales_returns r where r.distributor_id = e.distributor_id and r.id = e.document_id)
          else false end
        union all
        select 'ledgers.document', m.distributor_id, m.document_number, 0, sum(m.quantity)::bigint
        from stock_movements m
        left join goods_issues g on g.distributor_id = m.distributor_id and g.id = m.document_id
        left join sales_returns r on r.distributor_id = m.distributor_id and r.id = m.document_id
        where m.reason in ('issue', 'return') and case m.reason when 'issue' then g.id else r.id end is null
        group by 1, 2, 3
        union all
        select 'orders.vat', l.distributor_id, o.number || ' #' || l.line_no,
          (((l.gross - l.product_discount - l.order_discount) * l.vat_percent + 50) / 100 + l.vat_carry)::bigint, l.vat
        from order_lines l join orders o on o.distributor_id = l.distributor_id and o.id = l.order_id
        where l.vat <> ((l.gross - l.product_discount - l.order_discount) * l.vat_percent + 50) / 100 + l.vat_carry
        union all
        select 'invoices.charged', i.distributor_id, i.number, coalesce(e.amount, 0)::bigint, i.charged
        from invoices i left join (
          select distributor_id, document_id, sum(amount) amount from receivable_entries where kind = 'invoice' group by 1, 2
        ) e on e.distributor_id = i.distributor_id and e.document_id = i.id
        where i.charged <> coalesce(e.amount, 0)
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
          case when i.status = 'Issued' and not l.void then l.pieces when i.status in ('PartlyIssued', 'Closed') then l.pieces
            else 0 end, coalesce(g.pieces, 0)::bigint
        from invoices i
        join invoice_lines l on l.distributor_id = i.distributor_id and l.invoice_id = i.id
        left join (
          select distributor_id, invoice_id, invoice_line_no, sum(pieces) pieces from goods_issue_lines group by 1, 2, 3
        ) g on g.distributor_id = l.distributor_id and g.invoice_id = l.invoice_id and g.invoice_line_no = l.line_no
        where case when i.status = 'Issued' and not l.void then coalesce(g.pieces, 0) <> l.pieces
          when i.status in ('PartlyIssued', 'Closed') and not l.void then coalesce(g.pieces, 0) > l.pieces
          else coalesce(g.pieces, 0) <> 0 end
        union all
        select 'invoices.issued_amount', l.distributor_id, i.number || ' #' || l.line_no,
          (div((l.gross - l.product_discount - l.order_discount)::numeric * g.pieces, l.pieces)
            + div(l.vat::numeric * g.pieces, l.pieces))::bigint,
          (g.gross - g.product_discount - g.order_discount + g.vat)::bigint
        from invoice_lines l
        join invoices i on i.distributor_id = l.distributor_id and i.id = l.invoice_id
        join (
          select distributor_id, invoice_id, invoice_line_no, sum(pieces) pieces, sum(quantity) quantity, sum(gross) gross,
            sum(product_discount) product_discount, sum(order_discount) order_discount, sum(vat) vat
          from goods_issue_lines group by 1, 2, 3
        ) g on g.distributor_id = l.distributor_id and g.invoice_id = l.invoice_id and g.invoice_line_no = l.line_no
        where (g.quantity, g.gross, g.product_discount, g.order_discount, g.vat) is distinct from
          (div(l.quantity::numeric * g.pieces, l.pieces),
           div((l.gross - l.product_discount - l.order_discount)::numeric * g.pieces, l.pieces)
             + div(l.product_discount::numeric * g.pieces, l.pieces) + div(l.order_discount::numeric * g.pieces, l.pieces),
           div(l.product_discount::numeric * g.pieces, l.pieces), div(l.order_discount::numeric * g.pieces, l.pieces),
           div(l.vat::numeric * g.pieces, l.pieces))
        union all
        select 'returns.total', r.distributor_id, r.number, coalesce(l.total, 0)::bigint, r.total
        from sales_returns r left join (
          select distributor_id, return_id, sum(gross) gross, sum(product_discount) product_discount,
            sum(order_discount) order_discount, sum(vat) vat, sum(total) total
          from sales_return_lines group by 1, 2
        ) l on l.distributor_id = r.distributor_id and l.return_id = r.id
        where (r.gross, r.product_discount, r.order_discount, r.vat, r.total)
          is distinct from (l.gross, l.product_discount, l.order_discount, l.vat, l.total)
        union all
        select 'returns.credited', r.distributor_id, r.number,
          case r.status when 'Received' then -r.total else 0 end, coalesce(e.amount, 0)::bigint
        from sales_returns r left join (
          select distributor_id, document_id, sum(amount) amount from receivable_entries where kind = 'return' group by 1, 2
        ) e on e.distributor_id = r.distributor_id and e.document_id = r.id
        where coalesce(e.amount, 0) <> case r.status when 'Received' then -r.total else 0 end
        union all
        select 'returns.received', l.distributor_id, r.number || ' #' || l.line_no,
          case when r.status = 'Received' and not l.is_charge then l.pieces else 0 end, coalesce(x.pieces, 0)::bigint
        from sales_return_lines l
        join sales_returns r on r.distributor_id = l.distributor_id and r.id = l.return_id
        left join (
          select distributor_id, return_id, line_no, sum(pieces) pieces from sales_return_lots group by 1, 2, 3
        ) x on x.distributor_id = l.distributor_id and x.return_id = l.return_id and x.line_no = l.line_no
        where coalesce(x.pieces, 0) <> case when r.status = 'Received' and not l.is_charge then l.pieces else 0 end
        union all
        select 'returns.moved', r.distributor_id, r.number, sum(x.pieces)::bigint, sum(x.moved)::bigint
        from sales_returns r
        join (
          select distributor_id, return_id, warehouse_id, lot_id, pieces, 0::bigint as moved from sales_return_lots
          union all
          select distributor_id, document_id, warehouse_id, lot_id, 0, quantity from stock_movements where reason = 'return'
        ) x on x.distributor_id = r.distributor_id and x.return_id = r.id
        group by r.distributor_id, r.id, r.number, x.warehouse_id, x.lot_id having sum(x.pieces) <> sum(x.moved)
        union all
        select 'returns.too_much', i.distributor_id, i.number || ' #' || x.invoice_line_no,
          coalesce(g.pieces, 0)::bigint, x.pieces
        from (
          select l.distributor_id, l.invoice_id, l.invoice_line_no, sum(l.pieces)::bigint as pieces
          from sales_return_lines l
          join sales_returns r on r.distributor_id = l.distributor_id and r.id = l.return_id
          where l.invoice_id is not null and r.status in ('Pending', 'Approved', 'Received') group by 1, 2, 3
        ) x
        join invoices i on i.distributor_id = x.distributor_id and i.id = x.invoice_id
        left join (
          select distributor_id, invoice_id, invoice_line_no, sum(pieces) pieces from goods_issue_lines group by 1, 2, 3
        ) g on g.distributor_id = x.distributor_id and g.invoice_id = x.invoice_id and g.invoice_line_no = x.invoice_line_no
        where x.pieces > coalesce(g.pieces, 0)
        union all
        select 'orders.line', l.distributor_id, o.number || ' #' || l.line_no, l.quantity * l.unit_price, l.gross
        from order_lines l join orders o on o.distributor_id = l.distributor_id and o.id = l.order_id
        where l.gross <> l.quantity * l.unit_price
          or (l.unit = 'retail' and l.pieces <> l.quantity) or l.pieces % l.quantity <> 0
        union all
        select 'invoices.line', l.distributor_id, i.number || ' #' || l.line_no, o.total, l.total
        from invoice_lines l
        join invoices i on i.distributor_id = l.distributor_id and i.id = l.invoice_id
        join order_lines o on o.distributor_id = l.distributor_id and o.order_id = l.order_id and o.line_no = l.order_line_no
        where (l.product_id, l.unit, l.quantity, l.pieces, l.unit_price, l.gross, l.vat, l.total)
          is distinct from (o.product_id, o.unit, o.quantity, o.pieces, o.unit_price, o.gross, o.vat, o.total)
        union all
        select 'issues.value', g.distributor_id, g.number, sum(x.issued)::bigint, sum(x.moved)::bigint
        from goods_issues g
        join (
          select distributor_id, issue_id, gross as issued, 0::bigint as moved from goods_issue_lines
          union all
          select distributor_id, document_id, 0, -sold_value from stock_movements where reason = 'issue'
        ) x on x.distributor_id = g.distributor_id and x.issue_id = g.id
        group by g.distributor_id, g.id, g.number having sum(x.issued) <> sum(x.moved)
        union all
        select 'returns.line', l.distributor_id, r.number || ' #' || l.line_no, l.pieces, l.quantity
        from sales_return_lines l
        join sales_returns r on r.distributor_id = l.distributor_id and r.id = l.return_id
        where (l.unit = 'retail' and l.pieces <> l.quantity) or l.pieces % l.quantity <> 0
        union all
        select 'numbers.gap', dc.distributor_id, dc.kind || ' ' || dc.day, dc.last_number::bigint, coalesce(n.count, 0)
        from document_counters dc left join (
          select distributor_id, left(number, 2) as kind, to_date(substr(number, 4, 8), 'YYYYMMDD') as day, count(distinct number) as count
          from (
            select distributor_id, number from orders
            union all select distributor_id, number from invoices
            union all select distributor_id, number from goods_issues
            union all select distributor_id, number from goods_receipts
            union all select distributor_id, number from stock_transfers
            union all select distributor_id, number from stock_counts
            -- those from before they were numbered have eight letters or digits instead
            union all select distributor_id, number from stock_adjustments where number ~ '^DC-[0-9]{8}-[0-9]{4,7}$'
            union all select distributor_id, number from sales_returns
          ) d group by 1, 2, 3
        ) n on n.distributor_id = dc.distributor_id and n.kind = dc.kind and n.day = dc.day
        where dc.kind not in ('TN', 'PC', 'DN', 'NQ') and dc.last_number <> coalesce(n.count, 0)
        order by 1, 2, 3"#
    )
    .fetch_all(c)
    .await
}
