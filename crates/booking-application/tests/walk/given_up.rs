//! Cal.com is not reached: try again on the ladder, and in the end tell a person.

use booking_application::NewsKind;
use booking_domain::appointment::{StateName, SyncStatus};
use booking_domain::time::Span;
use booking_test_support::builders::nine;

use crate::script::{Act, Call};
use crate::world::{World, review, two};

/// Red when the backoff is not the ladder's, or the hold is given up.
#[tokio::test]
async fn what_was_not_executed_is_tried_again_on_the_ladder() {
    let world = World::new().await;
    let script = &world.calendar.script;
    for _ in 0..3 {
        script.next(Call::Create, Act::NotExecuted);
    }
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    let calls = || script.calls(Call::Create);
    assert_eq!((world.state(id).await, calls()), (StateName::Pending, 1));
    world.seconds(1).await;
    assert_eq!(calls(), 2);
    world.seconds(4).await;
    assert_eq!(calls(), 2, "five seconds after the second failure");
    world.seconds(1).await;
    assert_eq!(calls(), 3);
    world.seconds(29).await;
    assert_eq!((world.state(id).await, calls()), (StateName::Pending, 3));
    world.seconds(1).await;
    assert_eq!((world.state(id).await, calls()), (StateName::Confirmed, 4));
    assert_eq!(script.calls(Call::Find), 0, "there is nothing to look for");
    world.assert_at_rest().await;
}

/// Red when a saga is tried for ever, or given up without a word (`Verdict::Review`).
#[tokio::test]
async fn after_a_day_a_person_decides_and_the_slot_stays_held() {
    let world = World::new().await;
    world.calendar.script.always(Call::Create, Act::NotExecuted);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    for _ in 0..25 * 6 {
        world.clock.advance(Span::minutes(10));
        world.pass().await;
    }
    let view = world.view(id).await;
    assert_eq!(review(&view), Some("sync_failed"));
    assert_eq!(view.appointment.sync_status(), SyncStatus::Failed);
    assert_eq!(view.appointment.to_record().state, StateName::Pending);
    assert_eq!(world.claims().await.len(), 1);
    let calls = world.calendar.script.calls(Call::Create);
    world.clock.advance(Span::days(2));
    world.pass().await;
    assert_eq!(world.calendar.script.calls(Call::Create), calls);
}

/// Red when a move that was never made gives up the time it wants, or asks for another.
#[tokio::test]
async fn a_move_that_was_not_executed_is_tried_again() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let script = &world.calendar.script;
    script.next(Call::Reschedule, Act::NotExecuted);
    let view = world.reschedule(id, two()).await.unwrap();
    assert_eq!(view.appointment.range(), nine(), "the old time stands");
    assert_eq!(world.state(id).await, StateName::Rescheduling);
    assert_eq!(world.claims().await.len(), 2, "both times are taken");
    world.seconds(1).await;
    let view = world.view(id).await;
    assert_eq!(view.appointment.range(), two());
    assert_eq!(script.calls(Call::Reschedule), 2);
    assert_eq!(world.claims().await.len(), 1);
    world.assert_at_rest().await;
}

/// The create was given up, its outcome unknown for a day; the customer calls it off; then news tells
/// that it was made. Nobody drives the create any more.
///
/// Red when the wish to cancel waits for a saga that is stuck, or over.
#[tokio::test]
async fn what_was_given_up_and_called_off_is_cancelled_when_it_turns_out_to_stand() {
    for is_over in [false, true] {
        let world = World::new().await;
        let script = &world.calendar.script;
        script.next(Call::Create, Act::DoUnheard);
        script.always(Call::Find, Act::NotExecuted);
        let id = world.book(nine()).await.unwrap().view.appointment.id();
        for _ in 0..25 * 6 {
            world.clock.advance(Span::minutes(10));
            world.pass().await;
        }
        assert_eq!(review(&world.view(id).await), Some("sync_failed"));
        let made = world.calendar.live().remove(0);
        if is_over {
            // Told before it is called off: the saga has nothing left to make.
            world.tell(NewsKind::Created, &made).await;
            world.cancel(id).await.unwrap();
        } else {
            world.cancel(id).await.unwrap();
            world.tell(NewsKind::Created, &made).await;
        }
        world.look().await;
        world.seconds(5).await;
        assert_eq!(
            world.state(id).await,
            StateName::Cancelled,
            "over: {is_over}"
        );
        assert_eq!(world.calendar.live(), vec![]);
        assert_eq!(world.claims().await.len(), 0);
    }
}
