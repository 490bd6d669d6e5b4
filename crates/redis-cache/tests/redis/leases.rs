//! Leases on a server that restarts, fails over, or answers too late.

use booking_domain::ports::{AvailabilityCache, FillLease};
use booking_domain::time::Span;
use booking_redis_cache::{RedisCache, RedisSettings};
use booking_test_support::proxy::TcpProxy;
use booking_test_support::redis::{TestRedis, shared_url, unique_prefix};
use booking_test_support::wait::until;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::support::{PATIENT, Raw, cache, entry, key, lasting, now, tag};

const DAY: &str = "calcom:slots:2563193:2025-10-13:2025-10-13";
const SET: &str = "calcom:tag:2563193:2025-10-13";
const INDEX: &str = "calcom:tag:2563193:all";

fn lease(filler: u128) -> FillLease {
    FillLease {
        token: Uuid::from_u128(filler),
        lasts: Span::seconds(30),
    }
}

async fn begins(cache: &RedisCache, filler: u128) -> bool {
    cache.begin_fill(&key(DAY), &lease(filler)).await.unwrap()
}

async fn commits(cache: &RedisCache, filler: u128) -> bool {
    let (day, lease) = (key(DAY), lease(filler));
    let filed = cache.commit_fill(&day, &entry(&day), &lease, now()).await;
    filed.unwrap()
}

async fn has(cache: &RedisCache) -> bool {
    cache.get(&[key(DAY)]).await.unwrap()[0].is_some()
}

/// Red when a lease never expires or is lengthened by asking again, when its sets go before it does
/// or are shortened by what comes next, or when it stays in them after its end.
#[tokio::test]
async fn a_lease_expires_and_leaves_its_sets_with_its_end() {
    let (url, prefix) = (shared_url().await.unwrap(), unique_prefix());
    let (cache, mut raw) = (
        cache(&url, &prefix, PATIENT).await,
        Raw::connect(&url).await,
    );
    let (day, name) = (key(DAY), format!("calcom:lease:{DAY}"));
    let [lease_key, set, index] = [&name[..], SET, INDEX].map(|name| format!("{prefix}{name}"));
    for commit in [false, true] {
        assert!(begins(&cache, 1).await);
        for (it, at_most) in [(&lease_key, 30_000), (&set, 90_000), (&index, 90_000)] {
            let left: i64 = raw.ask(&["PTTL", it]).await;
            assert!((at_most - 15_000..=at_most).contains(&left), "{it}: {left}");
        }
        assert!(raw.ask::<bool>(&["SISMEMBER", &set, &name]).await);
        let () = raw.ask(&["PEXPIRE", &lease_key, "15000"]).await;
        assert!(begins(&cache, 1).await);
        let left: i64 = raw.ask(&["PTTL", &lease_key]).await;
        assert!(left <= 15_000, "asking again does not lengthen it: {left}");
        if commit {
            let brief = lasting(&day, Span::seconds(1));
            let filed = cache.commit_fill(&day, &brief, &lease(1), now()).await;
            assert!(filed.unwrap());
        } else {
            cache.abandon_fill(&day, &lease(1)).await.unwrap();
        }
        assert!(!raw.ask::<bool>(&["EXISTS", &lease_key]).await);
        assert!(!raw.ask::<bool>(&["SISMEMBER", &set, &name]).await);
    }
    let left: i64 = raw.ask(&["PTTL", &set]).await;
    assert!(left > 61_000, "a short entry does not shorten it: {left}");
}

/// Red when a commit needs no lease.
#[tokio::test]
async fn a_lease_does_not_survive_an_empty_restart() {
    let mut redis = TestRedis::start().await.unwrap();
    let cache = cache(&redis.url(), "p:", PATIENT).await;
    assert!(begins(&cache, 1).await);
    redis.restart_empty().await.unwrap();
    assert!(!commits(&cache, 1).await && !has(&cache).await);
    assert!(begins(&cache, 2).await && commits(&cache, 2).await);
    assert!(has(&cache).await);
}

