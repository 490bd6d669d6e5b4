//! A company speaks in its own words, and the documentation lists those that it may replace.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use booking_domain::time::ZoneName;
use serde_json::json;

use super::own::call;
use crate::functions::texts::samples;
use crate::testing::{World, code};

/// Red when answers are made of our sentences although the company has its own, in `say` or in
/// `message`, or when the other language loses ours.
#[tokio::test]
async fn answers_are_in_the_companys_words() {
    let world = World::new();
    world.desk.set_texts(json!({"de": {
        "booked": "Wunderbar, wir sehen uns {{ when }}.",
        "nothing_found": "Da steht bei uns nichts.",
        "ask_name": "Wen darf ich eintragen?"
    }}));
    let wish = |name: Option<&str>| json!({"dienstleistung": "Beratung", "datum": "2025-10-13", "uhrzeit": "8 Uhr", "name": name});
    let asked = world.ask("book_appointment", wish(None), &call("a")).await;
    assert_eq!(asked["say"], "Wen darf ich eintragen?");
    let none = world.ask("query_appointment", json!({}), &call("b")).await;
    assert_eq!(none["say"], "Da steht bei uns nichts.");
    let booked = world
        .ask("book_appointment", wish(Some("Jörg")), &call("c"))
        .await;
    assert_eq!(
        booked["say"],
        "Wunderbar, wir sehen uns am Montag, dem dreizehnten Oktober, um acht Uhr."
    );
    assert_eq!(
        booked["message"],
        "Wunderbar, wir sehen uns am Mo 13.10. um 08:00."
    );
    let english =
        json!({"language": "en", "service": "Beratung", "date": "2025-10-13", "time": "9 am"});
    let asked = world.ask("book_appointment", english, &call("d")).await;
    assert_eq!(asked["say"], "Under which name may I book it?");
}

/// Red when a stored text that does not pass is spoken, or spoils an answer.
#[tokio::test]
async fn a_text_that_does_not_pass_is_not_spoken() {
    let world = World::new();
    world.desk.set_texts(json!({"de": {
        "nothing_found": "Um 8 Uhr? {{ gone }}",
        "ask_name": "{{ broken",
        "no_longer_there": "Ja."
    }, "fr": {"booked": "Oui."}}));
    let none = world.ask("query_appointment", json!({}), &call("b")).await;
    assert_eq!(
        (code(&none), none["say"].as_str()),
        (
            "not_found",
            Some("Unter Ihrer Nummer finde ich keinen Termin. Möchten Sie einen buchen?")
        )
    );
}

/// What a placeholder stands for.
const PLACEHOLDERS: [(&str, &str); 15] = [
    ("at", "the time, as in *um acht Uhr*"),
    ("count", "how many there are"),
    ("day", "a day, as in *Montag, der dreizehnte Oktober*"),
    ("days", "days to choose from"),
    ("moment", "day and time at the beginning of a sentence"),
    ("on", "the day, as in *am Montag, dem dreizehnten Oktober*"),
    ("options", "up to three times to choose from; may be empty"),
    (
        "part",
        "a part of the day, as in *nachmittags*; may be empty",
    ),
    ("people", "names to choose from"),
    ("service", "the name of the service; may be empty"),
    ("services", "services to choose from; may be empty"),
    ("several", "not empty where there are several"),
    ("time", "the time without a preposition, as in *acht Uhr*"),
    ("times", "times to choose from"),
    (
        "when",
        "day and time, as in *am Montag, dem dreizehnten Oktober, um acht Uhr*",
    ),
];

/// The page as it has to be.
fn page() -> String {
    let mut page = String::from(
        "# Sentences\n\nWhat the gateway says on the telephone, by name, and the placeholders of each. \
         A company may say any of it\n[in its own words](../voice.md#sentences).\n\n\
         | placeholder | stands for |\n|---|---|\n",
    );
    for (name, meaning) in PLACEHOLDERS {
        let _ = writeln!(page, "| `{name}` | {meaning} |");
    }
    let text = |source| serde_json::from_str::<BTreeMap<String, String>>(source).expect("JSON");
    let german = text(include_str!("../../texts/de.json"));
    let english = text(include_str!("../../texts/en.json"));
    let lines: BTreeMap<_, _> = samples(ZoneName::UTC)
        .map(|(line, _)| (line.key(), line.placeholders()))
        .collect();
    for (name, placeholders) in lines {
        let placeholders: Vec<_> = placeholders.iter().map(|it| format!("`{it}`")).collect();
        let placeholders = match placeholders.as_slice() {
            [] => "none".to_owned(),
            some => some.join(", "),
        };
        let _ = write!(
            page,
            "\n## {name}\n\nPlaceholders: {placeholders}\n\n    {}\n    {}\n",
            german[name], english[name]
        );
    }
    page
}

/// Red when a sentence or a placeholder is added, renamed or changed and the page is not.
#[test]
fn the_page_lists_every_sentence_and_its_placeholders() {
    let page = page();
    for (line, _) in samples(ZoneName::UTC) {
        for name in line.placeholders() {
            assert!(
                PLACEHOLDERS.iter().any(|(known, _)| *known == name),
                "say what {name} stands for"
            );
        }
    }
    if page != include_str!("../../../../docs/voice/sentences.md") {
        let written = std::env::temp_dir().join("sentences.md");
        std::fs::write(&written, &page).expect("written");
        panic!(
            "docs/voice/sentences.md is not up to date: copy {}",
            written.display()
        );
    }
}
