//! Both availability cache layers. Advice only: every failure is a miss.

use async_trait::async_trait;

use super::BoxError;
use crate::availability::AvailabilityEntry;
use crate::cache_key::{CacheKey, Tag};
use crate::ids::EventTypeId;
use crate::time::Instant;

/// The cache did not answer in time, or not at all.
#[derive(Debug, thiserror::Error)]
#[error("the cache did not {action}")]
pub struct CacheError {
    /// What was tried.
    pub action: &'static str,
    /// What went wrong.
    #[source]
    pub source: BoxError,
}

/// How many entries an invalidation removed, per layer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Deleted {
    /// Day ranges.
    pub layer1: u64,
    /// Hour windows.
    pub layer2: u64,
    /// Names that were tried, present or not.
    pub total_keys: u64,
}

/// What the cache holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CacheOverview {
    /// Day ranges.
    pub layer1_entries: u64,
    /// Hour windows.
    pub layer2_entries: u64,
}

/// The availability cache.
#[async_trait]
pub trait AvailabilityCache: Send + Sync {
    /// The entries under these names, in order; absent or unreadable ones are `None`.
    async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<AvailabilityEntry>>, CacheError>;

    /// Keeps the entry under the name until it expires, and files it under the tags of its window.
    async fn put(
        &self,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        now: Instant,
    ) -> Result<(), CacheError>;

    /// Removes every entry filed under these tags. Repeating it is harmless.
    async fn invalidate(&self, tags: &[Tag]) -> Result<Deleted, CacheError>;

    /// Removes every entry of an event type.
    async fn clear(&self, event_type: EventTypeId) -> Result<Deleted, CacheError>;

    /// Counts what is there; for people, not for hot paths.
    async fn overview(&self) -> Result<CacheOverview, CacheError>;
}
