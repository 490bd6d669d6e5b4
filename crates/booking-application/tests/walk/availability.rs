//! What is free: where the answer comes from, and what it is worth.

use std::collections::BTreeSet;
use std::sync::Arc;

use booking_application::availability::Source;
use booking_application::{AvailabilityError, AvailabilityQuestion};
use booking_domain::ports::AvailabilityCache;
use booking_domain::time::Span;
use booking_test_support::builders::{
    ANNA, CARLA, CLASS, COMPANY, CONSULTATION, OTHER_COMPANY, SHORT, monday, nine,
};
use futures_util::future::join_all;

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, on_monday, two, whole_monday, wish};

/// Red when nothing is filled, or an entry outlives its time.
#[tokio::test]
async fn the_second_reader_does_not_ask_calcom() {
    let world = World::new().await;
    let first = world.free(CONSULTATION).await.unwrap();
    assert_eq!((first.source, first.slots.len()), (Source::Upstream, 9));
    world.clock.advance(Span::seconds(59));
    let second = world.free(CONSULTATION).await.unwrap();
    assert_eq!(
        (second.source, &second.slots),
        (Source::Cache, &first.slots)
    );
    assert_eq!((second.as_of, second.proof), (first.as_of, first.proof));
    assert_eq!(world.calendar.script.calls(Call::Slots), 1);
    world.clock.advance(Span::seconds(1));
    assert_eq!(
        world.free(CONSULTATION).await.unwrap().source,
        Source::Upstream
    );
}

/// Red when the shared cache is not asked, or its answer not kept here.
#[tokio::test]
async fn what_another_instance_has_filed_is_used() {
    let world = World::new().await;
    world.free(CONSULTATION).await.unwrap();
    let event = booking_test_support::builders::CONSULTATION_EVENT;
    world.near.clear(event).await.unwrap();
    assert_eq!(
        world.free(CONSULTATION).await.unwrap().source,
        Source::Cache
    );
    assert_eq!(world.kept().await, [1, 0, 2, 0]);
}

/// Red when everybody who misses fetches (`flights`).
#[tokio::test]
async fn of_fifty_who_miss_at_once_one_asks() {
    let world = Arc::new(World::new().await);
    let gate = Gate::new();
    world
        .calendar
        .script
        .next(Call::Slots, Act::DoThenHang(gate.clone()));
    let readers: Vec<_> = (0..50)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.free(CONSULTATION).await.unwrap().slots.len() })
        })
        .collect();
    gate.reached().await;
    gate.open();
    for found in join_all(readers).await {
        assert_eq!(found.unwrap(), 9);
    }
    assert_eq!(world.calendar.script.calls(Call::Slots), 1);
}

/// Red when an error becomes "nothing free", or a valid entry is not good enough.
#[tokio::test]
async fn while_calcom_is_down_a_valid_entry_serves_and_a_miss_says_so() {
    let world = World::new().await;
    world.free(CONSULTATION).await.unwrap();
    world.calendar.script.always(Call::Slots, Act::NotExecuted);
    assert_eq!(
        world.free(CONSULTATION).await.unwrap().source,
        Source::Cache
    );
    world.clock.advance(Span::minutes(2));
    let error = world.free(CONSULTATION).await.unwrap_err();
    assert!(matches!(
        error,
        AvailabilityError::CalendarUnavailable { .. }
    ));
    let stale = AvailabilityQuestion {
        allow_stale: true,
        ..on_monday(CONSULTATION)
    };
    let old = world.app.availability(COMPANY, &stale).await.unwrap();
    assert_eq!((old.source, old.slots.len()), (Source::StaleFallback, 9));
    assert_eq!(
        (old.proof, world.app.now().since(old.as_of)),
        (None, Span::minutes(2))
    );
    let never = AvailabilityQuestion {
        service: SHORT,
        ..stale
    };
    let error = world.app.availability(COMPANY, &never).await.unwrap_err();
    assert!(matches!(
        error,
        AvailabilityError::CalendarUnavailable { .. }
    ));
}

