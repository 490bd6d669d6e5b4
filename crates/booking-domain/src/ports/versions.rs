//! The truth line of the cache: availability versions, mirrored in memory.

use async_trait::async_trait;

use super::StoreError;
use crate::availability::Stamp;
use crate::ids::{CompanyId, GroupId};
use crate::time::DayRange;

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

    /// Grows whenever the company's set-up or keys change; 0 for a company nobody set up.
    fn setup_version(&self, company: CompanyId) -> i64;
}
