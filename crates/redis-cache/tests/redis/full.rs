//! A server with little memory, which throws out what it likes.

use booking_domain::cache_key::CacheKey;
use booking_domain::ports::{AvailabilityCache, FillLease};
use booking_domain::time::Span;
use booking_redis_cache::RedisCache;
use booking_test_support::redis::TestRedis;
use booking_test_support::wait::until;
use uuid::Uuid;

use crate::support::{EVENT_TYPE, PATIENT, Raw, cache, entry, key, now, tag};

/// Shorter than an entry lives, as it should be: `volatile-ttl` throws out what ends first.
const LEASE: FillLease = FillLease {
    token: Uuid::from_u128(1),
    lasts: Span::seconds(30),
};
/// What the server may use beyond what it needs when it is empty, and how many entries and leases
/// are several times as much.
const ROOM: u64 = 600_000;
const MANY: usize = 1_500;

fn day(branch: usize) -> CacheKey {
    key(&format!(
        "cal_slots_15_{}_{EVENT_TYPE}_2025-10-13-08_2025-10-13-09",
        branch + 1
    ))
}

async fn small(redis: &TestRedis, policy: &str) -> Raw {
    let mut raw = Raw::connect(&redis.url()).await;
    let memory: String = raw.ask(&["INFO", "memory"]).await;
    let used = memory
        .lines()
        .find_map(|it| it.strip_prefix("used_memory:"));
    let used: u64 = used.unwrap().parse().unwrap();
    let limit = (used + ROOM).to_string();
    let () = raw.ask(&["CONFIG", "SET", "maxmemory", &limit]).await;
    let () = raw
        .ask(&["CONFIG", "SET", "maxmemory-policy", policy])
        .await;
    raw
}

async fn evicted(raw: &mut Raw) -> u64 {
    let statistics: String = raw.ask(&["INFO", "stats"]).await;
    let mut lines = statistics.lines();
    let evicted = lines.find_map(|it| it.strip_prefix("evicted_keys:"));
    evicted.unwrap().parse().unwrap()
}

/// Begins many fills and ends most; how many of these were filed.
async fn fill(cache: &RedisCache) -> usize {
    let mut filed = 0;
    for n in 0..MANY {
        let it = day(n);
        assert!(cache.begin_fill(&it, &LEASE).await.unwrap());
        if n % 3 > 0 {
            let done = cache.commit_fill(&it, &entry(&it), &LEASE, now()).await;
            filed += usize::from(done.unwrap());
        }
    }
    filed
}

async fn fills_one(cache: &RedisCache) -> bool {
    let it = day(MANY);
    assert!(cache.begin_fill(&it, &LEASE).await.unwrap());
    let filed = cache.commit_fill(&it, &entry(&it), &LEASE, now()).await;
    filed.unwrap() && cache.get(&[it]).await.unwrap()[0].is_some()
}

/// Entries, leases and sets vanish at any moment: every call answers, and what is new is kept.
///
/// Red when a step fails because something it counts on is gone.
#[tokio::test]
async fn what_was_thrown_out_is_a_miss_and_no_failure() {
    for policy in ["allkeys-lru", "volatile-ttl", "allkeys-random"] {
        let redis = TestRedis::start().await.unwrap();
        let cache = cache(&redis.url(), "p:", PATIENT).await;
        let mut raw = small(&redis, policy).await;
        let filed = fill(&cache).await;
        assert!(evicted(&mut raw).await > 100, "{policy}: too much room");
        assert!(filed > MANY / 3, "{policy}: {filed}");
        let all: Vec<_> = (0..MANY).map(day).collect();
        let found = cache.get(&all).await.unwrap();
        assert!(found.iter().any(Option::is_some) && found.iter().any(Option::is_none));
        cache.overview(&[EVENT_TYPE]).await.unwrap();
        cache.filed(&[tag("2025-10-13")]).await.unwrap();
        let deleted = cache.invalidate(&[tag("2025-10-13")]).await.unwrap();
        assert!(deleted.layer2 <= deleted.total_keys, "{policy}");
        cache.abandon_fill(&day(0), &LEASE).await.unwrap();
        // At once, unless what hid from the invalidation still fills the server.
        let kept = async || fills_one(&cache).await;
        until(PATIENT, "a new entry to be kept", kept)
            .await
            .unwrap();
        cache.clear(EVENT_TYPE).await.unwrap();
    }
}

/// Without its set an invalidation cannot find an entry or a lease: both stay until they expire,
/// and the stamp alone keeps such an entry from being believed. The next filing makes the set anew.
///
/// Red when a set that is gone is a failure, or stays away.
#[tokio::test]
async fn a_set_that_was_thrown_out_hides_what_was_filed_in_it() {
    let redis = TestRedis::start().await.unwrap();
    let cache = cache(&redis.url(), "p:", PATIENT).await;
    let mut raw = Raw::connect(&redis.url()).await;
    let tags = [tag("2025-10-13")];
    assert!(fills_one(&cache).await);
    assert!(cache.begin_fill(&day(0), &LEASE).await.unwrap());
    let () = raw.ask(&["UNLINK", &format!("p:{}", tags[0])]).await;
    assert_eq!(cache.invalidate(&tags).await.unwrap().total_keys, 0);
    assert!(cache.get(&[day(MANY)]).await.unwrap()[0].is_some());
    let late = day(0);
    let filed = cache.commit_fill(&late, &entry(&late), &LEASE, now()).await;
    assert!(filed.unwrap());
    assert_eq!(cache.filed(&tags).await.unwrap(), [late]);
    assert_eq!(cache.invalidate(&tags).await.unwrap().layer2, 1);
}

/// A server that throws nothing out refuses to keep more, and still forgets.
///
/// Red when an invalidation needs memory.
#[tokio::test]
async fn a_full_server_still_forgets() {
    let redis = TestRedis::start().await.unwrap();
    let cache = cache(&redis.url(), "p:", PATIENT).await;
    let mut raw = small(&redis, "noeviction").await;
    let mut refused = false;
    for n in 0..2 * MANY {
        refused = cache.put(&day(n), &entry(&day(n)), now()).await.is_err();
        if refused {
            break;
        }
    }
    assert!(refused, "too much room");
    assert!(cache.get(&[day(0)]).await.unwrap()[0].is_some());
    assert_eq!(evicted(&mut raw).await, 0);
    let deleted = cache.invalidate(&[tag("2025-10-13")]).await.unwrap();
    assert!(deleted.layer2 > 0);
    assert_eq!(cache.get(&[day(0)]).await.unwrap(), [None]);
    assert!(fills_one(&cache).await);
}
