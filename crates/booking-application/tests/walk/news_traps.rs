//! What is known to go wrong with Cal.com's news: moves that look like requests, ends that were
//! none, hosts that change, cancellations that are told before they are done.

use booking_application::{NewsKind, NewsStatus};
use booking_domain::appointment::{RemoteStatus, StateName};
use booking_domain::time::Span;
use booking_test_support::builders::{ANNA, BEN, monday, nine};

use crate::script::{Act, Call};
use crate::world::{World, review, state, two};

/// A customer moves a booking that the host has to confirm: a request under a new name, the old
/// booking off without a word, and a `created` that names nothing it replaces.
///
/// Red when a request that is not known becomes an appointment by its payload.
#[tokio::test]
async fn a_move_that_has_to_be_confirmed_is_no_second_appointment() {
    for is_ours in [true, false] {
        let world = World::new().await;
        let made = if is_ours {
            world.booked(nine()).await;
            world.calendar.all().remove(0)
        } else {
            let made = world.calendar.stranger(nine(), 502);
            world.tell(NewsKind::Created, &made).await;
            made
        };
        let moved = world.calendar.move_to(&made.uid, two().start());
        let mut told = world
            .calendar
            .now_is(&moved.uid, |it| it.status = RemoteStatus::Pending);
        (told.rescheduled_from, told.ours) = (None, None);
        let answer = world.tell(NewsKind::Requested, &told).await;
        assert_eq!(answer, NewsStatus::Ignored);
        world.look().await;
        let view = world.everything().await.remove(0);
        assert_eq!(state(&view), StateName::Scheduled, "ours: {is_ours}");
        assert_eq!(view.appointment.range(), two());
        world
            .calendar
            .now_is(&moved.uid, |it| it.status = RemoteStatus::Accepted);
        told.status = RemoteStatus::Accepted;
        world.tell(NewsKind::Created, &told).await;
        world.look().await;
        let all = world.everything().await;
        assert_eq!((all.len(), state(&all[0])), (1, StateName::Confirmed));
        assert_eq!((review(&all[0]), world.claims().await.len()), (None, 1));
    }
}

/// The host asks for another time: a cancellation, and later a new booking that replaces the one
/// that was off. It goes on under its new name.
///
/// Red when what has ended never lives again, or lives by the payload alone.
#[tokio::test]
async fn a_booking_that_was_to_be_made_anew_goes_on() {
    let world = World::new().await;
    let made = world.calendar.stranger(nine(), 502);
    world.tell(NewsKind::Created, &made).await;
    let off = world.calendar.call_off(&made.uid);
    world.tell(NewsKind::Cancelled, &off).await;
    assert_eq!(state(&world.everything().await[0]), StateName::Cancelled);
    let anew = world.calendar.stranger(two(), 502);
    let anew = world.calendar.now_is(&anew.uid, |it| {
        it.rescheduled_from = Some(made.uid.clone());
    });
    let answer = world.tell(NewsKind::Rescheduled, &anew).await;
    assert_eq!(answer, NewsStatus::Ignored, "not by the payload alone");
    world.look().await;
    let all = world.everything().await;
    assert_eq!((all.len(), state(&all[0])), (1, StateName::Confirmed));
    assert_eq!(all[0].appointment.uid(), Some(&anew.uid));
    assert_eq!((review(&all[0]), world.claims().await.len()), (None, 1));
}

/// What was called off here stays off, whatever lives at Cal.com: the customer was told so.
///
/// Red when `revived` does not ask who called it off.
#[tokio::test]
async fn what_was_called_off_here_does_not_live_again() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    let made = world.calendar.all().remove(0);
    world.cancel(id).await.unwrap();
    let anew = world.calendar.stranger(two(), 502);
    let anew = world.calendar.now_is(&anew.uid, |it| {
        it.rescheduled_from = Some(made.uid.clone());
    });
    world.tell(NewsKind::Rescheduled, &anew).await;
    world.look().await;
    let view = world.view(id).await;
    assert_eq!(state(&view), StateName::Cancelled);
    assert_eq!(review(&view), Some("duplicate_at_calcom"));
}

/// Red when a request that comes late revives what was turned down, or takes back a confirmation.
#[tokio::test]
async fn a_late_request_changes_nothing() {
    let world = World::new().await;
    let asked = world.calendar.asked(nine(), 502);
    let mut answered = asked.clone();
    answered.status = RemoteStatus::Accepted;
    world.tell(NewsKind::Created, &answered).await;
    world.tell(NewsKind::Requested, &asked).await;
    assert_eq!(state(&world.everything().await[0]), StateName::Confirmed);
    answered.status = RemoteStatus::Rejected;
    world
        .calendar
        .now_is(&asked.uid, |it| it.status = RemoteStatus::Rejected);
    world.tell(NewsKind::Rejected, &answered).await;
    let mut late = asked.clone();
    late.host_email = Some("anna@sonnenhof.example".to_owned());
    world.tell(NewsKind::Requested, &late).await;
    world.look().await;
    let all = world.everything().await;
    assert_eq!((all.len(), state(&all[0])), (1, StateName::Cancelled));
}

