//! Work behind the requests: events leave the outbox ([`relay`]), old rows are swept away ([`housekeeping`]).

pub mod housekeeping;
pub mod relay;
mod store;
