//! All SQL of the capability; it only reads, but for the snapshots that reports are read
//! from and the record of files made for the ERP.

mod dashboard;
mod erp;
mod erp_exports;
mod references;
mod sales;
mod stock_expiry;
mod stock_xnt;

pub(crate) use dashboard::{Dashboard, find_dashboard};
pub(crate) use erp::{ErpPosting, ErpSale, list_day_postings, list_marks, list_sales};
pub(crate) use erp_exports::{
    ExportRow, NewExport, Newest, insert_making, list_exports, list_newest, list_obsolete, mark_removed,
    mark_stored, renew_mark,
};
pub(crate) use references::list_dangling;
pub(crate) use sales::{Basis, SalesFilter, SalesLevel, SalesLine, list_sales_by_rep};
pub(crate) use stock_expiry::{ExpiringLot, list_expiring};
pub(crate) use stock_xnt::{
    ProductLabel, WarehouseName, XntFilter, XntSums, build_snapshot, builders_turn, find_built,
    find_first_posting, list_closed_month, list_closing, list_months, list_postings, list_postings_before,
    list_products, list_warehouses, list_wrong_snapshots, prepare_for_sums, try_builders_turn,
};
