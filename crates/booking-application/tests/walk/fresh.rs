//! No reader is offered what was sold before they asked, whatever the caches and Cal.com say.

use booking_application::availability::Source;
use booking_application::{AlternativesQuestion, RescheduleAppointment, Terms};
use booking_domain::cache_key::CacheKey;
use booking_domain::ports::AvailabilityCache;
use booking_test_support::builders::{COMPANY, CONSULTATION, SHORT, monday, nine};

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, hours_after, two};

/// Red when an entry is believed whatever its stamp (`AvailabilityEntry::check`).
#[tokio::test]
async fn without_invalidation_the_stamp_alone_is_enough() {
    let world = World::without_invalidation().await;
    assert!(world.offers(nine()).await);
    let first = world.booked(nine()).await.appointment.id();
    world.booked(nine()).await;
    assert!(!world.offers(nine()).await);
    world.reschedule(first, two()).await.unwrap();
    assert!(world.offers(nine()).await && world.offers(two()).await);
    world.booked(two()).await;
    assert!(!world.offers(two()).await);
    world.cancel(first).await.unwrap();
    assert!(world.offers(two()).await);
    assert_eq!(
        world.free(CONSULTATION).await.unwrap().source,
        Source::Cache
    );
}

/// The hold counts from its commit on, long before Cal.com has answered.
///
/// Red when the hold does not bump the versions.
#[tokio::test]
async fn what_is_held_is_not_offered() {
    let world = World::without_invalidation().await;
    assert!(world.offers(nine()).await);
    world.calendar.script.always(Call::Create, Act::NotExecuted);
    for _ in 0..2 {
        world.book(nine()).await.unwrap();
    }
    assert!(!world.offers(nine()).await);
}

/// A filler fetches, somebody books, the filler files what it has: nobody may believe it.
///
/// Anna is away, which Cal.com alone knows: so our own books do not show that nine is sold out,
/// and nothing but the stamp protects the next reader.
///
/// Red when the stamp is read after the fetch.
#[tokio::test]
async fn a_slow_filler_cannot_bring_a_sold_slot_back() {
    for with_listener in [true, false] {
        let world = match with_listener {
            true => World::new().await,
            false => World::without_invalidation().await,
        };
        world.calendar.stranger(nine(), 501);
        let gate = Gate::new();
        let hang = Act::DoThenHang(gate.clone());
        world.calendar.script.next(Call::Slots, hang);
        let app = world.app.clone();
        let slow = tokio::spawn(async move {
            let question = crate::world::on_monday(CONSULTATION);
            app.availability(COMPANY, &question).await.unwrap()
        });
        gate.reached().await;
        world.booked(nine()).await;
        gate.open();
        slow.await.unwrap();
        assert!(!world.offers(nine()).await, "listener: {with_listener}");
        assert!(!world.offers(nine()).await);
    }
}

/// Red when the stamp of a layer-2 entry is read after its layer 1.
#[tokio::test]
async fn a_slow_filler_of_the_hour_window_cannot_either() {
    let world = World::without_invalidation().await;
    world.calendar.stranger(nine(), 501);
    let question = AlternativesQuestion {
        service: CONSULTATION,
        start: nine().start(),
        limit: 3,
        staff: None,
    };
    let is_free = async || {
        let found = world.app.alternatives(COMPANY, &question).await;
        found.unwrap().available
    };
    let gate = Gate::new();
    let script = &world.calendar.script;
    script.next(Call::Slots, Act::DoThenHang(gate.clone()));
    let (app, asked) = (world.app.clone(), question.clone());
    let slow = tokio::spawn(async move { app.alternatives(COMPANY, &asked).await.unwrap() });
    gate.reached().await;
    world.booked(nine()).await;
    gate.open();
    slow.await.unwrap();
    assert!(!is_free().await);
    let calls = script.calls(Call::Slots);
    assert!(!is_free().await);
    assert_eq!(script.calls(Call::Slots), calls, "now it is kept");
}

/// Red when what Cal.com lists is not reduced by our own claims (`without_ours`).
#[tokio::test]
async fn a_lagging_list_does_not_offer_what_we_have_just_sold() {
    let world = World::new().await;
    world.calendar.script.always(Call::Slots, Act::Lag);
    world.booked(nine()).await;
    assert!(world.offers(nine()).await, "one of two is free");
    let second = world.booked(nine()).await.appointment.id();
    assert!(!world.offers(nine()).await);
    world.reschedule(second, two()).await.unwrap();
    assert!(world.offers(nine()).await);
}

/// The short appointment is performed by the same people; its buffer reaches into the next hour.
///
/// Red when only the booked service's own event type is touched.
#[tokio::test]
async fn a_service_of_the_same_people_is_touched_too() {
    for with_listener in [true, false] {
        let world = match with_listener {
            true => World::new().await,
            false => World::without_invalidation().await,
        };
        let short = monday("09:00", 15);
        assert!(world.free(SHORT).await.unwrap().slots.contains(&short));
        world.booked(nine()).await;
        let left = if with_listener { 0 } else { 2 };
        assert_eq!(world.kept().await[0], left);
        world.booked(nine()).await;
        let free = world.free(SHORT).await.unwrap();
        assert!(!free.slots.contains(&short) && free.slots.contains(&monday("08:00", 15)));
    }
}

/// While a move is under way somebody reads the old day; when it has ended, that answer is old.
///
/// Red when only the new time is forgotten (`touched` without what stood before).
#[tokio::test]
async fn both_sides_of_a_move_are_forgotten() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let gate = Gate::new();
    let hang = Act::DoThenHang(gate.clone());
    world.calendar.script.next(Call::Reschedule, hang);
    let to_tuesday = RescheduleAppointment {
        id,
        start: hours_after(nine().start(), 24),
        reason: None,
        terms: Terms::default(),
    };
    let app = world.app.clone();
    let moving = tokio::spawn(async move { app.reschedule_appointment(actor(), to_tuesday).await });
    gate.reached().await;
    world.free(CONSULTATION).await.unwrap();
    assert_eq!(world.kept().await, [2, 0, 2, 0]);
    gate.open();
    moving.await.unwrap().unwrap();
    assert_eq!(world.kept().await, [0; 4]);
}

/// Red when the names told to people are not the names that are used.
#[tokio::test]
async fn the_names_of_the_entries_can_be_told() {
    let world = World::new().await;
    let start = nine().start();
    let names = world
        .app
        .keys_near(COMPANY, CONSULTATION, start)
        .await
        .unwrap();
    let told: Vec<_> = names.iter().map(CacheKey::to_string).collect();
    assert_eq!(
        told,
        [
            "calcom:slots:2563193:2025-10-12:2025-10-13",
            "cal_slots_15_9_2563193_2025-10-12-22_2025-10-13-22",
        ]
    );
    let question = AlternativesQuestion {
        service: CONSULTATION,
        start,
        limit: 3,
        staff: None,
    };
    world.app.alternatives(COMPANY, &question).await.unwrap();
    let kept = world.near.get(&names).await.unwrap();
    assert!(kept.iter().all(Option::is_some));
}
