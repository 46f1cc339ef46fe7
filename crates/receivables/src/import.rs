//! Opening debts from a file: what each customer owes when the system starts, document by document.
//!
//! The file says what was owed, not what to add: only the difference to what was posted as opening of the document
//! before is posted, so a file loaded twice changes nothing.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Days, NaiveDate, Utc};
use db::{Context, PgConnection, audit};
use domain::{CustomerId, DistributorId, DocumentId, Money, UserId};
use platform::{Loaded, RowError};
use serde::Serialize;
use uuid::Uuid;

use crate::ledger::{self, Allocate, Charge, Credit, LedgerError};
use crate::model::EntryKind;
use crate::store::{self, OpeningCustomer, PostedOpening};

/// A row of the file. Customer and document together must be distinct.
#[derive(Debug, Clone)]
pub struct OpeningRow {
    /// Its number in the file.
    pub row: u32,
    /// The customer's code.
    pub customer_code: String,
    /// The number of the document behind the debt.
    pub document_number: String,
    /// The day it counts on.
    pub date: NaiveDate,
    /// When it is due; the day and the customer's payment term when absent.
    pub due_date: Option<NaiveDate>,
    /// đồng; below zero is the customer's credit.
    pub amount: i64,
}

/// The headers that errors name.
#[derive(Debug, Clone, Copy)]
pub struct Headers {
    /// Of the customer's code.
    pub customer: &'static str,
    /// Of the day.
    pub date: &'static str,
    /// Of the due date.
    pub due_date: &'static str,
}

/// Whose debts are posted, and when.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// To whom they are owed.
    pub distributor: DistributorId,
    /// The business day today: nothing counts later.
    pub today: NaiveDate,
    /// The instant of the posting.
    pub at: DateTime<Utc>,
}

/// What the audit log keeps of a customer's opening.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    customer_code: &'a str,
    documents: usize,
    amount: Money,
}

/// Brings the opening debts to what the rows say; tells how many were new, changed and so already. Rows of unknown
/// customers, and those that contradict what was posted before, go to `errors`.
///
/// # Errors
/// When the database refuses, or a sum is out of range.
pub async fn load(
    c: &mut PgConnection,
    cx: &Context,
    opening: Opening,
    rows: &[OpeningRow],
    headers: Headers,
    errors: &mut Vec<RowError>,
) -> Result<Loaded, LedgerError> {
    let codes: Vec<String> = rows.iter().map(|row| row.customer_code.clone()).collect();
    let customers: HashMap<String, OpeningCustomer> =
        store::list_opening_customers(c, opening.distributor, &codes)
            .await?
            .into_iter()
            .map(|customer| (customer.code.clone(), customer))
            .collect();
    // In the order of ids, as every command that locks balances of several customers does.
    let mut by_customer: BTreeMap<CustomerId, Vec<&OpeningRow>> = BTreeMap::new();
    for row in rows {
        let wrong = |column: &'static str, value: String, vi: &'static str, en: &'static str| {
            RowError::new(row.row, column, value, vi, en)
        };
        if row.date > opening.today {
            let value = row.date.to_string();
            errors.push(wrong(headers.date, value, "Không được sau hôm nay", "Must not be after today"));
        } else if let Some(customer) = customers.get(&row.customer_code) {
            by_customer.entry(customer.id).or_default().push(row);
        } else {
            let value = row.customer_code.clone();
            let (vi, en) = ("Không có khách hàng mã này", "No customer has this code");
            errors.push(wrong(headers.customer, value, vi, en));
        }
    }
    let ids: Vec<CustomerId> = by_customer.keys().copied().collect();
    store::lock_balances(c, opening.distributor, &ids).await?;
    let mut posted: HashMap<(CustomerId, String), PostedOpening> =
        store::list_openings(c, opening.distributor, &ids)
            .await?
            .into_iter()
            .map(|p| ((p.customer, p.number.clone()), p))
            .collect();
    let mut loaded = Loaded::default();
    for (id, rows) in by_customer {
        let Some(customer) = rows.first().and_then(|row| customers.get(&row.customer_code)) else { continue };
        let (mut documents, mut sum) = (0, Money::ZERO);
        for row in rows {
            let term = Days::new(u64::from(customer.payment_term_days.unsigned_abs()));
            let due = row.due_date.unwrap_or_else(|| row.date.checked_add_days(term).unwrap_or(row.date));
            let before = posted.remove(&(id, row.document_number.clone()));
            if let Some(before) = &before
                && before.due_date.is_some_and(|known| known != due)
            {
                errors.push(RowError::new(
                    row.row,
                    headers.due_date,
                    due.to_string(),
                    "Chứng từ này đã nạp với hạn khác; hãy lập phiếu điều chỉnh công nợ",
                    "The document was loaded with another due date; post an adjustment",
                ));
                continue;
            }
            let change = Money::new(row.amount)
                .checked_sub(before.as_ref().map_or(Money::ZERO, |before| before.amount))?;
            match (change.is_zero(), &before) {
                (true, _) => {
                    loaded.unchanged += 1;
                    continue;
                }
                (false, None) => loaded.created += 1,
                (false, Some(_)) => loaded.updated += 1,
            }
            let document =
                before.map_or_else(|| DocumentId::new(Uuid::now_v7()), |before| before.document_id);
            post(c, cx, opening, (id, document), row, due, change).await?;
            documents += 1;
            sum = sum.checked_add(change)?;
        }
        if documents > 0 {
            let after = Summary { customer_code: &customer.code, documents, amount: sum };
            let entry = audit::Entry {
                action: "receivables.opening",
                entity: "customer",
                entity_id: Some(id.uuid()),
                distributor: Some(opening.distributor),
                before: None::<&()>,
                after: Some(&after),
            };
            audit::record(c, cx, opening.at, entry).await?;
        }
    }
    Ok(loaded)
}

async fn post(
    c: &mut PgConnection,
    cx: &Context,
    opening: Opening,
    (customer, document_id): (CustomerId, DocumentId),
    row: &OpeningRow,
    due_date: NaiveDate,
    change: Money,
) -> Result<(), LedgerError> {
    // The system's own work has no user.
    let actor = cx.user.unwrap_or(UserId::new(Uuid::nil()));
    let (distributor, kind, number) = (opening.distributor, EntryKind::Opening, row.document_number.as_str());
    if change.is_positive() {
        let charge = Charge {
            distributor,
            customer,
            kind,
            amount: change,
            document_id,
            number,
            business_date: row.date,
            due_date,
            at: opening.at,
            actor,
        };
        ledger::charge(c, &charge).await?;
    } else {
        let credit = Credit {
            distributor,
            customer,
            kind,
            amount: change.checked_neg()?,
            document_id,
            number,
            business_date: row.date,
            at: opening.at,
            actor,
        };
        ledger::credit(c, &credit, Allocate::FirstTo(document_id)).await?;
    }
    Ok(())
}
