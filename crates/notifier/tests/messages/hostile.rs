//! Names come from callers, and from companies: whatever stands in them is read, never done.

use booking_domain::contact::PersonName;
use booking_domain::ports::{CustomerMessage, MessageContent};
use booking_notifier::{letter, short};
use booking_test_support::messages::{HOSTILE, contents, facts, message};
use proptest::prelude::*;

use crate::opened::{delivered, event, said};

/// With this text wherever somebody may have put it.
fn poisoned(content: MessageContent, text: &str) -> CustomerMessage {
    let poison = |mut facts: booking_domain::ports::AppointmentFacts| {
        facts.service = text.to_owned();
        facts.staff = Some(text.to_owned());
        facts.place = Some(text.to_owned());
        facts
    };
    let content = match content {
        MessageContent::Booked(it) => MessageContent::Booked(poison(it)),
        MessageContent::Rescheduled(it) => MessageContent::Rescheduled(poison(it)),
        MessageContent::Cancelled(it) => MessageContent::Cancelled(poison(it)),
        MessageContent::Reminder(it) => MessageContent::Reminder(poison(it)),
        MessageContent::Campaign { .. } => MessageContent::Campaign {
            subject: text.to_owned(),
            text: text.to_owned(),
        },
    };
    let mut message = message(content, "de");
    message.company_name = text.to_owned();
    let name: String = text.chars().filter(|c| !c.is_control()).collect();
    message.to.name = PersonName::parse(&name).unwrap_or(message.to.name);
    message
}

/// Red when a value is put into a header, a template, HTML or a calendar as it is.
#[tokio::test]
async fn what_stands_in_names_is_not_done() {
    let usual = delivered(&message(MessageContent::Booked(facts()), "de")).await;
    for content in contents() {
        let mail = delivered(&poisoned(content, HOSTILE)).await;
        assert_eq!(mail.mail.to, ["joerg@mail.example"]);
        let headers = mail.headers();
        assert!(
            !headers.iter().any(|it| it.eq_ignore_ascii_case("bcc")),
            "{headers:?}"
        );
        assert_eq!(headers.len(), usual.headers().len(), "{headers:?}");
        assert_eq!(mail.mailbox("To").0, None, "such a name is not repeated");
        assert!(!mail.html.contains("<script"), "{}", mail.html);
        assert!(mail.html.contains("&lt;script"), "{}", mail.html);
        for text in [&mail.subject, &mail.text, &mail.html] {
            assert!(text.contains("{{ 7*7 }}"), "it is not computed: {text}");
            assert!(!text.contains('\u{202e}'), "{text}");
        }
        if let Some((_, calendar)) = &mail.inline {
            let event = event(calendar);
            assert!(said(&event, "SUMMARY").unwrap().contains("END:VEVENT"));
            assert_eq!(calendar.matches("\r\nEND:VEVENT\r\n").count(), 1);
            let uid = said(&event, "UID").unwrap();
            assert_eq!(uid, format!("{}@booking-gateway", facts().id));
        }
    }
}

/// Red when a name that is a link or an address is said to whoever the mail goes to.
#[tokio::test]
async fn links_are_no_names() {
    for name in [
        "Gewinn auf evil.example",
        "http://evil.example/x",
        "eve@evil.example",
    ] {
        let mut message = message(MessageContent::Booked(facts()), "de");
        message.to.name = PersonName::parse(name).unwrap();
        let mail = delivered(&message).await;
        assert!(!mail.mail.text().contains("evil"), "{}", mail.mail.text());
        assert!(mail.text.starts_with("Guten Tag,\r\n"), "{}", mail.text);
        assert!(!mail.file.unwrap().contains("evil"));
    }
}

proptest! {
    /// Red when some text makes a second line of a subject, a tag, or a message that fails.
    #[test]
    fn any_text_is_only_text(text in "\\PC{0,60}|[\r\n<>{}%\"&;,\\\\a ]{0,60}") {
        for content in contents() {
            let message = poisoned(content, &text);
            let letter = letter(&message).unwrap();
            prop_assert!(!letter.subject.chars().any(char::is_control));
            let plain = poisoned(message.content.clone(), "x");
            let tags = |html: &str| html.matches('<').count();
            let (paragraphs, expected) = (letter.html.matches("<p>").count(), tags(&letter.html));
            prop_assert!(paragraphs <= expected);
            let named = |html: &str| html.matches("<tr>").count();
            let least = named(&booking_notifier::letter(&plain).unwrap().html);
            prop_assert!(named(&letter.html) <= least);
            let sms = short(&message).unwrap();
            prop_assert!(!sms.chars().any(char::is_control));
        }
    }
}
