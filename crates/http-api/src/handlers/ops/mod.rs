//! For whoever runs a company's part of the gateway: the caches.

pub(crate) mod cache;
pub(crate) mod circuit_breakers;
pub(crate) mod invalidate_cache;
pub(crate) mod jobs;
pub(crate) mod resolve_review;
pub(crate) mod reviews;
pub(crate) mod warm_cache;
