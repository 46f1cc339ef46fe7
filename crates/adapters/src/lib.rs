//! Ports to the outside and what stands behind them: an embedded default for one machine, the real thing in a cloud.

pub mod blob;
