//! News overtakes other news, and meets wishes of ours that are under way.

use std::collections::BTreeSet;

use booking_application::{NewsKind, NewsStatus};
use booking_domain::appointment::StateName;
use booking_test_support::builders::{BEN, monday, nine};

use crate::script::{Act, Call};
use crate::world::{World, review, state, two};

/// Red when a cancellation that came first is forgotten (`cancellation_filed`).
#[tokio::test]
async fn cancelled_before_created_is_cancelled() {
    let world = World::new().await;
    let made = world.calendar.stranger(nine(), 502);
    let off = world.calendar.call_off(&made.uid);
    assert_eq!(
        world.tell(NewsKind::Cancelled, &off).await,
        NewsStatus::Ignored
    );
    assert_eq!(
        world.tell(NewsKind::Created, &made).await,
        NewsStatus::Processed
    );
    assert_eq!(state(&world.everything().await[0]), StateName::Cancelled);
    assert_eq!(world.claims().await, BTreeSet::new());
}

/// Red when older news moves it back (`is_old_news`).
#[tokio::test]
async fn an_older_move_after_a_newer_is_no_news() {
    let world = World::new().await;
    world.booked(nine()).await;
    let made = world.calendar.all().remove(0);
    let older = world.calendar.move_to(&made.uid, two().start());
    let newer = world
        .calendar
        .move_to(&older.uid, monday("15:00", 60).start());
    assert_eq!(
        world.tell(NewsKind::Rescheduled, &newer).await,
        NewsStatus::Processed
    );
    assert_eq!(
        world.tell(NewsKind::Rescheduled, &older).await,
        NewsStatus::AlreadyProcessed
    );
    let view = world.everything().await.remove(0);
    assert_eq!(view.appointment.range(), newer.range);
    assert_eq!(view.appointment.uid(), Some(&newer.uid));
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, newer.range)]));
    assert_eq!(world.everything().await.len(), 1);
}

/// Red when a booking that the news has confirmed is made again by the saga that was to make it.
#[tokio::test]
async fn news_that_a_booking_stands_ends_the_wish_to_make_it() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    script.always(Call::Find, Act::Lag);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    // The list stays empty beyond the quiet time: the saga believes that nothing was made.
    script.next(Call::Create, Act::NotExecuted);
    world.seconds(122).await;
    assert_eq!(
        (world.state(id).await, script.calls(Call::Create)),
        (StateName::Pending, 2)
    );
    let made = world.calendar.live().remove(0);
    assert_eq!(
        world.tell(NewsKind::Created, &made).await,
        NewsStatus::Processed
    );
    world.seconds(700).await;
    let view = world.view(id).await;
    assert_eq!((state(&view), review(&view)), (StateName::Confirmed, None));
    assert_eq!(
        (world.calendar.live().len(), script.calls(Call::Create)),
        (1, 2)
    );
    world.assert_at_rest().await;
}

/// The same, and the customer has called it off meanwhile: what stands at Cal.com is cancelled.
///
/// Red when the saga that has nothing left to make forgets the wish to cancel.
#[tokio::test]
async fn news_that_a_booking_stands_lets_the_wish_to_cancel_it_begin() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    script.always(Call::Find, Act::Lag);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    script.next(Call::Create, Act::NotExecuted);
    world.seconds(122).await;
    world.cancel(id).await.unwrap();
    let made = world.calendar.live().remove(0);
    world.tell(NewsKind::Created, &made).await;
    assert_eq!(world.state(id).await, StateName::Cancelling);
    world.seconds(10).await;
    let view = world.view(id).await;
    assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
    assert_eq!(
        (world.calendar.live().len(), script.calls(Call::Create)),
        (0, 2)
    );
    world.assert_at_rest().await;
}

/// Red when a create goes on for an appointment that Cal.com's news has ended.
#[tokio::test]
async fn news_that_a_booking_is_off_ends_the_wish_to_make_it() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::DoUnheard);
    script.always(Call::Find, Act::Lag);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    let made = world.calendar.live().remove(0);
    let off = world.calendar.call_off(&made.uid);
    assert_eq!(
        world.tell(NewsKind::Cancelled, &off).await,
        NewsStatus::Processed
    );
    assert_eq!(world.state(id).await, StateName::Cancelled);
    world.seconds(200).await;
    let view = world.view(id).await;
    assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
    assert_eq!(
        (world.calendar.live().len(), script.calls(Call::Create)),
        (0, 1)
    );
    world.assert_at_rest().await;
}

/// Red when a second booking under our number goes unseen: the customer has two.
#[tokio::test]
async fn a_duplicate_of_ours_is_shown_to_a_person() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let twin = world.calendar.twin(nine(), 501, id);
    world.tell(NewsKind::Created, &twin).await;
    world.look().await;
    let view = world.view(id).await;
    assert_eq!(
        (state(&view), review(&view)),
        (StateName::Confirmed, Some("duplicate_at_calcom"))
    );
    assert_eq!(view.appointment.uid().unwrap().expose(), "cal1");
    assert_eq!(world.everything().await.len(), 1);
}

/// Red when a booking that comes to life after ours was given up goes unseen, or stays.
#[tokio::test]
async fn a_booking_that_arrives_late_is_shown_to_a_person() {
    let world = World::new().await;
    let refuse = Act::Refuse(booking_domain::saga::Refusal::SlotTaken);
    world.calendar.script.next(Call::Create, refuse);
    world.book(nine()).await.unwrap_err();
    let id = world.everything().await[0].appointment.id();
    let late = world.calendar.twin(nine(), 501, id);
    world.tell(NewsKind::Created, &late).await;
    world.look().await;
    let view = world.view(id).await;
    assert_eq!(
        (state(&view), review(&view)),
        (StateName::Cancelled, Some("duplicate_at_calcom"))
    );
    world.seconds(2).await;
    assert_eq!(
        world.calendar.live(),
        vec![],
        "the customer was told that it failed"
    );
}

/// Red when news that was merely slow is taken for a second booking.
#[tokio::test]
async fn slow_news_about_what_is_over_is_no_matter_for_a_person() {
    let world = World::new().await;
    let view = world.booked(nine()).await;
    let made = world.calendar.all().remove(0);
    world.cancel(view.appointment.id()).await.unwrap();
    assert_eq!(
        world.tell(NewsKind::Created, &made).await,
        NewsStatus::AlreadyProcessed
    );
    let view = world.view(view.appointment.id()).await;
    assert_eq!((state(&view), review(&view)), (StateName::Cancelled, None));
}
