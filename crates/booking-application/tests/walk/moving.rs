//! Moving at our wish: the new time is taken before the old one is given up.

use std::collections::BTreeSet;

use booking_application::{NewsKind, NewsStatus, RescheduleError};
use booking_domain::appointment::StateName;
use booking_domain::ids::AppointmentId;
use booking_domain::ports::Queue;
use booking_domain::saga::Refusal;
use booking_test_support::builders::{BEN, monday, nine};

use crate::script::{Act, Call};
use crate::world::{World, review, state, two};

/// Red when the old name is forgotten, or the new one not taken over.
#[tokio::test]
async fn it_has_a_new_name_and_answers_to_the_old_one() {
    let world = World::new().await;
    let before = world.booked(nine()).await.appointment;
    let view = world.reschedule(before.id(), two()).await.unwrap();
    assert_eq!(
        (state(&view), view.appointment.range()),
        (StateName::Confirmed, two())
    );
    assert_eq!(view.appointment.uid().unwrap().expose(), "cal2");
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, two())]));
    assert!(world.offers(nine()).await);
    let mut old = world.calendar.all().remove(0);
    // Without our number in it, its name alone must be enough.
    old.ours = None;
    for kind in [NewsKind::Created, NewsKind::Cancelled] {
        assert_eq!(world.tell(kind, &old).await, NewsStatus::AlreadyProcessed);
    }
    assert_eq!(world.everything().await.len(), 1);
    assert_eq!(world.state(before.id()).await, StateName::Confirmed);
    world.assert_at_rest().await;
}

/// Red when a refused move gives up the old claim, or keeps the new one.
#[tokio::test]
async fn what_is_taken_at_calcom_stays_where_it_was() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    for host in [501, 502] {
        world.calendar.stranger(two(), host);
    }
    let refused = world.reschedule(id, two()).await.unwrap_err();
    let RescheduleError::SlotTaken { alternatives } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(alternatives[0], monday("13:00", 60));
    let view = world.view(id).await;
    assert_eq!(
        (state(&view), view.appointment.range()),
        (StateName::Confirmed, nine())
    );
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, nine())]));
    world.assert_at_rest().await;
}

/// Red when an appointment is in its own way.
#[tokio::test]
async fn it_may_overlap_itself() {
    let world = World::new().await;
    let (id, _other) = (
        world.booked(nine()).await.appointment.id(),
        world.booked(nine()).await,
    );
    let half_past_eight = monday("08:30", 60);
    let view = world.reschedule(id, half_past_eight).await.unwrap();
    assert_eq!(view.appointment.range(), half_past_eight);
    assert_eq!(review(&view), None);
    assert!(world.claims().await.contains(&(BEN, half_past_eight)));
    assert_eq!(world.claims().await.len(), 2);
    world.assert_at_rest().await;
}

/// Red when a second wish gets between a first one and Cal.com.
#[tokio::test]
async fn what_is_under_way_is_left_alone() {
    let world = World::new().await;
    let script = &world.calendar.script;
    let id = world.booked(monday("11:00", 60)).await.appointment.id();
    script.next(Call::Reschedule, Act::NotExecuted);
    world.reschedule(id, two()).await.unwrap();
    // The same wish again is no new one; another has to wait, and so has a cancellation.
    assert_eq!(
        state(&world.reschedule(id, two()).await.unwrap()),
        StateName::Rescheduling
    );
    let other = world.reschedule(id, monday("15:00", 60)).await.unwrap_err();
    assert!(matches!(other, RescheduleError::InProgress), "{other:?}");
    let cancel = world.cancel(id).await.unwrap_err();
    assert!(matches!(
        cancel,
        booking_application::CancelError::InProgress
    ));
    assert_eq!(script.calls(Call::Reschedule), 1);
    world.seconds(1).await;
    assert_eq!(world.view(id).await.appointment.range(), two());
    world.assert_at_rest().await;
}

/// Red when a move held up by our own books does not say what is near, or the checks are left out.
#[tokio::test]
async fn what_is_taken_here_or_cannot_be_is_refused_before_calcom_is_asked() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    world.booked(two()).await;
    world.booked(two()).await;
    let refused = world.reschedule(id, two()).await.unwrap_err();
    let RescheduleError::SlotTaken { alternatives } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(alternatives.len(), 3);
    let lunch = world.reschedule(id, monday("10:00", 60)).await.unwrap_err();
    assert!(matches!(lunch, RescheduleError::OutsideOpeningHours));
    world.cancel(id).await.unwrap();
    let over = world.reschedule(id, monday("11:00", 60)).await.unwrap_err();
    assert!(matches!(over, RescheduleError::NotActive));
    assert_eq!(world.calendar.script.calls(Call::Reschedule), 0);
    world.assert_at_rest().await;
}

/// Red when the words of Cal.com are lost, or the new time stays taken.
#[tokio::test]
async fn what_calcom_finds_wrong_is_said_so() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let refusal = Act::Refuse(Refusal::Invalid("too late to move".to_owned()));
    world.calendar.script.next(Call::Reschedule, refusal);
    let refused = world.reschedule(id, two()).await.unwrap_err();
    let RescheduleError::CalendarRefused(words) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(words, "too late to move");
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, nine())]));
    world.assert_at_rest().await;
}

/// The pool comes by every second, and takes jobs as well as sagas.
pub(crate) async fn work_for_minutes(world: &World, minutes: i64) {
    for _ in 0..60 * minutes {
        world.seconds(1).await;
        let report = world.app.run_due(Queue::CalcomSync).await.unwrap();
        assert_eq!(report.dead, 0);
    }
}

/// The customer changes their mind before Cal.com has answered about the booking.
///
/// Red when the move is refused, made before the booking, forgotten, or made twice.
#[tokio::test]
async fn a_move_that_meets_its_booking_waits_for_it() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::NotExecuted);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    let noted = world.reschedule(id, two()).await.unwrap();
    assert_eq!(
        (state(&noted), noted.appointment.range()),
        (StateName::Pending, nine())
    );
    assert_eq!(script.calls(Call::Reschedule), 0);
    work_for_minutes(&world, 2).await;
    let moved = world.view(id).await;
    assert_eq!(
        (state(&moved), moved.appointment.range()),
        (StateName::Confirmed, two())
    );
    assert_eq!(review(&moved), None);
    assert_eq!(script.calls(Call::Reschedule), 1);
    world.assert_at_rest().await;
}

/// A move that waited came too late: the appointment stays, and somebody is asked.
pub(crate) async fn a_refused_move() -> (World, AppointmentId) {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::NotExecuted);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    world.reschedule(id, two()).await.unwrap();
    for _ in 0..2 {
        world.booked(two()).await;
    }
    work_for_minutes(&world, 2).await;
    (world, id)
}

/// Red when nobody hears that a waiting move came too late, or a booking that did not come about
/// is moved.
#[tokio::test]
async fn a_waiting_move_that_is_refused_becomes_a_question() {
    let (world, id) = a_refused_move().await;
    let stays = world.view(id).await;
    assert_eq!(
        (state(&stays), stays.appointment.range()),
        (StateName::Confirmed, nine())
    );
    assert_eq!(world.open_reviews().await, ["move_refused"]);
    assert_eq!(world.calendar.script.calls(Call::Reschedule), 0);
}