/// Red when an old entry offers what we have sold since, although our own books can be read.
#[tokio::test]
async fn an_old_answer_does_not_offer_what_we_have_sold() {
    let world = World::without_invalidation().await;
    world.free(CONSULTATION).await.unwrap();
    world.booked(nine()).await;
    world.booked(nine()).await;
    world.calendar.script.always(Call::Slots, Act::NotExecuted);
    let stale = AvailabilityQuestion {
        allow_stale: true,
        ..on_monday(CONSULTATION)
    };
    let old = world.app.availability(COMPANY, &stale).await.unwrap();
    assert_eq!(old.source, Source::StaleFallback);
    assert!(!old.slots.contains(&nine()));
}

/// Red when the opening hours or the places of a service without event type are not counted.
#[tokio::test]
async fn a_service_without_event_type_is_cut_from_its_hours() {
    let world = World::new().await;
    let starts = ["06:00", "06:45", "07:30", "08:15"].map(|clock| monday(clock, 45));
    assert_eq!(world.free(CLASS).await.unwrap().slots, starts);
    for _ in 0..2 {
        assert_eq!(world.free(CLASS).await.unwrap().slots.len(), 4);
        let mut class = wish(starts[1]);
        class.service = CLASS;
        world.app.book_appointment(actor(), class).await.unwrap();
    }
    assert_eq!(
        world.free(CLASS).await.unwrap().slots,
        [starts[0], starts[2], starts[3]]
    );
    assert_eq!(world.calendar.script.calls(Call::Slots), 0);
}

/// Red when the filter looks at anybody's time.
#[tokio::test]
async fn with_a_wish_for_somebody_only_their_time_counts() {
    let world = World::new().await;
    let mut wanted = wish(nine());
    wanted.staff = Some(ANNA);
    world.app.book_appointment(actor(), wanted).await.unwrap();
    let free_with = async |staff| {
        let question = AvailabilityQuestion {
            staff: Some(staff),
            ..on_monday(CONSULTATION)
        };
        world.app.availability(COMPANY, &question).await
    };
    assert!(!free_with(ANNA).await.unwrap().slots.contains(&nine()));
    let ben = free_with(booking_test_support::builders::BEN)
        .await
        .unwrap();
    assert!(ben.slots.contains(&nine()));
    assert!(matches!(
        free_with(CARLA).await,
        Err(AvailabilityError::StaffNotFound)
    ));
}

/// Red when the question's own window is not applied to the entry of whole days, or the past is
/// offered.
#[tokio::test]
async fn only_what_lies_inside_the_window_and_ahead_is_offered() {
    let world = World::new().await;
    world.clock.set(monday("07:30", 1).start());
    let question = AvailabilityQuestion {
        window: monday("06:00", 4 * 60 - 1),
        ..on_monday(CONSULTATION)
    };
    let found = world.app.availability(COMPANY, &question).await.unwrap();
    assert_eq!(found.slots, [monday("08:00", 60)]);
    let long = AvailabilityQuestion {
        window: whole_monday().padded(Span::ZERO, Span::days(62)),
        ..question
    };
    let error = world.app.availability(COMPANY, &long).await.unwrap_err();
    assert!(matches!(error, AvailabilityError::RangeTooLong));
}

/// Red when the layer-1 entry, whose name bears no company, is believed by another company.
#[tokio::test]
async fn another_company_gets_no_answer_of_ours() {
    let world = World::new().await;
    world.free(CONSULTATION).await.unwrap();
    let error = world
        .app
        .availability(OTHER_COMPANY, &on_monday(CONSULTATION))
        .await;
    assert!(matches!(error, Err(AvailabilityError::ServiceNotFound)));
    let taken: BTreeSet<_> = [nine(), two()].into();
    assert!(
        world
            .free(CONSULTATION)
            .await
            .unwrap()
            .slots
            .iter()
            .any(|it| taken.contains(it))
    );
}
