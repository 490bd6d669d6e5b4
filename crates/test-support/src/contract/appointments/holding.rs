//! What a hold takes, what it refuses, and what it leaves behind.

use booking_domain::availability::{LiveClaim, Resource};
use booking_domain::events::EventKind;
use booking_domain::ids::ServiceId;
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{ClaimRequest, HoldOutcome, StoreError};
use booking_domain::time::Span;

use crate::builders::{
    ANNA, BEN, CARLA, CLASS, CLASS_GROUP, COMPANY, STAFF_GROUP, cancellation, monday, nine, now,
    remote,
};
use crate::contract::StoreUnderTest;
use crate::contract::steps::{Held, REACH, Shop, claim, day, later, taken};

/// State, claim, versions and events appear at once, at the commit, and not before.
pub async fn a_hold_writes_everything_at_its_commit(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let monday = day("2025-10-13");
    let before = shop.stamp(COMPANY, STAFF_GROUP, monday).await;
    let mut appointment = shop.booking(1).begun();
    let mut unit = shop.begin().await;
    let wish = claim(nine(), &[ANNA, BEN]);
    let outcome = unit.hold(&mut appointment, &wish, REACH).await;
    assert_eq!(
        outcome.expect("held"),
        HoldOutcome::Held(Resource::Staff(ANNA))
    );
    assert_eq!(
        appointment.version(),
        2,
        "the pending events are handed over"
    );
    assert!(appointment.pending_events().is_empty());
    assert_eq!(shop.view(appointment.id()).await, None, "not committed yet");
    assert_eq!(shop.claims(STAFF_GROUP).await, []);
    assert_eq!(shop.stamp(COMPANY, STAFF_GROUP, monday).await, before);

    unit.commit().await.expect("committed");
    let view = shop.view(appointment.id()).await.expect("there");
    assert_eq!(view.appointment, appointment);
    assert_eq!(shop.claims(STAFF_GROUP).await, [taken(ANNA, nine())]);
    assert_ne!(shop.stamp(COMPANY, STAFF_GROUP, monday).await, before);
    let due = shop.outbox.lease_due(later(), later() + Span::HOUR, 10);
    let events: Vec<_> = due
        .await
        .expect("answers")
        .into_iter()
        .map(|it| it.event)
        .collect();
    let expected = [EventKind::SlotReserved, EventKind::SyncRequested];
    assert_eq!(
        events.iter().map(|it| it.kind).collect::<Vec<_>>(),
        expected
    );
    assert_eq!(
        events.iter().map(|it| it.sequence).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(events[0].affected, [nine()]);
    assert_eq!(
        (events[0].company, events[0].appointment),
        (COMPANY, appointment.id())
    );
}

/// A unit of work that is dropped leaves nothing: no state, claim, version or event.
pub async fn nothing_remains_of_a_rollback(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let before = shop.stamp(COMPANY, STAFF_GROUP, day("2025-10-13")).await;
    let mut appointment = shop.booking(1).begun();
    let mut unit = shop.begin().await;
    let outcome = unit
        .hold(&mut appointment, &claim(nine(), &[ANNA]), REACH)
        .await;
    assert_ne!(outcome.expect("answered"), HoldOutcome::Taken);
    drop(unit);
    assert_eq!(shop.find(appointment.id()).await, None);
    assert_eq!(shop.view(appointment.id()).await, None);
    assert_eq!(shop.claims(STAFF_GROUP).await, []);
    assert_eq!(
        shop.stamp(COMPANY, STAFF_GROUP, day("2025-10-13")).await,
        before
    );
    assert_eq!(shop.events(later()).await, []);
    assert!(shop.is_free(ANNA, nine()).await);
}

/// A refused hold writes nothing, and its unit of work goes on.
pub async fn taken_writes_nothing(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    shop.events(later()).await;
    let before = shop.stamp(COMPANY, STAFF_GROUP, day("2025-10-13")).await;
    let mut second = shop.booking(2).begun();
    assert_eq!(shop.hold(&mut second, &[ANNA]).await, HoldOutcome::Taken);
    assert_eq!((second.version(), second.pending_events().len()), (0, 2));
    assert_eq!(shop.find(second.id()).await, None);
    assert_eq!(shop.events(later()).await, []);
    assert_eq!(
        shop.stamp(COMPANY, STAFF_GROUP, day("2025-10-13")).await,
        before
    );

    let mut unit = shop.begin().await;
    for (staff, held) in [(ANNA, false), (BEN, true)] {
        let outcome = unit
            .hold(&mut second, &claim(nine(), &[staff]), REACH)
            .await;
        assert_eq!(outcome.expect("answered") != HoldOutcome::Taken, held);
    }
    unit.commit().await.expect("committed");
    assert_eq!(shop.find(second.id()).await, Some(second));
}

/// Any shared moment is a refusal, whatever the lengths.
pub async fn unequal_overlaps_are_refused(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    for (clock, minutes) in [
        ("09:15", 15),
        ("08:00", 180),
        ("08:30", 60),
        ("09:59", 1),
        ("09:00", 15),
        ("09:45", 15),
        ("09:00", 90),
        ("08:30", 90),
        ("08:00", 61),
    ] {
        let range = monday(clock, minutes);
        assert!(
            !shop.is_free(ANNA, range).await,
            "{clock} for {minutes} minutes"
        );
        assert!(shop.is_free(BEN, range).await, "Ben is another person");
    }
}

/// The end is not part of a range.
pub async fn neighbours_are_accepted(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    shop.held(shop.booking(2).range(monday("10:00", 60)), ANNA)
        .await;
    shop.held(shop.booking(3).range(monday("08:00", 60)), ANNA)
        .await;
    let claims = shop.claims(STAFF_GROUP).await;
    let expected = ["08:00", "09:00", "10:00"].map(|clock| taken(ANNA, monday(clock, 60)));
    assert_eq!(claims, expected);
}

/// What counts is the time the resource is taken for, not the appointment itself.
pub async fn buffers_count(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let with_buffer = ClaimRequest {
        during: nine().padded(Span::minutes(10), Span::minutes(15)),
        ..claim(nine(), &[ANNA])
    };
    let outcome = shop.claim(&mut shop.booking(1).begun(), &with_buffer).await;
    assert_ne!(outcome, HoldOutcome::Taken);
    assert!(!shop.is_free(ANNA, monday("10:00", 60)).await);
    assert!(!shop.is_free(ANNA, monday("08:30", 25)).await);
    assert!(shop.is_free(ANNA, monday("10:15", 60)).await);
    assert!(shop.is_free(ANNA, monday("08:30", 20)).await);
}

/// The best choice that is free wins.
pub async fn choices_are_tried_in_order(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    for (n, choices, expected) in [
        (1, [BEN, ANNA], Some(BEN)),
        (2, [BEN, ANNA], Some(ANNA)),
        (3, [BEN, ANNA], None),
    ] {
        let outcome = shop.hold(&mut shop.booking(n).begun(), &choices).await;
        let held = expected.map(Resource::Staff).map(HoldOutcome::Held);
        assert_eq!(outcome, held.unwrap_or(HoldOutcome::Taken));
    }
}

/// As many places as offered, and no more; a place is not a person with the same number.
pub async fn places_are_counted(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let slot = monday("09:00", 45);
    let places = |service| ClaimRequest {
        choices: [1, 2].map(|unit| Resource::Place(service, unit)).to_vec(),
        ..claim(slot, &[])
    };
    for (n, unit) in [(1, Some(1)), (2, Some(2)), (3, None)] {
        let mut appointment = shop.booking(n).class().range(slot).begun();
        let outcome = shop.claim(&mut appointment, &places(CLASS)).await;
        let held = unit.map(|unit| HoldOutcome::Held(Resource::Place(CLASS, unit)));
        assert_eq!(outcome, held.unwrap_or(HoldOutcome::Taken));
    }
    let in_class = shop.claims(CLASS_GROUP).await;
    let expected = [1, 2].map(|unit| LiveClaim {
        resource: Resource::Place(CLASS, unit),
        during: slot,
    });
    assert_eq!(in_class, expected);
    assert!(shop.is_free(ANNA, slot).await);
    shop.held(shop.booking(4), ANNA).await;
    let same_number = ServiceId::new(ANNA.get());
    let mut other = shop.booking(5).class().range(slot).begun();
    let outcome = shop.claim(&mut other, &places(same_number)).await;
    assert_eq!(outcome, HoldOutcome::Held(Resource::Place(same_number, 1)));
}

/// A move may overlap the appointment's own time, but nobody else's; both times are taken.
pub async fn a_move_may_overlap_itself_only(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1).range(monday("11:00", 60)), ANNA)
        .await;
    let mut moving = shop.held(shop.booking(2), ANNA).await;
    let _ = moving.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut moving).await;

    let onto_another = monday("10:30", 60);
    let _ = moving.reschedule(onto_another, SyncOrigin::Api, "x", now());
    let outcome = shop.claim(&mut moving, &claim(onto_another, &[ANNA])).await;
    assert_eq!(outcome, HoldOutcome::Taken);

    let mut moving = shop.find(moving.id()).await.expect("there");
    let onto_itself = monday("09:30", 60);
    let _ = moving.reschedule(onto_itself, SyncOrigin::Api, "x", now());
    let outcome = shop.claim(&mut moving, &claim(onto_itself, &[ANNA])).await;
    assert_eq!(outcome, HoldOutcome::Held(Resource::Staff(ANNA)));
    for (clock, free) in [
        ("09:00", false),
        ("09:45", false),
        ("10:15", false),
        ("10:30", true),
    ] {
        assert_eq!(shop.is_free(ANNA, monday(clock, 15)).await, free, "{clock}");
    }

    let _ = moving.moved(&remote("uid-2", onto_itself), Some(ANNA), now());
    shop.save(&mut moving).await;
    assert!(
        shop.is_free(ANNA, monday("09:00", 30)).await,
        "the old time is given up"
    );
    assert!(!shop.is_free(ANNA, monday("10:15", 15)).await);
}

