//! The key under which a booking is made once, and a move.
//!
//! One key serves both promises: the same invocation sent again has the same arguments, and the
//! same intent under a new invocation has the same intent. So the key is a digest of the intent
//! within the call: company, call, service, moment, customer. Two different bookings in one call
//! differ in one of them.

use booking_application::Once;
use booking_domain::contact::Contact;
use booking_domain::idempotency::{Fingerprint, IdempotencyKey};
use booking_domain::ids::{AppointmentId, CompanyId, ServiceId};
use booking_domain::person::name_key;
use booking_domain::time::{Instant, Span};
use sha2::{Digest, Sha256};

/// Without a call id, intents within so many minutes count as one conversation.
pub(super) const BUCKET: Span = Span::minutes(10);

/// What makes a booking this booking.
#[derive(Clone, Copy, Debug)]
pub(super) struct Intent<'a> {
    pub company: CompanyId,
    pub call: Option<&'a str>,
    pub service: ServiceId,
    pub start: Instant,
    pub customer: &'a Contact,
    pub past: &'a Past,
}

/// What the intent has come to before it was spoken anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// An earlier appointment that is no longer what was booked (cancelled, moved).
    pub after: Option<AppointmentId>,
    /// The invocations that were refused. A refusal is the outcome of an invocation, not of the
    /// intent: the slot may be free again.
    pub refused: Vec<String>,
}

impl Intent<'_> {
    /// The key, and the fingerprint that goes with it: the same, for the key says it all.
    pub(super) fn key(&self, now: Instant) -> Once {
        let digest = self.digest(now);
        let key = IdempotencyKey::parse("voice", &digest)?;
        Some((key, Fingerprint(digest)))
    }

    fn digest(&self, now: Instant) -> String {
        let call = match self.call {
            Some(call) => format!("call {call}"),
            None => format!("bucket {}", now.unix_seconds() / BUCKET.as_seconds()),
        };
        let phone = self.customer.phone.as_ref().map(|it| it.expose());
        let email = self.customer.email.as_ref().map(|it| it.expose());
        let mut parts = vec![
            "voice booking 2".to_owned(),
            self.company.to_string(),
            call,
            self.service.to_string(),
            self.start.unix_micros().to_string(),
            name_key(&self.customer.name),
            // An address said once and left out the next time must not make another customer.
            phone.or(email).unwrap_or_default().to_owned(),
            self.past.after.map(|id| id.to_string()).unwrap_or_default(),
        ];
        parts.extend_from_slice(&self.past.refused);
        digest(&parts)
    }
}

/// The key of a move by this very invocation: sent again late, it must not undo a later one.
pub(super) fn of_move(by: &str, whose: AppointmentId, start: Instant) -> Once {
    let parts = [
        "voice move 1".to_owned(),
        by.to_owned(),
        whose.to_string(),
        start.unix_micros().to_string(),
    ];
    let digest = digest(&parts);
    Some((
        IdempotencyKey::parse("voice", &digest)?,
        Fingerprint(digest),
    ))
}

fn digest(parts: &[String]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use booking_domain::contact::{PersonName, Phone};

    fn customer(name: &str, phone: &str) -> Contact {
        Contact {
            name: PersonName::parse(name).expect("valid"),
            email: None,
            phone: Phone::parse(phone).ok(),
            locale: None,
        }
    }

    const NOTHING: Past = Past {
        after: None,
        refused: Vec::new(),
    };

    fn at(text: &str) -> Instant {
        text.parse().expect("valid")
    }

    /// Turns red when what the intent has come to before is left out of the key.
    #[test]
    fn what_it_came_to_before_makes_another_key() {
        let joerg = customer("Jörg Müßig", "+491713920042");
        let key = |past: &Past| {
            let intent = Intent {
                company: CompanyId::new(15),
                call: Some("call_a"),
                service: ServiceId::new(1),
                start: at("2025-10-13T06:00:00Z"),
                customer: &joerg,
                past,
            };
            intent.key(at("2025-10-10T08:02:30Z")).expect("a key").0
        };
        let refused = |by: &[&str]| Past {
            refused: by.iter().map(|it| (*it).to_owned()).collect(),
            ..Past::default()
        };
        let gone = Past {
            after: "018f0000-0000-7000-8000-000000000000".parse().ok(),
            ..Past::default()
        };
        let pasts = [
            NOTHING,
            gone,
            refused(&["a"]),
            refused(&["b"]),
            refused(&["a", "b"]),
        ];
        let keys: Vec<_> = pasts.iter().map(key).collect();
        for (at, one) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(one), "{:?}", pasts[at]);
        }
    }

    /// Turns red when any part of the intent is left out of the key.
    #[test]
    fn the_key_is_the_intent() {
        let now = at("2025-10-10T08:02:30Z");
        let joerg = customer("Jörg Müßig", "+491713920042");
        let spelled = customer("Herr Muessig,  Joerg", "+491713920042");
        let (anna, elsewhere) = (
            customer("Anna", "+491713920042"),
            customer("Jörg Müßig", "+491713920099"),
        );
        let intent = Intent {
            company: CompanyId::new(15),
            call: Some("call_a"),
            service: ServiceId::new(1),
            start: at("2025-10-13T06:00:00Z"),
            customer: &joerg,
            past: &NOTHING,
        };
        let key = |intent: Intent<'_>| intent.key(now).expect("a key").0;
        assert_eq!(
            key(intent),
            key(Intent {
                customer: &spelled,
                ..intent
            })
        );
        assert_eq!(
            intent.key(now),
            intent.key(now + Span::hours(1)),
            "a call has no bucket"
        );
        for other in [
            Intent {
                company: CompanyId::new(20),
                ..intent
            },
            Intent {
                call: Some("call_b"),
                ..intent
            },
            Intent {
                call: None,
                ..intent
            },
            Intent {
                service: ServiceId::new(2),
                ..intent
            },
            Intent {
                start: at("2025-10-13T07:00:00Z"),
                ..intent
            },
            Intent {
                customer: &anna,
                ..intent
            },
            Intent {
                customer: &elsewhere,
                ..intent
            },
        ] {
            assert_ne!(key(intent), key(other), "{other:?}");
        }
    }

    #[test]
    fn without_a_call_ten_minutes_are_one_conversation() {
        let joerg = customer("Jörg", "+491713920042");
        let intent = Intent {
            company: CompanyId::new(15),
            call: None,
            service: ServiceId::new(1),
            start: at("2025-10-13T06:00:00Z"),
            customer: &joerg,
            past: &NOTHING,
        };
        let key = |now: &str| intent.key(at(now));
        assert_eq!(key("2025-10-10T08:00:00Z"), key("2025-10-10T08:09:59Z"));
        assert_ne!(key("2025-10-10T08:00:00Z"), key("2025-10-10T08:10:00Z"));
    }
}
