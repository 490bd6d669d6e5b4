//! A client with short limits, and what it is asked for.

use std::sync::Arc;
use std::time::Duration;

use booking_calcom_client::{ApiVersions, CalcomClient, CalcomSettings};
use booking_domain::appointment::RemoteBooking;
use booking_domain::breaker::BreakerPolicy;
use booking_domain::budget::Priority;
use booking_domain::contact::{Contact, Email, PersonName, Phone};
use booking_domain::ids::{BookingUid, EventTypeId};
use booking_domain::ports::{
    CalendarError, CalendarPort, Clock, CreateBooking, FindBookings, MoveBooking, SlotQuery,
};
use booking_domain::saga::Refusal;
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::{Instant, TimeRange};
use serde_json::{Value, json};

pub(crate) const EVENT_TYPE: EventTypeId = EventTypeId::new(77);
pub(crate) const OURS: &str = "0199cd00-0000-7000-8000-000000000001";
pub(crate) const UID: &str = "kR4tZq8wLm2nXv6pYc1dBs";
/// Long enough for a busy machine, where a test is not about time.
const PATIENT: Duration = Duration::from_secs(20);

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Instant {
        at("2030-03-01T08:00:00Z")
    }
}

pub(crate) fn now() -> Instant {
    Standing.now()
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(crate) fn settings() -> CalcomSettings {
    CalcomSettings {
        read_timeout: PATIENT,
        write_timeout: PATIENT,
        connect_timeout: PATIENT,
        // What the breaker and the budget do is tested in `guard.rs`.
        breaker: BreakerPolicy {
            failures: u32::MAX,
            ..BreakerPolicy::default()
        },
        per_minute: 10_000,
        ..CalcomSettings::new(Arc::new(Standing))
    }
}

pub(crate) fn client() -> CalcomClient {
    CalcomClient::new(settings()).unwrap()
}

/// One that gives up soon.
pub(crate) fn hasty() -> CalcomClient {
    CalcomClient::new(CalcomSettings {
        read_timeout: Duration::from_millis(150),
        write_timeout: Duration::from_millis(150),
        ..settings()
    })
    .unwrap()
}

pub(crate) fn self_hosted() -> CalcomClient {
    CalcomClient::new(CalcomSettings {
        versions: ApiVersions::self_hosted(),
        ..settings()
    })
    .unwrap()
}

pub(crate) fn account(url: &str) -> CalcomAccount {
    CalcomAccount {
        base_url: url.to_owned(),
        api_key: "cal_fictional_5ecret".to_owned(),
        webhook_secret: String::new(),
        webhook_secret_previous: None,
    }
}

pub(crate) fn uid(text: &str) -> BookingUid {
    BookingUid::parse(text).unwrap()
}

pub(crate) fn range() -> TimeRange {
    TimeRange::lasting(at("2030-03-12T15:00:00Z"), 45)
}

pub(crate) fn wish() -> CreateBooking {
    CreateBooking {
        event_type: EVENT_TYPE,
        range: range(),
        attendee: Contact {
            name: PersonName::parse("Nils Arp").unwrap(),
            email: Email::parse("nils@mail.example").ok(),
            phone: Phone::parse("+491713920042").ok(),
            locale: Some("de".to_owned()),
        },
        time_zone: "Europe/Berlin".parse().unwrap(),
        host: None,
        notes: Some("Bitte leise klingeln".to_owned()),
        metadata: [("gw_booking".to_owned(), OURS.to_owned())].into(),
    }
}

pub(crate) fn slot_query() -> SlotQuery {
    SlotQuery {
        event_type: EVENT_TYPE,
        window: TimeRange::new(at("2030-03-12T00:00:00Z"), at("2030-03-13T00:00:00Z")).unwrap(),
        duration_minutes: 45,
        priority: Priority::Read,
    }
}

pub(crate) fn wanted() -> FindBookings {
    FindBookings {
        event_type: EVENT_TYPE,
        window: range(),
    }
}

pub(crate) fn move_to(start: Instant) -> MoveBooking {
    MoveBooking {
        uid: uid(UID),
        start,
        reason: Some("spaeter".to_owned()),
    }
}

/// A booking as Cal.com writes it.
pub(crate) fn booking(uid: &str, status: &str) -> Value {
    json!({
        "id": 4711, "uid": uid, "status": status, "eventTypeId": 77,
        "start": "2030-03-12T15:00:00.000Z", "end": "2030-03-12T15:45:00.000Z",
        "hosts": [{"id": 501, "email": "ida@praxis.example"}],
        "attendees": [{"name": "Nils Arp", "absent": false}],
        "metadata": {"gw_booking": OURS},
    })
}

/// One word for what came of a call.
pub(crate) fn class<T>(outcome: Result<T, CalendarError>) -> &'static str {
    match outcome {
        Ok(_) => "done",
        Err(CalendarError::NotExecuted { reason, .. }) => reason,
        Err(CalendarError::Ambiguous { .. }) => "ambiguous",
        Err(CalendarError::Refused(refusal)) => match refusal {
            Refusal::SlotTaken => "taken",
            Refusal::Gone => "gone",
            Refusal::Invalid(_) => "invalid",
            Refusal::Account(_) => "account",
        },
    }
}

/// What came of a write of each kind.
pub(crate) async fn writes(client: &CalcomClient, url: &str) -> [&'static str; 3] {
    let account = account(url);
    let created: Result<RemoteBooking, _> = client.create(&account, &wish()).await;
    let moved = client.reschedule(&account, &move_to(range().start())).await;
    let cancelled = client.cancel(&account, &uid(UID), None).await;
    [class(created), class(moved), class(cancelled)]
}

/// What came of a read of each kind.
pub(crate) async fn reads(client: &CalcomClient, url: &str) -> [&'static str; 3] {
    let account = account(url);
    let slots = client.slots(&account, &slot_query()).await;
    let found = client.find(&account, &wanted()).await;
    let read = client.get(&account, &uid(UID)).await;
    [class(slots), class(found), class(read)]
}
