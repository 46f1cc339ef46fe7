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
             select 'receivables.receipt', r.distributor_id, r.customer_id, r.number, -r.amount,
                    coalesce(sum(e.amount), 0)::bigint
             from receipts r
             left join receivable_entries e on e.distributor_id = r.distributor_id and e.document_id = r.id
               and e.customer_id = r.customer_id and e.kind = 'receipt'
             group by r.distributor_id, r.id
             having coalesce(sum(e.amount), 0) <> -r.amount
           union all
             select 'receivables.invoice', i.distributor_id, i.customer_id, i.number, i.total,
                    coalesce(sum(e.amount), 0)::bigint
             from invoices i
             left join receivable_entries e on e.distributor_id = i.distributor_id and e.document_id = i.id
               and e.customer_id = i.customer_id and e.kind = 'invoice'
             where i.status = 'Issued'
             group by i.distributor_id, i.id
             having coalesce(sum(e.amount), 0) <> i.total
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
