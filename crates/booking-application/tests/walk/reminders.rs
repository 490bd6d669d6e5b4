//! Reminders: they follow the appointment, and what the company wants.

use booking_test_support::builders::nine;

use crate::office::{Office, news, setup};
use crate::world::two;

/// Reminders come at their times; a moved appointment gets new ones and the old die; one that is
/// called off gets none.
///
/// Red when reminders are not judged again, or are not filed anew for a move.
#[tokio::test]
async fn reminders_follow_the_appointment() {
    let office = Office::open().await;
    let id = office.world.booked(nine()).await.appointment.id();
    office.round().await;
    let log = office.log(id).await;
    let scheduled = "reminder_scheduled email: 2025-10-12T09:00:00Z".to_owned();
    assert!(log.contains(&scheduled), "{log:?}");
    office.postman.told();
    office.rounds_at("2025-10-12T08:59:59Z").await;
    assert_eq!(office.postman.told(), []);
    office.rounds_at("2025-10-12T09:00:00Z").await;
    let taken = office.postman.taken();
    assert_eq!(office.postman.told(), [news("reminder", nine())]);
    let link = taken[0].unsubscribe_url.as_deref().unwrap();
    assert!(
        link.starts_with("https://booking.example/unsubscribe/"),
        "{link}"
    );
    office.world.reschedule(id, two()).await.unwrap();
    office.round().await;
    assert_eq!(office.postman.told(), [news("rescheduled", two())]);
    // The old one of 08:00 dies; a day before two is tomorrow's past no more.
    office.rounds_at("2025-10-13T08:00:00Z").await;
    assert_eq!(
        office.postman.told(),
        [news("reminder", two())],
        "a day before"
    );
    let log = office.log(id).await;
    let gone = "appointment_reminder email: not_sent: superseded".to_owned();
    assert!(log.contains(&gone), "{log:?}");
    office.world.cancel(id).await.unwrap();
    office.round().await;
    assert_eq!(office.postman.told(), [news("cancelled", two())]);
    office.rounds_at("2025-10-13T13:00:00Z").await;
    assert_eq!(office.postman.told(), []);
}

/// A reminder whose lead was taken out of the set-up, or whose channel was switched off, is not sent.
#[tokio::test]
async fn reminders_that_were_switched_off_are_not_sent() {
    let office = Office::open().await;
    let id = office.world.booked(nine()).await.appointment.id();
    office.round().await;
    office.postman.told();
    let mut file = setup();
    file.companies[0].services[0].reminder_minutes = vec![60];
    office.import(&file).await;
    office.rounds_at("2025-10-12T09:00:00Z").await;
    file.companies[0].messages.email = false;
    office.import(&file).await;
    office.rounds_at("2025-10-13T08:00:00Z").await;
    assert_eq!(office.postman.told(), []);
    let log = office.log(id).await;
    let off = "appointment_reminder email: not_sent: switched_off";
    assert_eq!(log.iter().filter(|it| *it == off).count(), 2, "{log:?}");
}
