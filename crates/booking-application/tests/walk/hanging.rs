//! Cal.com does not answer: the caller hears "pending" at the deadline, the saga goes on.

use std::time::Duration;

use booking_application::{BookAppointment, RescheduleAppointment, Terms};
use booking_domain::appointment::StateName;
use booking_domain::saga::Refusal;
use booking_domain::time::Span;
use booking_test_support::builders::nine;
use tokio::time::Instant as Moment;

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, state, two, wish};

/// Red when the deadline ends the saga, or is not kept.
#[tokio::test(start_paused = true)]
async fn at_the_deadline_the_caller_hears_pending_and_it_is_confirmed_later() {
    let world = World::new().await;
    let gate = Gate::new();
    world
        .calendar
        .script
        .next(Call::Create, Act::HangThenDo(gate.clone()));
    let began = Moment::now();
    let view = world.book(nine()).await.unwrap().view;
    assert_eq!(began.elapsed().as_secs(), 2);
    assert_eq!(state(&view), StateName::Pending);
    world.pass().await;
    gate.open();
    world
        .becomes(view.appointment.id(), StateName::Confirmed)
        .await;
    assert_eq!(world.calendar.script.calls(Call::Create), 1);
    world.assert_at_rest().await;
}

/// Red when the command runs inside the caller's own future.
#[tokio::test(start_paused = true)]
async fn a_caller_who_hangs_up_does_not_stop_it() {
    let world = World::new().await;
    let gate = Gate::new();
    world
        .calendar
        .script
        .next(Call::Create, Act::HangThenDo(gate.clone()));
    let app = world.app.clone();
    let caller = tokio::spawn(async move { app.book_appointment(actor(), wish(nine())).await });
    gate.reached().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    let id = world.everything().await[0].appointment.id();
    gate.open();
    world.becomes(id, StateName::Confirmed).await;
    world.assert_at_rest().await;
}

/// Red when a move or a cancellation waits longer than its caller.
#[tokio::test(start_paused = true)]
async fn moves_and_cancellations_keep_the_deadline_too() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let gate = Gate::new();
    world
        .calendar
        .script
        .next(Call::Reschedule, Act::HangThenDo(gate.clone()));
    let began = Moment::now();
    let moving = world.reschedule(id, two()).await.unwrap();
    assert_eq!(state(&moving), StateName::Rescheduling);
    gate.open();
    world.becomes(id, StateName::Confirmed).await;
    world
        .calendar
        .script
        .next(Call::Cancel, Act::HangThenDo(gate.clone()));
    let going = world.cancel(id).await.unwrap();
    assert_eq!(state(&going), StateName::Cancelling);
    assert_eq!(
        going.appointment.status().as_str(),
        "cancelled",
        "the intent is the promise"
    );
    assert!(
        !world.claims().await.is_empty(),
        "Cal.com has not let go yet"
    );
    assert_eq!(began.elapsed().as_secs(), 4);
    gate.open();
    world.becomes(id, StateName::Cancelled).await;
    assert!(world.claims().await.is_empty());
    world.assert_at_rest().await;
}

/// A call that outlives its lease: another worker looks, and the late answer harms nobody.
///
/// Red when the late answer is written although the saga has passed to another.
#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_after_somebody_else_took_over_changes_nothing() {
    let world = World::new().await;
    let gate = Gate::new();
    world
        .calendar
        .script
        .next(Call::Create, Act::DoThenHang(gate.clone()));
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    world.clock.advance(Span::seconds(61));
    world.pass().await;
    assert_eq!(
        world.state(id).await,
        StateName::Confirmed,
        "the look-up found it"
    );
    let version = world.view(id).await.appointment.version();
    gate.open();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.view(id).await.appointment.version(), version);
    assert_eq!(world.calendar.script.calls(Call::Create), 1);
    world.assert_at_rest().await;
}

/// Red when the alternatives of a late refusal are waited for as long as if it had come at once.
#[tokio::test(start_paused = true)]
async fn what_the_refusal_took_is_not_waited_for_again() {
    let world = World::new().await;
    let id = world.booked(two()).await.appointment.id();
    for call in [Call::Create, Call::Reschedule] {
        let (late, slow) = (Gate::new(), Gate::new());
        let refuses = Act::HangThenRefuse(late.clone(), Refusal::SlotTaken);
        world.calendar.script.next(call, refuses);
        world
            .calendar
            .script
            .always(Call::Slots, Act::HangThenDo(slow));
        let began = Moment::now();
        let app = world.app.clone();
        let asked = tokio::spawn(async move {
            if call == Call::Create {
                let refused = app.book_appointment(actor(), wish(nine())).await;
                return format!("{:?}", refused.unwrap_err());
            }
            let command = RescheduleAppointment {
                id,
                start: nine().start(),
                reason: None,
                terms: Terms::default(),
            };
            let refused = app.reschedule_appointment(actor(), command).await;
            format!("{:?}", refused.unwrap_err())
        });
        late.reached().await;
        tokio::time::advance(Duration::from_millis(1_500)).await;
        late.open();
        assert_eq!(asked.await.unwrap(), "SlotTaken { alternatives: [] }");
        let took = began.elapsed().as_millis();
        assert!((1_500..=2_000).contains(&took), "{call:?} {took}");
    }
}

/// Red when the alternatives of a refusal are waited for without end.
#[tokio::test(start_paused = true)]
async fn a_refusal_does_not_wait_for_alternatives_for_ever() {
    let world = World::new().await;
    world.booked(nine()).await;
    world.booked(nine()).await;
    let gate = Gate::new();
    world
        .calendar
        .script
        .always(Call::Slots, Act::HangThenDo(gate));
    let began = Moment::now();
    let third: BookAppointment = wish(nine());
    let refused = world
        .app
        .book_appointment(actor(), third)
        .await
        .unwrap_err();
    assert_eq!(format!("{refused:?}"), "SlotTaken { alternatives: [] }");
    assert!(began.elapsed().as_secs() <= 2);
    let id = world.everything().await[0].appointment.id();
    let other = world.booked(two()).await.appointment.id();
    world.booked(two()).await;
    assert_ne!(id, other);
    let refused = world.reschedule(id, two()).await.unwrap_err();
    assert_eq!(format!("{refused:?}"), "SlotTaken { alternatives: [] }");
    assert!(began.elapsed().as_secs() <= 4);
}
