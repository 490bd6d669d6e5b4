//! The same key twice is the same booking.

use std::sync::Arc;

use booking_application::{Actor, BookAppointment, BookError};
use booking_domain::appointment::StateName;
use booking_domain::idempotency::{Fingerprint, IdempotencyKey};
use booking_domain::saga::Refusal;
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::{MASSAGE, OTHER_COMPANY, nine};

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, state, two, wish};

fn keyed(range: TimeRange, body: &str) -> BookAppointment {
    let key = IdempotencyKey::parse("api", "k1").unwrap();
    BookAppointment {
        idempotency: Some((key, Fingerprint(body.to_owned()))),
        ..wish(range)
    }
}

/// Red when the key is not part of the hold's transaction, or its outcome is not kept.
#[tokio::test]
async fn the_same_key_is_the_same_appointment() {
    let world = World::new().await;
    let first = world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await
        .unwrap();
    let second = world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await
        .unwrap();
    assert_eq!((first.replayed, second.replayed), (false, true));
    assert_eq!(first.view, second.view);
    world.cancel(first.view.appointment.id()).await.unwrap();
    let third = world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await
        .unwrap();
    assert_eq!(state(&third.view), StateName::Cancelled, "the newest state");
    assert_eq!(world.calendar.script.calls(Call::Create), 1);
}

/// Red when the fingerprint is not compared.
#[tokio::test]
async fn the_same_key_for_another_request_is_a_mistake() {
    let world = World::new().await;
    world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await
        .unwrap();
    let reused = world.app.book_appointment(actor(), keyed(two(), "b")).await;
    assert!(matches!(reused, Err(BookError::KeyReused)));
    assert_eq!(world.everything().await.len(), 1);
}

/// Red when a repeat waits for, or runs beside, the first request.
#[tokio::test(start_paused = true)]
async fn while_the_first_runs_a_repeat_is_told_so() {
    let world = World::new().await;
    let gate = Gate::new();
    world
        .calendar
        .script
        .next(Call::Create, Act::HangThenDo(gate.clone()));
    let app = world.app.clone();
    let first =
        tokio::spawn(async move { app.book_appointment(actor(), keyed(nine(), "a")).await });
    gate.reached().await;
    let repeat = world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await;
    assert!(matches!(repeat, Err(BookError::InProgress)));
    let first = first.await.unwrap().unwrap();
    assert_eq!(state(&first.view), StateName::Pending);
    let repeat = world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await
        .unwrap();
    assert_eq!(
        (repeat.replayed, state(&repeat.view)),
        (true, StateName::Pending)
    );
    gate.open();
    world
        .becomes(first.view.appointment.id(), StateName::Confirmed)
        .await;
    assert_eq!(world.calendar.script.calls(Call::Create), 1);
}

/// The process died after its hold: the key has no outcome, the appointment tells.
///
/// Red when such a key is "in progress" for ever.
#[tokio::test(start_paused = true)]
async fn when_the_first_died_its_appointment_tells() {
    let world = World::new().await;
    let gate = Gate::new();
    world
        .calendar
        .script
        .next(Call::Create, Act::HangThenDo(gate.clone()));
    let app = world.app.clone();
    let patient = Actor {
        deadline: Span::days(1),
        ..actor()
    };
    tokio::spawn(async move { app.book_appointment(patient, keyed(nine(), "a")).await });
    gate.reached().await;
    world.clock.advance(Span::seconds(3));
    let repeat = world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await
        .unwrap();
    assert_eq!(
        (repeat.replayed, state(&repeat.view)),
        (true, StateName::Pending)
    );
    assert_eq!(world.calendar.script.calls(Call::Create), 1);
}

/// Red when a refusal is not kept, or kept without its alternatives.
#[tokio::test]
async fn a_refusal_is_repeated_as_it_was() {
    let world = World::new().await;
    world
        .calendar
        .script
        .next(Call::Create, Act::Refuse(Refusal::SlotTaken));
    let first = world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await
        .unwrap_err();
    let BookError::SlotTaken { alternatives } = &first else {
        panic!("{first:?}");
    };
    assert_eq!(alternatives.len(), 3);
    world.booked(alternatives[0]).await;
    world.booked(alternatives[0]).await;
    let second = world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await
        .unwrap_err();
    let (second, replayed) = second.first();
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    assert!(replayed);
    assert_eq!(world.calendar.script.calls(Call::Create), 3);
}

/// Red when the command runs inside the caller's own future: then its refusal is lost.
#[tokio::test(start_paused = true)]
async fn a_refusal_is_kept_for_a_caller_who_hung_up() {
    let world = World::new().await;
    let gate = Gate::new();
    let script = &world.calendar.script;
    script.next(Call::Create, Act::HangThenDo(gate.clone()));
    let app = world.app.clone();
    let caller =
        tokio::spawn(async move { app.book_appointment(actor(), keyed(nine(), "a")).await });
    gate.reached().await;
    caller.abort();
    for host in [501, 502] {
        world.calendar.stranger(nine(), host);
    }
    let id = world.everything().await[0].appointment.id();
    gate.open();
    world.becomes(id, StateName::Cancelled).await;
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    let repeat = world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await;
    let refused = repeat.unwrap_err().first().0;
    assert!(
        matches!(refused, BookError::SlotTaken { .. }),
        "{refused:?}"
    );
}