/// A refused move gives the new time back and keeps the old one.
pub async fn a_move_that_is_refused_gives_the_new_time_back(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut moving = shop.held(shop.booking(1), ANNA).await;
    let _ = moving.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut moving).await;
    let to = monday("14:00", 60);
    let _ = moving.reschedule(to, SyncOrigin::Api, "x", now());
    shop.claim(&mut moving, &claim(to, &[ANNA])).await.held();
    let _ = moving.stay(now());
    shop.save(&mut moving).await;
    assert!(shop.is_free(ANNA, to).await);
    assert!(!shop.is_free(ANNA, nine()).await);
}

/// Two times of one appointment with the same beginning are two claims.
pub async fn a_move_to_the_same_beginning_keeps_both_lengths(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut moving = shop.held(shop.booking(1), ANNA).await;
    let _ = moving.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut moving).await;
    let shorter = monday("09:00", 30);
    let _ = moving.reschedule(shorter, SyncOrigin::Api, "x", now());
    shop.claim(&mut moving, &claim(shorter, &[ANNA]))
        .await
        .held();
    assert!(
        !shop.is_free(ANNA, monday("09:30", 30)).await,
        "the old time still stands"
    );
    let mut refused = moving.clone();
    let _ = refused.stay(now());
    shop.save(&mut refused).await;
    assert!(!shop.is_free(ANNA, monday("09:30", 30)).await);

    let _ = refused.reschedule(shorter, SyncOrigin::Api, "x", now());
    shop.claim(&mut refused, &claim(shorter, &[ANNA]))
        .await
        .held();
    let _ = refused.moved(&remote("uid-2", shorter), Some(ANNA), now());
    shop.save(&mut refused).await;
    assert!(
        shop.is_free(ANNA, monday("09:30", 30)).await,
        "the rest is free"
    );
    assert!(!shop.is_free(ANNA, shorter).await);
}

