//! What requests say and answers show.

mod invoice;
mod order;
mod policy;
mod print;
mod returns;

pub use invoice::*;
pub use order::*;
pub use policy::*;
pub use print::*;
pub use returns::*;
