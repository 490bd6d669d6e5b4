//! The words of every message, in both languages.

use booking_domain::ports::MessageContent;
use booking_notifier::{MOST_SEGMENTS, letter, segments, short};
use booking_test_support::messages::{contents, facts, message};

const WHEN_DE: &str = "Montag, 13. Oktober 2025, 08:00–09:00 Uhr (Ortszeit Berlin, UTC+2)";
const WHEN_EN: &str = "Monday, 13 October 2025, 08:00–09:00 (Berlin time, UTC+2)";

/// Red when a template names a placeholder that there is none of, or leaves one of these out.
#[test]
fn every_letter_says_what_when_where_and_with_whom() {
    for (locale, when, greeting) in [
        ("de", WHEN_DE, "Guten Tag Jörg Müßig,"),
        ("de-AT", WHEN_DE, "Guten Tag Jörg Müßig,"),
        ("en", WHEN_EN, "Hello Jörg Müßig,"),
        ("fr", WHEN_EN, "Hello Jörg Müßig,"),
    ] {
        for content in contents() {
            let message = message(content, locale);
            let words = letter(&message).unwrap();
            for text in [&words.text, &words.html] {
                assert!(text.contains(greeting), "{text}");
                assert!(text.contains("Praxis Sonnenschein"), "{text}");
                assert!(!text.contains("{{") && !text.contains("{%"), "{text}");
                if message.content.appointment().is_some() {
                    for fact in ["Beratung", when, "Anna Berg", "Mitte"] {
                        assert!(text.contains(fact), "{fact}: {text}");
                    }
                } else {
                    assert!(
                        text.contains("Wir haben samstags auf. Kommen Sie vorbei!"),
                        "{text}"
                    );
                }
            }
            assert!(!words.text.contains("\n\n\n"), "no holes: {}", words.text);
            assert!(words.subject.chars().count() < 90, "{}", words.subject);
        }
    }
}

/// Red when a letter reads otherwise: its lines, blank ones included.
#[test]
fn a_letter_in_full() {
    let words = letter(&message(MessageContent::Rescheduled(facts()), "de")).unwrap();
    assert_eq!(
        words.subject,
        "Termin verlegt: Beratung, Mo 13.10.2025 08:00 Uhr (Berlin)"
    );
    let expected = format!(
        "Guten Tag Jörg Müßig,\n\n\
         Ihr Termin bei Praxis Sonnenschein ist verlegt. Er ist jetzt:\n\n\
         Was: Beratung\n\
         Wann: {WHEN_DE}\n\
         Bei: Anna Berg\n\
         Wo: Mitte\n\n\
         Der beiliegende Kalendereintrag stellt ihn in Ihrem Kalender um.\n\n\
         Freundliche Grüße\n\
         Praxis Sonnenschein\n\n\
         --\n\
         Diese Nachricht wurde automatisch verschickt. Antworten gehen an Praxis Sonnenschein."
    );
    assert_eq!(words.text.trim_end(), expected);
}

/// Red when a person or a place that is not known leaves a row without a value.
#[test]
fn what_is_not_known_is_not_mentioned() {
    for (locale, labels) in [("de", ["Bei", "Wo"]), ("en", ["With", "Where"])] {
        let mut facts = facts();
        (facts.staff, facts.place) = (None, None);
        let words = letter(&message(MessageContent::Booked(facts), locale)).unwrap();
        for label in labels {
            assert!(
                !words.text.contains(&format!("\n{label}: ")),
                "{}",
                words.text
            );
            assert!(
                !words.html.contains(&format!(">{label}</th>")),
                "{}",
                words.html
            );
        }
    }
}

/// Red when a letter says that answers arrive somewhere which do not.
#[test]
fn only_who_reads_answers_is_named() {
    for (locale, says) in [("de", "Antworten gehen an"), ("en", "Answers go to")] {
        let mut message = message(MessageContent::Booked(facts()), locale);
        for html in [false, true] {
            let words = letter(&message).unwrap();
            let text = if html { words.html } else { words.text };
            assert!(text.contains(says), "{text}");
        }
        message.reply_to = None;
        let words = letter(&message).unwrap();
        assert!(!words.text.contains(says) && !words.html.contains(says));
    }
}

/// Red when an ordinary text message costs two, or a long name makes it so.
#[test]
fn a_text_message_is_one() {
    for locale in ["de", "en"] {
        for content in contents() {
            let mut message = message(content, locale);
            let text = short(&message).unwrap();
            assert!(text.starts_with("Praxis Sonnenschein: "), "{text}");
            assert_eq!(segments(&text), 1, "{text}");
            message.company_name = "Gemeinschaftspraxis für Physiotherapie Sonnenschein".to_owned();
            if let MessageContent::Booked(facts) = &mut message.content {
                facts.service = "Krankengymnastik am Gerät – Folgetermin, 60 Minuten".to_owned();
                facts.place = Some("Straße des 17. Juni 135, 10623 Berlin".to_owned());
                let text = short(&message).unwrap();
                assert_eq!(segments(&text), 1, "{text}");
                assert!(text.contains("2025 08:00"), "{text}");
            }
        }
    }
}

/// Red when a reminder with a link costs three, or lacks the place although it costs two anyway.
#[test]
fn a_reminder_with_a_link_is_two() {
    let url = format!(
        "https://termine.praxis.example/unsubscribe/{}",
        "0".repeat(64)
    );
    for locale in ["de", "en"] {
        let mut message = message(MessageContent::Reminder(facts()), locale);
        message.unsubscribe_url = Some(url.clone());
        let text = short(&message).unwrap();
        assert_eq!(segments(&text), 2, "{text}");
        assert!(text.contains("Mitte") && text.ends_with(&url), "{text}");
    }
}

/// Red when a text of any length is sent.
#[test]
fn a_text_message_ends_somewhere() {
    let campaign = |length| {
        let text = "a".repeat(length);
        let subject = "x".to_owned();
        short(&message(MessageContent::Campaign { subject, text }, "de"))
    };
    assert!(campaign(1_500).is_ok());
    let refused = campaign(1_600).unwrap_err().to_string();
    assert!(
        refused.contains(&format!("shorten it to {MOST_SEGMENTS}")),
        "{refused}"
    );
}
