//! What is kept, for how long, and that it is found again.

use booking_domain::ports::{AvailabilityCache, CacheOverview, Deleted};
use booking_domain::time::Span;
use booking_test_support::redis::{TestRedis, shared_url, unique_prefix};

use crate::support::{EVENT_TYPE, PATIENT, Raw, cache, entry, key, lasting, now, tag};

const DAY: &str = "calcom:slots:2563193:2025-10-13:2025-10-13";
const HOUR: &str = "cal_slots_15_0_2563193_2025-10-13-08_2025-10-13-09";

/// Turns red when `get` answers in the order of Redis' table, or when `put` drops a field.
#[tokio::test]
async fn entries_come_back_as_they_were_in_the_order_asked() {
    let cache = cache(&shared_url().await.unwrap(), &unique_prefix(), PATIENT).await;
    let (day, hour) = (key(DAY), key(HOUR));
    for it in [&day, &hour] {
        cache.put(it, &entry(it), now()).await.unwrap();
    }
    let absent = key("calcom:slots:2563193:2025-10-14:2025-10-14");
    let found = cache.get(&[hour, absent, day]).await.unwrap();
    assert_eq!(found, [Some(entry(&hour)), None, Some(entry(&day))]);
    assert!(cache.get(&[]).await.unwrap().is_empty());
}

/// Turns red when the expiry of a set is overwritten instead of extended.
#[tokio::test]
async fn entries_expire_and_their_sets_a_minute_later() {
    let (url, prefix) = (shared_url().await.unwrap(), unique_prefix());
    let (cache, mut raw) = (
        cache(&url, &prefix, PATIENT).await,
        Raw::connect(&url).await,
    );
    let (day, hour) = (key(DAY), key(HOUR));
    let long = lasting(&day, Span::seconds(300));
    cache.put(&day, &long, now()).await.unwrap();
    cache.put(&hour, &entry(&hour), now()).await.unwrap();
    for (name, at_most) in [
        (DAY, 300_000),
        (HOUR, 60_000),
        ("calcom:tag:2563193:2025-10-13", 360_000),
        ("calcom:tag:2563193:all", 360_000),
    ] {
        let left: i64 = raw.ask(&["PTTL", &format!("{prefix}{name}")]).await;
        assert!(
            (at_most - 30_000..=at_most).contains(&left),
            "{name}: {left}"
        );
    }
}

/// Turns red when an expired entry is stored, or leaves an older one in place.
#[tokio::test]
async fn what_has_expired_is_not_kept() {
    let cache = cache(&shared_url().await.unwrap(), &unique_prefix(), PATIENT).await;
    let day = key(DAY);
    for life in [Span::ZERO, Span::seconds(-5), Span::MICROSECOND] {
        cache.put(&day, &entry(&day), now()).await.unwrap();
        cache.put(&day, &lasting(&day, life), now()).await.unwrap();
        assert_eq!(cache.get(&[day]).await.unwrap(), [None]);
    }
    cache
        .put(&day, &lasting(&day, Span::millis(30)), now())
        .await
        .unwrap();
    let gone = || async { cache.get(&[day]).await.unwrap()[0].is_none() };
    booking_test_support::wait::until(PATIENT, "the entry to expire", gone)
        .await
        .unwrap();
}

/// Turns red when a value of another version, or of another kind, is an error.
#[tokio::test]
async fn what_another_program_wrote_is_a_miss() {
    let (url, prefix) = (shared_url().await.unwrap(), unique_prefix());
    let (cache, mut raw) = (
        cache(&url, &prefix, PATIENT).await,
        Raw::connect(&url).await,
    );
    let (day, hour) = (key(DAY), key(HOUR));
    let () = raw
        .ask(&["SET", &format!("{prefix}{DAY}"), "\u{3}{}"])
        .await;
    let () = raw
        .ask(&["LPUSH", &format!("{prefix}{HOUR}"), "a list"])
        .await;
    assert_eq!(cache.get(&[day, hour]).await.unwrap(), [None, None]);
    // And it can be replaced.
    cache.put(&hour, &entry(&hour), now()).await.unwrap();
    assert!(cache.get(&[hour]).await.unwrap()[0].is_some());
}

#[tokio::test]
async fn clearing_takes_every_day_of_one_event_type_and_no_other() {
    let cache = cache(&shared_url().await.unwrap(), &unique_prefix(), PATIENT).await;
    let ours = [
        key(DAY),
        key(HOUR),
        key("calcom:slots:2563193:2025-12-01:2025-12-31"),
    ];
    let other = key("calcom:slots:256319:2025-10-13:2025-10-13");
    for it in ours.iter().chain([&other]) {
        cache.put(it, &entry(it), now()).await.unwrap();
    }
    let counted = |layer1_entries, layer2_entries| CacheOverview {
        layer1_entries,
        layer2_entries,
    };
    let both = [EVENT_TYPE, other.event_type()];
    assert_eq!(cache.overview(&both).await.unwrap(), counted(3, 1));
    assert_eq!(cache.overview(&both[..1]).await.unwrap(), counted(2, 1));
    let deleted = Deleted {
        layer1: 2,
        layer2: 1,
        total_keys: 3,
    };
    assert_eq!(cache.clear(EVENT_TYPE).await.unwrap(), deleted);
    assert_eq!(cache.clear(EVENT_TYPE).await.unwrap(), Deleted::default());
    assert!(cache.get(&[other]).await.unwrap()[0].is_some());
    assert!(cache.get(&ours).await.unwrap().iter().all(Option::is_none));
    cache.ping().await.unwrap();
}

/// Turns red when a read goes through a pool, which pings before every use, or when
/// anything walks over the names.
#[tokio::test]
async fn a_read_is_one_command_and_nothing_walks_over_the_names() {
    let redis = TestRedis::start().await.unwrap();
    let (cache, mut raw) = (
        cache(&redis.url(), "p:", PATIENT).await,
        Raw::connect(&redis.url()).await,
    );
    let (day, hour) = (key(DAY), key(HOUR));
    cache.put(&day, &entry(&day), now()).await.unwrap();
    let () = raw.ask(&["CONFIG", "RESETSTAT"]).await;
    for _ in 0..20 {
        cache.get(&[day, hour]).await.unwrap();
    }
    cache.filed(&[tag("2025-10-13")]).await.unwrap();
    cache.invalidate(&[tag("2025-10-13")]).await.unwrap();
    assert_eq!((raw.times("mget").await, raw.times("ping").await), (20, 0));
    cache.overview(&[EVENT_TYPE]).await.unwrap();
    cache.clear(EVENT_TYPE).await.unwrap();
    for command in ["get", "scan", "keys"] {
        assert_eq!(raw.times(command).await, 0, "{command}");
    }
}

/// Turns red when the scripts are called by their digest alone.
#[tokio::test]
async fn scripts_that_redis_forgot_are_sent_again() {
    let redis = TestRedis::start().await.unwrap();
    let cache = cache(&redis.url(), "p:", PATIENT).await;
    let mut raw = Raw::connect(&redis.url()).await;
    let day = key(DAY);
    for _ in 0..2 {
        cache.put(&day, &entry(&day), now()).await.unwrap();
        let () = raw.ask(&["SCRIPT", "FLUSH"]).await;
        let deleted = cache.invalidate(&[tag("2025-10-13")]).await.unwrap();
        assert_eq!(deleted.layer1, 1);
    }
}
