//! `VersionMirror`: every commit that touches a day changes its stamp, and no other's.

use std::sync::Arc;

use booking_domain::availability::Stamp;
use booking_domain::ids::{CompanyId, GroupId};
use booking_domain::origin::SyncOrigin;
use booking_domain::time::{DayRange, Span, TimeRange};

use super::StoreUnderTest;
use super::steps::{Shop, claim, day, days};
use crate::builders::{
    ANNA, BEN, CLASS_GROUP, COMPANY, MASSAGE_GROUP, OTHER_COMPANY, STAFF_GROUP, at, cancellation,
    monday, nine, now, remote,
};

async fn stamp(shop: &Shop, days: DayRange) -> Stamp {
    shop.stamp(COMPANY, STAFF_GROUP, days).await
}

/// The hold changes the stamp, and so does what Cal.com made of it, and its end.
pub async fn every_step_of_a_booking_bumps(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let monday = day("2025-10-13");
    let mut seen = vec![stamp(&shop, monday).await];
    let mut appointment = shop.held(shop.booking(1), ANNA).await;
    seen.push(stamp(&shop, monday).await);
    let _ = appointment.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut appointment).await;
    seen.push(stamp(&shop, monday).await);
    let _ = appointment.cancelled(cancellation(), now());
    shop.save(&mut appointment).await;
    seen.push(stamp(&shop, monday).await);
    assert!(
        seen.windows(2).all(|pair| pair[0].sum < pair[1].sum),
        "{seen:?}"
    );
    assert!(seen.iter().all(|it| it.epoch == seen[0].epoch));
}

/// Days that no event touches, other groups and other companies keep their stamps.
pub async fn nothing_else_is_bumped(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let all = |company: CompanyId, group: GroupId, days| (company, group, days);
    let untouched = [
        all(COMPANY, STAFF_GROUP, day("2025-10-12")),
        all(COMPANY, STAFF_GROUP, day("2025-10-14")),
        all(COMPANY, STAFF_GROUP, days("2025-10-14", "2026-10-14")),
        all(COMPANY, CLASS_GROUP, day("2025-10-13")),
        all(OTHER_COMPANY, STAFF_GROUP, day("2025-10-13")),
        all(OTHER_COMPANY, MASSAGE_GROUP, day("2025-10-13")),
    ];
    let read = async || {
        let mut stamps = Vec::new();
        for (company, group, days) in untouched {
            stamps.push(shop.stamp(company, group, days).await);
        }
        stamps
    };
    let before = read().await;
    let mut appointment = shop.held(shop.booking(1), ANNA).await;
    let _ = appointment.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut appointment).await;
    assert_eq!(read().await, before);
}

/// A stamp adds up the days of its window: a second change of an older day is seen too.
pub async fn a_stamp_is_a_sum_not_a_maximum(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let week = days("2025-10-13", "2025-10-19");
    let tuesday = TimeRange::lasting(at("2025-10-14T09:00:00Z"), 60);
    for n in 1..=3 {
        let mut busy = shop.booking(n).range(tuesday).begun();
        shop.save(&mut busy).await;
    }
    let before = stamp(&shop, week).await;
    // Monday's first version is lower than Tuesday's third.
    shop.held(shop.booking(4), ANNA).await;
    let after = stamp(&shop, week).await;
    assert!(after.sum > before.sum);
    let (monday, tuesday) = (day("2025-10-13"), day("2025-10-14"));
    let parts = (
        stamp(&shop, monday).await.sum,
        stamp(&shop, tuesday).await.sum,
    );
    let base = stamp(&shop, day("2030-01-01")).await.sum;
    assert_eq!(after.sum - base, (parts.0 - base) + (parts.1 - base));
}

