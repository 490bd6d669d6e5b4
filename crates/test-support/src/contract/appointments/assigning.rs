//! Putting claims on the people that Cal.com has chosen.

use booking_domain::appointment::Appointment;
use booking_domain::availability::Resource;
use booking_domain::ids::StaffId;
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::HoldOutcome;
use booking_domain::time::TimeRange;

use crate::builders::{ANNA, BEN, STAFF_GROUP, demo_setup, monday, nine, now, remote};
use crate::contract::StoreUnderTest;
use crate::contract::steps::{Held, Shop, claim, digest, pinned, taken};

async fn assign(shop: &Shop, who: &Appointment, slot: TimeRange, staff: StaffId) -> bool {
    let mut unit = shop.begin().await;
    let moved = unit.assign(who, slot, staff).await.expect("answers");
    unit.commit().await.expect("committed");
    moved
}

/// A claim goes to a person who is free; where it is already, it stays.
pub async fn a_claim_moves_to_who_is_free(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let appointment = shop.held(shop.booking(1), ANNA).await;
    assert!(assign(&shop, &appointment, nine(), BEN).await);
    assert_eq!(shop.claims(STAFF_GROUP).await, [taken(BEN, nine())]);
    assert!(shop.is_free(ANNA, nine()).await);
    assert!(assign(&shop, &appointment, nine(), BEN).await);
    assert_eq!(shop.claims(STAFF_GROUP).await, [taken(BEN, nine())]);
}

/// Neither had a wish: they change places, and both are taken as before.
pub async fn two_claims_change_places(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let first = shop.held(shop.booking(1), ANNA).await;
    let second = shop.held(shop.booking(2), BEN).await;
    assert!(assign(&shop, &second, nine(), ANNA).await);
    let both = [taken(ANNA, nine()), taken(BEN, nine())];
    assert_eq!(shop.claims(STAFF_GROUP).await, both);
    let outcome = shop.hold(&mut shop.booking(3).begun(), &[ANNA, BEN]).await;
    assert_eq!(outcome, HoldOutcome::Taken);
    // The first is with Ben now: when it ends, Ben is free.
    let mut first = shop.find(first.id()).await.expect("there");
    let _ = first.reject("x", SyncOrigin::Api, now());
    shop.save(&mut first).await;
    assert_eq!(shop.claims(STAFF_GROUP).await, both[..1]);
}

/// They also change places when their times differ, as long as both fit.
pub async fn unequal_claims_change_places(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let first = shop.held(shop.booking(1), ANNA).await;
    let overlapping = monday("09:30", 60);
    let second = shop.held(shop.booking(2).range(overlapping), BEN).await;
    assert!(assign(&shop, &second, overlapping, ANNA).await);
    let swapped = [taken(BEN, nine()), taken(ANNA, overlapping)];
    assert_eq!(shop.claims(STAFF_GROUP).await, swapped);
    assert!(assign(&shop, &first, nine(), ANNA).await, "and back");
    let back = [taken(ANNA, nine()), taken(BEN, overlapping)];
    assert_eq!(shop.claims(STAFF_GROUP).await, back);
}

/// A customer's wish is not swapped away.
pub async fn a_wish_is_not_swapped_away(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut wished = shop.booking(1).wanting(ANNA).begun();
    let outcome = shop.claim(&mut wished, &pinned(nine(), ANNA)).await;
    assert_eq!(outcome, HoldOutcome::Held(Resource::Staff(ANNA)));
    let second = shop.held(shop.booking(2), BEN).await;
    assert!(!assign(&shop, &second, nine(), ANNA).await);
    let unchanged = [taken(ANNA, nine()), taken(BEN, nine())];
    assert_eq!(shop.claims(STAFF_GROUP).await, unchanged);
    // But it does not keep Cal.com from choosing somebody who may be swapped.
    assert!(assign(&shop, &wished, nine(), BEN).await);
    assert!(
        !assign(&shop, &second, nine(), BEN).await,
        "and it is still a wish"
    );
}

/// No swap that would put two on one person's time.
pub async fn a_swap_that_does_not_fit_is_refused(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let in_the_way = monday("09:30", 60);
    shop.held(shop.booking(1).range(in_the_way), ANNA).await;
    let second = shop.held(shop.booking(2), BEN).await;
    shop.held(shop.booking(3).range(monday("10:00", 60)), BEN)
        .await;
    let before = shop.claims(STAFF_GROUP).await;
    assert!(!assign(&shop, &second, nine(), ANNA).await);
    assert_eq!(shop.claims(STAFF_GROUP).await, before);
}

/// Nobody is handed a service that they do not perform.
pub async fn a_swap_needs_somebody_who_performs_the_service(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut file = demo_setup();
    file.companies[0].services[1].staff_ids = vec![BEN];
    shop.setup.import(&file, &digest).await.expect("imported");
    shop.held(shop.booking(1).short(), BEN).await;
    let second = shop.held(shop.booking(2), ANNA).await;
    let before = shop.claims(STAFF_GROUP).await;
    assert!(
        !assign(&shop, &second, nine(), BEN).await,
        "Anna has no short appointments"
    );
    assert_eq!(shop.claims(STAFF_GROUP).await, before);
}

/// Of an appointment on the move, only the claim that was named changes.
pub async fn only_the_named_claim_is_assigned(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut moving = shop.held(shop.booking(1), ANNA).await;
    let _ = moving.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut moving).await;
    let to = monday("09:30", 60);
    let _ = moving.reschedule(to, SyncOrigin::Api, "x", now());
    shop.claim(&mut moving, &claim(to, &[ANNA])).await.held();
    assert!(assign(&shop, &moving, to, BEN).await);
    assert_eq!(
        shop.claims(STAFF_GROUP).await,
        [taken(ANNA, nine()), taken(BEN, to)]
    );
}

/// What the appointment takes elsewhere does not make room for others.
pub async fn the_other_must_not_land_on_the_other_claim(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut moving = shop.held(shop.booking(1), BEN).await;
    let _ = moving.confirm(&remote("uid-1", nine()), Some(BEN), now());
    shop.save(&mut moving).await;
    let to = monday("09:30", 60);
    let _ = moving.reschedule(to, SyncOrigin::Api, "x", now());
    shop.claim(&mut moving, &claim(to, &[BEN])).await.held();
    // Anna's would have to go to Ben, where the old time still stands.
    shop.held(shop.booking(2).range(monday("09:45", 60)), ANNA)
        .await;
    let before = shop.claims(STAFF_GROUP).await;
    assert!(!assign(&shop, &moving, to, ANNA).await);
    assert_eq!(shop.claims(STAFF_GROUP).await, before);
}

/// A swap is undone with its unit of work.
pub async fn an_assignment_is_undone_with_its_unit(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    let second = shop.held(shop.booking(2), BEN).await;
    let before = shop.claims(STAFF_GROUP).await;
    let mut unit = shop.begin().await;
    assert!(unit.assign(&second, nine(), ANNA).await.expect("answers"));
    drop(unit);
    assert_eq!(shop.claims(STAFF_GROUP).await, before);
}
