//! Offers that turn out to be wrong are noticed, counted and made good.

use booking_application::{BookError, CacheAlert, CacheOperationError};
use booking_domain::saga::Refusal;
use booking_domain::time::Span;
use booking_test_support::builders::{
    COMPANY, CONSULTATION, CONSULTATION_EVENT, MASSAGE_EVENT, OTHER_COMPANY, SHORT, nine,
};

use crate::script::{Act, Call};
use crate::world::World;

/// Somebody took both hosts at Cal.com, and nobody told us.
///
/// Red when an offer is not remembered (`note_offer`), a refusal not compared with it
/// (`settle_offer`), the entry stays, or the answer names no alternatives.
#[tokio::test]
async fn an_offer_that_calcom_refuses_is_a_detection() {
    let world = World::new().await;
    assert!(world.offers(nine()).await);
    world.calendar.stranger(nine(), 501);
    world.calendar.stranger(nine(), 502);
    world.clock.advance(Span::seconds(30));
    assert!(world.offers(nine()).await, "the entry is still valid");
    let Err(BookError::SlotTaken { alternatives }) = world.book(nine()).await else {
        panic!("Cal.com refuses");
    };
    assert_eq!(alternatives.len(), 3);
    assert!(!alternatives.contains(&nine()));
    assert!(!world.offers(nine()).await);
    let health = world.app.cache_health(COMPANY).await.unwrap();
    let figures = &health.figures;
    assert_eq!(figures.stale_detections_24h, 1);
    assert_eq!(figures.double_bookings_prevented, [0, 0, 1]);
    assert_eq!(figures.age_at_booking.max, 30.0);
    assert_eq!(health.alerts, [CacheAlert::StaleDetected]);
    let other = world.app.cache_health(OTHER_COMPANY).await.unwrap();
    assert_eq!(other.figures.stale_detections_24h, 0);
}

/// Red when any refusal counts as a detection.
#[tokio::test]
async fn a_refusal_of_what_nobody_offered_is_none() {
    let world = World::new().await;
    world.calendar.stranger(nine(), 501);
    world.calendar.stranger(nine(), 502);
    assert!(!world.offers(nine()).await);
    world.book(nine()).await.unwrap_err();
    world
        .calendar
        .script
        .next(Call::Create, Act::Refuse(Refusal::SlotTaken));
    world.book(crate::world::two()).await.unwrap_err();
    let health = world.app.cache_health(COMPANY).await.unwrap();
    assert_eq!(health.figures.stale_detections_24h, 1, "two was offered");
    assert_eq!(health.figures.age_at_booking.avg, 0.0);
}

/// Red when the database's refusals, or entries that were not believed, are not counted; or an
/// offer that Cal.com accepted is a detection.
#[tokio::test]
async fn double_bookings_prevented_are_counted_by_what_prevented_them() {
    let world = World::without_invalidation().await;
    world.free(CONSULTATION).await.unwrap();
    world.booked(nine()).await;
    world.booked(nine()).await;
    world.book(nine()).await.unwrap_err();
    assert!(!world.offers(nine()).await);
    let health = world.app.cache_health(COMPANY).await.unwrap();
    let [database, cache_validation, calcom] = health.figures.double_bookings_prevented;
    assert_eq!((database, calcom), (1, 0));
    assert!(cache_validation >= 1);
    assert_eq!(health.figures.stale_detections_24h, 0);
}

/// Red when another company's event type can be cleared, the other event type goes too, or another
/// instance still believes its copy.
#[tokio::test]
async fn an_operator_clears_an_event_type_everywhere() {
    let world = World::new().await;
    world.free(CONSULTATION).await.unwrap();
    world.free(SHORT).await.unwrap();
    let twin = world.twin();
    let question = crate::world::on_monday(CONSULTATION);
    twin.availability(COMPANY, &question).await.unwrap();
    let foreign = world.app.invalidate_event_type(COMPANY, MASSAGE_EVENT);
    assert!(matches!(
        foreign.await.unwrap_err(),
        CacheOperationError::EventTypeNotFound
    ));
    let cleared = world.app.invalidate_event_type(COMPANY, CONSULTATION_EVENT);
    assert_eq!(cleared.await.unwrap().layer1, 2, "the day and its block");
    assert_eq!(world.kept().await, [2, 0, 2, 0]);
    let asked = world.calendar.script.calls(Call::Slots);
    twin.availability(COMPANY, &question).await.unwrap();
    assert_eq!(world.calendar.script.calls(Call::Slots), asked + 1);
}
