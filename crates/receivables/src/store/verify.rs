use db::PgConnection;
use domain::DistributorId;

use crate::verify::Finding;

/// Every balance that differs from what the ledger says.
pub(crate) async fn list_findings(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        r#"with sides as (
             select distributor_id, id, sum(debit)::bigint as debit, sum(credit)::bigint as credit
             from (
               select distributor_id, debit_entry_id as id, amount as debit, 0::bigint as credit
               from receivable_allocations
               union all
               select distributor_id, credit_entry_id, 0, amount from receivable_allocations
             ) s group by 1, 2
           ), findings as (
             select 'receivables.balance' as rule, distributor_id, customer_id, null::text as document,
                    coalesce(e.amount, 0) as expected, coalesce(b.balance, 0) as found
             from (select distributor_id, customer_id, sum(amount)::bigint as amount from receivable_entries
                   group by 1, 2) e
             full join customer_balances b using (distributor_id, customer_id)
             where coalesce(e.amount, 0) <> coalesce(b.balance, 0)
           union all
             select 'receivables.open_item', e.distributor_id, e.customer_id, e.document_number,
                    e.amount - coalesce(s.debit, 0) + coalesce(s.credit, 0), coalesce(i.open_amount, 0)
             from receivable_entries e
             left join sides s on s.distributor_id = e.distributor_id and s.id = e.id
             left join receivable_open_items i on i.distributor_id = e.distributor_id and i.entry_id = e.id
             where i.open_amount is distinct from e.amount - coalesce(s.debit, 0) + coalesce(s.credit, 0)
           union all
             select 'receivables.allocated', e.distributor_id, e.customer_id, e.document_number,
                    abs(e.amount), s.debit + s.credit
             from sides s
             join receivable_entries e on e.distributor_id = s.distributor_id and e.id = s.id
             where s.debit > greatest(e.amount, 0) or s.credit > greatest(-e.amount, 0)
           union all
             select 'receivables.allocated_across_customers', a.distributor_id, c.customer_id, c.document_number,
                    0, a.amount
             from receivable_allocations a
             join receivable_entries c on c.distributor_id = a.distributor_id and c.id = a.credit_entry_id
             join receivable_entries d on d.distributor_id = a.distributor_id and d.id = a.debit_entry_id
             where c.customer_id <> d.customer_id
           union all
             select 'receivables.reversal', a.distributor_id, e.customer_id, e.document_number, -o.amount, a.amount
             from receivable_allocations a
             join receivable_allocations o on o.distributor_id = a.distributor_id and o.id = a.reverses
             join receivable_entries e on e.distributor_id = a.distributor_id and e.id = a.credit_entry_id
             where (a.amount, a.credit_entry_id, a.debit_entry_id)
               is distinct from (-o.amount, o.credit_entry_id, o.debit_entry_id)
           union all
             select 'receivables.receipt', r.distributor_id, r.customer_id, r.number,
                    case when r.cancelled_at is null then -r.amount else 0 end, coalesce(sum(e.amount), 0)::bigint
             from receipts r
             left join receivable_entries e on e.distributor_id = r.distributor_id and e.document_id = r.id
               and e.customer_id = r.customer_id and e.kind = 'receipt'
             group by r.distributor_id, r.id
             having coalesce(sum(e.amount), 0) <> case when r.cancelled_at is null then -r.amount else 0 end
           union all
             select 'receivables.refund', r.distributor_id, r.customer_id, r.number, r.amount,
                    coalesce(sum(e.amount), 0)::bigint
             from receivable_refunds r
             left join receivable_entries e on e.distributor_id = r.distributor_id and e.document_id = r.id
               and e.customer_id = r.customer_id and e.kind = 'refund'
             group by r.distributor_id, r.id
             having coalesce(sum(e.amount), 0) <> r.amount
           union all
             select 'receivables.adjustment', a.distributor_id, a.customer_id, a.number, a.amount,
                    coalesce(sum(e.amount), 0)::bigint
             from receivable_adjustments a
             left join receivable_entries e on e.distributor_id = a.distributor_id and e.document_id = a.id
               and e.customer_id = a.customer_id and e.kind = 'adjustment'
             group by a.distributor_id, a.id
             having coalesce(sum(e.amount), 0) <> a.amount
           union all
             select 'receivables.invoice', i.distributor_id, i.customer_id, i.number, i.charged,
                    coalesce(sum(e.amount), 0)::bigint
             from invoices i
             left join receivable_entries e on e.distributor_id = i.distributor_id and e.document_id = i.id
               and e.customer_id = i.customer_id and e.kind = 'invoice'
             group by i.distributor_id, i.id
             having coalesce(sum(e.amount), 0) <> i.charged
           )
           select f.rule as "rule!", f.distributor_id as "distributor_id!: DistributorId",
             concat_ws(' ', coalesce(c.code, f.customer_id::text), f.document) as "subject!",
             f.expected as "expected!", f.found as "found!"
           from findings f
           left join customers c on c.distributor_id = f.distributor_id and c.id = f.customer_id
           order by 1, 2, 3"#,
    )
    .fetch_all(c)
    .await
}

