//! How long what is known of a budget stays in Redis.

use booking_domain::budget::{Priority, Remaining};
use booking_domain::ports::CallBudget;
use booking_domain::time::Span;
use booking_test_support::redis::{shared_url, unique_prefix};

use crate::support::{PATIENT, Raw, cache, now};

const ACCOUNT: &str = "0123456789abcdef";

/// Red when something is kept for ever (`PEXPIRE` in the scripts), or forgotten before it is over: a
/// key that was busy once would be in Redis for ever, a block be over too soon.
#[tokio::test]
async fn a_budget_is_kept_for_as_long_as_it_tells_of() {
    let (url, prefix) = (shared_url().await.unwrap(), unique_prefix());
    let cache = cache(&url, &prefix, PATIENT).await;
    let budget = cache.budget(100);
    let mut raw = Raw::connect(&url).await;
    let mut lives = async |name: &str| -> i64 {
        let key = format!("{prefix}calcom:{name}:{ACCOUNT}");
        raw.ask(&["PTTL", &key]).await
    };
    budget.take(ACCOUNT, Priority::Read, now()).await.unwrap();
    assert!((30_000..=60_000).contains(&lives("budget").await));

    let said = Remaining {
        calls: 5,
        until: now() + Span::seconds(20),
    };
    budget.lower(ACCOUNT, said, now()).await.unwrap();
    assert!((30_000..=60_000).contains(&lives("said").await));
    let until = now() + Span::seconds(90);
    budget.pause(ACCOUNT, until, now()).await.unwrap();
    assert!((60_001..=90_000).contains(&lives("said").await));
}
