//! `DeliveryLog`: a message is written once, with its job, and the log says what came of it.

use booking_domain::appointment::Appointment;
use booking_domain::events::EventKind;
use booking_domain::messages::{Fate, NotSent, Planned, Reach, Template};
use booking_domain::person::Evidence;
use booking_domain::ports::{
    About, Channel, HistoryKind, NewMessage, NotificationStatus, Outcome, Queue,
};
use booking_domain::time::{Instant, Span};
use uuid::Uuid;

use super::StoreUnderTest;
use super::steps::Shop;
use crate::builders::{ANNA, COMPANY, OTHER_COMPANY, appointment_id, contact, nine, now, remote};

const JOB: &str = "message";

fn id(n: u64) -> Uuid {
    Uuid::from_u64_pair(7, n)
}

/// A confirmation of the appointment, due at once.
fn message(n: u64, appointment: &Appointment) -> NewMessage {
    NewMessage {
        id: id(n),
        company: appointment.booking().company,
        about: About::Appointment {
            id: appointment.id(),
            sequence: 1,
        },
        planned: Planned {
            template: Template::AppointmentBooked,
            lead_minutes: 0,
            channel: Channel::Email,
            fate: Fate::Due(now()),
        },
        trace_parent: None,
    }
}

fn reminder(n: u64, appointment: &Appointment, (lead, at): (u32, Instant)) -> NewMessage {
    let planned = Planned {
        template: Template::AppointmentReminder,
        lead_minutes: lead,
        channel: Channel::Email,
        fate: Fate::Due(at),
    };
    NewMessage {
        planned,
        ..message(n, appointment)
    }
}

async fn file(shop: &Shop, messages: &[NewMessage]) -> Vec<Uuid> {
    let filed = shop.deliveries.file(messages, JOB, now()).await;
    let mut filed = filed.expect("filed");
    filed.sort_unstable();
    filed
}

/// The lines of the history that tell of messages.
async fn lines(shop: &Shop) -> Vec<(Instant, String, String)> {
    let history = shop.history.history(COMPANY, appointment_id(1)).await;
    let history = history.expect("told").into_iter();
    let noted = history.filter(|it| it.kind == HistoryKind::Notification);
    noted
        .map(|it| (it.at, it.name, it.detail.unwrap_or_default()))
        .collect()
}

/// However often it is told, whatever the channel; and there is a job for each that is due, of the
/// message's own id, at its time.
///
/// Red when the job and the row are not written together, or a repetition files either again.
pub async fn a_message_is_filed_once_with_its_job(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let appointment = shop.held(shop.booking(1), ANNA).await;
    let later = now() + Span::DAY;
    let first = [
        message(1, &appointment),
        reminder(2, &appointment, (60, later)),
        reminder(3, &appointment, (1440, now())),
    ];
    assert_eq!(file(&shop, &first).await, [id(1), id(2), id(3)]);
    let mut again = first.clone();
    for (n, message) in (11..).zip(&mut again) {
        message.id = id(n);
        message.planned.channel = Channel::Sms;
    }
    let mut other = message(14, &appointment);
    other.planned.template = Template::AppointmentCancelled;
    other.planned.fate = Fate::NotSent(NotSent::NobodyCarries);
    let told: Vec<_> = again.into_iter().chain([other]).collect();
    assert_eq!(file(&shop, &told).await, [id(14)]);
    let lease = |at| {
        shop.jobs
            .lease(Queue::Notifications, 9, (at, at + Span::MINUTE))
    };
    let due = lease(now()).await.expect("leased");
    let ids: Vec<_> = due.iter().map(|it| it.job.id.get()).collect();
    assert_eq!(ids, [id(1), id(3)]);
    assert_eq!(due[0].job.kind, JOB);
    assert_eq!(due[0].job.company, Some(COMPANY));
    assert_eq!(due[0].job.payload["message"], id(1).to_string());
    for job in &due {
        shop.jobs.done(job).await.expect("done");
    }
    let rest = lease(later).await.expect("leased");
    assert_eq!(rest.len(), 1);
    assert_eq!((rest[0].job.id.get(), rest[0].due_since), (id(2), later));
    let logged = shop.deliveries.message(COMPANY, id(2)).await.expect("read");
    let logged = logged.expect("there");
    assert_eq!(logged.about, first[1].about);
    assert_eq!(logged.template, Template::AppointmentReminder);
    assert_eq!((logged.lead_minutes, logged.channel), (60, Channel::Email));
    assert_eq!(
        (logged.status, logged.attempt),
        (NotificationStatus::Queued, 0)
    );
}

/// A try is counted, what was given up can be tried again, and what was sent stays sent.
///
/// Red when what is sent can be tried again.
pub async fn what_was_sent_stays_sent(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let appointment = shop.held(shop.booking(1), ANNA).await;
    file(&shop, &[message(1, &appointment)]).await;
    let log = &shop.deliveries;
    let begin = async || {
        let begun = log.begin_try(COMPANY, id(1), now()).await;
        begun.expect("answers")
    };
    let status = async || {
        let logged = log.message(COMPANY, id(1)).await.expect("read");
        logged.map(|it| (it.status, it.attempt)).expect("there")
    };
    let finish = async |outcome| {
        let noted = log.finish(COMPANY, (id(1), &outcome), now()).await;
        noted.expect("noted");
    };
    assert!(begin().await);
    assert_eq!(status().await, (NotificationStatus::Queued, 1));
    finish(Outcome::Failed("nobody is there".to_owned())).await;
    assert_eq!(status().await, (NotificationStatus::Failed, 1));
    assert!(begin().await);
    assert_eq!(status().await, (NotificationStatus::Queued, 2));
    finish(Outcome::Sent(Some("250 ok".to_owned()))).await;
    assert!(!begin().await);
    finish(Outcome::Failed("too late".to_owned())).await;
    finish(Outcome::NotSent(NotSent::Superseded)).await;
    assert_eq!(status().await, (NotificationStatus::Sent, 2));
}

