//! What a company tells many of its customers.

pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;
