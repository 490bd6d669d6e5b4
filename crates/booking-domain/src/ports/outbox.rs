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
    /// The event.
    pub event: DomainEvent,
}

/// The outbox of all companies, for the relay.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Leases the events of up to `limit` appointments that are due at `now`, oldest first; nobody
    /// else gets any event of these appointments before `leased_until`, so that what happened to
    /// one appointment is told in its order. Events that commit late are found too: nothing is
    /// skipped. One that cannot be read is buried among the dead jobs and holds nobody up.
    async fn lease_due(
        &self,
        now: Instant,
        leased_until: Instant,
        limit: u32,
    ) -> Result<Vec<OutboxEntry>, StoreError>;

    /// Everybody has heard of these, or is told by a job: they leave the outbox for the history of
    /// their appointments. May be repeated.
    async fn delivered(&self, ids: &[i64]) -> Result<(), StoreError>;
}
