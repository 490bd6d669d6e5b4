//! Messages to carry.

use booking_domain::contact::{Contact, Email, PersonName, Phone};
use booking_domain::ports::{AppointmentFacts, CustomerMessage, MessageContent};
use booking_domain::time::TimeRange;
use uuid::Uuid;

use crate::builders::{COMPANY, at, now};

/// A name that would be a header, a template, markup or a line of a calendar, if it were let.
pub const HOSTILE: &str = "Eve\r\nBcc: all@evil.example\r\n\r\n<script>alert(1)</script>{{ 7*7 }}\
     {% for x in y %}\"; DROP;,\\ \u{202e}END:VEVENT";

/// An hour of "Beratung" on Monday, 13 October 2025, 08:00 in Berlin.
pub fn facts() -> AppointmentFacts {
    AppointmentFacts {
        id: crate::builders::appointment_id(1),
        sequence: 1,
        range: TimeRange::lasting(at("2025-10-13T06:00:00Z"), 60),
        zone: "Europe/Berlin".parse().expect("a zone"),
        service: "Beratung".to_owned(),
        staff: Some("Anna Berg".to_owned()),
        place: Some("Mitte".to_owned()),
    }
}

/// One of every kind.
pub fn contents() -> Vec<MessageContent> {
    vec![
        MessageContent::Booked(facts()),
        MessageContent::Rescheduled(facts()),
        MessageContent::Cancelled(facts()),
        MessageContent::Reminder(facts()),
        MessageContent::Campaign {
            subject: "Neue Öffnungszeiten".to_owned(),
            text: "Wir haben samstags auf.\nKommen Sie vorbei!\n\nBis bald".to_owned(),
        },
    ]
}

/// To Jörg Müßig, who has an address of every kind.
pub fn message(content: MessageContent, locale: &str) -> CustomerMessage {
    CustomerMessage {
        id: Uuid::from_u128(0x0199_d8f0_0000_7000_8000_0000_0000_0001),
        company: COMPANY,
        company_name: "Praxis Sonnenschein".to_owned(),
        reply_to: Email::parse("empfang@praxis.example").ok(),
        to: Contact {
            name: PersonName::parse("Jörg Müßig").expect("a name"),
            email: Email::parse("joerg@mail.example").ok(),
            phone: Phone::parse("+491713920042").ok(),
            locale: Some(locale.to_owned()),
        },
        locale: locale.to_owned(),
        written_at: now(),
        content,
        unsubscribe_url: None,
    }
}
