pub(crate) mod dead_letters;
pub(crate) mod events;
pub(crate) mod jobs;
