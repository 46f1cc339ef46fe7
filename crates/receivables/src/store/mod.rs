//! All SQL of the capability.

mod ageing;
mod balances;
mod ledger;
mod receipts;
mod verify;

pub(crate) use ageing::list_ageing;
pub(crate) use balances::{BalanceFilter, find_balance, list_balances, list_entries};
pub(crate) use ledger::{
    NewAllocation, NewEntry, add_to_balance, find_overdue, insert_allocations, insert_entry,
    list_open_credits, list_open_debts,
};
pub(crate) use receipts::{ReceiptFilter, find_distributor_of, find_receipt, insert_receipt, list_receipts};
pub(crate) use verify::list_findings;
