//! Everything we ever say, as data; and how it becomes a sentence for the ear or for the eye.

use booking_domain::time::{Day, Instant, LocalTime, ZoneName};

use minijinja::Error;

use super::plain::Plain;
use super::teller::{Detail, Style, Teller};
use super::texts::{BUILT_IN, Texts, Values};
use crate::language::speak::{self, Case};
use crate::language::{Lang, MAX_WORDS, PartOfDay, word_count};

/// Something to say. Starts are moments; the teller knows the zone.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Line {
    /// That time is free.
    SlotFree(Instant),
    /// That time is taken; these are not.
    SlotTaken(Instant, Vec<Instant>),
    /// Nothing begins at that time, for all we know; these are free.
    NotOffered(Instant, Vec<Instant>),
    /// Closed at that time; these are free.
    Closed(Vec<Instant>),
    /// These are free.
    Free(Vec<Instant>),
    /// Nobody works on that day.
    ClosedOn(Day),
    /// Nothing is free on that day, in that part of it.
    NothingOn(Day, Option<PartOfDay>),
    /// Nothing is free in those days.
    NothingNear,
    /// The service is booked for that time.
    Booked(String, Instant),
    /// The slot is held; the calendar has not answered.
    Pending(Instant),
    /// Moved to that time.
    Rescheduled(Instant),
    /// Cancelled.
    Cancelled(Instant),
    /// The one appointment there is.
    Found(String, Instant),
    /// All the appointments there are (how many, and the first of them).
    FoundMany(u32, Vec<Instant>),
    /// A question.
    Ask(Question),
    /// A sentence without anything to fill in.
    Plain(Plain),
}

/// A question that must be answered first.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Question {
    /// Several fit: which one?
    WhichOne(Vec<Instant>),
    /// None fits; these are there.
    NoneThere(Vec<Instant>),
    /// Really cancel?
    ConfirmCancel(Instant),
    /// Really move it there?
    ConfirmMove(Instant),
    /// One of these days?
    WhichDay(Vec<Day>),
    /// One of these times?
    WhichTime(Vec<LocalTime>),
    /// That day is over.
    DayPast(Day),
    /// The clocks jump over that time.
    ClockGap(LocalTime),
    /// That time comes twice.
    ClockTwice(LocalTime),
    /// Which service? These are offered.
    AskService(Vec<String>),
    /// Several services fit: which one?
    WhichService(Vec<String>),
    /// Several people fit: who?
    WhichStaff(Vec<String>),
    /// No such service; these are offered.
    UnknownService(Vec<String>),
}

/// From much to little: what is tried until the sentence is short enough. A weekday without its
/// date is for the coming days only, so what lies further away loses options first.
const NEAR: [Detail; 6] = [
    Detail::new(true, 3),
    Detail::new(false, 3),
    Detail::new(true, 2),
    Detail::new(false, 2),
    Detail::new(true, 1),
    Detail::new(false, 1),
];
const FAR: [Detail; 6] = [
    Detail::new(true, 3),
    Detail::new(true, 2),
    Detail::new(true, 1),
    Detail::new(false, 3),
    Detail::new(false, 2),
    Detail::new(false, 1),
];
/// Within so many days a weekday alone is clear.
pub(crate) const CLEAR_DAYS: i32 = 6;

impl Line {
    /// For the ear, in a company's words: words only, short. And how many options it can name.
    pub(crate) fn say(
        &self,
        texts: &Texts,
        lang: Lang,
        zone: ZoneName,
        today: Day,
    ) -> (String, usize) {
        self.fitting(texts, lang, zone, today)
            .or_else(|error| {
                unusable(self.key(), &error);
                self.fitting(&BUILT_IN, lang, zone, today)
            })
            .unwrap_or_else(|error| (unspoken(self.key(), &error), 0))
    }

    /// The same, or why it could not be made.
    pub(crate) fn told(
        &self,
        texts: &Texts,
        lang: Lang,
        zone: ZoneName,
        today: Day,
    ) -> Result<String, Error> {
        self.fitting(texts, lang, zone, today).map(|it| it.0)
    }

