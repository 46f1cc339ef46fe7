use chrono::NaiveDate;
use db::PgConnection;
use domain::{CustomerId, DistributorId, Money, UserId};
use platform::Scope;

use crate::model::{Ageing, CustomerAgeing};

/// Whose debts, and as of when.
#[derive(Debug)]
pub(crate) struct AgeingFilter<'a> {
    pub scope: Scope<'a>,
    pub distributor: Option<DistributorId>,
    /// Only of the outlets of this rep.
    pub rep: Option<UserId>,
    pub as_of: NaiveDate,
    pub today: NaiveDate,
    /// A pattern over the customers' search key.
    pub search: Option<&'a str>,
}

/// How old the debts were on a day, as entries and allocations up to that day say: a page of customers that owed or
/// had credit then, by code; how many there are, and the sums over all.
pub(crate) async fn list_ageing(
    c: &mut PgConnection,
    filter: &AgeingFilter<'_>,
    (limit, offset): (i64, i64),
) -> Result<(Vec<CustomerAgeing>, i64, Ageing), sqlx::Error> {
    let units = filter.scope.units();
    let rows = sqlx::query!(
        r#"with debits as (
             select distributor_id, debit_entry_id as id, sum(amount) as amount from receivable_allocations
             where allocated_on <= $6 and ($3::uuid is null or distributor_id = $3) group by 1, 2
           ), credits as (
             select distributor_id, credit_entry_id as id, sum(amount) as amount from receivable_allocations
             where allocated_on <= $6 and ($3::uuid is null or distributor_id = $3) group by 1, 2
           ), open as (
             select e.distributor_id, e.customer_id, $6 - coalesce(e.due_date, e.business_date) as days,
                    e.amount - coalesce(d.amount, 0) + coalesce(k.amount, 0) as amount
             from receivable_entries e
             left join debits d on d.distributor_id = e.distributor_id and d.id = e.id
             left join credits k on k.distributor_id = e.distributor_id and k.id = e.id
             where e.business_date <= $6
               and ($3::uuid is null or e.distributor_id = $3)
               and ($1::uuid is null and $2::uuid[] is null
                    or e.customer_id in (select s from customers_in_scope($1, $2, $7) s))
               and ($9::uuid is null or e.customer_id in (select s from customers_in_scope($9, null, $7) s))
           ), sums as materialized (
             select c.id, c.code, c.name,
                    sum(o.amount) filter (where o.amount > 0 and days <= 0) as not_due,
                    sum(o.amount) filter (where o.amount > 0 and days between 1 and 7) as d7,
                    sum(o.amount) filter (where o.amount > 0 and days between 8 and 30) as d30,
                    sum(o.amount) filter (where o.amount > 0 and days between 31 and 60) as d60,
                    sum(o.amount) filter (where o.amount > 0 and days between 61 and 90) as d90,
                    sum(o.amount) filter (where o.amount > 0 and days > 90) as over,
                    sum(o.amount) filter (where o.amount < 0) as credit,
                    sum(o.amount) as balance
             from open o join customers c on c.distributor_id = o.distributor_id and c.id = o.customer_id
             where o.amount <> 0 and ($4::text is null or c.search_key like $4)
             group by c.distributor_id, c.id
           ), everything as (
             select null::uuid as id, '' as code, '' as name, sum(not_due) as not_due, sum(d7) as d7, sum(d30) as d30,
                    sum(d60) as d60, sum(d90) as d90, sum(over) as over, sum(credit) as credit,
                    sum(balance) as balance, count(*) as customers
             from sums
           )
           select id as "id: CustomerId", code as "code!", name as "name!",
                  coalesce(not_due, 0)::bigint as "not_due!: Money", coalesce(d7, 0)::bigint as "d7!: Money",
                  coalesce(d30, 0)::bigint as "d30!: Money", coalesce(d60, 0)::bigint as "d60!: Money",
                  coalesce(d90, 0)::bigint as "d90!: Money", coalesce(over, 0)::bigint as "over!: Money",
                  coalesce(credit, 0)::bigint as "credit!: Money", coalesce(balance, 0)::bigint as "balance!: Money",
                  customers as "customers!"
           from (
             select * from everything
             union all
             (select *, 0 from sums order by code, id limit $5 offset $8)
           ) r
           order by id is not null, code, id"#,
        filter.scope.user(),
        units.as_deref(),
        filter.distributor.map(|d| d.uuid()),
        filter.search,
        limit,
        filter.as_of,
        filter.today,
        offset,
        filter.rep.map(|r| r.uuid()),
    )
    .fetch_all(c)
    .await?;
    let (mut customers, mut total, mut totals) = (Vec::with_capacity(rows.len()), 0, Ageing::default());
    for r in rows {
        let amounts = Ageing {
            not_due: r.not_due,
            days_1_to_7: r.d7,
            days_8_to_30: r.d30,
            days_31_to_60: r.d60,
            days_61_to_90: r.d90,
            over_90_days: r.over,
            credit: r.credit,
            balance: r.balance,
        };
        match r.id {
            None => (total, totals) = (r.customers, amounts),
            Some(customer_id) => customers.push(CustomerAgeing {
                customer_id,
                customer_code: r.code,
                customer_name: r.name,
                amounts,
            }),
        }
    }
    Ok((customers, total, totals))
}
