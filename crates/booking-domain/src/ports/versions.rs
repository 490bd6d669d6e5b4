//! The truth line of the cache: availability versions, raised in units of work, mirrored in memory.

use async_trait::async_trait;

use super::StoreError;
use crate::availability::Stamp;
use crate::ids::{CompanyId, GroupId, ServiceId};
use crate::time::{DayRange, Instant, Span, TimeRange};

/// Availability versions inside a unit of work, for changes that no appointment tells of.
#[async_trait]
pub trait AvailabilityVersions {
    /// Makes every entry outdated that shows these times of the service's group, widened by
    /// `reach`; `None` stands for all times. Does nothing for a service that the company has not.
    async fn outdate(
        &mut self,
        service: ServiceId,
        affected: Option<&[TimeRange]>,
        reach: Span,
    ) -> Result<(), StoreError>;
}

/// An in-memory mirror of the availability versions of all companies.
///
/// Call [`refresh`](Self::refresh), then read. Reads after a refresh reflect every commit that was
/// acknowledged before the refresh was *called*: that is what makes a cache hit provably fresh.
#[async_trait]
pub trait VersionMirror: Send + Sync {
    /// Brings the mirror up to date by a statement that begins after this call. Callers that come
    /// while a statement runs share the next one.
    async fn refresh(&self) -> Result<(), StoreError>;

    /// The stamp of a group over these UTC days.
    fn stamp(&self, company: CompanyId, group: GroupId, days: DayRange) -> Stamp;

    /// When something in these days was last given up, so that Cal.com's list may not show it yet.
    fn freed_at(&self, company: CompanyId, group: GroupId, days: DayRange) -> Option<Instant>;

    /// Grows whenever the company's set-up or keys change; 0 for a company nobody set up.
    fn setup_version(&self, company: CompanyId) -> i64;
}
