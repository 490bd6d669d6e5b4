//! The availability cache in process: bounded, both layers, swept by tags, filled under leases.
//!
//! Alone it is the cache of a single machine; in front of a shared cache it is the layer that
//! answers without leaving the process. Reading takes no lock of ours and copies nothing:
//! [`MemoryCache::peek`] hands out shared entries. Whether an entry may still be believed is for
//! the caller to check; here it is only forgotten in time.

mod leases;
mod tag_index;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Moment};

use async_trait::async_trait;
use booking_domain::availability::AvailabilityEntry;
use booking_domain::cache_key::{CacheKey, DayRangeKey, Tag};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::{AvailabilityCache, CacheError, CacheOverview, Deleted, FillLease};
use booking_domain::time::Instant;
use moka::Expiry;
use moka::notification::RemovalCause;
use moka::sync::Cache;

use crate::leases::Leases;
use crate::tag_index::TagIndex;

/// Both layers of the availability cache, in memory.
pub struct MemoryCache {
    entries: Cache<CacheKey, Kept>,
    /// Held while entries are put or swept, so that an entry and its tags come and go together, and
    /// nothing is filed under a lease that a sweep has taken.
    filing: Mutex<Filing>,
    /// Names that went by themselves (expired, or no room), not yet taken out of the index. A list
    /// of its own: entries may go at any moment, also while the filing is held.
    gone: Arc<Mutex<Vec<CacheKey>>>,
}

#[derive(Default)]
struct Filing {
    index: TagIndex,
    leases: Leases,
}

#[derive(Clone)]
struct Kept {
    entry: Arc<AvailabilityEntry>,
    lives: Duration,
}

/// Every entry lives as long as was said when it was put.
struct OwnLifetime;

impl Expiry<CacheKey, Kept> for OwnLifetime {
    fn expire_after_create(&self, _: &CacheKey, kept: &Kept, _: Moment) -> Option<Duration> {
        Some(kept.lives)
    }

    fn expire_after_update(
        &self,
        _: &CacheKey,
        kept: &Kept,
        _: Moment,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(kept.lives)
    }
}

impl MemoryCache {
    /// A cache for this many entries of both layers together.
    pub fn new(capacity: u64) -> Self {
        let gone = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&gone);
        let entries = Cache::builder()
            .max_capacity(capacity)
            .expire_after(OwnLifetime)
            .eviction_listener(move |key: Arc<CacheKey>, _, cause| {
                if matches!(cause, RemovalCause::Expired | RemovalCause::Size) {
                    locked(&noted).push(*key);
                }
            })
            .build();
        Self {
            entries,
            filing: Mutex::default(),
            gone,
        }
    }

    /// The entry under this name, shared.
    pub fn peek(&self, key: &CacheKey) -> Option<Arc<AvailabilityEntry>> {
        self.entries.get(key).map(|kept| kept.entry)
    }

    /// The filing, without the names that are gone.
    fn filing(&self) -> MutexGuard<'_, Filing> {
        let mut filing = locked(&self.filing);
        let gone = std::mem::take(&mut *locked(&self.gone));
        for key in gone {
            // It may have been put again since.
            if !self.entries.contains_key(&key) {
                filing.index.remove(&key);
            }
        }
        filing
    }

    fn keep(&self, filing: &mut Filing, key: &CacheKey, entry: &AvailabilityEntry, now: Instant) {
        let lives = entry.expires_at.since(now).as_micros();
        let lives = u64::try_from(lives).unwrap_or_default();
        if lives == 0 || key.window().utc_days().len_days() > DayRangeKey::MAX_DAYS {
            self.entries.invalidate(key);
            filing.index.remove(key);
            return;
        }
        let kept = Kept {
            entry: Arc::new(entry.clone()),
            lives: Duration::from_micros(lives),
        };
        self.entries.insert(*key, kept);
        filing.index.add(*key);
    }

    fn remove(&self, names: Vec<CacheKey>) -> Deleted {
        let mut deleted = Deleted::default();
        for key in names {
            deleted.total_keys += 1;
            if self.entries.remove(&key).is_some() {
                match key {
                    CacheKey::Layer1(_) => deleted.layer1 += 1,
                    CacheKey::Layer2(_) => deleted.layer2 += 1,
                }
            }
        }
        deleted
    }
}

#[async_trait]
impl AvailabilityCache for MemoryCache {
    async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<AvailabilityEntry>>, CacheError> {
        let found = keys.iter().map(|key| self.peek(key));
        Ok(found.map(|entry| entry.map(Arc::unwrap_or_clone)).collect())
    }

    async fn put(
        &self,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        now: Instant,
    ) -> Result<(), CacheError> {
        self.keep(&mut self.filing(), key, entry, now);
        Ok(())
    }

    async fn begin_fill(&self, key: &CacheKey, lease: &FillLease) -> Result<bool, CacheError> {
        Ok(self.filing().leases.take(key, lease, Moment::now()))
    }

    async fn commit_fill(
        &self,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        lease: &FillLease,
        now: Instant,
    ) -> Result<bool, CacheError> {
        let mut filing = self.filing();
        if filing.leases.give_back(key, lease.token, Moment::now()) {
            self.keep(&mut filing, key, entry, now);
            return Ok(true);
        }
        Ok(self.peek(key).is_some_and(|there| *there == *entry))
    }

    async fn abandon_fill(&self, key: &CacheKey, lease: &FillLease) -> Result<(), CacheError> {
        let mut filing = self.filing();
        filing.leases.give_back(key, lease.token, Moment::now());
        Ok(())
    }

    async fn filed(&self, tags: &[Tag]) -> Result<Vec<CacheKey>, CacheError> {
        Ok(self.filing().index.names(tags))
    }

    async fn invalidate(&self, tags: &[Tag]) -> Result<Deleted, CacheError> {
        let mut filing = self.filing();
        let deleted = self.remove(filing.index.take(tags));
        filing.leases.sweep(tags);
        Ok(deleted)
    }

    async fn clear(&self, event_type: EventTypeId) -> Result<Deleted, CacheError> {
        let mut filing = self.filing();
        let deleted = self.remove(filing.index.take_all(event_type));
        filing.leases.sweep_all(event_type);
        Ok(deleted)
    }

    async fn overview(&self, event_types: &[EventTypeId]) -> Result<CacheOverview, CacheError> {
        let mut overview = CacheOverview::default();
        for (key, _) in &self.entries {
            if !event_types.contains(&key.event_type()) {
                continue;
            }
            match *key {
                CacheKey::Layer1(_) => overview.layer1_entries += 1,
                CacheKey::Layer2(_) => overview.layer2_entries += 1,
            }
        }
        Ok(overview)
    }
}

/// A panic while it was held leaves at worst a name too many.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
