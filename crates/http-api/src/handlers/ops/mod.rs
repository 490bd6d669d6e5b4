//! For whoever runs a company's part of the gateway: the caches.

pub(crate) mod cache;
pub(crate) mod invalidate_cache;
pub(crate) mod warm_cache;
