//! What recurs: one clock for all instances.

use async_trait::async_trait;

use super::{Job, StoreError};
use crate::time::Instant;

/// A recurring job at the moment somebody looks whether it is time.
#[derive(Clone, PartialEq, Debug)]
pub struct Firing {
    /// Which schedule.
    pub name: &'static str,
    /// The zone in which its times are meant.
    pub time_zone: &'static str,
    /// When it fires, as a cron expression.
    pub expression: &'static str,
    /// The first time after now.
    pub next: Instant,
    /// What is filed when it is time.
    pub job: Job,
}

/// The schedules of the installation.
#[async_trait]
pub trait ScheduleStore: Send + Sync {
    /// If it is time, moves the schedule on and files its job, both or neither; true for the one
    /// instance that did. A schedule that is new, or was changed, waits for its next time.
    async fn fire(&self, firing: &Firing, now: Instant) -> Result<bool, StoreError>;
}
