//! Nobody knows whether Cal.com made the booking: look, never repeat.

use booking_application::BookError;
use booking_domain::appointment::StateName;
use booking_domain::saga::Refusal;
use booking_test_support::builders::nine;

use crate::script::{Act, Call};
use crate::world::{World, state};

/// Red when an ambiguous create is simply repeated, or its look-up is never made again.
#[tokio::test]
async fn a_booking_that_was_made_is_found_and_never_made_again() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    for _ in 0..3 {
        // Cal.com's list lags: at 0, 1 and 2 seconds it shows nothing.
        script.next(Call::Find, Act::Lag);
    }
    let view = world.book(nine()).await.unwrap().view;
    let id = view.appointment.id();
    assert_eq!(state(&view), StateName::Pending);
    world.seconds(4).await;
    assert_eq!(
        (world.state(id).await, script.calls(Call::Find)),
        (StateName::Pending, 3)
    );
    world.seconds(1).await;
    assert_eq!(world.state(id).await, StateName::Confirmed);
    assert_eq!(
        (script.calls(Call::Create), script.calls(Call::Find)),
        (1, 4)
    );
    world.assert_at_rest().await;
}

/// Red when one empty look-up is proof enough (`EMPTY_PROOFS`), or proof before the quiet time.
#[tokio::test]
async fn a_booking_that_was_not_made_is_made_once_more_after_the_quiet_time() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::Lost);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    world.seconds(121).await;
    assert_eq!(
        (world.state(id).await, script.calls(Call::Create)),
        (StateName::Pending, 1)
    );
    assert!(
        !world.claims().await.is_empty(),
        "a hold does not end by the clock"
    );
    world.seconds(1).await;
    assert_eq!(
        (world.state(id).await, script.calls(Call::Create)),
        (StateName::Confirmed, 2)
    );
    assert_eq!(world.calendar.all().len(), 1);
    world.assert_at_rest().await;
}

/// Red when a look-up that could not be made counts as an empty one.
#[tokio::test]
async fn while_nobody_can_look_nothing_is_repeated() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    script.always(Call::Find, Act::NotExecuted);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    world.seconds(400).await;
    assert_eq!(
        (world.state(id).await, script.calls(Call::Create)),
        (StateName::Pending, 1)
    );
    script.always(Call::Find, Act::Do);
    world.seconds(60).await;
    assert_eq!(
        (world.state(id).await, script.calls(Call::Create)),
        (StateName::Confirmed, 1)
    );
    world.assert_at_rest().await;
}

/// Red when "slot taken" after an unknown outcome is believed at once (`was_ambiguous`).
#[tokio::test]
async fn taken_after_an_unknown_outcome_may_be_ourselves() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    script.always(Call::Find, Act::Lag);
    script.next(Call::Create, Act::Refuse(Refusal::SlotTaken));
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    world.seconds(125).await;
    assert_eq!(
        (world.state(id).await, script.calls(Call::Create)),
        (StateName::Pending, 2)
    );
    script.always(Call::Find, Act::Do);
    world.seconds(10).await;
    assert_eq!(
        (world.state(id).await, script.calls(Call::Create)),
        (StateName::Confirmed, 2)
    );
    assert_eq!(world.calendar.live().len(), 1);
    world.assert_at_rest().await;
}

/// Red when a booking found under another name is not followed: Cal.com still has it.
#[tokio::test]
async fn a_booking_that_the_customer_moved_meanwhile_is_followed() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    script.next(Call::Find, Act::NotExecuted);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    let made = world.calendar.live().remove(0);
    let moved = world
        .calendar
        .move_to(&made.uid, crate::world::two().start());
    world.seconds(2).await;
    let view = world.view(id).await;
    assert_eq!(state(&view), StateName::Confirmed);
    assert_eq!(view.appointment.uid(), Some(&moved.uid));
    assert_eq!(view.appointment.range(), crate::world::two());
    let staff = view.appointment.staff().unwrap();
    assert_eq!(
        world.claims().await.into_iter().collect::<Vec<_>>(),
        [(staff, crate::world::two())]
    );
    world.assert_at_rest().await;
}

/// Red when a booking that was made and called off again counts as one that stands.
#[tokio::test]
async fn a_booking_that_was_called_off_meanwhile_is_off() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    let refused = {
        script.next(Call::Find, Act::NotExecuted);
        let id = world.book(nine()).await.unwrap().view.appointment.id();
        let made = world.calendar.live().remove(0);
        world.calendar.call_off(&made.uid);
        world.seconds(2).await;
        world.view(id).await
    };
    assert_eq!(state(&refused), StateName::Cancelled);
    assert!(world.claims().await.is_empty());
    assert_eq!(script.calls(Call::Create), 1);
    world.assert_at_rest().await;
}

/// Red when a refusal that comes after an unknown outcome leaves the slot held for ever.
#[tokio::test]
async fn taken_and_nothing_found_is_taken() {
    let world = World::new().await;
    let script = &world.calendar.script;
    for host in [501, 502] {
        world.calendar.stranger(nine(), host);
    }
    script.next(Call::Create, Act::Lost);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    world.seconds(300).await;
    let view = world.view(id).await;
    assert_eq!(state(&view), StateName::Cancelled);
    assert!(world.claims().await.is_empty());
    let error = world.book(nine()).await.unwrap_err();
    assert!(matches!(error, BookError::SlotTaken { .. }));
    world.assert_at_rest().await;
}
