use domain::receivable::AllocationError;
use domain::{Money, Overflow, ReceivableEntryId};
use platform::ApiError;

/// Why the ledger refused. Nothing of the call is to be kept: the transaction rolls back.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// An amount must be more than 0.
    #[error("the amount must be more than 0, not {0}")]
    NotPositive(Money),
    /// An allocation names an entry that is no debt of this customer.
    #[error("entry {0} is no debt of this customer")]
    UnknownEntry(ReceivableEntryId),
    /// An allocation is more than what is open of its debt.
    #[error("{wanted} was to be paid of entry {entry}, of which {open} is open")]
    MoreThanOpen {
        /// The debt.
        entry: ReceivableEntryId,
        /// What was to be paid of it.
        wanted: Money,
        /// What is open of it.
        open: Money,
    },
    /// The allocations are more than the money there is.
    #[error("{allocated} was allocated of {amount}")]
    MoreThanReceived {
        /// What was allocated.
        allocated: Money,
        /// What there is.
        amount: Money,
    },
    /// A sum is out of range.
    #[error("an amount is out of range")]
    OutOfRange,
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<Overflow> for LedgerError {
    fn from(Overflow: Overflow) -> Self {
        LedgerError::OutOfRange
    }
}

impl From<AllocationError> for LedgerError {
    fn from(error: AllocationError) -> Self {
        match error {
            AllocationError::NotPositive(amount) => LedgerError::NotPositive(amount),
            AllocationError::Overflow(overflow) => overflow.into(),
        }
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::NotPositive(_) => ApiError::unprocessable(
                "receivables.not_positive",
                "Số tiền phải lớn hơn 0.",
                "The amount must be more than 0.",
            ),
            LedgerError::UnknownEntry(entry) => ApiError::unprocessable(
                "receivables.unknown_entry",
                "Khoản nợ được phân bổ không phải của khách hàng này. Hãy tải lại danh sách nợ.",
                "An allocation names something that is no debt of this customer. Load the open debts again.",
            )
            .with("entryId", entry),
            LedgerError::MoreThanOpen { entry, wanted, open } => ApiError::unprocessable(
                "receivables.more_than_open",
                format!("Số tiền phân bổ {wanted} lớn hơn số còn nợ {open}. Hãy phân bổ lại."),
                format!("{wanted} is allocated to a debt of which {open} is open. Allocate again."),
            )
            .with("entryId", entry),
            LedgerError::MoreThanReceived { allocated, amount } => ApiError::unprocessable(
                "receivables.more_than_received",
                format!("Tổng phân bổ {allocated} lớn hơn số tiền thu {amount}. Hãy phân bổ lại."),
                format!("{allocated} is allocated of {amount} received. Allocate again."),
            ),
            LedgerError::OutOfRange => ApiError::unprocessable(
                "receivables.out_of_range",
                "Số tiền vượt quá phạm vi cho phép.",
                "An amount is out of range.",
            ),
            LedgerError::Database(e) => e.into(),
        }
    }
}
