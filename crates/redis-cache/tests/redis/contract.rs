//! Every promise of the port, each with a corner of the shared server to itself.

use std::sync::Arc;

use booking_test_support::contract::CacheUnderTest;
use booking_test_support::redis::{shared_url, unique_prefix};

use crate::support::{PATIENT, cache};

async fn make() -> CacheUnderTest {
    let cache = cache(&shared_url().await.unwrap(), &unique_prefix(), PATIENT).await;
    CacheUnderTest {
        cache: Arc::new(cache),
        keep: Box::new(()),
    }
}

booking_test_support::cache_contract!(make);
