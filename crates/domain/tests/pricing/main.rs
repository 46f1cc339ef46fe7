//! The pricing engine from outside: schemes, edges, defects of others that must not be ours, and what always holds.

mod catalogue;
mod defects;
mod limits;
mod lint;
mod make;
mod oracle;
mod properties;
mod sample;
mod settle;
mod simulate;
