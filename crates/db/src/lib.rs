//! The way to PostgreSQL: pools per role, transactions that say who acts, and the rows every capability
//! writes beside its own (audit, outbox, numbers).
//!
//! - [`Db::begin`] opens a transaction for a [`Context`]; row-level security reads it.
//! - [`audit`], [`outbox`] and [`numbers`] are written in the caller's transaction.
//! - [`embedded`] runs a private server in a folder, for one machine.

pub mod audit;
mod context;
pub mod embedded;
pub mod numbers;
pub mod outbox;
mod pool;
pub mod retry;

pub use context::{Context, Tenants};
pub use pool::{Db, PoolSizes, Tx, Usage};
pub use sqlx::PgConnection;