/// The history says how a message stands and since when.
///
/// Red when a line of the history changes its time.
pub async fn the_history_tells_of_messages(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let appointment = shop.held(shop.booking(1), ANNA).await;
    let mut unsent = message(3, &appointment);
    unsent.planned.template = Template::AppointmentCancelled;
    unsent.planned.fate = Fate::NotSent(NotSent::CalcomTells);
    let at = now() + Span::DAY;
    let all = [
        message(1, &appointment),
        reminder(2, &appointment, (60, at)),
        unsent,
    ];
    file(&shop, &all).await;
    let minute = |n| now() + Span::minutes(n);
    let finish = async |n, outcome, at| {
        let noted = shop.deliveries.finish(COMPANY, (id(n), &outcome), at).await;
        noted.expect("noted");
    };
    finish(1, Outcome::Failed("gone".to_owned()), minute(2)).await;
    let told = lines(&shop).await;
    let last = told.last().expect("a line");
    assert_eq!((last.0, &*last.2), (minute(2), "email: failed: gone"));
    finish(1, Outcome::Sent(None), minute(4)).await;
    finish(2, Outcome::NotSent(NotSent::Superseded), minute(7)).await;
    let expected = [
        (now(), "appointment_booked", "email: queued"),
        (now(), "reminder_scheduled", "email: 2025-10-11T08:00:00Z"),
        (
            now(),
            "appointment_cancelled",
            "email: not_sent: calcom_tells",
        ),
        (minute(4), "appointment_booked", "email: sent"),
        (
            minute(7),
            "appointment_reminder",
            "email: not_sent: superseded",
        ),
    ];
    let told = lines(&shop).await;
    let told: Vec<_> = told.iter().map(|it| (it.0, &*it.1, &*it.2)).collect();
    assert_eq!(told, expected);
}

/// By what there is, in the order asked; nobody for what is not there.
pub async fn customers_are_reached_by_what_there_is(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mine = shop.held(shop.booking(1), ANNA).await;
    let mut by_phone = contact();
    by_phone.email = None;
    by_phone.phone = Some(crate::builders::phone("+4930555"));
    let mut unit = shop.begin().await;
    let customer = unit
        .customer_for(&by_phone, Evidence::Records)
        .await
        .expect("answers");
    unit.commit().await.expect("committed");
    let range = crate::builders::monday("14:00", 60);
    let other = shop.booking(2).customer(customer).range(range);
    let other = shop.held(other, ANNA).await;
    let whose = [
        (COMPANY, other.id()),
        (COMPANY, appointment_id(9)),
        (OTHER_COMPANY, mine.id()),
        (COMPANY, mine.id()),
    ];
    let reach = |email, range: booking_domain::time::TimeRange| {
        Some(Reach {
            email,
            phone: true,
            starts_at: range.start(),
        })
    };
    let found = shop.deliveries.reach(&whose).await.expect("answers");
    assert_eq!(
        found,
        [reach(false, range), None, None, reach(true, nine())]
    );
    let addressee = shop.deliveries.addressee(COMPANY, customer).await;
    let addressee = addressee.expect("answers").expect("there");
    assert_eq!(addressee.contact, Some(by_phone));
    assert_eq!(addressee.consent, Default::default());
    let theirs = shop.deliveries.addressee(OTHER_COMPANY, customer).await;
    assert_eq!(theirs.expect("answers"), None);
}

/// What happened after a change is told, before and after the relay, in its order.
///
/// Red when one of the two tables is left out, or the change itself is among it.
pub async fn what_happened_since_is_told(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut appointment = shop.held(shop.booking(1), ANNA).await;
    let _ = appointment.confirm(&remote("a", nine()), None, now());
    shop.save(&mut appointment).await;
    let kinds = async |company, sequence| {
        let about = (appointment.id(), sequence);
        let since = shop.deliveries.events_since(company, about).await;
        let since = since.expect("answers").into_iter();
        since.map(|it| it.kind).collect::<Vec<_>>()
    };
    let expected = [EventKind::SyncRequested, EventKind::AppointmentBooked];
    assert_eq!(kinds(COMPANY, 1).await, expected);
    shop.events(now() + Span::DAY).await;
    assert_eq!(kinds(COMPANY, 1).await, expected);
    assert_eq!(kinds(COMPANY, 3).await, []);
    assert_eq!(kinds(OTHER_COMPANY, 0).await, []);
}

/// Another company's message is not there.
pub async fn companies_do_not_share_messages(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let appointment = shop.held(shop.booking(1), ANNA).await;
    file(&shop, &[message(1, &appointment)]).await;
    let log = &shop.deliveries;
    let theirs = log.message(OTHER_COMPANY, id(1)).await;
    assert_eq!(theirs.expect("answers"), None);
    let begun = log.begin_try(OTHER_COMPANY, id(1), now()).await;
    assert!(!begun.expect("answers"));
    let sent = Outcome::Sent(None);
    let noted = log.finish(OTHER_COMPANY, (id(1), &sent), now()).await;
    noted.expect("answers");
    let mine = log.message(COMPANY, id(1)).await.expect("answers");
    assert_eq!(mine.map(|it| it.status), Some(NotificationStatus::Queued));
}
