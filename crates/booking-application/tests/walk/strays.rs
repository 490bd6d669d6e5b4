//! A second booking at Cal.com under our number, told by news: it is read, called off there, and a
//! person hears of it, whatever the appointment is doing at that moment.

use std::sync::Arc;

use booking_application::{NewsKind, RescheduleAppointment, Terms};
use booking_domain::appointment::StateName;
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{HistoryKind, Queue};
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::{COMPANY, monday, nine};

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, review, state, two, wish};

fn ten() -> TimeRange {
    monday("10:00", 60)
}

/// Everything that is due: reads, jobs, wishes.
async fn settle(world: &World) {
    world.look().await;
    world.seconds(10).await;
    world.app.run_due(Queue::CalcomSync).await.unwrap();
    world.seconds(10).await;
}

async fn written_down(world: &World, id: AppointmentId) -> bool {
    world.app.relay_events().await.unwrap();
    let page = world.app.history(COMPANY, id, None, 100).await;
    let (history, _) = page.unwrap().unwrap();
    let mut audited = history.iter().filter(|it| it.kind == HistoryKind::Audit);
    audited.any(|it| it.name == "review_requested")
}

/// Red when the second booking is only shown to a person, or the first is called off, or the audit
/// log has nothing of it.
#[tokio::test]
async fn beside_one_that_stands() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let twin = world.calendar.twin(ten(), 501, id);
    world.tell(NewsKind::Created, &twin).await;
    settle(&world).await;
    let view = world.view(id).await;
    assert_eq!(
        (state(&view), review(&view)),
        (StateName::Confirmed, Some("duplicate_at_calcom"))
    );
    let live = world.calendar.live();
    assert_eq!(
        (live.len(), Some(&live[0].uid)),
        (1, view.appointment.uid())
    );
    assert!(written_down(&world, id).await);
    world.assert_at_rest().await;
}

/// Red when what is to be called off keeps its second booking, since nobody looks at it again.
#[tokio::test]
async fn beside_one_that_is_being_called_off() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let twin = world.calendar.twin(ten(), 501, id);
    for _ in 0..3 {
        world.calendar.script.next(Call::Cancel, Act::NotExecuted);
    }
    world.cancel(id).await.unwrap();
    assert_eq!(world.state(id).await, StateName::Cancelling);
    world.tell(NewsKind::Created, &twin).await;
    settle(&world).await;
    world.seconds(60).await;
    assert_eq!(world.state(id).await, StateName::Cancelled);
    assert_eq!(world.calendar.live(), vec![]);
    assert!(written_down(&world, id).await);
    world.assert_at_rest().await;
}

/// Red when it is forgotten since the move was still under way when it was read, or when the move's
/// own booking is taken for it.
#[tokio::test]
async fn beside_one_that_is_being_moved() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let gate = Gate::new();
    let hang = Act::DoThenHang(gate.clone());
    world.calendar.script.next(Call::Reschedule, hang);
    let app = Arc::clone(&world.app);
    let to = RescheduleAppointment {
        id,
        start: two().start(),
        reason: None,
        terms: Terms::default(),
    };
    let moving = tokio::spawn(async move { app.reschedule_appointment(actor(), to).await });
    gate.reached().await;
    let twin = world.calendar.twin(ten(), 501, id);
    world.tell(NewsKind::Created, &twin).await;
    world.clock.advance(Span::seconds(1));
    world.app.converge_news().await.unwrap();
    assert_eq!(world.state(id).await, StateName::Rescheduling);
    gate.open();
    moving.await.unwrap().unwrap();
    settle(&world).await;
    let view = world.view(id).await;
    assert_eq!(
        (state(&view), view.appointment.range()),
        (StateName::Confirmed, two())
    );
    let live = world.calendar.live();
    assert_eq!(
        (live.len(), Some(&live[0].uid)),
        (1, view.appointment.uid())
    );
    assert!(written_down(&world, id).await);
    world.assert_at_rest().await;
}

/// Cal.com makes two of one call, and tells of the second before it answers with the first.
///
/// Red when both stay.
#[tokio::test]
async fn beside_one_that_is_being_made() {
    let world = World::new().await;
    let gate = Gate::new();
    let hang = Act::DoThenHang(gate.clone());
    world.calendar.script.next(Call::Create, hang);
    let app = Arc::clone(&world.app);
    let booking = tokio::spawn(async move { app.book_appointment(actor(), wish(nine())).await });
    gate.reached().await;
    let id = world.everything().await[0].appointment.id();
    let twin = world.calendar.twin(ten(), 501, id);
    world.tell(NewsKind::Created, &twin).await;
    gate.open();
    booking.await.unwrap().unwrap();
    settle(&world).await;
    let view = world.view(id).await;
    assert_eq!(state(&view), StateName::Confirmed);
    let live = world.calendar.live();
    assert_eq!(
        (live.len(), Some(&live[0].uid)),
        (1, view.appointment.uid())
    );
    assert!(written_down(&world, id).await);
    world.assert_at_rest().await;
}

/// The customer was told that it failed, and it comes to life after all, is moved by nobody, and
/// told of in a delivery that is too old to be believed.
///
/// Red when only news that may be believed at once has it called off.
#[tokio::test]
async fn beside_none_since_it_was_given_up() {
    let world = World::new().await;
    let refuse = Act::Refuse(booking_domain::saga::Refusal::SlotTaken);
    world.calendar.script.next(Call::Create, refuse);
    world.book(nine()).await.unwrap_err();
    let id = world.everything().await[0].appointment.id();
    let late = world.calendar.twin(nine(), 501, id);
    world.clock.advance(Span::minutes(30));
    world.tell(NewsKind::Created, &late).await;
    world.look().await;
    world.seconds(2).await;
    assert_eq!(world.state(id).await, StateName::Cancelled);
    assert_eq!(world.calendar.live(), vec![]);
    assert!(written_down(&world, id).await);
}

/// Its move does not end for a day: a person decides, since it may be what the move came to.
///
/// Red when it is called off all the same, or nobody hears of it.
#[tokio::test]
async fn beside_one_whose_move_does_not_end() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let script = &world.calendar.script;
    script.always(Call::Reschedule, Act::NotExecuted);
    world.reschedule(id, two()).await.unwrap();
    let twin = world.calendar.twin(ten(), 501, id);
    world.tell(NewsKind::Created, &twin).await;
    for _ in 0..25 * 6 {
        world.clock.advance(Span::minutes(10));
        world.pass().await;
        world.app.converge_news().await.unwrap();
    }
    assert_eq!(world.state(id).await, StateName::Rescheduling);
    let mut open = world.open_reviews().await;
    open.sort();
    assert_eq!(open, ["duplicate_at_calcom", "sync_failed"]);
    assert_eq!(world.calendar.live().len(), 2);
}
