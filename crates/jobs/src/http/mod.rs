pub(crate) mod dead_letters;
pub(crate) mod jobs;
