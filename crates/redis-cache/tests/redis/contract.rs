//! Every promise of the port, each with a corner of the shared server to itself.

use std::sync::Arc;

use booking_test_support::contract::{BudgetUnderTest, CacheUnderTest};
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

async fn make_budget() -> BudgetUnderTest {
    let cache = cache(&shared_url().await.unwrap(), &unique_prefix(), PATIENT).await;
    BudgetUnderTest {
        budget: Arc::new(cache.budget(100)),
        keep: Box::new(cache),
    }
}

booking_test_support::budget_contract!(make_budget);
