//! What recurs, and the books that listeners keep.

use booking_application::jobs::{JobReport, Recurring};
use booking_domain::appointment::StateName;
use booking_domain::messages::{Fate, Planned, Template};
use booking_domain::ports::{
    About, Channel, Clock, DeliveryLog, EventRecords, NewMessage, Outbox, Queue,
};
use booking_domain::time::{Instant, Span};
use booking_test_support::builders::nine;
use uuid::Uuid;

use crate::script::Call;
use crate::world::{World, two};

const fn recurring(name: &'static str) -> Recurring {
    Recurring {
        name,
        expression: "* * * * *",
        time_zone: "UTC",
    }
}

/// Time for it: at the second look the schedule is known, and due.
pub(crate) async fn fire(world: &World, name: &'static str) -> JobReport {
    let next = |now: Instant| now + Span::MINUTE;
    let recurring = recurring(name);
    let now = world.clock.now();
    assert!(!world.app.fire(&recurring, next(now)).await.unwrap());
    world.clock.advance(Span::MINUTE);
    let now = world.clock.now();
    assert!(world.app.fire(&recurring, next(now)).await.unwrap());
    world.app.run_due(Queue::Maintenance).await.unwrap()
}

/// Red when what is over stays confirmed, or what is to come is completed.
#[tokio::test]
async fn what_is_over_has_taken_place() {
    let world = World::new().await;
    let early = world.booked(nine()).await.appointment.id();
    let late = world.booked(two()).await.appointment.id();
    let until_noon = nine().end().since(world.clock.now()) + Span::HOUR;
    world.clock.advance(until_noon);
    assert_eq!(fire(&world, "complete_past").await.done, 1);
    assert_eq!(world.state(early).await, StateName::Completed);
    assert_eq!(world.state(late).await, StateName::Confirmed);
    assert_eq!(world.claims().await.len(), 1, "only what is to come");
}

/// Years later nothing that stands is gone.
///
/// Red when pruning fails, or takes what is on its way.
#[tokio::test]
async fn pruning_takes_nothing_that_is_needed() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    world.clock.advance(Span::days(900));
    assert_eq!(fire(&world, "prune").await.done, 1);
    assert_eq!(world.state(id).await, StateName::Confirmed);
    let report = world.app.relay_events().await.unwrap();
    assert_eq!(report.delivered, 3, "undelivered events are kept");
}

/// The audit log and the figures have every event once, and each customer's message is noted, although
/// nobody can send it yet.
///
/// Red when one of the listeners does not hear, or a repetition counts twice.
#[tokio::test]
async fn every_event_is_booked_once_however_often_it_is_told() {
    let world = World::new().await;
    world.booked(nine()).await;
    let now = world.clock.now();
    let outbox: &dyn Outbox = &*world.store;
    let events = outbox.lease_due(now, now + Span::MINUTE, 9).await.unwrap();
    world.clock.advance(Span::MINUTE);
    let report = world.app.relay_events().await.unwrap();
    assert_eq!((report.delivered, report.postponed), (3, 0));
    let booked = &events.last().unwrap().event;
    let store: &dyn EventRecords = &*world.store;
    assert_eq!(store.audit(&[booked]).await.unwrap(), 0, "it is there");
    assert_eq!(store.count(&[booked]).await.unwrap(), 0, "it is counted");
    let reserved = &events.first().unwrap().event;
    assert_eq!(store.count(&[reserved]).await.unwrap(), 1, "not wanted");
    let message = NewMessage {
        id: booked.appointment.get(),
        company: booked.company,
        about: About::Appointment {
            id: booked.appointment,
            sequence: booked.sequence,
        },
        planned: Planned {
            template: Template::AppointmentBooked,
            lead_minutes: 0,
            channel: Channel::Sms,
            fate: Fate::Due(now),
        },
        trace_parent: None,
    };
    let log: &dyn DeliveryLog = &*world.store;
    let again = log.file(&[message], "message", now).await.unwrap();
    assert_eq!(again, Vec::<Uuid>::new(), "it is noted");
}

/// Red when something is said to Cal.com although that is switched off, or when it has to be looked
/// for when that is on again, as if it might have been said.
#[tokio::test]
async fn with_sync_switched_off_wishes_wait() {
    let off = |settings: &mut booking_application::Settings| {
        settings.listeners_off.insert("sync_calcom".to_owned());
    };
    let world = World::with(|_, settings| off(settings)).await;
    let booked = world.book(nine()).await.unwrap();
    let id = booked.view.appointment.id();
    world.seconds(200).await;
    let report = world.app.run_due(Queue::CalcomSync).await.unwrap();
    assert_eq!(report, JobReport::default());
    assert_eq!(world.state(id).await, StateName::Pending);
    let on = world.twin();
    on.run_due(Queue::CalcomSync).await.unwrap();
    assert_eq!(world.state(id).await, StateName::Confirmed);
    assert_eq!(world.calendar.script.calls(Call::Find), 0);
}
