//! Lines as people say them, and what they carry.

use super::*;
use crate::language::{Lang, Wish};

/// The phrases of a line: `day|time`, and `>` before the target of a move.
fn about(lang: Lang, line: &str) -> String {
    let phrases = read(lang, line).phrases.into_iter().map(|it| {
        let target = if it.is_target { ">" } else { "" };
        format!(
            "{target}{}|{}",
            it.day.unwrap_or_default(),
            it.time.unwrap_or_default()
        )
    });
    phrases.collect::<Vec<_>>().join(" ")
}

/// Red when a word is lost from a table, or a phrase is cut at the wrong place.
#[test]
fn the_words_about_day_and_time_are_cut_out_whole() {
    use Lang::{De, En};
    for (lang, line, expected) in [
        (
            De,
            "Guten Tag, ich hätte gern einen Termin für eine Beratung.",
            "",
        ),
        (De, "Guten Morgen.", ""),
        (De, "nächsten Dienstag um zehn", "nächsten Dienstag|um zehn"),
        (
            De,
            "Geht es am Mittwoch in zwei Wochen um halb neun?",
            "am Mittwoch in zwei Wochen|um halb neun",
        ),
        (De, "Montagvormittag", "Montagvormittag|"),
        (De, "um ein Uhr", "|um ein Uhr"),
        (De, "Viertel nach acht", "|Viertel nach acht"),
        (De, "am 13.10. um 8:30 Uhr", "am 13.10.|um 8:30 Uhr"),
        (
            De,
            "am dreizehnten Oktober nachmittags",
            "am dreizehnten Oktober|nachmittags",
        ),
        (De, "zwischen neun und elf", "|zwischen neun und elf"),
        (
            De,
            "Verschieben Sie ihn auf Mittwoch um halb neun.",
            ">Mittwoch|um halb neun",
        ),
        (
            De,
            "Meinen Termin am Freitag bitte auf Montag um acht verlegen.",
            "am Freitag| >Montag|um acht",
        ),
        (De, "auf den Namen Samstag", ""),
        (De, "um zehn und und", "|um zehn"),
        (En, "I'd like an appointment for a consultation.", ""),
        (
            En,
            "Good morning, next Tuesday at ten, please.",
            "next Tuesday|at ten",
        ),
        (En, "at one", "|at one"),
        (En, "the first one", ""),
        (
            En,
            "on Friday at quarter to nine",
            "on Friday|at quarter to nine",
        ),
        (
            En,
            "Move it from Friday to Wednesday at half past eight.",
            "from Friday| >Wednesday|at half past eight",
        ),
        (En, "tomorrow afternoon", "tomorrow afternoon|"),
        (
            En,
            "in two weeks on Monday at 3 pm",
            "in two weeks on Monday|at 3 pm",
        ),
    ] {
        assert_eq!(about(lang, line), expected, "{line}");
    }
}

/// Red when a stronger wish stands behind a weaker one in a table.
#[test]
fn wishes_are_known_by_their_words() {
    use Lang::{De, En};
    for (lang, line, expected) in [
        (De, "Ich hätte gern einen Termin", Some(Wish::Book)),
        (De, "Ist am Dienstag um zehn noch frei?", Some(Wish::Book)),
        (
            De,
            "Ich möchte meinen Termin am Freitag absagen",
            Some(Wish::Cancel),
        ),
        (De, "Sagen Sie ihn bitte ab", Some(Wish::Cancel)),
        (De, "Ich muss meinen Termin verschieben", Some(Wish::Move)),
        (De, "Wann ist mein Termin?", Some(Wish::Query)),
        (De, "Haben Sie noch etwas anderes frei?", Some(Wish::Other)),
        (De, "Danke, auf Wiederhören", Some(Wish::Farewell)),
        (De, "Jörg Müßig", None),
        (En, "I need to cancel my appointment", Some(Wish::Cancel)),
        (En, "Could we move my appointment?", Some(Wish::Move)),
        (En, "When is my appointment?", Some(Wish::Query)),
        (En, "Do you have anything else?", Some(Wish::Other)),
        (En, "I would like to book", Some(Wish::Book)),
        (En, "Thank you, goodbye", Some(Wish::Farewell)),
    ] {
        assert_eq!(read(lang, line).wish, expected, "{line}");
    }
}

/// Red when a word too many or too few is taken for a service or a name.
#[test]
fn services_and_names_are_passed_as_they_were_said() {
    use Lang::{De, En};
    for (lang, line, service, name) in [
        (
            De,
            "Einen Termin für eine Beratung, bitte",
            Some("Beratung"),
            None,
        ),
        (
            De,
            "Ist am Sonntag um zehn noch etwas für eine Beratung frei?",
            Some("Beratung"),
            None,
        ),
        (De, "Einen Termin für Dienstag", None, None),
        (De, "Einen Termin für mich", None, None),
        (
            De,
            "Die erste, auf den Namen Jörg Müßig, bitte.",
            None,
            Some("Jörg Müßig"),
        ),
        (
            De,
            "Mein Name ist Anna von der Heide.",
            None,
            Some("Anna von der Heide"),
        ),
        (
            En,
            "An appointment for a consultation on Monday",
            Some("consultation"),
            None,
        ),
        (De, "Eine Beratung, bitte", Some("Beratung"), None),
        (De, "Haben Sie eine andere Zeit?", None, None),
        (
            En,
            "I'd like a consultation tomorrow",
            Some("consultation"),
            None,
        ),
        (En, "in a week", None, None),
        (En, "for tomorrow", None, None),
        (
            En,
            "The second one. My name is Mary Miller.",
            None,
            Some("Mary Miller"),
        ),
    ] {
        let said = read(lang, line);
        assert_eq!(said.service.as_deref(), service, "{line}");
        assert_eq!(said.name.as_deref(), name, "{line}");
    }
    assert_eq!(answer(De, "Jörg Müßig, bitte."), "Jörg Müßig");
    assert_eq!(answer(En, "Yes, Mary Miller please"), "Mary Miller");
}

#[test]
fn choices_and_agreement() {
    use Lang::{De, En};
    assert_eq!(read(De, "die zweite, bitte").place, Some(Place::Number(1)));
    assert_eq!(read(De, "die letzte").place, Some(Place::Last));
    assert_eq!(read(En, "The third one").place, Some(Place::Number(2)));
    let yes = read(De, "Ja, gern.");
    assert!(yes.yes && !yes.no && yes.wish.is_none());
    assert!(read(En, "No, not really").no);
}
