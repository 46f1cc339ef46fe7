pub(crate) mod alerts;
pub(crate) mod clean_up;
pub(crate) mod report;
