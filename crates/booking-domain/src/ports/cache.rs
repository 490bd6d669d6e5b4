//! Both availability cache layers. Advice only: every failure is a miss.

use async_trait::async_trait;
use uuid::Uuid;

use super::BoxError;
use crate::availability::AvailabilityEntry;
use crate::cache_key::{CacheKey, Tag};
use crate::ids::EventTypeId;
use crate::time::{Instant, Span};

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

/// How many entries an invalidation removed, per layer. Leases are not counted.
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

/// The right to fill one name, for a while. It saves fetches and keeps the cache clean; whether an
/// entry may be believed is decided by its stamp alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FillLease {
    /// Whose it is: drawn anew by whoever wants to fill.
    pub token: Uuid,
    /// How long it is kept for them.
    pub lasts: Span,
}

/// The availability cache.
#[async_trait]
pub trait AvailabilityCache: Send + Sync {
    /// The entries under these names, in order; absent or unreadable ones are `None`.
    async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<AvailabilityEntry>>, CacheError>;

    /// Keeps a copy of what was proven elsewhere, without a lease, until it expires, and files it
    /// under the tags of its window. One that has expired only takes the older one away.
    async fn put(
        &self,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        now: Instant,
    ) -> Result<(), CacheError>;

    /// Takes the lease to fill `key`, and files it under the tags of the key's window, so that an
    /// invalidation takes it away. `false` while somebody else has it. Asked again with the same
    /// token it is `true`, and lasts no longer. After a failure it may be taken, and runs out.
    async fn begin_fill(&self, key: &CacheKey, lease: &FillLease) -> Result<bool, CacheError>;

    /// Files the entry as [`put`](Self::put) does, if the lease is still ours, and gives the lease
    /// back. `false`, and nothing is filed, when an invalidation took it away, it ran out, or
    /// somebody else has it. Repeating it is harmless, and `true` while that same entry is there.
    async fn commit_fill(
        &self,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        lease: &FillLease,
        now: Instant,
    ) -> Result<bool, CacheError>;

    /// Gives the lease back unused, if it is ours: the fetch failed. Repeating it is harmless.
    async fn abandon_fill(&self, key: &CacheKey, lease: &FillLease) -> Result<(), CacheError>;

    /// The names of entries filed under any of these tags, each once, sorted. Some may be gone.
    async fn filed(&self, tags: &[Tag]) -> Result<Vec<CacheKey>, CacheError>;

    /// Removes what is filed under these tags: entries of layer 1, then of layer 2, then leases.
    /// Repeating it is harmless.
    async fn invalidate(&self, tags: &[Tag]) -> Result<Deleted, CacheError>;

    /// Removes every entry of an event type, and every lease.
    async fn clear(&self, event_type: EventTypeId) -> Result<Deleted, CacheError>;

    /// Counts the live entries of these event types; for people, not for hot paths.
    async fn overview(&self, event_types: &[EventTypeId]) -> Result<CacheOverview, CacheError>;
}
