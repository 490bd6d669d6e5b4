//! Invitations for the customer's own calendar (RFC 5545, RFC 5546).
//!
//! The UID is the appointment's id and never changes, SEQUENCE grows with every change: a calendar
//! moves or removes what it has. Times are in UTC, so that no zone need be described.

use booking_domain::ports::{AppointmentFacts, CustomerMessage, MessageContent};
use booking_domain::time::Instant;

use crate::words::{Lang, one_line, polite_name};

/// What a calendar does with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Method {
    /// Takes the appointment in, or changes it.
    Request,
    /// Takes it out.
    Cancel,
}

impl Method {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// An invitation, as text with CRLF.
#[derive(Debug)]
pub(crate) struct Invite {
    pub(crate) method: Method,
    pub(crate) text: String,
}

/// The invitation that goes with the message; reminders and campaigns have none.
pub(crate) fn invite(message: &CustomerMessage, sender: &str) -> Option<Invite> {
    let (method, facts) = match &message.content {
        MessageContent::Booked(facts) | MessageContent::Rescheduled(facts) => {
            (Method::Request, facts)
        }
        MessageContent::Cancelled(facts) => (Method::Cancel, facts),
        MessageContent::Reminder(_) | MessageContent::Campaign { .. } => return None,
    };
    let mut lines = Lines::default();
    lines.add("BEGIN:VCALENDAR");
    lines.add("VERSION:2.0");
    lines.add("PRODID:-//booking-gateway//booking-gateway//EN");
    lines.add("CALSCALE:GREGORIAN");
    lines.add(&format!("METHOD:{}", method.as_str()));
    lines.add("BEGIN:VEVENT");
    event(&mut lines, message, (method, facts), sender);
    lines.add("END:VEVENT");
    lines.add("END:VCALENDAR");
    let text = lines.0;
    Some(Invite { method, text })
}

fn event(
    lines: &mut Lines,
    message: &CustomerMessage,
    (method, facts): (Method, &AppointmentFacts),
    sender: &str,
) {
    lines.add(&format!("UID:{}@booking-gateway", facts.id));
    // The format's integers have 32 bits.
    let sequence = facts.sequence.clamp(0, i64::from(i32::MAX));
    lines.add(&format!("SEQUENCE:{sequence}"));
    lines.add(&format!("DTSTAMP:{}", utc(message.written_at)));
    lines.add(&format!("DTSTART:{}", utc(facts.range.start())));
    lines.add(&format!("DTEND:{}", utc(facts.range.end())));
    let company = one_line(&message.company_name);
    lines.add(&format!(
        "SUMMARY:{}",
        text(&format!("{} – {company}", one_line(&facts.service)))
    ));
    if let Some(place) = &facts.place {
        lines.add(&format!("LOCATION:{}", text(&one_line(place))));
    }
    if let Some(staff) = &facts.staff {
        let with = match Lang::of(&message.locale) {
            Lang::De => "Bei",
            Lang::En => "With",
        };
        lines.add(&format!("DESCRIPTION:{with}: {}", text(&one_line(staff))));
    }
    lines.add(&organizer(message, &company, sender));
    if let Some(email) = &message.to.email {
        let name = polite_name(message.to.name.expose());
        let name = name.unwrap_or_else(|| email.expose().to_owned());
        lines.add(&format!(
            "ATTENDEE;CN={};CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:{}",
            parameter(&name),
            mailto(email.expose())
        ));
    }
    lines.add(match method {
        Method::Request => "STATUS:CONFIRMED",
        Method::Cancel => "STATUS:CANCELLED",
    });
    lines.add("TRANSP:OPAQUE");
}

/// Whoever gets the answers; sent by us, where that is somebody else.
fn organizer(message: &CustomerMessage, company: &str, sender: &str) -> String {
    let name = parameter(company);
    match &message.reply_to {
        Some(email) if email.expose() != sender => {
            let (by, to) = (mailto(sender), mailto(email.expose()));
            format!("ORGANIZER;CN={name};SENT-BY=\"{by}\":{to}")
        }
        _ => format!("ORGANIZER;CN={name}:{}", mailto(sender)),
    }
}

/// An address as a URI: what might end a parameter or begin another header is encoded.
fn mailto(address: &str) -> String {
    let mut uri = String::from("mailto:");
    for byte in address.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'@' | b'.' | b'_' | b'-' | b'~' | b'+' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

/// `20251013T060000Z`.
fn utc(at: Instant) -> String {
    let (year, month, day) = at.utc_day().ymd();
    let minutes = at.utc_time_of_day().as_minutes();
    let seconds = at.unix_seconds().rem_euclid(60);
    let (hour, minute) = (minutes / 60, minutes % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{seconds:02}Z")
}

/// A TEXT value.
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '\\' | ';' | ',') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A parameter's value. It has no escapes that all calendars know: a quotation mark becomes an
/// apostrophe.
fn parameter(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "'"))
}

/// Lines with CRLF, folded at 75 octets, never inside a character.
#[derive(Default)]
struct Lines(String);

impl Lines {
    const MOST_OCTETS: usize = 75;

    fn add(&mut self, line: &str) {
        let mut octets = 0;
        for c in line.chars() {
            if octets + c.len_utf8() > Self::MOST_OCTETS {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Red when a line is longer than 75 octets, or folding changes what it says.
    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut lines = Lines::default();
        let line = format!("SUMMARY:{}", "ä😀x".repeat(60));
        lines.add(&line);
        assert!(
            lines.0.split("\r\n").all(|it| it.len() <= 75),
            "{}",
            lines.0
        );
        assert_eq!(lines.0.replace("\r\n ", ""), format!("{line}\r\n"));
    }

    /// Red when a sign of the format is passed on as it is.
    #[test]
    fn values_cannot_end_themselves() {
        assert_eq!(text(r"a;b,c\d"), r"a\;b\,c\\d");
        assert_eq!(
            parameter("Praxis \"Sonne\": x;y"),
            "\"Praxis 'Sonne': x;y\""
        );
        assert_eq!(
            mailto("a\"b?c=d@x.example"),
            "mailto:a%22b%3Fc%3Dd@x.example"
        );
    }

    #[test]
    fn times_are_in_utc() {
        let at = "2025-10-13T00:05:09+02:00".parse().expect("an instant");
        assert_eq!(utc(at), "20251012T220509Z");
    }

    proptest! {
        #[test]
        fn any_line_is_one_line(words in "[^\r\n]{0,300}") {
            let mut lines = Lines::default();
            lines.add(&words);
            prop_assert!(lines.0.split("\r\n").all(|it| it.len() <= 75));
            prop_assert_eq!(lines.0.replace("\r\n ", ""), format!("{words}\r\n"));
        }
    }
}
