//! All SQL of the demo: what no capability offers for writing in bulk or at a time of one's choice.

mod field;
mod marker;
mod master;
mod year;

pub use field::{
    NewClock, NewPhoto, NewPoint, NewVisit, insert_clocks, insert_photos, insert_points, insert_visits,
};
pub use marker::{
    BEGUN, COMPANY_BEGUN, DONE, State, analyze, delete_events, find_company_begun, find_state, insert_marker,
    lock_filling,
};
pub use master::{insert_kpi_target, insert_warehouse};
pub use year::{Year, analyze_in, insert_year, year_is_lived};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{CustomerId, DistributorId, GoodsReceiptId, Money, OrderId, ReceiptId, UserId};
use inventory::stock::Posting;
use sqlx::PgConnection;

/// The distributor's orders that somebody has decided on.
pub async fn list_decided_orders(
    c: &mut PgConnection,
    distributor: DistributorId,
) -> Result<Vec<OrderId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: OrderId" from orders where distributor_id = $1 and status <> 'Pending'"#,
        distributor.uuid(),
    )
    .fetch_all(c)
    .await
}

/// Whether the receipt of goods is there.
pub async fn goods_receipt_exists(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: GoodsReceiptId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from goods_receipts where distributor_id = $1 and id = $2) as "exists!""#,
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_one(c)
    .await
}

/// Adds the document of a posting that brings goods in.
pub async fn insert_goods_receipt(
    c: &mut PgConnection,
    posting: &Posting<'_>,
    note: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into goods_receipts (distributor_id, id, number, warehouse_id, business_date, note, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        posting.distributor.uuid(),
        posting.document_id.uuid(),
        posting.number,
        posting.warehouse.uuid(),
        posting.business_date,
        note,
        posting.actor.uuid(),
        posting.at,
    )
    .execute(c)
    .await?;
    Ok(())
}

/// Money that was received.
pub struct NewReceipt<'a> {
    pub id: ReceiptId,
    pub number: &'a str,
    pub customer: CustomerId,
    pub amount: Money,
    pub method: &'static str,
    pub business_date: NaiveDate,
    pub collected_by: UserId,
    pub at: DateTime<Utc>,
}

/// Whether the receipt of money is there.
pub async fn receipt_exists(
    c: &mut PgConnection,
    distributor: DistributorId,
    id: ReceiptId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from receipts where distributor_id = $1 and id = $2) as "exists!""#,
        distributor.uuid(),
        id.uuid(),
    )
    .fetch_one(c)
    .await
}

/// Adds the receipt of money.
pub async fn insert_receipt(
    c: &mut PgConnection,
    distributor: DistributorId,
    receipt: &NewReceipt<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into receipts (distributor_id, id, number, customer_id, amount, method, business_date, collected_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        distributor.uuid(),
        receipt.id.uuid(),
        receipt.number,
        receipt.customer.uuid(),
        receipt.amount.dong(),
        receipt.method,
        receipt.business_date,
        receipt.collected_by.uuid(),
        receipt.at,
    )
    .execute(c)
    .await?;
    Ok(())
}
