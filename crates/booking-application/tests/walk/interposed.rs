//! A cache in whose way something happens: right after a commit, before its caller looks again.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use booking_domain::availability::{AvailabilityEntry, Stamp};
use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::{
    AvailabilityCache, CacheError, CacheOverview, Deleted, FillLease, VersionMirror,
};
use booking_domain::time::Instant;
use booking_memory_cache::MemoryCache;
use booking_sqlite::SqliteStore;
use booking_test_support::builders::{MASSAGE_GROUP, OTHER_COMPANY};

use crate::world::{World, whole_monday};

type Meddling = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) struct Interposed {
    inner: MemoryCache,
    plan: Mutex<Option<(Arc<SqliteStore>, Stamp, Meddling)>>,
}

impl Default for Interposed {
    fn default() -> Self {
        Self {
            inner: MemoryCache::new(100),
            plan: Mutex::default(),
        }
    }
}

fn stamp(store: &SqliteStore) -> Stamp {
    store.stamp(OTHER_COMPANY, MASSAGE_GROUP, whole_monday().utc_days())
}

impl Interposed {
    /// Does this when the cache is asked what is filed for the first time after a commit.
    pub(crate) fn after_the_next_commit(
        &self,
        world: &World,
        meddling: impl Future<Output = ()> + Send + 'static,
    ) {
        let store = world.store.clone();
        let before = stamp(&store);
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((store, before, Box::pin(meddling)));
    }

    pub(crate) fn is_done(&self) -> bool {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.is_none()
    }

    fn due(&self) -> Option<Meddling> {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = plan
            .as_ref()
            .is_some_and(|(store, before, _)| stamp(store) != *before);
        is_due.then(|| plan.take()).flatten().map(|(.., it)| it)
    }
}

#[async_trait]
impl AvailabilityCache for Interposed {
    async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<AvailabilityEntry>>, CacheError> {
        self.inner.get(keys).await
    }

    async fn put(
        &self,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        now: Instant,
    ) -> Result<(), CacheError> {
        self.inner.put(key, entry, now).await
    }

    async fn begin_fill(&self, key: &CacheKey, lease: &FillLease) -> Result<bool, CacheError> {
        self.inner.begin_fill(key, lease).await
    }

    async fn commit_fill(
        &self,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        lease: &FillLease,
        now: Instant,
    ) -> Result<bool, CacheError> {
        self.inner.commit_fill(key, entry, lease, now).await
    }

    async fn abandon_fill(&self, key: &CacheKey, lease: &FillLease) -> Result<(), CacheError> {
        self.inner.abandon_fill(key, lease).await
    }

    async fn filed(&self, tags: &[Tag]) -> Result<Vec<CacheKey>, CacheError> {
        if let Some(meddling) = self.due() {
            meddling.await;
        }
        self.inner.filed(tags).await
    }

    async fn invalidate(&self, tags: &[Tag]) -> Result<Deleted, CacheError> {
        self.inner.invalidate(tags).await
    }

    async fn clear(&self, event_type: EventTypeId) -> Result<Deleted, CacheError> {
        self.inner.clear(event_type).await
    }

    async fn overview(&self, event_types: &[EventTypeId]) -> Result<CacheOverview, CacheError> {
        self.inner.overview(event_types).await
    }
}
