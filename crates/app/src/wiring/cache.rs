//! The caches.

use std::sync::Arc;

use anyhow::Context;
use booking_domain::ports::AvailabilityCache;
use booking_memory_cache::MemoryCache;
use booking_redis_cache::{RedisCache, RedisSettings};
use secrecy::ExposeSecret;

use crate::config::Config;

/// Entries kept in this process.
const NEAR_ENTRIES: u64 = 10_000;

/// The cache in this process.
pub(crate) fn memory_cache() -> Arc<dyn AvailabilityCache> {
    Arc::new(MemoryCache::new(NEAR_ENTRIES))
}

/// The cache all instances share, where one is configured.
pub(crate) async fn connect_redis(config: &Config) -> anyhow::Result<Option<Arc<RedisCache>>> {
    let Some(url) = &config.redis_url else {
        return Ok(None);
    };
    let settings = RedisSettings::new(url.expose_secret(), &config.redis_prefix);
    let cache = RedisCache::connect(settings)
        .await
        .context("BOOKING__REDIS_URL cannot be used")?;
    Ok(Some(Arc::new(cache)))
}
