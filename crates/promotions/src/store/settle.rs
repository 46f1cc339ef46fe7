//! Settlements of accumulations.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{CustomerId, DistributorId, Money, PromotionId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A settlement to write.
pub(crate) struct NewSettlement {
    pub distributor: DistributorId,
    pub id: Uuid,
    pub promotion: PromotionId,
    pub customer: CustomerId,
    pub tier: u32,
    pub amount: Money,
    pub business_date: NaiveDate,
    pub at: DateTime<Utc>,
    pub actor: UserId,
}

/// The customers to whom it was credited.
pub(crate) async fn list_settled(
    c: &mut PgConnection,
    promotion: PromotionId,
) -> Result<BTreeSet<CustomerId>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select customer_id as "id: CustomerId" from promotion_settlements where promotion_id = $1"#,
        promotion.uuid(),
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
        "insert into promotion_settlements (distributor_id, id, promotion_id, customer_id, tier, amount, business_date, at, actor_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.distributor.uuid(),
        new.id,
        new.promotion.uuid(),
        new.customer.uuid(),
        i32::try_from(new.tier).unwrap_or(i32::MAX),
        new.amount.dong(),
        new.business_date,
        new.at,
        new.actor.uuid(),
    )
    .execute(c)
    .await?;
    Ok(())
}
