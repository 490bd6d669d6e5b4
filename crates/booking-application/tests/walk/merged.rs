//! Cal.com takes two people of one telephone number for one, and answers with the booking that it has.

use booking_application::{BookAppointment, BookError};
use booking_domain::appointment::StateName;
use booking_domain::contact::{Contact, PersonName};
use booking_domain::ports::AppointmentView;
use booking_test_support::builders::{contact, nine};

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, state, wish};

fn for_the_child() -> BookAppointment {
    BookAppointment {
        customer: Contact {
            name: PersonName::parse("Cleo Muster").unwrap(),
            ..contact()
        },
        ..wish(nine())
    }
}

async fn booked_once(world: &World) -> AppointmentView {
    let mother = world.booked(nine()).await;
    let older = world.calendar.live().remove(0);
    let script = &world.calendar.script;
    script.next(Call::Create, Act::Answer(Box::new(older)));
    mother
}

/// Red when the answer is taken for unknown: the second is told "noted", held for minutes, and then
/// dropped; or for the second's own booking.
#[tokio::test]
async fn the_second_is_refused_at_once() {
    let world = World::new().await;
    let mother = booked_once(&world).await;
    let refused = world.app.book_appointment(actor(), for_the_child()).await;
    let refused = refused.unwrap_err();
    let BookError::CalendarRefused(why) = &refused else {
        panic!("{refused:?}");
    };
    assert!(why.contains("telephone number"), "{why}");
    assert_eq!(world.claims().await.len(), 1);
    assert_eq!(world.calendar.live().len(), 1);
    assert_eq!(
        world.state(mother.appointment.id()).await,
        StateName::Confirmed
    );
    assert_eq!(world.open_reviews().await, Vec::<String>::new());
}

/// Red when what is just being called off stands in the way for ever (`stands`).
#[tokio::test]
async fn what_is_being_called_off_is_no_reason() {
    let world = World::new().await;
    let mother = booked_once(&world).await;
    let gate = Gate::new();
    let script = &world.calendar.script;
    script.next(Call::Cancel, Act::HangThenDo(gate.clone()));
    let id = mother.appointment.id();
    let cancelled = world.cancel(id).await.unwrap();
    assert_eq!(state(&cancelled), StateName::Cancelling);
    let noted = world.app.book_appointment(actor(), for_the_child()).await;
    let noted = noted.unwrap().view;
    assert_eq!(state(&noted), StateName::Pending);
    gate.open();
    world.becomes(id, StateName::Cancelled).await;
    world.seconds(5).await;
    assert_eq!(
        world.state(noted.appointment.id()).await,
        StateName::Confirmed
    );
}

/// Red when a booking that was noted is dropped without a word.
#[tokio::test]
async fn a_late_refusal_is_a_persons_to_tell() {
    for (seconds, asked) in [(2, 0), (30, 1)] {
        let world = World::new().await;
        let script = &world.calendar.script;
        script.next(Call::Create, Act::NotExecuted);
        let noted = world.book(nine()).await.unwrap().view;
        assert_eq!(state(&noted), StateName::Pending);
        world
            .clock
            .advance(booking_domain::time::Span::seconds(seconds));
        script.next(
            Call::Create,
            Act::Refuse(booking_domain::saga::Refusal::SlotTaken),
        );
        world.pass().await;
        assert_eq!(
            world.state(noted.appointment.id()).await,
            StateName::Cancelled
        );
        let wanted = vec!["refused_late".to_owned(); asked];
        assert_eq!(world.open_reviews().await, wanted, "{seconds}");
    }
}
