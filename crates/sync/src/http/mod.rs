pub(crate) mod cases;
pub(crate) mod delta;
pub(crate) mod operations;
pub(crate) mod upload;
