//! Cancelling: the intent is the promise, and the slot is offered when Cal.com has let go.

use std::collections::BTreeSet;

use booking_domain::appointment::StateName;
use booking_domain::saga::Refusal;
use booking_test_support::builders::nine;

use crate::script::{Act, Call, Gate};
use crate::world::{World, review, state, two};

/// Red when the claim is given up with the wish, or Cal.com is not told.
#[tokio::test]
async fn calcom_lets_go_and_the_slot_is_free() {
    let world = World::new().await;
    let (id, _other) = (
        world.booked(nine()).await.appointment.id(),
        world.booked(nine()).await,
    );
    assert!(!world.offers(nine()).await);
    let view = world.cancel(id).await.unwrap();
    assert_eq!(state(&view), StateName::Cancelled);
    assert_eq!(world.calendar.live().len(), 1);
    assert!(world.offers(nine()).await);
    world.booked(nine()).await;
    world.assert_at_rest().await;
}

/// Red when a wish to cancel is forgotten by the create that ends after it (`cancel_if_wished`).
#[tokio::test]
async fn while_the_create_is_unknown_the_wish_waits_and_is_carried_out() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    script.next(Call::Find, Act::Lag);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    world.cancel(id).await.unwrap();
    assert_eq!(script.calls(Call::Cancel), 0, "nobody knows what to cancel");
    assert_eq!(world.claims().await.len(), 1);
    world.seconds(2).await;
    let view = world.view(id).await;
    assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
    assert_eq!(
        view.appointment.state().cancellation().unwrap().by,
        "api key bk_demo15"
    );
    assert_eq!(
        (script.calls(Call::Create), script.calls(Call::Cancel)),
        (1, 1)
    );
    assert_eq!(world.calendar.live(), vec![]);
    assert!(world.claims().await.is_empty());
    world.assert_at_rest().await;
}

/// Red when a create that was proven not to have happened is made for a cancelled appointment:
/// Cal.com would write to the customer twice.
#[tokio::test]
async fn what_was_never_made_is_not_made_to_be_cancelled() {
    for lost in [Act::NotExecuted, Act::Lost] {
        let world = World::new().await;
        world.calendar.script.next(Call::Create, lost);
        let id = world.book(nine()).await.unwrap().view.appointment.id();
        world.cancel(id).await.unwrap();
        world.seconds(130).await;
        let view = world.view(id).await;
        assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
        assert_eq!(
            view.appointment.state().cancellation().unwrap().by,
            "api key bk_demo15"
        );
        assert_eq!(world.calendar.all(), vec![]);
        assert!(world.claims().await.is_empty());
        world.assert_at_rest().await;
    }
}

/// Red when the second wish calls Cal.com again, or is refused.
#[tokio::test(start_paused = true)]
async fn twice_is_once() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let gate = Gate::new();
    world
        .calendar
        .script
        .next(Call::Cancel, Act::HangThenDo(gate.clone()));
    for _ in 0..2 {
        assert_eq!(
            state(&world.cancel(id).await.unwrap()),
            StateName::Cancelling
        );
    }
    gate.open();
    world.becomes(id, StateName::Cancelled).await;
    let version = world.view(id).await.appointment.version();
    assert_eq!(
        state(&world.cancel(id).await.unwrap()),
        StateName::Cancelled
    );
    assert_eq!(world.view(id).await.appointment.version(), version);
    assert_eq!(world.calendar.script.calls(Call::Cancel), 1);
    world.assert_at_rest().await;
}

/// Red when "gone" is an error for a cancellation.
#[tokio::test]
async fn what_is_gone_already_is_cancelled() {
    let world = World::new().await;
    let view = world.booked(nine()).await;
    world.calendar.call_off(view.appointment.uid().unwrap());
    let view = world.cancel(view.appointment.id()).await.unwrap();
    assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
    assert!(world.claims().await.is_empty());
    world.assert_at_rest().await;
}

/// Red when a cancellation whose booking was moved at Cal.com leaves the moved one standing.
#[tokio::test]
async fn what_was_moved_at_calcom_meanwhile_is_cancelled_under_its_new_name() {
    let world = World::new().await;
    let view = world.booked(nine()).await;
    let moved = world
        .calendar
        .move_to(view.appointment.uid().unwrap(), two().start());
    let id = view.appointment.id();
    world.cancel(id).await.unwrap();
    world.seconds(5).await;
    assert_eq!(world.calendar.live(), vec![]);
    let view = world.view(id).await;
    assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
    assert_eq!(view.appointment.uid(), Some(&moved.uid));
    assert_eq!(world.claims().await, BTreeSet::new());
    world.assert_at_rest().await;
}

/// Red when an ambiguous cancellation is believed, or what still stands is not asked for again at
/// once: to call off twice is as good as once.
#[tokio::test]
async fn an_unknown_cancellation_is_looked_up() {
    let world = World::new().await;
    let script = &world.calendar.script;
    let id = world.booked(nine()).await.appointment.id();
    script.next(Call::Cancel, Act::Lost);
    let view = world.cancel(id).await.unwrap();
    assert_eq!(state(&view), StateName::Cancelling);
    assert_eq!(
        (world.claims().await.len(), script.calls(Call::Cancel)),
        (1, 1)
    );
    world.seconds(1).await;
    assert_eq!(
        (world.claims().await.len(), script.calls(Call::Cancel)),
        (0, 2)
    );
    let other = world.booked(nine()).await.appointment.id();
    script.next(Call::Cancel, Act::DoUnheard);
    assert_eq!(
        state(&world.cancel(other).await.unwrap()),
        StateName::Cancelled
    );
    world.assert_at_rest().await;
}

/// Red when a refusal of the cancellation brings the appointment back, ends it, or nobody hears of
/// it; or when the question stays open after all is well.
#[tokio::test]
async fn what_calcom_refuses_to_cancel_is_for_a_person() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let refusal = Refusal::Invalid("a reason is needed".to_owned());
    world
        .calendar
        .script
        .next(Call::Cancel, Act::Refuse(refusal));
    let view = world.cancel(id).await.unwrap();
    assert_eq!(
        (state(&view), review(&view)),
        (StateName::Cancelling, Some("cancel_refused"))
    );
    assert_eq!(world.claims().await.len(), 1);
    world.seconds(1).await;
    let view = world.view(id).await;
    assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
    assert_eq!(world.open_reviews().await, Vec::<String>::new());
    world.assert_at_rest().await;
}

/// A key that is being changed, a Cal.com that is away for two days.
///
/// Red when a cancellation is given up, the slot is offered while Cal.com has it, or nobody hears
/// of it after a quarter of an hour.
#[tokio::test]
async fn a_cancellation_is_never_given_up() {
    for failure in [
        Act::NotExecuted,
        Act::Lost,
        Act::Refuse(Refusal::Account("unknown key".to_owned())),
    ] {
        let world = World::new().await;
        let script = &world.calendar.script;
        let id = world.booked(nine()).await.appointment.id();
        script.always(Call::Cancel, failure);
        world.cancel(id).await.unwrap();
        world.minutes(16).await;
        assert!(review(&world.view(id).await).is_some());
        world.minutes(48 * 60).await;
        assert_eq!(world.state(id).await, StateName::Cancelling);
        assert_eq!(world.claims().await.len(), 1);
        assert_eq!(world.open_reviews().await.len(), 1, "asked once");
        script.always(Call::Cancel, Act::Do);
        world.minutes(11).await;
        let view = world.view(id).await;
        assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
        assert_eq!(world.calendar.live(), vec![]);
        world.assert_at_rest().await;
    }
}