    fn fitting(
        &self,
        texts: &Texts,
        lang: Lang,
        zone: ZoneName,
        today: Day,
    ) -> Result<(String, usize), Error> {
        let teller = |detail| Teller {
            lang,
            style: Style::Spoken,
            zone,
            today,
            detail,
        };
        let details = if self.is_far(zone, today) { FAR } else { NEAR };
        let mut sentence = (String::new(), 0);
        for detail in details {
            sentence = (self.with(texts, &teller(detail))?, detail.options);
            if word_count(&sentence.0) <= MAX_WORDS {
                break;
            }
        }
        Ok(sentence)
    }

    /// For the eye: figures, and as many options.
    pub(crate) fn message(
        &self,
        texts: &Texts,
        lang: Lang,
        (zone, today): (ZoneName, Day),
        options: usize,
    ) -> String {
        let teller = Teller {
            lang,
            style: Style::Written,
            zone,
            today,
            detail: Detail::new(true, options),
        };
        self.with(texts, &teller)
            .or_else(|error| {
                unusable(self.key(), &error);
                self.with(&BUILT_IN, &teller)
            })
            .unwrap_or_else(|error| unspoken(self.key(), &error))
    }

    fn with(&self, texts: &Texts, teller: &Teller) -> Result<String, Error> {
        let sentence = texts.fill(teller.lang, self.key(), &self.values(teller))?;
        Ok(capitalised(&sentence))
    }

    /// The name of its text.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::SlotFree(_) => "slot_free",
            Self::SlotTaken(..) => "slot_taken",
            Self::NotOffered(..) => "not_offered",
            Self::Closed(_) => "closed",
            Self::Free(_) => "free",
            Self::ClosedOn(_) => "closed_on",
            Self::NothingOn(..) => "nothing_on",
            Self::NothingNear => "nothing_near",
            Self::Booked(..) => "booked",
            Self::Pending(_) => "pending",
            Self::Rescheduled(_) => "rescheduled",
            Self::Cancelled(_) => "cancelled",
            Self::Found(..) => "found",
            Self::FoundMany(..) => "found_many",
            Self::Ask(ask) => ask.key(),
            Self::Plain(sentence) => sentence.key(),
        }
    }

    /// What may stand in its text.
    pub(crate) fn placeholders(&self) -> Vec<&'static str> {
        let teller = Teller {
            lang: Lang::De,
            style: Style::Written,
            zone: ZoneName::UTC,
            today: Day::from_epoch_days(0),
            detail: Detail::new(true, 3),
        };
        self.values(&teller).into_keys().collect()
    }

    fn values(&self, t: &Teller) -> Values {
        let options = |starts: &[Instant]| match starts {
            [] => String::new(),
            starts => t.either(starts),
        };
        match self {
            Self::SlotFree(start)
            | Self::Pending(start)
            | Self::Rescheduled(start)
            | Self::Cancelled(start) => t.start(*start),
            Self::SlotTaken(start, free) | Self::NotOffered(start, free) => {
                let mut values = t.start(*start);
                values.insert("options", options(free));
                values
            }
            Self::Closed(free) | Self::Free(free) => [("options", options(free))].into(),
            Self::ClosedOn(day) => [("on", t.on_day(*day))].into(),
            Self::NothingOn(day, part) => {
                let part = part.map_or("", |part| t.part(part)).to_owned();
                [("on", t.on_day(*day)), ("part", part)].into()
            }
            Self::Booked(service, start) | Self::Found(service, start) => {
                let mut values = t.start(*start);
                values.insert("service", t.name(service));
                values
            }
            Self::FoundMany(count, starts) => {
                let count = speak::number(t.lang, *count);
                [("count", count), ("options", t.all(starts))].into()
            }
            Self::Ask(ask) => ask.values(t),
            Self::NothingNear | Self::Plain(_) => Values::new(),
        }
    }

    fn is_far(&self, zone: ZoneName, today: Day) -> bool {
        let starts = match self {
            Self::SlotTaken(_, starts)
            | Self::NotOffered(_, starts)
            | Self::Closed(starts)
            | Self::Free(starts)
            | Self::FoundMany(_, starts)
            | Self::Ask(Question::WhichOne(starts) | Question::NoneThere(starts)) => {
                starts.as_slice()
            }
            _ => &[],
        };
        starts
            .iter()
            .any(|start| zone.local(*start).day.days_since(today) > CLEAR_DAYS)
    }
}

