//! What went wrong at Cal.com is put right: nothing is lost, and nothing is left over.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use booking_application::{BookError, NewsKind};
use booking_domain::appointment::StateName;
use booking_domain::ports::{Clock, Probe};
use booking_domain::saga::Refusal;
use booking_domain::time::Span;
use booking_test_support::builders::{BEN, monday, nine};
use booking_test_support::clock::FixedClock;

use crate::script::{Act, Call};
use crate::world::{World, review, state, two};

/// Red when a first "taken" is believed although Cal.com has made the booking.
#[tokio::test]
async fn made_and_said_to_be_taken_is_made() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoRefused(Refusal::SlotTaken));
    let view = world.booked(nine()).await;
    assert_eq!(view.appointment.uid().unwrap().expose(), "cal1");
    assert_eq!(
        (script.calls(Call::Create), script.calls(Call::Find)),
        (1, 1)
    );
    world.assert_at_rest().await;
}

/// Cal.com tells of the booking, and answers our call with "taken" although its list lags.
///
/// Red when a refusal undoes what news has confirmed.
#[tokio::test]
async fn what_news_has_confirmed_is_not_released() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::TellThenRefuse(Refusal::SlotTaken));
    script.always(Call::Find, Act::Lag);
    let view = world.booked(nine()).await;
    assert_eq!(review(&view), None);
    assert_eq!(world.claims().await.len(), 1);
    world.assert_at_rest().await;
}

/// Red when the slot is released before somebody has looked, or the look needs the quiet time.
#[tokio::test]
async fn taken_is_said_at_once_after_one_look() {
    let world = World::new().await;
    for host in [501, 502] {
        world.calendar.stranger(nine(), host);
    }
    let refused = world.book(nine()).await.unwrap_err();
    assert!(
        matches!(refused, BookError::SlotTaken { .. }),
        "{refused:?}"
    );
    assert_eq!(world.calendar.script.calls(Call::Find), 1);
    assert!(world.claims().await.is_empty());
}

/// Red when a booking that arrives after it was given up stays at Cal.com (`Saga::guard`).
#[tokio::test]
async fn what_arrives_late_is_called_off() {
    for hours in [1, 24, 100] {
        let world = World::new().await;
        let script = &world.calendar.script;
        script.next(Call::Create, Act::Refuse(Refusal::SlotTaken));
        world.book(nine()).await.unwrap_err();
        let id = world.everything().await[0].appointment.id();
        world.minutes(60 * hours - 30).await;
        let late = world.calendar.appears(nine(), id);
        world.minutes(60 * 24 * 3).await;
        assert_eq!(world.calendar.live(), vec![], "{hours}: {late:?}");
        assert_eq!(world.open_reviews().await, ["duplicate_at_calcom"]);
        assert_eq!(world.state(id).await, StateName::Cancelled);
        world.assert_at_rest().await;
    }
}

/// Red when another than the oldest booking is kept, the others stay, or a stranger's goes too.
#[tokio::test]
async fn of_several_the_oldest_is_kept_and_the_others_are_called_off() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    script.next(Call::Find, Act::NotExecuted);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    let oldest = world.calendar.live().remove(0);
    world.calendar.appears(nine(), id);
    let stranger = world.calendar.stranger(two(), 501);
    world.seconds(3).await;
    let view = world.view(id).await;
    assert_eq!(state(&view), StateName::Confirmed);
    assert_eq!(view.appointment.uid(), Some(&oldest.uid));
    let left: Vec<_> = world.calendar.live().into_iter().map(|it| it.uid).collect();
    assert_eq!(left, [oldest.uid, stranger.uid]);
    assert_eq!(review(&view), Some("duplicate_at_calcom"));
    world.assert_at_rest().await;
}

