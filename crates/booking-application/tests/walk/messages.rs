//! Messages about bookings, moves and cancellations: once each, true, and never lost.

use booking_domain::ids::{CompanyId, JobId};
use booking_domain::ports::{Clock, Job, JobQueue, Outbox, Queue};
use booking_domain::tenant::SetupFile;
use booking_domain::time::Span;
use booking_test_support::builders::{COMPANY, OTHER_COMPANY, SHORT, contact, monday, nine};

use crate::office::{Answer, Office, done, news, setup};
use crate::world::{actor, two, wish};

/// Booked, moved, called off: each is told once, to the customer's address, however often the event
/// is told; an invitation keeps its id and its sequence grows.
///
/// Red when the log does not keep a message once (`ON CONFLICT` taken out, or the channel or the id
/// part of what is unique), or when another instance tells it again.
#[tokio::test]
async fn every_change_is_told_once() {
    let office = Office::open().await;
    let world = &office.world;
    let id = world.booked(nine()).await.appointment.id();
    let now = world.clock.now();
    let outbox: &dyn Outbox = &*world.store;
    let events = outbox.lease_due(now, now, 9).await.unwrap();
    assert_eq!(office.round().await, done(1));
    world.reschedule(id, two()).await.unwrap();
    assert_eq!(office.round().await, done(1));
    world.cancel(id).await.unwrap();
    assert_eq!(office.round().await, done(1));
    let taken = office.postman.taken();
    let told = [
        news("booked", nine()),
        news("rescheduled", two()),
        news("cancelled", two()),
    ];
    assert_eq!(office.postman.told(), told);
    let facts: Vec<_> = taken
        .iter()
        .map(|it| it.content.appointment().unwrap())
        .collect();
    assert!(facts.windows(2).all(|it| it[0].sequence < it[1].sequence));
    assert!(
        facts
            .iter()
            .all(|it| it.id == id && it.service == "Beratung")
    );
    assert_eq!(taken[0].to, contact());
    assert_eq!(
        (&*taken[0].company_name, &*taken[0].locale),
        ("Praxis Sonnenhof", "de")
    );
    assert!(taken.iter().all(|it| it.unsubscribe_url.is_none()));
    // All of it once more, here and elsewhere.
    for app in [world.app.clone(), world.twin()] {
        for entry in &events {
            let payload = serde_json::json!({ "event": entry.event });
            let again = JobId::new(uuid::Uuid::from_u64_pair(5, entry.id.unsigned_abs()));
            let job = Job::new(again, (Queue::Listeners, "notify"), payload, now);
            let jobs: &dyn JobQueue = &*world.store;
            assert!(jobs.enqueue(&job).await.unwrap());
        }
        app.run_due(Queue::Listeners).await.unwrap();
    }
    assert_eq!(office.round().await, done(0));
    assert_eq!(office.postman.told(), []);
    let log = office.log(id).await;
    let sent = log.iter().filter(|it| it.ends_with("email: sent")).count();
    assert_eq!(sent, 3, "{log:?}");
}

/// A message that waited while the appointment went on is not sent; the last word is.
///
/// Red when a message is sent without being judged again.
#[tokio::test]
async fn what_is_superseded_is_not_sent() {
    let office = Office::open().await;
    let id = office.world.booked(nine()).await.appointment.id();
    while office.app().relay_events().await.unwrap().delivered > 0 {}
    office.world.reschedule(id, two()).await.unwrap();
    office.round().await;
    assert_eq!(office.postman.told(), [news("rescheduled", two())]);
    let log = office.log(id).await;
    let unsent = "appointment_booked email: not_sent: superseded".to_owned();
    assert!(log.contains(&unsent), "{log:?}");
}

/// The process ends between the carrier and the log: the message goes out again, under the same id.
///
/// Red when a message gets a new id with each try.
#[tokio::test]
async fn a_crash_after_the_carrier_repeats_the_same_id() {
    let office = Office::open().await;
    let id = office.world.booked(nine()).await.appointment.id();
    while office.app().relay_events().await.unwrap().delivered > 0 {}
    office.postman.next(Answer::TakeAndDie);
    let work = office
        .app()
        .take_work(Queue::Notifications, 9)
        .await
        .unwrap();
    for work in work {
        let app = office.app().clone();
        let task = tokio::spawn(async move { app.do_work(work).await });
        booking_test_support::wait::until(
            std::time::Duration::from_secs(20),
            "the carrier has it",
            || async { office.postman.taken().len() == 1 },
        )
        .await
        .unwrap();
        task.abort();
    }
    // The lease ends, which counts as a failure; then the ladder's second step.
    office.world.clock.advance(Span::seconds(61));
    assert_eq!(office.round().await.failed, 1);
    office.world.clock.advance(Span::seconds(6));
    assert_eq!(office.round().await, done(1));
    let taken = office.postman.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].id, taken[1].id);
    let log = office.log(id).await;
    assert!(
        log.contains(&"appointment_booked email: sent".to_owned()),
        "{log:?}"
    );
}