/// The reach of a change is counted in: an appointment just after midnight touches the day before,
/// and one just before it the day after.
pub async fn reach_crosses_midnight(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let (before, own, after) = (day("2025-10-14"), day("2025-10-15"), day("2025-10-16"));
    let mut previous = (
        stamp(&shop, before).await,
        stamp(&shop, own).await,
        stamp(&shop, after).await,
    );
    for (n, start, touched) in [
        (1, "2025-10-15T00:30:00Z", (true, true, false)),
        (2, "2025-10-15T12:00:00Z", (false, true, false)),
        (3, "2025-10-15T22:30:00Z", (false, true, true)),
        (4, "2025-10-15T01:00:00Z", (false, true, false)),
        (5, "2025-10-15T22:00:00Z", (false, true, false)),
    ] {
        let range = TimeRange::lasting(at(start), 60);
        shop.save(&mut shop.booking(n).range(range).begun()).await;
        let current = (
            stamp(&shop, before).await,
            stamp(&shop, own).await,
            stamp(&shop, after).await,
        );
        let changed = (
            current.0 != previous.0,
            current.1 != previous.1,
            current.2 != previous.2,
        );
        assert_eq!(changed, touched, "{start}");
        previous = current;
    }
}

/// Both sides of a move are touched.
pub async fn both_sides_of_a_move_are_bumped(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut moving = shop.held(shop.booking(1), ANNA).await;
    let _ = moving.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut moving).await;
    let to = TimeRange::lasting(at("2025-10-17T09:00:00Z"), 60);
    let (old, new) = (day("2025-10-13"), day("2025-10-17"));
    let before = (stamp(&shop, old).await, stamp(&shop, new).await);
    let _ = moving.reschedule(to, SyncOrigin::Api, "x", now());
    let outcome = shop.claim(&mut moving, &claim(to, &[BEN])).await;
    assert_ne!(outcome, booking_domain::ports::HoldOutcome::Taken);
    let held = (stamp(&shop, old).await, stamp(&shop, new).await);
    assert!(
        held.0 == before.0 && held.1 != before.1,
        "the hold takes the new time only"
    );
    let _ = moving.moved(&remote("uid-2", to), Some(BEN), now());
    shop.save(&mut moving).await;
    assert!(stamp(&shop, old).await != held.0 && stamp(&shop, new).await != held.1);
}

/// A change over more than 62 days touches every day there is.
pub async fn a_very_long_change_bumps_all_days(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let far = day("2031-01-01");
    let inside = day("2025-11-10");
    let before = (stamp(&shop, far).await, stamp(&shop, inside).await);
    let start = at("2025-10-13T12:00:00Z");
    let days_of = |n: i64| TimeRange::new(start, start + Span::days(n)).expect("in order");
    shop.save(&mut shop.booking(1).range(days_of(61)).begun())
        .await;
    let short = (stamp(&shop, far).await, stamp(&shop, inside).await);
    assert_eq!(short.0, before.0, "62 days are counted one by one");
    assert_ne!(short.1, before.1);
    shop.save(&mut shop.booking(2).range(days_of(62)).begun())
        .await;
    assert_ne!(stamp(&shop, far).await, short.0, "63 days are all days");
    assert_ne!(stamp(&shop, inside).await, short.1);
    let other = shop.stamp(OTHER_COMPANY, MASSAGE_GROUP, far).await;
    shop.save(&mut shop.booking(3).range(days_of(62)).begun())
        .await;
    assert_eq!(shop.stamp(OTHER_COMPANY, MASSAGE_GROUP, far).await, other);
}

/// Events without affected times bump nothing.
pub async fn what_touches_no_time_bumps_nothing(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut appointment = shop.held(shop.booking(1), ANNA).await;
    let before = stamp(&shop, day("2025-10-13")).await;
    let _ = appointment.flag_for_review("x", "", now());
    shop.save(&mut appointment).await;
    assert_eq!(stamp(&shop, day("2025-10-13")).await, before);
}

/// What was acknowledged before the refresh was called is in the stamp, whoever else refreshes.
pub async fn a_refresh_sees_every_acknowledged_commit(store: StoreUnderTest) {
    let shop = Arc::new(Shop::open(store).await);
    let bookers: Vec<_> = (0..20u64)
        .map(|n| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let days = day("2025-10-13");
                for round in 0..3 {
                    let before = stamp(&shop, days).await;
                    let range = monday("06:00", 60);
                    let mut busy = shop.booking(n * 10 + round).range(range).begun();
                    shop.save(&mut busy).await;
                    let after = stamp(&shop, days).await;
                    assert!(after.sum > before.sum, "{before:?} {after:?}");
                }
            })
        })
        .collect();
    for booker in bookers {
        booker.await.expect("no booker fails");
    }
}
