//! The invitation in the mail, read by the `icalendar` crate.

use booking_domain::ports::MessageContent;
use booking_domain::time::{Span, TimeRange};
use booking_test_support::messages::{contents, facts, message};
use icalendar::Component;

use crate::opened::{delivered, event, said};

/// Red when the file differs from what clients show, the method is not that of the part, or a line
/// is too long or ends in another way.
#[tokio::test]
async fn booked_moved_and_cancelled_carry_an_invitation() {
    for content in contents() {
        let expected = match &content {
            MessageContent::Booked(_) | MessageContent::Rescheduled(_) => Some("REQUEST"),
            MessageContent::Cancelled(_) => Some("CANCEL"),
            MessageContent::Reminder(_) | MessageContent::Campaign { .. } => None,
        };
        let mail = delivered(&message(content, "de")).await;
        let method = mail.inline.as_ref().map(|(method, _)| method.as_str());
        assert_eq!(method, expected);
        assert_eq!(
            mail.inline.as_ref().map(|(_, text)| text),
            mail.file.as_ref()
        );
        let Some((method, text)) = &mail.inline else {
            continue;
        };
        assert!(text.contains(&format!("\r\nMETHOD:{method}\r\n")), "{text}");
        assert!(text.ends_with("END:VCALENDAR\r\n"), "{text}");
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{text}");
        let status = said(&mail.event(), "STATUS").unwrap();
        let called_off = if method == "CANCEL" {
            "CANCELLED"
        } else {
            "CONFIRMED"
        };
        assert_eq!(status, called_off);
    }
}

/// Red when a property is left out or a time is not in UTC.
#[tokio::test]
async fn it_says_what_when_where_and_who() {
    let message = message(MessageContent::Booked(facts()), "de");
    let event = delivered(&message).await.event();
    for (property, value) in [
        ("UID", format!("{}@booking-gateway", facts().id)),
        ("SEQUENCE", "1".to_owned()),
        ("DTSTART", "20251013T060000Z".to_owned()),
        ("DTEND", "20251013T070000Z".to_owned()),
        ("SUMMARY", "Beratung – Praxis Sonnenschein".to_owned()),
        ("LOCATION", "Mitte".to_owned()),
        ("DESCRIPTION", "Bei: Anna Berg".to_owned()),
        ("ORGANIZER", "mailto:empfang@praxis.example".to_owned()),
        ("ATTENDEE", "mailto:joerg@mail.example".to_owned()),
    ] {
        let found = said(&event, property);
        let found = found.or_else(|| {
            let several = event.multi_properties().get(property)?;
            Some(several.first()?.value().to_owned())
        });
        assert_eq!(found.as_ref(), Some(&value), "{property}");
    }
    assert!(said(&event, "DTSTAMP").unwrap().ends_with('Z'));
}

/// Red when the UID follows the time or the kind, or SEQUENCE stays.
#[tokio::test]
async fn a_moved_appointment_is_the_same_one_with_a_higher_sequence() {
    let booked = facts();
    let mut moved = facts();
    moved.sequence = 2;
    moved.range = TimeRange::lasting(booked.range.start() + Span::DAY, 60);
    let mut cancelled = moved.clone();
    cancelled.sequence = 3;
    let mut seen = Vec::new();
    for content in [
        MessageContent::Booked(booked),
        MessageContent::Rescheduled(moved),
        MessageContent::Cancelled(cancelled),
    ] {
        let event = delivered(&message(content, "en")).await.event();
        let of = |property| said(&event, property).unwrap();
        seen.push((of("UID"), of("SEQUENCE"), of("DTSTART")));
    }
    assert!(seen.iter().all(|(uid, _, _)| *uid == seen[0].0), "{seen:?}");
    let sequences: Vec<_> = seen
        .iter()
        .map(|(_, sequence, _)| sequence.as_str())
        .collect();
    assert_eq!(sequences, ["1", "2", "3"]);
    assert_eq!(seen[1].2, "20251014T060000Z");
}

/// Red when a value is cut, or its signs end the property.
#[tokio::test]
async fn long_and_odd_names_come_through() {
    let mut facts = facts();
    let service = "Erstberatung, lang; mit \\ und \"Anführung\" – ".to_owned() + &"ä€😀".repeat(40);
    facts.service = service.clone();
    facts.place = Some("Straße des 17. Juni 135; Haus 2, 10623 Berlin".to_owned());
    let mut message = message(MessageContent::Booked(facts.clone()), "de");
    message.company_name = "Müller & Söhne: \"Die Praxis\"".to_owned();
    let mail = delivered(&message).await;
    let event = event(&mail.file.clone().unwrap());
    let summary = format!("{service} – {}", message.company_name);
    assert_eq!(said(&event, "SUMMARY"), Some(summary));
    assert_eq!(said(&event, "LOCATION"), facts.place);
    assert!(mail.text.contains(&service), "{}", mail.text);
    assert_eq!(mail.mailbox("From").0, Some(message.company_name));
}
