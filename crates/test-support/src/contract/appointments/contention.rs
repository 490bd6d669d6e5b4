//! Many at once: exactly as many winners as there are resources, and nothing lost.

use std::sync::Arc;

use booking_domain::availability::Resource;
use booking_domain::ids::StaffId;
use booking_domain::ports::HoldOutcome;
use booking_domain::time::{Span, TimeRange};

use crate::builders::{ANNA, BEN, STAFF_GROUP, at, nine, now};
use crate::contract::StoreUnderTest;
use crate::contract::steps::{Shop, taken};

const CALLERS: u64 = 50;

/// Fifty callers, one slot, two people: two win, each with a person of their own.
pub async fn two_people_make_two_winners(store: StoreUnderTest) {
    let shop = Arc::new(Shop::open(store).await);
    let callers: Vec<_> = (1..=CALLERS)
        .map(|n| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let mut appointment = shop.booking(n).begun();
                shop.hold(&mut appointment, &[ANNA, BEN]).await
            })
        })
        .collect();
    let mut winners = Vec::new();
    for caller in callers {
        if let HoldOutcome::Held(resource) = caller.await.expect("no caller fails") {
            winners.push(resource);
        }
    }
    winners.sort_unstable();
    assert_eq!(winners, [ANNA, BEN].map(Resource::Staff));
    assert_eq!(
        shop.claims(STAFF_GROUP).await,
        [ANNA, BEN].map(|who| taken(who, nine()))
    );
}

/// Overlaps of every kind at once: whatever was accepted is free of overlaps, and whatever was
/// refused overlaps something that was accepted.
pub async fn concurrent_holds_never_overlap(store: StoreUnderTest) {
    let shop = Arc::new(Shop::open(store).await);
    let wishes: Vec<_> = (1..=CALLERS).map(|n| (n, odd_range(n))).collect();
    let callers: Vec<_> = wishes
        .iter()
        .map(|&(n, range)| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let mut appointment = shop.booking(n).range(range).begun();
                shop.hold(&mut appointment, &[ANNA]).await
            })
        })
        .collect();
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for (caller, (_, range)) in callers.into_iter().zip(wishes) {
        match caller.await.expect("no caller fails") {
            HoldOutcome::Held(_) => accepted.push(range),
            HoldOutcome::Taken => refused.push(range),
        }
    }
    for (at, range) in accepted.iter().enumerate() {
        let clash = accepted[at + 1..]
            .iter()
            .find(|other| other.overlaps(range));
        assert_eq!(clash, None, "{range:?} was sold twice");
    }
    for range in refused {
        assert!(
            accepted.iter().any(|other| other.overlaps(&range)),
            "{range:?} was free"
        );
    }
}

/// One after the other, the store decides exactly as a plain list would.
pub async fn holds_agree_with_a_plain_list(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut list: Vec<(StaffId, TimeRange)> = Vec::new();
    for n in 1..=100 {
        let range = odd_range(n * 7);
        let is_free = |who: &StaffId| {
            list.iter()
                .all(|(taker, other)| taker != who || !other.overlaps(&range))
        };
        let expected = [ANNA, BEN].into_iter().find(is_free);
        let outcome = shop
            .hold(&mut shop.booking(n).range(range).begun(), &[ANNA, BEN])
            .await;
        let held = expected.map(|who| HoldOutcome::Held(Resource::Staff(who)));
        assert_eq!(outcome, held.unwrap_or(HoldOutcome::Taken), "{range:?}");
        list.extend(expected.map(|who| (who, range)));
    }
}

/// Whoever has found an appointment is alone with it until the unit of work ends.
pub async fn a_found_appointment_is_locked(store: StoreUnderTest) {
    let shop = Arc::new(Shop::open(store).await);
    let id = shop.held(shop.booking(1), ANNA).await.id();
    let clerks: Vec<_> = (0..20)
        .map(|n| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let mut unit = shop.begin().await;
                let mut found = unit.find(id).await.expect("answers").expect("there");
                let _ = found.flag_for_review(&format!("reason {n}"), "", now());
                unit.save(&mut found, Span::HOUR)
                    .await
                    .expect("nobody was in between");
                unit.commit().await.expect("committed");
            })
        })
        .collect();
    for clerk in clerks {
        clerk.await.expect("no clerk fails");
    }
    let found = shop.find(id).await.expect("there");
    assert_eq!(
        found.version(),
        22,
        "two events of the hold and one of each clerk"
    );
}

/// Ranges of many lengths, spread so that about half of them clash.
fn odd_range(n: u64) -> TimeRange {
    let spread = i64::try_from(n.wrapping_mul(0x9e37_79b9) % 2_400).expect("small");
    let start = at("2025-10-13T06:00:00Z") + Span::minutes(spread);
    TimeRange::lasting(start, [15, 60, 5, 90, 30][(n % 5) as usize])
}
