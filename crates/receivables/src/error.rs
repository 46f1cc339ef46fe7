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
    /// Nothing of the credit is left, or it is no credit of this customer.
    #[error("entry {0} is no credit that is left")]
    NoCredit(ReceivableEntryId),
    /// More is to be given back than the customer has as credit.
    #[error("{wanted} is to be given back of a credit of {credit}")]
    MoreThanCredit {
        /// What is to be given back.
        wanted: Money,
        /// What the customer has left.
        credit: Money,
    },
    /// More is to be written off than the customer owes.
    #[error("{wanted} is to be written off of debts of {owed}")]
    MoreThanOwed {
        /// What is to be written off.
        wanted: Money,
        /// What is open of the customer's debts.
        owed: Money,
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
            LedgerError::NoCredit(entry) => ApiError::unprocessable(
                "receivables.no_credit",
                "Khoản này không còn dư để phân bổ. Hãy tải lại danh sách.",
                "Nothing is left of this credit. Load the list again.",
            )
            .with("entryId", entry),
            LedgerError::MoreThanCredit { wanted, credit } => ApiError::unprocessable(
                "receivables.more_than_credit",
                format!("Số tiền trả lại {wanted} lớn hơn số khách còn dư {credit}. Hãy nhập tối đa {credit}."),
                format!("{wanted} is to be given back, but the customer has {credit} left. Give back at most that."),
            )
            .with("credit", credit),
            LedgerError::MoreThanOwed { wanted, owed } => ApiError::unprocessable(
                "receivables.more_than_owed",
                format!("Số tiền xóa nợ {wanted} lớn hơn số còn nợ {owed}. Hãy nhập tối đa {owed}."),
                format!("{wanted} is to be written off, but {owed} is owed. Write off at most that."),
            )
            .with("owed", owed),
            LedgerError::OutOfRange => ApiError::unprocessable(
                "receivables.out_of_range",
                "Số tiền vượt quá phạm vi cho phép.",
                "An amount is out of range.",
            ),
            LedgerError::Database(e) => e.into(),
        }
    }
}
