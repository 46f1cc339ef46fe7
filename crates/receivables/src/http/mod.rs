//! The endpoints.

pub(crate) mod ageing;
pub(crate) mod balances;
pub(crate) mod customer;
pub(crate) mod receipts;
