//! Which entries an invalidation takes, and which it leaves alone.

use booking_domain::cache_key::{CacheKey, tags_touched};
use booking_domain::ports::{AvailabilityCache, Deleted};
use booking_domain::time::TimeRange;
use booking_test_support::redis::{TestRedis, shared_url, unique_prefix};

use crate::support::{EVENT_TYPE, PATIENT, Raw, cache, entry, key, now, tag};

/// Forty entries that cover the morning of 13 October: day ranges and hour windows.
fn forty() -> Vec<CacheKey> {
    let ranges = (0..20).map(|i| {
        let (first, last) = (1 + i / 2, 13 + i % 2);
        format!("calcom:slots:{EVENT_TYPE}:2025-10-{first:02}:2025-10-{last}")
    });
    let windows = (1..=20)
        .map(|branch| format!("cal_slots_15_{branch}_{EVENT_TYPE}_2025-10-13-08_2025-10-13-09"));
    ranges.chain(windows).map(|name| key(&name)).collect()
}

/// Turns red when the names are unlinked without their prefix, or when a count ends too early.
#[tokio::test]
async fn forty_among_a_hundred_thousand_are_gone_and_nothing_else() {
    let redis = TestRedis::start().await.unwrap();
    let mut raw = Raw::connect(&redis.url()).await;
    let fill = "for i = 1, 100000 do \
        redis.call('SET', 'p:calcom:slots:' .. i .. ':2025-10-13:2025-10-13', 'x') end";
    let () = raw.ask(&["EVAL", fill, "0"]).await;
    let cache = cache(&redis.url(), "p:", PATIENT).await;
    let neighbour = key(&format!("calcom:slots:{EVENT_TYPE}:2025-11-13:2025-11-13"));
    for it in forty().iter().chain([&neighbour]) {
        cache.put(it, &entry(it), now()).await.unwrap();
    }

    let counted = cache.overview(&[EVENT_TYPE]).await.unwrap();
    assert_eq!((counted.layer1_entries, counted.layer2_entries), (21, 20));

    let start: booking_domain::time::Instant = "2025-10-13T08:30:00Z".parse().unwrap();
    let tags = tags_touched(&[EVENT_TYPE], &[TimeRange::lasting(start, 30)]);
    let deleted = Deleted {
        layer1: 20,
        layer2: 20,
        total_keys: 40,
    };
    assert_eq!(cache.invalidate(&tags).await.unwrap(), deleted);
    let left = cache.get(&forty()).await.unwrap();
    assert!(left.iter().all(Option::is_none));
    assert!(cache.get(&[neighbour]).await.unwrap()[0].is_some());
    let strangers: u64 = raw
        .ask(&["EVAL", "local n = 0; for i = 1, 100000 do n = n + redis.call('EXISTS', 'p:calcom:slots:' .. i .. ':2025-10-13:2025-10-13') end; return n", "0"])
        .await;
    assert_eq!(strangers, 100_000);
    let again = cache.invalidate(&tags).await.unwrap();
    assert_eq!(again, Deleted::default(), "repeating it is harmless");
    assert_eq!(cache.invalidate(&[]).await.unwrap(), Deleted::default());
}

/// Turns red when an invalidation takes at most a thousand entries.
#[tokio::test]
async fn thousands_of_entries_of_a_day_go_at_once() {
    let redis = TestRedis::start().await.unwrap();
    let cache = cache(&redis.url(), "", PATIENT).await;
    let mut raw = Raw::connect(&redis.url()).await;
    let fill = format!(
        "for i = 1, 2500 do local name = 'cal_slots_15_' .. i .. '_{EVENT_TYPE}_2025-10-13-08_2025-10-13-09'; \
         redis.call('SET', name, 'x'); redis.call('SADD', '{}', name) end",
        tag("2025-10-13"),
    );
    let () = raw.ask(&["EVAL", &fill, "0"]).await;
    let deleted = cache.invalidate(&[tag("2025-10-13")]).await.unwrap();
    assert_eq!((deleted.layer2, deleted.total_keys), (2_500, 2_500));
    let left: u64 = raw.ask(&["DBSIZE"]).await;
    assert_eq!(left, 0);
}

/// Turns red when an entry is filed under the first day of its window only.
#[tokio::test]
async fn an_entry_goes_with_any_of_its_days_and_is_tried_once() {
    let cache = cache(&shared_url().await.unwrap(), &unique_prefix(), PATIENT).await;
    let range = key(&format!("calcom:slots:{EVENT_TYPE}:2025-10-13:2025-10-15"));
    let days = ["2025-10-13", "2025-10-14", "2025-10-15"].map(tag);
    for day in days {
        cache.put(&range, &entry(&range), now()).await.unwrap();
        assert_eq!(cache.invalidate(&[day]).await.unwrap().layer1, 1, "{day}");
        assert_eq!(cache.get(&[range]).await.unwrap(), [None]);
    }
    cache.put(&range, &entry(&range), now()).await.unwrap();
    let both = cache.invalidate(&days).await.unwrap();
    assert_eq!((both.layer1, both.total_keys), (1, 1));
    // The other days' sets still name it: tried in vain, and harmless.
    cache.put(&range, &entry(&range), now()).await.unwrap();
    cache.invalidate(&days[..1]).await.unwrap();
    let rest = cache.invalidate(&days[1..]).await.unwrap();
    assert_eq!((rest.layer1, rest.total_keys), (0, 1));
}

/// Turns red when sets name entries by their whole key, or when the prefix is left out anywhere.
#[tokio::test]
async fn installations_with_other_prefixes_are_untouched() {
    let (url, prefix) = (shared_url().await.unwrap(), unique_prefix());
    let (ours, theirs) = (
        cache(&url, &format!("{prefix}a[1]*:"), PATIENT).await,
        cache(&url, &format!("{prefix}a1x:"), PATIENT).await,
    );
    let it = key(&format!("calcom:slots:{EVENT_TYPE}:2025-10-13:2025-10-13"));
    for cache in [&ours, &theirs] {
        cache.put(&it, &entry(&it), now()).await.unwrap();
    }
    assert_eq!(
        ours.overview(&[EVENT_TYPE]).await.unwrap().layer1_entries,
        1
    );
    ours.invalidate(&[tag("2025-10-13")]).await.unwrap();
    ours.clear(EVENT_TYPE).await.unwrap();
    assert_eq!(ours.get(&[it]).await.unwrap(), [None]);
    assert!(theirs.get(&[it]).await.unwrap()[0].is_some());
}

/// A set that somebody tampered with cannot make us delete what is not an entry.
#[tokio::test]
async fn only_entries_are_ever_removed() {
    let (url, prefix) = (shared_url().await.unwrap(), unique_prefix());
    let (cache, mut raw) = (
        cache(&url, &prefix, PATIENT).await,
        Raw::connect(&url).await,
    );
    let precious = format!("{prefix}precious");
    let () = raw.ask(&["SET", &precious, "x"]).await;
    let set = format!("{prefix}{}", tag("2025-10-13"));
    let () = raw.ask(&["SADD", &set, "precious"]).await;
    let deleted = cache.invalidate(&[tag("2025-10-13")]).await.unwrap();
    assert_eq!(deleted, Deleted::default());
    let still: u64 = raw.ask(&["EXISTS", &precious]).await;
    assert_eq!(still, 1);
}
