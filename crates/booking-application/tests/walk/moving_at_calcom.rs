//! A move of ours meets what happened at Cal.com meanwhile.

use std::collections::BTreeSet;

use booking_application::{NewsKind, NewsStatus, RescheduleAppointment, RescheduleError, Terms};
use booking_domain::appointment::StateName;
use booking_test_support::builders::{BEN, monday, nine};

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, review, state, two, wish};

/// Red when an unknown move is made again instead of looked up.
#[tokio::test]
async fn a_move_that_was_made_unheard_is_found() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    world.calendar.script.next(Call::Reschedule, Act::DoUnheard);
    let view = world.reschedule(id, two()).await.unwrap();
    assert_eq!(
        (state(&view), view.appointment.range()),
        (StateName::Confirmed, two())
    );
    assert_eq!(world.calendar.script.calls(Call::Reschedule), 1);
    world.assert_at_rest().await;
}

/// Red when an unknown move that was not made is given up.
#[tokio::test]
async fn a_move_that_was_not_made_is_made_once_more() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    world.calendar.script.next(Call::Reschedule, Act::Lost);
    world.reschedule(id, two()).await.unwrap();
    world.seconds(122).await;
    assert_eq!(world.view(id).await.appointment.range(), two());
    assert_eq!(world.calendar.script.calls(Call::Reschedule), 2);
    assert_eq!(world.calendar.live().len(), 1);
    world.assert_at_rest().await;
}

/// Red when a move to a time that we hold no claim for stops the saga, or is not claimed.
#[tokio::test]
async fn what_somebody_moved_elsewhere_is_followed_there() {
    let world = World::new().await;
    let before = world.booked(nine()).await.appointment;
    let elsewhere = monday("11:00", 60);
    let moved = world
        .calendar
        .move_to(before.uid().unwrap(), elsewhere.start());
    world.reschedule(before.id(), two()).await.unwrap();
    world.seconds(5).await;
    let view = world.view(before.id()).await;
    assert_eq!((state(&view), review(&view)), (StateName::Confirmed, None));
    assert_eq!(view.appointment.uid(), Some(&moved.uid));
    assert_eq!(view.appointment.range(), elsewhere);
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, elsewhere)]));
    world.assert_at_rest().await;
}

/// Red when only the first step is followed.
#[tokio::test]
async fn what_was_moved_and_moved_again_is_found_at_the_end() {
    let world = World::new().await;
    let before = world.booked(nine()).await.appointment;
    let script = &world.calendar.script;
    script.next(Call::Reschedule, Act::DoUnheard);
    script.next(Call::Get, Act::NotExecuted);
    world.reschedule(before.id(), two()).await.unwrap();
    let made = world.calendar.live().remove(0);
    let last = world
        .calendar
        .move_to(&made.uid, monday("15:00", 60).start());
    world.seconds(5).await;
    let view = world.view(before.id()).await;
    assert_eq!((state(&view), review(&view)), (StateName::Confirmed, None));
    assert_eq!(view.appointment.uid(), Some(&last.uid));
    assert_eq!(
        world.claims().await,
        BTreeSet::from([(BEN, monday("15:00", 60))])
    );
    world.assert_at_rest().await;
}

/// Red when a successor that is off counts as one that stands.
#[tokio::test]
async fn what_was_moved_and_then_called_off_is_off() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let script = &world.calendar.script;
    script.next(Call::Reschedule, Act::DoUnheard);
    script.next(Call::Get, Act::NotExecuted);
    world.reschedule(id, two()).await.unwrap();
    let made = world.calendar.live().remove(0);
    world.calendar.call_off(&made.uid);
    world.seconds(5).await;
    assert_eq!(world.state(id).await, StateName::Cancelled);
    assert_eq!(world.claims().await, BTreeSet::new());
    world.assert_at_rest().await;
}

/// Red when a move of something that Cal.com has called off is answered as if it could be.
#[tokio::test]
async fn what_was_called_off_cannot_be_moved() {
    let world = World::new().await;
    let before = world.booked(nine()).await.appointment;
    world.calendar.call_off(before.uid().unwrap());
    let refused = world.reschedule(before.id(), two()).await.unwrap_err();
    assert!(matches!(refused, RescheduleError::NotActive), "{refused:?}");
    assert_eq!(world.state(before.id()).await, StateName::Cancelled);
    assert_eq!(world.claims().await, BTreeSet::new());
    world.assert_at_rest().await;
}

/// Red when a move told by news leaves our own saga to move it back.
#[tokio::test]
async fn a_move_told_by_news_ends_the_wish_of_ours() {
    let world = World::new().await;
    let before = world.booked(nine()).await.appointment;
    let script = &world.calendar.script;
    script.next(Call::Reschedule, Act::NotExecuted);
    world.reschedule(before.id(), two()).await.unwrap();
    let elsewhere = monday("11:00", 60);
    let moved = world
        .calendar
        .move_to(before.uid().unwrap(), elsewhere.start());
    assert_eq!(
        world.tell(NewsKind::Rescheduled, &moved).await,
        NewsStatus::Processed
    );
    world.seconds(10).await;
    let view = world.view(before.id()).await;
    assert_eq!((state(&view), review(&view)), (StateName::Confirmed, None));
    assert_eq!(view.appointment.range(), elsewhere);
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, elsewhere)]));
    assert_eq!(script.calls(Call::Reschedule), 1);
    world.assert_at_rest().await;
}

/// The process died while Cal.com made the booking, and another while it moved it. Whoever takes the
/// first wish up again finds what the second has made of it.
///
/// Red when that is taken for a second booking of ours and called off.
#[tokio::test]
async fn a_booking_that_was_moved_before_it_was_found_is_no_duplicate() {
    let world = World::new().await;
    let (made, moved) = (Gate::new(), Gate::new());
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoThenHang(made.clone()));
    script.next(Call::Reschedule, Act::DoThenHang(moved.clone()));
    let app = world.app.clone();
    let booking = tokio::spawn(async move { app.book_appointment(actor(), wish(nine())).await });
    made.reached().await;
    let original = world.calendar.live().remove(0);
    world.tell(NewsKind::Created, &original).await;
    let id = world.everything().await[0].appointment.id();
    world.seconds(10).await;
    let to = RescheduleAppointment {
        id,
        start: two().start(),
        reason: None,
        terms: Terms::default(),
    };
    let app = world.app.clone();
    let moving = tokio::spawn(async move { app.reschedule_appointment(actor(), to).await });
    moved.reached().await;
    world.seconds(200).await;
    let view = world.view(id).await;
    assert_eq!(
        (state(&view), view.appointment.range()),
        (StateName::Confirmed, two())
    );
    assert_eq!((review(&view), script.calls(Call::Cancel)), (None, 0));
    assert_eq!(world.calendar.live().len(), 1);
    booking.abort();
    moving.abort();
}
