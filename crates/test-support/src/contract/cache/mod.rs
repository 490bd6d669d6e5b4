//! `AvailabilityCache`: what is kept, what is swept, and who may fill.

mod entries;
mod filling;
mod leases;

pub use entries::*;
pub use filling::*;
pub use leases::*;

use booking_domain::availability::{AvailabilityEntry, EntryScope, Stamp};
use booking_domain::cache_key::{CacheKey, DayRangeKey, HourWindowKey};
use booking_domain::ids::{CompanyId, EpochId, EventTypeId};
use booking_domain::ports::FillLease;
use booking_domain::time::{Span, TimeRange};
use uuid::Uuid;

use super::CacheUnderTest;
use crate::builders::{BRANCH, COMPANY, CONSULTATION_EVENT, STAFF_GROUP, at, monday, now};

fn days_key(event_type: EventTypeId, start: &str, minutes: u32) -> CacheKey {
    let window = TimeRange::lasting(at(start), minutes);
    CacheKey::Layer1(DayRangeKey::covering(event_type, &window))
}

fn hours_key(company: CompanyId, event_type: EventTypeId, start: &str, minutes: u32) -> CacheKey {
    let window = TimeRange::lasting(at(start), minutes);
    CacheKey::Layer2(HourWindowKey::covering(
        company,
        Some(BRANCH),
        event_type,
        &window,
    ))
}

/// Monday's entries of both layers.
fn both_layers() -> [CacheKey; 2] {
    let start = "2025-10-13T09:00:00Z";
    [
        days_key(CONSULTATION_EVENT, start, 60),
        hours_key(COMPANY, CONSULTATION_EVENT, start, 60),
    ]
}

fn entry(key: &CacheKey) -> AvailabilityEntry {
    AvailabilityEntry {
        format: AvailabilityEntry::FORMAT,
        scope: EntryScope {
            company: COMPANY,
            event_type: key.event_type(),
            group: STAFF_GROUP,
            account: "digest of the account".to_owned(),
            duration_minutes: 60,
            window: key.window(),
        },
        stamp: Stamp {
            epoch: EpochId::new(Uuid::from_u128(7)),
            sum: 42,
        },
        fetched_at: now(),
        expires_at: now() + Span::minutes(5),
        slots: (8..16)
            .map(|hour| monday(&format!("{hour:02}:00"), 60))
            .collect(),
    }
}

impl CacheUnderTest {
    async fn keep(&self, key: &CacheKey) {
        let kept = self.cache.put(key, &entry(key), now()).await;
        kept.expect("kept");
    }

    async fn has(&self, keys: &[CacheKey]) -> Vec<bool> {
        let found = self.cache.get(keys).await.expect("answers");
        found.iter().map(Option::is_some).collect()
    }

    /// Whether the lease is given.
    async fn begins(&self, key: &CacheKey, lease: &FillLease) -> bool {
        let begun = self.cache.begin_fill(key, lease).await;
        begun.expect("answers")
    }

    /// Whether the usual entry is filed.
    async fn commits(&self, key: &CacheKey, lease: &FillLease) -> bool {
        self.commits_as(key, &entry(key), lease).await
    }

    async fn commits_as(
        &self,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        lease: &FillLease,
    ) -> bool {
        let filed = self.cache.commit_fill(key, entry, lease, now()).await;
        filed.expect("answers")
    }
}

/// The lease of this filler, longer than any test.
fn lease(filler: u128) -> FillLease {
    FillLease {
        token: Uuid::from_u128(filler),
        lasts: Span::minutes(5),
    }
}
