//! Leases: one may fill a name, until it is done, gives up, is swept or is too late.

use std::sync::Arc;
use std::time::Duration;

use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ports::FillLease;
use booking_domain::time::{Span, TimeRange};

use super::{both_layers, days_key, hours_key, lease};
use crate::builders::{COMPANY, CONSULTATION_EVENT, SHORT_EVENT, at};
use crate::contract::CacheUnderTest;
use crate::wait;

const FILLERS: u128 = 50;

fn tags_of(day: &str) -> Vec<Tag> {
    let noon = at(&format!("{day}T12:00:00Z"));
    Tag::of_window(CONSULTATION_EVENT, &TimeRange::lasting(noon, 60))
}

/// One filler at a time per name; another name is free, and so is the other layer's.
///
/// Red when a lease is given twice, or when names share one.
pub async fn one_may_fill_a_name(it: CacheUnderTest) {
    let [days, hours] = both_layers();
    let tuesday = days_key(CONSULTATION_EVENT, "2025-10-14T09:00:00Z", 60);
    let other_type = days_key(SHORT_EVENT, "2025-10-13T09:00:00Z", 60);
    assert!(it.begins(&days, &lease(1)).await);
    assert!(!it.begins(&days, &lease(2)).await);
    for free in [hours, tuesday, other_type] {
        assert!(it.begins(&free, &lease(2)).await, "{free}");
        assert!(!it.begins(&free, &lease(1)).await, "{free}");
    }
    assert_eq!(it.has(&[days, hours]).await, [false, false]);
}

/// Who has it may ask again: the first answer may have been lost.
///
/// Red when a request that is sent twice keeps its own sender out.
pub async fn beginning_twice_is_beginning_once(it: CacheUnderTest) {
    let [days, _] = both_layers();
    for _ in 0..2 {
        assert!(it.begins(&days, &lease(1)).await);
    }
    assert!(!it.begins(&days, &lease(2)).await);
    assert!(it.commits(&days, &lease(1)).await);
    assert!(it.begins(&days, &lease(2)).await, "given back as a whole");
}

/// Fifty at once: one gets it.
///
/// Red when looking and taking are two steps.
pub async fn one_of_many_may_fill(it: CacheUnderTest) {
    let it = Arc::new(it);
    let [days, _] = both_layers();
    let fillers: Vec<_> = (1..=FILLERS)
        .map(|n| {
            let it = Arc::clone(&it);
            tokio::spawn(async move { it.begins(&days, &lease(n)).await })
        })
        .collect();
    let mut winners = 0;
    for filler in fillers {
        winners += u32::from(filler.await.expect("no filler fails"));
    }
    assert_eq!(winners, 1);
}

/// A lease goes with the tag of any day of its name, and with its event type; then the late entry
/// is refused.
///
/// Red when leases are filed under the first day only, or when a sweep leaves them.
pub async fn a_sweep_takes_leases(it: CacheUnderTest) {
    let range = days_key(CONSULTATION_EVENT, "2025-10-13T00:00:00Z", 3 * 1_440);
    let night = hours_key(COMPANY, CONSULTATION_EVENT, "2025-10-13T23:00:00Z", 120);
    for key in [range, night] {
        for day in Tag::of_window(CONSULTATION_EVENT, &key.window()) {
            assert!(it.begins(&key, &lease(1)).await);
            let deleted = it.cache.invalidate(&[day]).await.expect("swept");
            assert_eq!((deleted.layer1, deleted.layer2), (0, 0), "not entries");
            it.is_lost_to_the_first(&key).await;
        }
        assert!(it.begins(&key, &lease(1)).await);
        it.cache.clear(CONSULTATION_EVENT).await.expect("cleared");
        it.is_lost_to_the_first(&key).await;
    }
}

/// A sweep of a neighbour day, or of another event type, leaves the lease.
///
/// Red when a sweep takes every lease of the event type.
pub async fn a_neighbour_day_leaves_the_lease(it: CacheUnderTest) {
    let [days, hours] = both_layers();
    for key in [days, hours] {
        assert!(it.begins(&key, &lease(1)).await);
    }
    for day in ["2025-10-12", "2025-10-14"] {
        let tags = tags_of(day);
        it.cache.invalidate(&tags).await.expect("swept");
    }
    it.cache.clear(SHORT_EVENT).await.expect("cleared");
    for key in [days, hours] {
        assert!(it.commits(&key, &lease(1)).await, "{key}");
    }
    assert_eq!(it.has(&[days, hours]).await, [true, true]);
}

/// A lease that is given back is free; only who has it can give it back.
///
/// Red when giving back does nothing, or does not compare the token.
pub async fn a_lease_given_back_is_free(it: CacheUnderTest) {
    let [days, _] = both_layers();
    assert!(it.begins(&days, &lease(1)).await);
    let give_back = async |n| {
        let given_back = it.cache.abandon_fill(&days, &lease(n)).await;
        given_back.expect("answers");
    };
    give_back(2).await;
    assert!(!it.begins(&days, &lease(2)).await);
    give_back(1).await;
    give_back(1).await;
    it.is_lost_to_the_first(&days).await;
}

/// A lease runs out; then the next may fill, and who is late may not.
///
/// Red when leases last for ever, or when a late entry is filed.
pub async fn a_lease_runs_out(it: CacheUnderTest) {
    let [days, _] = both_layers();
    let short = FillLease {
        lasts: Span::millis(50),
        ..lease(1)
    };
    assert!(it.begins(&days, &short).await);
    let next = wait::until(
        Duration::from_secs(10),
        "the lease to run out",
        async || it.begins(&days, &lease(2)).await,
    );
    next.await.expect("it runs out");
    assert!(!it.commits(&days, &short).await);
    assert_eq!(it.has(&[days]).await, [false]);
    assert!(it.commits(&days, &lease(2)).await);
    assert_eq!(it.has(&[days]).await, [true]);
}

impl CacheUnderTest {
    /// The first filler's entry is refused, and a second one gets the lease and gives it back.
    async fn is_lost_to_the_first(&self, key: &CacheKey) {
        assert!(!self.commits(key, &lease(1)).await, "{key}");
        assert_eq!(self.has(&[*key]).await, [false], "{key}");
        assert!(self.begins(key, &lease(2)).await, "{key}");
        let given_back = self.cache.abandon_fill(key, &lease(2)).await;
        given_back.expect("answers");
    }
}
