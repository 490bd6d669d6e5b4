//! The two tiers of the cache: this process, then the one all instances share.

use booking_domain::availability::{AvailabilityEntry, EntryScope, Miss, Stamp};
use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ports::AvailabilityCache;
use booking_domain::time::Instant;

use super::Window;
use super::figures::Layer;
use crate::Application;

/// Why the cache does not answer.
pub(crate) struct Missed {
    pub(crate) why: Miss,
    /// An entry that would have answered, had nothing changed since.
    pub(crate) outdated: Option<AvailabilityEntry>,
}

/// Of the wider entries that cover a question, so many are looked at.
const MOST_WIDER: usize = 4;

impl Application {
    /// Where leases are taken: the tier that all instances share, if there is one.
    pub(crate) fn authority(&self) -> &dyn AvailabilityCache {
        let shared = self.deps.shared_cache.as_ref();
        &**shared.unwrap_or(&self.deps.near_cache)
    }

    /// The entry of this name, if one of the tiers has one that may be believed.
    pub(crate) async fn cached(
        &self,
        key: &CacheKey,
        scope: &EntryScope,
        stamp: Stamp,
    ) -> Result<AvailabilityEntry, Missed> {
        let near = &*self.deps.near_cache;
        let missed = match (
            self.look(near, key, scope, stamp).await,
            &self.deps.shared_cache,
        ) {
            (Ok(entry), _) => return Ok(entry),
            (Err(missed), None) => return Err(missed),
            (Err(missed), Some(_)) => missed,
        };
        match self.look(self.authority(), key, scope, stamp).await {
            Ok(entry) => {
                self.keep_near(key, &entry, self.now()).await;
                Ok(entry)
            }
            Err(shared) => Err(Missed {
                outdated: shared.outdated.or(missed.outdated),
                ..shared
            }),
        }
    }

    pub(super) async fn look(
        &self,
        cache: &dyn AvailabilityCache,
        key: &CacheKey,
        scope: &EntryScope,
        stamp: Stamp,
    ) -> Result<AvailabilityEntry, Missed> {
        let entry = entries(cache, std::slice::from_ref(key)).await.pop();
        let Some(entry) = entry.flatten() else {
            return Err(Missed {
                why: Miss::Absent,
                outdated: None,
            });
        };
        match entry.check(scope, stamp, self.now()) {
            Ok(()) => Ok(entry),
            Err(why) => Err(Missed {
                why,
                outdated: (why == Miss::Stamp).then_some(entry),
            }),
        }
    }

    /// The part of a wider day range, from either tier, that answers this one. `stamp` was read
    /// before.
    pub(super) async fn cut_from_wider(
        &self,
        window: &Window<'_>,
        scope: &EntryScope,
        stamp: Stamp,
    ) -> Option<AvailabilityEntry> {
        if Layer::of(&window.key) != Layer::Days {
            return None;
        }
        let near = self.cut_in(&*self.deps.near_cache, window, scope, stamp);
        if let Some(entry) = near.await {
            return Some(entry);
        }
        let shared = self.deps.shared_cache.as_ref()?;
        self.cut_in(&**shared, window, scope, stamp).await
    }

    async fn cut_in(
        &self,
        cache: &dyn AvailabilityCache,
        window: &Window<'_>,
        scope: &EntryScope,
        stamp: Stamp,
    ) -> Option<AvailabilityEntry> {
        let day = Tag {
            event_type: window.event_type,
            day: scope.window.utc_days().first(),
        };
        let covers =
            |key: &CacheKey| Layer::of(key) == Layer::Days && key.window().contains(&scope.window);
        let mut wider = cache.filed(&[day]).await.unwrap_or_default();
        wider.retain(covers);
        wider.sort_by_key(|key| key.window().span());
        wider.truncate(MOST_WIDER);
        let found = entries(cache, &wider).await;
        let now = self.now();
        wider.iter().zip(found).find_map(|(key, entry)| {
            let entry = entry?;
            let of_wider = EntryScope {
                window: key.window(),
                ..scope.clone()
            };
            let current = window.stamp_over(self, key);
            entry.check(&of_wider, current, now).ok()?;
            entry.narrowed(scope, stamp)
        })
    }

    /// An entry that need not be fresh, for those who asked for that when the truth is out of
    /// reach.
    pub(crate) async fn any_entry(
        &self,
        key: &CacheKey,
        scope: &EntryScope,
    ) -> Option<AvailabilityEntry> {
        let tiers = [Some(&self.deps.near_cache), self.deps.shared_cache.as_ref()];
        for cache in tiers.into_iter().flatten() {
            let entry = entries(&**cache, std::slice::from_ref(key)).await.pop();
            let entry = entry.flatten().filter(|it| it.scope == *scope);
            if entry.is_some() {
                return entry;
            }
        }
        None
    }

    /// Keeps a copy in this process.
    pub(crate) async fn keep_near(&self, key: &CacheKey, entry: &AvailabilityEntry, now: Instant) {
        if let Err(error) = self.deps.near_cache.put(key, entry, now).await {
            tracing::warn!(%error, "an availability entry was not kept");
        }
    }
}

/// What is under these names; a cache that does not answer has nothing.
async fn entries(
    cache: &dyn AvailabilityCache,
    keys: &[CacheKey],
) -> Vec<Option<AvailabilityEntry>> {
    cache.get(keys).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the availability cache did not answer: a miss");
        Vec::new()
    })
}
