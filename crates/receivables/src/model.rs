use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    AdjustmentId, AllocationId, CustomerId, DistributorId, DocumentId, HandOverId, Money, ReceiptId,
    ReceivableEntryId, RefundId, UserId,
};
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
    /// What a promotion credits after its period.
    Rebate,
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
    /// The debts it pays.
    pub allocations: Vec<Allocated>,
    /// What of it is left as the customer's credit, in đồng.
    pub unallocated: Money,
    /// When it was cancelled, if it was.
    #[serde(default)]
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    #[serde(default)]
    pub cancel_reason: String,
}

/// So much of a credit paid a debt, from a day on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DatedAllocation)]
pub struct Allocation {
    /// Its id, to undo it.
    pub allocation_id: AllocationId,
    /// The credit's entry.
    pub credit_entry_id: ReceivableEntryId,
    /// The number of the credit's document.
    pub credit_number: String,
    /// The debt's entry.
    pub entry_id: ReceivableEntryId,
    /// The number of the debt's document.
    pub document_number: String,
    /// đồng.
    pub amount: Money,
    /// The business day from which the debt counts as paid.
    pub allocated_on: NaiveDate,
    /// The business day from which it no longer does, if it was undone.
    pub undone_on: Option<NaiveDate>,
}

/// Money given back to a customer (phiếu chi hoàn tiền).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MoneyRefund {
    /// Its id.
    pub refund_id: RefundId,
    /// `PC-YYYYMMDD-NNNN`.
    pub number: String,
    /// The distributor that gave it.
    pub distributor_id: DistributorId,
    /// Who got it.
    pub customer_id: CustomerId,
    /// The customer's code.
    pub customer_code: String,
    /// The customer's name.
    pub customer_name: String,
    /// đồng.
    pub amount: Money,
    /// How it was given.
    pub method: PaymentMethod,
    /// A remark.
    pub note: String,
    /// The business day.
    pub business_date: NaiveDate,
    /// Who gave it.
    pub created_by_name: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Why what a customer owes is corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[schema(as = DebtAdjustmentKind)]
pub enum AdjustmentKind {
    /// A mistake is put right.
    Correction,
    /// A discount granted afterwards.
    Discount,
    /// A debt is given up; it only lowers what is owed.
    WriteOff,
    /// Anything else.
    Other,
}

/// A correction of what a customer owes (phiếu điều chỉnh công nợ).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DebtAdjustment {
    /// Its id.
    pub adjustment_id: AdjustmentId,
    /// `DN-YYYYMMDD-NNNN`.
    pub number: String,
    /// The distributor it is owed to.
    pub distributor_id: DistributorId,
    /// Who owes.
    pub customer_id: CustomerId,
    /// The customer's code.
    pub customer_code: String,
    /// The customer's name.
    pub customer_name: String,
    /// đồng; above zero is owed on top, below zero is owed no more.
    pub amount: Money,
    /// Of which kind.
    pub kind: AdjustmentKind,
    /// Why.
    pub reason: String,
    /// The business day.
    pub business_date: NaiveDate,
    /// When what is owed on top is due.
    pub due_date: Option<NaiveDate>,
    /// Who did it.
    pub created_by_name: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Cash that a rep handed over (phiếu nộp quỹ).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CashHandOver {
    /// Its id.
    pub hand_over_id: HandOverId,
    /// `NQ-YYYYMMDD-NNNN`.
    pub number: String,
    /// The distributor.
    pub distributor_id: DistributorId,
    /// Who handed it over.
    pub rep_id: UserId,
    /// The rep's name.
    pub rep_name: String,
    /// The business day whose cash it is.
    pub date: NaiveDate,
    /// đồng; below zero was given back to the rep.
    pub amount: Money,
    /// What was missing (below zero) or too much, in đồng; it is on the difference account.
    pub difference: Money,
    /// Why a difference beyond the tolerance was accepted.
    pub reason: String,
    /// A remark.
    pub note: String,
    /// What of that day's cash the rep still carries after all hand-overs so far, in đồng.
    pub in_hand: Money,
    /// Who took it.
    pub created_by_name: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// What a rep did with cash on a day.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CashDay {
    /// The distributor.
    pub distributor_id: DistributorId,
    /// The rep.
    pub rep_id: UserId,
    /// The rep's name.
    pub rep_name: String,
    /// The business day.
    pub date: NaiveDate,
    /// What was collected, less what was cancelled, in đồng.
    pub collected: Money,
    /// What was handed over, in đồng.
    pub handed_over: Money,
    /// What was missing (below zero) or too much, in đồng.
    pub difference: Money,
    /// What the rep still carries, in đồng: collected − handed over + difference.
    pub in_hand: Money,
    /// The hand-overs, oldest first.
    pub hand_overs: Vec<CashHandOver>,
}

