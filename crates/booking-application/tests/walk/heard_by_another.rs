//! A call outlives its lease, and another worker hears what Cal.com says: whoever waits for the call
//! is told the same.

use booking_application::{
    Actor, BookError, Booked, Changed, NewsKind, RescheduleAppointment, RescheduleError, Terms,
};
use booking_domain::appointment::StateName;
use booking_domain::ids::AppointmentId;
use booking_domain::saga::Refusal;
use booking_domain::time::Span;
use booking_test_support::builders::nine;
use tokio::task::JoinHandle;

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, state, two, wish};

/// Waits for as long as anything here takes.
fn patient() -> Actor {
    Actor {
        deadline: Span::minutes(1),
        ..actor()
    }
}

fn begin_booking(world: &World) -> JoinHandle<Result<Booked, BookError>> {
    let app = world.app.clone();
    tokio::spawn(async move { app.book_appointment(patient(), wish(nine())).await })
}

fn begin_move(world: &World, id: AppointmentId) -> JoinHandle<Result<Changed, RescheduleError>> {
    let app = world.app.clone();
    let wish = RescheduleAppointment {
        id,
        start: two().start(),
        reason: None,
        terms: Terms::default(),
    };
    tokio::spawn(async move { app.reschedule_appointment(patient(), wish).await })
}

/// The first call hangs until the gate opens and was in vain; all others are refused.
fn refuses(world: &World, call: Call) -> Gate {
    let gate = Gate::new();
    let script = &world.calendar.script;
    script.next(call, Act::HangThenFail(gate.clone()));
    script.always(call, Act::Refuse(Refusal::SlotTaken));
    gate
}

/// Red when only what its own call brought back counts (`State::Cancelled { cancel, .. }, None` in
/// `book_appointment::finish`).
#[tokio::test]
async fn the_refusal_of_a_booking() {
    let world = World::new().await;
    let gate = refuses(&world, Call::Create);
    let caller = begin_booking(&world);
    gate.reached().await;
    let id = world.everything().await[0].appointment.id();
    world.minutes(10).await;
    assert_eq!(world.state(id).await, StateName::Cancelled);
    gate.open();
    let refused = caller.await.unwrap().unwrap_err();
    assert!(
        matches!(refused, BookError::SlotTaken { .. }),
        "{refused:?}"
    );
    assert_eq!(world.claims().await.len(), 0);
}

/// Red when it is told as made although the appointment stays where it was
/// (`reschedule::heard_by_another` knows nothing).
#[tokio::test]
async fn the_refusal_of_a_move() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let gate = refuses(&world, Call::Reschedule);
    let caller = begin_move(&world, id);
    gate.reached().await;
    world.minutes(10).await;
    assert_eq!(world.state(id).await, StateName::Confirmed);
    gate.open();
    let refused = caller.await.unwrap().unwrap_err();
    let is_told = matches!(refused, RescheduleError::SlotTaken { .. });
    assert!(is_told, "{refused:?}");
    assert_eq!(world.view(id).await.appointment.range(), nine());
}

/// Red when a move that another worker found to be made is told as refused (`stays`).
#[tokio::test]
async fn the_success_of_a_move() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let gate = Gate::new();
    let script = &world.calendar.script;
    script.next(Call::Reschedule, Act::DoThenHang(gate.clone()));
    let caller = begin_move(&world, id);
    gate.reached().await;
    world.minutes(2).await;
    assert_eq!(world.view(id).await.appointment.range(), two());
    gate.open();
    let moved = caller.await.unwrap().unwrap().view;
    assert_eq!(state(&moved), StateName::Confirmed);
    assert_eq!(moved.appointment.range(), two());
    assert_eq!(script.calls(Call::Reschedule), 1);
}

/// It is news here: Cal.com tells by webhook while the call is open.
///
/// Red when a move of what was called off meanwhile is told as made (`Refusal::Gone`).
#[tokio::test]
async fn that_the_booking_is_off() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let gate = Gate::new();
    let script = &world.calendar.script;
    script.next(Call::Reschedule, Act::HangThenFail(gate.clone()));
    let caller = begin_move(&world, id);
    gate.reached().await;
    let off = world.calendar.call_off(&world.calendar.live()[0].uid);
    world.tell(NewsKind::Cancelled, &off).await;
    assert_eq!(world.state(id).await, StateName::Cancelled);
    gate.open();
    let refused = caller.await.unwrap().unwrap_err();
    assert!(matches!(refused, RescheduleError::NotActive), "{refused:?}");
}

/// A first "taken" is looked up at once by whoever heard it.
///
/// Red when a worker that comes by takes the look-up away (`due_while_driven`): one of the two is in
/// vain, and the caller hears "noted".
#[tokio::test]
async fn what_follows_at_once_is_not_taken_away() {
    let world = World::new().await;
    let gate = Gate::new();
    let script = &world.calendar.script;
    script.next(Call::Create, Act::Refuse(Refusal::SlotTaken));
    script.next(Call::Find, Act::DoThenHang(gate.clone()));
    let caller = begin_booking(&world);
    gate.reached().await;
    let report = world.app.drive_sagas().await.unwrap();
    assert_eq!((report.driven, report.failed), (0, 0));
    gate.open();
    let refused = caller.await.unwrap().unwrap_err();
    assert!(
        matches!(refused, BookError::SlotTaken { .. }),
        "{refused:?}"
    );
}
