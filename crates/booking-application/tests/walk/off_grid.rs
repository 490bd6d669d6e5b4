//! Wishes for times at which no slot begins: what is said of one is what becomes of it.

use booking_application::{AlternativesQuestion, BookAppointment, BookError};
use booking_domain::ids::StaffId;
use booking_test_support::builders::{ANNA, BEN, COMPANY, CONSULTATION, monday, nine};

use crate::world::{World, actor, wish};

/// Whether a time is offered, and whether our books say that it is taken.
async fn said_of(world: &World, start: &str, staff: Option<StaffId>) -> (bool, bool) {
    let question = AlternativesQuestion {
        service: CONSULTATION,
        start: monday(start, 60).start(),
        limit: 3,
        staff,
    };
    let found = world.app.alternatives(COMPANY, &question).await.unwrap();
    assert_eq!(found.alternatives.len(), 3);
    (found.available, found.taken)
}

const OFFERED: (bool, bool) = (true, false);
const NOT_OFFERED: (bool, bool) = (false, false);
const TAKEN: (bool, bool) = (false, true);

/// Red when a time that nobody has is said to be taken, or one is not that cannot be booked any more;
/// and when the wished person's time does not count alone.
#[tokio::test]
async fn a_time_between_slots_is_taken_only_if_somebody_has_it() {
    let world = World::new().await;
    let with = async |staff: Option<StaffId>| {
        let command = BookAppointment {
            staff,
            ..wish(monday("08:20", 60))
        };
        world.app.book_appointment(actor(), command).await
    };
    assert_eq!(said_of(&world, "09:00", None).await, OFFERED);
    assert_eq!(said_of(&world, "08:20", None).await, NOT_OFFERED);
    with(Some(ANNA)).await.unwrap();
    assert_eq!(said_of(&world, "08:20", Some(ANNA)).await, TAKEN);
    assert_eq!(said_of(&world, "08:20", Some(BEN)).await, NOT_OFFERED);
    assert_eq!(said_of(&world, "08:20", None).await, NOT_OFFERED);
    with(None).await.unwrap();
    for start in ["08:00", "08:20", "08:40", "09:00"] {
        assert_eq!(said_of(&world, start, None).await, TAKEN, "{start}");
        let refused = world.book(monday(start, 60)).await.unwrap_err();
        assert!(matches!(refused, BookError::SlotTaken { .. }), "{start}");
    }
    assert_eq!(said_of(&world, "11:20", None).await, NOT_OFFERED);
}

/// Red when what the calendar alone knows is told as ours.
#[tokio::test]
async fn what_is_taken_at_the_calendar_is_not_offered_and_nobody_knows_why() {
    let world = World::new().await;
    for host in [501, 502] {
        world.calendar.stranger(nine(), host);
    }
    assert_eq!(said_of(&world, "09:00", None).await, NOT_OFFERED);
    let refused = world.book(nine()).await.unwrap_err();
    assert!(matches!(refused, BookError::SlotTaken { .. }));
}
