//! Posting to the stock ledger, and reserving.
//!
//! All balances change here and nowhere else, in the same transaction as the movement that explains them.
//!
//! **Lock order**, the same for every command that posts, so that none waits for another in a circle:
//! the document's row → the customer's balance → the counter that numbers the document → the warehouse (an advisory
//! lock: shared by those who post, exclusive for whoever opens a count or changes the warehouse) → the rows of
//! `stock_items` in product order (each guards its lots) → the counters of invoices and goods issues, and what is written
//! behind them. Two warehouses come one after the other, by id. So call a function here once per transaction and
//! warehouse, with all its products, after everything else is locked; only what leaves to a customer is [picked](pick)
//! before it is numbered, because the whole distributor waits for the one who holds that counter.

mod correct;
mod day;
mod issue;
mod receive;
mod reserve;
mod rows;
mod transfer;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{DistributorId, DocumentId, LotId, Money, ProductId, Quantity, Unit, UserId, WarehouseId};

pub use crate::error::{Shortage, StockError};
pub use crate::model::Reason;
pub(crate) use correct::{Correction, correct};
pub use day::day_of;
pub use issue::{Picked, pick};
pub use receive::{adjust, give, receive, return_goods};
pub(crate) use reserve::lock;
pub use reserve::{Life, release, reserve, reserve_available};
pub(crate) use rows::MovementRow;
pub(crate) use transfer::{MovedLot, lock_two, transfer};

/// The document behind a posting: where, which, when, who.
#[derive(Debug, Clone, Copy)]
pub struct Posting<'a> {
    /// The distributor whose stock it is.
    pub distributor: DistributorId,
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// The document.
    pub document_id: DocumentId,
    /// Its number, as people read it.
    pub number: &'a str,
    /// The business day it counts on.
    pub business_date: NaiveDate,
    /// The instant of the posting.
    pub at: DateTime<Utc>,
    /// Who posts.
    pub actor: UserId,
}

/// A posting whose document has no number yet.
#[derive(Debug, Clone, Copy)]
pub struct Unnumbered {
    /// The distributor whose stock it is.
    pub distributor: DistributorId,
    /// The warehouse.
    pub warehouse: WarehouseId,
    /// The document.
    pub document_id: DocumentId,
    /// The business day it counts on.
    pub business_date: NaiveDate,
    /// The instant of the posting.
    pub at: DateTime<Utc>,
    /// Who posts.
    pub actor: UserId,
}

impl Unnumbered {
    fn numbered(self, number: &str) -> Posting<'_> {
        let Unnumbered { distributor, warehouse, document_id, business_date, at, actor } = self;
        Posting { distributor, warehouse, document_id, number, business_date, at, actor }
    }
}

/// Which lots goods are taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// First expiry, then first in; lots without an expiry date last.
    Fefo {
        /// Lots that expire before this day stay: the business day plus the days that the goods must be good for. With
        /// none, expired goods go too.
        not_expiring_before: Option<NaiveDate>,
    },
    /// So much of these lots; together the pieces of the line.
    ByHand(Vec<(LotId, Quantity)>),
}

/// A line to issue. Quantities and values are positive; the ledger gets them negative.
#[derive(Debug, Clone)]
pub struct IssueLine {
    /// The line's number in its document; the picked lots refer to it.
    pub line_no: i32,
    /// What is issued.
    pub product_id: ProductId,
    /// How much, in pieces.
    pub pieces: Quantity,
    /// How much, in the unit it was typed in.
    pub typed_quantity: i64,
    /// That unit.
    pub unit: Unit,
    /// Value at the selling price of the moment.
    pub selling_value: Money,
    /// Value at the purchase price of the moment.
    pub cost_value: Money,
    /// Value at the price sold, before VAT.
    pub sold_value: Money,
    /// How many of the pieces were reserved for this line before; 0 takes all from what is free.
    pub reserved: Quantity,
    /// Which lots they come from.
    pub pick: Pick,
}

/// What was taken from one lot for one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickedLot {
    /// The line.
    pub line_no: i32,
    /// Its product.
    pub product_id: ProductId,
    /// The lot.
    pub lot_id: LotId,
    /// The number printed on the goods; empty when unknown.
    pub lot_number: String,
    /// The expiry date, if the goods have one.
    pub expiry: Option<NaiveDate>,
    /// How much of it, in pieces.
    pub pieces: Quantity,
}

/// A line that comes in; with [`adjust`] also one that goes out. Quantities and values are positive.
#[derive(Debug, Clone)]
pub struct ReceiveLine {
    /// What it is.
    pub product_id: ProductId,
    /// The number printed on the goods; empty when unknown.
    pub lot_number: String,
    /// The expiry date, if the goods have one.
    pub expiry: Option<NaiveDate>,
    /// How much, in pieces.
    pub pieces: Quantity,
    /// How much, in the unit it was typed in.
    pub typed_quantity: i64,
    /// That unit.
    pub unit: Unit,
    /// Value at the selling price of the moment.
    pub selling_value: Money,
    /// Value at the purchase price of the moment.
    pub cost_value: Money,
    /// Value at the price sold, before VAT: for goods that come back; 0 otherwise.
    pub sold_value: Money,
}

/// Sums the quantities per product, in product order; each must be above zero.
fn per_product(
    lines: impl IntoIterator<Item = (ProductId, Quantity)>,
) -> Result<BTreeMap<ProductId, Quantity>, StockError> {
    let mut sums = BTreeMap::new();
    for (product, pieces) in lines {
        if !pieces.is_positive() {
            return Err(StockError::OutOfRange);
        }
        let sum: &mut Quantity = sums.entry(product).or_default();
        *sum = sum.checked_add(pieces)?;
    }
    Ok(sums)
}
