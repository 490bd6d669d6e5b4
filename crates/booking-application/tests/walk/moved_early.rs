//! Somebody moves a booking of ours at Cal.com while our own call to make it has not answered yet.

use std::collections::BTreeSet;
use std::sync::Arc;

use booking_application::{BookError, Booked, NewsKind, NewsStatus};
use booking_domain::appointment::{RemoteBooking, StateName};
use booking_domain::ids::AppointmentId;
use booking_domain::ports::Queue;
use booking_test_support::builders::{BEN, monday, nine};
use tokio::task::JoinHandle;

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, review, state, two, wish};

/// A call that has made its booking, and does not answer before the gate is opened.
struct Unanswered {
    world: World,
    gate: Gate,
    booking: JoinHandle<Result<Booked, BookError>>,
    made: RemoteBooking,
    id: AppointmentId,
}

impl Unanswered {
    async fn new() -> Self {
        let world = World::new().await;
        let gate = Gate::new();
        let hang = Act::DoThenHang(gate.clone());
        world.calendar.script.next(Call::Create, hang);
        let app = Arc::clone(&world.app);
        let booking =
            tokio::spawn(async move { app.book_appointment(actor(), wish(nine())).await });
        gate.reached().await;
        let made = world.calendar.live().remove(0);
        let id = world.everything().await[0].appointment.id();
        Self {
            world,
            gate,
            booking,
            made,
            id,
        }
    }

    async fn answers(self) -> World {
        self.gate.open();
        self.booking.await.unwrap().unwrap();
        self.world
    }
}

async fn assert_moved_once(world: &World, id: AppointmentId) {
    world.seconds(10).await;
    let view = world.view(id).await;
    assert_eq!((state(&view), review(&view)), (StateName::Confirmed, None));
    assert_eq!(view.appointment.range(), two());
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, two())]));
    assert_eq!(world.calendar.script.calls(Call::Cancel), 0);
    assert_eq!(world.calendar.live().len(), 1);
    assert_eq!(world.everything().await.len(), 1);
    world.assert_at_rest().await;
}

/// Red when the late answer, which bears the name before the move, is taken for a second booking
/// and called off; or when the news of the booking itself, coming last, moves it back.
#[tokio::test]
async fn the_move_is_told_before_the_call_answers() {
    for created_is_told in [None, Some(true), Some(false)] {
        let it = Unanswered::new().await;
        let (id, made) = (it.id, it.made.clone());
        let moved = it.world.calendar.move_to(&made.uid, two().start());
        let told = it.world.tell(NewsKind::Rescheduled, &moved).await;
        assert_eq!(told, NewsStatus::Processed);
        if created_is_told == Some(true) {
            it.world.tell(NewsKind::Created, &made).await;
        }
        assert_eq!(it.world.view(id).await.appointment.range(), two());
        let world = it.answers().await;
        if created_is_told == Some(false) {
            world.tell(NewsKind::Created, &made).await;
        }
        assert_moved_once(&world, id).await;
    }
}

/// Red when a move that is told after the answer, or after both, makes anything else of it.
#[tokio::test]
async fn the_move_is_told_after_the_call_has_answered() {
    let it = Unanswered::new().await;
    let (id, made) = (it.id, it.made.clone());
    let moved = it.world.calendar.move_to(&made.uid, two().start());
    let world = it.answers().await;
    assert_eq!(world.view(id).await.appointment.range(), nine());
    world.tell(NewsKind::Rescheduled, &moved).await;
    assert_moved_once(&world, id).await;
}

/// The news says nothing of our number, so that only Cal.com can tell whose booking it moved.
///
/// Red when a pending appointment is left as it is by what was read of a move.
#[tokio::test]
async fn a_move_that_does_not_bear_our_number_is_read() {
    for answers_first in [true, false] {
        let it = Unanswered::new().await;
        let (id, made) = (it.id, it.made.clone());
        let mut moved = it.world.calendar.move_to(&made.uid, two().start());
        moved.ours = None;
        let told = it.world.tell(NewsKind::Rescheduled, &moved).await;
        assert_eq!(told, NewsStatus::Ignored);
        let world = if answers_first {
            let world = it.answers().await;
            world.look().await;
            world
        } else {
            it.world.look().await;
            it.answers().await
        };
        assert_moved_once(&world, id).await;
    }
}

/// Moved twice, and only the second move is told: what the first was moved from is not known here.
///
/// Red when the booking that the appointment bears is called off as what became of a duplicate.
#[tokio::test]
async fn what_stands_is_never_called_off_as_a_duplicate() {
    let it = Unanswered::new().await;
    let (id, made) = (it.id, it.made.clone());
    let moved = it
        .world
        .calendar
        .move_to(&made.uid, monday("15:00", 60).start());
    let again = it.world.calendar.move_to(&moved.uid, two().start());
    it.world.tell(NewsKind::Rescheduled, &again).await;
    let world = it.answers().await;
    world.seconds(10).await;
    let view = world.view(id).await;
    assert_eq!(
        (state(&view), view.appointment.range()),
        (StateName::Confirmed, two())
    );
    assert_eq!(review(&view), Some("duplicate_at_calcom"), "it looked so");
    assert_eq!(world.calendar.live().len(), 1);
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, two())]));
    world.assert_at_rest().await;
}

/// The news of the booking came, that of its move did not: the look-up of a call whose answer was
/// lost finds what it was moved to.
///
/// Red when that is a conflict for a person.
#[tokio::test]
async fn a_look_up_that_finds_the_move_first_follows_it() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    script.next(Call::Find, Act::NotExecuted);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    let made = world.calendar.live().remove(0);
    world.tell(NewsKind::Created, &made).await;
    assert_eq!(world.state(id).await, StateName::Confirmed);
    world.calendar.move_to(&made.uid, two().start());
    world.seconds(10).await;
    world.app.run_due(Queue::CalcomSync).await.unwrap();
    assert_moved_once(&world, id).await;
}

/// Called off before the call has answered, and moved by somebody at Cal.com: what is to be called
/// off is what stands there now.
///
/// Red when nobody sets out to cancel it, or its former name is cancelled.
#[tokio::test]
async fn a_move_of_what_is_to_be_called_off_is_called_off() {
    let it = Unanswered::new().await;
    let (id, made) = (it.id, it.made.clone());
    it.world.cancel(id).await.unwrap();
    let moved = it.world.calendar.move_to(&made.uid, two().start());
    it.world.tell(NewsKind::Rescheduled, &moved).await;
    let world = it.answers().await;
    world.seconds(10).await;
    let view = world.view(id).await;
    assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
    assert_eq!(world.calendar.live(), vec![]);
    assert_eq!(world.claims().await, BTreeSet::new());
    world.assert_at_rest().await;
}
