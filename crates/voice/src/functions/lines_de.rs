//! German sentences.

use super::line::{Line, Plain, Question};
use super::teller::Teller;
use crate::language::speak::{self, Case};
use crate::language::{Lang, PartOfDay};
use booking_domain::time::Instant;

pub(super) fn line(line: &Line, t: &Teller) -> String {
    match line {
        Line::SlotFree(start) => format!(
            "{} ist {} frei. Soll ich den Termin für Sie buchen?",
            t.on(*start),
            t.at(*start)
        ),
        Line::SlotTaken(start, free) => {
            format!(
                "{} ist leider schon belegt. {}",
                t.at(*start),
                still_free(free, t)
            )
        }
        Line::Closed(free) => {
            format!(
                "Zu dieser Zeit haben wir nicht geöffnet. {}",
                still_free(free, t)
            )
        }
        Line::Free(free) => format!("Frei ist {}. Welche Zeit passt Ihnen?", t.either(free)),
        Line::NothingOn(day, part) => format!(
            "{} ist {}leider nichts mehr frei. Welcher andere Tag passt Ihnen?",
            t.on_day(*day),
            part.map_or("", part_of_day),
        ),
        Line::NothingNear => {
            "In dieser Zeit ist leider nichts frei. Welcher andere Tag passt Ihnen?".into()
        }
        Line::Booked(service, start) => {
            format!(
                "Ihr Termin{} {} ist gebucht.",
                t.called("für", service),
                t.when(*start)
            )
        }
        Line::Pending(start) => format!(
            "Ihr Termin {} ist vorgemerkt. Die Bestätigung steht noch aus.",
            t.when(*start)
        ),
        Line::Rescheduled(start) => {
            format!(
                "Ihr Termin ist verschoben. Er ist jetzt {}.",
                t.when(*start)
            )
        }
        Line::Cancelled(start) => format!("Ihr Termin {} ist abgesagt.", t.when(*start)),
        Line::Found(service, start) => {
            format!(
                "Ihr nächster Termin{} ist {}.",
                t.called("für", service),
                t.when(*start)
            )
        }
        Line::FoundMany(count, starts) => format!(
            "Sie haben {} Termine. Die nächsten sind {}.",
            speak::number(Lang::De, *count),
            t.all(starts)
        ),
        Line::Ask(ask) => question(ask, t),
        Line::Plain(sentence) => plain(*sentence).into(),
    }
}

fn question(ask: &Question, t: &Teller) -> String {
    match ask {
        Question::WhichOne(starts) => {
            format!(
                "Sie haben mehrere Termine, {}. Welchen meinen Sie?",
                t.all(starts)
            )
        }
        Question::NoneThere(starts) => match starts.as_slice() {
            [start] => format!(
                "Dazu finde ich keinen Termin. Sie haben einen Termin {}. Meinen Sie den?",
                t.when(*start)
            ),
            _ => format!(
                "Dazu finde ich keinen Termin. Sie haben Termine {}. Meinen Sie einen davon?",
                t.all(starts)
            ),
        },
        Question::ConfirmCancel(start) => {
            format!("Soll ich Ihren Termin {} wirklich absagen?", t.when(*start))
        }
        Question::WhichDay(days) => {
            let days = days.iter().take(t.detail.options);
            let days: Vec<_> = days.map(|day| t.day(*day, Case::Object)).collect();
            format!("Meinen Sie {}?", days.join(&format!("{} oder ", t.comma())))
        }
        Question::WhichTime(times) => {
            let times: Vec<_> = times.iter().map(|time| t.time(*time)).collect();
            format!("Meinen Sie {}?", speak::one_of(Lang::De, &times))
        }
        Question::DayPast(day) => format!(
            "{}{} liegt in der Vergangenheit. Welchen Tag meinen Sie?",
            t.day(*day, Case::Subject),
            t.comma()
        ),
        Question::ClockGap(time) => format!(
            "{} gibt es an diesem Tag nicht, weil die Uhr vorgestellt wird. Welche Zeit passt Ihnen?",
            t.time(*time)
        ),
        Question::ClockTwice(time) => format!(
            "{} gibt es an diesem Tag zweimal, weil die Uhr zurückgestellt wird. Welche andere Zeit passt Ihnen?",
            t.time(*time)
        ),
        Question::AskService(names) => {
            format!("Worum geht es?{}", t.offers("Wir bieten", names))
        }
        Question::UnknownService(names) => {
            format!(
                "Diese Leistung kenne ich nicht.{}",
                t.offers("Wir bieten", names)
            )
        }
    }
}