/// Sums over all days of a list, not just those of the page, in đồng.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CashTotals {
    /// What was collected, less what was cancelled.
    pub collected: Money,
    /// What was handed over.
    pub handed_over: Money,
    /// What was missing (below zero) or too much.
    pub difference: Money,
    /// What reps still carry.
    pub in_hand: Money,
}

/// How a distributor treats its reps' cash.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CashPolicy {
    /// The distributor.
    pub distributor_id: DistributorId,
    /// A difference up to this is posted without asking, in đồng.
    pub tolerance: Money,
    /// For `If-Match`; 0 while the distributor has no policy of its own, and nothing is tolerated.
    pub version: i64,
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

/// A debt past its due date.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverdueItem {
    /// Who owes.
    pub customer_id: CustomerId,
    /// The customer's code.
    pub customer_code: String,
    /// The customer's name.
    pub customer_name: String,
    /// Whom to call.
    pub phone: String,
    /// The entry.
    pub entry_id: ReceivableEntryId,
    /// What it is for.
    pub kind: EntryKind,
    /// The document behind it.
    pub document_id: DocumentId,
    /// Its number.
    pub document_number: String,
    /// The business day it counts on.
    pub business_date: NaiveDate,
    /// When it was due.
    pub due_date: NaiveDate,
    /// Days since then.
    pub days: i32,
    /// đồng at first.
    pub amount: Money,
    /// đồng still open.
    pub open_amount: Money,
}

/// Sums over all overdue debts of a list, not just those of the page.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverdueTotals {
    /// Debts.
    pub items: i64,
    /// Customers that owe them.
    pub customers: i64,
    /// đồng still open.
    pub open_amount: Money,
}

/// A customer near or over the credit limit.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditAlert {
    /// The customer.
    pub customer_id: CustomerId,
    /// The customer's code.
    pub customer_code: String,
    /// The customer's name.
    pub customer_name: String,
    /// The most that may be owed, in đồng.
    pub credit_limit: Money,
    /// What is owed, in đồng.
    pub balance: Money,
    /// What is approved or invoiced and not yet charged, in đồng.
    pub committed: Money,
    /// How far both are over the limit, in đồng; 0 when they are not.
    pub over: Money,
}

/// An entry of a statement.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatementLine {
    /// The entry.
    pub entry_id: ReceivableEntryId,
    /// The business day.
    pub date: NaiveDate,
    /// What it is for.
    pub kind: EntryKind,
    /// The document behind it.
    pub document_id: DocumentId,
    /// Its number.
    pub document_number: String,
    /// When it is due, for a debt.
    pub due_date: Option<NaiveDate>,
    /// đồng; above zero is owed, below zero lowers what is owed.
    pub amount: Money,
    /// What was owed after it, in đồng.
    pub balance: Money,
}

/// The sums of a statement, in đồng.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatementSums {
    /// What was owed before the period.
    pub opening: Money,
    /// What came on top in it.
    pub debit: Money,
    /// What came off in it; zero or more.
    pub credit: Money,
    /// What was owed after it: opening + debit − credit.
    pub closing: Money,
}
