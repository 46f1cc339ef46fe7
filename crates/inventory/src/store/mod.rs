//! All SQL of the capability.

mod adjustments;
mod balances;
mod counts;
mod documents;
mod ledger;
mod lots;
mod movements;
mod stock;
mod transfers;
mod verify;
mod warehouses;

pub(crate) use adjustments::{
    find_adjustment, find_issuer, insert_adjustment, list_adjustments, list_document_lines,
};
pub(crate) use balances::{
    Item, ItemChange, Missing, Purpose, is_counted_since, lock_items, lock_opening, lock_warehouse,
    update_items,
};
pub(crate) use counts::{
    CountFilter, Counted, LockedCount, NewCount, close_count, find_count, find_counted_products,
    find_open_count, insert_count, list_count_lines, list_counted_lots, list_counts, list_products_of_count,
    list_products_of_lots, lock_count, update_posted, upsert_counted,
};
pub(crate) use documents::{
    DocumentFilter, find_goods_receipt, get_goods_receipt, insert_goods_receipt, list_goods_receipts,
};
pub(crate) use ledger::post;
pub(crate) use lots::{LotInfo, LotKey, find_or_insert_lots, list_lots, list_lots_since};
pub(crate) use movements::{MovementFilter, list_movements};
pub(crate) use stock::{StockFilter, list_product_values, list_stock, list_values_ever};
pub(crate) use transfers::{
    LockedTransfer, NewTransfer, TRANSIT_CODE, TransferFilter, TransferLot, close_transfer,
    find_or_insert_transit, find_transfer, get_transfer, insert_transfer, insert_transfer_lots,
    list_transfer_lots, list_transfers, lock_transfer, update_received,
};
pub(crate) use verify::list_findings;
pub(crate) use warehouses::{
    find_reward_warehouse, find_warehouse, find_warehouse_stock, insert_warehouse, is_rep_of,
    list_warehouses, update_warehouse,
};
pub use warehouses::{main_warehouse, van_of};
