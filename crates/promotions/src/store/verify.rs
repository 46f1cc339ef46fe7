//! Totals against the ledger of uses.

use domain::DistributorId;
use sqlx::PgConnection;

use crate::verify::Finding;

pub(crate) async fn list_findings(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        r#"with used as (
             select promotion_id, distributor_id, customer_id, sum(times)::bigint as times, sum(amount)::bigint as amount,
               sum(quantity)::bigint as quantity
             from promotion_usage group by promotion_id, distributor_id, customer_id
           ), by_promotion as (
             select promotion_id, sum(times)::bigint as times, sum(amount)::bigint as amount, sum(quantity)::bigint as quantity
             from used group by promotion_id
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
             select 'promotions.given_back', d.distributor_id, p.code || ' / ' || o.number, m.measure, m.expected, m.found
             from promotion_usage_due d join orders o on o.distributor_id = d.distributor_id and o.id = d.document_id
               join promotions p on p.id = d.promotion_id,
               lateral (values ('times', d.times_due, d.times_back), ('amount', d.amount_due, d.amount_back),
                 ('quantity', d.quantity_due, d.quantity_back)) m (measure, expected, found)
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
             select 'promotions.document', d.distributor_id, p.code || ' / ' || o.number, m.measure, 0, least(m.found, 0)
             from promotion_usage_due d join orders o on o.distributor_id = d.distributor_id and o.id = d.document_id
               join promotions p on p.id = d.promotion_id,
               lateral (values ('times', d.times - d.times_back), ('amount', d.amount - d.amount_back),
                 ('quantity', d.quantity - d.quantity_back)) m (measure, found)
             union all
             select 'promotions.settlement', s.distributor_id, p.code || ' / ' || cu.code, 'amount', s.amount,
               coalesce((select -sum(e.amount)::bigint from receivable_entries e
                 where e.distributor_id = s.distributor_id and e.document_id = s.id and e.kind = 'rebate'), 0)
             from promotion_settlements s join promotions p on p.id = s.promotion_id
               join customers cu on cu.distributor_id = s.distributor_id and cu.id = s.customer_id
           )
           select rule as "rule!", distributor_id as "distributor_id?: DistributorId", subject as "subject!",
             measure as "measure!", expected as "expected!", found as "found!"
           from checks where expected is distinct from found
           order by rule, subject, measure"#,
    )
    .fetch_all(c)
    .await
}
