//! What people and models say, and what it means: `tests/phrases/*.tsv`, one phrase a line.
//!
//! The right column is what a person in the zone would write down: a moment with its offset, a
//! day, `first..last`, a stretch of a day, `this|that` where it must be asked back.

use booking_domain::time::{Day, Instant, LocalTime, Resolved, ZoneName};

use super::{DateProblem, DateReading, DayWindow, Field, Heard, Lang, TimeReading, hear};

const GERMAN: &str = include_str!("../../tests/phrases/de.tsv");
const ENGLISH: &str = include_str!("../../tests/phrases/en.tsv");
/// Each language has at least so many.
const ENOUGH: usize = 400;

/// One line of a table, with what held there.
struct Phrase<'a> {
    said: &'a str,
    meant: &'a str,
    field: Field,
    zone: ZoneName,
    now: Instant,
}

fn phrases(table: &str) -> Vec<Phrase<'_>> {
    let (mut zone, mut now, mut field) = ("UTC", "", Field::Date);
    let mut found = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, value)) = line
            .strip_prefix("@ ")
            .and_then(|rest| rest.split_once(": "))
        {
            match (key, value) {
                ("zone", name) => zone = name,
                ("now", local) => now = local,
                ("asked", "day") => field = Field::Date,
                ("asked", "time") => field = Field::Time,
                _ => panic!("{line}"),
            }
        } else if !line.is_empty() {
            let (said, meant) = line.split_once('\t').unwrap_or_else(|| panic!("{line}"));
            let zone: ZoneName = zone.parse().expect("known zone");
            let now = local(now, zone);
            found.push(Phrase {
                said,
                meant,
                field,
                zone,
                now,
            });
        }
    }
    found
}

fn local(text: &str, zone: ZoneName) -> Instant {
    let (day, time) = text.split_once(' ').expect("a day and a time");
    let (hour, minute) = time.split_once(':').expect("hours and minutes");
    let number = |text: &str| text.parse().expect("a number");
    let time = LocalTime::new(number(hour), number(minute)).expect("a time");
    zone.resolve(day.parse().expect("a day"), time).lenient()
}

fn written(heard: &Heard, zone: ZoneName) -> String {
    if let (DateReading::Exact(day), TimeReading::Exact(time)) = (&heard.date, &heard.time) {
        return match zone.resolve(*day, *time) {
            Resolved::One(start) => zone
                .rfc3339(start)
                .replacen(":00+", "+", 1)
                .replacen(":00-", "-", 1),
            Resolved::Gap { .. } => format!("{day} {time} does not exist"),
            Resolved::Twice { .. } => format!("{day} {time} comes twice"),
        };
    }
    match (date(&heard.date), time(&heard.time)) {
        (None, None) => "missing".into(),
        (Some(date), _) if matches!(heard.date, DateReading::Invalid(_)) => date,
        (Some(date), Some(time)) => format!("{date} {time}"),
        (date, time) => date.or(time).unwrap_or_default(),
    }
}

fn date(reading: &DateReading) -> Option<String> {
    let several = |days: &[Day]| {
        let days: Vec<_> = days.iter().map(ToString::to_string).collect();
        days.join("|")
    };
    Some(match reading {
        DateReading::Missing => return None,
        DateReading::Exact(day) => day.to_string(),
        DateReading::Days { first, last } => format!("{first}..{last}"),
        DateReading::Ambiguous { options } => several(options),
        DateReading::Past(day) => format!("past {day}"),
        DateReading::Invalid(DateProblem::NoSuchDay) => "no such day".into(),
        DateReading::Invalid(DateProblem::TooFar) => "too far".into(),
        DateReading::Invalid(DateProblem::NotUnderstood) => "not understood".into(),
    })
}

fn time(reading: &TimeReading) -> Option<String> {
    Some(match reading {
        TimeReading::Missing => return None,
        TimeReading::Exact(time) => time.to_string(),
        TimeReading::Window(window) => stretch(*window),
        TimeReading::Ambiguous { options } => {
            let options: Vec<_> = options.iter().map(ToString::to_string).collect();
            options.join("|")
        }
        TimeReading::Invalid => "no such time".into(),
    })
}

fn stretch(window: DayWindow) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("{}-{}", clock(window.from), clock(window.until))
}

fn check(table: &str) {
    let phrases = phrases(table);
    assert!(phrases.len() >= ENOUGH, "only {} phrases", phrases.len());
    let wrong: Vec<_> = phrases
        .iter()
        .map(|it| {
            (
                it,
                written(&hear(it.said, it.field, it.zone, it.now), it.zone),
            )
        })
        .filter(|(it, heard)| it.meant != heard)
        .map(|(it, heard)| format!("{} means {}, heard {heard}", it.said, it.meant))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Red when a word leaves a table, when `halb` counts forward, when `nächsten` is a week late.
#[test]
fn german_phrases_mean_what_people_mean() {
    check(GERMAN);
}

/// Red when `half nine` counts backward, when `noon` is midnight, when 10/11 is not asked back.
#[test]
fn english_phrases_mean_what_people_mean() {
    check(ENGLISH);
}

fn berlin() -> ZoneName {
    "Europe/Berlin".parse().expect("known zone")
}

/// Friday, 10 October 2025, two minutes past ten in Berlin.
fn friday() -> Instant {
    "2025-10-10T08:02:30Z".parse().expect("valid")
}

/// Red when the day before midnight is Greenwich's.
#[test]
fn tomorrow_begins_at_local_midnight() {
    let late: Instant = "2025-10-10T22:30:00Z".parse().expect("valid");
    let tomorrow = hear("morgen", Field::Date, berlin(), late).date;
    assert_eq!(date(&tomorrow).as_deref(), Some("2025-10-12"));
    let new_york = "America/New_York".parse().expect("known zone");
    let today = hear("today", Field::Date, new_york, late).date;
    assert_eq!(date(&today).as_deref(), Some("2025-10-10"));
}

/// Red when `morgen` in the field of the time is a day.
#[test]
fn morgen_alone_is_the_morning_where_a_time_is_asked_for() {
    for (said, meant) in [
        ("morgen", "06:00-12:00"),
        ("morgen um acht", "2025-10-11T08:00+02:00"),
        ("13.10.2025 um acht", "2025-10-13T08:00+02:00"),
    ] {
        let heard = hear(said, Field::Time, berlin(), friday());
        assert_eq!(written(&heard, berlin()), meant, "{said}");
    }
}

#[test]
fn the_language_shows_where_only_one_fits() {
    for (said, lang) in [
        ("nächsten Dienstag", Some(Lang::De)),
        ("next Tuesday", Some(Lang::En)),
        ("heute", Some(Lang::De)),
        ("8:30 pm", Some(Lang::En)),
        ("2025-10-13", None),
        ("08:30", None),
        ("asap", None),
        ("nächsten Tuesday", Some(Lang::De)),
        ("heute or tomorrow", None),
    ] {
        let heard = hear(said, Field::Date, berlin(), friday()).lang;
        assert_eq!(heard, lang, "{said}");
    }
}
