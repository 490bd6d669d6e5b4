//! The caches.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use booking_domain::ports::AvailabilityCache;
use booking_memory_cache::MemoryCache;
use booking_redis_cache::{RedisCache, RedisSettings};
use secrecy::ExposeSecret;

use crate::config::{Config, Switch};

/// A person waits longer for Redis than a request does.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// Entries kept in this process.
const NEAR_ENTRIES: u64 = 10_000;

/// The cache in this process.
pub(crate) fn memory_cache(config: &Config) -> Arc<dyn AvailabilityCache> {
    let entries = match config.cache.in_process {
        Switch::On => NEAR_ENTRIES,
        Switch::Off => 0,
    };
    Arc::new(MemoryCache::new(entries))
}

/// The cache all instances share, where one is configured. It is waited for no longer than
/// `patience`.
pub(crate) async fn connect_redis(
    config: &Config,
    patience: Duration,
) -> anyhow::Result<Option<Arc<RedisCache>>> {
    let Some(url) = &config.redis_url else {
        return Ok(None);
    };
    let settings = RedisSettings {
        timeout: patience,
        ..RedisSettings::new(url.expose_secret(), &config.redis_prefix)
    };
    let cache = RedisCache::connect(settings)
        .await
        .context("BOOKING__REDIS_URL cannot be used")?;
    Ok(Some(Arc::new(cache)))
}
