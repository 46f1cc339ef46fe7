//! All SQL of the capability.

mod balances;
mod documents;
mod ledger;
mod lots;
mod movements;
mod stock;
mod verify;
mod warehouses;

pub(crate) use balances::{ItemChange, Missing, lock_items, update_items};
pub(crate) use documents::{
    ReceiptFilter, find_goods_receipt, insert_adjustment, insert_goods_receipt, list_goods_receipts,
};
pub(crate) use ledger::insert_movements;
pub(crate) use lots::{LotInfo, LotKey, find_or_insert_lots, list_lots};
pub(crate) use movements::{MovementFilter, list_movements};
pub(crate) use stock::{StockFilter, list_product_values, list_stock};
pub(crate) use verify::list_findings;
pub use warehouses::main_warehouse;
pub(crate) use warehouses::{find_warehouse, insert_warehouse, is_rep_of, list_warehouses};
