//! What listeners write down about events. Events may be told twice; everything here is written
//! once.

use async_trait::async_trait;

use super::StoreError;
use crate::events::DomainEvent;
use crate::ids::{AppointmentId, CompanyId};
use crate::time::Instant;

/// The books that listeners keep. Each is given as many events as there are and writes those that
/// it has not written before; it answers how many these were.
#[async_trait]
pub trait EventRecords: Send + Sync {
    /// Counts events in the figures of their days (UTC).
    async fn count(&self, events: &[&DomainEvent]) -> Result<u64, StoreError>;

    /// Writes events into the audit log, which nobody can change.
    async fn audit(&self, events: &[&DomainEvent]) -> Result<u64, StoreError>;
}

/// How long what is over is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention {
    /// Dead jobs that died before this go.
    pub dead_jobs: Instant,
    /// Webhooks received before this go, and the bodies of the quarantined with them.
    pub inbox: Instant,
    /// Answers to idempotency keys from before this go.
    pub keys: Instant,
    /// Sagas that are over and began before this go.
    pub sagas: Instant,
    /// Versions of days before the day of this go.
    pub versions: Instant,
    /// Messages noted before this go, unless they wait; and the campaigns none of whose are left.
    pub messages: Instant,
}

/// What the housekeeping of the installation needs.
#[async_trait]
pub trait Housekeeping: Send + Sync {
    /// Deletes up to `limit` rows of each kind that nobody needs any more; how many went.
    async fn prune(&self, keep: &Retention, limit: u32) -> Result<u64, StoreError>;

    /// Up to `limit` appointments that stand and were over before `now`, longest over first.
    async fn over(
        &self,
        now: Instant,
        limit: u32,
    ) -> Result<Vec<(CompanyId, AppointmentId)>, StoreError>;
}