/// Cal.com tells of a cancellation and carries it out a little later.
///
/// Red when what Cal.com still shows takes a cancellation back, or is not looked at again.
#[tokio::test]
async fn a_cancellation_is_never_taken_back() {
    let world = World::new().await;
    let made = world.calendar.stranger(nine(), 502);
    world.tell(NewsKind::Created, &made).await;
    let mut off = made.clone();
    off.status = RemoteStatus::Cancelled;
    let answer = world.tell(NewsKind::Cancelled, &off).await;
    assert_eq!(answer, NewsStatus::Processed);
    let looks = world.calendar.script.calls(Call::Get);
    world.look().await;
    let view = world.everything().await.remove(0);
    assert_eq!(state(&view), StateName::Cancelled);
    assert_eq!(review(&view), Some("state_conflict"), "a person should see");
    assert_eq!(world.calendar.script.calls(Call::Get) - looks, 4);
    world.look().await;
    assert_eq!(world.calendar.script.calls(Call::Get) - looks, 4);
}

/// Cal.com gives the booking to another host: staff and claim follow.
///
/// Red when news of another host is ignored.
#[tokio::test]
async fn another_host_is_followed() {
    let world = World::new().await;
    let view = world.booked(nine()).await;
    assert_eq!(view.appointment.staff(), Some(BEN));
    let made = world.calendar.all().remove(0);
    let to_anna = world.calendar.now_is(&made.uid, |it| {
        it.host = Some(booking_domain::ids::HostId::new(501));
    });
    world.tell(NewsKind::Reassigned, &to_anna).await;
    let view = world.view(view.appointment.id()).await;
    assert_eq!(view.appointment.staff(), Some(ANNA));
    assert_eq!(world.claims().await, [(ANNA, nine())].into());
    world.look().await;
    assert_eq!(world.claims().await, [(ANNA, nine())].into());
}

/// Cal.com gives the booking to Anna and back to Ben, and sends the first news once more.
///
/// Red when a repeat is applied before it is known to be one (`receive` in `take_in_to_the_end`).
#[tokio::test]
async fn a_repeat_after_newer_news_changes_nothing() {
    let world = World::new().await;
    world.booked(nine()).await;
    let made = world.calendar.all().remove(0);
    let mut told = Vec::new();
    for host in [501, 502] {
        world.clock.advance(Span::seconds(1));
        let given = world.calendar.now_is(&made.uid, |it| {
            it.host = Some(booking_domain::ids::HostId::new(host));
        });
        world.tell(NewsKind::Reassigned, &given).await;
        told.push(given);
    }
    assert_eq!(world.claims().await, [(BEN, nine())].into());
    let again = world.tell(NewsKind::Reassigned, &told[0]).await;
    assert_eq!(again, NewsStatus::AlreadyProcessed);
    assert_eq!(world.claims().await, [(BEN, nine())].into());
}

/// While Cal.com cannot be read, what waits goes on waiting; then it is decided.
///
/// Red when an error is taken for "there is no such booking".
#[tokio::test]
async fn what_cannot_be_read_now_is_read_later() {
    let world = World::new().await;
    let asked = world.calendar.asked(monday("10:00", 60), 501);
    world.calendar.script.always(Call::Get, Act::NotExecuted);
    world.tell(NewsKind::Requested, &asked).await;
    world.look().await;
    assert_eq!(world.everything().await.len(), 0);
    world.calendar.script.always(Call::Get, Act::Do);
    for _ in 0..5 {
        world.look().await;
    }
    assert_eq!(state(&world.everything().await[0]), StateName::Scheduled);
}

/// What we did ourselves costs no call; what a stranger did costs one.
///
/// Red when every delivery has its booking read.
#[tokio::test]
async fn echoes_cost_no_call() {
    let world = World::new().await;
    world.calendar.script.next(Call::Create, Act::TellFirst);
    let view = world.booked(nine()).await;
    let made = world.calendar.all().remove(0);
    world.tell(NewsKind::Created, &made).await;
    world
        .reschedule(view.appointment.id(), two())
        .await
        .unwrap();
    let moved = world.calendar.live().remove(0);
    let gets = world.calendar.script.calls(Call::Get);
    world.tell(NewsKind::Rescheduled, &moved).await;
    world.look().await;
    assert_eq!(world.calendar.script.calls(Call::Get), gets);
    let theirs = world.calendar.stranger(nine(), 501);
    world.tell(NewsKind::Created, &theirs).await;
    world.look().await;
    assert_eq!(world.calendar.script.calls(Call::Get), gets + 1);
}

/// We hear of the second of two moves only; later news about the first has nothing but its name.
///
/// Red when the name before is not filed with the one that is told.
#[tokio::test]
async fn the_name_before_is_known_too() {
    let world = World::new().await;
    world.booked(nine()).await;
    let made = world.calendar.all().remove(0);
    let moved = world.calendar.move_to(&made.uid, two().start());
    let again = world
        .calendar
        .move_to(&moved.uid, monday("15:00", 60).start());
    let answer = world.tell(NewsKind::Rescheduled, &again).await;
    assert_eq!(answer, NewsStatus::Processed);
    let mut off = moved;
    (off.ours, off.rescheduled_from) = (None, None);
    off.status = RemoteStatus::Cancelled;
    let answer = world.tell(NewsKind::Cancelled, &off).await;
    assert_eq!(answer, NewsStatus::AlreadyProcessed);
    assert_eq!(state(&world.everything().await[0]), StateName::Confirmed);
}
