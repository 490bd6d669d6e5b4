//! Everything we ever say, as data; and how it becomes a sentence for the ear or for the eye.

use booking_domain::time::{Day, Instant, LocalTime, ZoneName};

use super::teller::{Detail, Style, Teller};
use super::{lines_de, lines_en};
use crate::language::{Lang, MAX_WORDS, PartOfDay, word_count};

/// Something to say. Starts are moments; the teller knows the zone.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Line {
    /// That time is free.
    SlotFree(Instant),
    /// That time is taken; these are not.
    SlotTaken(Instant, Vec<Instant>),
    /// Closed at that time; these are free.
    Closed(Vec<Instant>),
    /// These are free.
    Free(Vec<Instant>),
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
    /// Really?
    ConfirmCancel(Instant),
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
    /// No such service; these are offered.
    UnknownService(Vec<String>),
}

/// Sentences without anything to fill in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Plain {
    AskDate,
    AskTime,
    AskName,
    AskContact,
    AskNewDate,
    AskNewTime,
    NoSuchDay,
    DayTooFar,
    DayNotUnderstood,
    TimeNotUnderstood,
    TimePast,
    PhoneNotUnderstood,
    UnknownStaff,
    OptionGone,
    NothingFound,
    CalendarDown,
    CalendarRefuses,
    NothingDone,
    Busy,
    UnknownFunction,
    Anonymous,
    NotUnderstood,
}

impl Plain {
    /// All of them, for tests.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 22] = [
        Self::AskDate,
        Self::AskTime,
        Self::AskName,
        Self::AskContact,
        Self::AskNewDate,
        Self::AskNewTime,
        Self::NoSuchDay,
        Self::DayTooFar,
        Self::DayNotUnderstood,
        Self::TimeNotUnderstood,
        Self::TimePast,
        Self::PhoneNotUnderstood,
        Self::UnknownStaff,
        Self::OptionGone,
        Self::NothingFound,
        Self::CalendarDown,
        Self::CalendarRefuses,
        Self::NothingDone,
        Self::Busy,
        Self::UnknownFunction,
        Self::Anonymous,
        Self::NotUnderstood,
    ];
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
    /// For the ear: words only, short.
    pub(crate) fn say(&self, lang: Lang, zone: ZoneName, today: Day) -> String {
        let teller = |detail| Teller {
            lang,
            style: Style::Spoken,
            zone,
            today,
            detail,
        };
        let details = if self.is_far(zone, today) { FAR } else { NEAR };
        let mut sentence = String::new();
        for detail in details {
            sentence = self.with(&teller(detail));
            if word_count(&sentence) <= MAX_WORDS {
                break;
            }
        }
        sentence
    }

    /// For the eye: figures.
    pub(crate) fn message(&self, lang: Lang, zone: ZoneName, today: Day) -> String {
        self.with(&Teller {
            lang,
            style: Style::Written,
            zone,
            today,
            detail: Detail::new(true, 3),
        })
    }

    fn with(&self, teller: &Teller) -> String {
        let sentence = match teller.lang {
            Lang::De => lines_de::line(self, teller),
            Lang::En => lines_en::line(self, teller),
        };
        capitalised(&sentence)
    }

    fn is_far(&self, zone: ZoneName, today: Day) -> bool {
        let starts = match self {
            Self::SlotTaken(_, starts)
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

fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::lint_say;

    fn every_line(starts: &[Instant], name: &str, day: Day) -> Vec<Line> {
        let all = starts.to_vec();
        let time = |hour| LocalTime::new(hour, 30).expect("valid");
        let first = all[0];
        let names = vec![
            name.to_owned(),
            "Kurztermin".to_owned(),
            "Erstgespräch lang".to_owned(),
        ];
        let mut lines = vec![
            Line::SlotFree(first),
            Line::SlotTaken(first, all.clone()),
            Line::SlotTaken(first, vec![]),
            Line::Closed(all.clone()),
            Line::Closed(vec![]),
            Line::Free(all.clone()),
            Line::NothingOn(day, None),
            Line::NothingNear,
            Line::Booked(name.into(), first),
            Line::Pending(first),
            Line::Rescheduled(first),
            Line::Cancelled(first),
            Line::Found(name.into(), first),
            Line::FoundMany(12, all.clone()),
            Line::Ask(Question::WhichOne(all.clone())),
            Line::Ask(Question::NoneThere(all.clone())),
            Line::Ask(Question::NoneThere(vec![first])),
            Line::Booked("**".into(), first),
            Line::Ask(Question::ConfirmCancel(first)),
            Line::Ask(Question::WhichDay(vec![
                day,
                day.plus_days(1),
                day.plus_days(400),
            ])),
            Line::Ask(Question::WhichTime(vec![time(3), time(15)])),
            Line::Ask(Question::DayPast(day)),
            Line::Ask(Question::ClockGap(time(2))),
            Line::Ask(Question::ClockTwice(time(2))),
            Line::Ask(Question::AskService(names.clone())),
            Line::Ask(Question::UnknownService(names)),
            Line::Ask(Question::AskService(vec![])),
        ];
        for part in [
            PartOfDay::Morning,
            PartOfDay::Noon,
            PartOfDay::Afternoon,
            PartOfDay::Evening,
            PartOfDay::Night,
        ] {
            lines.push(Line::NothingOn(day, Some(part)));
        }
        lines.extend(Plain::ALL.map(Line::Plain));
        lines
    }

    /// Turns red when a template loses its verb's comma, gains a digit or grows too long.
    #[test]
    fn every_line_can_be_said_in_both_languages() {
        let zone: ZoneName = "Europe/Berlin".parse().expect("known");
        let today: Day = "2025-10-10".parse().expect("valid");
        let sets = [
            vec![
                "2025-10-13T06:45:00Z",
                "2025-10-13T07:45:00Z",
                "2025-10-13T09:45:00Z",
            ],
            vec![
                "2025-10-13T06:45:00Z",
                "2025-10-14T19:59:00Z",
                "2025-10-15T02:37:00Z",
            ],
            vec![
                "2025-11-27T06:45:00Z",
                "2026-01-22T19:59:00Z",
                "2026-01-29T02:37:00Z",
            ],
            vec!["2025-10-10T10:00:00Z"],
        ];
        for set in sets {
            let starts: Vec<Instant> = set.iter().map(|it| it.parse().expect("valid")).collect();
            for name in [
                "Beratung",
                "Check-up 24 (lang) * mit allem / und sehr vielen Worten darin",
            ] {
                for line in every_line(&starts, name, zone.local(starts[0]).day) {
                    for lang in [Lang::De, Lang::En] {
                        let said = line.say(lang, zone, today);
                        assert_eq!(lint_say(&said), [], "{said}");
                        let read = line.message(lang, zone, today);
                        assert!(!read.is_empty() && !read.contains('\n'), "{read}");
                    }
                }
            }
        }
    }
}
