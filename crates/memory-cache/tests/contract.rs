//! The cache in memory keeps every promise of the port.

use std::sync::Arc;

use booking_memory_cache::MemoryCache;
use booking_test_support::contract::CacheUnderTest;

async fn make() -> CacheUnderTest {
    CacheUnderTest {
        cache: Arc::new(MemoryCache::new(10_000)),
        keep: Box::new(()),
    }
}

booking_test_support::cache_contract!(make);
