//! What the tests of this module share: a company, an appointment on Monday at nine, its events.

use uuid::Uuid;

use crate::appointment::{Appointment, Booking, RemoteBooking, RemoteStatus};
use crate::contact::{Contact, Email, PersonName, Phone};
use crate::events::{DomainEvent, EventKind};
use crate::ids::{
    AppointmentId, BookingUid, CompanyId, CustomerId, EventTypeId, GroupId, ServiceId,
};
use crate::origin::SyncOrigin;
use crate::tenant::{
    CallRules, Company, CompanySetup, MessageRules, OpeningHours, RetellSettings, Service,
};
use crate::time::{Instant, TimeRange, ZoneName};

pub(super) fn at(text: &str) -> Instant {
    text.parse().expect("a moment")
}

/// The Friday before.
pub(super) fn now() -> Instant {
    at("2025-10-10T08:00:00Z")
}

pub(super) fn nine() -> TimeRange {
    TimeRange::lasting(at("2025-10-13T09:00:00Z"), 60)
}

pub(super) fn two() -> TimeRange {
    TimeRange::lasting(at("2025-10-13T14:00:00Z"), 60)
}

pub(super) fn setup(messages: MessageRules) -> CompanySetup {
    CompanySetup {
        company: Company {
            id: CompanyId::new(15),
            name: "Praxis".to_owned(),
            time_zone: ZoneName::UTC,
            locale: "de".to_owned(),
            calcom: None,
            retell: RetellSettings::default(),
            texts: Default::default(),
            calls: CallRules::default(),
            messages,
        },
        branches: vec![],
        staff: vec![],
        services: vec![Service {
            id: ServiceId::new(1),
            branch: None,
            name: "Beratung".to_owned(),
            aliases: vec![],
            duration_minutes: 60,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            event_type: Some(EventTypeId::new(7)),
            staff: vec![],
            capacity: 1,
            opening_hours: OpeningHours::default(),
            reminder_minutes: vec![1440, 60],
            requires: vec![],
            group: GroupId::new(1),
        }],
    }
}

pub(super) fn contact() -> Contact {
    Contact {
        name: PersonName::parse("Jörg").expect("a name"),
        email: Email::parse("joerg@mail.example").ok(),
        phone: Phone::parse("+491713920042").ok(),
        locale: None,
    }
}

pub(super) fn remote(uid: &str, range: TimeRange, status: RemoteStatus) -> RemoteBooking {
    RemoteBooking {
        uid: BookingUid::parse(uid).expect("plain"),
        status,
        range,
        event_type: None,
        host: None,
        host_email: None,
        ours: None,
        rescheduled_from: None,
        rescheduled_to: None,
        created_at: None,
        changed_at: None,
    }
}

pub(super) fn pending() -> Appointment {
    let booking = Booking {
        id: AppointmentId::new(Uuid::from_u128(1)),
        company: CompanyId::new(15),
        branch: None,
        service: ServiceId::new(1),
        event_type: Some(EventTypeId::new(7)),
        customer: CustomerId::new(1),
        wanted_staff: None,
        range: nine(),
        time_zone: ZoneName::UTC,
        origin: SyncOrigin::Api,
        by: "key".into(),
        notes: None,
        metadata: Default::default(),
    };
    Appointment::book(booking, now())
}

/// Confirmed, after three events.
pub(super) fn confirmed() -> Appointment {
    let mut it = pending();
    let _ = it.confirm(&remote("a", nine(), RemoteStatus::Accepted), None, now());
    it
}

pub(super) fn event(kind: EventKind, affected: Vec<TimeRange>) -> DomainEvent {
    DomainEvent {
        company: CompanyId::new(15),
        appointment: AppointmentId::new(Uuid::from_u128(1)),
        sequence: 3,
        kind,
        service: ServiceId::new(1),
        event_type: None,
        branch: None,
        affected,
        origin: SyncOrigin::Api,
        occurred_at: now(),
        trace_parent: None,
    }
}