/// Red when a booking with another start is not found, and made once more.
#[tokio::test]
async fn what_calcom_gave_another_time_is_ours_all_the_same() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::Lost);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    let elsewhere = monday("09:30", 60);
    world.calendar.appears(elsewhere, id);
    world.seconds(2).await;
    let view = world.view(id).await;
    assert_eq!(
        (state(&view), view.appointment.range()),
        (StateName::Confirmed, elsewhere)
    );
    assert_eq!(review(&view), Some("time_conflict"));
    assert_eq!(script.calls(Call::Create), 1);
    assert_eq!(world.claims().await.len(), 1);
    world.assert_at_rest().await;
}

/// The old booking is off, and there is no new one.
///
/// Red when that counts as a cancellation, or the customer is left with nothing.
#[tokio::test]
async fn a_booking_that_a_move_has_lost_is_booked_again() {
    let world = World::new().await;
    let script = &world.calendar.script;
    let id = world.booked(nine()).await.appointment.id();
    script.next(Call::Reschedule, Act::LoseIt);
    let view = world.reschedule(id, two()).await.unwrap();
    assert_eq!(state(&view), StateName::Rescheduling);
    world.seconds(130).await;
    let view = world.view(id).await;
    assert_eq!(
        (state(&view), view.appointment.range()),
        (StateName::Confirmed, two())
    );
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, two())]));
    assert_eq!(world.calendar.live().len(), 1);
    world.assert_at_rest().await;
}

/// Red when the old time is not tried after the new one, or the last refusal goes unheard.
#[tokio::test]
async fn the_old_time_is_booked_again_when_the_new_one_is_gone() {
    for is_old_free in [true, false] {
        let world = World::new().await;
        let script = &world.calendar.script;
        let id = world.booked(nine()).await.appointment.id();
        script.next(Call::Reschedule, Act::LoseIt);
        world.reschedule(id, two()).await.unwrap();
        for host in [501, 502] {
            world.calendar.stranger(two(), host);
            if !is_old_free {
                world.calendar.stranger(nine(), host);
            }
        }
        world.seconds(130).await;
        let view = world.view(id).await;
        if is_old_free {
            assert_eq!(
                (state(&view), view.appointment.range()),
                (StateName::Confirmed, nine())
            );
            assert_eq!((world.claims().await.len(), review(&view)), (1, None));
        } else {
            assert_eq!(state(&view), StateName::Cancelled);
            assert_eq!(review(&view), Some("lost_in_move"));
            assert!(world.claims().await.is_empty());
        }
        world.assert_at_rest().await;
    }
}

/// Red when a call leaves whose time is nearly over: another worker may look before it arrives.
#[tokio::test]
async fn a_process_that_was_stopped_before_its_call_does_not_make_it() {
    let stopped = Arc::new(Stopped::default());
    let probe = stopped.clone();
    let world = World::with(|deps, _| deps.probe = probe).await;
    stopped.0.set(world.clock.clone()).unwrap();
    let view = world.book(nine()).await.unwrap().view;
    assert_eq!(view.appointment.state().name(), StateName::Pending);
    assert_eq!(world.calendar.script.calls(Call::Create), 0);
    world.seconds(2).await;
    assert_eq!(
        world.state(view.appointment.id()).await,
        StateName::Confirmed
    );
    world.assert_at_rest().await;
}

/// Half a minute goes by after the hold.
#[derive(Default)]
struct Stopped(OnceLock<Arc<FixedClock>>);

impl Probe for Stopped {
    fn reached(&self, at: &'static str) {
        if at == "after_hold" {
            self.0.get().unwrap().advance(Span::seconds(31));
        }
    }
}

/// Red when a wish to cancel that waits for its booking is forgotten after a person was asked.
#[tokio::test]
async fn a_cancellation_whose_booking_news_has_found_sets_out() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    script.always(Call::Find, Act::NotExecuted);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    world.cancel(id).await.unwrap();
    world.minutes(25 * 60).await;
    assert_eq!(world.open_reviews().await, ["sync_failed"]);
    let mut made = world.calendar.live().remove(0);
    made.changed_at = Some(world.clock.now());
    world.tell(NewsKind::Created, &made).await;
    world.seconds(2).await;
    assert_eq!(world.state(id).await, StateName::Cancelled);
    assert_eq!(world.calendar.live(), vec![]);
}
