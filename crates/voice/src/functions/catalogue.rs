//! Which service and which person a name means: as it is written, by alias, in part, misheard.

use booking_domain::ids::{EventTypeId, ServiceId, StaffId};
use booking_domain::tenant::{CompanySetup, Service, Staff};
use serde_json::json;
use strsim::normalized_damerau_levenshtein;

use super::args::{SERVICE, STAFF};
use super::{Answer, Code, Line, NextStep, Plain, Question, Session};
use crate::language::fold;

/// Words that mean "with anybody".
const ANYBODY: [&str; 9] = [
    "egal",
    "any",
    "anyone",
    "anybody",
    "niemand bestimmtes",
    "keine praeferenz",
    "no preference",
    "beliebig",
    "keiner",
];
/// From here on two words are one, misheard: two letters of ten.
const ALIKE: f64 = 0.78;
/// A name that is so much more alike than all others is meant.
const CLEARLY: f64 = 0.12;

/// The service that was named; the only one, where there is just one.
pub(super) fn service<'a>(s: &'a Session<'_>) -> Result<&'a Service, Box<Answer>> {
    let all: Vec<_> = s.setup.services.iter().collect();
    let Some(text) = s.args.text(SERVICE) else {
        return match all.as_slice() {
            [only] => Ok(only),
            _ => Err(ask(s, Code::MissingParameter, &all, Question::AskService)),
        };
    };
    match services(&s.setup, &text).as_slice() {
        [service] => Ok(service),
        [] => Err(ask(
            s,
            Code::InvalidParameter,
            &all,
            Question::UnknownService,
        )),
        several => Err(ask(
            s,
            Code::MissingParameter,
            several,
            Question::WhichService,
        )),
    }
}

fn ask(
    s: &Session<'_>,
    code: Code,
    offered: &[&Service],
    question: fn(Vec<String>) -> Question,
) -> Box<Answer> {
    let names: Vec<_> = offered.iter().map(|it| it.name.clone()).collect();
    let data = json!({"missing": ["service"], "services": names});
    let line = Line::Ask(question(names));
    Box::new(s.answer(code, NextStep::AskService, &line, data))
}

/// The services that are meant, by number or by name.
pub(super) fn services<'a>(setup: &'a CompanySetup, text: &str) -> Vec<&'a Service> {
    let by_number = text.parse().ok().and_then(|number| {
        setup
            .service(ServiceId::new(number))
            .or_else(|| setup.service_of_event_type(EventTypeId::new(number)))
    });
    by_number.map_or_else(|| named(&setup.services, text), |service| vec![service])
}

/// The services with this name or alias; else those whose name stands in the text; else those
/// that sound like it.
fn named<'a>(services: &'a [Service], text: &str) -> Vec<&'a Service> {
    let names = |service: &Service| {
        let names = std::iter::once(&service.name).chain(&service.aliases);
        names.map(|name| plain(name)).collect()
    };
    meant(services, names, &plain(text))
}

/// Those of `things` that `wanted` means, by the names each of them has.
fn meant<'a, T>(things: &'a [T], names: impl Fn(&T) -> Vec<String>, wanted: &str) -> Vec<&'a T> {
    let matching = |fits: &dyn Fn(&str) -> bool| -> Vec<&'a T> {
        let is_called = |thing: &&T| names(thing).iter().any(|name| fits(name));
        things.iter().filter(is_called).collect()
    };
    // "Erst-Beratung" is "Erstberatung".
    let squeezed = |text: &str| text.replace(' ', "");
    let exact = matching(&|name| squeezed(name) == squeezed(wanted));
    if !exact.is_empty() {
        return exact;
    }
    let spaced = |text: &str| format!(" {text} ");
    let partly = matching(&|name| {
        spaced(wanted).contains(&spaced(name)) || spaced(name).contains(&spaced(wanted))
    });
    if !partly.is_empty() {
        return partly;
    }
    let likeness = |thing: &T| {
        names(thing)
            .iter()
            .map(|name| alike(name, wanted))
            .fold(0.0, f64::max)
    };
    let best = things.iter().map(likeness).fold(0.0, f64::max);
    let close = |thing: &&T| best >= ALIKE && likeness(thing) > best - CLEARLY;
    things.iter().filter(close).collect()
}

