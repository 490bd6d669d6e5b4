//! `Outbox`: every event reaches the relay, to one at a time, until everybody has heard.

use std::collections::BTreeSet;
use std::sync::Arc;

use booking_domain::ports::OutboxEntry;
use booking_domain::time::{Instant, Span};

use super::StoreUnderTest;
use super::steps::{REACH, Shop, claim};
use crate::builders::{ANNA, BEN, CARLA, COMPANY, OTHER_COMPANY, monday, nine, now, remote};

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

/// A leased entry is nobody else's until the lease is over; then it comes again.
pub async fn a_lease_keeps_others_away(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    let first = lease(&shop, seconds(1), seconds(30), 10).await;
    assert_eq!(first.len(), 2);
    assert_eq!(lease(&shop, seconds(29), seconds(60), 10).await, []);
    assert_eq!(lease(&shop, seconds(30), seconds(60), 10).await, first);
}

/// What everybody has heard does not come again; what is left of the appointment does.
pub async fn what_is_delivered_is_over(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    let first = lease(&shop, seconds(1), seconds(30), 10).await;
    let done = shop.outbox.delivered(&[first[0].id]).await;
    done.expect("noted");
    let left = lease(&shop, seconds(99), seconds(199), 10).await;
    assert_eq!(ids(&left), [first[1].id]);
    let done = shop.outbox.delivered(&ids(&first)).await;
    done.expect("noting it twice is harmless");
    assert_eq!(lease(&shop, seconds(999), seconds(1_999), 10).await, []);
    shop.outbox.delivered(&[]).await.expect("nothing to note");
}

/// While one relay tells the first events of an appointment, no other gets those that follow; they
/// come when the first have left.
pub async fn one_appointment_is_told_by_one_relay(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut appointment = shop.held(shop.booking(1), ANNA).await;
    let first = lease(&shop, seconds(1), seconds(30), 10).await;
    let _ = appointment.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut appointment).await;
    shop.held(shop.booking(2), BEN).await;
    let others = lease(&shop, seconds(2), seconds(30), 10).await;
    assert!(
        others
            .iter()
            .all(|it| it.event.appointment != appointment.id())
    );
    assert_eq!(others.len(), 2);
    shop.outbox.delivered(&ids(&first)).await.expect("noted");
    let next = lease(&shop, seconds(3), seconds(30), 10).await;
    assert!(
        next.iter()
            .all(|it| it.event.appointment == appointment.id())
    );
    assert!(!next.is_empty());
}

/// Oldest first, of no more appointments than asked for, and all companies are served.
pub async fn the_oldest_come_first(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    shop.held(shop.massage(2), CARLA).await;
    shop.held(shop.booking(3), BEN).await;
    let mut seen = Vec::new();
    for expected in [4, 2, 0] {
        let leased = lease(&shop, seconds(1), seconds(30), 2).await;
        assert_eq!(leased.len(), expected);
        seen.extend(leased);
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
            let done = shop.outbox.delivered(&ids(&given)).await;
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
