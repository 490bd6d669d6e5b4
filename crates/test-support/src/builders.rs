//! Ready-made values: a demo set-up, contacts, bookings, and the moments they lie at.
//!
//! Everything lies around Monday, 13 October 2025 (UTC).

use booking_domain::appointment::{
    Appointment, Booking, Cancellation, RemoteBooking, RemoteStatus,
};
use booking_domain::contact::{Contact, Email, PersonName, Phone};
use booking_domain::ids::{
    AppointmentId, BookingUid, BranchId, CompanyId, CustomerId, EventTypeId, GroupId, ServiceId,
    StaffId,
};
use booking_domain::origin::SyncOrigin;
use booking_domain::tenant::SetupFile;
use booking_domain::time::{Instant, TimeRange, ZoneName};
use uuid::Uuid;

/// The company most tests are about.
pub const COMPANY: CompanyId = CompanyId::new(15);
/// Its branch.
pub const BRANCH: BranchId = BranchId::new(9);
/// "Anna Berg", Cal.com host 501.
pub const ANNA: StaffId = StaffId::new(1);
/// "Ben Vogt", Cal.com host 502.
pub const BEN: StaffId = StaffId::new(2);
/// "Beratung": 60 minutes, with Anna or Ben.
pub const CONSULTATION: ServiceId = ServiceId::new(1);
/// What Cal.com calls it.
pub const CONSULTATION_EVENT: EventTypeId = EventTypeId::new(2_563_193);
/// "Kurztermin": 15 minutes, with Anna or Ben.
pub const SHORT: ServiceId = ServiceId::new(2);
/// What Cal.com calls it.
pub const SHORT_EVENT: EventTypeId = EventTypeId::new(2_563_194);
/// "Gruppenstunde": 45 minutes, two places, nobody in particular, unknown to Cal.com.
pub const CLASS: ServiceId = ServiceId::new(3);
/// The group of [`CONSULTATION`] and [`SHORT`].
pub const STAFF_GROUP: GroupId = GroupId::new(1);
/// The group of [`CLASS`].
pub const CLASS_GROUP: GroupId = GroupId::new(3);
/// Somebody else's company.
pub const OTHER_COMPANY: CompanyId = CompanyId::new(20);
/// Its branch.
pub const OTHER_BRANCH: BranchId = BranchId::new(2);
/// Its "Carla Neri", Cal.com host 601.
pub const CARLA: StaffId = StaffId::new(21);
/// Its "Massage": 60 minutes, with Carla.
pub const MASSAGE: ServiceId = ServiceId::new(21);
/// What Cal.com calls it.
pub const MASSAGE_EVENT: EventTypeId = EventTypeId::new(2_563_299);
/// The group of [`MASSAGE`].
pub const MASSAGE_GROUP: GroupId = GroupId::new(21);
/// The text of company 15's key: read and book.
pub const DEMO_KEY: &str = "bk_demo15_0000000000000000";
/// The text of company 20's key: admin.
pub const OTHER_KEY: &str = "bk_demo20_0000000000000000";

/// The set-up that the constants of this module describe.
pub fn demo_setup() -> SetupFile {
    let file = serde_json::json!({"companies": [
        {
            "id": 15, "name": "Praxis Sonnenhof", "time_zone": "Europe/Berlin",
            "calcom": {"base_url": "http://127.0.0.1:9", "api_key": "cal_test_15", "webhook_secret": "whsec_15"},
            "retell": {"api_key": "key_15", "agent_ids": ["agent_15"], "numbers": ["+493012345"]},
            "texts": {"de": {"nothing_near": "Da ist leider alles voll."}},
            "calls": {"transcripts": "with_consent", "keep_days": 14, "disclosure": {"de": "Hier spricht ein Automat."}},
            "messages": {"sms": false, "reply_to": "praxis@sonnenhof.example"},
            "branches": [{"id": 9, "name": "Mitte"}],
            "staff": [
                {"id": 1, "name": "Anna Berg", "email": "anna@sonnenhof.example", "calcom_user_id": 501},
                {"id": 2, "name": "Ben Vogt", "email": "ben@sonnenhof.example", "calcom_user_id": 502},
            ],
            "services": [
                {
                    "id": 1, "branch_id": 9, "name": "Beratung", "aliases": ["Gespräch", "Termin"],
                    "duration_minutes": 60, "calcom_event_type_id": 2_563_193, "staff_ids": [1, 2],
                    "opening_hours": {"mon": [["08:00", "12:00"], ["13:00", "18:00"]], "tue": [["08:00", "18:00"]]},
                },
                {
                    "id": 2, "branch_id": 9, "name": "Kurztermin", "duration_minutes": 15,
                    "buffer_after_minutes": 5, "calcom_event_type_id": 2_563_194, "staff_ids": [1, 2],
                    "reminder_minutes": [1440, 120], "requires": ["phone"],
                },
                {"id": 3, "name": "Gruppenstunde", "duration_minutes": 45, "capacity": 2, "requires": []},
            ],
            "api_keys": [{"token": DEMO_KEY, "scopes": ["read", "book"]}],
        },
        {
            "id": 20, "name": "Studio Nord", "time_zone": "Europe/Lisbon", "locale": "en",
            "branches": [{"id": 2, "name": "Hafen"}],
            "staff": [{"id": 21, "name": "Carla Neri", "calcom_user_id": 601}],
            "services": [{
                "id": 21, "branch_id": 2, "name": "Massage", "duration_minutes": 60,
                "calcom_event_type_id": 2_563_299, "staff_ids": [21],
            }],
            "api_keys": [{"token": OTHER_KEY, "scopes": ["admin"]}],
        },
    ]});
    serde_json::from_value(file).expect("the demo set-up is well formed")
}

