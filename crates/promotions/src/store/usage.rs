//! What is used of promotions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::pricing::{PromotionUse, Used};
use domain::{CustomerId, DistributorId, DocumentId, Money, PromotionId, Quantity, UserId};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::usage::Booking;

/// What was used of a promotion by all, where it has a budget, and by the customer.
pub(crate) struct TotalsOf {
    pub all: Used,
    pub customer: Used,
}

pub(crate) async fn list_totals(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    promotions: &[Uuid],
) -> Result<BTreeMap<PromotionId, TotalsOf>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select p.id as "id!: PromotionId",
             coalesce(b.times, 0) as "all_times!", coalesce(b.amount, 0) as "all_amount!: Money",
             coalesce(b.quantity, 0) as "all_quantity!: Quantity",
             coalesce(t.times, 0) as "times!", coalesce(t.amount, 0) as "amount!: Money",
             coalesce(t.quantity, 0) as "quantity!: Quantity"
           from unnest($3::uuid[]) p (id)
             left join promotion_budgets b on b.promotion_id = p.id
             left join promotion_customer_totals t
               on t.distributor_id = $1 and t.promotion_id = p.id and t.customer_id = $2"#,
        distributor.uuid(),
        customer.uuid(),
        promotions,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| {
            let all = Used { times: r.all_times, amount: r.all_amount, quantity: r.all_quantity };
            let customer = Used { times: r.times, amount: r.amount, quantity: r.quantity };
            (r.id, TotalsOf { all, customer })
        })
        .collect())
}

/// Writes what a document uses; gives the promotions of which there is not enough, and then has written nothing.
pub(crate) async fn book(
    c: &mut PgConnection,
    booking: &Booking,
    uses: &serde_json::Value,
) -> Result<Vec<PromotionId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select book_promotion_usage($1, $2, $3, $4, $5, $6, $7, $8) as "short!: Vec<PromotionId>""#,
        booking.distributor.uuid(),
        booking.customer.uuid(),
        booking.document.uuid(),
        booking.kind.as_str(),
        booking.business_date,
        booking.at,
        booking.actor.uuid(),
        Json(uses) as _,
    )
    .fetch_one(c)
    .await
}

pub(crate) async fn release(
    c: &mut PgConnection,
    distributor: DistributorId,
    document: DocumentId,
    day: NaiveDate,
    at: DateTime<Utc>,
    actor: UserId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select release_promotion_usage($1, $2, $3, $4, $5) as "released!""#,
        distributor.uuid(),
        document.uuid(),
        day,
        at,
        actor.uuid(),
    )
    .fetch_one(c)
    .await
}

/// Begins a budget with all that was used before; one that has begun stays. The promotion's row must be locked against
/// references, so that nothing is just being used.
pub(crate) async fn begin_budget(c: &mut PgConnection, id: PromotionId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into promotion_budgets (promotion_id, times, amount, quantity)
         select $1, coalesce(sum(times), 0), coalesce(sum(amount), 0), coalesce(sum(quantity), 0)
         from promotion_usage where promotion_id = $1
         on conflict (promotion_id) do nothing",
        id.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Stops counting for a budget that is no more.
pub(crate) async fn end_budget(c: &mut PgConnection, id: PromotionId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from promotion_budgets where promotion_id = $1", id.uuid()).execute(c).await?;
    Ok(())
}

/// What was used of the budget; none when there is none.
pub(crate) async fn find_budget(c: &mut PgConnection, id: PromotionId) -> Result<Option<Used>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select times, amount as "amount: Money", quantity as "quantity: Quantity"
           from promotion_budgets where promotion_id = $1"#,
        id.uuid(),
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| Used { times: r.times, amount: r.amount, quantity: r.quantity }))
}

/// What a document booked of a promotion, and what of it was given back in proportion.
pub(crate) struct UsedOf {
    pub document: DocumentId,
    pub promotion_id: PromotionId,
    pub booked: Used,
    pub back: Used,
}

