//! What becomes of entries when something changes: brought up to date, forgotten, fetched again.

use std::sync::Arc;

use booking_application::availability::Source;
use booking_application::jobs::WarmReport;
use booking_application::{
    Actor, AvailabilityQuestion, BookAppointment, CancelAppointment, NewsKind, Terms,
};
use booking_domain::appointment::RemoteStatus;
use booking_domain::ids::ServiceId;
use booking_domain::ports::{AvailabilityCache, Clock};
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::{
    COMPANY, CONSULTATION, MASSAGE, MASSAGE_EVENT, OTHER_COMPANY, nine,
};

use crate::interposed::Interposed;
use crate::news::{delivery, news};
use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, on_monday, two, wish};

fn carlas() -> Actor {
    Actor {
        company: OTHER_COMPANY,
        ..actor()
    }
}

fn massage(range: TimeRange) -> BookAppointment {
    BookAppointment {
        service: MASSAGE,
        ..wish(range)
    }
}

/// Carla alone gives massages.
async fn massages(world: &World) -> (Source, Vec<TimeRange>) {
    let question = on_monday(MASSAGE);
    let found = world.app.availability(OTHER_COMPANY, &question).await;
    let found = found.unwrap();
    (found.source, found.slots)
}

/// Red when nothing is brought up to date (`Change::took`), after the hold or after the answer, or
/// the sold slot stays.
#[tokio::test]
async fn the_next_reader_after_a_booking_need_not_ask_calcom() {
    let world = World::new().await;
    let (_, before) = massages(&world).await;
    let booked = world.app.book_appointment(carlas(), massage(nine())).await;
    booked.unwrap();
    let (source, after) = massages(&world).await;
    assert_eq!(source, Source::Cache);
    assert!(before.contains(&nine()) && !after.contains(&nine()));
    assert_eq!(after.len(), before.len() - 1);
    assert_eq!(world.calendar.script.calls(Call::Slots), 1);
    let shared = world.shared.overview(&[MASSAGE_EVENT]).await.unwrap();
    assert_eq!(shared.layer1_entries, 0, "the shared entry is gone");
}

/// Red when the count of versions is not compared: news from Cal.com came between.
#[tokio::test]
async fn what_somebody_else_changed_is_not_updated_but_fetched() {
    let world = World::new().await;
    massages(&world).await;
    let app = world.app.clone();
    // Somebody raises the versions of the same days without telling this process's cache.
    world.shared.clear(MASSAGE_EVENT).await.unwrap();
    let twin = world.twin();
    let other = twin.book_appointment(carlas(), massage(two())).await;
    other.unwrap();
    let booked = app.book_appointment(carlas(), massage(nine())).await;
    booked.unwrap();
    let (source, after) = massages(&world).await;
    assert_eq!(source, Source::Upstream);
    assert!(!after.contains(&nine()) && !after.contains(&two()));
}

/// Between our commit and the update somebody files an entry that knows of our commit already, and
/// then another instance books: by the sum alone that is our own commit.
///
/// Red when the copies are taken after the commit (`Application::to_update`).
#[tokio::test]
async fn what_was_filed_after_our_commit_is_not_taken_for_older() {
    let interposed = Arc::new(Interposed::default());
    let near = interposed.clone();
    let world = Arc::new(World::with(|deps, _| deps.near_cache = near).await);
    massages(&world).await;
    let (meddling, twin) = (world.clone(), world.twin());
    interposed.after_the_next_commit(&world, async move {
        massages(&meddling).await;
        let other = twin.book_appointment(carlas(), massage(two())).await;
        other.unwrap();
    });
    world.calendar.script.always(Call::Create, Act::NotExecuted);
    let booked = world.app.book_appointment(carlas(), massage(nine())).await;
    booked.unwrap();
    assert!(interposed.is_done());
    let (_, after) = massages(&world).await;
    assert!(!after.contains(&nine()) && !after.contains(&two()));
}

/// Two can serve, one is taken: whether the other is free is known to Cal.com alone.
///
/// Red when the entry is kept although that is not certain.
#[tokio::test]
async fn with_two_hosts_the_entry_goes() {
    let world = World::new().await;
    world.calendar.stranger(nine(), 501);
    assert!(world.offers(nine()).await);
    world.booked(nine()).await;
    let found = world.free(CONSULTATION).await.unwrap();
    assert_eq!(found.source, Source::Upstream);
    assert!(!found.slots.contains(&nine()));
}

/// Red when an entry is brought up to date after a cancellation or a move.
#[tokio::test]
async fn what_was_freed_is_fetched() {
    let world = World::new().await;
    let booked = world.app.book_appointment(carlas(), massage(nine())).await;
    let id = booked.unwrap().view.appointment.id();
    massages(&world).await;
    let cancel = CancelAppointment {
        id,
        reason: None,
        terms: Terms::default(),
    };
    let cancelled = world.app.cancel_appointment(carlas(), cancel).await;
    cancelled.unwrap();
    let (source, slots) = massages(&world).await;
    assert_eq!(source, Source::Upstream);
    assert!(slots.contains(&nine()));
}