/// The moment that RFC 3339 text names.
///
/// # Panics
/// When it names none.
pub fn at(text: &str) -> Instant {
    text.parse().expect("an instant with an offset")
}

/// When everything in the tests is asked for: Friday before, 08:00 UTC.
pub fn now() -> Instant {
    at("2025-10-10T08:00:00Z")
}

/// `minutes` on Monday, 13 October 2025, from `clock` (such as `09:30`, UTC).
pub fn monday(clock: &str, minutes: u32) -> TimeRange {
    TimeRange::lasting(at(&format!("2025-10-13T{clock}:00Z")), minutes)
}

/// Monday from 9 to 10: where bookings lie unless told otherwise.
pub fn nine() -> TimeRange {
    monday("09:00", 60)
}

/// A Cal.com name.
///
/// # Panics
/// When the text is none.
pub fn uid(text: &str) -> BookingUid {
    BookingUid::parse(text).expect("a plain name")
}

/// An appointment id that ends with this number.
pub fn appointment_id(n: u64) -> AppointmentId {
    AppointmentId::new(Uuid::from_u64_pair(0x0199_cd00_0000_7000, (1 << 63) | n))
}

/// Somebody with telephone and e-mail.
pub fn contact() -> Contact {
    Contact {
        name: PersonName::parse("Jörg Müßig").expect("a name"),
        email: Some(email("joerg@mail.example")),
        phone: Some(phone("+491713920042")),
        locale: Some("de".to_owned()),
    }
}

/// An address.
///
/// # Panics
/// When the text is none.
pub fn email(text: &str) -> Email {
    Email::parse(text).expect("an e-mail address")
}

/// A number.
///
/// # Panics
/// When the text is none.
pub fn phone(text: &str) -> Phone {
    Phone::parse(text).expect("an international number")
}

/// The customer calls it off.
pub fn cancellation() -> Cancellation {
    Cancellation {
        at: now(),
        origin: SyncOrigin::Api,
        by: "customer".to_owned(),
        reason: Some("verhindert".to_owned()),
    }
}

/// An accepted booking at Cal.com.
pub fn remote(name: &str, range: TimeRange) -> RemoteBooking {
    RemoteBooking {
        uid: uid(name),
        status: RemoteStatus::Accepted,
        range,
        event_type: Some(CONSULTATION_EVENT),
        host: None,
        host_email: None,
        ours: None,
        rescheduled_from: None,
        rescheduled_to: None,
        created_at: None,
        changed_at: None,
    }
}

/// A consultation at company 15, Monday at nine, with whoever is free.
pub fn booking() -> BookingBuilder {
    BookingBuilder(Booking {
        id: appointment_id(1),
        company: COMPANY,
        branch: Some(BRANCH),
        service: CONSULTATION,
        event_type: Some(CONSULTATION_EVENT),
        customer: CustomerId::new(1),
        wanted_staff: None,
        range: nine(),
        time_zone: zone("Europe/Berlin"),
        origin: SyncOrigin::Api,
        by: "api key bk_demo15".to_owned(),
        notes: None,
        metadata: std::collections::BTreeMap::new(),
    })
}

/// [`booking`], begun.
pub fn appointment() -> Appointment {
    booking().begun()
}

fn zone(name: &str) -> ZoneName {
    name.parse().expect("a zone of the database")
}

/// Changes what differs from [`booking`], then [`build`](Self::build) or [`begun`](Self::begun).
#[derive(Clone, Debug)]
pub struct BookingBuilder(Booking);

impl BookingBuilder {
    /// Another id, ending with this number.
    #[must_use]
    pub fn id(mut self, n: u64) -> Self {
        self.0.id = appointment_id(n);
        self
    }

    /// For this customer.
    #[must_use]
    pub const fn customer(mut self, customer: CustomerId) -> Self {
        self.0.customer = customer;
        self
    }

    /// At this time.
    #[must_use]
    pub const fn range(mut self, range: TimeRange) -> Self {
        self.0.range = range;
        self
    }

    /// With this person, by the customer's wish.
    #[must_use]
    pub const fn wanting(mut self, staff: StaffId) -> Self {
        self.0.wanted_staff = Some(staff);
        self
    }

    /// [`SHORT`] instead.
    #[must_use]
    pub fn short(mut self) -> Self {
        (self.0.service, self.0.event_type) = (SHORT, Some(SHORT_EVENT));
        self
    }

    /// [`CLASS`] instead, which Cal.com does not know.
    #[must_use]
    pub fn class(mut self) -> Self {
        (self.0.service, self.0.event_type, self.0.branch) = (CLASS, None, None);
        self
    }

    /// [`MASSAGE`] at the other company instead.
    #[must_use]
    pub fn massage(mut self) -> Self {
        (self.0.company, self.0.branch) = (OTHER_COMPANY, Some(OTHER_BRANCH));
        (self.0.service, self.0.event_type) = (MASSAGE, Some(MASSAGE_EVENT));
        self
    }

    /// Anything else.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Booking)) -> Self {
        change(&mut self.0);
        self
    }

    /// What was asked for.
    pub fn build(self) -> Booking {
        self.0
    }

    /// The appointment, begun at [`now`].
    pub fn begun(self) -> Appointment {
        Appointment::book(self.0, now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_set_up_can_be_imported() {
        assert_eq!(demo_setup().problems(), vec![]);
    }

    #[test]
    fn builders_change_what_they_say() {
        let mine = booking()
            .id(7)
            .short()
            .wanting(BEN)
            .range(monday("10:00", 15));
        let begun = mine.begun();
        assert_eq!(begun.id(), appointment_id(7));
        assert_eq!((begun.booking().service, begun.staff()), (SHORT, Some(BEN)));
        assert_eq!(appointment().range(), nine());
    }
}