/// What orders book and have given back, promotion by promotion.
pub(crate) async fn list_used(
    c: &mut PgConnection,
    distributor: DistributorId,
    documents: &[Uuid],
) -> Result<Vec<UsedOf>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select document_id as "document: DocumentId", promotion_id as "id: PromotionId",
             coalesce(sum(times) filter (where kind <> 'return'), 0)::bigint as "times!",
             coalesce(sum(amount) filter (where kind <> 'return'), 0)::bigint as "amount!: Money",
             coalesce(sum(quantity) filter (where kind <> 'return'), 0)::bigint as "quantity!: Quantity",
             coalesce(-sum(times) filter (where kind = 'return'), 0)::bigint as "times_back!",
             coalesce(-sum(amount) filter (where kind = 'return'), 0)::bigint as "amount_back!: Money",
             coalesce(-sum(quantity) filter (where kind = 'return'), 0)::bigint as "quantity_back!: Quantity"
           from promotion_usage where distributor_id = $1 and document_id = any ($2)
           group by promotion_id, document_id order by promotion_id, document_id"#,
        distributor.uuid(),
        documents,
    )
    .fetch_all(c)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| UsedOf {
            document: r.document,
            promotion_id: r.id,
            booked: Used { times: r.times, amount: r.amount, quantity: r.quantity },
            back: Used { times: r.times_back, amount: r.amount_back, quantity: r.quantity_back },
        })
        .collect())
}

/// Locks the totals of the promotions that the documents have used and of those named, one promotion after the other,
/// its budget before the customer's part: the order in which they are booked. The joins are lateral and each leans on
/// the one before, so that they can't be made in another order.
pub(crate) async fn lock_totals(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
    documents: &[Uuid],
    promotions: &[Uuid],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"select count(t.id) as "locked!" from (
             select promotion_id as id from promotion_usage where distributor_id = $1 and document_id = any ($3)
             union select unnest($4::uuid[]) order by id
           ) p
             left join lateral (
               select b.promotion_id as id from promotion_budgets b where b.promotion_id = p.id for update
             ) b on true
             left join lateral (
               select t.promotion_id as id from promotion_customer_totals t
               where t.distributor_id = $1 and t.customer_id = $2 and t.promotion_id = coalesce(b.id, p.id) for update
             ) t on true"#,
        distributor.uuid(),
        customer.uuid(),
        documents,
        promotions,
    )
    .fetch_one(c)
    .await?;
    Ok(())
}

/// Takes uses from one order and gives them to another of the same customer.
pub(crate) async fn move_usage(
    c: &mut PgConnection,
    from: &Booking,
    to: DocumentId,
    uses: &[PromotionUse],
) -> Result<(), sqlx::Error> {
    let promotions: Vec<Uuid> = uses.iter().map(|u| u.promotion_id.uuid()).collect();
    let times: Vec<i64> = uses.iter().map(|u| u.used.times).collect();
    let amounts: Vec<i64> = uses.iter().map(|u| u.used.amount.dong()).collect();
    let quantities: Vec<i64> = uses.iter().map(|u| u.used.quantity.pieces()).collect();
    sqlx::query!(
        "insert into promotion_usage
           (distributor_id, id, promotion_id, customer_id, kind, document_id, cause_id, times, amount, quantity, business_date, at, actor_id)
         select $1, gen_random_uuid(), u.promotion, $2, 'split', d.document, d.other, d.sign * u.times, d.sign * u.amount,
           d.sign * u.quantity, $5, $6, $7
         from unnest($8::uuid[], $9::bigint[], $10::bigint[], $11::bigint[]) as u (promotion, times, amount, quantity),
           (values ($3::uuid, $4::uuid, -1), ($4, $3, 1)) as d (document, other, sign)",
        from.distributor.uuid(),
        from.customer.uuid(),
        from.document.uuid(),
        to.uuid(),
        from.business_date,
        from.at,
        from.actor.uuid(),
        &promotions,
        &times,
        &amounts,
        &quantities,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Writes what a document gives back, in the ledger and the totals.
pub(crate) async fn give_back(
    c: &mut PgConnection,
    order: &Booking,
    document: DocumentId,
    cause: Uuid,
    parts: &serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select give_back_promotion_usage($1, $2, $3, $4, $5, $6, $7, $8)",
        order.distributor.uuid(),
        order.customer.uuid(),
        document.uuid(),
        cause,
        order.business_date,
        order.at,
        order.actor.uuid(),
        Json(parts) as _,
    )
    .execute(c)
    .await?;
    Ok(())
}
