//! Cal.com tells by webhook before it answers: our own call is still open, and nobody waits for
//! anybody.

use std::collections::BTreeSet;

use booking_application::{NewsKind, NewsStatus, RescheduleAppointment, Terms};
use booking_domain::appointment::StateName;
use booking_test_support::builders::{ANNA, BEN, nine};

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, review, state, two, wish};

/// Red when news about our own booking makes an appointment (`find_ours` without the metadata).
#[tokio::test]
async fn about_a_create() {
    let world = World::new().await;
    world.calendar.script.next(Call::Create, Act::TellFirst);
    let view = world.booked(nine()).await;
    assert_eq!(world.everything().await.len(), 1);
    assert_eq!(world.calendar.live().len(), 1);
    assert_eq!(review(&view), None);
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, nine())]));
    world.assert_at_rest().await;
}

/// Red when what the saga brings back after the news is refused (`moved` without "has happened").
#[tokio::test]
async fn about_a_move() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    world.calendar.script.next(Call::Reschedule, Act::TellFirst);
    let view = world.reschedule(id, two()).await.unwrap();
    assert_eq!((state(&view), review(&view)), (StateName::Confirmed, None));
    assert_eq!(view.appointment.range(), two());
    assert_eq!(view.appointment.uid().unwrap().expose(), "cal2");
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, two())]));
    assert_eq!(world.everything().await.len(), 1);
    world.assert_at_rest().await;
}

/// Red when the news overwrites who called it off and why.
#[tokio::test]
async fn about_a_cancellation() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    world.calendar.script.next(Call::Cancel, Act::TellFirst);
    let view = world.cancel(id).await.unwrap();
    assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
    let cancel = view.appointment.state().cancellation().unwrap();
    assert_eq!(cancel.by, "api key bk_demo15");
    assert_eq!(cancel.reason.as_deref(), Some("verhindert"));
    assert_eq!(world.claims().await, BTreeSet::new());
    assert_eq!(world.calendar.script.calls(Call::Cancel), 1);
    world.assert_at_rest().await;
}

/// Our move has guessed Anna, another booking of ours Ben; then Cal.com tells that the move went to
/// Ben: the two change places, and nobody has to look at it.
///
/// Red when a move told by news claims anew instead of following the host.
#[tokio::test]
async fn about_a_host_whom_another_of_ours_had_guessed() {
    let world = World::new().await;
    let first = world.booked(nine()).await.appointment;
    let (move_gate, create_gate) = (Gate::new(), Gate::new());
    let script = &world.calendar.script;
    script.next(Call::Reschedule, Act::HangThenDo(move_gate.clone()));
    script.next(Call::Create, Act::HangThenDo(create_gate.clone()));
    let wish_to_move = RescheduleAppointment {
        id: first.id(),
        start: two().start(),
        reason: None,
        terms: Terms::default(),
    };
    let app = world.app.clone();
    let moving =
        tokio::spawn(async move { app.reschedule_appointment(actor(), wish_to_move).await });
    move_gate.reached().await;
    let app = world.app.clone();
    let booking = tokio::spawn(async move { app.book_appointment(actor(), wish(two())).await });
    create_gate.reached().await;
    let moved = world.calendar.move_to(first.uid().unwrap(), two().start());
    assert_eq!(
        world.tell(NewsKind::Rescheduled, &moved).await,
        NewsStatus::Processed
    );
    move_gate.open();
    create_gate.open();
    let moved = moving.await.unwrap().unwrap();
    let booked = booking.await.unwrap().unwrap().view;
    assert_eq!((review(&moved.view), review(&booked)), (None, None));
    assert_eq!(moved.view.appointment.staff(), Some(BEN));
    assert_eq!(booked.appointment.staff(), Some(ANNA));
    assert_eq!(
        world.claims().await,
        BTreeSet::from([(ANNA, two()), (BEN, two())])
    );
    assert_eq!(world.calendar.live().len(), 2);
    world.assert_at_rest().await;
}

/// The news is faster than the answer, and so is the customer, who calls it off: the late answer
/// tells nothing new.
///
/// Red when an answer about what has ended meanwhile is a conflict.
#[tokio::test]
async fn about_a_create_that_is_called_off_before_it_answers() {
    let world = World::new().await;
    let gate = Gate::new();
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoThenHang(gate.clone()));
    let app = world.app.clone();
    let booking = tokio::spawn(async move { app.book_appointment(actor(), wish(nine())).await });
    gate.reached().await;
    let made = world.calendar.live().remove(0);
    world.tell(NewsKind::Created, &made).await;
    let id = world.everything().await[0].appointment.id();
    world.cancel(id).await.unwrap();
    gate.open();
    let view = booking.await.unwrap().unwrap().view;
    assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
    assert_eq!(script.calls(Call::Cancel), 1);
    assert_eq!(world.calendar.live(), vec![]);
    world.assert_at_rest().await;
}
