//! Making a booking.

use booking_domain::appointment::RemoteBooking;
use booking_domain::contact::Contact;
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{CalendarError, CreateBooking, OUR_APPOINTMENT};
use booking_domain::tenant::CalcomAccount;
use serde_json::{Map, Value, json};

use crate::body::Envelope;
use crate::call::{Call, Operation};
use crate::client::CalcomClient;
use crate::translate;
use crate::verdict::Problem;

/// The languages that Cal.com writes to customers in; it refuses others.
const LANGUAGES: &[&str] = &[
    "ar", "az", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "es-419", "et", "eu", "fi",
    "fr", "he", "hr", "hu", "id", "it", "iw", "ja", "km", "ko", "lv", "nl", "no", "pl", "pt",
    "pt-BR", "ro", "ru", "sk", "sr", "sv", "ta", "th", "tr", "uk", "vi", "zh-CN", "zh-TW",
];

impl CalcomClient {
    pub(crate) async fn create_booking(
        &self,
        account: &CalcomAccount,
        booking: &CreateBooking,
    ) -> Result<RemoteBooking, CalendarError> {
        let mut call = Call::new(Operation::Create);
        call.body = Some(body(booking));
        call.private = private(booking);
        self.ask(account, &call, |answer| read(answer, booking))
            .await
    }
}

/// Unknown or idle fields are refused, so only what is meant is sent.
fn body(booking: &CreateBooking) -> Value {
    let mut body = json!({
        "start": booking.range.start().to_string(),
        "eventTypeId": booking.event_type.get(),
        "attendee": attendee(&booking.attendee, &booking.time_zone.to_string()),
        "metadata": booking.metadata,
    });
    if let Some(notes) = &booking.notes {
        body["bookingFieldsResponses"] = json!({ "notes": notes });
    }
    if let Some(host) = booking.host {
        body["routing"] = json!({ "teamMemberIds": [host.get()] });
    }
    body
}

fn attendee(contact: &Contact, time_zone: &str) -> Map<String, Value> {
    let mut attendee = Map::new();
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            attendee.insert(name.to_owned(), value.into());
        }
    };
    put("name", Some(contact.name.expose()));
    put("timeZone", Some(time_zone));
    put("email", contact.email.as_ref().map(|email| email.expose()));
    put(
        "phoneNumber",
        contact.phone.as_ref().map(|phone| phone.expose()),
    );
    put("language", contact.locale.as_deref().and_then(language));
    attendee
}

/// Cal.com's code for a locale: the same, or its language without the region, or none.
fn language(locale: &str) -> Option<&'static str> {
    let known = |wanted: &str| {
        let mut languages = LANGUAGES.iter();
        languages
            .find(|code| code.eq_ignore_ascii_case(wanted))
            .copied()
    };
    let locale = locale.replace('_', "-");
    known(&locale).or_else(|| known(locale.split('-').next().unwrap_or_default()))
}

fn private(booking: &CreateBooking) -> Vec<&str> {
    let attendee = &booking.attendee;
    let name = attendee.name.expose();
    let mut private = vec![name];
    private.extend(attendee.email.as_ref().map(|email| email.expose()));
    private.extend(attendee.phone.as_ref().map(|phone| phone.expose()));
    private.extend(booking.notes.as_deref());
    private.extend(name.split_whitespace());
    private
}

