//! The port, put together: names and bytes on one side, the connection on the other.

use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::availability::AvailabilityEntry;
use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ids::EventTypeId;
use booking_domain::ports::{AvailabilityCache, CacheError, CacheOverview, Deleted, FillLease};
use booking_domain::time::Instant;
use redis::Client;

use crate::RedisBudget;
use crate::admin::Admin;
use crate::filing::Filing;
use crate::link::{Link, Request};
use crate::settings::{RedisCacheError, RedisSettings};
use crate::{envelope, scripts};

const KEEP: &str = "keep an entry";

/// Both availability cache layers in Redis.
pub struct RedisCache {
    prefix: String,
    link: Arc<Link>,
    admin: Admin,
}

impl RedisCache {
    /// Begins to connect. That Redis does not answer is no error: reads are misses until it does,
    /// and connecting goes on in the background.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub async fn connect(settings: RedisSettings) -> Result<Self, RedisCacheError> {
        // One crypto provider for everything; whoever comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let info = settings.connection_info()?;
        let client = Client::open(info.clone()).map_err(RedisCacheError::Url)?;
        let admin = Admin::new(info)?;
        Ok(Self {
            prefix: settings.prefix,
            link: Arc::new(Link::open(client, settings.timeout).await),
            admin,
        })
    }

    /// The budgets of Cal.com accounts, so many calls a minute for each.
    pub fn budget(&self, limit: u32) -> RedisBudget {
        RedisBudget {
            prefix: self.prefix.clone(),
            limit,
            link: Arc::clone(&self.link),
        }
    }

    /// Whether Redis answers at all; for readiness pages.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), CacheError> {
        let ping = Request::Command(redis::cmd("PING"));
        self.admin.ask(&ping).await.map_err(failed("answer a ping"))
    }
}

#[async_trait]
impl AvailabilityCache for RedisCache {
    async fn get(&self, keys: &[CacheKey]) -> Result<Vec<Option<AvailabilityEntry>>, CacheError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = redis::cmd("MGET");
        for key in keys {
            command.arg(format!("{}{key}", self.prefix));
        }
        let values = self.link.ask(&Request::Command(command)).await;
        let values: Vec<Option<Vec<u8>>> = values.map_err(failed("answer a read"))?;
        let entry = |bytes: &Vec<u8>| envelope::decode(bytes);
        Ok(values
            .iter()
            .map(|value| value.as_ref().and_then(entry))
            .collect())
    }

    async fn put(
        &self,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        now: Instant,
    ) -> Result<(), CacheError> {
        let bytes = envelope::encode(entry).map_err(failed(KEEP))?;
        let script = scripts::put(&self.prefix, &Filing::of_entry(key, entry, now), &bytes);
        let kept = self.link.ask(&Request::Script(script)).await;
        kept.map_err(failed(KEEP))
    }

    async fn begin_fill(&self, key: &CacheKey, lease: &FillLease) -> Result<bool, CacheError> {
        let script = Request::Script(scripts::begin(&self.prefix, key, lease));
        let taken = self.link.ask(&script).await;
        taken.map_err(failed("give a lease"))
    }

    async fn commit_fill(
        &self,
        key: &CacheKey,
        entry: &AvailabilityEntry,
        lease: &FillLease,
        now: Instant,
    ) -> Result<bool, CacheError> {
        let bytes = envelope::encode(entry).map_err(failed(KEEP))?;
        let filing = Filing::of_entry(key, entry, now);
        let script = scripts::commit(&self.prefix, &filing, &bytes, lease);
        let kept = self.link.ask(&Request::Script(script)).await;
        kept.map_err(failed(KEEP))
    }

    async fn abandon_fill(&self, key: &CacheKey, lease: &FillLease) -> Result<(), CacheError> {
        let script = Request::Script(scripts::abandon(&self.prefix, key, lease));
        let given_back = self.link.ask(&script).await;
        given_back.map_err(failed("take a lease back"))
    }

    async fn filed(&self, tags: &[Tag]) -> Result<Vec<CacheKey>, CacheError> {
        if tags.is_empty() {
            return Ok(Vec::new());
        }
        let mut union = redis::cmd("SUNION");
        for tag in tags {
            union.arg(format!("{}{tag}", self.prefix));
        }
        let names = self.link.ask(&Request::Command(union)).await;
        let names: Vec<String> = names.map_err(failed("say what is filed"))?;
        // Leases are filed there too.
        let mut keys: Vec<CacheKey> = names.iter().filter_map(|name| name.parse().ok()).collect();
        keys.sort_unstable();
        Ok(keys)
    }

    async fn invalidate(&self, tags: &[Tag]) -> Result<Deleted, CacheError> {
        if tags.is_empty() {
            return Ok(Deleted::default());
        }
        let script = Request::Script(scripts::forget(&self.prefix, tags));
        let counts = self.link.ask(&script).await;
        counts
            .map(scripts::deleted)
            .map_err(failed("forget the entries of a change"))
    }

    async fn clear(&self, event_type: EventTypeId) -> Result<Deleted, CacheError> {
        let script = Request::Script(scripts::forget_all(&self.prefix, event_type));
        let counts = self.admin.ask(&script).await;
        counts
            .map(scripts::deleted)
            .map_err(failed("forget the entries of an event type"))
    }

    async fn overview(&self, event_types: &[EventTypeId]) -> Result<CacheOverview, CacheError> {
        let overview = self.admin.overview(&self.prefix, event_types).await;
        overview.map_err(failed("count its entries"))
    }
}

fn failed<E>(action: &'static str) -> impl FnOnce(E) -> CacheError
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |error| CacheError {
        action,
        source: error.into(),
    }
}