/// Red when keys are shared between companies.
#[tokio::test]
async fn companies_have_keys_of_their_own() {
    let world = World::new().await;
    let ours = world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await
        .unwrap();
    let stranger = Actor {
        company: OTHER_COMPANY,
        ..actor()
    };
    let massage = BookAppointment {
        service: MASSAGE,
        ..keyed(nine(), "other")
    };
    let theirs = world.app.book_appointment(stranger, massage).await.unwrap();
    assert_eq!(
        (theirs.replayed, state(&theirs.view)),
        (false, StateName::Confirmed)
    );
    assert_ne!(ours.view.appointment.id(), theirs.view.appointment.id());
}

/// The first request is refused and still gathers alternatives; the slot comes free, the client's
/// repeat gets it. The refusal must not cover up that booking.
///
/// Red when a refusal is filed under a key that another request has taken meanwhile.
#[tokio::test]
async fn a_late_refusal_does_not_overwrite_the_repeat_that_succeeded() {
    let world = Arc::new(World::new().await);
    let sold = world.booked(nine()).await.appointment.id();
    world.booked(nine()).await;
    let gates = [Gate::new(), Gate::new()];
    world
        .calendar
        .script
        .next(Call::Slots, Act::DoThenHang(gates[0].clone()));
    let app = world.app.clone();
    let refused =
        tokio::spawn(async move { app.book_appointment(actor(), keyed(nine(), "a")).await });
    gates[0].reached().await;
    world.cancel(sold).await.unwrap();
    world
        .calendar
        .script
        .next(Call::Create, Act::HangThenDo(gates[1].clone()));
    let app = world.app.clone();
    let repeat =
        tokio::spawn(async move { app.book_appointment(actor(), keyed(nine(), "a")).await });
    gates[1].reached().await;
    gates[0].open();
    let refused = refused.await.unwrap().unwrap_err();
    assert!(
        matches!(refused, BookError::SlotTaken { .. }),
        "{refused:?}"
    );
    gates[1].open();
    let booked = repeat.await.unwrap().unwrap().view;
    let third = world
        .app
        .book_appointment(actor(), keyed(nine(), "a"))
        .await
        .unwrap();
    assert_eq!((third.replayed, third.view), (true, booked));
}

/// Red when the words of a refusal are not kept.
#[tokio::test]
async fn the_words_of_a_refusal_are_repeated() {
    let world = World::new().await;
    let refusal = Refusal::Invalid("minimum notice".to_owned());
    world
        .calendar
        .script
        .next(Call::Create, Act::Refuse(refusal));
    let answers = [0, 1].map(|_| keyed(nine(), "a")).map(|wish| {
        let app = world.app.clone();
        async move { app.book_appointment(actor(), wish).await.unwrap_err() }
    });
    let [first, second] = answers;
    let first = first.await.to_string();
    let (second, replayed) = second.await.first();
    assert!(first.contains("minimum notice"), "{first}");
    assert_eq!((second.to_string(), replayed), (first, true));
}

/// The caller heard "noted", and Cal.com refuses later; or the process dies between the refusal and
/// the answer.
///
/// Red when the outcome is not filed in the commit that brings it about.
#[tokio::test]
async fn what_was_noted_and_refused_later_is_refused_again() {
    let world = World::new().await;
    let script = &world.calendar.script;
    script.next(Call::Create, Act::NotExecuted);
    let invalid = Refusal::Invalid("too late".to_owned());
    script.next(Call::Create, Act::Refuse(invalid));
    let noted = world.app.book_appointment(actor(), keyed(nine(), "a"));
    assert_eq!(state(&noted.await.unwrap().view), StateName::Pending);
    world.seconds(2).await;
    let repeat = world.app.book_appointment(actor(), keyed(nine(), "a"));
    let refused = repeat.await.unwrap_err();
    assert_eq!(
        format!("{refused:?}"),
        "Replayed { first: CalendarRefused(\"too late\"), asked_by: \"api key bk_demo15\" }"
    );
    // One that was called off by its own caller was not refused.
    script.next(Call::Create, Act::NotExecuted);
    let other = || BookAppointment {
        idempotency: IdempotencyKey::parse("api", "k2").map(|key| (key, Fingerprint("b".into()))),
        ..wish(two())
    };
    let noted = world.app.book_appointment(actor(), other());
    let id = noted.await.unwrap().view.appointment.id();
    world.cancel(id).await.unwrap();
    world.seconds(2).await;
    let repeat = world.app.book_appointment(actor(), other());
    assert_eq!(state(&repeat.await.unwrap().view), StateName::Cancelled);
}
