use chrono::{DateTime, NaiveDate, Utc};
use domain::{CustomerId, DistributorId, DocumentId, Money, ReceiptId, ReceivableEntryId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an entry of the ledger is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
#[schema(as = ReceivableEntryKind)]
pub enum EntryKind {
    /// Debt taken over when the system started.
    Opening,
    /// Goods issued on an invoice.
    Invoice,
    /// Goods that came back.
    Return,
    /// Money received.
    Receipt,
    /// A correction.
    Adjustment,
    /// Money given back.
    Refund,
}

/// How money came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
#[schema(as = ReceiptMethod)]
pub enum PaymentMethod {
    /// In cash.
    Cash,
    /// By bank transfer.
    Transfer,
}

/// What a customer owes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerBalance {
    /// The customer.
    pub customer_id: CustomerId,
    /// The distributor it is owed to.
    pub distributor_id: DistributorId,
    /// The customer's code.
    pub customer_code: String,
    /// The customer's name.
    pub customer_name: String,
    /// Whom to call.
    pub phone: String,
    /// What is owed, in đồng; negative is credit.
    pub balance: Money,
    /// What of the open debts is past its due date, in đồng.
    pub overdue: Money,
    /// Days since the oldest of it was due; 0 when nothing is overdue.
    pub overdue_days: i32,
    /// The most that may be owed, in đồng; null is without limit.
    pub credit_limit: Option<Money>,
    /// Days from the issue of goods until they must be paid.
    pub payment_term_days: i32,
}

/// Sums over all customers of a list, not just those of the page.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BalanceTotals {
    /// What is owed, in đồng.
    pub balance: Money,
    /// What of it is past its due date, in đồng.
    pub overdue: Money,
}

/// An entry of a customer's ledger.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReceivableEntry)]
pub struct Entry {
    /// Its id; allocations name it.
    pub entry_id: ReceivableEntryId,
    /// What it is for.
    pub kind: EntryKind,
    /// The document behind it.
    pub document_id: DocumentId,
    /// Its number.
    pub document_number: String,
    /// The business day it counts on.
    pub business_date: NaiveDate,
    /// When it is due, for a debt.
    pub due_date: Option<NaiveDate>,
    /// đồng; above zero is owed, below zero lowers what is owed.
    pub amount: Money,
    /// What of it is still open, signed like the amount.
    pub open_amount: Money,
    /// What was owed after it, in đồng.
    pub balance_after: Money,
    /// The instant of the posting.
    pub posted_at: DateTime<Utc>,
}

/// So much of a credit paid a debt.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReceivableAllocation)]
pub struct Allocated {
    /// The debt's entry.
    pub entry_id: ReceivableEntryId,
    /// The number of its document.
    pub document_number: String,
    /// đồng.
    pub amount: Money,
}

/// A receipt of money (phiếu thu nợ).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MoneyReceipt {
    /// Its id.
    pub receipt_id: ReceiptId,
    /// `TN-YYYYMMDD-NNNN`.
    pub number: String,
    /// The distributor that received it.
    pub distributor_id: DistributorId,
    /// Who paid.
    pub customer_id: CustomerId,
    /// The customer's code.
    pub customer_code: String,
    /// The customer's name.
    pub customer_name: String,
    /// đồng.
    pub amount: Money,
    /// How it came.
    pub method: PaymentMethod,
    /// A remark.
    pub note: String,
    /// The business day.
    pub business_date: NaiveDate,
    /// Who received it.
    pub collected_by_name: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// The debts it paid.
    pub allocations: Vec<Allocated>,
    /// What of it is left as the customer's credit, in đồng.
    pub unallocated: Money,
}

/// How old debts are, in đồng.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ageing {
    /// Due on the day or later.
    pub not_due: Money,
    /// 1 to 7 days overdue.
    pub days_1_to_7: Money,
    /// 8 to 30 days overdue.
    pub days_8_to_30: Money,
    /// 31 to 60 days overdue.
    pub days_31_to_60: Money,
    /// 61 to 90 days overdue.
    pub days_61_to_90: Money,
    /// More than 90 days overdue.
    pub over_90_days: Money,
    /// Credit that has not paid anything yet; zero or less.
    pub credit: Money,
    /// The sum of all: what was owed.
    pub balance: Money,
}

/// How old a customer's debts are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomerAgeing {
    /// The customer.
    pub customer_id: CustomerId,
    /// The customer's code.
    pub customer_code: String,
    /// The customer's name.
    pub customer_name: String,
    /// The amounts.
    pub amounts: Ageing,
}
