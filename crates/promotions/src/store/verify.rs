//! Totals against the ledger of uses.

use domain::DistributorId;
use sqlx::PgConnection;

use crate::verify::Finding;

pub(crate) async fn list_findings(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        r#"with recursive used as (
             select promotion_id, distributor_id, customer_id, sum(times)::bigint as times, sum(amount)::bigint as amount,
               sum(quantity)::bigint as quantity
             from promotion_usage group by promotion_id, distributor_id, customer_id
           ), by_promotion as (
             select promotion_id, sum(times)::bigint as times, sum(amount)::bigint as amount, sum(quantity)::bigint as quantity
             from used group by promotion_id
           ), booked as (
             select distributor_id, document_id, promotion_id,
               coalesce(sum(times) filter (where kind <> 'return'), 0)::bigint as times,
               coalesce(sum(amount) filter (where kind <> 'return'), 0)::bigint as amount,
               coalesce(sum(quantity) filter (where kind <> 'return'), 0)::bigint as quantity,
               coalesce(-sum(times) filter (where kind = 'return'), 0)::bigint as times_back,
               coalesce(-sum(amount) filter (where kind = 'return'), 0)::bigint as amount_back,
               coalesce(-sum(quantity) filter (where kind = 'return'), 0)::bigint as quantity_back
             from promotion_usage where kind <> 'settlement' group by 1, 2, 3
           ), rests as (
             -- What was split off and is still what it was then: one that was edited is an order of its own.
             select o.distributor_id, o.id, o.split_from from orders o
             where o.split_from is not null and not exists (
               select from order_history h where h.distributor_id = o.distributor_id and h.order_id = o.id
                 and h.from_status = 'Pending' and h.to_status = 'Pending' and h.detail -> 'before' is not null)
           ), split (distributor_id, id, whole) as (
             select r.distributor_id, r.split_from, r.split_from from rests r
             where not exists (select from rests x where x.distributor_id = r.distributor_id and x.id = r.split_from)
             union
             select r.distributor_id, r.id, s.whole
             from split s join rests r on r.distributor_id = s.distributor_id and r.split_from = s.id
           ), parts as (
             select o.distributor_id, o.id, coalesce(s.whole, o.id) as whole, o.explanation
             from orders o left join split s on s.distributor_id = o.distributor_id and s.id = o.id
             where o.status not in ('Rejected', 'Cancelled')
               and (s.id is not null or (o.distributor_id, o.id) in (select distributor_id, document_id from booked))
           ), wholes as (
             select p.distributor_id, p.whole, b.promotion_id, sum(b.times) as times, sum(b.amount) as amount,
               sum(b.quantity) as quantity, sum(b.times_back) as times_back, sum(b.amount_back) as amount_back,
               sum(b.quantity_back) as quantity_back
             from parts p join booked b on b.distributor_id = p.distributor_id and b.document_id = p.id
             group by 1, 2, 3
           ), told as (
             -- Which goods earned a promotion, and the discounts it gave.
             select e.distributor_id, e.whole, e.promotion::uuid as promotion_id, bool_or(e.by_all) as by_all,
               array_agg(e.product_id) as products, sum(e.discount) as discount
             from (
               select p.distributor_id, p.whole, e ->> 'promotionId' as promotion, x.product_id, x.product_id is null as by_all,
                 case when x.n = 1 and e #>> '{benefit,type}' = 'discount' then (e #>> '{benefit,amount}')::bigint else 0 end as discount
               from parts p
                 cross join lateral jsonb_array_elements(case jsonb_typeof(p.explanation) when 'array' then p.explanation else '[]' end) e
                 cross join lateral (
                   select y.product_id, row_number() over () as n from (
                     select (e ->> 'productId')::uuid as product_id
                     where e ->> 'productId' is not null or jsonb_array_length(coalesce(e -> 'productIds', '[]')) = 0
                     union all
                     select x::uuid from jsonb_array_elements_text(coalesce(e -> 'productIds', '[]')) x where e ->> 'productId' is null
                   ) y
                 ) x
             ) e group by 1, 2, 3
           ), fates as (
             -- Of an invoice that was closed only what was issued has left.
             select p.distributor_id, p.whole, l.product_id, l.is_free, l.promotion_id, l.gross, l.pieces,
               case when i.status = 'Closed' then div(l.gross::numeric * g.pieces, l.pieces) else l.gross end as left_gross,
               case when i.status = 'Closed' then g.pieces else l.pieces end as left_pieces, b.gross as returned
             from parts p
               join order_lines l on l.distributor_id = p.distributor_id and l.order_id = p.id
               left join invoice_lines il on il.distributor_id = l.distributor_id and il.order_id = l.order_id
                 and il.order_line_no = l.line_no and not il.void
               left join invoices i on i.distributor_id = il.distributor_id and i.id = il.invoice_id
               cross join lateral (
                 select coalesce(sum(g.pieces), 0) as pieces from goods_issue_lines g
                 where g.distributor_id = il.distributor_id and g.invoice_id = il.invoice_id and g.invoice_line_no = il.line_no
               ) g
               cross join lateral (
                 select coalesce(sum(x.gross), 0) as gross from sales_return_lines x
                   join sales_returns r on r.distributor_id = x.distributor_id and r.id = x.return_id
                 where x.distributor_id = il.distributor_id and x.invoice_id = il.invoice_id and x.invoice_line_no = il.line_no
                   and not x.is_charge and r.status = 'Received'
               ) b
           ), sums as (
             select w.distributor_id, w.whole, w.promotion_id,
               coalesce(sum(f.gross) filter (where x.earned), 0) as earned,
               coalesce(sum(f.left_gross) filter (where x.earned), 0) as stays,
               coalesce(sum(f.returned) filter (where x.earned), 0) as returned,
               coalesce(sum(f.pieces) filter (where x.given), 0) as gifts,
               coalesce(sum(f.left_pieces) filter (where x.given), 0) as gifts_left
             from wholes w
               left join told t on t.distributor_id = w.distributor_id and t.whole = w.whole and t.promotion_id = w.promotion_id
               join fates f on f.distributor_id = w.distributor_id and f.whole = w.whole
               cross join lateral (select
                 not f.is_free and (t.by_all is null or t.by_all or f.product_id = any (t.products)) as earned,
                 f.is_free and f.promotion_id = w.promotion_id as given) x
             group by 1, 2, 3
           ), goods as (
             select w.*, least(coalesce(t.discount, 0), w.amount) as discount, coalesce(s.earned, 0) as earned,
               coalesce(s.stays, 0) as stays, coalesce(s.returned, 0) as returned,
               -- Free goods decide where there are some.
               coalesce(case when s.gifts > 0 then s.gifts else s.earned end, 0) as of_all,
               coalesce(case when s.gifts > 0 then s.gifts_left else s.stays end, 0) as of_left
             from wholes w
               left join told t on t.distributor_id = w.distributor_id and t.whole = w.whole and t.promotion_id = w.promotion_id
               left join sums s on s.distributor_id = w.distributor_id and s.whole = w.whole and s.promotion_id = w.promotion_id
           ), kept as (
             -- What stays used as far as it left, rounded up.
             select g.*, k.measure, k.booked, k.back,
               case when g.of_all > 0 then div(k.by_gifts * g.of_left + g.of_all - 1, g.of_all) else k.by_gifts end
               + case when g.earned > 0 then div(k.by_value * g.stays + g.earned - 1, g.earned) else k.by_value end as left_used
             from goods g cross join lateral (values
               ('times', g.times, g.times, 0, g.times_back),
               ('amount', g.amount, g.amount - g.discount, g.discount, g.amount_back),
               ('quantity', g.quantity, g.quantity, 0, g.quantity_back)) k (measure, booked, by_gifts, by_value, back)
           ), checks as (
             select 'promotions.budget' as rule, null::uuid as distributor_id, p.code as subject, m.measure, m.expected, m.found
             from promotion_budgets b join promotions p on p.id = b.promotion_id
               left join by_promotion u on u.promotion_id = b.promotion_id,
               lateral (values ('times', coalesce(u.times, 0), b.times), ('amount', coalesce(u.amount, 0), b.amount),
                 ('quantity', coalesce(u.quantity, 0), b.quantity)) m (measure, expected, found)
             union all
             select 'promotions.budget', null, p.code, 'rows', (p.budget <> '{"times": null, "amount": null, "quantity": null}')::int,
               (select count(*) from promotion_budgets b where b.promotion_id = p.id)
             from (select id, code, definition -> 'budget' as budget from promotions) p where p.budget is not null
             union all
             select 'promotions.customer', coalesce(u.distributor_id, t.distributor_id), p.code || ' / ' || cu.code, m.measure, m.expected, m.found
             from used u full join promotion_customer_totals t
                 on (t.promotion_id, t.distributor_id, t.customer_id) = (u.promotion_id, u.distributor_id, u.customer_id)
               join promotions p on p.id = coalesce(u.promotion_id, t.promotion_id)
               join customers cu on cu.distributor_id = coalesce(u.distributor_id, t.distributor_id)
                 and cu.id = coalesce(u.customer_id, t.customer_id),
               lateral (values ('times', coalesce(u.times, 0), coalesce(t.times, 0)),
                 ('amount', coalesce(u.amount, 0), coalesce(t.amount, 0)),
                 ('quantity', coalesce(u.quantity, 0), coalesce(t.quantity, 0))) m (measure, expected, found)
             union all
             select 'promotions.released', o.distributor_id, o.number, 'times', 0, sum(u.times)::bigint
             from orders o join promotion_usage u on u.distributor_id = o.distributor_id and u.document_id = o.id
             where o.status in ('Rejected', 'Cancelled')
             group by o.distributor_id, o.number
             union all
             select 'promotions.given_back', k.distributor_id, p.code || ' / ' || o.number, k.measure,
               (k.booked - k.left_used
                 + case when k.stays > 0 then div(k.left_used * least(k.returned, k.stays), k.stays) else 0 end)::bigint, k.back::bigint
             from kept k join orders o on o.distributor_id = k.distributor_id and o.id = k.whole
               join promotions p on p.id = k.promotion_id
             union all
             -- An order that was split keeps something or nothing, and what it lost another has.
             select 'promotions.split', u.distributor_id, p.code || ' / ' || cu.code, m.measure, 0, m.found
             from (
               select distributor_id, promotion_id, customer_id, sum(times)::bigint as times, sum(amount)::bigint as amount,
                 sum(quantity)::bigint as quantity
               from promotion_usage where kind = 'split' group by 1, 2, 3
             ) u join promotions p on p.id = u.promotion_id
               join customers cu on cu.distributor_id = u.distributor_id and cu.id = u.customer_id,
               lateral (values ('times', u.times), ('amount', u.amount), ('quantity', u.quantity)) m (measure, found)
             union all
             select 'promotions.document', b.distributor_id, p.code || ' / ' || o.number, m.measure, 0, least(m.found, 0)
             from booked b join orders o on o.distributor_id = b.distributor_id and o.id = b.document_id
               join promotions p on p.id = b.promotion_id,
               lateral (values ('times', b.times - b.times_back), ('amount', b.amount - b.amount_back),
                 ('quantity', b.quantity - b.quantity_back)) m (measure, found)
             union all
             select 'promotions.settlement', s.distributor_id, p.code || ' / ' || cu.code, 'amount', s.amount,
               coalesce((select -sum(e.amount)::bigint from receivable_entries e
                 where e.distributor_id = s.distributor_id and e.document_id = s.id and e.kind = 'rebate'), 0)
             from promotion_settlements s join promotions p on p.id = s.promotion_id
               join customers cu on cu.distributor_id = s.distributor_id and cu.id = s.customer_id
             union all
             select 'promotions.hand_out', h.distributor_id, p.code || ' / ' || cu.code, 'quantity', h.pieces,
               coalesce((select -sum(m.quantity)::bigint from stock_movements m
                 where m.distributor_id = h.distributor_id and m.document_id = h.id and m.product_id = s.product_id
                   and m.reason = 'adjustment'), 0)
             from promotion_hand_outs h
               join promotion_settlements s on s.distributor_id = h.distributor_id and s.id = h.settlement_id
               join promotions p on p.id = s.promotion_id
               join customers cu on cu.distributor_id = s.distributor_id and cu.id = s.customer_id
             union all
             select 'promotions.owed', s.distributor_id, p.code || ' / ' || cu.code, 'quantity', least(s.quantity, h.quantity),
               h.quantity
             from promotion_settlements s join promotions p on p.id = s.promotion_id
               join customers cu on cu.distributor_id = s.distributor_id and cu.id = s.customer_id
               join (select distributor_id, settlement_id, sum(quantity)::bigint as quantity from promotion_hand_outs
                     group by 1, 2) h on h.distributor_id = s.distributor_id and h.settlement_id = s.id
           )
           select rule as "rule!", distributor_id as "distributor_id?: DistributorId", subject as "subject!",
             measure as "measure!", expected as "expected!", found as "found!"
           from checks where expected is distinct from found
           order by rule, subject, measure"#,
    )
    .fetch_all(c)
    .await
}
