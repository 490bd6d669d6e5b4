//! `Outbox`: every event reaches the relay, to one at a time, until everybody has heard.

use std::collections::BTreeSet;
use std::sync::Arc;

use booking_domain::ports::OutboxEntry;
use booking_domain::time::{Instant, Span};

use super::StoreUnderTest;
use super::steps::{REACH, Shop, claim};
use crate::builders::{ANNA, BEN, CARLA, COMPANY, OTHER_COMPANY, monday, nine, now};

fn seconds(n: i64) -> Instant {
    now() + Span::seconds(n)
}

async fn lease(shop: &Shop, at: Instant, until: Instant, limit: u32) -> Vec<OutboxEntry> {
    let due = shop.outbox.lease_due(at, until, limit).await;
    due.expect("the outbox answers")
}

fn ids(entries: &[OutboxEntry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.id).collect()
}

/// A leased entry is nobody else's until the lease is over; then it comes again, not counted as
/// failed.
pub async fn a_lease_keeps_others_away(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    let first = lease(&shop, seconds(1), seconds(30), 10).await;
    assert_eq!((first.len(), first[0].failed), (2, 0));
    assert_eq!(lease(&shop, seconds(29), seconds(60), 10).await, []);
    assert_eq!(lease(&shop, seconds(30), seconds(60), 10).await, first);
}

/// What everybody has heard does not come again.
pub async fn what_is_delivered_is_over(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    let first = lease(&shop, seconds(1), seconds(30), 10).await;
    let done = shop.outbox.delivered(&[first[0].id], seconds(2)).await;
    done.expect("noted");
    let left = lease(&shop, seconds(99), seconds(199), 10).await;
    assert_eq!(ids(&left), [first[1].id]);
    let done = shop.outbox.delivered(&ids(&first), seconds(100)).await;
    done.expect("noting it twice is harmless");
    assert_eq!(lease(&shop, seconds(999), seconds(1_999), 10).await, []);
    let none = shop.outbox.delivered(&[], seconds(100)).await;
    none.expect("nothing to note");
}

/// What was postponed comes back when it is due, with the failures counted.
pub async fn what_is_postponed_comes_back(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    let first = lease(&shop, seconds(1), seconds(30), 1).await.remove(0);
    for failed in 1..=3 {
        let due_at = seconds(i64::from(failed) * 100);
        let noted = shop.outbox.postpone(first.id, due_at, "connect").await;
        noted.expect("noted");
        let early = lease(&shop, due_at - Span::seconds(1), due_at, 10).await;
        assert!(!ids(&early).contains(&first.id), "not before it is due");
        let back = lease(&shop, due_at, due_at + Span::seconds(5), 10).await;
        let entry = back.into_iter().find(|it| it.id == first.id).expect("back");
        assert_eq!((entry.failed, entry.event), (failed, first.event.clone()));
    }
}

/// Oldest first, no more than asked for, and all companies are served.
pub async fn the_oldest_come_first(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    shop.held(shop.massage(2), CARLA).await;
    shop.held(shop.booking(3), BEN).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.extend(lease(&shop, seconds(1), seconds(30), 2).await);
    }
    assert!(seen.is_sorted_by_key(|entry| entry.id));
    let companies: Vec<_> = seen.iter().map(|entry| entry.event.company).collect();
    let expected = [
        COMPANY,
        COMPANY,
        OTHER_COMPANY,
        OTHER_COMPANY,
        COMPANY,
        COMPANY,
    ];
    assert_eq!(companies, expected);
}

/// Many relays at once: every entry goes to exactly one of them.
pub async fn relays_share_nothing(store: StoreUnderTest) {
    let shop = Arc::new(Shop::open(store).await);
    for n in 0u32..10 {
        let range = monday(&format!("06:{:02}", n * 5), 5);
        shop.held(shop.booking(u64::from(n)).range(range), ANNA)
            .await;
    }
    let relays: Vec<_> = (0..10)
        .map(|_| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move { lease(&shop, seconds(1), seconds(60), 3).await })
        })
        .collect();
    let mut given = Vec::new();
    for relay in relays {
        given.extend(relay.await.expect("no relay fails"));
    }
    given.extend(lease(&shop, seconds(1), seconds(60), 100).await);
    let distinct: BTreeSet<_> = ids(&given).into_iter().collect();
    assert_eq!((given.len(), distinct.len()), (20, 20));
}

/// An event that commits after younger ones were delivered is found all the same.
pub async fn late_commits_are_not_skipped(store: StoreUnderTest) {
    let single_writer = store.single_writer;
    let shop = Arc::new(Shop::open(store).await);
    let mut slow = shop.booking(1).begun();
    let mut unit = shop.begin().await;
    let held = unit.hold(&mut slow, &claim(nine(), &[ANNA]), REACH).await;
    assert_ne!(
        held.expect("answers"),
        booking_domain::ports::HoldOutcome::Taken
    );
    let quick = tokio::spawn({
        let shop = Arc::clone(&shop);
        async move {
            shop.held(shop.booking(2), BEN).await;
            let given = lease(&shop, seconds(1), seconds(60), 100).await;
            let done = shop.outbox.delivered(&ids(&given), seconds(1)).await;
            done.expect("noted");
            given
        }
    });
    let mut seen = if single_writer {
        unit.commit().await.expect("committed");
        quick.await.expect("the quick one does not fail")
    } else {
        let given = quick.await.expect("the quick one does not fail");
        unit.commit().await.expect("committed");
        given
    };
    seen.extend(lease(&shop, seconds(1), seconds(60), 100).await);
    let appointments: BTreeSet<_> = seen.iter().map(|it| it.event.appointment).collect();
    assert_eq!((seen.len(), appointments.len()), (4, 2));
}
