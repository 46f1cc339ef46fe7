//! Goods that come back from a customer.
//!
//! From an invoice they come back at the price they were sold at, with their part of its discounts. Free goods are
//! claimed back too; see [`free`].

mod create;
mod decide;
mod error;
mod free;
mod receive;

pub use create::{AskedLine, AskedReturn, create_return};
pub use decide::{ReturnStep, decide_return};
pub use receive::{ReturnInto, receive_return};

use db::PgConnection;
use domain::SalesReturnId;
use platform::{ApiError, App, Caller};

use crate::model::SalesReturnView;
use crate::store;

/// A return with its lines.
///
/// # Errors
/// 404 when there is none the caller may see.
pub async fn find_return(app: &App, caller: &Caller, id: SalesReturnId) -> Result<SalesReturnView, ApiError> {
    let mut tx = app.db.read(caller.context()).await?;
    return_view(&mut tx, caller, id).await
}

async fn return_view(
    c: &mut PgConnection,
    caller: &Caller,
    id: SalesReturnId,
) -> Result<SalesReturnView, ApiError> {
    let row = store::find_return(c, id)
        .await?
        .filter(|row| caller.scope().includes(row.head.rep_id, row.unit_id))
        .ok_or_else(ApiError::not_found)?;
    let (seller, buyer) =
        store::find_parties(c, row.head.customer_id).await?.ok_or_else(ApiError::not_found)?;
    Ok(SalesReturnView {
        items: store::list_return_items(c, row.head.distributor_id, id).await?,
        seller,
        buyer,
        sub_total: row.gross,
        discount_amount: row.discount,
        tax_amount: row.vat,
        total_in_words: row.head.total_amount.in_words(),
        head: row.head,
    })
}
