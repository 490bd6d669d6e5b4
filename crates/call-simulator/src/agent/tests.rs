//! Conversations: lines and answers in, function calls out.

use serde_json::{Value, json};

use super::*;

/// An answer with so many options.
fn told(code: &str, next_step: &str, options: usize) -> Value {
    let mut answer = json!({"code": code, "next_step": next_step, "say": format!("{code}?")});
    for number in 1..=options {
        answer[format!("option_{number}")] = json!(format!("o{number}_{code}"));
        answer[format!("option_{number}_say")] = json!(format!("Montag {number}"));
    }
    answer
}

/// A call as text, or the agent's own sentence.
fn text(act: &Act) -> String {
    match act {
        Act::Say(own) => format!("\"{own}\""),
        Act::Ask { function, args } => {
            let args = args.iter().filter(|(name, _)| *name != "language");
            let args = args.map(|(name, value)| {
                format!(
                    " {name}={}",
                    value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned)
                )
            });
            format!("{function}{}", args.collect::<String>())
        }
    }
}

/// What the caller says, what the agent is to do, what the gateway answers.
type Exchange<'a> = (&'a str, &'a str, Option<(&'a str, &'a str, usize)>);

#[track_caller]
fn converse(lang: Lang, exchanges: &[Exchange<'_>], outcome: Option<&str>) {
    let mut agent = Agent::new(lang, None);
    for (line, expected, answer) in exchanges {
        assert_eq!(text(&agent.hear(line)), *expected, "{line}");
        if let Some((code, next_step, options)) = answer {
            agent.answered(&told(code, next_step, *options));
        }
    }
    assert_eq!(agent.outcome(), outcome);
}

/// Red when a handle is not passed back unchanged, or a name is lost on the way.
#[test]
fn a_choice_among_options_is_booked() {
    converse(
        Lang::De,
        &[
            (
                "Ich hätte gern einen Termin für eine Beratung",
                "check_availability service=Beratung",
                Some(("missing_parameter", "ask_date", 0)),
            ),
            (
                "am Montag",
                "check_availability date=am Montag service=Beratung",
                Some(("available", "ask_choice", 3)),
            ),
            ("hm", "\"available?\"", None),
            (
                "die zweite",
                "book_appointment option=o2_available",
                Some(("missing_parameter", "ask_name", 0)),
            ),
            (
                "Jörg Müßig",
                "book_appointment name=Jörg Müßig option=o2_available",
                Some(("booked", "done", 0)),
            ),
            ("Danke", "\"Auf Wiederhören.\"", None),
        ],
        Some("booked"),
    );
}

/// Red when only the word for an appointment begins a booking.
#[test]
fn a_wish_is_heard_without_the_word_for_an_appointment() {
    let asked = Some(("missing_parameter", "ask_date", 0));
    for (lang, line, expected) in [
        (
            Lang::De,
            "Guten Tag, ich brauche eine Beratung",
            "check_availability service=Beratung",
        ),
        (
            Lang::De,
            "Eine Beratung, bitte",
            "check_availability service=Beratung",
        ),
        (Lang::De, "Ich möchte kommen", "check_availability"),
        (
            Lang::En,
            "Hello, I need a consultation",
            "check_availability service=consultation",
        ),
        (Lang::En, "I'd like to come in", "check_availability"),
    ] {
        converse(lang, &[(line, expected, asked)], None);
    }
}

/// Red when what a line begins with is not passed as the service, or other words are, or words of a
/// later line.
#[test]
fn a_call_may_begin_with_the_service() {
    let asked = "check_availability date=morgen time=um neun";
    for (lang, line, expected) in [
        (
            Lang::De,
            "Kurztermin morgen um neun",
            "check_availability date=morgen service=Kurztermin time=um neun",
        ),
        (
            Lang::De,
            "Guten Tag, Kurztermin bitte, morgen um neun.",
            "check_availability date=morgen service=Kurztermin time=um neun",
        ),
        (
            Lang::En,
            "Hello, deep massage tomorrow at nine, please",
            "check_availability date=tomorrow service=deep massage time=at nine",
        ),
        (Lang::De, "Geht es morgen um neun?", asked),
        (Lang::De, "Ja, dann morgen um neun", asked),
        (Lang::De, "Termin morgen um neun", asked),
        (Lang::De, "Ich möchte morgen um neun kommen", asked),
        (
            Lang::En,
            "Let's say tomorrow at nine",
            "check_availability date=tomorrow time=at nine",
        ),
    ] {
        let later = if lang == Lang::De {
            "Gymnastik um zehn"
        } else {
            "Gymnastics at ten"
        };
        let mut agent = Agent::new(lang, None);
        assert_eq!(text(&agent.hear(line)), expected, "{line}");
        agent.answered(&told("available", "ask_choice", 2));
        let act = text(&agent.hear(later));
        assert!(!act.contains("Gymnasti"), "{line}: {act}");
    }
}

/// Red when refused options are offered again, or a lost slot is booked once more.
#[test]
fn other_times_are_asked_for_and_a_lost_slot_is_chosen_anew() {
    converse(
        Lang::En,
        &[
            (
                "Is Monday at ten free? My name is Mary Miller.",
                "check_availability date=Monday time=at ten",
                Some(("alternatives", "ask_choice", 2)),
            ),
            (
                "no, anything else?",
                "get_alternatives date=Monday rejected=o1_alternatives,o2_alternatives time=at ten",
                Some(("alternatives", "ask_choice", 1)),
            ),
            (
                "yes",
                "book_appointment name=Mary Miller option=o1_alternatives",
                Some(("slot_taken", "ask_choice", 2)),
            ),
            (
                "the last one",
                "book_appointment name=Mary Miller option=o2_slot_taken",
                Some(("pending", "done", 0)),
            ),
        ],
        Some("pending"),
    );
}

/// Red when something is cancelled without the answer to the question.
#[test]
fn an_appointment_is_cancelled_after_a_yes_and_stays_after_a_no() {
    let ask = (
        "Ich muss meinen Termin absagen",
        "cancel_appointment",
        Some(("found", "ask_confirmation", 1)),
    );
    converse(
        Lang::De,
        &[
            ask,
            (
                "ja",
                "cancel_appointment confirm=true option=o1_found",
                Some(("cancelled", "done", 0)),
            ),
        ],
        Some("cancelled"),
    );
    converse(
        Lang::De,
        &[
            ask,
            (
                "nein, lieber nicht",
                "\"Gut, dann bleibt alles, wie es ist.\"",
                None,
            ),
        ],
        None,
    );
    converse(
        Lang::De,
        &[(
            "Sagen Sie meinen Termin am Freitag ab",
            "cancel_appointment date=am Freitag",
            Some(("cancelled", "done", 0)),
        )],
        Some("cancelled"),
    );
}

/// Red when the old day is taken for the new one, or a move is made without a yes.
#[test]
fn an_appointment_is_moved_after_a_yes() {
    converse(
        Lang::De,
        &[
            (
                "Verschieben Sie meinen Termin am Freitag auf Mittwoch um neun",
                "reschedule_appointment confirm=false date=am Freitag new_date=Mittwoch new_time=um neun",
                Some(("available", "ask_confirmation", 1)),
            ),
            (
                "ja, gern",
                "reschedule_appointment confirm=true date=am Freitag new_date=Mittwoch new_time=um neun option=o1_available",
                Some(("rescheduled", "done", 0)),
            ),
        ],
        Some("rescheduled"),
    );
    converse(
        Lang::En,
        &[
            (
                "I'd like to move my appointment",
                "reschedule_appointment confirm=false",
                Some(("ambiguous_date", "ask_choice", 2)),
            ),
            (
                "the first",
                "reschedule_appointment confirm=false date=Montag 1 option=o1_ambiguous_date",
                Some(("missing_parameter", "ask_date", 0)),
            ),
            (
                "Wednesday at nine",
                "reschedule_appointment confirm=false date=Montag 1 new_date=Wednesday new_time=at nine",
                Some(("available", "ask_confirmation", 1)),
            ),
        ],
        None,
    );
}

/// Red when the old appointment's wish goes on into the next one.
#[test]
fn two_wishes_in_one_call() {
    converse(
        Lang::De,
        &[
            (
                "Wann ist mein Termin?",
                "query_appointment",
                Some(("found", "done", 0)),
            ),
            (
                "Wann habe ich am Freitag?",
                "query_appointment date=am Freitag",
                Some(("not_found", "offer_booking", 0)),
            ),
            (
                "ja, bitte",
                "check_availability",
                Some(("missing_parameter", "ask_service", 0)),
            ),
            (
                "eine Beratung",
                "check_availability service=Beratung",
                Some(("missing_parameter", "ask_date", 0)),
            ),
        ],
        None,
    );
}
