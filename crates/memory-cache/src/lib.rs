//! The availability cache in process: bounded, both layers, swept by tags.
//!
//! Alone it is the cache of a single machine; in front of a shared cache it is the layer that
//! answers without leaving the process. Reading takes no lock of ours and copies nothing:
//! [`MemoryCache::peek`] hands out shared entries. Whether an entry may still be believed is for
//! the caller to check; here it is only forgotten in time.

mod tag_index;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Moment};

use async_trait::async_trait;
use booking_domain::availability::AvailabilityEntry;
use booking_domain::cache_key::{CacheKey, DayRangeKey, Tag};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::{AvailabilityCache, CacheError, CacheOverview, Deleted};
use booking_domain::time::Instant;
use moka::Expiry;
use moka::notification::RemovalCause;
use moka::sync::Cache;

use crate::tag_index::TagIndex;

/// Both layers of the availability cache, in memory.
pub struct MemoryCache {
    entries: Cache<CacheKey, Kept>,
    /// Held while entries are put or swept, so that an entry and its tags come and go together.
    index: Mutex<TagIndex>,
    /// Names that went by themselves (expired, or no room), not yet taken out of the index. A list
    /// of its own: entries may go at any moment, also while the index is held.
    gone: Arc<Mutex<Vec<CacheKey>>>,
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
            index: Mutex::default(),
            gone,
        }
    }

    /// The entry under this name, shared.
    pub fn peek(&self, key: &CacheKey) -> Option<Arc<AvailabilityEntry>> {
        self.entries.get(key).map(|kept| kept.entry)
    }

    /// The index, without the names that are gone.
    fn index(&self) -> MutexGuard<'_, TagIndex> {
        let mut index = locked(&self.index);
        let gone = std::mem::take(&mut *locked(&self.gone));
        for key in gone {
            // It may have been put again since.
            if !self.entries.contains_key(&key) {
                index.remove(&key);
            }
        }
        index
    }

    fn keep(&self, key: &CacheKey, entry: &AvailabilityEntry, now: Instant) {
        let lives = entry.expires_at.since(now).as_micros();
        let lives = u64::try_from(lives).unwrap_or_default();
        let mut index = self.index();
        if lives == 0 || key.window().utc_days().len_days() > DayRangeKey::MAX_DAYS {
            self.entries.invalidate(key);
            index.remove(key);
            return;
        }
        let kept = Kept {
            entry: Arc::new(entry.clone()),
            lives: Duration::from_micros(lives),
        };
        self.entries.insert(*key, kept);
        index.add(*key);
    }

    fn sweep(&self, names: impl FnOnce(&mut TagIndex) -> Vec<CacheKey>) -> Deleted {
        let mut index = self.index();
        let mut deleted = Deleted::default();
        for key in names(&mut index) {
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
        self.keep(key, entry, now);
        Ok(())
    }

    async fn invalidate(&self, tags: &[Tag]) -> Result<Deleted, CacheError> {
        Ok(self.sweep(|index| index.take(tags)))
    }

    async fn clear(&self, event_type: EventTypeId) -> Result<Deleted, CacheError> {
        Ok(self.sweep(|index| index.take_all(event_type)))
    }

    async fn overview(&self) -> Result<CacheOverview, CacheError> {
        let mut overview = CacheOverview::default();
        for (key, _) in &self.entries {
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
mod tests {
    use booking_domain::availability::{EntryScope, Stamp};
    use booking_domain::ids::{CompanyId, EpochId, GroupId};
    use booking_domain::time::{Span, TimeRange};
    use booking_test_support::builders::now;

    use super::*;

    const EPOCH: &str = "0199cd00-0000-7000-8000-000000000001";

    fn key(day: i64, width: i64) -> CacheKey {
        let start = now() + Span::days(day);
        let window = TimeRange::new(start, start + Span::days(width)).unwrap();
        CacheKey::Layer1(DayRangeKey::covering(EventTypeId::new(1), &window))
    }

    fn entry(key: &CacheKey) -> AvailabilityEntry {
        AvailabilityEntry {
            format: AvailabilityEntry::FORMAT,
            scope: EntryScope {
                company: CompanyId::new(15),
                event_type: key.event_type(),
                group: GroupId::new(1),
                account: String::new(),
                duration_minutes: 60,
                window: key.window(),
            },
            stamp: Stamp {
                epoch: EPOCH.parse::<EpochId>().unwrap(),
                sum: 1,
            },
            fetched_at: now(),
            expires_at: now() + Span::HOUR,
            slots: vec![],
        }
    }

    #[test]
    fn entries_and_names_are_bounded() {
        let cache = MemoryCache::new(10);
        for day in 0..1_000 {
            cache.keep(&key(day, 1), &entry(&key(day, 1)), now());
        }
        cache.entries.run_pending_tasks();
        assert!(cache.entries.entry_count() <= 10);
        let names = cache.index().names();
        assert!(names <= 10 * 2, "{names} names, two days each at most");
        let left: Vec<_> = cache.entries.iter().map(|(key, _)| *key).collect();
        let deleted = cache.sweep(|index| index.take_all(EventTypeId::new(1)));
        assert_eq!(
            deleted.layer1,
            left.len() as u64,
            "every entry had its tags"
        );
        assert_eq!(cache.index().names(), 0);
    }

    #[test]
    fn an_entry_lives_as_long_as_it_says() {
        let made = entry(&key(0, 1));
        let lives = Duration::from_secs(90);
        let kept = Kept {
            entry: Arc::new(made),
            lives,
        };
        let at = Moment::now();
        assert_eq!(
            OwnLifetime.expire_after_create(&key(0, 1), &kept, at),
            Some(lives)
        );
        let before = Some(Duration::from_secs(5));
        let after = OwnLifetime.expire_after_update(&key(0, 1), &kept, at, before);
        assert_eq!(after, Some(lives));
    }

    #[test]
    fn what_is_wider_than_any_window_is_not_kept() {
        let cache = MemoryCache::new(10);
        let wide = key(0, 100);
        cache.keep(&wide, &entry(&wide), now());
        assert!(cache.peek(&wide).is_none());
        assert_eq!(cache.index().names(), 0);
    }

    #[test]
    fn peeking_shares_the_entry() {
        let cache = MemoryCache::new(10);
        let name = key(0, 1);
        cache.keep(&name, &entry(&name), now());
        let (one, other) = (cache.peek(&name).unwrap(), cache.peek(&name).unwrap());
        assert!(Arc::ptr_eq(&one, &other));
    }

    #[test]
    fn a_name_that_came_back_keeps_its_tags() {
        let cache = MemoryCache::new(10);
        let name = key(0, 1);
        cache.keep(&name, &entry(&name), now());
        // As if an older entry of that name had been dropped late.
        locked(&cache.gone).push(name);
        let deleted = cache.sweep(|index| index.take_all(EventTypeId::new(1)));
        assert_eq!(deleted.layer1, 1);
    }
}
