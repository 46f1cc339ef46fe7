use chrono::NaiveDate;
use db::PgConnection;
use domain::{CustomerId, DistributorId, DocumentId, Money, ReceivableEntryId, UserId};
use platform::Scope;

use crate::model::{CreditAlert, EntryKind, OverdueItem, OverdueTotals};

/// Which part of a list: rows, and how many to pass over.
pub(crate) type Part = (i64, i64);

/// Which overdue debts to list.
#[derive(Debug)]
pub(crate) struct OverdueFilter<'a> {
    pub scope: Scope<'a>,
    pub distributor: Option<DistributorId>,
    pub customer: Option<CustomerId>,
    /// Only of the outlets of this rep.
    pub rep: Option<UserId>,
    /// Due at least so many days ago.
    pub days: i32,
    pub today: NaiveDate,
    /// A pattern over the customers' search key.
    pub search: Option<&'a str>,
}

/// Debts past their due date, the oldest first; and their sums.
pub(crate) async fn list_overdue(
    c: &mut PgConnection,
    filter: &OverdueFilter<'_>,
    (limit, offset): Part,
) -> Result<(Vec<OverdueItem>, OverdueTotals), sqlx::Error> {
    let units = filter.scope.units();
    let rows = sqlx::query!(
        r#"with hits as materialized (
             select i.distributor_id, i.entry_id, i.customer_id, i.due_date, i.open_amount, c.code, c.name, c.phone
             from receivable_open_items i
             join customers c on c.distributor_id = i.distributor_id and c.id = i.customer_id
             where i.open_amount > 0 and i.due_date <= $6::date - $5::int
               and ($1::uuid is null and $2::uuid[] is null
                    or i.customer_id in (select s from customers_in_scope($1, $2, $6) s))
               and ($3::uuid is null or i.distributor_id = $3)
               and ($4::uuid is null or i.customer_id = $4)
               and ($7::uuid is null or i.customer_id in (select s from customers_in_scope($7, null, $6) s))
               and ($8::text is null or c.search_key like $8)
           ), sums as (
             select count(*) as items, count(distinct customer_id) as customers,
               coalesce(sum(open_amount), 0)::bigint as open_amount
             from hits
           ), part as (
             select * from hits order by due_date, code, entry_id limit $9 offset $10
           )
           select s.items as "items!", s.customers as "customers!", s.open_amount as "sum!: Money",
             p.customer_id as "customer_id?: CustomerId", p.code as "code?", p.name as "name?", p.phone as "phone?",
             e.id as "entry_id?: ReceivableEntryId", e.kind as "kind?: EntryKind",
             e.document_id as "document_id?: DocumentId", e.document_number as "document_number?",
             e.business_date as "business_date?", p.due_date as "due_date?", $6::date - p.due_date as "days?",
             e.amount as "amount?: Money", p.open_amount as "open_amount?: Money"
           from sums s
           left join part p on true
           left join receivable_entries e on e.distributor_id = p.distributor_id and e.id = p.entry_id
           order by p.due_date, p.code, p.entry_id"#,
        filter.scope.user(),
        units.as_deref(),
        filter.distributor.map(|x| x.uuid()),
        filter.customer.map(|x| x.uuid()),
        filter.days,
        filter.today,
        filter.rep.map(|x| x.uuid()),
        filter.search,
        limit,
        offset,
    )
    .fetch_all(c)
    .await?;
    let mut totals = OverdueTotals::default();
    let mut items = Vec::with_capacity(rows.len());
    for r in rows {
        totals = OverdueTotals { items: r.items, customers: r.customers, open_amount: r.sum };
        let (Some(customer_id), Some(entry_id), Some(kind), Some(document_id)) =
            (r.customer_id, r.entry_id, r.kind, r.document_id)
        else {
            continue;
        };
        items.push(OverdueItem {
            customer_id,
            customer_code: r.code.unwrap_or_default(),
            customer_name: r.name.unwrap_or_default(),
            phone: r.phone.unwrap_or_default(),
            entry_id,
            kind,
            document_id,
            document_number: r.document_number.unwrap_or_default(),
            business_date: r.business_date.unwrap_or_default(),
            due_date: r.due_date.unwrap_or_default(),
            days: r.days.unwrap_or_default(),
            amount: r.amount.unwrap_or_default(),
            open_amount: r.open_amount.unwrap_or_default(),
        });
    }
    Ok((items, totals))
}

/// Customers whose debts and approved orders use at least so many percent of their credit limit, the most used first;
/// and how many there are.
pub(crate) async fn list_alerts(
    c: &mut PgConnection,
    scope: Scope<'_>,
    distributor: Option<DistributorId>,
    percent: i32,
    today: NaiveDate,
    search: Option<&str>,
    (limit, offset): Part,
) -> Result<(Vec<CreditAlert>, i64), sqlx::Error> {
    let units = scope.units();
    let rows = sqlx::query!(
        r#"select c.id as "customer_id: CustomerId", c.code, c.name, c.credit_limit as "limit!: Money",
             x.balance as "balance!: Money", x.approved + x.invoiced as "committed!: Money",
             count(*) over () as "total!"
           from customer_exposures x
           join customers c on c.distributor_id = x.distributor_id and c.id = x.customer_id
           where c.credit_limit is not null and c.deleted_at is null
             and x.exposure > 0 and x.exposure * 100 >= c.credit_limit::numeric * $4::int
             and ($1::uuid is null and $2::uuid[] is null or c.id in (select s from customers_in_scope($1, $2, $5) s))
             and ($3::uuid is null or x.distributor_id = $3)
             and ($6::text is null or c.search_key like $6)
           order by x.exposure / greatest(c.credit_limit, 1)::numeric desc, c.code, c.id
           limit $7 offset $8"#,
        scope.user(),
        units.as_deref(),
        distributor.map(|x| x.uuid()),
        percent,
        today,
        search,
        limit,
        offset,
    )
    .fetch_all(c)
    .await?;
    let total = rows.first().map_or(0, |r| r.total);
    let alerts = rows.into_iter().map(|r| CreditAlert {
        customer_id: r.customer_id,
        customer_code: r.code,
        customer_name: r.name,
        credit_limit: r.limit,
        balance: r.balance,
        committed: r.committed,
        over: Money::new(
            r.balance.dong().saturating_add(r.committed.dong()).saturating_sub(r.limit.dong()).max(0),
        ),
    });
    Ok((alerts.collect(), total))
}
