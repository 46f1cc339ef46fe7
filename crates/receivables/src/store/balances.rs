use chrono::NaiveDate;
use db::PgConnection;
use domain::{CustomerId, DistributorId, DocumentId, Money, ReceivableEntryId};
use platform::{Page, Scope};

use crate::model::{BalanceTotals, CustomerBalance, Entry, EntryKind};

/// Whose balances to list.
#[derive(Debug)]
pub(crate) struct BalanceFilter<'a> {
    pub scope: Scope<'a>,
    pub distributor: Option<DistributorId>,
    /// Only those with something past its due date.
    pub overdue_only: bool,
    pub today: NaiveDate,
}

/// The customers that owe or owed something, the greatest debt first; how many there are, and their sums.
pub(crate) async fn list_balances(
    c: &mut PgConnection,
    filter: &BalanceFilter<'_>,
    page: &Page,
) -> Result<(Vec<CustomerBalance>, i64, BalanceTotals), sqlx::Error> {
    let units = filter.scope.units();
    let hits = sqlx::query!(
        r#"with hits as materialized (
             select b.customer_id, c.code, b.balance, coalesce(o.overdue, 0) as overdue
             from customer_balances b
             join customers c on c.distributor_id = b.distributor_id and c.id = b.customer_id
             left join lateral (
               select sum(i.open_amount)::bigint as overdue from receivable_open_items i
               where i.distributor_id = b.distributor_id and i.customer_id = b.customer_id
                 and i.open_amount > 0 and i.due_date < $5
             ) o on true
             where ($1::uuid is null and $2::uuid[] is null
                    or b.customer_id in (select s from customers_in_scope($1, $2, $5) s))
               and ($3::uuid is null or b.distributor_id = $3)
               and ($4::text is null or c.search_key like $4)
               and (not $6 or o.overdue > 0)
           )
           select (select count(*) from hits) as "total!",
             (select coalesce(sum(balance), 0)::bigint from hits) as "balance!: Money",
             (select coalesce(sum(overdue), 0)::bigint from hits) as "overdue!: Money",
             array(select customer_id from hits order by balance desc, code, customer_id limit $7 offset $8) as "ids!""#,
        filter.scope.user(),
        units.as_deref(),
        filter.distributor.map(|d| d.uuid()),
        page.search,
        filter.today,
        filter.overdue_only,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    let rows = load_balances(c, &hits.ids, filter.today).await?;
    Ok((rows, hits.total, BalanceTotals { balance: hits.balance, overdue: hits.overdue }))
}

async fn load_balances(
    c: &mut PgConnection,
    customers: &[uuid::Uuid],
    today: NaiveDate,
) -> Result<Vec<CustomerBalance>, sqlx::Error> {
    sqlx::query_as!(
        CustomerBalance,
        r#"select c.id as "customer_id: CustomerId", c.distributor_id as "distributor_id: DistributorId",
             c.code as customer_code, c.name as customer_name, c.phone,
             coalesce(b.balance, 0) as "balance!: Money", coalesce(o.overdue, 0) as "overdue!: Money",
             coalesce($2 - o.oldest, 0) as "overdue_days!", c.credit_limit as "credit_limit: Money",
             c.payment_term_days
           from customers c
           left join customer_balances b on b.distributor_id = c.distributor_id and b.customer_id = c.id
           left join lateral (
             select sum(i.open_amount)::bigint as overdue, min(i.due_date) as oldest from receivable_open_items i
             where i.distributor_id = c.distributor_id and i.customer_id = c.id
               and i.open_amount > 0 and i.due_date < $2
           ) o on true
           where c.id = any ($1)
           order by coalesce(b.balance, 0) desc, c.code, c.id"#,
        customers,
        today,
    )
    .fetch_all(c)
    .await
}

/// The customer's balance, if one may see the customer.
pub(crate) async fn find_balance(
    c: &mut PgConnection,
    scope: Scope<'_>,
    customer: CustomerId,
    today: NaiveDate,
) -> Result<Option<CustomerBalance>, sqlx::Error> {
    let units = scope.units();
    let visible = sqlx::query_scalar!(
        r#"select exists (select from customers where id = $1 and deleted_at is null
             and ($2::uuid is null and $3::uuid[] is null or id in (select s from customers_in_scope($2, $3, $4) s))) as "visible!""#,
        customer.uuid(),
        scope.user(),
        units.as_deref(),
        today,
    )
    .fetch_one(&mut *c)
    .await?;
    if !visible {
        return Ok(None);
    }
    Ok(load_balances(c, &[customer.uuid()], today).await?.pop())
}

/// The customer's last entries, newest first, each with what was owed after it.
pub(crate) async fn list_entries(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    open_only: bool,
    limit: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    sqlx::query_as!(
        Entry,
        r#"select id as "entry_id!: ReceivableEntryId", kind as "kind!: EntryKind",
             document_id as "document_id!: DocumentId", document_number as "document_number!",
             business_date as "business_date!", due_date, amount as "amount!: Money",
             open_amount as "open_amount!: Money", balance_after as "balance_after!: Money", posted_at as "posted_at!"
           from (
             select e.*, coalesce(i.open_amount, 0) as open_amount,
                    sum(e.amount) over (order by e.posted_at, e.id)::bigint as balance_after
             from receivable_entries e
             left join receivable_open_items i on i.distributor_id = e.distributor_id and i.entry_id = e.id
             where e.distributor_id = $1 and e.customer_id = $2
           ) e
           where not $3 or open_amount <> 0
           order by case when $3 then coalesce(due_date, business_date) end, posted_at desc, id desc
           limit $4"#,
        distributor.uuid(),
        customer.uuid(),
        open_only,
        limit,
    )
    .fetch_all(c)
    .await
}