/// The job of a message that went out is done again, as when its end could not be written down.
///
/// Red when neither the job nor the log looks whether it was sent.
#[tokio::test]
async fn what_was_sent_is_not_sent_again() {
    let office = Office::open().await;
    office.world.booked(nine()).await;
    assert_eq!(office.round().await, done(1));
    let (sent, now) = (office.postman.taken(), office.world.clock.now());
    let payload = serde_json::json!({ "message": sent[0].id });
    let again = JobId::new(uuid::Uuid::from_u128(9));
    let job = Job {
        company: Some(COMPANY),
        ..Job::new(again, (Queue::Notifications, "message"), payload, now)
    };
    let jobs: &dyn JobQueue = &*office.world.store;
    assert!(jobs.enqueue(&job).await.unwrap());
    assert_eq!(office.round().await, done(1));
    assert_eq!(office.postman.taken().len(), 1);
}

/// What is refused is dead at once and can be tried again by a person; the booking stands, and the
/// customer's address is nowhere.
///
/// Red when the log goes on waiting for a job that is dead, or keeps what a server repeats.
#[tokio::test]
async fn what_is_refused_is_given_up() {
    let office = Office::open().await;
    let id = office.world.booked(nine()).await.appointment.id();
    office.postman.next(Answer::Refuse);
    assert_eq!(office.round().await.dead, 1);
    let dead = office.dead().await;
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].1, "550 no … here");
    let failed = "appointment_booked email: failed: 550 no … here".to_owned();
    assert!(office.log(id).await.contains(&failed));
    office
        .app()
        .retry_job(Some(COMPANY), dead[0].0)
        .await
        .unwrap();
    assert_eq!(office.round().await, done(1));
    assert_eq!(office.postman.told(), [news("booked", nine())]);
    let log = office.log(id).await;
    assert!(
        log.contains(&"appointment_booked email: sent".to_owned()),
        "{log:?}"
    );
    assert!(!log.contains(&failed), "{log:?}");
}

/// What fails comes again on the ladder, and after a day the log says that it was given up.
#[tokio::test]
async fn what_fails_is_tried_again_and_then_given_up() {
    let office = Office::open().await;
    let range = monday("09:00", 60);
    office.world.booked(range).await;
    office.postman.next(Answer::Fail);
    assert_eq!(office.round().await.failed, 1);
    assert_eq!(office.round().await, done(0), "not before its time");
    office.world.clock.advance(Span::seconds(2));
    assert_eq!(office.round().await, done(1));
    assert_eq!(office.postman.told(), [news("booked", range)]);
    let id = office.world.booked(two()).await.appointment.id();
    for _ in 0..400 {
        office.postman.next(Answer::Fail);
    }
    while office.round().await.dead == 0 {
        office.world.clock.advance(Span::minutes(11));
    }
    let failed = "appointment_booked email: failed: no … now";
    let log = office.log(id).await;
    assert!(
        log.iter()
            .any(|it| it.starts_with("appointment_booked email: failed")),
        "{log:?}"
    );
    assert!(log.iter().all(|it| !it.contains("joerg")), "{failed}");
}

/// A move within Cal.com that Cal.com tells of itself is not told again, and still moves reminders.
#[tokio::test]
async fn nobody_is_told_twice_of_what_calcom_tells() {
    let office = Office::open().await;
    let short = booking_application::BookAppointment {
        service: SHORT,
        ..wish(monday("10:00", 15))
    };
    let off = |file: &mut SetupFile| {
        file.companies[0].messages.confirmations = booking_domain::tenant::Confirmations::None;
    };
    let mut file = setup();
    off(&mut file);
    office.import(&file).await;
    let booked = office.app().book_appointment(actor(), short).await.unwrap();
    office.round().await;
    assert_eq!(office.postman.told(), []);
    let log = office.log(booked.view.appointment.id()).await;
    assert_eq!(log[0], "appointment_booked email: not_sent: switched_off");
    assert_eq!(log.len(), 3, "the reminders stand: {log:?}");
}

/// Another company's carrier, customers and log are another's.
#[tokio::test]
async fn companies_do_not_share_messages() {
    let office = Office::open().await;
    let id = office.world.booked(nine()).await.appointment.id();
    office.round().await;
    let theirs: CompanyId = OTHER_COMPANY;
    let history = office.app().history(theirs, id, None, 9).await.unwrap();
    assert!(history.is_none());
    let taken = office.postman.taken();
    assert!(taken.iter().all(|it| it.company == COMPANY));
}