/// The booking, if it is the one that was asked for, or an older one of the same customer, with
/// which Cal.com is known to answer instead of making another: `ours` tells. It is also known to
/// choose another length.
fn read(answer: &[u8], asked: &CreateBooking) -> Result<RemoteBooking, Problem> {
    let (data, _) = Envelope::<Value>::read(answer, "a booking")?;
    let made = translate::booking(&data)?;
    let id = asked.metadata.get(OUR_APPOINTMENT);
    let id = id.and_then(|id| id.parse::<AppointmentId>().ok());
    let other = |field| Err(Problem::Otherwise(field));
    if made.ours.is_some() && made.ours != id && made.is_live() {
        return Ok(made);
    }
    if made.range.start() != asked.range.start() {
        return other("another start");
    }
    if made.range.end() != asked.range.end() {
        return other("another end");
    }
    if made.event_type.is_some_and(|it| it != asked.event_type) {
        return other("another event type");
    }
    if made.ours.is_some() && made.ours != id {
        return other("another booking");
    }
    if !made.is_live() {
        return other("a booking that is off");
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use booking_domain::contact::{Email, PersonName, Phone};
    use booking_domain::ids::{EventTypeId, HostId};
    use booking_domain::time::TimeRange;

    const ID: &str = "0199cd00-0000-7000-8000-000000000001";

    fn asked() -> CreateBooking {
        CreateBooking {
            event_type: EventTypeId::new(77),
            range: TimeRange::lasting("2030-03-12T16:00:00+01:00".parse().unwrap(), 45),
            attendee: Contact {
                name: PersonName::parse("Nils Arp").unwrap(),
                email: Email::parse("nils@mail.example").ok(),
                phone: Phone::parse("+491713920042").ok(),
                locale: Some("de-AT".to_owned()),
            },
            time_zone: "Europe/Vienna".parse().unwrap(),
            host: None,
            notes: None,
            metadata: [(OUR_APPOINTMENT.to_owned(), ID.to_owned())].into(),
        }
    }

    /// Turns red when anything else is sent along, such as `lengthInMinutes` or `allowConflicts`.
    #[test]
    fn exactly_the_contract_is_sent() {
        let mut booking = asked();
        let plain = json!({
            "start": "2030-03-12T15:00:00Z",
            "eventTypeId": 77,
            "attendee": {
                "name": "Nils Arp", "timeZone": "Europe/Vienna", "email": "nils@mail.example",
                "phoneNumber": "+491713920042", "language": "de",
            },
            "metadata": {"gw_booking": ID},
        });
        assert_eq!(body(&booking), plain);
        booking.host = Some(HostId::new(501));
        booking.notes = Some("Bitte leise klingeln".to_owned());
        booking.attendee.email = None;
        booking.attendee.locale = None;
        let mut rich = plain;
        rich["routing"] = json!({"teamMemberIds": [501]});
        rich["bookingFieldsResponses"] = json!({"notes": "Bitte leise klingeln"});
        let attendee = rich["attendee"].as_object_mut().unwrap();
        attendee.remove("email");
        attendee.remove("language");
        assert_eq!(body(&booking), rich);
    }

    #[test]
    fn languages_that_cal_com_does_not_know_are_not_sent() {
        for (locale, code) in [
            ("de", Some("de")),
            ("DE_ch", Some("de")),
            ("pt-br", Some("pt-BR")),
            ("es-419", Some("es-419")),
            ("es-MX", Some("es")),
            ("tlh", None),
            ("", None),
        ] {
            assert_eq!(language(locale), code, "{locale}");
        }
    }

    fn answer(change: &[(&str, Value)]) -> Vec<u8> {
        let mut data = json!({
            "id": 1, "uid": "aB3", "status": "accepted", "eventTypeId": 77,
            "start": "2030-03-12T15:00:00.000Z", "end": "2030-03-12T15:45:00.000Z",
            "metadata": {"gw_booking": ID},
        });
        for (name, value) in change {
            data[*name] = value.clone();
        }
        json!({"status": "success", "data": data})
            .to_string()
            .into_bytes()
    }

    /// Turns red when any of the comparisons is dropped.
    #[test]
    fn another_booking_than_asked_is_not_ours() {
        assert!(read(&answer(&[]), &asked()).is_ok());
        assert!(read(&answer(&[("status", json!("pending"))]), &asked()).is_ok());
        assert!(read(&answer(&[("metadata", json!({}))]), &asked()).is_ok());
        let foreign = json!({"gw_booking": "0199cd00-0000-7000-8000-000000000002"});
        let older = read(&answer(&[("metadata", foreign.clone())]), &asked()).unwrap();
        assert_ne!(older.ours.map(|it| it.to_string()).as_deref(), Some(ID));
        let over = [("metadata", foreign), ("status", json!("cancelled"))];
        assert!(read(&answer(&over), &asked()).is_err());
        for change in [
            ("start", json!("2030-03-12T14:45:00Z")),
            ("end", json!("2030-03-12T16:00:00Z")),
            ("eventTypeId", json!(78)),
            ("status", json!("cancelled")),
            ("uid", json!("a/b")),
        ] {
            let read = read(&answer(std::slice::from_ref(&change)), &asked());
            assert!(read.is_err(), "{change:?}");
        }
        let single: Value = serde_json::from_slice(&answer(&[])).unwrap();
        let list = json!({"status": "success", "data": [single["data"]]});
        assert!(read(list.to_string().as_bytes(), &asked()).is_err());
    }
}