impl Question {
    fn key(&self) -> &'static str {
        match self {
            Self::WhichOne(_) => "which_one",
            Self::NoneThere(_) => "none_there",
            Self::ConfirmCancel(_) => "confirm_cancel",
            Self::ConfirmMove(_) => "confirm_move",
            Self::WhichDay(_) => "which_day",
            Self::WhichTime(_) => "which_time",
            Self::DayPast(_) => "day_past",
            Self::ClockGap(_) => "clock_gap",
            Self::ClockTwice(_) => "clock_twice",
            Self::AskService(_) => "ask_service",
            Self::WhichService(_) => "which_service",
            Self::WhichStaff(_) => "which_staff",
            Self::UnknownService(_) => "unknown_service",
        }
    }

    fn values(&self, t: &Teller) -> Values {
        match self {
            Self::WhichOne(starts) => [("options", t.all(starts))].into(),
            Self::NoneThere(starts) => {
                let several = if starts.len() > 1 { "several" } else { "" };
                [("options", t.all(starts)), ("several", several.to_owned())].into()
            }
            Self::ConfirmCancel(start) | Self::ConfirmMove(start) => t.start(*start),
            Self::WhichDay(days) => [("days", t.days(days))].into(),
            Self::WhichTime(times) => {
                let times: Vec<_> = times.iter().map(|time| t.time(*time)).collect();
                [("times", speak::one_of(t.lang, &times))].into()
            }
            Self::DayPast(day) => {
                let day = format!("{}{}", t.day(*day, Case::Subject), t.comma());
                [("day", day)].into()
            }
            Self::ClockGap(time) | Self::ClockTwice(time) => [("time", t.time(*time))].into(),
            Self::AskService(names) | Self::WhichService(names) | Self::UnknownService(names) => {
                [("services", t.names(names))].into()
            }
            Self::WhichStaff(names) => [("people", t.names(names))].into(),
        }
    }
}

/// Our own texts are checked by tests and a company's before they come in; should one fail all
/// the same, silence is the worst answer.
fn unspoken(key: &str, error: &Error) -> String {
    tracing::error!(key, %error, "a sentence could not be made");
    "Einen Moment bitte.".to_owned()
}

/// A company's text was checked with samples; what is none of them may still be too much for it.
fn unusable(key: &str, error: &Error) {
    tracing::warn!(key, %error, "a company's own sentence could not be made; ours is said");
}

fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::texts::samples;
    use super::*;
    use crate::language::lint_say;

    /// Red when a template loses its verb's comma, gains a digit or grows too long.
    #[test]
    fn every_line_can_be_said_in_both_languages() {
        let zone: ZoneName = "Europe/Berlin".parse().expect("known");
        let mut keys = BTreeSet::new();
        for (line, today) in samples(zone) {
            keys.insert(line.key());
            for lang in [Lang::De, Lang::En] {
                let said = line.told(&BUILT_IN, lang, zone, today).expect("a sentence");
                assert_eq!(lint_say(&said), [], "{said}");
                let read = line.message(&BUILT_IN, lang, (zone, today), 3);
                assert!(!read.is_empty() && !read.contains('\n'), "{read}");
            }
        }
        for text in ["../../texts/de.json", "../../texts/en.json"] {
            let source = match text {
                "../../texts/de.json" => include_str!("../../texts/de.json"),
                _ => include_str!("../../texts/en.json"),
            };
            let texts: std::collections::BTreeMap<String, String> =
                serde_json::from_str(source).expect("JSON");
            let named: BTreeSet<_> = texts.keys().map(String::as_str).collect();
            assert_eq!(
                named, keys,
                "{text}: every text is used, and every line has one"
            );
        }
    }
}
