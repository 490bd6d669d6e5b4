//! The two tiers of the cache: this process, then the one all instances share.

use booking_domain::availability::{AvailabilityEntry, EntryScope, Miss, Stamp};
use booking_domain::cache_key::CacheKey;
use booking_domain::ports::AvailabilityCache;
use booking_domain::time::Instant;

use crate::Application;

const fn layer(key: &CacheKey) -> &'static str {
    match key {
        CacheKey::Layer1(_) => "calcom_slots",
        CacheKey::Layer2(_) => "alternative_slots",
    }
}

/// Counts what a read came to; a miss once more with its reason.
pub(crate) fn count_read(key: &CacheKey, found: &Result<AvailabilityEntry, Miss>) {
    let layer = layer(key);
    match found {
        Ok(_) => count_hit(layer),
        Err(miss) => {
            count(layer, "miss");
            metrics::counter!("booking_cache_misses_total", "layer" => layer, "reason" => miss.as_str())
                .increment(1);
        }
    }
}

/// Counts an answer from a layer that is provably fresh.
pub(super) fn count_hit(layer: &'static str) {
    count(layer, "hit");
}

fn count(layer: &'static str, result: &'static str) {
    metrics::counter!("booking_cache_requests_total", "layer" => layer, "result" => result)
        .increment(1);
}

impl Application {
    /// The entry under `key`, if one of the tiers has one that may be believed.
    pub(crate) async fn cached(
        &self,
        key: &CacheKey,
        scope: &EntryScope,
        stamp: Stamp,
        now: Instant,
    ) -> Result<AvailabilityEntry, Miss> {
        let near = self
            .look(&*self.deps.near_cache, key, scope, stamp, now)
            .await;
        match (near, &self.deps.shared_cache) {
            (Ok(entry), _) => Ok(entry),
            (Err(miss), None) => Err(miss),
            (Err(_), Some(shared)) => {
                let found = self.look(&**shared, key, scope, stamp, now).await;
                if let Ok(entry) = &found {
                    self.put_into(&*self.deps.near_cache, key, entry, now).await;
                }
                found
            }
        }
    }

    async fn look(
        &self,
        cache: &dyn AvailabilityCache,
        key: &CacheKey,
        scope: &EntryScope,
        stamp: Stamp,
        now: Instant,
    ) -> Result<AvailabilityEntry, Miss> {
        let found = cache
            .get(std::slice::from_ref(key))
            .await
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "the availability cache did not answer: a miss");
                Vec::new()
            });
        let entry = found.into_iter().flatten().next().ok_or(Miss::Absent)?;
        entry.check(scope, stamp, now).map(|()| entry)
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
            let found = cache
                .get(std::slice::from_ref(key))
                .await
                .unwrap_or_default();
            let entry = found
                .into_iter()
                .flatten()
                .next()
                .filter(|it| it.scope == *scope);
            if entry.is_some() {
                return entry;
            }
        }
        None
    }

    /// Files the entry in both tiers. A tier that fails is logged and forgotten.
    pub(crate) async fn fill(&self, key: &CacheKey, entry: &AvailabilityEntry, now: Instant) {
        let near = self.put_into(&*self.deps.near_cache, key, entry, now);
        let shared = async {
            if let Some(shared) = &self.deps.shared_cache {
                self.put_into(&**shared, key, entry, now).await;
            }
        };
        futures_util::future::join(near, shared).await;
    }

    async fn put_into(
        &self,
        cache: &dyn AvailabilityCache,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        now: Instant,
    ) {
        if let Err(error) = cache.put(key, entry, now).await {
            tracing::warn!(%error, layer = layer(key), "an availability entry was not kept");
        }
    }
}
