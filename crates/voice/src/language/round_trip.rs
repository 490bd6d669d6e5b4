//! What we say we also understand: every minute of a day, every day of two years, both languages.

use booking_domain::time::{Day, Instant, LocalTime, Resolved, ZoneName};

use super::speak::{self, Case};
use super::{DateReading, Field, Lang, TimeReading, hear, lint_say};

fn berlin() -> ZoneName {
    "Europe/Berlin".parse().expect("known zone")
}

fn now() -> Instant {
    "2025-10-10T08:02:30Z".parse().expect("valid")
}

/// Turns red when the German half hour, a part of the day or a number word is changed on one side
/// only.
#[test]
fn every_minute_of_a_day_survives_being_said_and_heard() {
    for lang in [Lang::De, Lang::En] {
        for minute in 0..24 * 60u16 {
            let time = LocalTime::new((minute / 60) as u8, (minute % 60) as u8).expect("valid");
            for said in [speak::time(lang, time), speak::at_time(lang, time)] {
                let heard = hear(&said, Field::Time, berlin(), now());
                assert_eq!(heard.time, TimeReading::Exact(time), "{said}");
                assert_eq!(heard.date, DateReading::Missing, "{said}");
                assert_eq!(heard.lang, Some(lang), "{said}");
            }
        }
    }
}

#[test]
fn every_day_of_two_years_survives_being_said_and_heard() {
    let today = berlin().local(now()).day;
    for lang in [Lang::De, Lang::En] {
        for ahead in 0..730 {
            let day = today.plus_days(ahead);
            for case in [Case::Subject, Case::Object, Case::On] {
                let said = speak::day(lang, day, case, today);
                let heard = hear(&said, Field::Date, berlin(), now());
                assert_eq!(heard.date, DateReading::Exact(day), "{said}");
                assert_eq!(heard.time, TimeReading::Missing, "{said}");
            }
        }
    }
}

/// What a day and a time are called together: speech to moment to speech.
fn told(lang: Lang, day: Day, time: LocalTime, today: Day) -> String {
    let day = speak::day(lang, day, Case::On, today);
    format!("{day} {}", speak::at_time(lang, time))
}

/// Every quarter of an hour of 2028, said, heard and said again. The hour that the clocks skip and
/// the one that comes twice are known for what they are; nothing else is.
///
/// Red when a day, an hour or a part of the day is said one way and heard another, and when a gap
/// or a doubled hour is resolved in silence.
#[test]
fn every_quarter_hour_of_a_leap_year_survives_in_both_languages() {
    let zone = berlin();
    let now: Instant = "2028-01-01T00:00:00+01:00".parse().expect("valid");
    let today = zone.local(now).day;
    for lang in [Lang::De, Lang::En] {
        let (mut once, mut gaps, mut doubled) = (0, 0, 0);
        for ahead in 0..366 {
            let day = today.plus_days(ahead);
            for quarter in 0..96u16 {
                let (hour, minute) = ((quarter / 4) as u8, (quarter % 4 * 15) as u8);
                let time = LocalTime::new(hour, minute).expect("valid");
                let said = told(lang, day, time, today);
                let heard = hear(&said, Field::Date, zone, now);
                assert_eq!(heard.date, DateReading::Exact(day), "{said}");
                assert_eq!(heard.time, TimeReading::Exact(time), "{said}");
                match zone.resolve(day, time) {
                    Resolved::One(moment) => {
                        let local = zone.local(moment);
                        assert_eq!(told(lang, local.day, local.time, today), said);
                        once += 1;
                    }
                    Resolved::Gap { .. } => gaps += 1,
                    Resolved::Twice { .. } => doubled += 1,
                }
            }
        }
        assert_eq!((once, gaps, doubled), (366 * 96 - 8, 4, 4));
    }
}

#[test]
fn what_is_told_can_be_said() {
    let today = berlin().local(now()).day;
    for lang in [Lang::De, Lang::En] {
        for quarter in 0..96u16 {
            let time =
                LocalTime::new((quarter / 4) as u8, (quarter % 4 * 15) as u8).expect("valid");
            let said = told(lang, today.plus_days(1 + i32::from(quarter)), time, today);
            let sentence = format!("{}{}.", said[..1].to_uppercase(), &said[1..]);
            assert_eq!(lint_say(&sentence), [], "{sentence}");
        }
    }
}

proptest::proptest! {
    /// Whatever is said: an answer, never a panic, and never a day that is over.
    #[test]
    fn anything_may_be_said(text in "\\PC{0,60}", seconds in 0i64..4_000_000_000) {
        let now = Instant::from_unix_seconds(seconds).expect("in range");
        for field in [Field::Date, Field::Time] {
            let heard = hear(&text, field, berlin(), now);
            let today = berlin().local(now).day;
            let ahead = |day: Day| day >= today;
            match heard.date {
                DateReading::Exact(day) => proptest::prop_assert!(ahead(day)),
                DateReading::Ambiguous { options } => {
                    proptest::prop_assert!(options.len() > 1 && options.into_iter().all(ahead));
                }
                DateReading::Days { first, last } => proptest::prop_assert!(ahead(first) && first <= last),
                DateReading::Past(day) => proptest::prop_assert!(!ahead(day)),
                DateReading::Missing | DateReading::Invalid(_) => {}
            }
        }
    }

    /// The same with words that mean something, in any order.
    #[test]
    fn any_order_of_known_words(words in proptest::collection::vec(0usize..VOCABULARY.len(), 0..8)) {
        let text: Vec<_> = words.into_iter().map(|at| VOCABULARY[at]).collect();
        for field in [Field::Date, Field::Time] {
            let heard = hear(&text.join(" "), field, berlin(), now());
            if let DateReading::Exact(day) = heard.date {
                proptest::prop_assert!(day >= berlin().local(now()).day);
            }
        }
    }
}

const VOCABULARY: [&str; 68] = [
    "Ende",
    "early",
    "letzte",
    "first",
    "Montag",
    "after",
    "through",
    "fortnight",
    "a",
    "year",
    "nächsten Jahres",
    "Monats",
    "KW 42",
    "13ten",
    "halbneun",
    "Montagmorgen",
    "kurz",
    "nicht",
    "or later",
    "p m",
    "am",
    "um",
    "nach",
    "vor",
    "bis",
    "ab",
    "in",
    "at",
    "to",
    "past",
    "from",
    "between",
    "und",
    "and",
    "zwischen",
    "halb",
    "half",
    "viertel",
    "drei",
    "quarter",
    "acht",
    "dreißig",
    "8",
    "08:30",
    "13.",
    "13.10.",
    "10/11",
    "2025",
    "-",
    ".",
    ":",
    "Uhr",
    "pm",
    "morgen",
    "heute",
    "nächsten",
    "next",
    "Dienstag",
    "week",
    "Woche",
    "Tagen",
    "Oktober",
    "November",
    "vormittags",
    "evening",
    "KW",
    "letzten",
    "th",
];
