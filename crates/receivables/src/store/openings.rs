use chrono::NaiveDate;
use db::PgConnection;
use domain::{CustomerId, DistributorId, DocumentId, Money};
use uuid::Uuid;

/// A customer of a file.
#[derive(Debug)]
pub(crate) struct OpeningCustomer {
    pub id: CustomerId,
    pub code: String,
    pub payment_term_days: i32,
}

/// The customers with these codes.
pub(crate) async fn list_opening_customers(
    c: &mut PgConnection,
    distributor: DistributorId,
    codes: &[String],
) -> Result<Vec<OpeningCustomer>, sqlx::Error> {
    sqlx::query_as!(
        OpeningCustomer,
        r#"select id as "id: CustomerId", code, payment_term_days from customers
           where distributor_id = $1 and code = any ($2) and deleted_at is null"#,
        distributor.uuid(),
        codes,
    )
    .fetch_all(c)
    .await
}

/// Locks the balances of the customers, in the order of their ids, until the transaction ends.
pub(crate) async fn lock_balances(
    c: &mut PgConnection,
    distributor: DistributorId,
    customers: &[CustomerId],
) -> Result<(), sqlx::Error> {
    let mut ids: Vec<Uuid> = customers.iter().map(|id| id.uuid()).collect();
    ids.sort_unstable();
    sqlx::query!(
        "insert into customer_balances as b (distributor_id, customer_id) select $1, * from unnest($2::uuid[])
         on conflict (distributor_id, customer_id) do update set balance = b.balance",
        distributor.uuid(),
        &ids,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// What was posted as opening of a document.
#[derive(Debug)]
pub(crate) struct PostedOpening {
    pub customer: CustomerId,
    pub number: String,
    pub document_id: DocumentId,
    pub amount: Money,
    /// None when it was a credit from the start.
    pub due_date: Option<NaiveDate>,
}

/// What was posted as opening of these customers.
pub(crate) async fn list_openings(
    c: &mut PgConnection,
    distributor: DistributorId,
    customers: &[CustomerId],
) -> Result<Vec<PostedOpening>, sqlx::Error> {
    let ids: Vec<Uuid> = customers.iter().map(|id| id.uuid()).collect();
    sqlx::query_as!(
        PostedOpening,
        r#"select customer_id as "customer: CustomerId", document_number as number,
             document_id as "document_id: DocumentId", sum(amount)::bigint as "amount!: Money",
             min(due_date) as due_date
           from receivable_entries
           where distributor_id = $1 and customer_id = any ($2) and kind = 'opening'
           group by customer_id, document_number, document_id"#,
        distributor.uuid(),
        &ids,
    )
    .fetch_all(c)
    .await
}
