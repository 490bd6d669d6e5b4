//! English sentences.

use super::line::{Line, Plain, Question};
use super::teller::Teller;
use crate::language::speak::{self, Case};
use crate::language::{Lang, PartOfDay};
use booking_domain::time::Instant;

pub(super) fn line(line: &Line, t: &Teller) -> String {
    match line {
        Line::SlotFree(start) => {
            format!(
                "{} is free. Shall I book it for you?",
                bare(&t.when(*start))
            )
        }
        Line::SlotTaken(start, free) => format!(
            "{} is already taken. {}",
            bare(&t.at(*start)),
            still_free(free, t)
        ),
        Line::Closed(free) => format!("We are closed at that time. {}", still_free(free, t)),
        Line::Free(free) => {
            format!("There is room {}. Which one suits you?", t.either(free))
        }
        Line::NothingOn(day, part) => format!(
            "There is nothing left {}{}. Which other day suits you?",
            t.on_day(*day),
            part.map_or("", part_of_day),
        ),
        Line::NothingNear => {
            "There is nothing free in that time. Which other day suits you?".into()
        }
        Line::Booked(service, start) => format!(
            "Your appointment{} {} is booked.",
            t.called("for", service),
            t.when(*start)
        ),
        Line::Pending(start) => format!(
            "Your appointment {} is held for you. It is not confirmed yet.",
            t.when(*start)
        ),
        Line::Rescheduled(start) => {
            format!("Your appointment is moved. It is now {}.", t.when(*start))
        }
        Line::Cancelled(start) => {
            format!("Your appointment {} is cancelled.", t.when(*start))
        }
        Line::Found(service, start) => format!(
            "Your next appointment{} is {}.",
            t.called("for", service),
            t.when(*start)
        ),
        Line::FoundMany(count, starts) => format!(
            "You have {} appointments. The next ones are {}.",
            speak::number(Lang::En, *count),
            t.all(starts)
        ),
        Line::Ask(ask) => question(ask, t),
        Line::Plain(sentence) => plain(*sentence).into(),
    }
}

fn question(ask: &Question, t: &Teller) -> String {
    match ask {
        Question::WhichOne(starts) => format!(
            "You have several appointments, {}. Which one do you mean?",
            t.all(starts)
        ),
        Question::NoneThere(starts) => match starts.as_slice() {
            [start] => format!(
                "I cannot find that appointment. You have one {}. Do you mean that?",
                t.when(*start)
            ),
            _ => format!(
                "I cannot find that appointment. You have some {}. Do you mean one of them?",
                t.all(starts)
            ),
        },
        Question::ConfirmCancel(start) => {
            format!("Shall I really cancel your appointment {}?", t.when(*start))
        }
        Question::WhichDay(days) => {
            let days = days.iter().take(t.detail.options);
            let days: Vec<_> = days.map(|day| t.day(*day, Case::Object)).collect();
            format!("Do you mean {}?", days.join(" or "))
        }
        Question::WhichTime(times) => {
            let times: Vec<_> = times.iter().map(|time| t.time(*time)).collect();
            format!("Do you mean {}?", speak::one_of(Lang::En, &times))
        }
        Question::DayPast(day) => format!(
            "{} is in the past. Which day do you mean?",
            t.day(*day, Case::Subject)
        ),
        Question::ClockGap(time) => format!(
            "{} does not exist on that day, because the clocks go forward. Which time suits you?",
            t.time(*time)
        ),
        Question::ClockTwice(time) => format!(
            "{} comes twice on that day, because the clocks go back. Which other time suits you?",
            t.time(*time)
        ),
        Question::AskService(names) => format!("What is it about?{}", t.offers("We offer", names)),
        Question::UnknownService(names) => {
            format!("I do not know that service.{}", t.offers("We offer", names))
        }
    }
}

/// Without the preposition, to begin a sentence with.
fn bare(when: &str) -> &str {
    ["on ", "at "]
        .iter()
        .find_map(|preposition| when.strip_prefix(preposition))
        .unwrap_or(when)
}

fn still_free(free: &[Instant], t: &Teller) -> String {
    if free.is_empty() {
        "Which other day suits you?".into()
    } else {
        format!("There is room {}. What suits you?", t.either(free))
    }
}

const fn part_of_day(part: PartOfDay) -> &'static str {
    match part {
        PartOfDay::Morning => " in the morning",
        PartOfDay::Noon => " around noon",
        PartOfDay::Afternoon => " in the afternoon",
        PartOfDay::Evening => " in the evening",
        PartOfDay::Night => " at night",
    }
}

const fn plain(sentence: Plain) -> &'static str {
    match sentence {
        Plain::AskDate => "Which day would you like to come?",
        Plain::AskTime => "What time would you like to come?",
        Plain::AskName => "Under which name may I book it?",
        Plain::AskContact => "Which telephone number can we reach you on?",
        Plain::AskNewDate => "To which day would you like to move your appointment?",
        Plain::AskNewTime => "To what time would you like to move your appointment?",
        Plain::NoSuchDay => "There is no such day. Which day do you mean?",
        Plain::DayTooFar => "I cannot plan that far ahead. Which day do you mean?",
        Plain::DayNotUnderstood => "I did not get the day. Which day would you like to come?",
        Plain::TimeNotUnderstood => "I did not get the time. What time would you like to come?",
        Plain::TimePast => "That time has already passed. Which time suits you?",
        Plain::PhoneNotUnderstood => {
            "I did not get the telephone number. Please say it with the area code."
        }
        Plain::UnknownStaff => "I cannot find that person for this. May it be somebody else?",
        Plain::OptionGone => {
            "That choice is no longer valid. Which day and what time would you like?"
        }
        Plain::NothingFound => {
            "I cannot find an appointment under your number. Would you like to book one?"
        }
        Plain::CalendarDown => {
            "I cannot reach the calendar right now. Please try again in a moment."
        }
        Plain::CalendarRefuses => {
            "The calendar does not accept that time. Which other time suits you?"
        }
        Plain::NothingDone => "That did not work just now. Shall I try again?",
        Plain::Busy => "Your appointment is being worked on. Please ask again in a moment.",
        Plain::UnknownFunction => "I am afraid I cannot do that for you.",
        Plain::Anonymous => {
            "Your number is not shown to me, so I cannot look up your appointments. May we call you back?"
        }
        Plain::NotUnderstood => "I did not understand that. Please say it again.",
    }
}
