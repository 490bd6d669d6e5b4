//! What listeners write down about events. Events may be told twice; everything here is written
//! once.

use async_trait::async_trait;
use uuid::Uuid;

use super::{Job, StoreError};
use crate::events::DomainEvent;
use crate::ids::{AppointmentId, CompanyId};
use crate::time::Instant;

/// How a message reaches a customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Channel {
    /// A letter.
    Email,
    /// A text message.
    Sms,
}

impl Channel {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotificationStatus {
    /// It waits for the job that sends it.
    Queued,
    /// Whoever carries it has taken it.
    Sent,
    /// Nobody is set up to carry it.
    NotSent,
    /// It was given up.
    Failed,
}

impl NotificationStatus {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::NotSent => "not_sent",
            Self::Failed => "failed",
        }
    }
}

/// A message that a customer should get. Says neither to whom nor what: both are looked up when it
/// is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notification {
    /// Its id.
    pub id: Uuid,
    /// How it goes.
    pub channel: Channel,
    /// Which text.
    pub template: &'static str,
}

/// The books that listeners keep.
#[async_trait]
pub trait EventRecords: Send + Sync {
    /// Counts the event in the figures of its day (UTC); false if it was counted before.
    async fn count(&self, event: &DomainEvent) -> Result<bool, StoreError>;

    /// Writes the event into the audit log, which nobody can change; false if it is there.
    async fn audit(&self, event: &DomainEvent) -> Result<bool, StoreError>;

    /// Notes that the customer of the event's appointment should get this, and files the job that
    /// sends it: both or neither. False if the same message was noted before.
    async fn notify(
        &self,
        event: &DomainEvent,
        (notification, job): (&Notification, &Job),
    ) -> Result<bool, StoreError>;

    /// Notes what became of a message; false if there is none such.
    async fn notified(
        &self,
        (company, id): (CompanyId, Uuid),
        status: NotificationStatus,
        detail: &str,
    ) -> Result<bool, StoreError>;
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
