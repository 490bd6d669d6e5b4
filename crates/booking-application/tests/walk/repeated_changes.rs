//! Moves and cancellations under a key, or for a version.

use booking_application::{
    CancelAppointment, CancelError, RescheduleAppointment, RescheduleError, Terms,
};
use booking_domain::appointment::StateName;
use booking_domain::idempotency::{Fingerprint, IdempotencyKey};
use booking_domain::ids::AppointmentId;
use booking_domain::ports::Queue;
use booking_domain::saga::Refusal;
use booking_domain::time::TimeRange;
use booking_test_support::builders::nine;

use crate::script::{Act, Call};
use crate::world::{World, actor, state, two};

fn once(key: &str, body: &str) -> Terms {
    let key = IdempotencyKey::parse("api", key).unwrap();
    Terms {
        idempotency: Some((key, Fingerprint(body.to_owned()))),
        ..Terms::default()
    }
}

fn move_to(id: AppointmentId, to: TimeRange, terms: Terms) -> RescheduleAppointment {
    RescheduleAppointment {
        id,
        start: to.start(),
        reason: None,
        terms,
    }
}

/// The client's second request finds an appointment that has moved on since: it must not move it
/// back.
///
/// Red when the key of a move is not kept, or is kept for another appointment.
#[tokio::test]
async fn a_repeated_move_moves_once() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let wish = || move_to(id, two(), once("m1", "a"));
    let app = &world.app;
    let first = app.reschedule_appointment(actor(), wish()).await.unwrap();
    assert_eq!(
        (first.replayed, first.view.appointment.range()),
        (false, two())
    );
    world.reschedule(id, nine()).await.unwrap();
    let again = app.reschedule_appointment(actor(), wish()).await.unwrap();
    assert_eq!(
        (again.replayed, again.view.appointment.range()),
        (true, nine())
    );
    let other = move_to(id, two(), once("m1", "b"));
    let reused = app.reschedule_appointment(actor(), other).await;
    assert!(
        matches!(reused, Err(RescheduleError::KeyReused)),
        "{reused:?}"
    );
}

/// Red when the refusal of a move is not kept, or a repeat tries again.
#[tokio::test]
async fn a_refused_move_is_refused_again() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let sold = world.booked(two()).await.appointment.id();
    world.booked(two()).await;
    let wish = || move_to(id, two(), once("m1", "a"));
    let first = world.app.reschedule_appointment(actor(), wish()).await;
    let first = first.unwrap_err();
    assert!(
        matches!(first, RescheduleError::SlotTaken { .. }),
        "{first:?}"
    );
    world.cancel(sold).await.unwrap();
    let again = world.app.reschedule_appointment(actor(), wish()).await;
    let (again, replayed) = again.unwrap_err().first();
    assert_eq!(format!("{first:?}"), format!("{again:?}"));
    assert!(replayed);
    assert_eq!(world.view(id).await.appointment.range(), nine());
}

/// Red when a repeated cancellation is not told apart from the first.
#[tokio::test]
async fn a_repeated_cancellation_cancels_once() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let wish = || CancelAppointment {
        id,
        reason: None,
        terms: once("c1", "a"),
    };
    let first = world.app.cancel_appointment(actor(), wish()).await.unwrap();
    let again = world.app.cancel_appointment(actor(), wish()).await.unwrap();
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.view, again.view);
    assert_eq!(world.calendar.script.calls(Call::Cancel), 1);
}

/// Red when the version is not compared, is compared after the change, or counts for a repeat.
#[tokio::test]
async fn a_change_for_another_version_changes_nothing() {
    let world = World::new().await;
    let booked = world.booked(nine()).await.appointment;
    let (id, version) = (booked.id(), booked.version());
    let expecting = |versions: &[i64]| Terms {
        expected: Some(versions.to_vec()),
        ..once("m1", "a")
    };
    let app = &world.app;
    for versions in [&[][..], &[version - 1], &[version + 1]] {
        let terms = || expecting(versions);
        let moved = app.reschedule_appointment(actor(), move_to(id, two(), terms()));
        let moved = moved.await;
        assert!(
            matches!(moved, Err(RescheduleError::OtherVersion)),
            "{moved:?}"
        );
        let wish = CancelAppointment {
            id,
            reason: None,
            terms: terms(),
        };
        let cancelled = app.cancel_appointment(actor(), wish).await;
        assert!(
            matches!(cancelled, Err(CancelError::OtherVersion)),
            "{cancelled:?}"
        );
    }
    assert_eq!(world.view(id).await.appointment, booked);
    let wish = || move_to(id, two(), expecting(&[version - 1, version]));
    let moved = app.reschedule_appointment(actor(), wish()).await.unwrap();
    let again = app.reschedule_appointment(actor(), wish()).await.unwrap();
    assert_eq!((again.replayed, again.view), (true, moved.view));
}

/// Cal.com was not reached, the caller heard 202; then it refuses. Whoever repeats the command hears
/// that, as the first would have.
///
/// Red when the move's saga has no key.
#[tokio::test]
async fn a_move_that_is_refused_later_is_refused_to_repeats() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let script = &world.calendar.script;
    script.next(Call::Reschedule, Act::NotExecuted);
    script.next(Call::Reschedule, Act::Refuse(Refusal::SlotTaken));
    let wish = || move_to(id, two(), once("m1", "a"));
    let noted = world.app.reschedule_appointment(actor(), wish()).await;
    assert_eq!(state(&noted.unwrap().view), StateName::Rescheduling);
    world.seconds(3).await;
    assert_eq!(world.state(id).await, StateName::Confirmed);
    let again = world.app.reschedule_appointment(actor(), wish()).await;
    let (refusal, is_replayed) = again.unwrap_err().first();
    assert!(
        matches!(refusal, RescheduleError::SlotTaken { .. }),
        "{refusal}"
    );
    assert!(is_replayed);
}

/// The same of a move that had to wait for its booking: refused here, or by Cal.com, later or at once.
///
/// Red when the job that makes it does not know the key.
#[tokio::test]
async fn a_move_that_waited_and_is_refused_is_refused_to_repeats() {
    for is_tried_twice in [false, true] {
        let world = World::new().await;
        let script = &world.calendar.script;
        script.next(Call::Create, Act::NotExecuted);
        let id = world.book(nine()).await.unwrap().view.appointment.id();
        let wish = || move_to(id, two(), once("m1", "a"));
        let noted = world.app.reschedule_appointment(actor(), wish()).await;
        assert_eq!(state(&noted.unwrap().view), StateName::Pending);
        if is_tried_twice {
            script.next(Call::Reschedule, Act::NotExecuted);
        }
        script.next(Call::Reschedule, Act::Refuse(Refusal::SlotTaken));
        world.seconds(2).await;
        world.app.run_due(Queue::CalcomSync).await.unwrap();
        world.seconds(3).await;
        assert_eq!(world.view(id).await.appointment.range(), nine());
        let again = world.app.reschedule_appointment(actor(), wish()).await;
        let (refusal, is_replayed) = again.unwrap_err().first();
        assert!(
            matches!(refusal, RescheduleError::SlotTaken { .. }),
            "{refusal}"
        );
        assert!(is_replayed);
    }
}
