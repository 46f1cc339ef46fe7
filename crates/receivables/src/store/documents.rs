use chrono::{DateTime, NaiveDate, Utc};
use db::PgConnection;
use domain::{AdjustmentId, CustomerId, DistributorId, Money, RefundId, UserId};
use platform::Page;

use crate::ledger::Charge;
use crate::model::{AdjustmentKind, DebtAdjustment, MoneyRefund, PaymentMethod};

/// Which documents to list; what is not set doesn't limit.
#[derive(Debug, Default)]
pub(crate) struct DocumentFilter {
    pub customer: Option<CustomerId>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// Adds the refund behind a charge.
pub(crate) async fn insert_refund(
    c: &mut PgConnection,
    charge: &Charge<'_>,
    method: PaymentMethod,
    note: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into receivable_refunds
           (distributor_id, id, number, customer_id, amount, method, note, business_date, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        charge.distributor.uuid(),
        charge.document_id.uuid(),
        charge.number,
        charge.customer.uuid(),
        charge.amount.dong(),
        method as PaymentMethod,
        note,
        charge.business_date,
        charge.actor.uuid(),
        charge.at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The refund, if it is one of the tenant's.
pub(crate) async fn find_refund(
    c: &mut PgConnection,
    id: RefundId,
) -> Result<Option<MoneyRefund>, sqlx::Error> {
    Ok(load_refunds(c, &[id.uuid()]).await?.pop())
}

/// The refunds, newest first.
pub(crate) async fn list_refunds(
    c: &mut PgConnection,
    filter: &DocumentFilter,
    page: &Page,
) -> Result<(Vec<MoneyRefund>, i64), sqlx::Error> {
    let hits = sqlx::query!(
        r#"with hits as (
             select r.id, r.created_at
             from receivable_refunds r
             join customers k on k.distributor_id = r.distributor_id and k.id = r.customer_id
             where ($1::uuid is null or r.customer_id = $1)
               and ($2::date is null or r.business_date >= $2)
               and ($3::date is null or r.business_date <= $3)
               and ($4::text is null or lower(r.number) like $4 or k.search_key like $4)
           )
           select (select count(*) from hits) as "total!",
             array(select id from hits order by created_at desc, id desc limit $5 offset $6) as "ids!""#,
        filter.customer.map(|x| x.uuid()),
        filter.from,
        filter.to,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((load_refunds(c, &hits.ids).await?, hits.total))
}

async fn load_refunds(c: &mut PgConnection, ids: &[uuid::Uuid]) -> Result<Vec<MoneyRefund>, sqlx::Error> {
    sqlx::query_as!(
        MoneyRefund,
        r#"select r.id as "refund_id: RefundId", r.number, r.distributor_id as "distributor_id: DistributorId",
             r.customer_id as "customer_id: CustomerId", k.code as customer_code, k.name as customer_name,
             r.amount as "amount: Money", r.method as "method: PaymentMethod", r.note, r.business_date,
             coalesce(u.full_name, '') as "created_by_name!", r.created_at
           from receivable_refunds r
           join customers k on k.distributor_id = r.distributor_id and k.id = r.customer_id
           left join users u on u.id = r.created_by
           where r.id = any ($1)
           order by r.created_at desc, r.id desc"#,
        ids,
    )
    .fetch_all(c)
    .await
}

/// An adjustment to add.
#[derive(Debug)]
pub(crate) struct NewAdjustment<'a> {
    pub distributor: DistributorId,
    pub id: AdjustmentId,
    pub number: &'a str,
    pub customer: CustomerId,
    pub amount: Money,
    pub kind: AdjustmentKind,
    pub reason: &'a str,
    pub day: NaiveDate,
    pub due: Option<NaiveDate>,
    pub actor: UserId,
    pub at: DateTime<Utc>,
}

/// Adds the adjustment behind an entry.
pub(crate) async fn insert_adjustment(
    c: &mut PgConnection,
    new: &NewAdjustment<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into receivable_adjustments
           (distributor_id, id, number, customer_id, amount, kind, reason, business_date, due_date, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        new.distributor.uuid(),
        new.id.uuid(),
        new.number,
        new.customer.uuid(),
        new.amount.dong(),
        new.kind as AdjustmentKind,
        new.reason,
        new.day,
        new.due,
        new.actor.uuid(),
        new.at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// The adjustment, if it is one of the tenant's.
pub(crate) async fn find_adjustment(
    c: &mut PgConnection,
    id: AdjustmentId,
) -> Result<Option<DebtAdjustment>, sqlx::Error> {
    Ok(load_adjustments(c, &[id.uuid()]).await?.pop())
}

/// The adjustments, newest first.
pub(crate) async fn list_adjustments(
    c: &mut PgConnection,
    filter: &DocumentFilter,
    page: &Page,
) -> Result<(Vec<DebtAdjustment>, i64), sqlx::Error> {
    let hits = sqlx::query!(
        r#"with hits as (
             select a.id, a.created_at
             from receivable_adjustments a
             join customers k on k.distributor_id = a.distributor_id and k.id = a.customer_id
             where ($1::uuid is null or a.customer_id = $1)
               and ($2::date is null or a.business_date >= $2)
               and ($3::date is null or a.business_date <= $3)
               and ($4::text is null or lower(a.number) like $4 or k.search_key like $4)
           )
           select (select count(*) from hits) as "total!",
             array(select id from hits order by created_at desc, id desc limit $5 offset $6) as "ids!""#,
        filter.customer.map(|x| x.uuid()),
        filter.from,
        filter.to,
        page.search,
        page.limit(),
        page.offset(),
    )
    .fetch_one(&mut *c)
    .await?;
    Ok((load_adjustments(c, &hits.ids).await?, hits.total))
}

async fn load_adjustments(
    c: &mut PgConnection,
    ids: &[uuid::Uuid],
) -> Result<Vec<DebtAdjustment>, sqlx::Error> {
    sqlx::query_as!(
        DebtAdjustment,
        r#"select a.id as "adjustment_id: AdjustmentId", a.number, a.distributor_id as "distributor_id: DistributorId",
             a.customer_id as "customer_id: CustomerId", k.code as customer_code, k.name as customer_name,
             a.amount as "amount: Money", a.kind as "kind: AdjustmentKind", a.reason, a.business_date, a.due_date,
             coalesce(u.full_name, '') as "created_by_name!", a.created_at
           from receivable_adjustments a
           join customers k on k.distributor_id = a.distributor_id and k.id = a.customer_id
           left join users u on u.id = a.created_by
           where a.id = any ($1)
           order by a.created_at desc, a.id desc"#,
        ids,
    )
    .fetch_all(c)
    .await
}
