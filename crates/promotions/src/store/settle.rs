//! Settlements of accumulations and displays.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::pricing::Promotion;
use domain::{Buyer, CustomerId, DistributorId, Money, PromotionId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::bought::{iso_weekdays, word};
use crate::settle::Goods;

/// A settlement to write.
pub(crate) struct NewSettlement {
    pub distributor: DistributorId,
    pub id: Uuid,
    pub promotion: PromotionId,
    pub customer: CustomerId,
    pub tier: u32,
    pub amount: Money,
    /// For displays, the first day of the month.
    pub month: Option<NaiveDate>,
    /// How many passed.
    pub displays: Option<i32>,
    pub goods: Option<Goods>,
    pub business_date: NaiveDate,
    pub at: DateTime<Utc>,
    pub actor: UserId,
}

/// The customers to whom it was given, for the month where it goes by months.
pub(crate) async fn list_settled(
    c: &mut PgConnection,
    promotion: PromotionId,
    month: Option<NaiveDate>,
) -> Result<BTreeSet<CustomerId>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select customer_id as "id: CustomerId" from promotion_settlements
           where promotion_id = $1 and month is not distinct from $2"#,
        promotion.uuid(),
        month,
    )
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Locks the balances of these customers, in their order, before anything that is locked after balances.
pub(crate) async fn lock_customers(c: &mut PgConnection, customers: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "select customer_id from customer_balances where customer_id = any ($1)
         order by distributor_id, customer_id for update",
        customers,
    )
    .fetch_all(c)
    .await?;
    Ok(())
}

/// Writes that a customer got it; `promotion_settlements_once` when it had it before.
pub(crate) async fn insert_settlement(c: &mut PgConnection, new: &NewSettlement) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into promotion_settlements (distributor_id, id, promotion_id, customer_id, tier, amount, business_date, at, actor_id,
           month, displays, product_id, quantity, unit)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        new.distributor.uuid(),
        new.id,
        new.promotion.uuid(),
        new.customer.uuid(),
        i32::try_from(new.tier).unwrap_or(i32::MAX),
        new.amount.dong(),
        new.business_date,
        new.at,
        new.actor.uuid(),
        new.month,
        new.displays,
        new.goods.map(|goods| goods.product.uuid()),
        new.goods.map(|goods| goods.quantity),
        new.goods.map(|goods| goods.unit.as_str()),
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What a customer showed of a display program.
pub(crate) struct CustomerShown {
    pub buyer: Buyer,
    /// Displays that passed.
    pub passed: i64,
    /// Displays that wait for a score.
    pub waiting: i64,
}

/// What customers showed of the program between the days, on the promotion's weekdays, of all programs when it has no code;
/// in the order of distributors and customers.
pub(crate) async fn list_shown(
    c: &mut PgConnection,
    promotion: &Promotion,
    program: &str,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<CustomerShown>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select r.distributor_id as "distributor: DistributorId", r.customer_id as "customer: CustomerId", cu.channel,
             cu.customer_group, cu.customer_type, cu.area, count(*) filter (where r.status = 'passed') as "passed!",
             count(*) filter (where r.status in ('waiting', 'confirming')) as "waiting!"
           from display_records r join display_programs p on p.id = r.program_id
           join customers cu on cu.distributor_id = r.distributor_id and cu.id = r.customer_id
           where r.business_date between $2 and $3 and ($1 = '' or p.code = $1)
             and ($4::int[] = '{}' or extract(isodow from r.business_date)::int = any ($4))
           group by r.distributor_id, r.customer_id, cu.channel, cu.customer_group, cu.customer_type, cu.area
           order by r.distributor_id, r.customer_id"#,
        program,
        from,
        to,
        &iso_weekdays(promotion),
    )
    .fetch_all(c)
    .await?;
    let shown = rows.into_iter().map(|r| CustomerShown {
        buyer: Buyer {
            customer_id: r.customer,
            distributor_id: r.distributor,
            channel: word(r.channel),
            customer_group: word(r.customer_group),
            customer_type: word(r.customer_type),
            area: word(r.area),
        },
        passed: r.passed,
        waiting: r.waiting,
    });
    Ok(shown.collect())
}
