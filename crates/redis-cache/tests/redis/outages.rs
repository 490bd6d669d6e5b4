//! Redis down, silent, restarted: bounded, told as a failure, and over by itself.

use std::time::{Duration, Instant};

use booking_domain::ports::{AvailabilityCache, FillLease};
use booking_domain::time::Span;
use booking_redis_cache::{RedisCache, RedisSettings};
use booking_test_support::proxy::TcpProxy;
use booking_test_support::redis::TestRedis;
use booking_test_support::wait::until;
use uuid::Uuid;

use crate::support::{EVENT_TYPE, PATIENT, cache, entry, key, now, tag};

const DAY: &str = "calcom:slots:2563193:2025-10-13:2025-10-13";
const LEASE: FillLease = FillLease {
    token: Uuid::from_u128(1),
    lasts: Span::seconds(30),
};
/// The limit of a call, and what a busy machine may add.
const BOUND: Duration = Duration::from_millis(100);

/// Every kind of call fails, and the quickest of a few rounds stays within the bound. Not each of
/// them: the machine may be busy, while a missing limit would show in all.
async fn every_call_fails_in_time(cache: &RedisCache) {
    let day = key(DAY);
    let (days, wanted) = ([tag("2025-10-13")], entry(&day));
    let mut quickest = [Duration::MAX; 7];
    for _ in 0..5 {
        for (call, best) in quickest.iter_mut().enumerate() {
            let start = Instant::now();
            let failed = match call {
                0 => cache.get(&[day]).await.is_err(),
                1 => cache.put(&day, &wanted, now()).await.is_err(),
                2 => cache.begin_fill(&day, &LEASE).await.is_err(),
                3 => {
                    let filed = cache.commit_fill(&day, &wanted, &LEASE, now()).await;
                    filed.is_err()
                }
                4 => cache.abandon_fill(&day, &LEASE).await.is_err(),
                5 => cache.filed(&days).await.is_err(),
                _ => cache.invalidate(&days).await.is_err(),
            };
            assert!(failed, "call {call} succeeded without Redis");
            *best = start.elapsed().min(*best);
        }
    }
    for best in quickest {
        assert!(best < BOUND, "{quickest:?}");
    }
}

async fn it_works_again(cache: &RedisCache) {
    let day = key(DAY);
    let works = || async {
        cache.put(&day, &entry(&day), now()).await?;
        cache
            .get(&[day])
            .await
            .map(|found| assert!(found[0].is_some()))
    };
    until(PATIENT, "the cache to work again", works)
        .await
        .unwrap();
}

/// Turns red when a call waits for the reconnection, or when nobody reconnects.
#[tokio::test]
async fn killed_it_fails_in_time_and_recovers_in_the_same_process() {
    let mut redis = TestRedis::start().await.unwrap();
    let cache = cache(&redis.url(), "p:", RedisSettings::DEFAULT_TIMEOUT).await;
    it_works_again(&cache).await;
    for _ in 0..2 {
        redis.kill().await.unwrap();
        every_call_fails_in_time(&cache).await;
        redis.restart_empty().await.unwrap();
        it_works_again(&cache).await;
    }
}

/// Turns red when `connect` needs Redis.
#[tokio::test]
async fn it_starts_without_redis() {
    let mut redis = TestRedis::start().await.unwrap();
    redis.kill().await.unwrap();
    let cache = cache(&redis.url(), "p:", RedisSettings::DEFAULT_TIMEOUT).await;
    every_call_fails_in_time(&cache).await;
    assert!(cache.ping().await.is_err() && cache.overview(&[EVENT_TYPE]).await.is_err());
    redis.restart_empty().await.unwrap();
    it_works_again(&cache).await;
    cache.ping().await.unwrap();
}

/// Turns red when a broken connection costs its next user the answer although Redis is there.
#[tokio::test]
async fn a_restart_between_two_calls_is_not_noticed() {
    let mut redis = TestRedis::start().await.unwrap();
    let cache = cache(&redis.url(), "p:", PATIENT).await;
    it_works_again(&cache).await;
    redis.restart_empty().await.unwrap();
    assert_eq!(
        cache.get(&[key(DAY)]).await.unwrap(),
        [None],
        "restarted empty"
    );
    it_works_again(&cache).await;
    redis.snapshot().await.unwrap();
    let gone = cache.invalidate(&[tag("2025-10-13")]).await.unwrap();
    assert_eq!(gone.layer1, 1);
    redis.restart_old().await.unwrap();
    // The old copy brings entry and set back together, so that repeating the removal works.
    let gone = cache.invalidate(&[tag("2025-10-13")]).await.unwrap();
    assert_eq!(gone.layer1, 1);
}

/// Turns red without the limit around a call, and when a silent connection is given up for good.
#[tokio::test]
async fn silent_it_fails_in_time_and_recovers() {
    let redis = TestRedis::start().await.unwrap();
    let cache = cache(&redis.url(), "p:", RedisSettings::DEFAULT_TIMEOUT).await;
    it_works_again(&cache).await;
    redis.pause().unwrap();
    every_call_fails_in_time(&cache).await;
    redis.resume().unwrap();
    it_works_again(&cache).await;
}

/// Turns red without the limit around a call, and when a slow server is given up for good.
#[tokio::test]
async fn slow_it_fails_in_time_and_recovers() {
    let redis = TestRedis::start().await.unwrap();
    let proxy = TcpProxy::start(format!("127.0.0.1:{}", redis.port()));
    let proxy = proxy.await.unwrap();
    let url = format!("redis://{}", proxy.address());
    let cache = cache(&url, "p:", RedisSettings::DEFAULT_TIMEOUT).await;
    it_works_again(&cache).await;
    proxy.delay(Duration::from_millis(200));
    every_call_fails_in_time(&cache).await;
    proxy.restore();
    it_works_again(&cache).await;
}

/// Turns red when callers are kept waiting one after the other while Redis is known to be silent.
#[tokio::test]
async fn a_long_silence_costs_the_limit_rarely() {
    let redis = TestRedis::start().await.unwrap();
    let limit = Duration::from_millis(500);
    let cache = cache(&redis.url(), "p:", limit).await;
    it_works_again(&cache).await;
    redis.pause().unwrap();
    assert!(cache.get(&[key(DAY)]).await.is_err());
    let start = Instant::now();
    for _ in 0..50 {
        assert!(cache.get(&[key(DAY)]).await.is_err());
    }
    assert!(start.elapsed() < 4 * limit, "{:?}", start.elapsed());
    redis.resume().unwrap();
    it_works_again(&cache).await;
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused() {
    let settings = RedisSettings::new("http://127.0.0.1", "p:");
    assert!(RedisCache::connect(settings).await.is_err());
}
