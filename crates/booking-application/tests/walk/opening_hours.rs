//! Opening hours: what lies outside them is offered nowhere, whatever the calendar lists; and who has
//! none can be booked at any time.

use booking_application::availability::Source;
use booking_application::{AlternativesQuestion, AvailabilityQuestion, BookError};
use booking_domain::ids::{ServiceId, StaffId};
use booking_domain::tenant::{OpeningHours, SetupFile};
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::{ANNA, CLASS, COMPANY, CONSULTATION, at, demo_setup, monday};

use crate::script::{Act, Call};
use crate::world::{World, actor, two, whole_monday, wish};

/// The Monday after the clocks have changed: what lies at six UTC is seven in the morning there.
fn winter(clock: &str, minutes: u32) -> TimeRange {
    TimeRange::lasting(at(&format!("2025-10-27T{clock}:00Z")), minutes)
}

fn hours(service: usize) -> OpeningHours {
    let company = &demo_setup().companies[0];
    company.services[service].opening_hours.clone()
}

fn set_hours(file: &mut SetupFile, service: ServiceId, hours: serde_json::Value) {
    let services = &mut file.companies[0].services;
    let service = services.iter_mut().find(|it| it.id == service).unwrap();
    service.opening_hours = serde_json::from_value(hours).unwrap();
}

fn whole(day: &str) -> AvailabilityQuestion {
    AvailabilityQuestion {
        service: CONSULTATION,
        window: TimeRange::lasting(at(&format!("{day}T00:00:00Z")), 24 * 60),
        staff: None,
        allow_stale: false,
    }
}

fn near(range: TimeRange, staff: Option<StaffId>, limit: usize) -> AlternativesQuestion {
    AlternativesQuestion {
        service: CONSULTATION,
        start: range.start(),
        limit,
        staff,
    }
}

fn assert_open(slots: &[TimeRange]) {
    let berlin = "Europe/Berlin".parse().unwrap();
    for slot in slots {
        assert!(hours(0).covers(slot, berlin), "{slot:?} is offered");
    }
}

/// Red when the hours are not applied to what an entry holds, be it new, kept, or old and allowed.
#[tokio::test]
async fn a_day_offers_what_lies_within_the_hours_of_its_own_offset() {
    let world = World::new().await;
    for (day, open) in [("2025-10-13", 9), ("2025-10-27", 7), ("2025-10-15", 0)] {
        for source in [Source::Upstream, Source::Cache] {
            let found = world.app.availability(COMPANY, &whole(day)).await.unwrap();
            assert_eq!(found.slots.len(), open, "{day}");
            assert_open(&found.slots);
            assert!(source == Source::Upstream || found.source == source);
        }
    }
    let with_anna = AvailabilityQuestion {
        staff: Some(ANNA),
        ..whole("2025-10-27")
    };
    let found = world.app.availability(COMPANY, &with_anna).await.unwrap();
    assert_open(&found.slots);
    world.calendar.script.always(Call::Slots, Act::NotExecuted);
    world.clock.advance(Span::minutes(2));
    let stale = AvailabilityQuestion {
        allow_stale: true,
        ..whole("2025-10-27")
    };
    let old = world.app.availability(COMPANY, &stale).await.unwrap();
    assert_eq!((old.source, old.slots.len()), (Source::StaleFallback, 7));
    assert_open(&old.slots);
}

/// Red when the hours are not applied to the hour window or to the days around it, so that a caller
/// is sent from one closed time to the next.
#[tokio::test]
async fn what_lies_near_a_wish_lies_within_the_hours_too() {
    let world = World::new().await;
    for staff in [None, Some(ANNA)] {
        for limit in [1, 3, 200] {
            let question = near(winter("06:00", 60), staff, limit);
            let found = world.app.alternatives(COMPANY, &question).await.unwrap();
            assert!(!found.available, "closed at seven");
            let slots: Vec<_> = found.alternatives.iter().map(|it| it.slot).collect();
            assert_eq!(slots[0], winter("07:00", 60));
            assert!(slots.len() == limit || limit == 200 && slots.len() > 9);
            assert_open(&slots);
        }
    }
    for _ in 0..2 {
        world.booked(winter("07:00", 60)).await;
    }
    let refused = world.book(winter("07:00", 60)).await.unwrap_err();
    let BookError::SlotTaken { alternatives } = refused else {
        panic!("{refused}");
    };
    assert_eq!(alternatives.len(), 3);
    assert_open(&alternatives);
}

/// Red when the hours are those of the time at which an entry was filled.
#[tokio::test]
async fn changed_hours_hold_at_once_whatever_is_kept() {
    let world = World::new().await;
    let twin = world.twin();
    let monday_of = async |app: &booking_application::Application| {
        let question = whole("2025-10-13");
        app.availability(COMPANY, &question).await.unwrap().slots
    };
    let is_free = async |range| {
        let question = near(range, None, 3);
        let found = world.app.alternatives(COMPANY, &question).await;
        found.unwrap().available
    };
    assert_eq!(monday_of(&world.app).await.len(), 9);
    assert_eq!(monday_of(&twin).await.len(), 9);
    world
        .app
        .availability(COMPANY, &whole("2025-10-27"))
        .await
        .unwrap();
    assert!(is_free(two()).await);
    let short = serde_json::json!({"mon": [["10:00", "12:00"]]});
    world
        .set_up(|file| set_hours(file, CONSULTATION, short))
        .await;
    let stale = AvailabilityQuestion {
        allow_stale: true,
        ..whole("2025-10-27")
    };
    world.calendar.script.next(Call::Slots, Act::NotExecuted);
    let old = world.app.availability(COMPANY, &stale).await.unwrap();
    assert_eq!(
        (old.source, old.slots),
        (Source::StaleFallback, vec![winter("09:00", 60)])
    );
    let left = [monday("08:00", 60), monday("09:00", 60)];
    assert_eq!(monday_of(&world.app).await, left);
    assert_eq!(monday_of(&twin).await, left);
    assert!(!is_free(two()).await);
    world
        .set_up(|file| set_hours(file, CONSULTATION, serde_json::json!({})))
        .await;
    assert_eq!(monday_of(&world.app).await.len(), 9);
    assert!(is_free(two()).await);
}

/// Red when a service that can be booked at any time offers none, more than it has places for, or the
/// past.
#[tokio::test]
async fn without_event_type_and_hours_any_time_is_offered() {
    let world = World::new().await;
    world
        .set_up(|file| set_hours(file, CLASS, serde_json::json!({})))
        .await;
    let free = async || world.free(CLASS).await.unwrap().slots;
    let slots = free().await;
    // From a quarter past two to a quarter to two, local time.
    assert_eq!(slots.len(), 31);
    assert_eq!(slots[0], monday("00:15", 45));
    for _ in 0..2 {
        let mut class = wish(slots[3]);
        class.service = CLASS;
        world.app.book_appointment(actor(), class).await.unwrap();
    }
    assert!(!free().await.contains(&slots[3]));
    let question = AlternativesQuestion {
        service: CLASS,
        ..near(slots[3], None, 2)
    };
    let found = world.app.alternatives(COMPANY, &question).await.unwrap();
    let nearest: Vec<_> = found.alternatives.iter().map(|it| it.slot).collect();
    assert_eq!(
        (found.available, nearest),
        (false, vec![slots[2], slots[4]])
    );
    world.clock.set(whole_monday().start() + Span::hours(22));
    let ahead = free().await;
    assert_eq!(ahead, slots[29..]);
}