/// Those of `names` that a said name means.
pub(super) fn like<'a>(names: &'a [String], wanted: &str) -> Vec<&'a String> {
    meant(names, |name| vec![name.clone()], wanted)
}

/// How alike two names are; words around the name do not count against it.
fn alike(name: &str, wanted: &str) -> f64 {
    let (name_words, words): (Vec<_>, Vec<_>) =
        (name.split(' ').collect(), wanted.split(' ').collect());
    let parts = words.windows(name_words.len().min(words.len()));
    let joined = name.replace(' ', "");
    let of_part = |part: &[&str]| normalized_damerau_levenshtein(&joined, &part.concat());
    parts
        .map(of_part)
        .chain([normalized_damerau_levenshtein(&joined, &words.concat())])
        .fold(0.0, f64::max)
}

/// Folded, letters and digits only, single blanks.
pub(super) fn plain(text: &str) -> String {
    let folded = fold(text);
    let words = folded.split(|it: char| !it.is_alphanumeric());
    words
        .filter(|it| !it.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The person that was named; `None`: anybody.
pub(super) fn staff(s: &Session<'_>, service: &Service) -> Result<Option<StaffId>, Box<Answer>> {
    let Some(text) = s.args.text(STAFF) else {
        return Ok(None);
    };
    let wanted = plain(&text);
    if ANYBODY.contains(&wanted.as_str()) {
        return Ok(None);
    }
    let people: Vec<_> = s
        .setup
        .staff
        .iter()
        .filter(|person| service.staff.contains(&person.id))
        .collect();
    if let Some(person) = people.iter().find(|it| it.id.get().to_string() == wanted) {
        return Ok(Some(person.id));
    }
    match persons(&people, &wanted).as_slice() {
        [person] => Ok(Some(person.id)),
        [] => Err(Box::new(s.plain(
            Code::InvalidParameter,
            NextStep::AskStaff,
            Plain::UnknownStaff,
        ))),
        several => {
            let names: Vec<_> = several.iter().map(|it| it.name.clone()).collect();
            let data = json!({"missing": ["staff"], "staff": names});
            let line = Line::Ask(Question::WhichStaff(names));
            Err(Box::new(s.answer(
                Code::MissingParameter,
                NextStep::AskStaff,
                &line,
                data,
            )))
        }
    }
}

/// By the whole name, by one of its words, by what sounds like one.
fn persons<'a>(people: &[&'a Staff], wanted: &str) -> Vec<&'a Staff> {
    let whole = |person: &Staff| vec![plain(&person.name)];
    let words = |person: &Staff| plain(&person.name).split(' ').map(str::to_owned).collect();
    let exact: Vec<_> = people
        .iter()
        .filter(|it| whole(it) == [wanted])
        .copied()
        .collect();
    if !exact.is_empty() {
        return exact;
    }
    let found = meant(people, |it| words(it), wanted);
    found.into_iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::service as make;

    fn ids(services: &[Service], text: &str) -> Vec<i64> {
        named(services, text).iter().map(|it| it.id.get()).collect()
    }

    /// Red when a misheard name is unknown, when two that fit are one, or when anything fits.
    #[test]
    fn services_are_found_by_alias_in_part_and_misheard() {
        let mut services = vec![
            make(1, "Beratung", 60, None),
            make(2, "Erstberatung", 60, None),
            make(3, "Zahnreinigung", 60, None),
            make(4, "Wurzelbehandlung", 60, None),
            make(5, "Haare schneiden Damen", 60, None),
            make(6, "Haare schneiden Herren", 60, None),
        ];
        services[2].aliases = vec!["PZR".into(), "professional cleaning".into()];
        for (text, found) in [
            ("Beratung", &[1][..]),
            ("eine Beratung bitte", &[1]),
            ("Erst-Beratung", &[2]),
            ("Erst Beratung", &[2]),
            ("Zahn Reinigung", &[3]),
            ("Zahnreiniging", &[3]),
            ("eine Zahnreinigungen", &[3]),
            ("pzr", &[3]),
            ("profesional cleening", &[3]),
            ("Wurtzelbehandlung", &[4]),
            ("Haare schneiden", &[5, 6]),
            ("Haareschneiden Herren", &[6]),
            ("Massage", &[]),
            ("Reifenwechsel", &[]),
            ("", &[]),
        ] {
            assert_eq!(ids(&services, text), found, "{text}");
        }
    }
}