/// A copy from before the lease knows nothing of it. One from after it brings it back, although an
/// invalidation had taken it: the late entry is filed, which its stamp makes harmless, and goes
/// when the invalidation is repeated.
///
/// Red when a commit needs no lease, or when a repeated invalidation leaves leases.
#[tokio::test]
async fn an_old_copy_brings_back_only_what_it_has() {
    let mut redis = TestRedis::start().await.unwrap();
    let cache = cache(&redis.url(), "p:", PATIENT).await;
    let tags = [tag("2025-10-13")];
    redis.snapshot().await.unwrap();
    assert!(begins(&cache, 1).await);
    redis.restart_old().await.unwrap();
    assert!(!commits(&cache, 1).await && !has(&cache).await);

    assert!(begins(&cache, 2).await);
    redis.snapshot().await.unwrap();
    cache.invalidate(&tags).await.unwrap();
    assert!(!commits(&cache, 2).await);
    redis.restart_old().await.unwrap();
    assert!(commits(&cache, 2).await);
    assert_eq!(cache.invalidate(&tags).await.unwrap().layer1, 1);
    assert!(!has(&cache).await);

    redis.restart_old().await.unwrap();
    cache.invalidate(&tags).await.unwrap();
    assert!(!commits(&cache, 2).await && !has(&cache).await);
}

/// Another server behind the same address, which never heard of the lease.
///
/// Red when a commit needs no lease.
#[tokio::test]
async fn a_lease_does_not_survive_a_failover() {
    let (mut first, second) = (
        TestRedis::start().await.unwrap(),
        TestRedis::start().await.unwrap(),
    );
    let at = |redis: &TestRedis| format!("127.0.0.1:{}", redis.port());
    let proxy = TcpProxy::start(at(&first)).await.unwrap();
    let cache = cache(&format!("redis://{}", proxy.address()), "p:", PATIENT).await;
    assert!(begins(&cache, 1).await);
    proxy.lead_to(at(&second));
    first.kill().await.unwrap();
    assert!(!commits(&cache, 1).await && !has(&cache).await);
    assert!(begins(&cache, 2).await && commits(&cache, 2).await);
    assert!(has(&cache).await);
}

/// The request arrived, the answer did not: asked again, each step says what became of it.
///
/// Red when a repeated request is told that somebody else has the lease, or that it was lost.
#[tokio::test]
async fn an_answer_that_was_lost_is_given_again() {
    let redis = TestRedis::start().await.unwrap();
    let proxy = TcpProxy::start(format!("127.0.0.1:{}", redis.port()));
    let proxy = proxy.await.unwrap();
    let url = format!("redis://{}", proxy.address());
    let hasty = cache(&url, "p:", RedisSettings::DEFAULT_TIMEOUT).await;
    let patient = cache(&redis.url(), "p:", PATIENT).await;
    let raw = Mutex::new(Raw::connect(&redis.url()).await);
    let (day, lease_key) = (key(DAY), format!("p:calcom:lease:{DAY}"));
    // The scripts are loaded, so that what is asked now is one request.
    assert!(begins(&patient, 1).await && commits(&patient, 1).await);
    patient.invalidate(&[tag("2025-10-13")]).await.unwrap();

    proxy.hold_answers();
    assert!(hasty.begin_fill(&day, &lease(1)).await.is_err());
    let taken = async || raw.lock().await.ask::<bool>(&["EXISTS", &lease_key]).await;
    until(PATIENT, "the lease to be taken", taken)
        .await
        .unwrap();
    assert!(begins(&patient, 1).await && !begins(&patient, 2).await);
    proxy.restore();
    let works = async || hasty.begin_fill(&day, &lease(1)).await;
    assert!(until(PATIENT, "the link to work", works).await.unwrap());

    proxy.hold_answers();
    let (late, lease) = (entry(&day), lease(1));
    let lost = hasty.commit_fill(&day, &late, &lease, now()).await;
    assert!(lost.is_err());
    let filed = async || has(&patient).await;
    until(PATIENT, "the entry to be filed", filed)
        .await
        .unwrap();
    assert!(commits(&patient, 1).await);
}