/// The slot of a cancelled appointment is free again; while Cal.com has not let go, it is not.
pub async fn a_slot_is_free_when_the_cancellation_is_through(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut appointment = shop.held(shop.booking(1), ANNA).await;
    let _ = appointment.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    let _ = appointment.cancel(cancellation(), now());
    shop.save(&mut appointment).await;
    assert!(!shop.is_free(ANNA, nine()).await);
    let _ = appointment.cancelled(cancellation(), now());
    shop.save(&mut appointment).await;
    assert!(shop.is_free(ANNA, nine()).await);
    assert_eq!(shop.claims(STAFF_GROUP).await, []);
}

/// A hold for an appointment that somebody changed in between is refused.
pub async fn a_stale_hold_is_refused(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut appointment = shop.held(shop.booking(1), ANNA).await;
    let _ = appointment.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut appointment).await;
    let mut stale = appointment.clone();
    let _ = appointment.flag_for_review("x", "y", now());
    shop.save(&mut appointment).await;
    let to = monday("14:00", 60);
    let _ = stale.reschedule(to, SyncOrigin::Api, "x", now());
    let mut unit = shop.begin().await;
    let refused = unit.hold(&mut stale, &claim(to, &[ANNA]), REACH).await;
    assert!(matches!(refused, Err(StoreError::Changed)), "{refused:?}");
    let _nothing_to_commit = unit.commit().await;
    assert!(shop.is_free(ANNA, to).await);
}

/// Companies do not stand in each other's way, nor write into each other's books.
pub async fn holds_keep_to_their_company(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    shop.held(shop.massage(2), CARLA).await;
    assert_eq!(shop.claims(STAFF_GROUP).await, [taken(ANNA, nine())]);
    let mut foreign = shop.massage(3).range(monday("15:00", 60)).begun();
    let mut unit = shop.begin().await;
    let wish = claim(monday("15:00", 60), &[CARLA]);
    let refused = unit.hold(&mut foreign, &wish, REACH).await;
    assert!(refused.is_err(), "company 15 cannot write for company 20");
    drop(unit);
    let mut unit = shop.begin_for(crate::builders::OTHER_COMPANY).await;
    assert_eq!(unit.find(foreign.id()).await.expect("answers"), None);
}