/// Cal.com tells of our cancellation before it has let go: what is fetched in between does not
/// show the slot as free.
///
/// Red when the answer to the call does not raise the versions once more (`outdate_again`).
#[tokio::test]
async fn news_of_a_cancellation_comes_before_the_slot_is_free() {
    let world = World::without_invalidation().await;
    let booked = world.app.book_appointment(carlas(), massage(nine())).await;
    let id = booked.unwrap().view.appointment.id();
    let gate = Gate::new();
    let hang = Act::HangThenDo(gate.clone());
    world.calendar.script.next(Call::Cancel, hang);
    let app = world.app.clone();
    let cancelling = tokio::spawn(async move {
        let cancel = CancelAppointment {
            id,
            reason: None,
            terms: Terms::default(),
        };
        app.cancel_appointment(carlas(), cancel).await
    });
    gate.reached().await;
    let mut ended = world.calendar.live().pop().unwrap();
    ended.status = RemoteStatus::Cancelled;
    let kind = NewsKind::Cancelled;
    let told = (delivery(kind, &ended), news(kind, &ended));
    let told = world.app.calcom_news(OTHER_COMPANY, told.0, told.1).await;
    told.unwrap();
    assert!(!massages(&world).await.1.contains(&nine()));
    gate.open();
    cancelling.await.unwrap().unwrap();
    assert!(massages(&world).await.1.contains(&nine()));
}

/// Cal.com's list shows the cancelled booking for a while.
///
/// Red when what is fetched soon after something was given up lives as long as anything
/// (`Window::expiry`).
#[tokio::test]
async fn a_freed_slot_that_calcom_shows_late_is_seen_soon() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    world.booked(nine()).await;
    world.cancel(id).await.unwrap();
    world.clock.advance(Span::seconds(9));
    world.free(CONSULTATION).await.unwrap();
    world.clock.advance(Span::seconds(2));
    let young = world.free(CONSULTATION).await.unwrap();
    assert_eq!(young.source, Source::Cache);
    world.clock.advance(Span::seconds(1));
    let settled = world.free(CONSULTATION).await.unwrap();
    assert_eq!(settled.source, Source::Upstream);
    world.clock.advance(Span::seconds(59));
    let again = world.free(CONSULTATION).await.unwrap();
    assert_eq!(again.source, Source::Cache);
}

/// Red when what was in use is not wished for, is fetched before things are quiet, or is fetched
/// for each of the changes.
#[tokio::test]
async fn what_was_in_use_is_fetched_again_when_its_days_are_quiet() {
    let world = World::new().await;
    world.free(CONSULTATION).await.unwrap();
    world.booked(nine()).await;
    world.clock.advance(Span::seconds(9));
    assert_eq!(warmed(&world).await, 0);
    world.clock.advance(Span::seconds(1));
    assert_eq!(warmed(&world).await, 1);
    assert_eq!(warmed(&world).await, 0);
    let found = world.free(CONSULTATION).await.unwrap();
    assert_eq!(found.source, Source::Cache);
    assert_eq!(world.calendar.script.calls(Call::Slots), 2);
}

/// Red when an entry that was brought up to date here stays unknown to the others.
#[tokio::test]
async fn what_was_updated_here_is_shared_when_its_days_are_quiet() {
    let world = World::new().await;
    massages(&world).await;
    let booked = world.app.book_appointment(carlas(), massage(nine())).await;
    booked.unwrap();
    world.clock.advance(Span::seconds(10));
    assert_eq!(warmed(&world).await, 1);
    let other = world.twin();
    let found = other.availability(OTHER_COMPANY, &on_monday(MASSAGE)).await;
    let found = found.unwrap();
    assert_eq!(found.source, Source::Cache);
    assert!(!found.slots.contains(&nine()));
    assert_eq!(world.calendar.script.calls(Call::Slots), 1);
}

async fn warmed(world: &World) -> u32 {
    let report: WarmReport = world.app.warm_caches().await.unwrap();
    assert_eq!(report.failed, 0);
    report.warmed
}

fn in_days(service: ServiceId, from: i64, days: i64) -> AvailabilityQuestion {
    let start = booking_test_support::builders::now() + Span::days(from);
    AvailabilityQuestion {
        window: TimeRange::new(start, start + Span::days(days)).unwrap(),
        ..on_monday(service)
    }
}

/// Red when a service is left out, what the account's budget does not allow yet is given up or
/// asked for again and again, or a month is many calls.
#[tokio::test]
async fn the_next_month_is_fetched_as_the_budget_allows() {
    let world = World::new().await;
    let wished = world.app.wish_for_days(COMPANY, 30).await.unwrap();
    assert_eq!(wished, 2, "the class is unknown to Cal.com");
    assert_eq!(warmed(&world).await, 2);
    let wished = world.app.wish_for_days(OTHER_COMPANY, 30).await.unwrap();
    let until = world.clock.now() + Span::seconds(30);
    let script = &world.calendar.script;
    script.next(Call::Slots, Act::HeldBack(until));
    for (seconds, expected) in [(0, 0), (0, 0), (29, 0), (1, wished)] {
        world.clock.advance(Span::seconds(seconds));
        assert_eq!(warmed(&world).await, expected);
    }
    assert_eq!(world.calendar.script.calls(Call::Slots), 3 + wished);
    for (from, days) in [(0, 1), (3, 7), (28, 1)] {
        let question = in_days(CONSULTATION, from, days);
        let found = world.app.availability(COMPANY, &question).await.unwrap();
        assert_eq!(found.source, Source::Cache, "{from} {days}");
    }
    assert_eq!(world.calendar.script.calls(Call::Slots), 3 + wished);
}

/// Red when a window that cannot be fetched is tried for ever.
#[tokio::test]
async fn what_cannot_be_fetched_is_left_to_whoever_asks() {
    let world = World::new().await;
    world.calendar.script.always(Call::Slots, Act::NotExecuted);
    world.app.wish_for_days(OTHER_COMPANY, 30).await.unwrap();
    let report = world.app.warm_caches().await.unwrap();
    assert_eq!((report.warmed, report.failed, report.waiting), (0, 1, 0));
    assert_eq!(
        world.app.warm_caches().await.unwrap(),
        WarmReport::default()
    );
}
