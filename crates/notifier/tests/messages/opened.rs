//! A mail, opened as a mail client opens it: by a parser that is not ours.

use booking_domain::ports::{CustomerMessage, MessageCarrier};
use booking_notifier::{SmtpCarrier, SmtpSettings};
use booking_test_support::messages::{MailServer, ReceivedMail};
use icalendar::{Calendar, CalendarComponent, Component, Event};
use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders};

/// A mail server, and a carrier to it that writes as `termine@booking.example`.
pub(crate) async fn post() -> (MailServer, SmtpCarrier) {
    let server = MailServer::start().await.unwrap();
    let settings = SmtpSettings::parse(&server.url(), Some("termine@booking.example")).unwrap();
    (server, SmtpCarrier::new(settings).unwrap())
}

/// The mail that this message becomes.
pub(crate) async fn delivered(message: &CustomerMessage) -> Opened {
    let (server, carrier) = post().await;
    carrier.carry(message).await.unwrap();
    let mut mails = server.mails();
    assert_eq!(mails.len(), 1);
    Opened::new(mails.remove(0))
}

/// What is in a mail.
pub(crate) struct Opened {
    pub(crate) mail: ReceivedMail,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// The invitation that clients show buttons for, with the method of its part.
    pub(crate) inline: Option<(String, String)>,
    /// The invitation as a file.
    pub(crate) file: Option<String>,
}

impl Opened {
    pub(crate) fn new(mail: ReceivedMail) -> Self {
        let parsed = parse(&mail.data);
        let part = |kind: &str| {
            parsed.parts.iter().find(|part| {
                let content = part.content_type();
                content.is_some_and(|it| it.subtype() == Some(kind))
            })
        };
        let words = |kind| part(kind).map(|part| part.text_contents().unwrap().to_owned());
        let method = |kind| {
            let content = part(kind)?.content_type()?;
            content.attribute("method").map(ToOwned::to_owned)
        };
        let file = part("ics").map(|part| {
            assert_eq!(part.attachment_name(), Some("invite.ics"));
            String::from_utf8(part.contents().to_vec()).unwrap()
        });
        Self {
            subject: parsed.subject().unwrap().to_owned(),
            text: words("plain").unwrap(),
            html: words("html").unwrap(),
            inline: words("calendar").map(|text| (method("calendar").unwrap(), text)),
            file,
            mail,
        }
    }

    /// The value of a header as it came, unfolded.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let parsed = parse(&self.mail.data);
        let raw = parsed.headers_raw().find(|(found, _)| *found == name)?.1;
        Some(raw.replace("\r\n", "").trim().to_owned())
    }

    /// The names of all headers of the mail itself.
    pub(crate) fn headers(&self) -> Vec<String> {
        let parsed = parse(&self.mail.data);
        parsed
            .headers_raw()
            .map(|(name, _)| name.to_owned())
            .collect()
    }

    /// Name and address in a header.
    pub(crate) fn mailbox(&self, name: &str) -> (Option<String>, String) {
        let parsed = parse(&self.mail.data);
        let Some(HeaderValue::Address(address)) = parsed.header(name) else {
            panic!("{name} is an address");
        };
        assert_eq!(address.iter().count(), 1, "{name}: {address:?}");
        let first = address.first().unwrap();
        let name = first.name().map(ToOwned::to_owned);
        (name, first.address().unwrap().to_owned())
    }

    /// The event of the invitation, read by a parser that is not ours.
    pub(crate) fn event(&self) -> Event {
        event(&self.inline.as_ref().unwrap().1)
    }
}

fn parse(data: &[u8]) -> Message<'_> {
    MessageParser::default().parse(data).unwrap()
}

/// The only event of a calendar.
pub(crate) fn event(text: &str) -> Event {
    let calendar: Calendar = text.parse().unwrap();
    let mut events = calendar.components.into_iter();
    let (Some(CalendarComponent::Event(event)), None) = (events.next(), events.next()) else {
        panic!("one event in {text}");
    };
    event
}

/// A property's value; the parser has taken its escapes back.
pub(crate) fn said(event: &Event, property: &str) -> Option<String> {
    event.property_value(property).map(ToOwned::to_owned)
}
