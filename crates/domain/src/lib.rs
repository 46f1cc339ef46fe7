#![forbid(unsafe_code)]
//! The rules of DILIGO DMS: pure, deterministic, the same on server and phone.
//!
//! No I/O, no clock, no randomness: ids and instants are given to the functions here. Everything compiles to wasm32.
//!
//! | module | what it knows |
//! |---|---|
//! | [`id`] | typed ids |
//! | [`money`], [`quantity`] | đồng, percentages, sharing and rounding; cases and pieces |
//! | [`business_day`] | days and months of Asia/Ho_Chi_Minh; dates as typed |
//! | [`text`], [`geo`], [`password`] | search keys and telephone numbers; distances; the password policy |
//! | [`role`], [`permission`] | who may do what |
//! | [`document`] | kinds of documents and their numbers |
//! | [`buyer`], [`price`], [`pricing`] | whom prices and promotions are for; price lists; pricing an order |
//! | [`order`] | the life of an order, and its buyer's credit |
//! | [`stock`], [`receivable`] | taking goods by first expiry; paying debts by oldest due, ageing |
//! | [`route`], [`plan`] | who is due when; what a day's holidays do to that, and the order of stops |
//! | [`visit`], [`attendance`] | what a visit needs; working time |
//! | [`kpi`] | a month's targets, and how far one has come |
//! | [`track`] | a day's positions: way, stops, gaps and their causes, what can't be true |
//!
//! Feature `openapi` gives the types that travel their OpenAPI schemas, `sqlx` makes ids, amounts and words column
//! types; neither is for wasm32.

#[macro_use]
mod macros;

pub mod attendance;
pub mod business_day;
pub mod buyer;
pub mod display;
pub mod document;
pub mod geo;
pub mod id;
pub mod issue;
pub mod kpi;
pub mod money;
pub mod order;
pub mod password;
pub mod permission;
pub mod plan;
pub mod price;
pub mod pricing;
pub mod quantity;
pub mod receivable;
pub mod role;
pub mod route;
pub mod stock;
pub mod survey;
pub mod text;
pub mod track;
pub mod visit;
mod words;

pub use business_day::{Month, business_date};
pub use buyer::{Audience, Buyer};
pub use document::DocumentKind;
pub use geo::{Coordinates, Geofence};
pub use id::*;
pub use money::{Money, Overflow, Percent};
pub use order::{OrderStatus, OrderType};
pub use permission::Permission;
pub use quantity::{Conversion, Quantity, TypedQuantity, Unit, UnitPrices};
pub use role::Role;
pub use text::search_key;
pub use visit::{OutletState, VisitResult, VisitType};

/// A word that is none of those known in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not a known {what}; known: {}", known.join(", "))]
pub struct UnknownWord {
    /// What was expected: `unit`, `role`, …
    pub what: &'static str,
    /// The word.
    pub word: String,
    /// The words that would have been understood.
    pub known: &'static [&'static str],
}
