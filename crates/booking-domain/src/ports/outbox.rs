//! Events on their way to the listeners.

use async_trait::async_trait;

use super::StoreError;
use crate::events::DomainEvent;
use crate::time::Instant;

/// An event that somebody has still to hear of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxEntry {
    /// Names the entry.
    pub id: i64,
    /// How often delivering it failed.
    pub failed: u32,
    /// The event.
    pub event: DomainEvent,
}

/// The outbox of all companies, for the relay.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Leases up to `limit` undelivered entries that are due at `now`, oldest first; nobody else
    /// gets them before `leased_until`. Events that commit late are found too: nothing is skipped.
    async fn lease_due(
        &self,
        now: Instant,
        leased_until: Instant,
        limit: u32,
    ) -> Result<Vec<OutboxEntry>, StoreError>;

    /// Everybody has heard of these.
    async fn delivered(&self, ids: &[i64], now: Instant) -> Result<(), StoreError>;

    /// Somebody could not be told: try again at `due_at`.
    async fn postpone(&self, id: i64, due_at: Instant, error: &str) -> Result<(), StoreError>;
}