/// Every figure of reps' cash that differs from its ledger, and every gap in the numbers of documents of money.
pub(crate) async fn list_cash_findings(c: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        r#"with days as (
             select distributor_id, rep_id, business_date,
               sum(amount) filter (where kind in ('collected', 'cancelled')) as collected,
               -sum(amount) filter (where kind = 'handed_over') as handed_over,
               sum(amount) filter (where kind = 'difference') as difference
             from rep_cash_entries group by 1, 2, 3
           ), sums as (
             select d.distributor_id, d.rep_id, d.business_date, f.what, f.expected::bigint as expected, f.found
             from (
               select distributor_id, rep_id, business_date, coalesce(e.collected, 0) as collected,
                 coalesce(e.handed_over, 0) as handed_over, coalesce(e.difference, 0) as difference,
                 coalesce(d.collected, 0) as d_collected, coalesce(d.handed_over, 0) as d_handed_over,
                 coalesce(d.difference, 0) as d_difference
               from days e full join rep_cash_days d using (distributor_id, rep_id, business_date)
             ) d
             cross join lateral (values ('collected', collected, d_collected),
               ('handed over', handed_over, d_handed_over), ('difference', difference, d_difference)
             ) f (what, expected, found)
             where f.expected <> f.found
           ), numbers as (
             select distributor_id, left(number, 2) as kind, to_date(substr(number, 4, 8), 'YYYYMMDD') as day,
               count(distinct number) as documents, max(substr(number, 13)::bigint) as last
             from (
               select distributor_id, number from receipts
               union all select distributor_id, number from receivable_refunds
               union all select distributor_id, number from receivable_adjustments
               union all select distributor_id, number from cash_hand_overs
             ) d
             where number ~ '^(TN|PC|DN|NQ)-[0-9]{8}-[0-9]+$' group by 1, 2, 3
           )
           select 'cash.day' as "rule!", s.distributor_id as "distributor_id!: DistributorId",
             concat_ws(' ', u.username, s.business_date, s.what) as "subject!", s.expected as "expected!",
             s.found as "found!"
           from sums s left join users u on u.id = s.rep_id
           union all
           select 'cash.receipt', r.distributor_id, concat_ws(' ', u.username, r.number),
             case when r.cancelled_at is null then r.amount else 0 end, sum(e.amount)::bigint
           from receipts r
           join rep_cash_entries e on e.distributor_id = r.distributor_id and e.document_id = r.id
           left join users u on u.id = e.rep_id
           group by r.distributor_id, r.id, u.username
           having sum(e.amount) <> case when r.cancelled_at is null then r.amount else 0 end
           union all
           select 'cash.hand_over', h.distributor_id, concat_ws(' ', u.username, h.number),
             h.difference - h.amount, coalesce(sum(e.amount), 0)::bigint
           from cash_hand_overs h
           left join rep_cash_entries e on e.distributor_id = h.distributor_id and e.document_id = h.id
           left join users u on u.id = h.rep_id
           group by h.distributor_id, h.id, u.username
           having coalesce(sum(e.amount), 0) <> h.difference - h.amount
           union all
           select 'numbers.gap', distributor_id, concat_ws(' ', kind, day), coalesce(k.last_number, 0)::bigint,
             case when n.documents = k.last_number then n.last else coalesce(n.documents, 0) end
           from numbers n
           full join (select * from document_counters where kind in ('TN', 'PC', 'DN', 'NQ')) k
             using (distributor_id, kind, day)
           where (k.last_number, k.last_number) is distinct from (n.documents, n.last)
           order by 1, 2, 3"#,
    )
    .fetch_all(c)
    .await
}
