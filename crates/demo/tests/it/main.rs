//! The demo on a real PostgreSQL.

mod small;
mod support;
