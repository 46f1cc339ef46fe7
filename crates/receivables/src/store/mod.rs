//! All SQL of the capability.

mod ageing;
mod allocations;
mod balances;
mod cash;
mod documents;
mod ledger;
mod openings;
mod overdue;
mod print;
mod receipts;
mod statement;
mod verify;

pub(crate) use ageing::{AgeingFilter, list_ageing};
pub(crate) use allocations::{
    find_allocation, find_entry, list_allocations, list_customer_allocations, list_live_allocations,
};
pub(crate) use balances::{BalanceFilter, find_balance, list_balances, list_entries};
pub(crate) use cash::{
    CashFilter, NewHandOver, delete_policy, find_collected, find_distributor_of_rep, find_hand_over,
    find_policy, find_role, insert_cash, insert_hand_over, list_cash_days, lock_cash_day, upsert_policy,
};
pub(crate) use documents::{
    DocumentFilter, NewAdjustment, find_adjustment, find_refund, insert_adjustment, insert_refund,
    list_adjustments, list_refunds,
};
pub(crate) use ledger::{
    NewAllocation, NewEntry, OpenEntry, Stamp, add_to_balance, find_overdue, insert_allocations,
    insert_entry, list_open_credits, list_open_debts,
};
pub(crate) use openings::{
    OpeningCustomer, PostedOpening, list_opening_customers, list_openings, lock_balances,
};
pub(crate) use overdue::{OverdueFilter, list_alerts, list_overdue};
pub(crate) use print::{Contact, find_contact, find_issuer, find_visible_hand_over};
pub(crate) use receipts::{
    cancel_receipt, find_balance_after, find_distributor_of, find_receipt, insert_receipt, list_receipts,
    lock_receipt,
};
pub(crate) use statement::{list_statement, sum_statement};
pub(crate) use verify::{list_cash_findings, list_findings};
