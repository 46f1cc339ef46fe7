//! The database itself: the private server, the tenants' walls, numbers under concurrency.

mod embedded;
mod numbers;
mod tenancy;
