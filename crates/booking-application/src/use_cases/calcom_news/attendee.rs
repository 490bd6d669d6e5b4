//! Who booked, as far as the payload tells it. What is unusable is dropped, never a reason to lose
//! the booking.

use booking_domain::contact::{Contact, Email, PersonName, Phone};
use booking_domain::time::ZoneName;
use serde_json::Value;

/// The first attendee, if there is a way to reach them.
pub(super) fn contact(payload: &Value) -> Option<Contact> {
    let person = &payload["attendees"][0];
    let told = text(person, "email");
    let made_up = told.and_then(made_up_of);
    let email = told
        .filter(|_| made_up.is_none())
        .and_then(|text| Email::parse(text).ok());
    let phone = phone_of(payload, person).and_then(|text| Phone::parse(text).ok());
    let phone = phone.or(made_up);
    let name = name(person).or_else(|| {
        let known = email
            .as_ref()
            .map(Email::expose)
            .or(phone.as_ref().map(Phone::expose))?;
        PersonName::parse(known).ok()
    })?;
    let locale = person["language"]["locale"].as_str();
    let contact = Contact {
        name,
        email,
        phone,
        locale: locale
            .filter(|it| it.len() <= 20 && it.is_ascii())
            .map(str::to_owned),
    };
    contact.reachable().ok()
}

/// Where Cal.com puts addresses of people who have only a telephone: nobody reads them.
const MADE_UP_AT: &str = "@sms.cal.com";

/// The number that Cal.com has made an address of: `491713920042@sms.cal.com`.
fn made_up_of(address: &str) -> Option<Phone> {
    let address = address.to_lowercase();
    let digits = address.strip_suffix(MADE_UP_AT)?;
    Phone::parse(&format!("+{}", digits.trim_start_matches('+'))).ok()
}

/// The zone the first attendee thinks in.
pub(super) fn zone(payload: &Value) -> Option<ZoneName> {
    text(&payload["attendees"][0], "timeZone")?.parse().ok()
}

/// Who called it off, in a word: Cal.com says it by e-mail address, which is nobody's business
/// beyond the customer's own record.
pub(super) fn canceller(payload: &Value) -> Option<String> {
    let by = text(payload, "cancelledBy")?;
    let is = |address: Option<&str>| address.is_some_and(|it| it.eq_ignore_ascii_case(by));
    if is(text(&payload["organizer"], "email")) {
        Some("host".to_owned())
    } else if is(text(&payload["attendees"][0], "email")) {
        Some("customer".to_owned())
    } else {
        None
    }
}

/// Running text of a payload: short, and without control characters.
pub(super) fn prose(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| !c.is_control()).take(500).collect();
    Some(kept.trim().to_owned()).filter(|kept| !kept.is_empty())
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value[name]
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

fn phone_of<'a>(payload: &'a Value, person: &'a Value) -> Option<&'a str> {
    let answer = &payload["responses"]["attendeePhoneNumber"];
    text(person, "phoneNumber").or_else(|| text(answer, "value"))
}

fn name(person: &Value) -> Option<PersonName> {
    let kept = prose(text(person, "name")?)?;
    let short: String = kept.chars().take(PersonName::MAX_CHARS).collect();
    PersonName::parse(&short).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unusable_parts_are_dropped() {
        let payload = json!({"attendees": [{
            "name": "Tom\u{0}as\n", "email": "not an address", "phoneNumber": "+49 171 3920042",
            "timeZone": "Europe/Berlin", "language": {"locale": "de"},
        }]});
        let found = contact(&payload).expect("reachable");
        assert_eq!(found.name.expose(), "Tomas");
        assert_eq!(found.email, None);
        assert_eq!(
            found.phone.as_ref().map(Phone::expose),
            Some("+491713920042")
        );
        assert_eq!(found.locale.as_deref(), Some("de"));
        assert_eq!(zone(&payload).map(ZoneName::name), Some("Europe/Berlin"));
    }

    /// Red when the address that Cal.com makes of a number becomes the customer's, or their name.
    #[test]
    fn an_address_that_calcom_made_up_is_nobodys() {
        let of = |person| contact(&json!({"attendees": [person]})).expect("reachable");
        let made_up = "491713920042@SMS.cal.com";
        let told = json!({"name": "Tomas", "email": made_up, "phoneNumber": "+49 171 3920099"});
        let alone = json!({"name": "Tomas", "email": made_up});
        for (person, number) in [(told, "+491713920099"), (alone, "+491713920042")] {
            let found = of(person);
            assert_eq!(found.email, None);
            assert_eq!(found.phone.as_ref().map(Phone::expose), Some(number));
        }
        let nameless = of(json!({"name": null, "email": made_up}));
        assert_eq!(nameless.name.expose(), "+491713920042");
        let real = of(json!({"name": "Tomas", "email": "tomas@sms.cal.com"}));
        assert!(real.email.is_some(), "somebody's who works there");
    }

    #[test]
    fn a_nameless_attendee_is_called_by_their_address() {
        let payload = json!({"attendees": [{"name": null, "email": "t@mail.example"}]});
        assert_eq!(
            contact(&payload).expect("reachable").name.expose(),
            "t@mail.example"
        );
    }

    #[test]
    fn nobody_to_be_reached_is_nobody() {
        for payload in [
            json!({}),
            json!({"attendees": []}),
            json!({"attendees": "?"}),
            json!({"attendees": [{"name": "Tomas"}]}),
            json!({"attendees": [{"name": "Tomas", "email": 7, "phoneNumber": "0171"}]}),
        ] {
            assert_eq!(contact(&payload), None, "{payload}");
        }
    }

    #[test]
    fn a_canceller_is_a_word_and_never_an_address() {
        let by = |by: &str| {
            canceller(&json!({
                "cancelledBy": by,
                "organizer": {"email": "host@x.example"},
                "attendees": [{"email": "tom@x.example"}],
            }))
        };
        assert_eq!(by("Host@x.example").as_deref(), Some("host"));
        assert_eq!(by("tom@x.example").as_deref(), Some("customer"));
        assert_eq!(by("somebody@x.example"), None);
    }
}