fn still_free(free: &[Instant], t: &Teller) -> String {
    if free.is_empty() {
        "Welcher andere Tag passt Ihnen?".into()
    } else {
        format!("Frei ist noch {}. Was passt Ihnen?", t.either(free))
    }
}

const fn part_of_day(part: PartOfDay) -> &'static str {
    match part {
        PartOfDay::Morning => "vormittags ",
        PartOfDay::Noon => "mittags ",
        PartOfDay::Afternoon => "nachmittags ",
        PartOfDay::Evening => "abends ",
        PartOfDay::Night => "nachts ",
    }
}

const fn plain(sentence: Plain) -> &'static str {
    match sentence {
        Plain::AskDate => "An welchem Tag möchten Sie kommen?",
        Plain::AskTime => "Um wie viel Uhr möchten Sie kommen?",
        Plain::AskName => "Auf welchen Namen darf ich den Termin buchen?",
        Plain::AskContact => "Unter welcher Telefonnummer können wir Sie erreichen?",
        Plain::AskNewDate => "Auf welchen Tag möchten Sie den Termin verschieben?",
        Plain::AskNewTime => "Auf welche Uhrzeit möchten Sie den Termin verschieben?",
        Plain::NoSuchDay => "Diesen Tag gibt es nicht. Welchen Tag meinen Sie?",
        Plain::DayTooFar => "So weit im Voraus kann ich nicht planen. Welchen Tag meinen Sie?",
        Plain::DayNotUnderstood => {
            "Den Tag habe ich nicht verstanden. An welchem Tag möchten Sie kommen?"
        }
        Plain::TimeNotUnderstood => {
            "Die Uhrzeit habe ich nicht verstanden. Um wie viel Uhr möchten Sie kommen?"
        }
        Plain::TimePast => "Diese Uhrzeit ist schon vorbei. Welche Zeit passt Ihnen?",
        Plain::PhoneNotUnderstood => {
            "Die Telefonnummer habe ich nicht verstanden. Bitte nennen Sie sie mit Vorwahl."
        }
        Plain::UnknownStaff => {
            "Diese Person finde ich dafür bei uns nicht. Darf es auch jemand anderes sein?"
        }
        Plain::OptionGone => {
            "Diese Auswahl gilt leider nicht mehr. Welchen Tag und welche Uhrzeit wünschen Sie?"
        }
        Plain::NothingFound => {
            "Unter Ihrer Nummer finde ich keinen Termin. Möchten Sie einen buchen?"
        }
        Plain::CalendarDown => {
            "Ich kann den Kalender gerade nicht erreichen. Bitte versuchen Sie es gleich noch einmal."
        }
        Plain::CalendarRefuses => {
            "Der Kalender nimmt diese Zeit nicht an. Welche andere Zeit passt Ihnen?"
        }
        Plain::NothingDone => {
            "Das hat gerade leider nicht geklappt. Soll ich es noch einmal versuchen?"
        }
        Plain::Busy => "Ihr Termin wird gerade bearbeitet. Bitte fragen Sie gleich noch einmal.",
        Plain::UnknownFunction => "Das kann ich leider nicht für Sie erledigen.",
        Plain::Anonymous => {
            "Ihre Nummer wird mir nicht angezeigt, daher kann ich Ihre Termine nicht einsehen. Dürfen wir Sie zurückrufen?"
        }
        Plain::NotUnderstood => "Das habe ich nicht verstanden. Bitte sagen Sie es noch einmal.",
    }
}
