//! Filling under a lease: what is filed, and what is refused.

use std::sync::Arc;

use booking_domain::availability::AvailabilityEntry;
use booking_domain::cache_key::Tag;

use super::{both_layers, days_key, entry, hours_key, lease};
use crate::builders::{COMPANY, CONSULTATION_EVENT, SHORT_EVENT, monday, now};
use crate::contract::CacheUnderTest;

/// What was committed is found, filed, swept by its tags, and leaves the name free.
///
/// Red when a commit forgets the tags, or keeps the lease.
pub async fn what_was_committed_is_found_and_swept(it: CacheUnderTest) {
    let tags = Tag::of_window(CONSULTATION_EVENT, &monday("09:00", 60));
    for key in both_layers() {
        assert!(it.begins(&key, &lease(1)).await);
        assert!(it.commits(&key, &lease(1)).await);
        let found = it.cache.get(&[key]).await.expect("answers");
        assert_eq!(found, [Some(entry(&key))]);
        assert!(it.begins(&key, &lease(2)).await, "given back");
        assert_eq!(it.cache.filed(&tags).await.expect("answers"), [key]);
        let deleted = it.cache.invalidate(&tags).await.expect("swept");
        assert_eq!(deleted.layer1 + deleted.layer2, 1);
        assert_eq!(it.has(&[key]).await, [false]);
    }
}

/// Without a lease, or under somebody else's, nothing is filed, and the lease stays where it is.
///
/// Red when a commit does not compare the token.
pub async fn a_foreign_token_files_nothing(it: CacheUnderTest) {
    let [days, _] = both_layers();
    assert!(!it.commits(&days, &lease(1)).await, "nobody has a lease");
    assert!(it.begins(&days, &lease(1)).await);
    assert!(!it.commits(&days, &lease(2)).await);
    assert_eq!(it.has(&[days]).await, [false]);
    assert!(it.commits(&days, &lease(1)).await);
}

/// A commit whose answer was lost may be repeated; another entry, or one that was swept, is not
/// filed by it.
///
/// Red when the repetition is told that nothing was filed, or files something.
pub async fn committing_twice_is_committing_once(it: CacheUnderTest) {
    let [days, _] = both_layers();
    assert!(it.begins(&days, &lease(1)).await);
    for _ in 0..2 {
        assert!(it.commits(&days, &lease(1)).await);
    }
    let other = AvailabilityEntry {
        slots: vec![],
        ..entry(&days)
    };
    assert!(!it.commits_as(&days, &other, &lease(1)).await);
    let found = it.cache.get(&[days]).await.expect("answers");
    assert_eq!(found, [Some(entry(&days))]);
    let tags = Tag::of_window(CONSULTATION_EVENT, &monday("09:00", 60));
    it.cache.invalidate(&tags).await.expect("swept");
    assert!(!it.commits(&days, &lease(1)).await);
    assert_eq!(it.has(&[days]).await, [false]);
}

/// A commit takes the place of an older entry, also when it has itself expired.
///
/// Red when an expired entry leaves the older one, or keeps the lease.
pub async fn a_commit_replaces(it: CacheUnderTest) {
    let [days, _] = both_layers();
    it.keep(&days).await;
    let newer = AvailabilityEntry {
        slots: vec![],
        ..entry(&days)
    };
    assert!(it.begins(&days, &lease(1)).await, "an entry is no lease");
    assert!(it.commits_as(&days, &newer, &lease(1)).await);
    let found = it.cache.get(&[days]).await.expect("answers");
    assert_eq!(found, [Some(newer)]);
    let expired = AvailabilityEntry {
        expires_at: now(),
        ..entry(&days)
    };
    assert!(it.begins(&days, &lease(2)).await);
    assert!(it.commits_as(&days, &expired, &lease(2)).await);
    assert_eq!(it.has(&[days]).await, [false]);
    assert!(it.begins(&days, &lease(3)).await);
}

/// The names filed under some days: both layers', each once, sorted; leases are none of them.
///
/// Red when a layer is left out, a name is told per day, or a lease is told as an entry.
pub async fn names_are_told_by_their_days(it: CacheUnderTest) {
    let [days, hours] = both_layers();
    let week = days_key(CONSULTATION_EVENT, "2025-10-10T00:00:00Z", 7 * 1_440);
    let tuesday = hours_key(COMPANY, CONSULTATION_EVENT, "2025-10-14T09:00:00Z", 60);
    let other_type = days_key(SHORT_EVENT, "2025-10-13T09:00:00Z", 60);
    for key in [week, hours, tuesday, days, other_type] {
        it.keep(&key).await;
    }
    let leased = hours_key(COMPANY, CONSULTATION_EVENT, "2025-10-13T20:00:00Z", 60);
    assert!(it.begins(&leased, &lease(1)).await);
    let filed = async |tags: &[Tag]| it.cache.filed(tags).await.expect("answers");
    let tags = |minutes| Tag::of_window(CONSULTATION_EVENT, &monday("00:00", minutes));
    let mut one_day = vec![week, days, hours];
    one_day.sort_unstable();
    assert_eq!(filed(&tags(60)).await, one_day);
    let mut two_days = vec![week, days, hours, tuesday];
    two_days.sort_unstable();
    assert_eq!(filed(&tags(1_500)).await, two_days);
    assert_eq!(filed(&[]).await, []);
}

/// A commit beside a sweep of its day: whichever comes first, nothing is left.
///
/// Red when a commit looks at its lease in one step and files in another.
pub async fn a_commit_beside_a_sweep_leaves_nothing(it: CacheUnderTest) {
    let it = Arc::new(it);
    let tags = Tag::of_window(CONSULTATION_EVENT, &monday("09:00", 60));
    for n in 0..200 {
        let [days, hours] = both_layers();
        let mut commits = Vec::new();
        for key in [days, hours] {
            assert!(it.begins(&key, &lease(n)).await);
            let it = Arc::clone(&it);
            commits.push(tokio::spawn(
                async move { it.commits(&key, &lease(n)).await },
            ));
        }
        it.cache.invalidate(&tags).await.expect("swept");
        for commit in commits {
            commit.await.expect("no commit fails");
        }
        assert_eq!(it.has(&[days, hours]).await, [false, false]);
    }
}
