use db::PgConnection;
use domain::{CustomerId, DistributorId, HandOverId};
use papers::Issuer;
use platform::Scope;

use crate::model::CashHandOver;
use crate::store::find_hand_over;

/// Whose papers those of the distributor are.
pub(crate) async fn find_issuer(
    c: &mut PgConnection,
    distributor: DistributorId,
) -> Result<Issuer, sqlx::Error> {
    sqlx::query_as!(
        Issuer,
        r#"select coalesce(nullif(invoice_name, ''), name) as "name!",
             coalesce(nullif(invoice_address, ''), office_address) as "address!", tax_code, phone, '' as "account!"
           from distributors where id = $1"#,
        distributor.uuid(),
    )
    .fetch_one(c)
    .await
}

/// Where a customer is to be found.
#[derive(Debug)]
pub(crate) struct Contact {
    pub contact_person: String,
    pub address: String,
    pub phone: String,
}

pub(crate) async fn find_contact(
    c: &mut PgConnection,
    distributor: DistributorId,
    customer: CustomerId,
) -> Result<Contact, sqlx::Error> {
    sqlx::query_as!(
        Contact,
        "select contact_person, address, phone from customers where distributor_id = $1 and id = $2",
        distributor.uuid(),
        customer.uuid(),
    )
    .fetch_one(c)
    .await
}

/// The hand-over, if one may see the rep's days.
pub(crate) async fn find_visible_hand_over(
    c: &mut PgConnection,
    scope: Scope<'_>,
    id: HandOverId,
) -> Result<Option<CashHandOver>, sqlx::Error> {
    let units = scope.units();
    let visible = sqlx::query_scalar!(
        r#"select exists (select from cash_hand_overs where id = $1
             and ($2::uuid is null or rep_id = $2)
             and ($3::uuid[] is null or rep_id in (select user_id from user_units where unit_id = any ($3)))) as "visible!""#,
        id.uuid(),
        scope.user(),
        units.as_deref(),
    )
    .fetch_one(&mut *c)
    .await?;
    if visible { find_hand_over(c, id).await } else { Ok(None) }
}
