//! Sets of names stay near the size of what lives, however much comes and goes in a day.

use booking_domain::cache_key::CacheKey;
use booking_domain::ports::{AvailabilityCache, FillLease};
use booking_domain::time::Span;
use booking_test_support::redis::{shared_url, unique_prefix};
use uuid::Uuid;

use crate::support::{EVENT_TYPE, PATIENT, Raw, cache, entry, key, now, tag};

/// How many live at a time, and how many come in all.
const LIVING: usize = 20;
const COMING: usize = 1_000;
/// A set settles at about 4/3 of what lives, as every filing drops what is gone among four names.
const BOUND: usize = 5 * LIVING;

fn hour(branch: usize) -> CacheKey {
    key(&format!(
        "cal_slots_15_{}_{EVENT_TYPE}_2025-10-13-08_2025-10-13-09",
        branch + 1
    ))
}

const LEASE: FillLease = FillLease {
    token: Uuid::from_u128(1),
    lasts: Span::minutes(5),
};

/// A busy day: entries are filled and vanish; fillers die with their lease.
///
/// Red when nothing is dropped, or when living names are.
#[tokio::test]
async fn a_busy_day_does_not_pile_up() {
    let (url, prefix) = (shared_url().await.unwrap(), unique_prefix());
    let (cache, mut raw) = (
        cache(&url, &prefix, PATIENT).await,
        Raw::connect(&url).await,
    );
    let mut largest: usize = 0;
    for n in 0..COMING {
        let it = hour(n);
        assert!(cache.begin_fill(&it, &LEASE).await.unwrap());
        if n % 2 == 0 {
            cache.put(&it, &entry(&it), now()).await.unwrap();
            let lease = format!("{prefix}calcom:lease:{it}");
            let () = raw.ask(&["UNLINK", &lease]).await;
        } else {
            let filed = cache.commit_fill(&it, &entry(&it), &LEASE, now()).await;
            assert!(filed.unwrap());
        }
        if n >= LIVING {
            let () = raw
                .ask(&["UNLINK", &format!("{prefix}{}", hour(n - LIVING))])
                .await;
        }
        let set = format!("{prefix}{}", tag("2025-10-13"));
        largest = largest.max(raw.ask(&["SCARD", &set]).await);
    }
    assert!(largest <= BOUND, "{largest} names");
    let filed = cache.filed(&[tag("2025-10-13")]).await.unwrap();
    for n in COMING - LIVING..COMING {
        assert!(filed.contains(&hour(n)), "{n}");
    }
}

/// Days come and go over the months.
///
/// Red when the index keeps the tags of days that are gone.
#[tokio::test]
async fn the_index_forgets_days_that_are_gone() {
    let (url, prefix) = (shared_url().await.unwrap(), unique_prefix());
    let (cache, mut raw) = (
        cache(&url, &prefix, PATIENT).await,
        Raw::connect(&url).await,
    );
    let first = tag("2025-10-13").day;
    let on = |n: usize| first.plus_days(i32::try_from(n).unwrap());
    let index = format!("{prefix}calcom:tag:{EVENT_TYPE}:all");
    for n in 0..COMING {
        let day = key(&format!("calcom:slots:{EVENT_TYPE}:{}:{}", on(n), on(n)));
        cache.put(&day, &entry(&day), now()).await.unwrap();
        if n >= LIVING {
            let gone = format!("{prefix}{}", tag(&on(n - LIVING).to_string()));
            let () = raw.ask(&["UNLINK", &gone]).await;
        }
    }
    let left: usize = raw.ask(&["SCARD", &index]).await;
    assert!((LIVING..=BOUND).contains(&left), "{left} days");
}
